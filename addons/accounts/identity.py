"""Whose account a token is: what the provider's answer and its id token say."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from .token_files import Fields

_OPENAI = "https://api.openai.com/auth"
"""The claim under which OpenAI's tokens name account and plan."""


def claims(token: Any) -> Fields:
    """The claims of a JWT that came to us from its issuer over TLS: then its signature need not be checked again
    (OpenID Connect Core 1.0, section 3.1.3.7). Nothing is decided by them but what is shown, and which account is
    named to the provider. {} for what is no JWT."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (AttributeError, IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def identity(answer: Mapping[str, Any]) -> Fields:
    """`email`, `plan`, `account_id`, as far as an answer of a token endpoint says; other programs' files too."""
    told = claims(answer.get("id_token")) or claims(answer.get("access_token"))
    openai = told.get(_OPENAI)
    openai = openai if isinstance(openai, dict) else {}
    account, organization = answer.get("account"), answer.get("organization")
    account = account if isinstance(account, dict) else {}
    organization = organization if isinstance(organization, dict) else {}
    found = {
        "email": account.get("email_address") or told.get("email"),
        "plan": openai.get("chatgpt_plan_type"),
        "account_id": openai.get("chatgpt_account_id") or account.get("uuid"),
        "organization": organization.get("name"),
    }
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def expiry(answer: Mapping[str, Any], now: float) -> float | None:
    """Epoch seconds at which an access token ends: as the answer says, else as the token itself does."""
    lifetime = answer.get("expires_in")
    try:
        if lifetime is not None and not isinstance(lifetime, bool):
            return now + float(lifetime)
    except (TypeError, ValueError):
        pass
    end = claims(answer.get("access_token")).get("exp")
    return float(end) if isinstance(end, int | float) else None
