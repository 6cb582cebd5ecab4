"""Which paths pass through as they are: what needs no translation, by the maker whose words they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS, Format

type ModelPlace = Literal["body", "path", "nowhere"]

_ID = r"(?P<id>[\w-][\w.-]*)"
"""No dots alone and nothing quoted: a client's id must not lead to another path of the provider."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A path behind the version. `model`: where a request names it. `lasting`: what it makes or shows stays with the
    account that made it."""

    path: re.Pattern[str]
    methods: tuple[str, ...]
    model: ModelPlace = "nowhere"
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Passing:
    """A request that passes through. `target`: its path below the base URL; `id`: what it names, e.g. ``file-abc``."""

    passage: Passage
    format: Format
    target: str
    model: str = ""
    id: str = ""


def _rows(*rows: tuple[str, str, ModelPlace, bool]) -> tuple[Passage, ...]:
    return tuple(
        Passage(re.compile(path.replace("{id}", _ID)), tuple(methods.split()), model, lasting)
        for path, methods, model, lasting in rows
    )


PASSAGES: dict[str, tuple[Passage, ...]] = {
    "openai_chat": _rows(
        ("/embeddings", "POST", "body", False),
        ("/moderations", "POST", "body", False),
        ("/images/(?:generations|edits|variations)", "POST", "body", False),
        ("/audio/(?:speech|transcriptions|translations)", "POST", "body", False),
        ("/files", "GET POST", "nowhere", True),
        ("/files/{id}", "GET DELETE", "nowhere", True),
        ("/files/{id}/content", "GET", "nowhere", True),
        ("/uploads", "POST", "nowhere", True),
        ("/uploads/{id}/(?:parts|complete|cancel)", "POST", "nowhere", True),
        ("/batches", "GET POST", "nowhere", True),
        ("/batches/{id}", "GET", "nowhere", True),
        ("/batches/{id}/cancel", "POST", "nowhere", True),
    ),
    "anthropic": _rows(
        ("/messages/batches", "GET POST", "nowhere", True),
        ("/messages/batches/{id}", "GET DELETE", "nowhere", True),
        ("/messages/batches/{id}/cancel", "POST", "nowhere", True),
        ("/messages/batches/{id}/results", "GET", "nowhere", True),
        ("/files", "GET POST", "nowhere", True),
        ("/files/{id}", "GET DELETE", "nowhere", True),
        ("/files/{id}/content", "GET", "nowhere", True),
    ),
    "gemini": _rows(
        ("/models/(?P<model>.+):(?P<verb>embedContent|batchEmbedContents|predict)", "POST", "path", False),
        ("/models/(?P<model>.+):(?P<verb>batchGenerateContent|asyncBatchEmbedContent)", "POST", "path", True),
        ("/models/(?P<model>.+):(?P<verb>predictLongRunning)", "POST", "path", True),
        ("/files", "GET", "nowhere", True),
        ("/files/{id}(?::download)?", "GET DELETE", "nowhere", True),
        ("/batches", "GET", "nowhere", True),
        ("/batches/{id}", "GET DELETE", "nowhere", True),
        ("/batches/{id}:cancel", "POST", "nowhere", True),
        ("/upload/files", "POST PUT", "nowhere", True),
    ),
}
"""By format; OpenAI's stand under its first one, and any server that speaks one of them may be asked."""

_UPLOAD = re.compile(r"^/upload(?P<version>/v1beta|/v1)(?P<rest>/files)$")
_VERSION = re.compile(r"^(?:/v1)*(?P<version>/v1beta1|/v1beta|/v1)/")


def find(path: str, rest: str, nearest: Format) -> Passing | None:
    """`path`: without its query; `rest`: without its version. Paths that several makers have go by the headers."""
    if upload := _UPLOAD.match(path):
        rest, nearest = f"/upload{upload['rest']}", FORMATS["gemini"]
    for name in (nearest.NAME, *PASSAGES):
        for passage in PASSAGES.get(name, ()):
            if match := passage.path.fullmatch(rest):
                return _passing(passage, FORMATS[name], match, upload or _VERSION.match(path))
    return None


def _passing(passage: Passage, format: Format, match: re.Match[str], version: re.Match[str] | None) -> Passing:
    named = match.groupdict()
    model = unquote(named.get("model") or "")
    target = "".join(_target(format, match[0], model, named.get("verb") or "", version))
    return Passing(passage, format, target, model, named.get("id") or "")


def _target(format: Format, rest: str, model: str, verb: str, version: re.Match[str] | None) -> Iterator[str]:
    """Base URLs of OpenAI and its like hold the version; Gemini's client chose it."""
    if format is FORMATS["openai_chat"]:
        yield rest
    elif format is FORMATS["anthropic"]:
        yield f"/v1{rest}"
    else:
        chosen = version["version"] if version else "/v1beta"
        if verb:
            yield gemini_target(model, verb, chosen)
        elif rest.startswith("/upload"):
            yield f"/upload{chosen}{rest.removeprefix('/upload')}"
        else:
            yield f"{chosen}{rest}"


def gemini_target(model: str, verb: str, version: str = "/v1beta") -> str:
    """The model's name comes from the client: the format sees to it that it stays one segment of the path."""
    target = FORMATS["gemini"].endpoint(ir.Request(model))
    return target.replace("/v1beta", version, 1).removesuffix("generateContent") + verb
