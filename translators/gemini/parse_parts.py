"""Reads the parts of a content: text, thoughts, files, calls, results, code that ran at the provider."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from .. import ir, wire
from ..ir import Json
from ..wire import Fields
from .reading import each, extra, inner, left
from .seals import open_seal, standard
from .words import NAME, OUTCOME_OK

OWN_FILES = ("https://generativelanguage.googleapis.com/", "gs://", "files/")
"""Files that only Google can read."""


class CallIds:
    """Pairs results with calls: by id where there is one, else first in, first out for each function's name.

    Ids that are missing are made from the turn and the count in it, so that the same history gives the same ids.
    """

    def __init__(self) -> None:
        self._open: dict[str, dict[str, None]] = {}
        self._turn = 0
        self._count = 0
        self._code = ""

    def turn(self, number: int) -> None:
        self._turn, self._count = number, 0

    def call(self, name: str, id: str) -> str:
        id = id or self._minted("call")
        self._open.setdefault(name, {})[id] = None
        return id

    def result(self, name: str, id: str) -> str:
        waiting = self._open.get(name, {})
        id = id or next(iter(waiting), "") or self._minted("call")
        waiting.pop(id, None)
        return id

    def code(self, id: str) -> str:
        self._code = id or self._minted("code")
        return self._code

    def code_result(self, id: str) -> str:
        return id or self._code or self._minted("code")

    def _minted(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._turn}_{self._count - 1}"


def parse_part(part: Fields, ids: CallIds) -> Iterator[ir.Part]:
    """The parts that one wire part makes: none for an empty one, two where a foreign seal rides on a call."""
    said = part.left()
    for key, parse in _KINDS.items():
        if said.get(key) is not None:
            yield from parse(part, ids)
            return
    thought = part.take("thought") is True
    yield from _parse_text(part, thought) if said.get("text") is not None else _parse_other(part, thought)


def _parse_text(part: Fields, thought: bool) -> Iterator[ir.Part]:
    text = part.text("text")
    signature = part.text("thoughtSignature", "")
    sealed = open_seal(signature) if signature else None
    if thought:
        yield ir.Reasoning(text, sealed, summary=True, extra=extra(left(part)))
        return
    own = sealed is not None and sealed.format == NAME and text != ""
    if own:
        part.left()["thoughtSignature"] = signature  # Text has no place for a seal
    rest = extra(left(part))
    if text or rest or not sealed:
        yield ir.Text(text, extra=rest)
    if sealed and not own:
        yield ir.Reasoning("", sealed)


def _parse_other(part: Fields, thought: bool) -> Iterator[ir.Part]:
    if set(left(part)) == {"thoughtSignature"}:
        sealed = open_seal(part.text("thoughtSignature"))
        if sealed:
            yield ir.Reasoning("", sealed, summary=thought)
    elif kind := next((key for key in left(part) if key != "thoughtSignature"), ""):
        yield ir.Foreign(NAME, kind, left(part, thought=thought))


def _parse_call(part: Fields, ids: CallIds) -> Iterator[ir.Part]:
    call = inner(part, "functionCall")
    assert call
    name = call.text("name")
    arguments = wire.dumps(call.json("args", {})).decode()
    signature = part.text("thoughtSignature", "")
    sealed = open_seal(signature) if signature else None
    if sealed and sealed.format != NAME:
        yield ir.Reasoning("", sealed)
        sealed = None
    id = ids.call(name, call.text("id", ""))
    yield ir.ToolCall(id, name, arguments, opaque=sealed, extra=extra(left(part, functionCall=left(call))))


def _parse_result(part: Fields, ids: CallIds) -> Iterator[ir.Part]:
    result = inner(part, "functionResponse")
    assert result
    name = result.text("name", "")
    texts, is_error = _output(result.json("response", {}) or {})
    media = tuple(_result_media(result, ids)) if "parts" in result.left() else ()
    yield ir.ToolResult(
        ids.result(name, result.text("id", "")),
        (*texts, *media),
        is_error,
        name,
        extra=extra(left(part, functionResponse=left(result))),
    )


def _output(response: Json) -> tuple[tuple[ir.Text, ...], bool]:
    """ "Use "output" key to specify function output and "error" key to specify error details (if any). If not
    specified, then whole "response" is treated as function output."
    """
    if not response:
        return (), False
    if len(response) == 1:
        output, error = response.get("output"), response.get("error")
        if isinstance(output, str):
            return (ir.Text(output),), False
        if error is not None:
            return (ir.Text(error if isinstance(error, str) else wire.dumps(error).decode()),), True
    return (ir.Text(wire.dumps(response).decode()),), False


def _result_media(result: Fields, ids: CallIds) -> Iterator[ir.Media]:
    for part in each(result, "parts"):
        key = next((key for key in ("inlineData", "fileData") if part.left().get(key) is not None), None)
        if not key:
            raise part.fault("inlineData", "an object", None)
        yield from _MEDIA[key](part, ids)


def _parse_inline(part: Fields, ids: CallIds) -> Iterator[ir.Media]:
    blob = inner(part, "inlineData")
    assert blob
    media_type, data, name = blob.text("mimeType", ""), standard(blob.text("data")), blob.text("displayName", "")
    rest = extra(left(part, inlineData=left(blob) | ({"displayName": name} if name else {})))
    text = _plain_text(data) if media_type.startswith("text/") else ""
    yield ir.Media(kind_of(media_type), media_type, data="" if text else data, text=text, name=name, extra=rest)


def _plain_text(data: str) -> str:
    """The text that base64 stands for, or "" where it stands for none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        return ""


