"""Signed-in accounts in a running gateway, with a real authorization server and a scripted provider."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from authorization_server import Server, authorization_server
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import RSAKey
from running import KEY, Gateway, free_port, gateway
from scripted import Answer, Provider, Seen, provider, whole
from wires import CHAT_REQUEST, chat

from cliproxy.addons.accounts import token_files

HEADERS = {"authorization": f"Bearer {KEY}"}
REQUEST = {**CHAT_REQUEST, "model": "qwen-test"}
MANAGEMENT = "sk-test-management-key"


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server(free_port()) as one:
        yield one


@pytest.fixture
def upstream() -> Iterator[Provider]:
    with provider(chat()) as one:
        yield one


@pytest.fixture
def auths(tmp_path: Path) -> Path:
    (tmp_path / "auths").mkdir()
    return tmp_path / "auths"


@pytest.fixture
def config(auths: Path, server: Server, upstream: Provider) -> dict[str, Any]:
    """Qwen accounts are let in at the scripted provider, and sign in at the authorization server."""
    return {
        "auth": {"dir": str(auths), "api-keys": [KEY]},
        "doors": {"qwen-portal": {"base-url": f"{upstream.url}/v1"}},
        "oauth": {"qwen": device_only(server.settings()), "openai": server.settings()},
        "remote-management": {"secret-key": MANAGEMENT},
    }


def device_only(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in ("authorization-url", "redirect-url")}


def until(true: Callable[[], Any], running: Gateway) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, running.log()
        time.sleep(0.05)


def post(running: Gateway) -> httpx.Response:
    return httpx.post(f"{running.url}/v1/chat/completions", json=REQUEST, headers=HEADERS, timeout=30)


def bearer(upstream: Provider) -> list[str]:
    return [seen.headers["authorization"].removeprefix("Bearer ") for seen in upstream.seen]


def put(path: Path, fields: dict[str, Any]) -> None:
    token_files.write(path, fields)


def test_an_account_comes_changes_and_goes_while_running(
    config: Any, auths: Path, server: Server, upstream: Provider
) -> None:
    path = auths / "qwen_token.json"
    with gateway(config) as running:
        assert post(running).status_code == 404
        put(path, server.file())
        until(lambda: post(running).status_code == 200, running)
        models = httpx.get(f"{running.url}/v1/models", headers=HEADERS).json()["data"]
        assert "qwen-max" in [model["id"] for model in models]
        path.write_text('{"access_token": "sk-test-hal')
        until(lambda: post(running).status_code == 404, running)
        assert "qwen_token.json is not valid JSON" in running.log()
        put(path, server.file())
        until(lambda: post(running).status_code == 200, running)
        path.unlink()
        until(lambda: post(running).status_code == 404, running)
        assert "sk-test-access" not in running.log()


def test_the_gateway_offers_to_sign_in_where_there_is_no_terminal(config: Any, auths: Path, server: Server) -> None:
    with gateway(config, "--enable-oauth") as running:
        until(lambda: "No Qwen account" in running.log() and "oauth.gemini.client-id" in running.log(), running)
        code = re.search(r"No Qwen account is signed in.* type in the code (\S+)", running.log())
        assert code
        url = re.search(rf"No ChatGPT account is signed in. To do so open ({server.url}/\S+)", running.log())
        assert url
        server.grants[code[1]] = True
        assert httpx.get(server.agree(url[1]).replace("localhost", "127.0.0.1")).status_code == 200
        until(lambda: post(running).status_code == 200, running)
        until(lambda: (auths / "openai_token.json").exists(), running)
        assert not re.search(r"sk-test-(access|refresh)", running.log())


def test_signing_in_through_the_management_api(config: Any, auths: Path, server: Server) -> None:
    with gateway(config) as running, httpx.Client(base_url=f"{running.url}/v0/management/oauth") as client:
        client.headers["x-management-key"] = MANAGEMENT
        begun = client.post("/start", json={"provider": "chatgpt"}).json()
        assert client.get("/status", params={"state": begun["state"]}).json()["status"] == "pending"
        ended = client.post("/callback", json={"state": begun["state"], "url": server.agree(begun["url"])})
        assert (ended.status_code, ended.json()["status"]) == (200, "done"), ended.text
        assert server.valid(token_files.read(auths / "openai_token.json").access_token)
        wrong = client.post("/start", json={"provider": "gemini"})
        assert wrong.status_code == 409 and "oauth.gemini.client-id" in wrong.json()["error"]["message"]
        assert client.get("/status", params={"state": "x"}).status_code == 404
        assert client.post("/start", json={"provider": "openai"}, headers={"x-management-key": "no"}).status_code == 401


def test_no_token_is_in_a_recording(config: Any, auths: Path, server: Server, tmp_path: Path) -> None:
    put(auths / "qwen_token.json", server.file())
    with gateway(config, "--record", str(tmp_path / "flows")) as running:
        assert post(running).status_code == 200
    written = b"".join(path.read_bytes() for path in (tmp_path / "flows").rglob("*") if path.is_file())
    assert b"qwen-account" in written
    assert b"sk-test-access" not in written and b"sk-test-refresh" not in written


def test_the_demo_knows_no_accounts(tmp_path: Path) -> None:
    folder = tmp_path / ".cli-proxy-api" / "auths"
    folder.mkdir(parents=True)
    (folder / "qwen_token.json").write_text(json.dumps({"access_token": "sk-test-a"}))
    with gateway(None, environ={"HOME": str(tmp_path)}) as running:
        body = {"model": "qwen-test", "messages": [{"role": "user", "content": "x"}]}
        assert httpx.post(f"{running.url}/v1/chat/completions", json=body, timeout=30).status_code == 404


def test_a_changed_file_is_used_for_the_next_request(
    config: Any, auths: Path, server: Server, upstream: Provider
) -> None:
    path = auths / "qwen_token.json"
    put(path, server.file())
    with gateway(config) as running:
        assert (post(running).status_code, bearer(upstream)) == (200, ["sk-test-access-1"])
        put(path, server.file())
        until(lambda: post(running).status_code == 200 and bearer(upstream)[-1] == "sk-test-access-2", running)
    assert server.asked == []


def refusing_what_has_ended(upstream: Provider, server: Server) -> list[str]:
    """The provider takes no token that has ended; gives the tokens that it took."""
    taken: list[str] = []

    def answer(seen: Seen) -> Answer:
        token = seen.headers["authorization"].removeprefix("Bearer ")
        issued = next(one for one in server.tokens if one.access_token == token)
        if time.time() > issued.at + issued.expires_in:
            return whole({"error": {"message": "token expired"}}, 401)
        taken.append(token)
        return chat()

    upstream.next = answer  # type: ignore[method-assign]
    return taken


def test_a_token_ends_in_mid_run_and_nobody_notices(
    config: Any, auths: Path, server: Server, upstream: Provider
) -> None:
    """Ten seconds of requests over tokens that live for four, to a provider that refuses what has ended."""
    server.lifetime = 4
    taken = refusing_what_has_ended(upstream, server)
    put(auths / "qwen_token.json", server.file())
    with gateway(config) as running:
        deadline = time.time() + 10
        while time.time() < deadline:
            assert post(running).status_code == 200, running.log()
            time.sleep(0.1)
    numbers = [int(token.rpartition("-")[2]) for token in dict.fromkeys(taken)]
    assert numbers == sorted(numbers) and len(numbers) >= 3
    assert len(server.of("refresh_token")) == len(server.tokens) - 1 and not server.refused


def test_two_gateways_refresh_once(config: Any, auths: Path, server: Server, upstream: Provider) -> None:
    """Both find the token ended, and are asked many times at once: a second refresh would be refused by the server."""
    server.think = 0.3
    path = auths / "qwen_token.json"
    put(path, server.file(expires_in=-5))
    with gateway(config) as first, gateway(config) as second, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(post, [first, second] * 8))
        assert [answer.status_code for answer in answers] == [200] * 16
        assert not token_files.read(path).sign_in_needed
    assert len(server.of("refresh_token")) == 1
    assert set(bearer(upstream)) == {"sk-test-access-2"}


def test_a_refused_token_is_renewed_once_and_the_client_sees_nothing(
    config: Any, auths: Path, server: Server, upstream: Provider
) -> None:
    put(auths / "qwen_token.json", server.file())
    upstream.answers[:] = [whole({"error": {"message": "token expired"}}, 401), chat()]
    with gateway(config) as running:
        assert post(running).status_code == 200
        assert bearer(upstream) == ["sk-test-access-1", "sk-test-access-2"]
        assert len(server.of("refresh_token")) == 1


def test_a_sign_in_that_is_over_rests_its_account_and_a_new_one_brings_it_back(
    config: Any, auths: Path, server: Server, upstream: Provider
) -> None:
    path = auths / "qwen_token.json"
    put(path, server.file(expires_in=-5))
    server.tokens[0].revoked = True
    with provider(whole({})) as listener:
        hook = {"url": listener.url, "events": ["account.sign-in-needed"]}
        with gateway({**config, "webhooks": [hook]}) as running:
            answers = [post(running) for _ in range(5)]
            assert {answer.status_code for answer in answers} <= {401, 429}
            assert "cliproxy login qwen" in answers[0].json()["error"]["message"]
            until(lambda: listener.seen, running)
            assert listener.seen[0].json["data"]["account"] == "qwen-account"
            assert "qwen-account: sign in again: invalid_grant" in running.log()
            put(path, server.file())
            until(lambda: post(running).status_code == 200, running)
    assert (len(listener.seen), len(server.asked)) == (1, 1)
    assert len(upstream.seen) == 1


def test_a_service_account_gets_its_own_tokens(config: Any, server: Server, upstream: Provider, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    server.public_key = RSAKey.import_key(public)
    fields = {
        "client_email": "gateway@p-1.iam.gserviceaccount.com",
        "token_uri": f"{server.url}/token",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }
    (tmp_path / "service.json").write_text(json.dumps(fields))
    vertex = {"project": "p-1", "service-account": str(tmp_path / "service.json")}
    doors = {"vertex-account": {"base-url": upstream.url}}
    part = {"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP"}
    refused = whole({"error": {"code": 401, "message": "expired", "status": "UNAUTHENTICATED"}}, 401)
    upstream.answers[:] = [whole({"candidates": [part]}), refused, whole({"candidates": [part]})]
    body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    with gateway({**config, "vertex": vertex, "doors": doors}) as running:
        url = f"{running.url}/v1beta/models/vertex-gemini-test:generateContent"
        for _ in range(2):
            answer = httpx.post(url, json=body, headers=HEADERS, timeout=30)
            assert answer.status_code == 200, (answer.text, running.log())
        assert "PRIVATE KEY" not in running.log()
    assert bearer(upstream) == ["sk-test-access-1", "sk-test-access-1", "sk-test-access-2"]
    assert "/projects/p-1/" in upstream.seen[0].path
