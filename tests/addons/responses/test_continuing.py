"""What a `previous_response_id` stands for, with each kind of upstream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from exchanges import applied, begun, error_of, flow
from mitmproxy import http

from cliproxy.addons.exchange import Exchange
from cliproxy.addons.responses import sockets
from cliproxy.addons.responses.continuing import Continuing
from cliproxy.addons.responses.keeper import Keeper, Kept
from cliproxy.addons.responses.sockets import Remembered, Socket
from cliproxy.addons.settings import ResponsesSettings
from cliproxy.addons.state.store import MemoryStore

CONFIG = """
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
custom-providers:
  first: {base-url: "http://a.test/v1", format: responses, models: [r-one]}
  second: {base-url: "http://b.test/v1", format: responses, models: [r-two]}
"""
ASK = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
ANSWER = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": []}
AGAIN = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Again"}]}
SAID = [ASK, {"type": "message", "role": "assistant", "content": []}, AGAIN]


@pytest.fixture(autouse=True)
def none_open() -> Iterator[None]:
    yield
    sockets._open.clear()


def addon(config: str = CONFIG, clients: int = 1) -> Continuing:
    store = MemoryStore(lambda: 1.0)
    made = Continuing(Keeper(lambda: store, lambda: 1.0))
    keys = ", ".join(f"sk-test-{number}" for number in range(clients))
    made.keeper.use(applied(f"auth: {{api-keys: [{keys}]}}\n{config}"))
    return made


def here(upstream: str = "first", client: str = "tester", **more: Any) -> Kept:
    return Kept("resp_1", client, upstream, f"{upstream}-1", [ASK], {"id": "resp_1", "output": [ANSWER]}, **more)


async def asks(
    one: Continuing, model: str = "claude-test", socket: Socket | None = None, **body: Any
) -> tuple[http.HTTPFlow, Exchange]:
    sent = flow("POST", "/v1/responses", {"model": model, "input": "Again", **body})
    call = begun(sent, CONFIG)
    if socket:
        sockets.open(sent.client_conn, socket)
    await one.request(sent)
    return sent, call


def socket(upstream: str = "", **more: Any) -> Socket:
    made = Socket("tester", flow("GET", "/v1/responses").request, ResponsesSettings(), **more)
    if upstream:
        sockets.remember(made, Remembered("resp_9", upstream, json.dumps([ASK, ANSWER]).encode()))
    return made


def refused(sent: http.HTTPFlow) -> str:
    assert sent.response and sent.response.status_code == 400
    error = error_of(sent.response)
    assert (error["code"], error["param"]) == ("previous_response_not_found", "previous_response_id")
    return str(error["message"])


async def test_a_request_without_one_goes_on_as_it_is() -> None:
    sent, call = await asks(addon())
    assert (sent.response, call.rewritten, call.body["input"]) == (None, None, "Again")
    assert call.turn and call.turn.keep and call.turn.watcher


async def test_other_formats_are_not_touched() -> None:
    sent = flow("POST", "/v1/messages", {"model": "claude-test", "max_tokens": 1, "messages": []})
    call = begun(sent, CONFIG)
    await addon().request(sent)
    assert call.turn is None


@pytest.mark.parametrize("model, same", [("claude-test", False), ("r-one", True), ("r-two", False)])
async def test_what_is_kept_here_is_said_in_full(model: str, same: bool) -> None:
    one = addon()
    await one.keeper.keep(here())
    sent, call = await asks(one, model, previous_response_id="resp_1", top_p=0.5)
    assert sent.response is None
    assert call.body == {"model": model, "input": SAID, "top_p": 0.5}
    assert json.loads(call.rewritten or b"") == call.body
    assert call.same_format is same  # seals of another provider go through translation, which knows them
    assert call.turn and (call.turn.chain, call.turn.previous) == (["resp_1"], "resp_1")


async def test_what_the_provider_keeps_goes_to_it_byte_for_byte_and_to_the_credential_that_made_it() -> None:
    one = addon()
    await one.keeper.keep(Kept("resp_1", "tester", "first", "first-1"))
    sent, call = await asks(one, "r-one", previous_response_id="resp_1")
    assert (sent.response, call.rewritten, call.pinned, call.same_format) == (None, None, "first-1", True)


@pytest.mark.parametrize("model", ["claude-test", "r-two"])
async def test_what_another_provider_keeps_can_t_be_continued(model: str) -> None:
    one = addon()
    await one.keeper.keep(Kept("resp_1", "tester", "first", "first-1"))
    sent, _ = await asks(one, model, previous_response_id="resp_1")
    assert "is kept by first, and can be continued there only" in refused(sent)


async def test_another_clients_response_is_unknown() -> None:
    one = addon(clients=2)
    await one.keeper.keep(here(client="bob"))
    for model in ("claude-test", "r-one"):
        sent, _ = await asks(one, model, previous_response_id="resp_1")
        assert "not known here" in refused(sent)


async def test_an_unknown_id_may_be_the_providers_where_there_is_one_client() -> None:
    sent, call = await asks(addon(), "r-one", previous_response_id="resp_7")
    assert (sent.response, call.rewritten, call.pinned) == (None, None, "")
    sent, _ = await asks(addon(), "claude-test", previous_response_id="resp_7")
    assert "Send the whole conversation as `input`." in refused(sent)


async def test_a_hole_in_the_conversation_is_told() -> None:
    one = addon()
    await one.keeper.keep(here(chain=["resp_0"]))
    sent, _ = await asks(one, previous_response_id="resp_1")
    assert "no longer kept" in refused(sent)


async def test_input_that_is_none_is_told() -> None:
    one = addon()
    await one.keeper.keep(here())
    sent, _ = await asks(one, previous_response_id="resp_1", input=7)
    assert sent.response and error_of(sent.response)["param"] == "input"


async def test_store_false_is_obeyed_and_store_true_is_done_here() -> None:
    _, call = await asks(addon(), store=False)
    assert call.turn and (call.turn.keep, call.turn.watcher) == (False, None)
    _, call = await asks(addon(), store=True)
    assert call.turn and call.turn.keep and "store" not in call.body
    _, call = await asks(addon(), "r-one", store=True)
    assert call.body["store"] is True


async def test_a_gateway_that_keeps_nothing_says_so() -> None:
    one = addon(f"{CONFIG}\nresponses: {{store: false}}")
    _, call = await asks(one)
    assert call.turn and not call.turn.keep
    sent, _ = await asks(one, previous_response_id="resp_1")
    assert "this gateway keeps no responses" in refused(sent)


@pytest.mark.parametrize("model, same", [("claude-test", False), ("r-one", True), ("r-two", False)])
async def test_a_connection_goes_on_with_its_last_response(model: str, same: bool) -> None:
    sent, call = await asks(addon(), model, socket("first"), previous_response_id="resp_9", store=False)
    assert sent.response is None
    assert (call.body["input"], call.same_format) == (SAID, same)
    assert call.turn and (call.turn.chain, call.turn.watcher is None) == ([], False)


async def test_a_connection_does_not_know_older_ones() -> None:
    sent, _ = await asks(addon(), socket=socket("first"), previous_response_id="resp_8", store=False)
    refused(sent)


@pytest.mark.parametrize("model", ["claude-test", "r-one"])
async def test_a_prewarm_is_answered_at_once(model: str) -> None:
    one = socket(prewarm=True)
    sent, call = await asks(addon(), model, one, store=False, instructions="Be brief.")
    assert sent.response and call.answered_here
    text = sent.response.text or ""
    assert [line[7:] for line in text.splitlines() if line.startswith("event: ")] == [
        "response.created", "response.in_progress", "response.completed",
    ]  # fmt: skip
    assert one.last and (one.last.items, one.last.id in text) == ([AGAIN], True)


async def test_a_prewarm_that_can_t_be_read_is_refused() -> None:
    sent, _ = await asks(addon(), socket=socket(prewarm=True), temperature="hot")
    assert sent.response and error_of(sent.response)["param"] == "temperature"
