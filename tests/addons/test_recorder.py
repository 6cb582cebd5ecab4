"""An exchange becomes a pair of flows that plain mitmproxy reads, and no secret is in any byte of it."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from exchanges import PATHS, begun, flow
from mitmproxy import flow as flows
from mitmproxy import http, io
from wires import CHAT_REQUEST

from cliproxy.addons import exchange
from cliproxy.addons.exchange import AttemptRecord, Exchange, Sent
from cliproxy.addons.recorder import Recorder
from cliproxy.addons.redact import Redactor
from cliproxy.translators import ir

CLIENT, PROVIDER, UNKNOWN = "sk-test-client/+key", "sk-test-provider-key", "sk-test-unknown"
CLIENT_QUOTED = "sk-test-client%2F%2Bkey"
BODY = {**CHAT_REQUEST, "messages": [{"role": "user", "content": f"my keys are {CLIENT} and {PROVIDER}"}]}
HEADERS = {"authorization": f"Bearer {UNKNOWN}", "x-api-key": CLIENT, "cookie": f"s={UNKNOWN}", "x-note": CLIENT}
PIECES = (b'data: {"a":1}\n\n', b"data: {}\n\n", b"data: [DONE]\n\n")


def made(folder: Path | None, log: Path | None = None) -> Recorder:
    one = Recorder()
    one.folder, one.request_log, one.redactor = folder, log, Redactor([CLIENT, PROVIDER])
    return one


def recorded(
    folder: Path, answer: http.Response, pieces: tuple[bytes, ...], answered: tuple[bytes, ...] = ()
) -> Exchange:
    """One exchange, from the request to the end of the answer."""
    one, writer = flow("POST", f"{PATHS['openai_chat']}?key={UNKNOWN}&x={CLIENT_QUOTED}", BODY, HEADERS), made(folder)
    call = begun(one)
    writer.request(one)
    assert call.recording
    one.request.headers = http.Headers([(b"authorization", f"Bearer {PROVIDER}".encode())])
    one.request.url = "https://a.test/v1/chat/completions"
    received = [(100.5 + n, piece) for n, piece in enumerate(pieces)]
    call.recording.attempts.append(Sent(one.request.copy(), "openai-1", 100.0, answer.copy(), received))
    call.recording.answered = list(answered)
    call.attempts.append(AttemptRecord("openai-1", "openai", 200, 0.5))
    call.lost = ["seed"]
    one.response = answer
    writer.response(one)
    return call


def read(folder: Path) -> list[http.HTTPFlow]:
    (path,) = folder.glob("*.flow")
    with path.open("rb") as file:
        found = list(io.FlowReader(file).stream())
    assert all(isinstance(one, http.HTTPFlow) for one in found)
    return found  # type: ignore[return-value]


def stream() -> http.Response:
    return http.Response.make(200, b"", {"content-type": "text/event-stream", "set-cookie": f"s={UNKNOWN}"})


def test_a_recording_is_a_pair_of_flows(tmp_path: Path) -> None:
    call = recorded(tmp_path, stream(), PIECES, (b"translated ", b"answer"))
    client, provider = read(tmp_path)
    shared = {
        "cliproxy.client": "tester",
        "cliproxy.id": call.id,
        "cliproxy.began": call.began,
        "cliproxy.format": "openai_chat",
        "cliproxy.route": "the beginning of its name, as openai's models are called",
        "cliproxy.asked": "gpt-test",
        "cliproxy.model": "gpt-test",
        "cliproxy.provider": "openai",
        "cliproxy.provider_format": "openai_chat",
        "cliproxy.account": "openai-1",
        "cliproxy.stream": False,
        "cliproxy.same": True,
        "cliproxy.status": 200,
        "cliproxy.tokens": {},
        "cliproxy.lost": ["seed"],
        "cliproxy.attempts": [
            {"credential": "openai-1", "provider": "openai", "status": 200, "seconds": 0.5, "failure": "", "model": ""}
        ],
    }
    times = {name: client.metadata.pop(f"cliproxy.{name}") for name in ("seconds", "first_byte")}
    assert {name: provider.metadata.pop(f"cliproxy.{name}") for name in times} == times
    assert client.metadata == {**shared, "cliproxy.side": "client"}
    chunks = [[0.5, len(PIECES[0])], [1.5, len(PIECES[1])], [2.5, len(PIECES[2])]]
    own = {"side": "provider", "chunks": chunks, "attempt_began": 100.0, "attempt_account": "openai-1"}
    assert provider.metadata == {**shared, **{f"cliproxy.{name}": value for name, value in own.items()}}
    comments = client.comment.rpartition(" (")[2], provider.comment.rpartition(" (")[2]
    assert comments == ("client)", "provider)")
    assert client.response and provider.response
    assert (client.response.content, provider.response.content) == (b"translated answer", b"".join(PIECES))
    assert (client.request.path.partition("?")[0], provider.request.host) == (PATHS["openai_chat"], "a.test")


@pytest.mark.parametrize("packed", [False, True])
def test_no_secret_is_in_any_byte(tmp_path: Path, packed: bool) -> None:
    said = f'{{"echo":"{CLIENT} {PROVIDER} {CLIENT_QUOTED}"}}'.encode()
    answer = stream()
    if packed:
        answer.headers["content-encoding"] = "gzip"
        said = gzip.compress(said)
    recorded(tmp_path, answer, (said,), (said,))
    (path,) = tmp_path.glob("*.flow")
    data = path.read_bytes()
    for secret in (CLIENT, CLIENT_QUOTED, PROVIDER, UNKNOWN):
        assert secret.encode() not in data
    for one in read(tmp_path):
        assert one.response
        assert one.response.content == b'{"echo":"[redacted] [redacted] [redacted]"}'


def test_a_whole_answer_that_was_unpacked_on_the_way_is_readable(tmp_path: Path) -> None:
    head = http.Response.make(200)
    head.headers["content-encoding"] = "gzip"
    recorded(tmp_path, head, (b'{"plain":1}',))
    provider = read(tmp_path)[1]
    assert provider.response and provider.response.content == b'{"plain":1}'


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    recorded(folder, stream(), PIECES)
    (path,) = folder.glob("*.flow")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_connections_leave_no_address(tmp_path: Path) -> None:
    recorded(tmp_path, stream(), PIECES)
    for one in read(tmp_path):
        assert (one.client_conn.peername, one.server_conn.address) == (("", 0), None)


def test_an_exchange_that_no_attempt_was_made_for_has_the_clients_side_only(tmp_path: Path) -> None:
    one, writer = flow(body=CHAT_REQUEST), made(tmp_path)
    begun(one)
    writer.request(one)
    one.response = http.Response.make(400, b"{}")
    writer.response(one)
    (client,) = read(tmp_path)
    assert client.response and client.response.status_code == 400


def test_a_client_that_left_is_recorded_with_the_error(tmp_path: Path) -> None:
    one, writer = flow(body=CHAT_REQUEST), made(tmp_path)
    begun(one)
    writer.request(one)
    one.error = flows.Error("Client disconnected.")
    writer.error(one)
    (client,) = read(tmp_path)
    assert client.response is None
    assert client.error and client.error.msg == "Client disconnected."


def test_nothing_is_kept_or_written_unless_asked_for(tmp_path: Path) -> None:
    one, writer = flow(body=CHAT_REQUEST), made(None)
    call = begun(one)
    writer.request(one)
    writer.response(one)
    assert call.recording is None
    stranger, writer = flow(), made(tmp_path)
    writer.request(stranger)
    writer.response(stranger)
    writer.error(stranger)
    assert exchange.of(stranger) is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_line_in_the_log_and_no_failed_request(tmp_path: Path, caplog: Any) -> None:
    (tmp_path / "file").write_text("")
    one, writer = flow(body=CHAT_REQUEST), made(tmp_path / "file" / "below")
    call = begun(one)
    writer.request(one)
    writer.response(one)
    assert f"The exchange {call.id} could not be recorded" in caplog.text


def test_the_request_log_is_a_line_an_exchange_without_content_or_secret(tmp_path: Path) -> None:
    log = tmp_path / "below" / "requests.log"
    for status in (200, None):
        one, writer = flow(body=BODY, headers=HEADERS), made(None, log)
        call = begun(one)
        call.client = f"name {PROVIDER}"
        call.attempts.append(AttemptRecord("openai-1", "openai", 200, 0.5))
        call.answer = ir.Response("", "", None, (), ir.Finish("stop", ir.Usage(9, 2)) if status else None)
        one.response = http.Response.make(status, b"secret answer") if status else None
        writer.response(one)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines] == [200, 499]
    first = lines[0]
    assert first.pop("time").endswith("+00:00")
    assert first.pop("seconds") >= 0
    assert len(first.pop("flow")) == 36 and len(first.pop("id")) == 8
    assert first == {
        "client": "name [redacted]",
        "format": "openai_chat",
        "model": "gpt-test",
        "provider": "openai",
        "account": "openai-1",
        "partial": False,
        "stream": False,
        "status": 200,
        "attempts": ["openai-1: 200 after 0.50 s"],
        "input_tokens": 9,
        "output_tokens": 2,
        "cache_read_tokens": None,
        "cache_write_tokens": None,
        "reasoning_tokens": None,
        "lost": [],
    }
    assert lines[1]["input_tokens"] is None
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
