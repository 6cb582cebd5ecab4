"""What is recorded is read back as it was, from files that plain mitmproxy reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exchanges import PATHS, request
from mitmproxy import http, io
from mitmproxy.exceptions import FlowReadException
from mitmproxy.test import tflow
from wires import CHAT_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import recordings
from cliproxy.addons.recordings import Recorded, Tried
from cliproxy.translators.formats import FORMATS

FACTS = {
    "id": "1a2b3c4d", "began": 0.25, "asked": "claude-test", "model": "gpt-test", "provider": "openai",
    "provider_format": "openai_chat", "account": "openai-2", "status": 200, "seconds": 1.5, "lost": ["top_k"],
    "tokens": {"input": 9, "output": 2}, "attempts": [{"credential": "openai-1", "status": 429}],
}  # fmt: skip


def one(**facts: Any) -> Recorded:
    refused = http.Response.make(429, b"{}")
    answered = http.Response.make(200, b"abcd", {"content-type": "text/event-stream"})
    sent = request("POST", "/v1/chat/completions", CHAT_REQUEST)
    return Recorded(
        {**FACTS, **facts},
        request("POST", PATHS["anthropic"], {**MESSAGES_REQUEST, "stream": True}),
        http.Response.make(200, b"xyz"),
        (
            Tried(sent, refused, ((0.1, b"{}"),), 0.25, "openai-1"),
            Tried(sent.copy(), answered, ((0.5, b"ab"), (0.75, b"cd")), 0.5, "openai-2"),
        ),
    )


def seen(recorded: Recorded) -> Any:
    def said(message: http.Message | None) -> Any:
        return message and message.get_state()

    tried = [(said(t.request), said(t.response), t.chunks, t.began, t.account) for t in recorded.attempts]
    return dict(recorded.facts), said(recorded.request), said(recorded.response), tried, recorded.error


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    (found,) = recordings.load(recordings.write(tmp_path, one()))
    written = seen(one())
    assert seen(found)[0] == {**written[0], "side": "client"}
    assert [kept[2:] for kept in seen(found)[3]] == [kept[2:] for kept in written[3]]
    assert found.response and found.response.content == b"xyz"
    assert found.attempts[0].response and found.attempts[0].response.status_code == 429


def test_an_exchange_answers_what_one_asks_it(tmp_path: Path) -> None:
    (found,) = recordings.load(recordings.write(tmp_path, one()))
    assert (found.id, found.model, found.stream) == ("1a2b3c4d", MESSAGES_REQUEST["model"], True)
    assert (found.format, found.provider_format) == (FORMATS["anthropic"], FORMATS["openai_chat"])
    assert found.chunks == ((0.5, b"ab"), (0.75, b"cd"))
    assert found.last and found.last.account == "openai-2"


def test_plain_mitmproxy_sees_a_flow_for_each_side(tmp_path: Path) -> None:
    with recordings.write(tmp_path, one()).open("rb") as file:
        flows = list(io.FlowReader(file).stream())
    assert [flow.metadata["cliproxy.side"] for flow in flows] == ["client", "attempt", "provider"]
    assert flows[0].comment == (
        "claude-test → openai/gpt-test · openai-2 · 200 · 9 input + 2 output tokens · 1,500 ms · lost: top_k (client)"
    )


def test_the_name_sorts_by_time_and_an_old_file_is_never_written_over(tmp_path: Path) -> None:
    path = recordings.write(tmp_path, one())
    assert path.name == "19700101T000000.250000-1a2b3c4d.flow"
    with pytest.raises(FileExistsError):
        recordings.write(tmp_path, one())


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        recordings.write(tmp_path, one(route=object()))
    assert list(tmp_path.iterdir()) == []


def test_an_exchange_is_found_by_its_id_wherever_it_is(tmp_path: Path) -> None:
    recordings.write(tmp_path / "b", one())
    second = recordings.write(tmp_path / "a", one(id="ffff0000", began=9.0))
    joined = tmp_path / "both.flow"
    joined.write_bytes(b"".join(path.read_bytes() for path in recordings.files(tmp_path)))
    assert [found.id for found in recordings.read(joined)] == ["1a2b3c4d", "ffff0000"]
    second.unlink()
    found = recordings.find(tmp_path, "ffff0000")
    assert found and found.began == 9.0
    assert recordings.find(tmp_path, "none") is None


def test_one_that_no_provider_was_asked_for_has_no_attempt(tmp_path: Path) -> None:
    refused = Recorded({"id": "1a2b3c4d"}, request(body=CHAT_REQUEST), http.Response.make(400), error="gone")
    (found,) = recordings.load(recordings.write(tmp_path, refused))
    assert (found.attempts, found.last, found.chunks, found.error) == ((), None, (), "gone")


def test_a_flow_that_no_gateway_wrote_has_the_same_on_both_sides(tmp_path: Path) -> None:
    plain = tflow.tflow(req=request(body=CHAT_REQUEST), resp=http.Response.make(200, b"ok"))
    with (tmp_path / "plain.flow").open("wb") as file:
        io.FlowWriter(file).add(plain)
    (found,) = recordings.load(tmp_path / "plain.flow")
    assert found.id == plain.id
    assert found.last and found.last.request.content == found.request.content
    assert found.chunks == ((0.0, b"ok"),)
    assert found.provider_format is found.format is FORMATS["openai_chat"]


def test_the_demo_is_readable() -> None:
    for path in recordings.files(Path(__file__).parents[2] / "flows" / "demo"):
        (found,) = recordings.load(path)
        assert found.id == path.stem and found.provider_format and len(found.chunks) >= 1


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = recordings.write(tmp_path, one())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FlowReadException):
        recordings.load(path)
