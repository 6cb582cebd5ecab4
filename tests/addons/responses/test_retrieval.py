"""GET and DELETE of kept responses, as the API words them."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import applied, error_of, flow
from mitmproxy import http

from cliproxy.addons import exchange
from cliproxy.addons.responses.keeper import Keeper, Kept
from cliproxy.addons.responses.retrieval import Retrieval, identified, page
from cliproxy.addons.state.store import MemoryStore
from cliproxy.translators import ir, wire

ASK = {"type": "message", "role": "user", "content": "Hi"}
ANSWER = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
ITEMS = [{"id": name} for name in "abcde"]


CONFIG = """
openai: {api-key: sk-test-openai}
custom-providers: {own: {base-url: "http://a.test/v1", format: responses, models: [r-one]}}
"""


async def made(clients: int = 2, config: str = CONFIG) -> Retrieval:
    store = MemoryStore(lambda: 1.0)
    one = Retrieval(Keeper(lambda: store, lambda: 1.0))
    keys = ", ".join(f"sk-test-{number}" for number in range(clients))
    configured = applied(f"auth: {{api-keys: [{keys}]}}\n{config}")
    one.keeper.use(configured)
    one.use(configured)
    await one.keeper.keep(Kept("resp_1", "ann", "openai", "openai-1", [ASK], {"id": "resp_1", "output": [ANSWER]}))
    await one.keeper.keep(
        Kept("resp_2", "ann", "openai", "openai-1", [ASK], {"id": "resp_2", "output": [ANSWER]}, ["resp_1"])
    )
    await one.keeper.keep(Kept("resp_p", "ann", "own", "own-1"))
    return one


async def asks(one: Retrieval, path: str, method: str = "GET", client: str | None = "ann") -> http.HTTPFlow:
    sent = flow(method, path)
    if client is not None:
        exchange.admit(sent, client)
    await one.request(sent)
    return sent


def body(sent: http.HTTPFlow) -> Any:
    assert sent.response and sent.response.status_code == 200
    return wire.loads(sent.response.content or b"")


async def test_a_kept_one_is_given_as_it_was() -> None:
    assert body(await asks(await made(), "/v1/responses/resp_1")) == {"id": "resp_1", "output": [ANSWER]}


async def test_a_deleted_one_is_gone() -> None:
    one = await made()
    deleted = await asks(one, "/v1/responses/resp_1", "DELETE")
    assert body(deleted) == {"id": "resp_1", "object": "response", "deleted": True}
    gone = await asks(one, "/v1/responses/resp_1")
    assert gone.response and gone.response.status_code == 404


@pytest.mark.parametrize("id, client", [("resp_1", "bob"), ("resp_9", "ann")])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_is_not_this_clients_is_not_there(id: str, client: str, method: str) -> None:
    sent = await asks(await made(), f"/v1/responses/{id}", method, client)
    assert sent.response and sent.response.status_code == 404
    assert error_of(sent.response)["param"] == "response_id"


@pytest.mark.parametrize("method, part", [("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")])
async def test_what_a_provider_keeps_is_asked_of_it_with_the_credential_that_made_it(method: str, part: str) -> None:
    sent = await asks(await made(), f"/v1/responses/resp_p{part}", method)
    call = exchange.of(sent)
    assert call and sent.response is None
    assert (call.operation, call.upstream.name, call.pinned) == ("pass", "own", "own-1")
    assert (call.target, call.about, call.client) == (f"/responses/resp_p{part}", "resp_p", "ann")


async def test_an_unknown_one_is_asked_for_where_there_is_one_client_and_a_provider_that_could_have_it() -> None:
    call = exchange.of(await asks(await made(clients=1), "/v1/responses/resp_9"))
    assert call and (call.upstream.name, call.pinned, call.lasting) == ("openai", "", True)
    sent = await asks(await made(clients=1, config="gemini: {api-key: sk-test-g}"), "/v1/responses/resp_9")
    assert sent.response and sent.response.status_code == 404


async def test_its_input_is_the_whole_conversation_the_newest_first() -> None:
    listed = body(await asks(await made(), "/v1/responses/resp_2/input_items"))
    assert [item["id"] for item in listed["data"]] == ["item_2_2", "msg_1", "item_2_0"]
    assert (listed["object"], listed["has_more"]) == ("list", False)


async def test_a_conversation_with_a_hole_is_told() -> None:
    one = await made()
    await one.keeper.delete("resp_1")
    sent = await asks(one, "/v1/responses/resp_2/input_items")
    assert sent.response and sent.response.status_code == 404


async def test_nothing_is_left_to_cancel() -> None:
    sent = await asks(await made(), "/v1/responses/resp_1/cancel", "POST")
    assert sent.response and sent.response.status_code == 400
    assert "background: true" in error_of(sent.response)["message"]


@pytest.mark.parametrize("path, client", [("/v1/responses/resp_1", None), ("/v1/models", "ann")])
async def test_others_are_not_touched(path: str, client: str | None) -> None:
    assert (await asks(await made(), path, client=client)).response is None


def test_items_are_completed() -> None:
    assert identified("resp_1", 3, ASK) == {
        "id": "item_1_3", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}],
    }  # fmt: skip
    assert identified("resp_1", 3, ANSWER) == ANSWER


@pytest.mark.parametrize(
    "query, names, more",
    [
        ({}, "edcba", False),
        ({"order": "asc"}, "abcde", False),
        ({"limit": "2"}, "ed", True),
        ({"limit": "2", "after": "d"}, "cb", True),
        ({"order": "asc", "after": "d"}, "e", False),
        ({"after": "a"}, "", False),
    ],
)
def test_pages(query: dict[str, str], names: str, more: bool) -> None:
    made = page(ITEMS, query)
    assert not isinstance(made, ir.Error)
    assert ("".join(item["id"] for item in made["data"]), made["has_more"]) == (names, more)
    assert (made["first_id"], made["last_id"]) == ((names[0], names[-1]) if names else (None, None))


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"after": "z"}])
def test_pages_that_there_are_not(query: dict[str, str]) -> None:
    made = page(ITEMS, query)
    assert isinstance(made, ir.Error) and made.status == 400
    assert made.param in query
