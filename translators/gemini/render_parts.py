"""Writes the parts that requests and answers share: files, calls, code that ran at the provider."""

from __future__ import annotations

import base64

from .. import ir, wire
from ..ir import Json
from .parse_parts import type_of_name
from .words import MIME_TYPES, NAME, merged


def render_text(text: str, signature: str = "", thought: bool = False) -> Json:
    part: Json = {"text": text}
    if thought:
        part["thought"] = True
    if signature:
        part["thoughtSignature"] = signature
    return part


def render_media(media: ir.Media) -> Json:
    extra = wire.extra_of(media.extra, NAME)
    uri = media.url or media.file_id
    if uri:
        media_type = media.media_type or type_of_name(uri) or MIME_TYPES[media.kind]
        return merged({"fileData": {"mimeType": media_type, "fileUri": uri}}, extra)
    media_type, data = media.media_type or MIME_TYPES[media.kind], media.data
    if media.text:
        media_type = media.media_type or "text/plain"
        data = base64.b64encode(media.text.encode("utf-8", "replace")).decode()
    return merged({"inlineData": {"mimeType": media_type, "data": data}}, extra)


def render_call(name: str, arguments: str, kind: ir.ToolKind, id: str, signature: str) -> Json:
    """Custom tools are rendered as functions with one text, `input`."""
    args = {"input": arguments} if kind == "custom" else wire.arguments_object(arguments)
    call = {"id": id, "name": name, "args": args} if id else {"name": name, "args": args}
    return {"functionCall": call, "thoughtSignature": signature} if signature else {"functionCall": call}


def render_code(call: ir.BuiltinCall) -> Json:
    args = wire.arguments_object(call.arguments)
    code = next((args[key] for key in ("code", "command") if isinstance(args.get(key), str)), call.arguments)
    part = {"executableCode": {"code": code}}
    return merged(merged(part, wire.extra_of(call.extra, NAME)), {"executableCode": {"language": "PYTHON"}})


def render_code_result(result: ir.BuiltinResult) -> Json:
    outcome = "OUTCOME_OK" if not result.error else result.error
    if not outcome.startswith("OUTCOME_"):
        outcome = "OUTCOME_FAILED"
    output = result.text or (result.error if result.error != outcome else "")
    part = {"codeExecutionResult": {"outcome": outcome, "output": output}}
    return merged(part, wire.extra_of(result.extra, NAME))
