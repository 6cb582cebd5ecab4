"""Conversations that the client does not say again: the makers' SDKs, and every kind of upstream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, whole
from wires import (
    TEXT,
    chat,
    chat_stream,
    gemini,
    gemini_stream,
    message,
    message_stream,
    response,
    response_body,
    response_stream,
)

from cliproxy.translators import formats as translators

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

OTHER_KEY = "sk-test-other-client"
WHOLE = {"openai_chat": chat, "openai_responses": response, "anthropic": message, "gemini": gemini}
STREAMED = {
    "openai_chat": chat_stream, "openai_responses": response_stream,
    "anthropic": message_stream, "gemini": gemini_stream,
}  # fmt: skip
FORMATS = {"openai_chat": "openai", "openai_responses": "responses", "anthropic": "anthropic", "gemini": "gemini"}
each_upstream = pytest.mark.parametrize("upstream", FORMATS)


def kept_by_provider(id: str) -> Answer:
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": []}
    return whole({**response_body("completed", [item]), "id": id, "store": True})


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """One scripted server is an upstream of each format; `two` has two keys, and knows Responses and threads."""
    with provider(chat()) as server:
        custom: dict[str, Any] = {
            f"to-{name}": {
                "base-url": server.url + ("/v1" if "openai" in name else ""),
                "format": word,
                "models": [f"to-{name}"],
            }
            for name, word in FORMATS.items()
        }
        two = {"base-url": f"{server.url}/v1", "format": "responses", "models": ["two"], "api-key": "sk-test-1"}
        threads = {"base-url": server.url, "format": "anthropic", "models": ["threads"], "api-key": "sk-test-1"}
        config = {
            "auth": {"api-keys": [{"key": KEY, "name": "ann"}, {"key": OTHER_KEY, "name": "bob"}]},
            "custom-providers": {**custom, "two": two, "threads": threads},
            "load-balance": {
                "strategy": "round-robin",
                "credentials": {"two": [{"key": "sk-test-2"}], "threads": [{"key": "sk-test-2"}]},
            },
        }
        with gateway(config) as running:
            yield running, server


@pytest.fixture
def server(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


@pytest.fixture
def client(site: tuple[Gateway, Provider]) -> Any:
    return openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=KEY, max_retries=0)


def texts(upstream: str, sent: Any) -> list[str]:
    """Who said what in the request that the provider got."""
    path = "/v1beta/models/m:generateContent"
    parsed = translators.FORMATS[upstream].parse_request({"model": "m", **sent}, path)
    return [f"{one.role}: {''.join(getattr(part, 'text', '') for part in one.parts)}" for one in parsed.messages]


SAID = ["user: One", f"assistant: {TEXT}", "user: Two", f"assistant: {TEXT}", "user: Three"]


def answering(upstream: str, id: str) -> Answer:
    """Each answer under an id of its own, as providers give them."""
    answer = json.loads(WHOLE[upstream]().pieces[0])
    return whole({**answer, "id": id} if "id" in answer else answer)


@each_upstream
def test_a_conversation_goes_on_by_its_last_id(client: Any, server: Provider, upstream: str) -> None:
    server.answers[:] = [answering(upstream, f"resp_{number}") for number in range(3)]
    first = client.responses.create(model=f"to-{upstream}", input="One")
    second = client.responses.create(model=f"to-{upstream}", input="Two", previous_response_id=first.id)
    client.responses.create(model=f"to-{upstream}", input="Three", previous_response_id=second.id, store=False)
    assert texts(upstream, server.seen[-1].json) == SAID
    assert "previous_response_id" not in server.seen[-1].json


@each_upstream
def test_a_streamed_answer_goes_on_too(client: Any, server: Provider, upstream: str) -> None:
    server.answers[:] = [STREAMED[upstream](), WHOLE[upstream]()]
    with client.responses.stream(model=f"to-{upstream}", input="One") as events:
        first = list(events) and events.get_final_response()
    client.responses.create(model=f"to-{upstream}", input="Two", previous_response_id=first.id)
    assert texts(upstream, server.seen[-1].json) == SAID[:3]


def test_a_kept_response_is_retrieved_listed_and_deleted(client: Any, server: Provider) -> None:
    server.answers[:] = [chat()]
    first = client.responses.create(model="to-openai_chat", input="One")
    second = client.responses.create(model="to-openai_chat", input="Two", previous_response_id=first.id)
    assert (first.store, second.previous_response_id) == (True, first.id)
    assert client.responses.retrieve(second.id) == second
    listed = client.responses.input_items.list(second.id, order="asc", limit=2)
    assert [item.content[0].text for item in listed] == ["One", TEXT, "Two"]  # the SDK turns the pages
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError, match="is kept here for this key"):
        client.responses.retrieve(second.id)
    assert client.responses.retrieve(first.id) == first


def test_what_shall_not_be_kept_is_not(client: Any, server: Provider) -> None:
    server.answers[:] = [chat()]
    first = client.responses.create(model="to-openai_chat", input="One", store=False)
    assert first.store is False
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.BadRequestError, match="Send the whole conversation") as refused:
        client.responses.create(model="to-openai_chat", input="Two", previous_response_id=first.id)
    assert (refused.value.code, refused.value.param) == ("previous_response_not_found", "previous_response_id")


def test_a_client_continues_and_sees_its_own_only(site: Any, client: Any, server: Provider) -> None:
    server.answers[:] = [chat()]
    mine = client.responses.create(model="to-openai_chat", input="One")
    bob = openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=OTHER_KEY, max_retries=0)
    count = len(server.seen)
    for model in ("to-openai_chat", "two"):
        with pytest.raises(openai.BadRequestError, match="not known here"):
            bob.responses.create(model=model, input="Two", previous_response_id=mine.id)
    for attempt in (bob.responses.retrieve, bob.responses.delete, bob.responses.input_items.list):
        with pytest.raises(openai.NotFoundError):
            attempt(mine.id)
    assert len(server.seen) == count
    assert client.responses.retrieve(mine.id) == mine


def test_what_the_provider_keeps_goes_to_the_key_that_made_it_byte_for_byte(site: Any, server: Provider) -> None:
    url, headers = f"{site[0].url}/v1/responses", {"authorization": f"Bearer {KEY}"}
    server.answers[:] = [kept_by_provider("resp_a")]
    httpx.post(url, json={"model": "two", "input": "One"}, headers=headers)
    made_by = server.seen[-1].headers["authorization"]
    body = b'{ "model":"two" , "input":"Two", "previous_response_id":"resp_a", "x":1.0 }'
    for _ in range(3):
        server.answers[:] = [kept_by_provider("resp_b")]
        assert httpx.post(url, content=body, headers=headers).status_code == 200
        assert (server.seen[-1].body, server.seen[-1].headers["authorization"]) == (body, made_by)
    server.answers[:] = [whole({"id": "resp_a", "object": "response", "odd": 1.50})]
    for method, path in (("GET", "/resp_a?include=x"), ("DELETE", "/resp_a"), ("POST", "/resp_a/cancel")):
        answer = httpx.request(method, url + path, headers=headers)
        assert answer.content == b'{"id": "resp_a", "object": "response", "odd": 1.5}'
        seen = server.seen[-1]
        assert (seen.method, seen.path, seen.headers["authorization"]) == (method, f"/v1/responses{path}", made_by)
    others = httpx.get(f"{url}/resp_a", headers={"authorization": f"Bearer {OTHER_KEY}"})
    assert others.status_code == 404


def test_what_a_provider_keeps_can_t_go_on_elsewhere(client: Any, server: Provider) -> None:
    server.answers[:] = [kept_by_provider("resp_c")]
    client.responses.create(model="two", input="One")
    with pytest.raises(openai.BadRequestError, match="is kept by two, and can be continued there only"):
        client.responses.create(model="to-anthropic", input="Two", previous_response_id="resp_c")


def test_a_conversation_moves_between_formats_with_its_tool_calls(client: Any, server: Provider) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}
    thought = {"type": "thinking", "thinking": "Hm", "signature": "c2VhbA=="}
    tools = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]
    server.answers[:] = [message([thought, call], "tool_use")]
    first = client.responses.create(model="to-anthropic", input="One", tools=tools, reasoning={"effort": "low"})
    result = [{"type": "function_call_output", "call_id": first.output[-1].call_id, "output": "blue"}]
    for upstream in ("gemini", "openai_responses", "anthropic"):
        server.answers[:] = [WHOLE[upstream]()]
        client.responses.create(
            model=f"to-{upstream}", input=result, tools=tools, previous_response_id=first.id, store=False,
            reasoning={"effort": "low"},
        )  # fmt: skip
        sent = json.dumps(server.seen[-1].json)
        assert "look" in sent and "blue" in sent and "One" in sent
        assert ("c2VhbA==" in sent) is (upstream == "anthropic")  # the seal goes home, and to nobody else


# -- threads --------------------------------------------------------------------------------------------------


def runner(site: tuple[Gateway, Provider], model: str, stream: bool = False) -> str:
    client = anthropic.Anthropic(base_url=site[0].url, api_key=KEY, max_retries=0)

    @anthropic.beta_tool
    def look(at: str) -> str:
        """Look.

        Args:
            at: where
        """
        return f"blue {at}"

    run = client.beta.messages.tool_runner(
        model=model, max_tokens=99, messages=[{"role": "user", "content": "Look"}], tools=[look], stream=stream
    )
    last = None
    for last in run:
        last = last.get_final_message() if stream else last
    assert last
    return "".join(block.text for block in last.content if block.type == "text")


def test_a_thread_stays_with_the_key_that_holds_it(site: Any, server: Provider) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}
    for _ in range(3):
        server.seen.clear()
        server.answers[:] = [message([call], "tool_use"), message()]
        assert runner(site, "threads") == TEXT
        first, second = server.seen
        assert first.json["thread"] == {"type": "create"}
        assert second.json["thread"] == {"type": "continue", "previous_message_id": "msg_1"}
        assert first.headers["x-api-key"] == second.headers["x-api-key"]


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "gemini"])
def test_in_other_formats_the_sdk_goes_on_without_a_thread(site: Any, server: Provider, upstream: str) -> None:
    server.answers[:] = [WHOLE[upstream]()]
    assert runner(site, f"to-{upstream}") == TEXT
    assert len(server.seen) == 1


def test_another_clients_thread_is_lost_to_it_and_said_again(site: Any, server: Provider) -> None:
    server.answers[:] = [message()]
    body = {"model": "threads", "max_tokens": 9, "messages": [], "thread": {"type": "create"}}
    httpx.post(f"{site[0].url}/v1/messages", json=body, headers={"x-api-key": KEY})
    count = len(server.seen)
    body["thread"] = {"type": "continue", "previous_message_id": "msg_1"}
    refused = httpx.post(f"{site[0].url}/v1/messages", json=body, headers={"x-api-key": OTHER_KEY})
    assert (refused.status_code, len(server.seen)) == (400, count)
    assert refused.json()["error"]["details"] == {"error_code": "thread_not_found"}
