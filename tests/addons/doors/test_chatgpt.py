"""What the Responses backend of ChatGPT accounts wants and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy.addons.doors.chatgpt import CHATGPT, DROPPED
from cliproxy.addons.doors.door import Asked
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.losses import FEATURES
from cliproxy.translators.splice import spliced

RESPONSES = FORMATS["openai_responses"]
CODEX = b'{ "model":"m", "instructions": "Be.", "input": [{"role":"user","content":"hi"}],"stream":true ,"store":false}'


def sent(body: Any) -> Any:
    return json.loads(spliced(json.dumps(body).encode(), CHATGPT.changes(body, Asked(RESPONSES, body["model"], True))))


def test_what_codex_sends_stays_as_it_is() -> None:
    assert CHATGPT.changes(json.loads(CODEX), Asked(RESPONSES, "m", True)) == {}


def test_what_must_be_there_is_put_there() -> None:
    assert sent({"model": "m", "input": "hi"}) == {
        "model": "m",
        "instructions": "",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
        "stream": True,
        "store": False,
    }


def test_a_system_message_is_the_developers() -> None:
    told = sent({"model": "m", "input": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]})
    assert told["input"] == [{"role": "developer", "content": "s"}, {"role": "user", "content": "u"}]


def test_what_is_refused_is_taken_out_and_named() -> None:
    body = {"model": "m", "input": [], "store": True, "service_tier": "flex", **dict.fromkeys(DROPPED, 1)}
    assert set(sent(body)) == {"model", "input", "instructions", "stream", "store"}
    assert set(CHATGPT.dropped(body).values()) == {*DROPPED.values(), "service_tier"}
    assert sent({"model": "m", "input": [], "service_tier": "priority"})["service_tier"] == "priority"


@pytest.mark.parametrize(
    "request_, lost",
    [
        (ir.Request("m", store=False, service_tier="priority"), set()),
        (ir.Request("m", store=True, service_tier="flex"), {"store", "service_tier"}),
    ],
)
def test_what_is_lost_depends_on_what_was_said(request_: ir.Request, lost: set[str]) -> None:
    assert CHATGPT.lacks(RESPONSES, request_) & {"store", "service_tier"} == lost


def test_each_loss_is_a_feature_or_a_field_of_the_format() -> None:
    assert all(name in FEATURES or name.startswith("openai_responses:") for name in DROPPED.values())
