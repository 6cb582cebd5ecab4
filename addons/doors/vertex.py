"""Vertex AI: Gemini and Claude models below a project's path, or Gemini alone by a key without a project.

cloud.google.com/vertex-ai/generative-ai/docs (generateContent, express mode), docs.claude.com "Claude on Vertex AI".
"""

from __future__ import annotations

import re
from urllib.parse import quote

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.ir import Json
from cliproxy.translators.splice import Changes
from cliproxy.translators.wire import dumps

from .door import ANTHROPIC_VERSION, Asked, Door

PREFIX = "vertex-"
"""Of a model's name, so that it is not taken for one of Google's or Anthropic's own API."""
VERSIONS = {"2023-06-01": "vertex-2023-10-16"}
"""A version of the Messages API → its name here; newer ones have the same name in both places."""
API_VERSIONS = {here: there for there, here in VERSIONS.items()}
_DATE = re.compile(r"-(\d{8})$")
_GEMINI_TARGET = re.compile(r"/models/[^?]*(?P<verb>:[A-Za-z]+)(?P<query>\?.*)?$")
_LACKS = frozenset({
    "image.file_id", "document.file_id", "tools.web_fetch", "tools.code_execution", "builtin.web_fetch",
    "builtin.code_execution",
})  # fmt: skip
"""Of the Messages API; the Files API and the tools that run on Anthropic's side are not on Vertex AI."""


def model(name: str) -> str:
    """``vertex-claude-sonnet-4-5-20250929`` → ``claude-sonnet-4-5@20250929``: Vertex AI sets the date off so."""
    bare = name.removeprefix(PREFIX)
    return _DATE.sub(r"@\1", bare) if _is_claude(bare) else bare


def format(name: str) -> str:
    return "anthropic" if _is_claude(name) else "gemini"


def _is_claude(name: str) -> bool:
    return "claude" in name.lower()


def target(target: str, asked: Asked) -> str:
    version = "v1beta1" if asked.path.startswith("/v1beta1/") else "v1"
    base = f"/{version}"
    if asked.project:
        base += f"/projects/{quote(asked.project, safe=':')}/locations/{quote(asked.location or 'global', safe='')}"
    if asked.format is FORMATS["anthropic"]:
        return f"{base}/publishers/anthropic/models/{_anthropic(target, asked)}"
    match = _GEMINI_TARGET.search(target)
    assert match, target
    return f"{base}/publishers/google/models/{_segment(asked.model)}{match['verb']}{match['query'] or ''}"


def _anthropic(target: str, asked: Asked) -> str:
    """Without the client's query: ``beta=true`` is of the Messages API's own paths."""
    if asked.counting:
        return "count-tokens:rawPredict"
    return f"{_segment(asked.model)}:{'streamRawPredict' if asked.stream else 'rawPredict'}"


def _segment(name: str) -> str:
    quoted = quote(name, safe="@", errors="surrogatepass")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


def changes(body: Json, asked: Asked) -> Changes:
    """The model is in the path, the version in the body. What counts tokens has the model in its body."""
    if asked.format is not FORMATS["anthropic"]:
        return {}
    counted = {"model": dumps(asked.model)} if body.get("model") != asked.model else {}
    changed: dict[str, bytes | None] = {**counted} if asked.counting else dict.fromkeys({"model"} & body.keys())
    if "anthropic_version" not in body:
        version = asked.version or ANTHROPIC_VERSION
        changed["anthropic_version"] = dumps(VERSIONS.get(version, version))
    return changed


def lacks(format: Format, request: ir.Request) -> frozenset[str]:
    return _LACKS if format is FORMATS["anthropic"] else frozenset()


def fault(asked: Asked) -> str:
    if asked.format is FORMATS["anthropic"] and not asked.project:
        return f"{asked.model} is a Claude model: on Vertex AI it needs a project; vertex.project is not configured."
    return ""


VERTEX = Door(
    model=model,
    format=format,
    target=target,
    changes=changes,
    lacks=lacks,
    withheld=("anthropic-version",),
    fault=fault,
)
