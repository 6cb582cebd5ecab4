"""Where the makers' own command lines keep their tokens, and how those become token files of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .identity import claims, identity
from .token_files import Fields


class Unusable(Exception):
    """A file of another program that has no tokens for us. One sentence."""


@dataclass(frozen=True, slots=True)
class Source:
    """`place` is below the home folder."""

    program: str
    place: str
    read: Callable[[Fields], Fields]


def _codex(found: Fields) -> Fields:
    tokens = _section(found, "tokens")
    end = claims(tokens.get("access_token")).get("exp")
    account = {"account_id": tokens["account_id"]} if tokens.get("account_id") else {}
    return {**_tokens(tokens), **identity(tokens), **account, "expires_at": end}


def _claude(found: Fields) -> Fields:
    section = _section(found, "claudeAiOauth")
    tokens = {"access_token": section.get("accessToken"), "refresh_token": section.get("refreshToken")}
    return {**tokens, "expires_at": _seconds(section.get("expiresAt")), "plan": section.get("subscriptionType")}


def _flat(found: Fields) -> Fields:
    more = {"resource_url": found["resource_url"]} if found.get("resource_url") else {}
    return {**_tokens(found), **identity(found), **more, "expires_at": _seconds(found.get("expiry_date"))}


SOURCES = {
    "openai": Source("Codex", ".codex/auth.json", _codex),
    "anthropic": Source("Claude Code", ".claude/.credentials.json", _claude),
    "gemini": Source("Gemini CLI", ".gemini/oauth_creds.json", _flat),
    "qwen": Source("Qwen Code", ".qwen/oauth_creds.json", _flat),
}


def tokens_of(provider: str, path: Path) -> Fields:
    """The fields for a token file. Raises `Unusable`; the other program's file is only read."""
    source = SOURCES[provider]
    try:
        found = json.loads(path.read_bytes())
    except OSError as fault:
        raise Unusable(f"{path} cannot be read: {(fault.strerror or 'unknown reason').lower()}.") from None
    except (ValueError, RecursionError):
        raise Unusable(f"{path} is not valid JSON.") from None
    fields = source.read(found) if isinstance(found, dict) else {}
    if not isinstance(fields.get("access_token"), str) or not fields["access_token"]:
        raise Unusable(f"{path} holds no sign-in of {source.program}.")
    return {name: value for name, value in fields.items() if value is not None}


def _tokens(found: Fields) -> Fields:
    return {name: found.get(name) for name in ("access_token", "refresh_token", "id_token")}


def _section(found: Fields, name: str) -> Fields:
    section = found.get(name)
    return section if isinstance(section, dict) else {}


def _seconds(milliseconds: Any) -> int | None:
    return int(milliseconds / 1000) if isinstance(milliseconds, int | float) else None
