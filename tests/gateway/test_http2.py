"""HTTP/2 on both sides: to clients over TLS, and on to providers, with attempts and streams as over HTTP/1.1."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from certificates import certificate
from running import KEY, free_port, gateway
from scripted import Answer, Provider, provider, whole
from wires import CHAT_REQUEST, MESSAGES_REQUEST, chat, chat_stream

HEADERS = {"authorization": f"Bearer {KEY}"}


class Http2Only(ssl.SSLContext):
    """httpx offers HTTP/1.1 first, and mitmproxy takes a client's first choice."""

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        super().set_alpn_protocols(["h2"])


def trusting(cert_file: Path) -> ssl.SSLContext:
    context = Http2Only(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=str(cert_file))
    return context


@dataclass
class Site:
    url: str
    trusted: ssl.SSLContext
    upstream: Provider

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(http2=True, verify=self.trusted, headers=HEADERS, timeout=30)


@contextlib.contextmanager
def in_front(upstream: str, folder: Path) -> Iterator[str]:
    """A TLS server that speaks HTTP/2: plain mitmdump in front of the scripted provider."""
    port = free_port()
    program = Path(sys.executable).with_name("mitmdump")
    command = [str(program), "-q", "--mode", f"reverse:{upstream}@127.0.0.1:{port}", "--set", f"confdir={folder}"]
    process = subprocess.Popen(
        [*command, "--set", "stream_large_bodies=1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("http2")
    cert_file, key_file = certificate(folder, "one")
    with provider(chat()) as upstream, in_front(upstream.url, folder / "mitm") as front:
        config = {
            "openai": {"base-url": f"{front}/v1"},
            "load-balance": {"credentials": {"openai": [{"key": f"sk-test-{n}"} for n in range(3)]}},
            "tls": {"enabled": True, "cert-file": str(cert_file), "key-file": str(key_file)},
        }
        trust = f"ssl_verify_upstream_trusted_ca={folder / 'mitm' / 'mitmproxy-ca-cert.pem'}"
        with gateway(config, "--set", trust) as running:
            url = running.url.replace("http://127.0.0.1", "https://localhost")
            yield Site(url, trusting(cert_file), upstream)


async def test_many_streams_on_one_connection(site: Site) -> None:
    site.upstream.answers[:] = [chat_stream(pause=0.02)]
    async with site.client() as client:
        body = {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True}
        asked = (client.post(f"{site.url}/v1/messages", json=body) for _ in range(20))
        answers = await asyncio.gather(*asked)
    assert {answer.http_version for answer in answers} == {"HTTP/2"}
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.text.rstrip().endswith('data: {"type":"message_stop"}') for answer in answers)


async def test_a_failure_is_tried_elsewhere_inside_the_request(site: Site) -> None:
    site.upstream.answers[:] = [whole({"error": {"message": "busy"}}, 503), chat()]
    before = len(site.upstream.seen)
    async with site.client() as client:
        answer = await client.post(f"{site.url}/v1/chat/completions", json=CHAT_REQUEST)
    assert answer.status_code == 200 and answer.http_version == "HTTP/2"
    used = [seen.headers["authorization"] for seen in site.upstream.seen[before:]]
    assert len(used) == 2 and len(set(used)) == 2


async def test_a_client_that_leaves_ends_its_stream_alone(site: Site) -> None:
    slow = chat_stream(pause=0.3)
    site.upstream.answers[:] = [slow]
    gone = site.upstream.gone
    async with site.client() as client:
        body = {**CHAT_REQUEST, "stream": True}
        async with client.stream("POST", f"{site.url}/v1/chat/completions", json=body) as answer:
            async for _ in answer.aiter_bytes():
                break
        site.upstream.answers[:] = [Answer(200, chat().pieces)]
        again = await client.post(f"{site.url}/v1/chat/completions", json=CHAT_REQUEST)
    assert again.status_code == 200
    for _ in range(100):
        if site.upstream.gone > gone:
            break
        await asyncio.sleep(0.05)
    assert site.upstream.gone > gone
