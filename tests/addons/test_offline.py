"""Gone through again without a network: today's bytes against those of then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import PATHS, begun, flow, request
from kept_flows import as_today, said, streamed
from mitmproxy import http
from recorded_exchanges import refused, translated
from wires import CONTENTS_REQUEST, INPUT_REQUEST, MESSAGES_REQUEST, message

from cliproxy.addons import preparation, recordings
from cliproxy.addons.offline import Side, compared
from cliproxy.addons.recordings import Recorded, Tried
from cliproxy.translators import wire

TURN = [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("one", [said("aa", TURN), streamed()])
def test_the_same_format_is_the_same_bytes(one: Recorded) -> None:
    assert compared(one) == [Side("request", "bytes"), Side("answer", "bytes")]


def test_what_was_translated_is_translated_to_the_same() -> None:
    assert compared(as_today(translated())) == [Side("request", "bytes"), Side("answer", "bytes")]
    told = as_today(translated()).response
    assert told and b"event: message_stop" in (told.content or b"")


def test_other_bytes_may_mean_the_same() -> None:
    one = translated()
    sent = one.attempts[-1].request.copy()
    body = recordings.body(sent)
    sent.data.content = wire.dumps(dict(reversed(body.items())))
    one = replace(one, attempts=(*one.attempts[:-1], replace(one.attempts[-1], request=sent)))
    assert compared(one)[0] == Side("request", "meaning", ("the same in other bytes",))


def test_what_differs_is_told_with_its_place() -> None:
    one = translated()
    sent = one.attempts[-1].request.copy()
    sent.data.content = wire.dumps({**recordings.body(sent), "temperature": 0.5})
    one = replace(one, attempts=(*one.attempts[:-1], replace(one.attempts[-1], request=sent)))
    assert compared(one)[0] == Side("request", "differs", ("temperature: 0.5 was recorded, nothing today",))


def test_another_answer_is_told() -> None:
    one = said("aa", TURN)
    assert one.response
    other = one.response.copy()
    other.data.content = (other.content or b"").replace(b"Hello", b"Other")
    side = compared(replace(one, response=other))[1]
    assert side.verdict == "differs" and side.told[0].startswith("parts[0].text: ")
    assert compared(replace(one, response=http.Response.make(500, b"{}")))[1].told == (
        "status: 500 was recorded, 200 today",
    )


def test_what_would_be_refused_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "fatal", lambda lost: list(lost))
    (side,) = compared(translated())
    assert side.verdict == "differs" and side.told[0].startswith("today it is refused: openai can't be told: ")


def test_signs_of_life_are_no_difference() -> None:
    one = streamed()
    assert one.response
    late = one.response.copy()
    late.data.content = b": keep-alive\n\n" + (late.content or b"")
    assert compared(replace(one, response=late))[1].verdict in ("bytes", "meaning")


@pytest.mark.parametrize(
    "one",
    [
        refused(),
        Recorded({"id": "x"}, request("GET", "/v1/models"), None),
        Recorded({"id": "x"}, request("POST", "/v1beta/models/m:generateContent", CONTENTS_REQUEST), None),
    ],
)
def test_what_no_provider_was_asked_for_is_skipped(one: Recorded) -> None:
    (side,) = compared(one)
    assert side.verdict == "skipped"


def test_an_answer_that_broke_off_is_not_compared() -> None:
    assert [side.part for side in compared(replace(streamed(), error="Client disconnected."))] == ["request"]


def test_a_name_of_ones_own_is_answered_with_again() -> None:
    one = said("aa", [{"role": "user", "content": "Hi"}])
    asked = request("POST", PATHS["openai_chat"], {**recordings.body(one.request), "model": "fast"})
    assert one.response
    told = one.response.copy()
    told.data.content = (told.content or b"").replace(b'"gpt-test"', b'"fast"')
    own = replace(one, request=asked, response=told, facts={**one.facts, "alias": "fast", "asked": "fast"})
    assert compared(own)[1] == Side("answer", "bytes")


def test_ids_of_kept_responses_are_made_again() -> None:
    config = "anthropic: {api-key: sk-test-anthropic, models: [claude-test]}"
    facts = begun(flow(body=MESSAGES_REQUEST, path=PATHS["anthropic"]), config).facts()
    asked = request("POST", PATHS["openai_responses"], {**INPUT_REQUEST, "model": "claude-test"})
    answer = http.Response.make(200, message().pieces[0], {"content-type": "application/json"})
    tried = Tried(request(body=MESSAGES_REQUEST), answer, ((0.0, message().pieces[0]),), 0.0, "anthropic-1")
    facts |= {"format": "openai_responses", "provider_format": "anthropic", "turn": "c0ffee", "keeps": True}
    one = as_today(Recorded(facts, asked, http.Response.make(200), (tried,)))
    assert recordings.body(one.response)["id"] == "resp_c0ffee"  # type: ignore[arg-type]
    assert recordings.body(one.response)["store"] is True  # type: ignore[arg-type]


def test_a_conversation_that_stands_in_other_recordings_is_skipped() -> None:
    one = said("aa", TURN)
    asked = request("POST", PATHS["openai_responses"], {**INPUT_REQUEST, "previous_response_id": "resp_1"})
    facts = {**one.facts, "format": "openai_responses"}
    (side,) = compared(replace(one, request=asked, facts=facts))
    assert side.verdict == "skipped" and "earlier response" in side.told[0]
