"""The pool through the running gateway: who is asked, who is left alone, and what the client hears."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, stream, whole
from states import Valkey, valkey
from wires import CHAT_REQUEST, CONTENTS_REQUEST, MESSAGES_REQUEST, chat, chat_stream

AUTH = {"authorization": f"Bearer {KEY}"}
STREAMED = {**CHAT_REQUEST, "stream": True}
QUICK = {"connect": 1, "first-byte": 1, "whole-answer": 1, "total": 8, "idle": 6}


def config(upstream: Provider, count: int = 2, strategy: str = "fill-first", **more: Any) -> dict[str, Any]:
    keys = [{"key": f"sk-test-{number}"} for number in range(1, count + 1)]
    return {
        "openai": {"base-url": f"{upstream.url}/v1"},
        "load-balance": {"strategy": strategy, "credentials": {"openai": keys}},
        "timeouts": QUICK,
        **more,
    }


def post(one: Gateway, body: Any = CHAT_REQUEST, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{one.url}/v1/chat/completions", json=body, headers={**AUTH, **named}, timeout=30)


def tried(upstream: Provider) -> list[str]:
    return [seen.headers["authorization"].removeprefix("Bearer sk-test-") for seen in upstream.seen]


def by_key(upstream: Provider, answers: dict[str, Answer]) -> None:
    """Each key of the provider has an answer of its own."""

    def next_(seen: Any) -> Answer:
        upstream.seen.append(seen)
        return answers[seen.headers["authorization"].removeprefix("Bearer sk-test-")]

    upstream.next = next_  # type: ignore[method-assign]


def refusal(status: int, **headers: str) -> Answer:
    return whole({"error": {"message": "no"}}, status, headers={k.replace("_", "-"): v for k, v in headers.items()})


# -- nobody is asked who rests ----------------------------------------------------------------


CLASSES = {
    **{str(status): refusal(status) for status in (401, 402, 403, 408, 429, 500, 502, 503, 504, 529)},
    "dropped": Answer(drop="head"),
    "silent": Answer(200, chat().pieces, delay=3),
}
RESTING = ["401", "402", "403", "429"]
"""Those whose rest is long enough to be seen by the second request, whatever the machine's load."""


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_failover_and_then_the_resting_one_is_left_alone(name: str, body: Any) -> None:
    good = chat_stream() if "stream" in body else chat()
    with provider(good) as upstream, gateway(config(upstream)) as one, httpx.Client(headers=AUTH, timeout=20) as client:
        by_key(upstream, {"1": CLASSES[name], "2": good})
        answers = [client.post(f"{one.url}/v1/chat/completions", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert all("Hello" in answer.text for answer in answers)
        assert tried(upstream)[:2] == ["1", "2"]
        if name in RESTING:
            assert tried(upstream) == ["1", "2", "2"]
        assert "openai-1 rests for" in one.log()


def test_connection_refused_is_failed_over_too() -> None:
    with provider(chat()) as upstream:
        settings = config(upstream)
        settings["load-balance"]["credentials"]["openai"][0]["base-url"] = "http://127.0.0.1:9/v1"
        with gateway(settings) as one:
            assert [post(one).status_code for _ in range(2)] == [200, 200]
            assert "can't be reached" in one.log()


def test_a_429_storm_reaches_a_resting_account_not_once() -> None:
    with provider(chat()) as upstream, gateway(config(upstream, 3)) as one:
        by_key(upstream, {"1": refusal(429, retry_after="60"), "2": refusal(429, retry_after="60"), "3": chat()})
        assert post(one).status_code == 200
        with ThreadPoolExecutor(20) as threads:
            statuses = Counter(answer.status_code for answer in threads.map(lambda _: post(one), range(200)))
        assert statuses == {200: 200}
        assert Counter(tried(upstream)) == {"1": 1, "2": 1, "3": 201}


PATHS: dict[str, Any] = {
    "/v1/chat/completions": CHAT_REQUEST,
    "/v1/messages": {**MESSAGES_REQUEST, "model": CHAT_REQUEST["model"]},
    "/v1/responses": {"model": CHAT_REQUEST["model"], "input": "Hi"},
    f"/v1beta/models/{CHAT_REQUEST['model']}:generateContent": CONTENTS_REQUEST,
}


def test_when_all_rest_each_client_hears_it_in_its_own_format_and_nobody_is_asked() -> None:
    with provider(refusal(429, retry_after="60")) as upstream, gateway(config(upstream)) as one:
        assert post(one).status_code == 429
        asked = len(upstream.seen)
        for path, body in PATHS.items():
            answer = httpx.post(one.url + path, json=body, headers=AUTH, timeout=20)
            assert (answer.status_code, answer.headers["content-type"]) == (429, "application/json")
            assert 55 <= int(answer.headers["retry-after"]) <= 60
            error = answer.json()["error"]
            assert "openai-1 for" in error["message"] and "its rate limit is reached (429)" in error["message"]
        assert answer.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert len(upstream.seen) == asked


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_requests_own_fault_rests_nobody(status: int) -> None:
    with provider(refusal(status)) as upstream, gateway(config(upstream, strategy="round-robin")) as one:
        assert [post(one).status_code for _ in range(4)] == [status] * 4
        assert tried(upstream) == ["1", "2", "1", "2"]


def test_a_provider_that_fails_for_a_moment_is_waited_for() -> None:
    with provider(refusal(500), chat()) as upstream, gateway(config(upstream, 1)) as one:
        assert post(one).status_code == 500
        assert post(one).status_code == 200, "refused, although a second would have done"


# -- other models -------------------------------------------------------------------------------


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-real",
    "content": [{"type": "text", "text": "Hello from Claude"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 4},
}


def message_stream() -> Answer:
    events = [
        {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello from Claude"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
        {"type": "message_stop"},
    ]
    return stream(*(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events))


@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_another_providers_model_answers_when_the_own_credentials_are_spent(body: Any) -> None:
    other = message_stream() if "stream" in body else whole(MESSAGE)
    with provider(refusal(429, retry_after="60")) as upstream, provider(other) as claude:
        settings = config(
            upstream,
            anthropic={"base-url": claude.url, "api-key": "sk-test-claude"},
            fallbacks={CHAT_REQUEST["model"]: ["claude-real"]},
        )
        with gateway(settings) as one:
            answers = [post(one, body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert all("Hello from Claude" in answer.text for answer in answers)
        assert {answer.headers["x-cliproxy-model"] for answer in answers} == {"claude-real"}
        assert tried(upstream) == ["1", "2"], "at rest they are not asked again"
        assert {seen.json["model"] for seen in claude.seen} == {"claude-real"}
        assert {seen.headers["x-api-key"] for seen in claude.seen} == {"sk-test-claude"}
        assert all("sk-test-1" not in str(seen.headers) for seen in claude.seen)


def test_a_model_of_the_same_provider_is_named_in_the_clients_own_bytes() -> None:
    with provider(refusal(429, retry_after="60"), chat()) as upstream:
        settings = config(upstream, 1, fallbacks={CHAT_REQUEST["model"]: ["gpt-other"]})
        own = CHAT_REQUEST["model"].encode()
        raw = b'{ "messages":[ {"role":"user","content":"Hi"} ],\n "model" : "%s", "x": 1.0 }' % own
        with gateway(settings) as one:
            answer = httpx.post(f"{one.url}/v1/chat/completions", content=raw, headers=AUTH, timeout=20)
        assert (answer.status_code, answer.headers["x-cliproxy-model"]) == (200, "gpt-other")
        assert [seen.body for seen in upstream.seen] == [raw, raw.replace(own, b"gpt-other")]


# -- names of the user's own ----------------------------------------------------------------------


ALIASED = {**CHAT_REQUEST, "model": "fast"}


def test_an_alias_changes_the_models_name_and_no_other_byte() -> None:
    message = b'{"role":"assistant","content":"\\u0048i \\"model\\":\\"gpt-real-2030\\""}'
    said = b'{ "model" : "gpt-real-2030", "choices":[{"index":0,"message":%s}], "y":1.0 }' % message
    raw = b'{"model":"fast" ,"messages":[{"role":"user","content":"\\"model\\":\\"fast\\""}]}'
    with provider(whole(said)) as upstream, gateway(config(upstream, models={"fast": "openai/gpt-real"})) as one:
        answer = httpx.post(f"{one.url}/v1/chat/completions", content=raw, headers=AUTH, timeout=20)
        assert upstream.seen[0].body == raw.replace(b'"fast" ', b'"gpt-real" ')
        assert answer.content == said.replace(b'"gpt-real-2030", ', b'"fast", ')
        assert answer.headers["x-cliproxy-model"] == "gpt-real"


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_alias_in_a_stream_however_it_is_cut(size: int) -> None:
    said = b"".join(chat_stream().pieces)
    named = json.loads(said.split(b"data: ")[1].split(b"\n")[0])["model"].encode()
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    with provider(stream(*pieces)) as upstream, gateway(config(upstream, models={"fast": "openai/gpt-real"})) as one:
        answer = post(one, {**ALIASED, "stream": True})
        assert answer.content == said.replace(b'"%s"' % named, b'"fast"')
        assert b"fast" in answer.content


def test_an_alias_across_formats_is_what_the_client_sees() -> None:
    aliases = {"smart": "openai/gpt-real"}
    for answer, streamed in ((chat(), False), (chat_stream(), True)):
        with provider(answer) as upstream, gateway(config(upstream, models=aliases)) as one:
            body = {**MESSAGES_REQUEST, "model": "smart", "stream": streamed}
            told = httpx.post(f"{one.url}/v1/messages", json=body, headers=AUTH, timeout=20)
            assert '"model":"smart"' in told.text.replace(" ", "") and "Hello" in told.text
            assert upstream.seen[0].json["model"] == "gpt-real"


# -- conversations ---------------------------------------------------------------------------------


def test_a_conversation_stays_on_its_credential_and_moves_when_that_fails() -> None:
    with provider(chat()) as upstream, gateway(config(upstream, 4, "round-robin")) as one:
        for session in ("a", "b", "c", "d"):
            for _ in range(3):
                assert post(one, session_id=session).status_code == 200
        assert tried(upstream) == ["1"] * 3 + ["2"] * 3 + ["3"] * 3 + ["4"] * 3
        upstream.seen.clear()
        by_key(upstream, {"1": refusal(429, retry_after="60"), **dict.fromkeys("234", chat())})
        assert [post(one, session_id="a").status_code for _ in range(3)] == [200] * 3
        assert tried(upstream)[0] == "1"
        assert len(set(tried(upstream)[1:])) == 1, "it has moved, and stays there"


# -- quotas, proxies -------------------------------------------------------------------------------


def test_a_credential_whose_quota_is_used_up_rests_also_after_a_restart(tmp_path: Path) -> None:
    with provider(chat()) as upstream:
        settings = config(upstream)
        settings["load-balance"]["credentials"]["openai"][0]["quota"] = 1
        for expected in (["1", "2"], ["2"]):
            with gateway(settings, environ={"HOME": str(tmp_path)}) as one:
                for _ in expected:
                    post(one)
                assert tried(upstream) == expected
                upstream.seen.clear()


class Proxy:
    """An HTTP proxy that tunnels what it is asked to, and keeps what it was asked."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.heads = status, list[str]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.heads.append(head.decode())
        if self.status == 0:
            return time.sleep(5)
        client.sendall(b"HTTP/1.1 %d x\r\n\r\n" % self.status)
        if self.status != 200:
            return client.close()
        host, port = self.heads[-1].split()[1].split(":")
        server = socket.create_connection((host, int(port)))
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=self._copy, args=(one, other), daemon=True).start()
        return None

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._listener.close()


def proxied(upstream: Provider, *proxies: str) -> dict[str, Any]:
    settings = config(upstream, len(proxies))
    for entry, proxy in zip(settings["load-balance"]["credentials"]["openai"], proxies, strict=True):
        entry["proxy"] = proxy
    return settings


@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_each_credential_goes_through_its_own_proxy_with_its_own_login(body: Any) -> None:
    one_proxy, other = Proxy(), Proxy()
    answer = chat_stream() if "stream" in body else chat()
    with provider(answer) as upstream:
        by_key(upstream, {"1": refusal(429), "2": answer})
        logins = f"http://user:sk-test-pass@127.0.0.1:{one_proxy.port}", f"http://127.0.0.1:{other.port}"
        with gateway(proxied(upstream, *logins)) as one:
            with httpx.Client(headers=AUTH, timeout=20) as client:
                for _ in range(2):
                    told = client.post(f"{one.url}/v1/chat/completions", json=body)
                    assert told.status_code == 200 and "Hello" in told.text
            assert "sk-test-pass" not in one.log()
        assert tried(upstream) == ["1", "2", "2"]
        assert len(one_proxy.heads) == 1 and "Basic dXNlcjpzay10ZXN0LXBhc3M=" in one_proxy.heads[0]
        assert one_proxy.heads[0].startswith(f"CONNECT {upstream.url.removeprefix('http://')} HTTP/1.1")
        assert other.heads and "authorization" not in "".join(other.heads).lower()
        assert all("proxy-authorization" not in seen.headers for seen in upstream.seen)
    one_proxy.close()
    other.close()


@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_a_provider_that_is_silent_behind_a_proxy_is_left_and_nothing_of_it_comes_later(body: Any) -> None:
    proxies, good = [Proxy(), Proxy()], chat_stream() if "stream" in body else chat()
    with provider(good) as upstream:
        by_key(upstream, {"1": Answer(200, good.pieces, good.content_type, delay=3), "2": good})
        settings = proxied(upstream, *(f"http://127.0.0.1:{proxy.port}" for proxy in proxies))
        with gateway(settings) as one, httpx.Client(headers=AUTH, timeout=20) as client:
            answers = [client.post(f"{one.url}/v1/chat/completions", json=body) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200] * 3
            assert all(answer.text == answers[0].text for answer in answers)
            assert "Traceback" not in one.log()
    for proxy in proxies:
        proxy.close()


@pytest.mark.parametrize("status", [407, 502, 0], ids=["wants a login", "can't connect", "is silent"])
def test_a_proxy_that_does_not_work_is_left_for_another_credential(status: int) -> None:
    broken, working = Proxy(status), Proxy()
    with provider(chat()) as upstream:
        urls = (f"http://127.0.0.1:{proxy.port}" for proxy in (broken, working))
        with gateway(proxied(upstream, *urls)) as one:
            assert [post(one).status_code for _ in range(2)] == [200, 200]
            assert "Traceback" not in one.log()
        assert tried(upstream) == ["2", "2"]
    broken.close()
    working.close()


# -- several gateways ---------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    with valkey(tmp_path) as running:
        yield running


def test_two_gateways_on_one_server_share_turns_rests_and_conversations(server: Valkey) -> None:
    with provider(chat()) as upstream:
        settings = config(upstream, 4, "round-robin", state={"url": server.url})
        with gateway(settings) as one, gateway(settings) as other:
            for n in range(8):
                post((one, other)[n % 2])
            assert tried(upstream) == ["1", "2", "3", "4"] * 2
            upstream.seen.clear()
            post(one, session_id="s")
            post(other, session_id="s")
            assert tried(upstream) == ["1", "1"]
            by_key(upstream, {"1": refusal(429, retry_after="60"), **dict.fromkeys("234", chat())})
            assert post(one, session_id="s").status_code == 200
            upstream.seen.clear()
            for n in range(9):
                assert post((one, other)[n % 2]).status_code == 200
            assert "1" not in tried(upstream)


def test_killing_the_server_in_mid_load_loses_no_request_and_it_is_used_again(server: Valkey) -> None:
    with provider(chat()) as upstream:
        settings = config(upstream, 4, "round-robin", state={"url": server.url})
        with gateway(settings) as one, gateway(settings) as other, ThreadPoolExecutor(8) as threads:
            futures = [threads.submit(post, (one, other)[n % 2]) for n in range(300)]
            while sum(future.done() for future in futures) < 80:
                time.sleep(0.01)
            server.stop()
            while sum(future.done() for future in futures) < 200:
                time.sleep(0.01)
            server.start()
            assert Counter(future.result().status_code for future in futures) == {200: 300}
            deadline = time.monotonic() + 15
            while not all(f"The state in 127.0.0.1:{server.port} is back" in g.log() for g in (one, other)):
                assert time.monotonic() < deadline, one.log() + other.log()
                time.sleep(0.1)
            assert one.log().count("can't be used") == 1 or other.log().count("can't be used") == 1
            upstream.seen.clear()
            by_key(upstream, {"1": refusal(429, retry_after="60"), **dict.fromkeys("234", chat())})
            for _ in range(4):
                post(one)
            upstream.seen.clear()
            assert [post(other).status_code for _ in range(8)] == [200] * 8
            assert "1" not in tried(upstream), "what one learned after the return, the other knows"


def test_a_gateway_that_is_killed_leaves_a_whole_file_and_its_rests(tmp_path: Path) -> None:
    with provider(chat()) as upstream:
        by_key(upstream, {"1": refusal(429, retry_after="600"), "2": chat(), "3": chat()})
        asked = []
        for _ in range(4):
            settings = config(upstream, 3, "round-robin")
            with gateway(settings, environ={"HOME": str(tmp_path)}) as one, ThreadPoolExecutor(4) as threads:
                futures = [threads.submit(post, one) for _ in range(40)]
                while sum(future.done() for future in futures) < 15:
                    time.sleep(0.01)
                one.process.kill()
                for future in futures:
                    with contextlib.suppress(httpx.HTTPError):
                        future.result()
            with contextlib.closing(sqlite3.connect(tmp_path / ".cli-proxy-api" / "state.db")) as file:
                assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            asked.append(Counter(tried(upstream))["1"])
        assert asked[0] and len(set(asked)) == 1, "what rests is known after the kill"


def test_workers_share_what_rests() -> None:
    with provider(chat()) as upstream:
        by_key(upstream, {"1": refusal(429, retry_after="60"), "2": chat()})
        with gateway(config(upstream), "--workers", "2") as one:
            for _ in range(12):
                assert post(one).status_code == 200  # a connection each: the system deals them out
        assert Counter(tried(upstream)) == {"1": 1, "2": 12}
