"""What passes through: bytes as they come, headers that concern the client, and who owns what was made."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from exchanges import begun, flow
from mitmproxy import http

from cliproxy.addons.exchange import AttemptRecord, Exchange, Recording, Sent
from cliproxy.addons.owners import Owner, Owners, of_upload
from cliproxy.addons.pass_through import READ, Carried, PassThrough, asked_for
from cliproxy.addons.state.store import MemoryStore

JSON = {"content-type": "application/json"}


def addon() -> PassThrough:
    store = MemoryStore(lambda: 0.0)
    return PassThrough(Owners(lambda: store))


def answered(
    one: http.HTTPFlow, call: Exchange, addon: PassThrough, body: bytes, headers: Any = (), status: int = 200
) -> bytes:
    one.response = http.Response.make(status, b"")
    one.response.headers.update(headers)
    call.credential = None
    call.attempts.append(AttemptRecord("openai-2", "openai", status, 0.1))
    asyncio.run(addon.responseheaders(one))
    stream = one.response.stream
    if not stream:
        one.response.data.content = body
    passed = b"".join(stream(body) + stream(b"")) if isinstance(stream, Carried) else b""
    asyncio.run(addon.response(one))
    return passed


def test_the_body_is_carried_and_only_its_start_kept() -> None:
    one = flow("GET", "/v1/files/file-1/content")
    call = begun(one)
    call.recording = Recording([Sent(call.sent)])
    body = b"x" * (READ + 1)
    assert answered(one, call, addon(), body, {"Content-Length": str(len(body)), "set-cookie": "a=b"}) == body
    assert one.response and one.response.headers["content-length"] == str(len(body))
    assert "set-cookie" not in one.response.headers
    assert call.notes["answer"].startswith(f"{READ + 1} bytes, sha256 ")
    assert call.recording.answered == []


def test_a_short_answer_is_recorded() -> None:
    one = flow("POST", "/v1/embeddings", {"model": "gpt-test", "input": "x"})
    call = begun(one)
    call.recording = Recording([Sent(call.sent)])
    answered(one, call, addon(), b'{"data":[]}')
    assert call.recording.answered == [b'{"data":[]}']


def test_an_error_is_not_streamed_so_that_another_account_can_be_asked() -> None:
    one = flow("POST", "/v1/embeddings", {"model": "gpt-test", "input": "x"})
    answered(one, begun(one), addon(), b"", status=429)
    assert one.response and not one.response.stream


def test_what_was_made_is_asked_for_at_its_maker() -> None:
    one, made_by = addon(), flow("POST", "/v1/files", b"...", {"content-type": "text/plain"})
    answered(made_by, begun(made_by), one, json.dumps({"id": "file-abcdefgh"}).encode(), JSON)
    assert made_by.response and not made_by.response.stream, "what was made is known before the client is told"
    for later in (
        flow("GET", "/v1/files/file-abcdefgh/content"),
        flow("POST", "/v1/batches", {"input_file_id": "file-abcdefgh"}),
        flow("POST", "/v1/chat/completions", {"model": "gpt-test", "messages": [{"file_id": "file-abcdefgh"}]}),
    ):
        call = begun(later)
        asyncio.run(one.request(later))
        assert call.pinned == "openai-2"
    other = flow("POST", "/v1/messages", {"model": "claude-test", "messages": [{"file_id": "file-abcdefgh"}]})
    call = begun(other)
    asyncio.run(one.request(other))
    assert call.pinned == "", "another provider can't be pinned to OpenAI's account"


def test_what_one_client_had_made_is_no_other_clients() -> None:
    one = addon()
    for id, client in (("file-mine0000", "tester"), ("file-theirs00", "another")):
        asyncio.run(one._owners.remember([id], Owner("openai", "openai-2", client), 0.0))
    for id, status in (("file-mine0000", None), ("file-theirs00", 404)):
        later = flow("GET", f"/v1/files/{id}/content")
        begun(later)
        asyncio.run(one.request(later))
        assert (later.response and later.response.status_code) == status


def test_an_upload_is_known_by_its_id() -> None:
    call = begun(flow("POST", "/upload/v1beta/files?upload_id=u1&upload_protocol=resumable", b"x"))
    assert asked_for(call)[:2] == ["", of_upload("u1")]


def test_where_a_file_shall_be_sent_is_here() -> None:
    one, start = addon(), flow("POST", "/upload/v1beta/files", {}, {"host": "gateway:8317"})
    url = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=u1&upload_protocol=resumable"
    answered(start, begun(start), one, b"", {"x-goog-upload-url": url})
    assert start.response
    own = "http://gateway:8317/upload/v1beta/files?upload_id=u1&upload_protocol=resumable"
    assert start.response.headers["x-goog-upload-url"] == own
    assert asyncio.run(one._owners.of([of_upload("u1")])) == Owner("gemini", "openai-2", "tester")
