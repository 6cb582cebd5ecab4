"""Known secrets through success, failure, traceback, webhook and recording: no byte that is written holds one."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from running import gateway
from scripted import Answer, Provider, provider, stream, whole
from wires import CHAT_REQUEST, chat, chat_pieces

ROOT = Path(__file__).parents[2]
CLIENT, FIRST, SECOND = "sk-test-sweep-client-1f3", "sk-test-sweep-first-7c2", "sk-test-sweep-second-9d8"
MANAGEMENT, SIGNING, HOOK_PATH = "sk-test-sweep-management", "sk-test-sweep-signing-5e", "sk-test-sweep-hook-path"
HEADER, CUSTOM = "sk-test-sweep-header-4b1", "sk-test-sweep-custom%2f+key"
SECRETS = (CLIENT, FIRST, SECOND, MANAGEMENT, SIGNING, HOOK_PATH, HEADER, CUSTOM)
PLANT = """
class Breaks:
    def responseheaders(self, flow):
        if flow.request.headers.get("x-break") == "1" or "x-break" in flow.request.path:
            raise RuntimeError(f"a defect beside {%r} and {%r}")
addons = [Breaks()]
"""


def spellings(secret: str) -> Iterator[bytes]:
    """As it could stand somewhere: plain, quoted, in JSON, in base64."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    yield json.dumps(secret)[1:-1].encode()
    yield base64.b64encode(secret.encode()).rstrip(b"=")[:-1]


def echoing() -> list[Answer]:
    """A provider that says aloud what it was shown, in every way it can."""
    told = f"wrong key {FIRST} or {SECOND} or {HEADER}"
    return [
        chat({"content": told}),
        whole({"error": {"message": told, "type": "invalid_request_error"}}, 400),
        whole({"error": {"message": told}}, 401),
        whole({"error": {"message": told}}, 500, headers={"x-request-id": FIRST, "openai-organization": HEADER}),
        stream(*chat_pieces({"content": told})),
        stream(*chat_pieces({"content": told})[:2], drop="body"),
        Answer(200, (told.encode(),), "text/html"),
        Answer(drop="head"),
        chat(),
    ]


def config(upstream: Provider, listener: Provider, home: Path) -> dict[str, object]:
    return {
        "auth": {"api-keys": [{"key": CLIENT, "name": "sweep"}]},
        "openai": {"base-url": f"{upstream.url}/v1", "headers": {"x-own-token": HEADER}},
        "load-balance": {"credentials": {"openai": [{"key": FIRST}, {"key": SECOND}]}},
        "custom-providers": {"mine": {"base-url": f"{upstream.url}/v1", "api-key": CUSTOM, "models": ["mine"]}},
        "remote-management": {"secret-key": MANAGEMENT},
        "webhooks": [{"url": f"{listener.url}/{HOOK_PATH}", "secret": SIGNING, "include-content": True}],
        "logging": {
            "level": "debug",
            "file": str(home / "logs/gateway.log"),
            "request-log": str(home / "logs/requests"),
        },
        "record": str(home / "flows"),
        "timeouts": {"first-byte": 5, "whole-answer": 5},
    }


