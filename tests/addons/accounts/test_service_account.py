from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authorization_server import Server, authorization_server
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from cliproxy.addons.accounts.service_account import SCOPE, ServiceTokens, Unusable, assertion, read
from cliproxy.addons.accounts.token_endpoint import Refused, Unreachable

EMAIL = "gateway@project-1.iam.gserviceaccount.com"


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def file(folder: Path, server: Server, key: rsa.RSAPrivateKey, **more: Any) -> Path:
    server.public_key = RSAKey.import_key(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    path = folder / "vertex.json"
    fields = {
        "type": "service_account",
        "project_id": "project-1",
        "private_key_id": "k1",
        "private_key": pem(key),
        "client_email": EMAIL,
        "token_uri": f"{server.url}/token",
    }
    path.write_text(json.dumps({**fields, **more}))
    return path


async def test_the_key_signs_for_a_token_that_is_used_until_its_end(
    tmp_path: Path, server: Server, key: rsa.RSAPrivateKey
) -> None:
    tokens, now = ServiceTokens(file(tmp_path, server, key)), time.time()
    first = await tokens.fresh(now - 3500)
    assert server.valid(first)
    assert await tokens.fresh(now - 300) == first
    assert len(server.asked) == 1
    assert await tokens.fresh(now - 100) != first
    tokens.forget()
    assert server.valid(await tokens.fresh())
    assert len(server.asked) == 3


async def test_what_is_signed(tmp_path: Path, server: Server, key: rsa.RSAPrivateKey) -> None:
    from joserfc import jwt

    account = read(file(tmp_path, server, key))
    signed = jwt.decode(assertion(account, 1000), server.public_key, algorithms=["RS256"])
    assert signed.header == {"alg": "RS256", "kid": "k1", "typ": "JWT"}
    expected = {"iss": EMAIL, "aud": f"{server.url}/token", "scope": SCOPE, "iat": 1000, "exp": 4600}
    assert {name: signed.claims[name] for name in expected} == expected
    assert account.project == "project-1"


async def test_another_key_is_refused(tmp_path: Path, server: Server, key: rsa.RSAPrivateKey) -> None:
    path = file(tmp_path, server, key)
    other = file(tmp_path, server, rsa.generate_private_key(65537, 2048))
    assert other == path
    path.write_text(path.read_text().replace(json.dumps(pem(key)), "x"))
    server.public_key = RSAKey.generate_key(2048)
    with pytest.raises(Refused, match="invalid_grant"):
        await ServiceTokens(path).fresh()


async def test_a_server_that_is_down(tmp_path: Path, server: Server, key: rsa.RSAPrivateKey) -> None:
    server.down = True
    with pytest.raises(Unreachable, match="status 503"):
        await ServiceTokens(file(tmp_path, server, key)).fresh()


@pytest.mark.parametrize(
    "content, told",
    [
        ("{", "is not valid JSON"),
        ("[]", "is no service account's file: it must have client_email, token_uri, private_key"),
        ('{"client_email": "a", "token_uri": "b"}', "it must have"),
        ('{"client_email": "a", "token_uri": "file:///x", "private_key": "c"}', "token_uri must be an https URL"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "v.json").write_text(content)
    with pytest.raises(Unusable, match=told):
        read(tmp_path / "v.json")
    with pytest.raises(Unusable, match="cannot be read"):
        read(tmp_path / "none.json")


def test_a_key_that_cannot_sign(tmp_path: Path, server: Server, key: rsa.RSAPrivateKey) -> None:
    account = read(file(tmp_path, server, key, private_key="no key of mine"))
    with pytest.raises(Unusable, match="cannot be used to sign") as raised:
        assertion(account, 0)
    assert "of mine" not in str(raised.value) and "of mine" not in repr(account)
