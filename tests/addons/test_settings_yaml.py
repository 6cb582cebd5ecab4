"""YAML's own faults, told in the same form as ours."""

import pytest

from cliproxy.addons.settings_problems import ConfigError
from cliproxy.addons.settings_yaml import compose, line_of

FAULTS = [
    ("a:\n\tb: 1\n", "c.yaml:2: not valid YAML: a tab; YAML is indented with blanks only."),
    (
        "a: 1\n  b: 2\n",
        "c.yaml:2: not valid YAML: a ':' where none can be; check the indentation, quote text that holds one.",
    ),
    ("a: [1\nb: 2\n", "c.yaml:2: not valid YAML: expected ',' or ']', but got ':'."),
    ("a: 1\n---\nb: 2\n", "c.yaml:2: not valid YAML: but found another document."),
    ("a: 1\nb: *hunter2secret\n", "c.yaml:2: not valid YAML: found undefined alias (its name is hidden)."),
    ("a: 1\nb: \0\n", "c.yaml:2: not valid YAML: a character that no text may hold."),
    ('a: "\\U99999999"\n', "c.yaml:1: not valid YAML: an escaped character that doesn't exist."),
    ("[" * 5000, "c.yaml:1: not valid YAML: nested too deeply."),
]


@pytest.mark.parametrize("text, error", FAULTS, ids=[error.rpartition(": ")[2] for _, error in FAULTS])
def test_faults(text: str, error: str) -> None:
    with pytest.raises(ConfigError) as fault:
        compose(text, "c.yaml")
    assert fault.value.errors == [error]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n"])
def test_an_empty_file(text: str) -> None:
    root = compose(text, "c.yaml")
    assert root is None or root.value == ""


def test_nodes_know_their_lines() -> None:
    root = compose("# first\n\na: 1\n", "c.yaml")
    assert root is not None
    assert line_of(root) == 3
