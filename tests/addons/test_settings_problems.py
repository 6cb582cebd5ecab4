"""How problems are told."""

import pytest

from cliproxy.addons.settings_problems import ConfigError, Problem, dotted, render, shown


def test_one_line_each_in_the_order_of_the_file_and_once() -> None:
    problems = [
        Problem(9, ("routes", 1, "pattern"), "is missing."),
        Problem(2, ("port",), "must be 1, not {}.", "a\nb"),
        Problem(2, ("port",), "must be 1, not {}.", "a\nb"),
        Problem(3, (), "must be 1, not {}.", "8", bare=True),
    ]
    assert render(problems, "c.yaml", ()) == [
        'c.yaml:2: port: must be 1, not "a\\nb".',
        "c.yaml:3: must be 1, not 8.",
        "c.yaml:9: routes[1].pattern: is missing.",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "hunter2secret",
        "x hunter2secret x",
        "pw",
        "sk-test-1234",
        "AIzaTest",
        "http://user:pass@host",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_or_looks_like_a_secret_is_hidden(value: str) -> None:
    assert shown(value, {"hunter2secret", "pw"}) == "(a hidden value)"


@pytest.mark.parametrize(
    "value, text",
    [("foo", '"foo"'), ("pw2", '"pw2"'), ("\u00e9", '"\u00e9"'), ("\u2028", '"\\u2028"'), ("a b" * 99, None)],
)
def test_other_values_are_quoted_on_one_line(value: str, text: str | None) -> None:
    told = shown(value, {"pw"})
    assert told == text or (text is None and len(told) < 90)


def test_paths() -> None:
    assert dotted(("a", 0, "b-c")) == "a[0].b-c"
    assert dotted(("models", "x y")) == 'models."x y"'
    assert dotted(("models", "hunter2secret"), {"hunter2secret"}) == "models.(a hidden value)"
    assert dotted(("port",), {"o"}) == "port"


def test_the_error_holds_all_lines() -> None:
    assert str(ConfigError(["a", "b"])) == "a\nb"
