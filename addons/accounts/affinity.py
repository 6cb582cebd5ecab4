"""Which conversation a request belongs to, so that it stays where its prompt cache is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from cliproxy.translators import wire
from cliproxy.translators.ir import Json
from cliproxy.translators.lenient import items, mapping, text

HEADERS = (
    "x-claude-code-session-id",
    "session-id",  # Codex, with or without the underscore
    "session_id",
    "thread-id",
    "x-session-affinity",  # OpenCode, Kilo Code
    "x-session-id",
    "x-affinity",  # Mistral Vibe
)
FIRST_TURN = {"openai_chat": "messages", "anthropic": "messages", "openai_responses": "input", "gemini": "contents"}
"""Where a format has its turns; the old completions are no conversation."""
BEFORE_TURNS = ("tools", "system", "instructions", "systemInstruction", "system_instruction")


CACHED = 4096
"""Bytes of a prompt below which no provider caches it (1024 tokens)."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`token`: the same for all its requests, and says nothing of it. `opening`: this is its first one, and there is
    nothing in it worth to be cached: it may be served anywhere, and the others follow."""

    token: str
    opening: bool = False


def conversation(headers: Mapping[str, str], body: Json, format: str) -> Conversation | None:
    """By the name that the client has for it, else by how it began."""
    if said := next(_said(headers, body), ""):
        return Conversation(token(said))
    if format not in FIRST_TURN:
        return None
    turns = body.get(FIRST_TURN[format])
    first = list(_first_turn(turns))
    begun = wire.dumps([[body.get(name) for name in BEFORE_TURNS], first])
    opening = len(begun) < CACHED and len(first) >= len(items(turns))
    return Conversation(blake2b(begun, digest_size=16).hexdigest(), opening)


def token(name: str) -> str:
    """For a key of the shared state: session ids are the client's own business."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _said(headers: Mapping[str, str], body: Json) -> Iterator[str]:
    """What clients call their conversation, the surest first."""
    yield from (f"header {headers[name]}" for name in HEADERS if headers.get(name))
    if key := text(body.get("prompt_cache_key")):
        yield f"cache {key}"
    if session := _session(text(mapping(body.get("metadata")).get("user_id"))):
        yield f"session {session}"
    conversation = body.get("conversation")
    if named := text(conversation) or text(mapping(conversation).get("id")):
        yield f"conversation {named}"


def _session(user_id: str) -> str:
    """Claude Code: JSON text with a session_id, before that ``user_…_session_…``. Other ids may be a whole team's."""
    if user_id.startswith("{"):
        try:
            return text(mapping(wire.loads(user_id)).get("session_id"))
        except ValueError:
            return ""
    return user_id.partition("_session_")[2]


def _first_turn(turns: Any) -> Iterator[Any]:
    """What comes before the first answer, and so in every later request too."""
    if not isinstance(turns, list):
        yield turns  # Responses: a text alone
        return
    for turn in items(turns):
        yield turn
        if mapping(turn).get("role") in ("user", None):
            return
