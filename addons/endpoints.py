"""Which request is meant: the paths that are served, by format, and the wrong spellings that clients send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from cliproxy.translators.formats import FORMATS, Format

from . import passages
from .passages import Passing

type Operation = Literal["generate", "count", "pass", "models", "model", "health", "about"]

_VERSIONS = re.compile(r"^(?:/(?:v1beta1|v1beta|v1|openai|api))*(?=/)")
"""Prefixes that a base URL may bring too often or not at all: /v1/v1/messages, /messages."""
_GENERATE = {
    "/chat/completions": "openai_chat",
    "/completions": "openai_completions",
    "/responses": "openai_responses",
    "/messages": "anthropic",
}
_COUNT = {"/messages/count_tokens": "anthropic", "/responses/input_tokens": "openai_responses"}
_GEMINI = re.compile(
    r"^(?:/publishers/google)?/models/(?P<model>.+):(?P<verb>generateContent|streamGenerateContent|countTokens)$"
)
_GEMINI_VERB = re.compile(r"/models/[^?]+:[a-z]+[A-Z]|[gG]enerateContent")
"""Also those that are not served."""
_MODEL = re.compile(r"^/models/(?P<model>[^:]+)$")

SERVED = (
    "POST /v1/chat/completions",
    "POST /v1/completions",
    "POST /v1/responses",
    "POST /v1/messages",
    "POST /v1beta/models/{model}:generateContent",
    "POST /v1beta/models/{model}:streamGenerateContent",
    "POST /v1/messages/count_tokens",
    "POST /v1/responses/input_tokens",
    "POST /v1beta/models/{model}:countTokens",
    "POST /v1/embeddings",
    "POST /v1beta/models/{model}:embedContent",
    "POST /v1beta/models/{model}:batchEmbedContents",
    "POST /v1/images/generations",
    "POST /v1/images/edits",
    "POST /v1/images/variations",
    "POST /v1/audio/speech",
    "POST /v1/audio/transcriptions",
    "POST /v1/audio/translations",
    "POST /v1/moderations",
    "POST /v1/files",
    "GET /v1/files",
    "GET /v1/files/{id}",
    "GET /v1/files/{id}/content",
    "DELETE /v1/files/{id}",
    "POST /v1/uploads",
    "POST /v1/batches",
    "GET /v1/batches/{id}",
    "POST /v1/messages/batches",
    "GET /v1/messages/batches/{id}",
    "GET /v1/messages/batches/{id}/results",
    "POST /upload/v1beta/files",
    "GET /v1beta/files",
    "GET /v1/models",
    "GET /v1/models/{id}",
    "GET /v1beta/models",
    "GET /healthz",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a path means. `format`: whose words the client speaks; `methods`: which it may use."""

    operation: Operation
    format: Format
    methods: tuple[str, ...]
    model: str = ""
    passing: Passing | None = None


def find(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Endpoint | None:
    """The endpoint at `path` (with its query), whatever the method; None where nothing is served."""
    bare = path.partition("?")[0].rstrip("/") or "/"
    if bare in ("/", "/healthz", "/api/hello"):
        operation: Operation = "health" if bare == "/healthz" else "about"
        return Endpoint(operation, format_of(path, headers, query), ("GET", "HEAD"))
    rest = _VERSIONS.sub("", bare, count=1)
    if name := _GENERATE.get(rest):
        return Endpoint("generate", FORMATS[name], ("POST",))
    if name := _COUNT.get(rest):
        return Endpoint("count", FORMATS[name], ("POST",))
    if match := _GEMINI.match(rest):
        operation = "count" if match["verb"] == "countTokens" else "generate"
        return Endpoint(operation, FORMATS["gemini"], ("POST",), unquote(match["model"]))
    if passing := passages.find(bare, rest, format_of(path, headers, query)):
        return Endpoint("pass", passing.format, passing.passage.methods, passing.model, passing)
    if rest == "/models":
        return Endpoint("models", format_of(path, headers, query), ("GET", "HEAD"))
    if match := _MODEL.match(rest):
        return Endpoint("model", format_of(path, headers, query), ("GET", "HEAD"), unquote(match["model"]))
    return None


def format_of(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Format:
    """The format nearest to what a client seems to speak, also on paths that are not served."""
    for rest, name in _GENERATE.items():
        if rest in path:
            return FORMATS[name]
    if "/v1beta" in path or _GEMINI_VERB.search(path):
        return FORMATS["gemini"]
    if "x-goog-api-key" in headers or "key" in query:
        return FORMATS["gemini"]
    return FORMATS["anthropic" if "anthropic-version" in headers else "openai_chat"]
