"""How the provider's own searches and code runs are spelled: one item that is call and result in one, both ways."""

from __future__ import annotations

from ..ir import BuiltinCall, BuiltinResult, Citation, Extra, Json
from ..lenient import mapping, objects, text
from ..wire import compact, dumps, extra_of, loads
from .words import NAME

type Hosted = tuple[BuiltinCall, BuiltinResult]


def parse_web_search(item: Json, id: str) -> Hosted:
    """`id` for an item that has none. What is neither query nor address of the action stays in the call's extra."""
    left = _left(item)
    id = text(item.get("id")) or id
    action = left.pop("action", None)
    sources: list[Json] = []
    arguments: Json = {}
    if isinstance(action, dict):
        action = dict(action)
        sources = objects(action.pop("sources", None))
        arguments = _take_arguments(action)
    if action:
        left["action"] = action
    call = BuiltinCall(id, "web_search", dumps(arguments).decode(), Extra(NAME, left) if left else None)
    failed = "failed" if item.get("status") == "failed" else ""
    return call, BuiltinResult(id, "web_search", tuple(map(_parse_source, sources)), error=failed)


def _left(item: Json) -> Json:
    done = item.get("status") in (None, "completed")
    return {key: item[key] for key in item if not (key in ("type", "id") or (key == "status" and done))}


def _take_arguments(action: Json) -> Json:
    """{"query": …} of a search, {"url": …} of an opened page."""
    if action.get("type") in (None, "search"):
        action.pop("type", None)
        queries = action.get("queries")
        if "query" not in action and isinstance(queries, list) and queries:
            return {"query": text(queries[0])}
    taken = {key: action.pop(key) for key in ("query", "url") if isinstance(action.get(key), str)}
    if action.get("queries") == [taken.get("query")]:
        del action["queries"]
    return taken


def _parse_source(source: Json) -> Citation:
    left = {key: value for key, value in source.items() if key not in ("url", "title")}
    if left.get("type") == "url":
        del left["type"]
    return Citation(text(source.get("url")), text(source.get("title")), extra=Extra(NAME, left) if left else None)


def render_web_search(call: BuiltinCall, result: BuiltinResult | None) -> Json:
    """The item without its id."""
    own = dict(extra_of(call.extra, NAME))
    action = own.pop("action", {})
    if isinstance(action, dict):
        arguments = mapping(_arguments(call.arguments))
        taken = {key: arguments[key] for key in ("query", "url") if isinstance(arguments.get(key), str)}
        type = "open_page" if "url" in taken else "search"
        sources = [_render_source(source) for source in result.sources] if result else []
        action = compact({"type": type, **taken, **action, "sources": sources or None})
    status = "failed" if result and result.error else "completed"
    return {"type": "web_search_call", "status": status, "action": action, **own}


def _arguments(text: str) -> object:
    try:
        return loads(text)
    except ValueError:
        return None


def _render_source(source: Citation) -> Json:
    own = extra_of(source.extra, NAME)
    return {"type": "url", "url": source.url, **own} if source.url or not own else own


def parse_code_run(item: Json, id: str) -> Hosted:
    left = _left(item)
    id = text(item.get("id")) or id
    code = text(left.pop("code", None))
    outputs = objects(left.pop("outputs", None))
    logs = [text(one.get("logs")) for one in outputs if one.get("type") == "logs"]
    failed = "failed" if item.get("status") == "failed" else ""
    return (
        BuiltinCall(id, "code_execution", dumps({"code": code}).decode(), Extra(NAME, left) if left else None),
        BuiltinResult(
            id,
            "code_execution",
            text="\n".join(logs),
            error=failed,
            extra=Extra(NAME, {"outputs": outputs}) if len(logs) != len(outputs) or len(logs) > 1 else None,
        ),
    )


def render_code_run(call: BuiltinCall, result: BuiltinResult | None) -> Json:
    """The item without its id."""
    own = extra_of(call.extra, NAME)
    logs = [{"type": "logs", "logs": result.text}] if result and result.text else []
    outputs = extra_of(result.extra, NAME).get("outputs", logs) if result else []
    return {
        "type": "code_interpreter_call",
        "status": "failed" if result and result.error else "completed",
        "code": text(mapping(_arguments(call.arguments)).get("code")),
        "container_id": "",  # The specification requires one; another provider's run has none.
        "outputs": outputs or None,
        **own,
    }