def traffic(url: str) -> Iterator[tuple[int, bytes]]:
    """Every way in, right and wrong; what the client is answered, heads included."""
    shows: list[dict[str, str]] = [
        {"authorization": f"Bearer {CLIENT}"},
        {"x-api-key": CLIENT},
        {"x-goog-api-key": CLIENT, "cookie": f"key={FIRST}"},
        {"authorization": f"Bearer {CLIENT}wrong"},
        {"authorization": f"Bearer {CLIENT}", "x-break": "1", "x-echo": SECOND},
    ]
    bodies = [
        CHAT_REQUEST,
        {**CHAT_REQUEST, "stream": True},
        {"model": "mine", "messages": [{"role": "user", "content": f"my key is {FIRST}, yours {CUSTOM}"}]},
        {"model": f"gpt-{SECOND}", "messages": "wrong"},
    ]
    with httpx.Client(timeout=60) as client:
        for number in range(40):
            path = ("/v1/chat/completions", "/v1/messages", f"/v1/chat/completions?key={CLIENT}")[number % 3]
            body = {**bodies[number % 4], "max_tokens": 5}
            answer = client.post(url + path, json=body, headers=shows[number % 5])
            yield answer.status_code, answer.content + str(answer.headers).encode()
        for path in (
            "config",
            "usage",
            "logs",
            "flows",
            "models",
            "metrics",
            "health",
            "nothing",
            f"flows?model={FIRST}",
        ):
            answer = client.get(f"{url}/v0/management/{path}", headers={"x-management-key": MANAGEMENT})
            yield 0, answer.content + str(answer.headers).encode()
        broken = {"logging": {"level": FIRST}, "webhooks": [{"url": f"no url {SIGNING}"}], CUSTOM: 1}
        for patch in ({"logging": {"level": FIRST}}, broken, {"openai": {"base-url": f"http://{FIRST}@x y"}}):
            answer = client.put(f"{url}/v0/management/config", json=patch, headers={"x-management-key": MANAGEMENT})
            assert answer.status_code == 400
            yield 0, answer.content
        yield 0, client.get(f"{url}/v0/management/usage", headers={"x-management-key": f"{MANAGEMENT}x"}).content


def written(home: Path, config_file: Path) -> Iterator[tuple[str, bytes]]:
    """All files but the configuration itself."""
    for folder, _, names in os.walk(home):
        for path in (Path(folder, name) for name in names):
            if path != config_file:
                yield str(path.relative_to(home)), path.read_bytes()


def test_no_secret_leaves(tmp_path: Path) -> None:
    plant = tmp_path / "breaks.py"
    plant.write_text(PLANT % (FIRST, CUSTOM))
    home = tmp_path / "home"
    home.mkdir()
    with provider(*echoing()) as upstream, provider(whole({})) as listener:
        first = upstream.answers.copy()
        wanted = config(upstream, listener, home)
        with gateway(wanted, "-s", str(plant), environ={"HOME": str(home)}) as one:
            answers = []
            for answer in traffic(one.url):
                answers.append(answer)
                if len(upstream.answers) < 3:
                    upstream.answers[:] = first.copy()
            deadline = time.monotonic() + 20
            while len(listener.seen) < 20:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            one.process.terminate()
            one.process.wait(20)
            log = one.log().encode()
            places = {"the log on standard error": log, **dict(written(home, one.home / "config.yaml"))}
            places |= dict(written(one.home, one.home / "config.yaml"))
        places |= {f"answer {status} {number}": answer for number, (status, answer) in enumerate(answers)}
        assert {0, 200, 400, 401} <= {status for status, _ in answers}
        for number, seen in enumerate(listener.seen):
            head = {name: value for name, value in seen.headers.items() if name != "webhook-signature"}
            places[f"webhook {number}"] = seen.body + str(head).encode()
        seen_keys = {seen.headers.get("authorization", "") for seen in upstream.seen}
        assert {f"Bearer {FIRST}", f"Bearer {SECOND}", f"Bearer {CUSTOM}"} <= seen_keys, "the secrets were really used"
    names = " ".join(places)
    assert "logs/gateway.log" in names and ".flow" in names and "state.db" in names and "webhook 9" in names
    assert b"a defect beside [redacted] and [redacted]" in places["logs/gateway.log"]
    leaks = [
        (name, secret)
        for name, data in places.items()
        for secret in SECRETS
        if any(spelled in data for spelled in spellings(secret)) and not allowed(name, secret)
    ]
    assert leaks == []


def allowed(place: str, secret: str) -> bool:
    """What a provider says itself passes byte for byte to the client that asked; nowhere else does it stay."""
    return place.startswith("answer 200 ") and secret in (FIRST, SECOND, HEADER)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_would_find_it(secret: str) -> None:
    token = base64.b64encode(secret.encode())
    for data in (secret.encode(), quote(secret, safe="").encode(), token):
        assert any(spelled in data for spelled in spellings(secret))
