"""What is kept of an answer, by whom."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from exchanges import begun, flow
from mitmproxy import http

from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.exchange import AttemptRecord, Exchange
from cliproxy.addons.responses.keeper import Keeper
from cliproxy.addons.responses.keeping import Keeping, maker, seen
from cliproxy.addons.responses.sockets import Socket
from cliproxy.addons.responses.turn import Turn
from cliproxy.addons.responses.watcher import Watcher
from cliproxy.addons.settings import ResponsesSettings
from cliproxy.addons.state.store import MemoryStore

CONFIG = """
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
custom-providers: {own: {base-url: "http://a.test/v1", format: responses, models: [r-one]}}
"""
ITEM = {"type": "message", "role": "assistant", "content": []}


def answer(**more: Any) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [ITEM], "store": False, **more}


def made(model: str = "claude-test", **turn: Any) -> tuple[Keeping, http.HTTPFlow, Exchange, Turn]:
    store = MemoryStore(lambda: 1.0)
    keeping = Keeping(Keeper(lambda: store, lambda: 1.0))
    one = flow("POST", "/v1/responses", {"model": model, "input": []})
    call = begun(one, CONFIG)
    call.credential = Credential("own-1", "own", "sk-test-x")
    call.turn = made = Turn("abc", **{"keep": True, **turn})
    made.watcher = Watcher(partial(seen, keeping.keeper, call, made))
    return keeping, one, call, made


async def whole(keeping: Keeping, one: http.HTTPFlow, body: Any, status: int = 200) -> Any:
    one.response = http.Response.make(status, json.dumps(body))
    await keeping.response(one)
    return await keeping.keeper.find("resp_1", "tester")


async def test_a_translated_answer_is_kept_with_what_it_answered() -> None:
    keeping, one, call, _ = made(chain=["resp_0"], before=[{"a": 0}], input=[{"a": 1}])
    kept = await whole(keeping, one, answer(store=True))
    assert (kept.client, kept.provider, kept.credential) == ("tester", "anthropic", "own-1")
    assert (kept.chain, kept.input, kept.response) == (["resp_0"], [{"a": 1}], answer(store=True))
    assert call.turn


async def test_what_only_a_connection_remembered_is_kept_with_it() -> None:
    keeping, one, *_ = made(before=[{"a": 0}], input=[{"a": 1}])
    kept = await whole(keeping, one, answer())
    assert (kept.chain, kept.input) == ([], [{"a": 0}, {"a": 1}])


async def test_of_an_answer_that_its_provider_keeps_the_place_is_noted() -> None:
    keeping, one, *_ = made("r-one", input=[{"a": 1}])
    kept = await whole(keeping, one, answer(store=True))
    assert (kept.here, kept.input, kept.provider, kept.credential) == (False, [], "own", "own-1")


async def test_an_answer_that_its_provider_does_not_keep_is_kept_here() -> None:
    keeping, one, *_ = made("r-one", input=[{"a": 1}])
    kept = await whole(keeping, one, answer(store=False))
    assert (kept.here, kept.input) == (True, [{"a": 1}])


@pytest.mark.parametrize(
    "body, status", [(answer(status="failed"), 200), (answer(), 400), (answer(id=None), 200), ({"error": {}}, 200)]
)
async def test_what_is_no_answer_is_not_kept(body: Any, status: int) -> None:
    keeping, one, *_ = made()
    assert await whole(keeping, one, body, status) is None


async def test_nothing_is_kept_that_shall_not_be() -> None:
    keeping, one, *_ = made(keep=False)
    assert await whole(keeping, one, answer()) is None


async def test_a_connection_remembers_also_what_is_not_kept() -> None:
    socket = Socket("tester", flow().request, ResponsesSettings())
    keeping, one, *_ = made(keep=False, socket=socket, before=[{"a": 0}], input=[{"a": 1}])
    assert await whole(keeping, one, answer()) is None
    assert socket.last and (socket.last.id, socket.last.provider) == ("resp_1", "anthropic")
    assert socket.last.items == [{"a": 0}, {"a": 1}, ITEM]


async def test_a_streamed_answer_is_found_when_its_end_has_passed_and_written_later() -> None:
    keeping, one, _, turn = made()
    assert turn.watcher
    turn.watcher.feed([b"data: " + json.dumps({"type": "response.completed", "response": answer()}).encode() + b"\n\n"])
    assert await keeping.keeper.find("resp_1", "tester")
    one.response = http.Response.make(200)
    one.response.stream = True
    await keeping.response(one)
    assert await keeping.keeper.find("resp_1", "tester")
    assert not keeping.keeper._pending


async def test_a_client_that_left_may_have_heard_the_end() -> None:
    keeping, one, call, turn = made()
    await keeping.error(one)
    seen(keeping.keeper, call, turn, answer(), last=True)
    await keeping.error(one)
    assert await keeping.keeper.find("resp_1", "tester")
    assert not keeping.keeper._pending


async def test_other_exchanges_leave_nothing() -> None:
    keeping, one, call, _ = made()
    call.turn = None
    assert await whole(keeping, one, answer()) is None
    await keeping.response(flow())
    await keeping.error(flow())


def test_maker() -> None:
    _, _, call, _ = made()
    assert maker(call) == "own-1"
    call.credential = None
    assert maker(call) == ""
    call.attempts = [AttemptRecord("own-1", "own", 500, 0.1), AttemptRecord("own-2", "own", 200, 0.1)]
    assert maker(call) == "own-2"
