"""Vertex AI as a provider, and its clients: Gemini and Claude models, by key and by token, in every client format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import vendors
from calling import CLIENTS, SAID, Client, asked_tool, calls_tool
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, whole
from wires import TEXT, gemini, gemini_stream, message, message_stream

anthropic = pytest.importorskip("anthropic")
genai = pytest.importorskip("google.genai")

TOKEN = "ya29.sk-test-token"
CLAUDE = "vertex-claude-sonnet-4-5-20250929"
KNOWN_AS = {CLAUDE: "claude-sonnet-4-5@20250929", "vertex-gemini-2.5-pro": "gemini-2.5-pro"}
PLACE = {"project": "our-project", "location": "europe-west1"}
ANSWERS: dict[str, tuple[Answer, Answer]] = {
    CLAUDE: (message(), message_stream()),
    "vertex-gemini-2.5-pro": (gemini(), gemini_stream()),
}
CALLS = {
    CLAUDE: message([{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}], "tool_use"),
    "vertex-gemini-2.5-pro": gemini([{"functionCall": {"name": "look", "args": {"at": "sky"}}}]),
}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """A project's models by an account's token."""
    with provider(gemini()) as upstream:
        config = {
            "vertex": {"base-url": upstream.url, **PLACE},
            "load-balance": {
                "credentials": {"vertex": [{"key": TOKEN, "label": "account", "door": "vertex-account"}]},
            },
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


def checked(upstream: Provider, model: str, stream: bool) -> Any:
    check = vendors.vertex_claude if "claude" in model else vendors.vertex_gemini
    return check(upstream.seen[-1], KNOWN_AS[model], stream, **PLACE, key=TOKEN)


@pytest.mark.parametrize("model", ANSWERS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_format_whole_and_streamed(
    site: tuple[Gateway, Provider], upstream: Provider, client: Client, stream: bool, model: str
) -> None:
    upstream.answers[:] = [ANSWERS[model][stream]]
    assert client(site[0].url, model, stream) == SAID
    checked(upstream, model, stream)


@pytest.mark.parametrize("model", ANSWERS)
@pytest.mark.parametrize("client", calls_tool, ids=lambda client: client.__name__)
def test_tools(site: tuple[Gateway, Provider], upstream: Provider, client: Any, model: str) -> None:
    upstream.answers[:] = [CALLS[model], ANSWERS[model][0]]
    assert client(site[0].url, model) == ("look", {"at": "sky"}, TEXT)
    assert asked_tool(checked(upstream, model, False))


def test_claudes_own_format_is_passed_byte_for_byte_but_for_model_and_version(
    site: tuple[Gateway, Provider], upstream: Provider
) -> None:
    upstream.answers[:] = [ANSWERS[CLAUDE][0]]
    rest = '"max_tokens" : 9, "messages":[ {"role":"user","content":"\\u00e9"} ],"n" :1.0e1 }'
    sent = f'{{ "model":"{CLAUDE}", {rest}'.encode()
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "anthropic-beta": "a-1,b-2", "x-own": "1"}
    answer = httpx.post(f"{site[0].url}/v1/messages?beta=true", content=sent, headers={**headers, **JSON}, timeout=20)
    assert answer.content == b"".join(ANSWERS[CLAUDE][0].pieces)
    assert upstream.seen[0].body == f'{{"anthropic_version":"vertex-2023-10-16", {rest}'.encode()
    assert upstream.seen[0].headers["anthropic-beta"] == "a-1,b-2" and upstream.seen[0].headers["x-own"] == "1"
    vendors.vertex_claude(upstream.seen[0], KNOWN_AS[CLAUDE], False, **PLACE, key=TOKEN)


JSON = {"content-type": "application/json"}


# -- clients that speak Vertex AI's paths --------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["vertex-claude-x", "claude-x"])
def test_anthropics_client_for_vertex(
    site: tuple[Gateway, Provider], upstream: Provider, model: str, stream: bool
) -> None:
    """As Claude Code uses it: with a Vertex upstream, and with Anthropic itself as the upstream."""
    client = anthropic.AnthropicVertex(
        base_url=f"{site[0].url}/v1", project_id="theirs", region="us-east5", access_token=KEY, max_retries=0
    )
    upstream.answers[:] = [ANSWERS[CLAUDE][stream]]
    ask = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    if stream:
        with client.messages.stream(**ask) as events:
            assert "".join(events.text_stream) == TEXT
    else:
        assert client.messages.create(**ask).content[0].text == TEXT
    (seen,) = upstream.seen
    if model.startswith("vertex-"):
        vendors.vertex_claude(seen, "claude-x", stream, **PLACE, key=TOKEN)
    else:
        assert (seen.path, seen.headers["anthropic-version"]) == ("/v1/messages", "2026-10-21")
        assert seen.json["model"] == "claude-x" and "anthropic_version" not in seen.json
        assert bool(seen.json.get("stream")) is stream and seen.headers["x-api-key"] == "sk-test-a"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ANSWERS)
def test_googles_client_for_vertex(
    site: tuple[Gateway, Provider], upstream: Provider, model: str, stream: bool
) -> None:
    client = genai.Client(vertexai=True, api_key=KEY, http_options={"base_url": site[0].url})
    upstream.answers[:] = [ANSWERS[model][stream]]
    if stream:
        chunks = client.models.generate_content_stream(model=model, contents="Hi")
        assert "".join(chunk.text or "" for chunk in chunks) == TEXT
    else:
        assert client.models.generate_content(model=model, contents="Hi").text == TEXT
    checked(upstream, model, stream)


def test_a_full_path_with_the_project_of_the_client(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    upstream.answers[:] = [gemini()]
    place = "/v1beta1/projects/theirs/locations/us-central1/publishers/google/models"
    body = b'{ "contents":[{"role":"user","parts":[{"text":"Hi"}]}] }'
    headers = {"authorization": f"Bearer {KEY}", **JSON}
    url = f"{site[0].url}{place}/vertex-gemini-2.5-pro:generateContent"
    assert httpx.post(url, content=body, headers=headers, timeout=20).content == b"".join(gemini().pieces)
    assert upstream.seen[0].body == body
    assert upstream.seen[0].path.startswith("/v1beta1/projects/our-project/locations/europe-west1/publishers/google/")


@pytest.mark.parametrize("here, there", [("vertex-2023-10-16", "2023-06-01"), ("2026-10-21", "2026-10-21")])
def test_the_version_that_the_client_chose_is_kept_in_either_place(
    site: tuple[Gateway, Provider], upstream: Provider, here: str, there: str
) -> None:
    upstream.answers[:] = [message()]
    headers = {"authorization": f"Bearer {KEY}"}
    ask = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    at_vertex = f"{site[0].url}/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:rawPredict"
    httpx.post(at_vertex, json={**ask, "anthropic_version": here}, headers=headers, timeout=20)
    assert upstream.seen[0].headers["anthropic-version"] == there
    at_anthropic = {**headers, "anthropic-version": there}
    httpx.post(f"{site[0].url}/v1/messages", json={**ask, "model": CLAUDE}, headers=at_anthropic, timeout=20)
    assert upstream.seen[1].json["anthropic_version"] == here


# -- by key, and what is wrong -------------------------------------------------------------


def test_a_key_without_a_project_serves_gemini_models_and_says_why_not_claude() -> None:
    with provider(gemini()) as upstream, gateway({"vertex": {"base-url": upstream.url, "api-key": "sk-test-v"}}) as one:
        ask = {"messages": [{"role": "user", "content": "Hi"}]}
        url, headers = f"{one.url}/v1/chat/completions", {"authorization": f"Bearer {KEY}"}
        served = httpx.post(url, json={**ask, "model": "vertex-gemini-2.5-pro"}, headers=headers, timeout=20)
        refused = httpx.post(url, json={**ask, "model": "vertex-claude-x"}, headers=headers, timeout=20)
        assert served.status_code == 200
        vendors.vertex_gemini(upstream.seen[0], "gemini-2.5-pro", False, key="sk-test-v")
        assert refused.status_code == 400 and "vertex.project" in refused.json()["error"]["message"]
        assert len(upstream.seen) == 1


def test_a_google_error_comes_back_in_the_clients_words(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    fault = {"error": {"code": 400, "message": "no such thing", "status": "INVALID_ARGUMENT"}}
    upstream.answers[:] = [whole(fault, 400)]
    ask = {"model": "vertex-gemini-2.5-pro", "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"authorization": f"Bearer {KEY}"}
    answer = httpx.post(f"{site[0].url}/v1/chat/completions", json=ask, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "no such thing")
    assert json.loads(answer.content)["error"]["type"] == "invalid_request_error"
