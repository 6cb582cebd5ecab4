"""What is told of an exchange in one line."""

from __future__ import annotations

from recorded_exchanges import refused, translated

from cliproxy.cli.flows.summary import dollars, number, seconds, summary


def test_what_is_known_is_told() -> None:
    one = summary(translated(model="gpt-4o"))
    assert (one.id, one.format, one.asked, one.provider, one.model) == (
        "1a2b3c4d", "anthropic", "gpt-test(high)", "openai", "gpt-4o",
    )  # fmt: skip
    assert (one.status, one.attempts, one.seconds, one.first_byte, one.input, one.output) == (200, 2, 1.5, 0.75, 9, 2)
    assert one.lost == ("anthropic:context_management", "cache", "top_k") and one.stream
    assert one.json()["began"] == "2026-01-01T00:00:00.000+00:00"


def test_an_answer_of_the_gateway_itself() -> None:
    one = summary(refused())
    assert (one.provider, one.status, one.attempts, one.error, one.cost) == ("", 400, 0, "no", None)


def test_figures() -> None:
    assert (dollars(0.00123), dollars(None)) == ("$0.0012", "")
    assert (number(1234), number(None), seconds(1.234), seconds(None)) == ("1,234", "", "1.23 s", "")
