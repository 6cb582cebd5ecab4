"""Calls and results of tools that the provider runs itself: ``server_tool_use`` and its result blocks, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import ir
from ..ir import Json
from ..lenient import items, mapping, text
from ..wire import arguments_object, extra_of
from .arguments import arguments_text
from .media import flat_text
from .words import BUILTINS, NAME, RESULT_TYPE

_TOOLS: dict[str, ir.Builtin] = {type_: tool for tool, type_ in RESULT_TYPE.items()}
_CALL_KEYS = {"type", "id", "name", "input"}
_RESULT_KEYS = {"type", "tool_use_id"}
_ID = "srvtoolu_"
"""Begins the ids of calls that Anthropic made. It takes no others."""


def parse_builtin(block: Json) -> ir.BuiltinCall | ir.BuiltinResult | None:
    """None: a tool or a shape of result that only Anthropic has."""
    type_ = block.get("type")
    if type_ == "server_tool_use":
        return _parse_call(block)
    tool = _TOOLS.get(type_) if isinstance(type_, str) else None
    return _parse_result(block, tool) if tool else None


def _parse_call(block: Json) -> ir.BuiltinCall | None:
    id, name = text(block.get("id")), text(block.get("name"))
    if not id or name not in BUILTINS:
        return None
    return ir.BuiltinCall(id, BUILTINS[name], arguments_text(mapping(block.get("input"))), _rest(block, _CALL_KEYS))


def _parse_result(block: Json, tool: ir.Builtin) -> ir.BuiltinResult:
    """The content is kept as it is beside what others can read of it: only whole it can go back to Anthropic."""
    content = block.get("content")
    inner = mapping(content)
    sources = tuple(_sources(content if type(content) is list else [inner]))
    output = flat_text([{"text": inner.get("stdout")}, {"text": inner.get("stderr")}])
    taken = _RESULT_KEYS if _is_sealed(content) else _RESULT_KEYS | {"content"}
    error = text(inner.get("error_code"))
    return ir.BuiltinResult(text(block.get("tool_use_id")), tool, sources, output, error, _rest(block, taken))


def _sources(found: list[object]) -> Iterator[ir.Citation]:
    for one in found:
        result = mapping(one)
        document = mapping(result.get("content"))
        if url := text(result.get("url")):
            yield ir.Citation(url, text(result.get("title")) or text(document.get("title")))


def _is_sealed(content: object) -> bool:
    """Search results that we rendered for another format's search carry no seal."""
    return all(mapping(one).get("encrypted_content") != "" for one in items(content))


def _rest(block: Json, taken: set[str]) -> ir.Extra | None:
    rest = {key: value for key, value in block.items() if key not in taken and value is not None}
    return ir.Extra(NAME, rest) if rest else None


# -- out --------------------------------------------------------------------------------


def render_call(call: ir.BuiltinCall) -> Json:
    block: Json = {
        "type": "server_tool_use",
        "id": call.id,
        "name": call.tool,
        "input": arguments_object(call.arguments),
    }
    return {**block, **extra_of(call.extra, NAME)}


def render_result(result: ir.BuiltinResult) -> Json:
    block: Json = {"type": RESULT_TYPE[result.tool], "tool_use_id": result.call_id}
    own = extra_of(result.extra, NAME)
    return {**block, **own} if "content" in own else {**block, "content": _content(result), **own}


def _content(result: ir.BuiltinResult) -> object:
    if result.error:
        return {"type": f"{RESULT_TYPE[result.tool]}_error", "error_code": "unavailable"}
    match result.tool:
        case "web_search":
            return [_web_page(source) for source in result.sources]
        case "web_fetch":
            return _fetched(result)
        case "code_execution":
            return {
                "type": "code_execution_result",
                "stdout": result.text,
                "stderr": "",
                "return_code": 0,
                "content": [],
            }


def _web_page(source: ir.Citation) -> Json:
    page = {"type": "web_search_result", "url": source.url, "title": source.title}
    return {**page, "encrypted_content": "", "page_age": None}


def _fetched(result: ir.BuiltinResult) -> Json:
    source = result.sources[0] if result.sources else ir.Citation()
    plain = {"type": "text", "media_type": "text/plain", "data": result.text or source.quote}
    document = {"type": "document", "source": plain, "title": source.title or None}
    return {"type": "web_fetch_result", "url": source.url, "content": document, "retrieved_at": None}


def foreign_ids(messages: Iterable[ir.Message]) -> frozenset[str]:
    """Calls that can't go back to Anthropic, nor can their results: made elsewhere, or with a result not whole."""
    return frozenset(id for message in messages for part in message.parts if (id := _foreign_id(part)))


def _foreign_id(part: ir.Part) -> str:
    match part:
        case ir.BuiltinCall() if not part.id.startswith(_ID):
            return part.id
        case ir.BuiltinResult() if "content" not in extra_of(part.extra, NAME):
            return part.call_id
    return ""
