"""Variables in texts."""

import pytest

from cliproxy.addons.settings_variables import BrokenVariable, UnsetVariable, expand, has_variable

ENVIRON = {"NAME": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    "text, expanded",
    [
        ("plain", "plain"),
        ("${NAME}", "value"),
        ("a ${NAME} b ${NAME}", "a value b value"),
        ("${NAME:-other}", "value"),
        ("${MISSING:-other}", "other"),
        ("${MISSING:-}", ""),
        ("${EMPTY:-other}", "other"),
        ("${MISSING:-http://localhost:1/v1}", "http://localhost:1/v1"),
        ("$${NAME}", "${NAME}"),
        ("$NAME $ {NAME}", "$NAME $ {NAME}"),
        ("^gpt-.*$", "^gpt-.*$"),
    ],
)
def test_expand(text: str, expanded: str) -> None:
    assert expand(text, ENVIRON) == expanded


def test_a_value_is_not_expanded_again() -> None:
    assert expand("${A}", {"A": "${B}", "B": "b"}) == "${B}"


@pytest.mark.parametrize("name", ["MISSING", "EMPTY"])
def test_an_unset_variable(name: str) -> None:
    with pytest.raises(UnsetVariable) as unset:
        expand(f"${{{name}}}", ENVIRON)
    assert unset.value.name == name


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A B}", "${NAME", "${NAME:+x}"])
def test_a_broken_variable(text: str) -> None:
    with pytest.raises(BrokenVariable):
        expand(text, ENVIRON)


def test_has_variable() -> None:
    assert has_variable("x${NAME}")
    assert not has_variable("$${NAME}")
