"""What passes through and what is counted, asked by the makers' SDKs of a running gateway with scripted providers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, whole

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")
genai = pytest.importorskip("google.genai")

FILE = {
    "id": "file-abcdefgh", "object": "file", "bytes": 5, "created_at": 1, "filename": "a.jsonl", "purpose": "batch",
    "status": "processed",
}  # fmt: skip
BATCH = {
    "id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "input_file_id": "file-abcdefgh",
    "completion_window": "24h", "status": "completed", "created_at": 1, "output_file_id": "file-results1",
}  # fmt: skip
MESSAGE_BATCH = {
    "id": "msgbatch_1", "type": "message_batch", "processing_status": "in_progress",
    "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z",
    "ended_at": None, "archived_at": None, "cancel_initiated_at": None,
    "results_url": None,
    "request_counts": {"processing": 1, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0},
}  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """One scripted server plays all providers. Two accounts each, so that whose something is matters."""
    with provider(whole({})) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o1"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a1"},
            "gemini": {"base-url": upstream.url, "api-key": "sk-test-g1"},
            "qwen": {"base-url": upstream.url, "api-key": "sk-test-q1"},
            "load-balance": {"credentials": {"openai": [{"key": "sk-test-o2"}], "gemini": [{"key": "sk-test-g2"}]}},
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


@pytest.fixture
def o(site: tuple[Gateway, Provider]) -> Any:
    return openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=KEY, max_retries=0, timeout=20)


@pytest.fixture
def a(site: tuple[Gateway, Provider]) -> Any:
    return anthropic.Anthropic(base_url=site[0].url, api_key=KEY, max_retries=0, timeout=20)


@pytest.fixture
def g(site: tuple[Gateway, Provider]) -> Any:
    return genai.Client(api_key=KEY, http_options={"base_url": site[0].url})


def script(upstream: Provider, *answers: Answer) -> None:
    upstream.answers[:] = answers


def key_of(upstream: Provider, at: int = -1) -> str:
    headers = upstream.seen[at].headers
    assert not any(KEY in value for value in headers.values()), "the client's key went upstream"
    return (
        headers.get("authorization", "").removeprefix("Bearer ")
        or headers.get("x-api-key")
        or headers["x-goog-api-key"]
    )


# -- counting -----------------------------------------------------------------------------

ASK = [{"role": "user", "content": "Hello there"}]


@pytest.mark.parametrize(
    "model, path, answer",
    [
        ("claude-test", "/v1/messages/count_tokens", {"input_tokens": 42}),
        ("gemini-test", "/v1beta/models/gemini-test:countTokens", {"totalTokens": 42}),
        ("gpt-test", "/v1/responses/input_tokens", {"object": "response.input_tokens", "input_tokens": 42}),
    ],
)
def test_anthropic_counts_with_each_providers_counter(
    a: Any, upstream: Provider, model: str, path: str, answer: Any
) -> None:
    script(upstream, whole(answer))
    found = a.messages.with_raw_response.count_tokens(model=model, system="Be brief.", messages=ASK)
    assert found.parse().input_tokens == 42
    assert "x-cliproxy-estimated" not in found.headers
    assert [(seen.method, seen.path) for seen in upstream.seen] == [("POST", path)]
    assert b"Be brief." in upstream.seen[0].body and b"Hello there" in upstream.seen[0].body


def test_where_nobody_counts_it_is_estimated_and_nothing_is_generated(a: Any, upstream: Provider) -> None:
    found = a.messages.with_raw_response.count_tokens(model="qwen-test", messages=ASK)
    assert found.parse().input_tokens > 2
    assert found.headers["x-cliproxy-estimated"] == "tokens"
    assert upstream.seen == []


def test_google_counts(g: Any, upstream: Provider) -> None:
    script(upstream, whole({"totalTokens": 7, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}]}))
    assert g.models.count_tokens(model="gemini-test", contents="Hello").total_tokens == 7
    script(upstream, whole({"input_tokens": 8}))
    assert g.models.count_tokens(model="claude-test", contents="Hello").total_tokens == 8
    assert json.loads(upstream.seen[1].body)["messages"][0]["content"][0]["text"] == "Hello"


def test_openai_counts(o: Any, upstream: Provider) -> None:
    script(upstream, whole({"object": "response.input_tokens", "input_tokens": 9}))
    assert o.responses.input_tokens.count(model="gpt-test", input="Hello").input_tokens == 9
    script(upstream, whole({"input_tokens": 8}))
    assert o.responses.input_tokens.count(model="claude-test", input="Hello").input_tokens == 8


def test_a_count_that_fails_is_an_error_in_the_clients_format(a: Any, upstream: Provider) -> None:
    script(upstream, whole({"error": {"code": 400, "message": "bad part", "status": "INVALID_ARGUMENT"}}, 400))
    with pytest.raises(anthropic.BadRequestError, match="bad part"):
        a.messages.count_tokens(model="gemini-test", messages=ASK)


# -- passing through ----------------------------------------------------------------------


def test_openai_embeddings(o: Any, upstream: Provider) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}
    script(
        upstream,
        whole({"object": "list", "data": [vector], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}),
    )
    found = o.embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float")
    assert found.data[0].embedding == [0.1, 0.2]
    assert (upstream.seen[0].path, key_of(upstream)[:9]) == ("/v1/embeddings", "sk-test-o")
    assert json.loads(upstream.seen[0].body)["input"] == "x"


def test_openai_moderations_and_images(o: Any, upstream: Provider) -> None:
    script(upstream, whole({"id": "modr-1", "model": "m", "results": []}))
    assert o.moderations.create(model="omni-moderation-latest", input="x").id == "modr-1"
    script(upstream, whole({"created": 1, "data": [{"b64_json": "AAAA"}]}))
    assert o.images.generate(model="gpt-image-1", prompt="A sky").data[0].b64_json == "AAAA"
    assert [seen.path for seen in upstream.seen] == ["/v1/moderations", "/v1/images/generations"]


def test_openai_audio(o: Any, upstream: Provider) -> None:
    script(upstream, whole({"text": "hello"}))
    assert o.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF\0\r\n--")).text == "hello"
    assert b"RIFF\0\r\n--" in upstream.seen[0].body and upstream.seen[0].headers["content-type"].startswith(
        "multipart/"
    )
    script(upstream, Answer(200, (b"\0\1", b"\2\3"), "audio/mpeg"))
    assert o.audio.speech.create(model="tts-1", voice="alloy", input="hi").content == b"\0\1\2\3"


def test_openai_files_and_batches_stay_with_the_account_that_made_them(o: Any, upstream: Provider) -> None:
    script(upstream, whole(FILE))
    made = o.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
    owner = key_of(upstream)
    script(upstream, whole(BATCH))
    o.batches.create(input_file_id=made.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert o.batches.retrieve("batch_1").output_file_id == "file-results1"
    o.batches.cancel("batch_1")
    script(upstream, Answer(200, (b"line 1\n", b"line 2\n"), "application/octet-stream"))
    assert o.files.content("file-results1").content == b"line 1\nline 2\n"
    script(upstream, whole({"object": "list", "data": [FILE], "has_more": False}))
    assert [file.id for file in o.files.list()] == [made.id]
    script(upstream, whole({"id": made.id, "object": "file", "deleted": True}))
    assert o.files.delete(made.id).deleted
    assert {key_of(upstream, at) for at in range(len(upstream.seen))} == {owner}


def test_a_file_of_the_second_account_is_asked_for_there(o: Any, upstream: Provider) -> None:
    refused = whole({"error": {"message": "no", "type": "server_error", "param": None, "code": None}}, 503)
    script(upstream, refused, whole({**FILE, "id": "file-ofsecond"}))
    assert o.files.create(file=("a.jsonl", b"{}\n"), purpose="batch").id == "file-ofsecond"
    first, second = key_of(upstream, 0), key_of(upstream, 1)
    assert first != second
    script(upstream, whole({**FILE, "id": "file-ofsecond"}))
    for _ in range(3):
        o.files.retrieve("file-ofsecond")
        assert key_of(upstream) == second


def test_anthropic_batches(a: Any, upstream: Provider) -> None:
    script(upstream, whole(MESSAGE_BATCH))
    params = {"model": "claude-test", "max_tokens": 9, "messages": ASK}
    made = a.messages.batches.create(requests=[{"custom_id": "1", "params": params}])
    assert a.messages.batches.retrieve(made.id).processing_status == "in_progress"
    assert [seen.path for seen in upstream.seen] == ["/v1/messages/batches", "/v1/messages/batches/msgbatch_1"]
    assert upstream.seen[0].headers["anthropic-version"]


def test_google_embeds(g: Any, upstream: Provider) -> None:
    script(upstream, whole({"embedding": {"values": [0.1]}, "embeddings": [{"values": [0.1]}]}))
    assert g.models.embed_content(model="gemini-embedding-001", contents="x").embeddings[0].values == [0.1]
    assert key_of(upstream).startswith("sk-test-g")


def test_google_files(g: Any, upstream: Provider, site: tuple[Gateway, Provider]) -> None:
    """The file itself is sent without a key, to the address that the first answer names: it must be this gateway's."""
    url = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=u-1&upload_protocol=resumable"
    file = {"name": "files/abc-1", "uri": "https://g/v1beta/files/abc-1", "mimeType": "text/plain", "state": "ACTIVE"}
    start = whole({}, headers={"x-goog-upload-url": url, "x-goog-upload-status": "active"})
    script(upstream, start, whole({"file": file}, headers={"x-goog-upload-status": "final"}))
    made = g.files.upload(file=io.BytesIO(b"hello"), config={"mime_type": "text/plain"})
    assert made.name == "files/abc-1"
    assert [seen.path.partition("?")[0][-6:] for seen in upstream.seen] == ["/files", "/files"]
    assert (upstream.seen[1].body, key_of(upstream, 0)) == (b"hello", key_of(upstream, 1))
    script(upstream, whole(file))
    for _ in range(3):
        assert g.files.get(name="files/abc-1").name == "files/abc-1"
        assert key_of(upstream) == key_of(upstream, 0)


def test_an_error_is_the_providers_own(o: Any, upstream: Provider) -> None:
    error = {"error": {"message": "No such File object", "type": "invalid_request_error", "param": "id", "code": None}}
    script(upstream, whole(error, 404))
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        o.files.retrieve("file-nothere1")


def test_a_provider_that_does_not_speak_it_is_not_asked(o: Any, upstream: Provider) -> None:
    with pytest.raises(openai.NotFoundError, match="gemini does not serve /v1/embeddings"):
        o.embeddings.create(model="gemini-embedding-001", input="x")
    assert upstream.seen == []


def test_a_file_that_breaks_off_does_not_look_whole(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    script(upstream, Answer(200, (b"half a file",), "application/octet-stream", drop="body"))
    url, headers = f"{site[0].url}/v1/files/file-broken1/content", {"authorization": f"Bearer {KEY}"}
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url, headers=headers)
