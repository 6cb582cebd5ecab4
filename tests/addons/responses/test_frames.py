"""Messages as HTTP requests, HTTP answers as messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import request
from mitmproxy import http
from wires import response, response_stream, sse

from cliproxy.addons.responses.frames import AnswerFrames, error_frame, request_of
from cliproxy.addons.responses.sockets import Socket
from cliproxy.addons.settings import ResponsesSettings

UPGRADE = {
    "host": "gateway", "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-key": "x",
    "sec-websocket-version": "13", "openai-beta": "responses_websockets=2026-02-06, other=1", "session-id": "s1",
    "user-agent": "codex", "accept-encoding": "gzip",
}  # fmt: skip


def answer(status: int = 200, kind: str = "text/event-stream", lane: str = "", **headers: str) -> AnswerFrames:
    one = Socket("ann", request("GET", "/v1/responses"), ResponsesSettings(), lane=lane)
    frames = AnswerFrames(one)
    frames.begin(http.Response.make(status, b"", {"content-type": kind, **headers}))
    return frames


def test_a_message_is_a_request_to_the_path_of_the_upgrade() -> None:
    made = request_of(request("GET", "/v1/responses?a=1", headers=UPGRADE), b'{"a":1}')
    assert (made.method, made.path, made.http_version) == ("POST", "/v1/responses?a=1", "HTTP/1.1")
    assert dict(made.headers) == {
        "host": "gateway", "openai-beta": "other=1", "session-id": "s1",
        "user-agent": "codex", "content-type": "application/json", "content-length": "7", "accept": "text/event-stream",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 33, 100_000])
def test_each_event_is_a_message(size: int) -> None:
    content, frames, said = b"".join(response_stream().pieces), answer(), []
    for at in range(0, len(content), size):
        said += frames.feed(content[at : at + size])
    said += frames.close()
    types = [json.loads(one)["type"] for one in said]
    assert (types[0], types[-1], len(types)) == ("response.created", "response.completed", 9)


def test_the_data_stays_as_it_is() -> None:
    odd = '{"type":  "response.created",\t"n": 1.00}'
    assert answer().feed(f"event: x\ndata: {odd}\n\n".encode()) == [odd]


def test_what_is_no_event_is_no_message() -> None:
    assert answer().feed(sse("[DONE]")) == []
    assert answer().feed(b": keep-alive\n\n") == [""]


def test_an_answer_says_which_lane_it_is_for() -> None:
    [said] = answer(lane='a"b').feed(sse({"type": "response.created"}))
    assert json.loads(said) == {"stream_id": 'a"b', "type": "response.created"}


def test_an_error_is_an_error_event_with_its_status_and_hints() -> None:
    frames = answer(429, "application/json", **{"retry-after": "7", "x-cliproxy-id": "abc", "server": "x"})
    error: dict[str, Any] = {"message": "slow", "type": "rate_limit_error", "param": None, "code": "slow_down"}
    assert frames.feed(json.dumps({"error": error}).encode()) == []
    [said] = frames.close()
    headers = {"retry-after": "7", "x-cliproxy-id": "abc"}
    assert json.loads(said) == {"type": "error", "status": 429, "error": {**error, "headers": headers}}


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"[]", b"", b'{"detail": "no"}'])
def test_an_error_in_other_words_is_one_too(body: bytes) -> None:
    frames = answer(502, "text/html")
    frames.feed(body)
    said = json.loads(frames.close()[0])
    assert (said["type"], said["status"]) == ("error", 502)
    assert said["error"]["message"] and said["error"]["type"]


def test_a_whole_answer_is_its_own_last_event() -> None:
    frames = answer(kind="application/json")
    frames.feed(response().pieces[0])
    [said] = frames.close()
    assert json.loads(said) == {"type": "response.completed", "response": json.loads(response().pieces[0])}


def test_a_whole_answer_that_can_t_be_read_is_an_error() -> None:
    frames = answer(kind="application/json")
    frames.feed(b"{nonsense")
    said = json.loads(frames.close()[0])
    assert (said["type"], said["status"]) == ("error", 502)


def test_an_answer_that_breaks_off_says_so() -> None:
    said = json.loads(answer(lane="a").broken("reset")[0])
    assert (said["status"], said["stream_id"]) == (502, "a")
    assert "reset" in said["error"]["message"]


def test_error_frame() -> None:
    said = json.loads(error_frame(400, "No.", "unsupported_event"))
    assert said["error"] == {
        "message": "No.",
        "type": "invalid_request_error",
        "param": None,
        "code": "unsupported_event",
    }
