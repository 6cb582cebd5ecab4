"""A service account's file at Vertex AI: its key signs for a token, and its project is asked in."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import vendors
from authorization_server import authorization_server
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
from running import KEY, gateway
from scripted import provider
from wires import gemini, message


def test_a_service_account_signs_for_its_token_and_its_project_is_asked(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with authorization_server() as server, provider(gemini(), message()) as upstream:
        server.public_key = RSAKey.import_key(public)
        file = tmp_path / "account.json"
        fields = {
            "type": "service_account", "project_id": "file-project", "private_key_id": "k1",
            "private_key": key.private_bytes(*form).decode(), "token_uri": f"{server.url}/token",
            "client_email": "gateway@file-project.iam.gserviceaccount.com",
        }  # fmt: skip
        file.write_text(json.dumps(fields))
        config = {"vertex": {"service-account": str(file), "base-url": upstream.url, "location": "europe-west1"}}
        with gateway(config) as one:
            ask = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
            for model in ("vertex-gemini-2.5-pro", "vertex-claude-x"):
                answer = httpx.post(
                    f"{one.url}/v1/chat/completions",
                    json={**ask, "model": model},
                    headers={"authorization": f"Bearer {KEY}"},
                    timeout=20,
                )
                assert answer.status_code == 200, answer.text + one.log()
        first, second = upstream.seen
        assert first.headers["authorization"] == second.headers["authorization"]
        assert server.valid(first.headers["authorization"].removeprefix("Bearer "))
        place = "/v1/projects/file-project/locations/europe-west1/publishers"
        assert first.path == f"{place}/google/models/gemini-2.5-pro:generateContent"
        assert second.path == f"{place}/anthropic/models/claude-x:rawPredict"
        assert "x-goog-api-key" not in first.headers
        vendors.common(first)