def _parse_file(part: Fields, ids: CallIds) -> Iterator[ir.Media]:
    file = inner(part, "fileData")
    assert file
    uri, media_type, name = file.text("fileUri"), file.text("mimeType", ""), file.text("displayName", "")
    kind = kind_of(media_type or type_of_name(uri))
    rest = extra(left(part, fileData=left(file) | ({"displayName": name} if name else {})))
    if uri.startswith(OWN_FILES):
        yield ir.Media(kind, media_type, file_id=uri, name=name, extra=rest)
    else:
        yield ir.Media(kind, media_type, url=uri, name=name, extra=rest)


def _parse_code(part: Fields, ids: CallIds) -> Iterator[ir.Part]:
    code = inner(part, "executableCode")
    assert code
    if code.left().get("language") in ("PYTHON", 1):
        code.take("language")
    id, arguments = ids.code(code.text("id", "")), wire.dumps({"code": code.text("code", "")}).decode()
    yield ir.BuiltinCall(id, "code_execution", arguments, extra(left(part, executableCode=left(code))))


def _parse_code_result(part: Fields, ids: CallIds) -> Iterator[ir.Part]:
    result = inner(part, "codeExecutionResult")
    assert result
    outcome = result.take("outcome")
    yield ir.BuiltinResult(
        ids.code_result(result.text("id", "")),
        "code_execution",
        text=result.text("output", ""),
        error="" if outcome in OUTCOME_OK else str(outcome),
        extra=extra(left(part, codeExecutionResult=left(result))),
    )


def kind_of(media_type: str) -> ir.MediaKind:
    match media_type.partition("/")[0].lower():
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
    return "document"


_NAMES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "heic": "image/heic", "heif": "image/heif", "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown",
    "html": "text/html", "csv": "text/csv", "json": "application/json", "mp3": "audio/mpeg", "wav": "audio/wav",
    "flac": "audio/flac", "ogg": "audio/ogg", "m4a": "audio/mp4", "mp4": "video/mp4", "mov": "video/quicktime",
    "webm": "video/webm", "mpeg": "video/mpeg",
}  # fmt: skip


def type_of_name(uri: str) -> str:
    """The MIME type that a file's name stands for, or ""; a YouTube address is a film."""
    if "://www.youtube.com/" in uri or "://youtu.be/" in uri or "://youtube.com/" in uri:
        return "video/mp4"
    path = uri.partition("?")[0].partition("#")[0]
    return _NAMES.get(path.rpartition(".")[2].lower(), "")


_MEDIA: dict[str, Callable[[Fields, CallIds], Iterator[ir.Media]]] = {
    "inlineData": _parse_inline,
    "fileData": _parse_file,
}
_KINDS: dict[str, Callable[[Fields, CallIds], Iterator[Any]]] = {
    "functionCall": _parse_call,
    "functionResponse": _parse_result,
    **_MEDIA,
    "executableCode": _parse_code,
    "codeExecutionResult": _parse_code_result,
}
