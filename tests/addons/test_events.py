"""Which event an exchange becomes, and what of it is told."""

from __future__ import annotations

from typing import Any

import pytest
from endings import call, told
from scripted import provider, whole

from cliproxy.addons.events import Events, content
from cliproxy.addons.redact import Redactor
from cliproxy.addons.settings import Webhook
from cliproxy.addons.webhooks import Webhooks
from cliproxy.translators import ir
from cliproxy.translators.collect import Collector


async def heard(include_content: bool = False, **more: Any) -> list[Any]:
    with provider(whole({})) as listener:
        webhooks = Webhooks()
        webhooks.listen([Webhook(listener.url, include_content=include_content)], Redactor())
        one = call()
        one.answer = ir.Response("r", "m", None, (ir.Text("a private answer"), ir.ToolCall("1", "look", "{}")))
        Events(webhooks).ended(told(**more), one)
        await webhooks.done()
        return [seen.json for seen in listener.seen]


@pytest.mark.parametrize(
    "more, event",
    [
        ({}, "request.completed"),
        ({"status": 502, "failed": True}, "request.failed"),
        ({"status": 499, "partial": True}, "request.completed"),
    ],
)
async def test_events(more: dict[str, Any], event: str) -> None:
    found = await heard(**more)
    assert [one["type"] for one in found] == [event]
    assert found[0]["data"]["status"] == more.get("status", 200)
    assert found[0]["data"]["account"] == "openai-1"
    assert "private" not in str(found)


async def test_what_was_said_only_where_it_is_asked_for() -> None:
    data = (await heard(include_content=True))[0]["data"]
    assert data["request"]["messages"][0]["content"] == "a private question"
    assert data["answer"] == {"text": "a private answer", "tool_calls": [{"name": "look", "arguments": "{}"}]}


def test_a_stream_that_was_cut() -> None:
    one = call()
    assert content(one)["answer"] == {"text": "", "tool_calls": []}
    one.collected = Collector()
    one.collected.feed(ir.Start("r", "m"))
    one.collected.feed(ir.TextDelta("as far as"))
    assert content(one)["answer"]["text"] == "as far as"
