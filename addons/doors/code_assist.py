"""Gemini Code Assist: the Gemini API's requests and answers in an envelope, and one path without a model.

github.com/google-gemini/gemini-cli, packages/core/src/code_assist (server.ts, converter.ts).
"""

from __future__ import annotations

import re

from cliproxy.translators.ir import Json
from cliproxy.translators.splice import Changes, spliced
from cliproxy.translators.wire import dumps

from .door import Asked, Door

VERSION = "v1internal"
REQUEST, ANSWER = "request", "response"
"""The members of request and answer that hold the Gemini API's own."""
_VERB = re.compile(r":(?P<verb>[A-Za-z]+)(?:\?|$)")


def target(target: str, asked: Asked) -> str:
    match = _VERB.search(target)
    assert match, target
    query = "?alt=sse" if asked.stream else ""  # an array could not be cut into events as it comes
    return f"/{VERSION}:{match['verb']}{query}"


def changes(body: Json, asked: Asked) -> Changes:
    return {}


def envelope(body: bytes, asked: Asked) -> bytes:
    if asked.counting:
        model = dumps(f"models/{asked.model}")
        return spliced(b"{}", {REQUEST: spliced(body, {"model": model})})
    project = {"project": dumps(asked.project)} if asked.project else {}
    return spliced(asked.enveloped or b"{}", {"model": dumps(asked.model), **project, REQUEST: body.strip()})


CODE_ASSIST = Door(target=target, changes=changes, envelope=envelope, answer_member=ANSWER)
