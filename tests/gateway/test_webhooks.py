"""Webhooks of a running gateway: what is told, and that nobody ever waits for an endpoint."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from running import KEY, Gateway, gateway
from scripted import provider, whole
from wires import CHAT_REQUEST, chat

SECRET = "sk-test-management"
REQUESTS, CLIENTS = 1200, 4


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Takes every connection, and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(128)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"


def config(upstream: str, *hooks: dict[str, Any]) -> dict[str, Any]:
    return {
        "openai": {"base-url": f"{upstream}/v1", "api-key": "sk-test-o"},
        "remote-management": {"secret-key": SECRET},
        "webhooks": list(hooks),
    }


def ask(one: Gateway, count: int) -> list[int]:
    with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=60) as client:
        return [client.post(f"{one.url}/v1/chat/completions", json=CHAT_REQUEST).status_code for _ in range(count)]


def waiting(one: Gateway) -> int:
    text = httpx.get(f"{one.url}/metrics", headers={"x-management-key": SECRET}, timeout=20).text
    match = re.search(r"^cliproxy_webhooks_waiting\{.*\} (\d+)$", text, re.MULTILINE)
    assert match, text
    return int(match[1])


def test_more_than_a_thousand_events_to_an_endpoint_that_never_answers() -> None:
    """All are answered before it has taken a single event, so none has waited for it; and the queue has its end."""
    with silent() as url, provider(chat()) as upstream, gateway(config(upstream.url, {"url": url})) as one:
        with ThreadPoolExecutor(CLIENTS) as threads:
            answers = [threads.submit(ask, one, REQUESTS // CLIENTS) for _ in range(CLIENTS)]
            assert {status for answer in answers for status in answer.result()} == {200}
        assert waiting(one) == 1000
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
        assert "Traceback" not in one.log()


def test_what_is_told_to_whom() -> None:
    bad = whole({"error": {"message": "no such thing", "type": "invalid_request_error"}}, 400)
    with provider(chat(), bad, chat()) as upstream, provider(whole({})) as every, provider(whole({})) as failures:
        hooks = {"url": every.url}, {"url": failures.url, "events": ["request.failed"], "secret": "sk-test-signing"}
        with gateway(config(upstream.url, *hooks)) as one:
            assert ask(one, 3) == [200, 400, 200]
            deadline = time.monotonic() + 20
            while len(every.seen) < 3 or not failures.seen:
                assert time.monotonic() < deadline
                time.sleep(0.02)
    types = ["request.completed", "request.failed", "request.completed"]
    assert [seen.json["type"] for seen in every.seen] == types
    assert [seen.json["type"] for seen in failures.seen] == ["request.failed"]
    data = every.seen[0].json["data"]
    assert (data["client"], data["account"], data["input_tokens"]) == ("key-1", "openai-1", 9)
    assert "webhook-signature" in failures.seen[0].headers and "webhook-signature" not in every.seen[0].headers
