"""The schema against the dataclasses, and config.example.yaml against the schema."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliproxy.addons.providers import ACCOUNT_DOORS, KINDS
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import ConfigError, parse
from cliproxy.addons.settings_rules import SAMPLE_KEYS
from cliproxy.addons.settings_schema import SCHEMA, Either, ListOf, MapOf, Schema, Section
from cliproxy.addons.settings_walk import Walk
from cliproxy.addons.settings_yaml import compose

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
OWN_KEYS = {sample: f"sk-own-{number}" for number, sample in enumerate(sorted(SAMPLE_KEYS))}


def example(everything: bool = False) -> str:
    """The example with keys of one's own; `everything`: with all options on. "#option" is off, "# text" is prose."""
    text = EXAMPLE.read_text("utf-8")
    for sample, own in OWN_KEYS.items():
        text = text.replace(sample, own)
    return re.sub(r"^( *)#(?! \S)", r"\1", text, flags=re.MULTILINE) if everything else text


def options(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every option's path, with * for numbers and for names of the user's choice."""
    yield path
    match schema:
        case Section(named):
            for name, each in named.items():
                yield from options(each, (*path, name))
        case ListOf(item) | MapOf(item):
            yield from options(item, (*path, "*"))
        case Either(_, section):
            yield from options(section, path)


def once(path: tuple[str, ...]) -> tuple[str, ...]:
    """All providers have the same options: it is enough that one of them shows each."""
    match path:
        case ("custom-providers", "*", *rest):
            return ("<provider>", *rest)
        case (name, *rest) if name in KINDS:
            return ("<provider>", *rest)
        case ("oauth", name, *rest) if name in KINDS:
            return ("oauth", "<provider>", *rest)
        case ("doors", name, *rest) if name in ACCOUNT_DOORS:
            return ("doors", "<door>", *rest)
    return path


def generic(path: tuple[str | int, ...], known: set[tuple[str, ...]]) -> tuple[str, ...]:
    steps: tuple[str, ...] = ()
    for step in path:
        named = (*steps, str(step))
        steps = named if named in known else (*steps, "*")
    return steps


def test_the_example_has_every_option_and_no_other() -> None:
    root = compose(example(everything=True), "config.example.yaml")
    assert root is not None
    walk = Walk({"OPENAI_KEY_1": "a", "OPENAI_KEY_2": "b"})
    tree = walk.read(SCHEMA, root)
    assert walk.problems == []
    assert isinstance(tree, dict)
    assert set(tree) == set(SCHEMA.options)
    known = set(options(SCHEMA))
    assert {once(generic(path, known)) for path in walk.lines} == {once(path) for path in known}


def test_the_example_with_all_options_on_loads() -> None:
    environ = {f"{name.upper()}_API_KEY": f"sk-{name}" for name in KINDS} | {"OPENAI_KEY_1": "a", "OPENAI_KEY_2": "b"}
    found = parse(example(everything=True), environ).settings
    assert list(found.providers) == [*KINDS, "local-llama"]
    assert len(found.auth.api_keys) == 2


def test_the_example_as_it_is_has_the_defaults() -> None:
    found = parse(example(), {}).settings
    defaults = Settings()
    names = [name for name in Settings.__slots__ if name != "auth"]
    assert {name: getattr(found, name) for name in names} == {name: getattr(defaults, name) for name in names}
    assert found.auth.dir == defaults.auth.dir


def test_the_example_itself_is_refused_for_its_keys_only() -> None:
    text = EXAMPLE.read_text("utf-8")
    with pytest.raises(ConfigError) as fault:
        parse(text, {}, "c.yaml")
    line = text[: text.index('"sk-your-api-key-here"')].count("\n") + 1
    assert fault.value.errors == [
        f"c.yaml:{line}: auth.api-keys[0]: is a sample key that everyone knows; "
        "make your own with `cliproxy generate-key`."
    ]


def test_every_top_level_setting_has_an_option() -> None:
    named = {name.replace("-", "_") for name in SCHEMA.options} - set(KINDS) - {"custom_providers"}
    assert named == set(Settings.__slots__) - {"providers"}
