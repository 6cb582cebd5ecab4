"""Tokens for a Google service account: its key signs an assertion, the token endpoint gives a token (RFC 7523)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .oauth_facts import Facts
from .token_endpoint import client, grant

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME = 3600
SLACK = 300.0
"""Seconds before its end at which a token is not given out any more."""


class Unusable(Exception):
    """A service account's file that is none. One sentence, without a word of the key."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    email: str
    token_url: str
    project: str = ""
    key_id: str = ""
    key: str = field(default="", repr=False)


def read(path: Path) -> ServiceAccount:
    """The file that Google's console makes. Raises `Unusable`."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as fault:
        raise Unusable(f"{path} cannot be read: {(fault.strerror or 'unknown reason').lower()}.") from None
    except (ValueError, RecursionError):
        raise Unusable(f"{path} is not valid JSON.") from None
    wanted = ("client_email", "token_uri", "private_key")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in wanted):
        raise Unusable(f"{path} is no service account's file: it must have {', '.join(wanted)}.")
    if urlsplit(found["token_uri"]).scheme not in ("https", "http"):
        raise Unusable(f"{path}: token_uri must be an https URL.")
    project, key_id = found.get("project_id"), found.get("private_key_id")
    return ServiceAccount(
        found["client_email"], found["token_uri"], str(project or ""), str(key_id or ""), found["private_key"]
    )


def assertion(account: ServiceAccount, now: float) -> str:
    """Raises `Unusable` where the key can't sign."""
    from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion  # takes its time
    from joserfc.errors import JoseError  # authlib's own JOSE library
    from joserfc.jwk import RSAKey

    try:
        signed: str = sign_jwt_bearer_assertion(
            RSAKey.import_key(account.key),
            issuer=account.email,
            audience=account.token_url,
            issued_at=int(now),
            expires_in=LIFETIME,
            claims={"scope": SCOPE},
            header={"alg": "RS256", **({"kid": account.key_id} if account.key_id else {})},
        )
    except (ValueError, TypeError, JoseError):
        raise Unusable(f"The private key of {account.email} cannot be used to sign; make a new key file.") from None
    return signed


class ServiceTokens:
    """The tokens of one service account, each used until shortly before its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token, self._until = "", 0.0
        self.project = ""
        """The one that the file names; known with the first token."""

    async def fresh(self, now: float | None = None) -> str:
        """An access token. Raises `Unusable`, `Refused` or `Unreachable`."""
        now = time.time() if now is None else now
        if now < self._until - SLACK:
            return self._token
        account = read(self._path)
        self.project = account.project
        facts = Facts("vertex", "Google", account.token_url)
        async with client() as http:
            answer = await grant(http, facts, GRANT, assertion=assertion(account, now))
        self._token = answer["access_token"]
        self._until = now + float(answer.get("expires_in") or LIFETIME)
        return self._token

    def forget(self) -> None:
        """The provider did not take the token."""
        self._until = 0.0
