from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_responses.answers import parse_response, render_response

BODY: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 17,
    "status": "completed",
    "model": "m",
    "output": [{"id": "msg_1", "type": "message", "content": [{"type": "output_text", "text": "hi"}]}],
    "usage": {"input_tokens": 1, "output_tokens": 2},
}


def test_a_whole_answer() -> None:
    assert parse_response(BODY) == [
        ir.Start("resp_1", "m", 17),
        ir.TextDelta("hi"),
        ir.Finish("stop", ir.Usage(1, 2)),
    ]


@pytest.mark.parametrize(
    "body, status",
    [
        ({**BODY, "status": "failed", "error": {"code": "server_error", "message": "m"}}, 500),
        ({"status": "failed", "error": None}, 502),
        ({"status": "cancelled"}, 502),
        ({"error": {"code": "rate_limit_exceeded", "message": "m"}}, 429),
        ({"type": "error", "error": {"type": "usage_limit_reached", "message": "m"}, "status_code": 429}, 429),
    ],
)
def test_errors_inside_a_200(body: dict[str, Any], status: int) -> None:
    """Pain 14, edge case 22."""
    error = list(parse_response(body))[-1]
    assert isinstance(error, ir.Error) and error.status == status


@pytest.mark.parametrize("body", [{}, [], None, "x", {"choices": []}, {"status": "completed", "output": None}])
def test_what_is_no_answer(body: Any) -> None:
    with pytest.raises(ir.BadAnswer):
        parse_response(body)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_background_answer_is_not_an_end(status: str) -> None:
    finish = list(parse_response({**BODY, "status": status, "output": []}))[-1]
    assert isinstance(finish, ir.Finish) and finish.reason == "pause"


@pytest.mark.parametrize(
    "change", [{"usage": None}, {"output": [None, 5, {}]}, {"id": None, "model": 5, "created_at": "x"}, {"error": {}}]
)
def test_odd_fields(change: dict[str, Any]) -> None:
    assert collect(parse_response({**BODY, **change})).finish


def test_write(context: ir.Context) -> None:
    finish = ir.Finish("length", ir.Usage(1, 2))
    response = ir.Response("x", "m", None, (ir.Text("hi"), ir.ToolCall("c", "f", '{"a')), finish)
    body = render_response(response, context)
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert [item["status"] for item in body["output"]] == ["completed", "incomplete"]
    assert collect(parse_response(body)).parts == response.parts
