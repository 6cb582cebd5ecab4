"""HTTPS with a certificate of the user's own, and a clear word for a pair that is none."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest
from certificates import certificate
from running import KEY, gateway
from scripted import provider
from wires import CHAT_REQUEST, chat


def test_https(tmp_path: Path) -> None:
    cert_file, key_file = certificate(tmp_path, "one")
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "tls": {"enabled": True, "cert-file": str(cert_file), "key-file": str(key_file)},
        }
        with gateway(config) as running:
            url = running.url.replace("http://127.0.0.1", "https://localhost")
            headers = {"authorization": f"Bearer {KEY}"}
            trusted = ssl.create_default_context(cafile=str(cert_file))
            answer = httpx.post(f"{url}/v1/chat/completions", json=CHAT_REQUEST, headers=headers, verify=trusted)
            assert answer.status_code == 200
            plain = httpx.post(f"{running.url}/v1/chat/completions", json=CHAT_REQUEST, headers=headers)
            assert (plain.status_code, plain.json()["error"]["message"]) == (400, "This port speaks HTTPS only.")
            assert "cliproxy listens on https://" in running.log()


def test_a_certificate_with_another_ones_key_is_refused_in_one_line(tmp_path: Path) -> None:
    cert_file, _ = certificate(tmp_path, "one")
    _, key_file = certificate(tmp_path, "two")
    tls = {"enabled": True, "cert-file": str(cert_file), "key-file": str(key_file)}
    with pytest.raises(AssertionError, match="are no pair") as ended, gateway({"tls": tls}):
        pass
    assert "Traceback" not in str(ended.value)
