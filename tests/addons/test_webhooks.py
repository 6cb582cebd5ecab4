"""Webhooks: who is told what, how it is signed, and what happens while nobody listens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from itertools import pairwise

import pytest
from scripted import Answer, provider, whole

from cliproxy.addons import webhooks
from cliproxy.addons.redact import Redactor
from cliproxy.addons.settings import Webhook
from cliproxy.addons.webhooks import Webhooks, signature

OK = whole({})


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


def made(*endpoints: Webhook, redactor: Redactor | None = None) -> Webhooks:
    one = Webhooks()
    one.listen(endpoints, redactor or Redactor())
    return one


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BACKOFF", (0.01, 0.02))
    monkeypatch.setattr(webhooks, "FLUSH", 0.5)


async def test_only_those_that_asked_are_told() -> None:
    with provider(OK) as failed, provider(OK) as every:
        one = made(Webhook(failed.url, ("request.failed",)), Webhook(every.url))
        assert one.wants("request.completed") and not made(Webhook("http://x", ("request.failed",))).wants("other")
        one.tell("request.completed", {"id": "a"})
        one.tell("request.failed", {"id": "b"})
        await until(lambda: len(every.seen) == 2 and len(failed.seen) == 1)
        assert [seen.json["data"]["id"] for seen in every.seen] == ["a", "b"]
        assert failed.seen[0].json["type"] == "request.failed"
        await one.done()


async def test_the_signature_is_that_of_standard_webhooks() -> None:
    with provider(OK) as listener:
        one = made(Webhook(listener.url, secret="sk-test-signing"))
        one.tell("request.completed", {"id": "a"})
        await until(lambda: bool(listener.seen))
        seen = listener.seen[0]
        signed = f"{seen.headers['webhook-id']}.{seen.headers['webhook-timestamp']}.".encode() + seen.body
        expected = base64.b64encode(hmac.new(b"sk-test-signing", signed, hashlib.sha256).digest()).decode()
        assert seen.headers["webhook-signature"] == f"v1,{expected}"
        await one.done()


def test_a_secret_in_base64() -> None:
    key = b"24 bytes of a signing key"
    spelled = "whsec_" + base64.b64encode(key).decode()
    expected = base64.b64encode(hmac.new(key, b"msg_1.5.{}", hashlib.sha256).digest()).decode()
    assert signature(spelled, "msg_1", 5, b"{}") == f"v1,{expected}"


async def test_content_only_where_asked_for_and_secrets_nowhere() -> None:
    with provider(OK) as plain, provider(OK) as full:
        redactor = Redactor(["sk-test-provider-key"])
        one = made(Webhook(plain.url), Webhook(full.url, include_content=True), redactor=redactor)
        one.tell("request.failed", {"error": "bad key sk-test-provider-key"}, {"request": "what was said"})
        await until(lambda: bool(plain.seen and full.seen))
        assert b"what was said" not in plain.seen[0].body and b"what was said" in full.seen[0].body
        assert b"sk-test-provider-key" not in plain.seen[0].body + full.seen[0].body
        await one.done()


async def test_failures_are_retried_with_the_same_id_and_in_order() -> None:
    with provider(Answer(503), Answer(drop="head"), OK) as listener:
        one = made(Webhook(listener.url))
        one.tell("request.completed", {"n": 1})
        one.tell("request.completed", {"n": 2})
        await until(lambda: len(listener.seen) == 4)
        assert [seen.json["data"]["n"] for seen in listener.seen] == [1, 1, 1, 2]
        assert len({seen.headers["webhook-id"] for seen in listener.seen[:3]}) == 1
        await one.done()


async def test_a_refusal_is_not_retried(caplog: pytest.LogCaptureFixture) -> None:
    with provider(Answer(404), OK) as listener:
        one = made(Webhook(f"{listener.url}/a-secret-path"))
        one.tell("request.completed", {"n": 1})
        one.tell("request.completed", {"n": 2})
        await until(lambda: len(listener.seen) == 2)
        assert [seen.json["data"]["n"] for seen in listener.seen] == [1, 2]
        assert "status 404" in caplog.text and "a-secret-path" not in caplog.text
        await one.done()


async def test_a_dead_endpoint_is_given_up_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BACKOFF", (60.0,))
    one = made(Webhook("http://127.0.0.1:9/"))
    for number in range(3 * webhooks.QUEUE):
        one.tell("request.completed", {"n": number})
    assert one.waiting() == webhooks.QUEUE
    await until(lambda: one._endpoints[0]._failing)
    await one.done()
    assert one.waiting() == webhooks.QUEUE


async def test_large_events_are_bounded_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BACKOFF", (60.0,))
    monkeypatch.setattr(webhooks, "QUEUE_BYTES", 10_000)
    one = made(Webhook("http://127.0.0.1:9/", include_content=True))
    for number in range(50):
        one.tell("request.completed", {"n": number}, {"request": "x" * 1000})
    assert one.waiting() == 9
    one.tell("request.completed", {"n": 50}, {"request": "x" * 20_000})
    assert one.waiting() == 0
    await one.done()


async def test_what_waits_is_sent_at_the_end() -> None:
    with provider(OK) as listener:
        one = made(Webhook(listener.url))
        for number in range(20):
            one.tell("request.completed", {"n": number})
        await one.done()
        assert len(listener.seen) == 20


async def test_a_new_configuration_keeps_what_waits() -> None:
    with provider(OK) as listener:
        hook = Webhook(listener.url)
        one = made(hook)
        one.tell("request.completed", {"n": 1})
        one.listen([Webhook("http://127.0.0.1:9/"), hook], Redactor())
        await until(lambda: bool(listener.seen))
        times = [int(seen.headers["webhook-timestamp"]) for seen in listener.seen]
        assert all(earlier <= later for earlier, later in pairwise(times))
        await one.done()
