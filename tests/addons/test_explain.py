"""What the gateway did is told field by field, and nothing that it did not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import PATHS, request
from mitmproxy import http
from recorded_exchanges import ASKED, refused, translated
from wires import CHAT_REQUEST

from cliproxy.addons import explain
from cliproxy.addons.recordings import Recorded, Tried
from cliproxy.translators import wire


def line(text: str, start: str) -> str:
    """The line that begins so, its columns one space apart."""
    found = [" ".join(one.split()) for one in text.splitlines() if one.strip().startswith(start)]
    assert len(found) == 1, (start, text)
    return found[0]


def test_who_answered_and_at_which_attempt() -> None:
    text = explain.text(translated(route="prefix gpt-", affinity={"session": "s1", "kept": True}))
    assert line(text, "asked for") == "asked for: gpt-test(high)"
    assert line(text, "answered by") == "answered by: gpt-test of openai"
    assert line(text, "credential") == "credential: openai-2"
    assert line(text, "format") == "format: anthropic → openai_chat"
    assert line(text, "route: prefix") == "route: prefix gpt-"
    assert line(text, "affinity") == "affinity: session s1, kept True"
    assert line(text, "1.") == "1. openai-1: 503 after 0.25 s"
    assert line(text, "2.") == "2. openai-2: 200 after 1.25 s"
    assert line(text, "first byte after") == "first byte after: 0.750 s"


@pytest.mark.parametrize(
    "start, told",
    [
        ("max_tokens", "max_tokens → max_completion_tokens"),
        ("model ", "model it chose the provider"),
        ("top_k", "top_k lost: openai can't be told `top_k` (top_k)"),
        ("context_management", "context_management lost: only anthropic has a word for it (context_management)"),
        ("system[text].text", "system[text].text → messages[system].content[text].text"),
        ("messages[user].content ", "messages[user].content as it is"),
        (
            "messages[assistant].content[tool_use].input",
            "messages[assistant].content[tool_use].input → messages[assistant].tool_calls[function].function.arguments"
            ' ({"city": "Paris"} → "{\\"city\\":\\"Paris\\"}")',
        ),
        (
            "messages[user].content[tool_result].content",
            "messages[user].content[tool_result].content → messages[tool].content",
        ),
        ("tools[].input_schema", "tools[].input_schema → tools[function].function.parameters"),
    ],
)  # fmt: skip
def test_each_field_has_its_fate(start: str, told: str) -> None:
    assert line(explain.text(translated()), start) == told


def test_what_the_gateway_wrote_itself() -> None:
    text = explain.text(translated())
    written = next(one for one in text.splitlines() if one.startswith("written by the gateway"))
    assert "stream_options.include_usage" in written and "max_completion_tokens" not in written
    assert "messages[user].role" in line(text, "read to know")


def test_headers_are_told_by_name() -> None:
    text = explain.text(translated())
    assert line(text, "passed on") == "passed on: x-request-id"
    assert line(text, "kept here: x") == "kept here: x-api-key, anthropic-version"
    assert line(text, "written by the gateway: a") == "written by the gateway: authorization"


def test_a_recording_that_today_would_be_sent_otherwise_says_so() -> None:
    one = translated()
    assert "note:" not in explain.text(one)
    assert one.last
    older = request("POST", "/v1/chat/completions", {"model": "gpt-test"})
    assert "note: the code of today" in explain.text(replace(one, attempts=(replace(one.last, request=older),)))


def test_a_loss_that_no_field_shows_is_told_all_the_same() -> None:
    text = explain.text(translated(lost=["seed", "top_k"]))
    assert line(text, "also lost") == "also lost: openai can't be told `seed` (seed)"


def same(sent: bytes) -> Recorded:
    asked = request("POST", PATHS["openai_chat"], CHAT_REQUEST)
    facts = {"id": "x", "model": "gpt-other", "provider": "openai", "same": True}
    return Recorded(facts, asked, None, (Tried(request("POST", "/v1/chat/completions", sent), None),))


def test_where_the_bytes_stay_it_says_so() -> None:
    asked = request("POST", PATHS["openai_chat"], CHAT_REQUEST).content or b""
    text = explain.text(same(asked))
    assert f"the very bytes that the client sent: {len(asked)}" in text
    assert line(text, "format") == "format: openai_chat on both sides"


def test_where_only_the_name_changed_it_says_which() -> None:
    text = explain.text(same(wire.dumps({**CHAT_REQUEST, "model": "gpt-other"})))
    assert line(text, 'model: "') == 'model: "gpt-test" → "gpt-other"'
    assert "very bytes" not in text


def test_what_was_answered_here_has_no_fields() -> None:
    text = explain.text(refused())
    assert line(text, "answered by") == "answered by: the gateway itself; no provider was asked"
    assert "carried" not in text


def test_a_request_that_can_not_be_said_says_why() -> None:
    one = replace(translated(), request=request("POST", PATHS["anthropic"], {**ASKED, "messages": 1}))
    assert "can't be said in the provider's format" in explain.text(one)


def test_a_client_that_left_is_told() -> None:
    one = replace(translated(), response=http.Response.make(200), error="Client disconnected.")
    assert line(explain.text(one), "broken off") == "broken off: Client disconnected."
