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

type Operation = Literal["generate", "response", "count", "pass", "assist", "models", "model", "health", "about"]

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
_VERTEX = re.compile(r"^/projects/[^/]+/locations/[^/]+(?=/publishers/)")
_CLAUDE_AT_VERTEX = re.compile(r"^/publishers/anthropic/models/(?P<model>.+):(?:rawPredict|streamRawPredict)$")
_CODE_ASSIST = re.compile(r"^/v1internal:(?P<verb>generateContent|streamGenerateContent|countTokens)$")
_CODE_ASSIST_SETUP = re.compile(
    r"^/v1internal:(?P<verb>loadCodeAssist|onboardUser|listExperiments|fetchAdminControls|retrieveUserQuota)$"
)
_GEMINI_VERB = re.compile(r":[a-z]+[A-Z]")
"""Behind a model's name; also those that are not served."""
_RESPONSE = re.compile(r"^/responses/(?!(?:input_tokens|compact)$)(?P<id>[\w-][\w.-]*)(?P<part>/input_items|/cancel)?$")
_RESPONSE_METHODS = {None: ("GET", "DELETE"), "/input_items": ("GET",), "/cancel": ("POST",)}
_MODEL = re.compile(r"^/models/(?P<model>[^:]+)$")

SERVED = (
    "POST /v1/chat/completions",
    "POST /v1/completions",
    "POST /v1/responses",
    "GET /v1/responses/{id}",
    "DELETE /v1/responses/{id}",
    "GET /v1/responses/{id}/input_items",
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
    "POST /v1/projects/{project}/locations/{location}/publishers/google/models/{model}:generateContent",
    "POST /v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:rawPredict",
    "POST /v1internal:generateContent",
    "GET /v1/models",
    "GET /v1/models/{id}",
    "GET /v1beta/models",
    "GET /healthz",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a path means. `format`: whose words the client speaks; `methods`: which it may use.

    `id`, `part`: the response that is named, and what of it.
    """

    operation: Operation
    format: Format
    methods: tuple[str, ...]
    model: str = ""
    passing: Passing | None = None
    id: str = ""
    part: str = ""
    enveloped: bool = False
    """Code Assist's way: request and answer are members of what is sent, and the model is beside the request."""


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
    if found := _at_google(_VERTEX.sub("", rest)):
        return found
    if passing := passages.find(bare, rest, format_of(path, headers, query)):
        return Endpoint("pass", passing.format, passing.passage.methods, passing.model, passing)
    if match := _RESPONSE.match(rest):
        methods, part = _RESPONSE_METHODS[match["part"]], match["part"] or ""
        return Endpoint("response", FORMATS["openai_responses"], methods, id=match["id"], part=part)
    if rest == "/models":
        return Endpoint("models", format_of(path, headers, query), ("GET", "HEAD"))
    if match := _MODEL.match(rest):
        return Endpoint("model", format_of(path, headers, query), ("GET", "HEAD"), unquote(match["model"]))
    return None


def _at_google(path: str) -> Endpoint | None:
    """The Gemini API's own paths, those of Vertex AI and those of Code Assist."""
    if match := _CLAUDE_AT_VERTEX.match(path):
        if match["model"] == "count-tokens":
            return Endpoint("count", FORMATS["anthropic"], ("POST",))
        return Endpoint("generate", FORMATS["anthropic"], ("POST",), unquote(match["model"]))
    if match := _CODE_ASSIST_SETUP.match(path):
        return Endpoint("assist", FORMATS["gemini"], ("POST",), part=match["verb"])
    if match := _GEMINI.match(path) or _CODE_ASSIST.match(path):
        operation: Operation = "count" if match["verb"] == "countTokens" else "generate"
        model = match.groupdict().get("model")
        return Endpoint(operation, FORMATS["gemini"], ("POST",), unquote(model or ""), enveloped=model is None)
    return None


def format_of(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Format:
    """The format nearest to what a client seems to speak, also on paths that are not served."""
    for rest, name in _GENERATE.items():
        if rest in path:
            return FORMATS[name]
    if "/publishers/anthropic/" in path:
        return FORMATS["anthropic"]
    if "/v1beta" in path or "/v1internal:" in path or _has_gemini_verb(path):
        return FORMATS["gemini"]
    if "x-goog-api-key" in headers or "key" in query:
        return FORMATS["gemini"]
    return FORMATS["anthropic" if "anthropic-version" in headers else "openai_chat"]


def _has_gemini_verb(path: str) -> bool:
    """In parts, since one pattern for all of it takes minutes for a path that is made to fit nearly everywhere."""
    named = path.partition("?")[0].partition("/models/")[2]
    return "enerateContent" in path or bool(_GEMINI_VERB.search(named, 1))
