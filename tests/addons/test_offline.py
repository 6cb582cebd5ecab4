"""Gone through again without a network: today's bytes against those of then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import request
from kept_flows import as_today, said, streamed
from mitmproxy import http
from recorded_exchanges import refused, translated
from wires import CONTENTS_REQUEST

from cliproxy.addons import preparation, recordings
from cliproxy.addons.offline import Side, compared
from cliproxy.addons.recordings import Recorded
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
