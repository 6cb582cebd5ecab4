"""Threads stay on the account that holds them, or the refusal tells a client what to do."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import applied, begun, flow
from mitmproxy import http

from cliproxy.addons.exchange import AttemptRecord, Exchange
from cliproxy.addons.responses.keeper import Keeper, Kept
from cliproxy.addons.responses.threads import Holders, Threads
from cliproxy.addons.state.store import MemoryStore
from cliproxy.translators import ir, wire

CONFIG = """
openai: {api-key: sk-test-openai, models: [gpt-test]}
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
custom-providers: {other: {base-url: "http://a.test", format: anthropic, models: [a-two]}}
"""
CREATE = {"type": "create"}
CONTINUE = {"type": "continue", "previous_message_id": "msg_1"}


def addon(clients: int = 1) -> Threads:
    store = MemoryStore(lambda: 1.0)
    made = Threads(Keeper(lambda: store, lambda: 1.0))
    keys = ", ".join(f"sk-test-{number}" for number in range(clients))
    made.keeper.use(applied(f"auth: {{api-keys: [{keys}]}}\n{CONFIG}"))
    return made


async def asks(one: Threads, thread: Any, model: str = "claude-test") -> tuple[http.HTTPFlow, Exchange]:
    body = {"model": model, "max_tokens": 1, "messages": [], **({"thread": thread} if thread else {})}
    sent = flow("POST", "/v1/messages", body)
    call = begun(sent, CONFIG)
    await one.request(sent)
    return sent, call


def code(sent: http.HTTPFlow) -> str:
    assert sent.response and sent.response.status_code == 400
    error = wire.loads(sent.response.content or b"")["error"]
    assert error["type"] == "invalid_request_error"
    return str(error["details"]["error_code"])


@pytest.mark.parametrize("thread", [None, CREATE, "nonsense"])
async def test_what_continues_nothing_goes_on(thread: Any) -> None:
    sent, call = await asks(addon(), thread)
    assert (sent.response, call.pinned) == (None, "")


@pytest.mark.parametrize("thread", [CREATE, CONTINUE])
async def test_across_formats_the_client_is_told_to_go_on_without(thread: Any) -> None:
    sent, call = await asks(addon(), thread, "gpt-test")
    assert code(sent) == "thread_unsupported_request"
    assert call.answered_here


async def test_it_goes_on_with_the_credential_that_holds_it() -> None:
    one = addon(clients=2)
    await one.keeper.keep(Kept("msg_1", "tester", "anthropic", "anthropic-1"))
    sent, call = await asks(one, CONTINUE)
    assert (sent.response, call.pinned, call.same_format) == (None, "anthropic-1", True)


@pytest.mark.parametrize("client, model", [("bob", "claude-test"), ("tester", "a-two")])
async def test_elsewhere_or_for_another_there_is_none(client: str, model: str) -> None:
    one = addon(clients=2)
    await one.keeper.keep(Kept("msg_1", client, "anthropic", "anthropic-1"))
    sent, _ = await asks(one, CONTINUE, model)
    assert code(sent) == "thread_not_found"


async def test_an_unknown_one_may_be_held_where_there_is_one_client() -> None:
    sent, call = await asks(addon(), CONTINUE)
    assert (sent.response, call.pinned) == (None, "")


@pytest.mark.parametrize("status, kept", [(200, True), (400, False)])
async def test_who_holds_it_is_noted(status: int, kept: bool) -> None:
    one = addon()
    sent, call = await asks(one, CREATE)
    call.answer = ir.Response("msg_2", "claude-test", None, (), None, None)
    call.attempts = [AttemptRecord("anthropic-1", "anthropic", status, 0.1)]
    sent.response = http.Response.make(status)
    await Holders(one.keeper).response(sent)
    found = await one.keeper.find("msg_2", "tester")
    assert found == (Kept("msg_2", "tester", "anthropic", "anthropic-1") if kept else None)


async def test_of_other_answers_nothing_is_noted() -> None:
    one = addon()
    sent, call = await asks(one, None)
    call.answer = ir.Response("msg_2", "claude-test", None, (), None, None)
    sent.response = http.Response.make(200)
    await Holders(one.keeper).response(sent)
    assert await one.keeper.find("msg_2", "tester") is None
