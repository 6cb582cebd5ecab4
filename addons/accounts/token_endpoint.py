"""Asks a token endpoint as RFC 6749 wants it, and tells what it refuses from what only went wrong on the way.

authlib makes the parameters; they travel by httpx, like all else that the gateway sends by itself: authlib's own client
changes its HTTP library between the versions that we allow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from ..upstreams import USER_AGENT
from .oauth_facts import Facts
from .token_files import Fields

TIMEOUT = 30.0
FOR_GOOD = frozenset(
    {
        "invalid_grant",
        "refresh_token_expired",
        "refresh_token_reused",
        "refresh_token_invalidated",
    }
)
"""What only a new sign-in can mend: the standard's word for it, and OpenAI's."""


class Refused(Exception):
    """The endpoint said no. `error`: its code for it; the text is safe to show."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error

    @property
    def for_good(self) -> bool:
        return self.error in FOR_GOOD


class Unreachable(Exception):
    """No answer, or none that makes sense: it may work later."""


def client(proxy: str = "") -> httpx.AsyncClient:
    """Names itself as what it is. Redirects are not followed: a token request goes nowhere else.

    Without a proxy of the account's own those of the environment hold ($HTTPS_PROXY).
    """
    headers = {"user-agent": USER_AGENT, "accept": "application/json"}
    return httpx.AsyncClient(timeout=TIMEOUT, headers=headers, proxy=proxy or None)


async def grant(http: httpx.AsyncClient, facts: Facts, kind: str, **parameters: str) -> Fields:
    """The answer to a grant of this kind: at least an access_token. Raises `Refused` or `Unreachable`."""
    client_words = {"client_id": facts.client_id, "client_secret": facts.client_secret}
    asked = dict(parse_qsl(prepare_token_request(kind, **parameters, **client_words)))
    answer = await post(http, facts.token_url, asked, facts.json_body)
    if not isinstance(answer.get("access_token"), str):
        raise Unreachable(f"{facts.token_url} answered without an access_token.")
    return answer


async def post(http: httpx.AsyncClient, url: str, body: Mapping[str, str], as_json: bool = False) -> Fields:
    """POST and the JSON object that comes back. Raises `Refused` or `Unreachable`."""
    try:
        response = await (http.post(url, json=body) if as_json else http.post(url, data=body))
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise Unreachable(f"{url} cannot be reached ({type(fault).__name__}).") from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.is_success and isinstance(answer, dict):
        return answer
    error, description = _error(answer)
    if error and response.status_code < 500 and response.status_code != 429:
        raise Refused(error, description)
    raise Unreachable(f"{url} answered with status {response.status_code}{f' ({error})' if error else ''}.")


def _error(answer: Any) -> tuple[str, str]:
    """Code and description: the standard's strings, or an object as OpenAI and Anthropic answer."""
    match answer:
        case {"error": {"code": str(code), **more}}:
            return code, _shown(more.get("message"))
        case {"error": {"type": str(code), **more}}:
            return code, _shown(more.get("message"))
        case {"error": str(code)}:
            return code, _shown(answer.get("error_description"))
    return "", ""


def _shown(text: Any) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1][:300] if isinstance(text, str) else ""
