"""What becomes of each feature on the way from each client format to each upstream format: done, not looked up.

A request is said in the client's format, read, told to the upstream's format as the gateway does it, and read again
there. What the gateway says about losses must be what then is seen: else `Contradiction`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

from feature_requests import OWN_WORDS, PDF, PNG, REQUESTS, SOURCE, resent

from cliproxy.addons.upstreams import Target, Upstream
from cliproxy.translators import ir, names, repair, wire
from cliproxy.translators.formats import Format
from cliproxy.translators.losses import FEATURES, fatal, features, losses

SEAL = "c2VhbGVkIHJlYXNvbmluZw=="
SEALS = {"openai_chat": f'[{{"type":"reasoning.encrypted","data":"{SEAL}","index":0}}]'}
SEAL_HOME = "foreign seal"
MODELS = {"anthropic": "claude-sonnet-4-6", "gemini": "gemini-3-flash"}
"""Of those that take most of what their format can say. OpenAI's formats don't look at the name."""
PROVIDERS = {"openai_chat": "openrouter"}
"""The like, of servers that speak a format."""

FEATURE_OF = {"thinking effort": "thinking", "thinking budget": "thinking", "thinking off": "thinking"}
"""Cases of one feature. Others that are no feature are just said, and must arrive."""
REQUEST_FIELDS = {field.name for field in fields(ir.Request)}
OWN = ("own field", "own part", "own tool", "several prompts", "suffix")
"""What only one format has words for: the loss is named by the format and the path."""

MARKS = {
    "system": "be brief",
    "system.mid": "be brief",
    "turns": "hi",
    "message.name": "bob",
    "tools.custom": "Change files.",
    "document": PDF.data,
    "document.text": "words",
    "tool_result.image": PNG,
    "tool_result.document": PDF.data,
    "refusal": "I decline",
    "reasoning": "I ponder",
    "citations": SOURCE.url,
    "builtin.web_search": SOURCE.url,
    "builtin.web_fetch": SOURCE.url,
    "builtin.code_execution": "1+1",
}
"""What of a case must be in the body wherever it is carried, and may be where it is lossy."""
_BEHIND = "as the user's, behind the result"
_NAMELESS = "without the file's name"
SAID_AS = {
    ("openai_completions", "system"): "as a part of the one text",
    ("openai_completions", "system.mid"): "as a part of the one text",
    ("openai_completions", "turns"): "as a part of the one text",
    ("openai_chat", "thinking budget"): "as an effort",
    ("openai_responses", "thinking budget"): "as an effort",
    ("gemini", "thinking budget"): "as a level",
    ("gemini", "thinking off"): "as the lowest level that the model has",
    ("anthropic", "tools.custom"): "as a function of one string",
    ("gemini", "tools.custom"): "as a function of one string",
    ("anthropic", "service_tier"): "`flex` as `standard_only`",
    ("gemini", "document"): _NAMELESS,
    ("gemini", "tool_result.document"): _NAMELESS,
    ("openai_chat", "document.text"): "as text",
    ("openai_chat", "tool_result.image"): _BEHIND,
    ("openai_chat", "tool_result.document"): _BEHIND,
    ("openai_responses", "citations"): "without the words cited",
}
"""Carried, but not as it was: how. A case that is told otherwise and does not stand here is a contradiction."""

TOLD_BUT_REFUSED = {
    ("openai_chat", "n"): "of several answers one is read",
    ("openai_completions", "n"): "of several answers one is read",
    ("openai_chat", "document.url"): "OpenAI takes no URL there",
}
"""Rendered, for the own format's sake, but never sent for a client of another: why."""


class Contradiction(AssertionError):
    """What SUPPORTS says is not what happened."""


def model(fmt: Format) -> str:
    return MODELS.get(fmt.NAME, "gpt-5.1")


def target(upstream: Format, request: ir.Request) -> Target:
    """As the gateway itself asks it."""
    return Upstream(PROVIDERS.get(upstream.NAME, upstream.NAME), (upstream,), "").target(upstream, request)


# -- a request, as the client says it -----------------------------------------------------


def said(client: Format, upstream: Format, name: str) -> ir.Request | None:
    """None where the client's format can't ask for it."""
    body = _body(client, upstream, name)
    if body is None:
        return None
    path = client.endpoint(ir.Request(_asked_model(client, name), stream=name == "stream"))
    request = client.parse_request(wire.loads(wire.dumps(body)), path)
    feature = FEATURE_OF.get(name, name)
    if feature in FEATURES and feature not in features(request, upstream.NAME):
        return None
    return replace(request, model=model(upstream))


def _body(client: Format, upstream: Format, name: str) -> ir.Json | None:
    if own := OWN_WORDS[client.NAME].get(name):
        return own
    if name in OWN or (name == SEAL_HOME and upstream.NAME == "openai_completions"):
        return None
    if maker := {"reasoning.opaque": client, SEAL_HOME: upstream}.get(name):
        return resent(client.NAME, answer_of(client, (sealed(maker), ir.Text("hi"))))
    return client.render_request(replace(REQUESTS[name], model=_asked_model(client, name)))


def _asked_model(client: Format, name: str) -> str:
    """Of Gemini's models only the older ones are told a budget."""
    return "gemini-2.5-flash" if (client.NAME, name) == ("gemini", "thinking budget") else model(client)


def sealed(maker: Format) -> ir.Reasoning:
    id = "rs_1" if maker.NAME == "openai_responses" else ""
    return ir.Reasoning("I ponder", ir.Opaque(maker.NAME, SEALS.get(maker.NAME, SEAL), id))


def answer_of(client: Format, parts: tuple[ir.Part, ...]) -> ir.Json:
    answer = ir.Response("id_1", "m", 1, parts, ir.Finish("stop"))
    context = ir.Context("abc123", 1, ir.Request("m", thinking=ir.Thinking("high", show=True), sealed_reasoning=True))
    return wire.loads(wire.dumps(client.render_response(answer, context)))  # type: ignore[no-any-return]


# -- and what comes of it -----------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """`lost`: what the gateway says; `sent`: the body for the upstream, `read`: as its own format reads it.

    Also where the gateway refuses, to see whether it must.
    """

    request: ir.Request
    lost: list[str]
    sent: bytes
    read: ir.Request


def passage(client: Format, upstream: Format, name: str) -> Passage | None:
    request = said(client, upstream, name)
    if request is None:
        return None
    lost = losses(request, target(upstream, request))
    request = replace(request, messages=repair.repaired(request.messages))
    told = names.renamed(request, names.aliases(request, upstream.TOOL_NAME))
    sent = wire.dumps(upstream.render_request(told))
    return Passage(request, lost, sent, upstream.parse_request(wire.loads(sent), upstream.endpoint(told)))


# -- judged -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """`words`: what is lost, or how it is carried."""

    verdict: Literal["same", "carried", "lossy", "refused", "unsaid"]
    words: str = ""


def cell(client: Format, upstream: Format, name: str) -> Cell:
    if client is upstream:
        return Cell("same")
    passed = passage(client, upstream, name)
    if passed is None or not _is_asked(name, passed.request):
        return Cell("unsaid")
    if refused := fatal(passed.lost):
        return _refused(upstream, name, passed, refused)
    feature = FEATURE_OF.get(name, name)
    others = [lost for lost in passed.lost if lost != feature and lost not in _always(client, upstream, name)]
    if name == SEAL_HOME:
        return _come_home(passed, others)
    if feature in passed.lost:
        return _lossy(upstream, name, passed, others)
    if others:
        _must_be_told(upstream, name, passed)
        return Cell("lossy", _names(others))
    return Cell("carried", _carried(upstream, name, passed))


def _refused(upstream: Format, name: str, passed: Passage, refused: list[str]) -> Cell:
    if name in OWN:
        return Cell("refused")
    if name not in refused:
        return Cell("refused", _names(refused))
    if (upstream.NAME, name) not in TOLD_BUT_REFUSED and held(name, passed.read) == held(name, passed.request):
        raise Contradiction(f"{name} is refused, but {upstream.NAME} could be told all of it.")
    return Cell("refused")


def _come_home(passed: Passage, lost: list[str]) -> Cell:
    seals = held(SEAL_HOME, passed.request)
    if not seals:
        return Cell("unsaid")
    if lost or held(SEAL_HOME, passed.read) != seals:
        raise Contradiction(f"The upstream's own seal does not come home: {passed}")
    return Cell("carried")


def _is_asked(name: str, request: ir.Request) -> bool:
    """A case that is not a feature as a whole must be there just so in what the client could say."""
    return name in FEATURES or name in OWN or name == SEAL_HOME or held(name, request) == held(name, REQUESTS[name])


def _always(client: Format, upstream: Format, name: str) -> set[str]:
    """What a client of the format says in every request: its losses are told once, in their own rows."""
    base = (passage(client, upstream, case) for case in ("text", "tools"))
    return {lost for passed in base if passed for lost in passed.lost} - {name}


def _lossy(upstream: Format, name: str, passed: Passage, others: list[str]) -> Cell:
    if held(name, passed.read) == held(name, passed.request):
        raise Contradiction(f"{name} is listed as lost, but {upstream.NAME} is told all of it.")
    if (mark := MARKS.get(name)) and mark.encode() in passed.sent:
        return Cell("lossy", "its words stay")
    return Cell("lossy", f"with {_names(others)}" if others else "")


def _carried(upstream: Format, name: str, passed: Passage) -> str:
    if held(name, passed.read) == held(name, passed.request):
        _must_be_told(upstream, name, passed)
        return ""
    if (upstream.NAME, name) not in SAID_AS or MARKS.get(name, "").encode() not in passed.sent:
        raise Contradiction(
            f"{name} is listed as carried, but {upstream.NAME} is told something else:\n"
            f"{held(name, passed.request)}\n{held(name, passed.read)}"
        )
    return SAID_AS[upstream.NAME, name]


def _must_be_told(upstream: Format, name: str, passed: Passage) -> None:
    feature = FEATURE_OF.get(name, name)
    if feature in FEATURES and feature not in features(passed.read):
        raise Contradiction(f"{name} is listed as carried, but {upstream.NAME} is not told of it.")


def _names(lost: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in lost)


# -- where a feature stands ---------------------------------------------------------------


def held(name: str, request: ir.Request) -> Any:
    """What a request says of a feature, without what says nothing of it."""
    feature = FEATURE_OF.get(name, name)
    if name == "response_format.schema":
        return request.response_format and request.response_format.schema
    if name == SEAL_HOME:
        parts = (part for message in request.messages for part in message.parts)
        return [part.opaque.data for part in parts if isinstance(part, ir.Reasoning) and part.opaque]
    if feature in REQUEST_FIELDS:
        return plain(getattr(request, feature))
    head = feature.partition(".")[0]
    return plain(getattr(request, head) if head in REQUEST_FIELDS else request.messages)


def plain(value: Any) -> Any:
    """Without the fields of one format alone, and without what a format may repeat, guess or have to make up."""
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value if not isinstance(one, ir.Foreign | ir.ForeignTool))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    said = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if "extra" in said:
        said["extra"] = None
    return replace(value, **said | _unsaying(value))


def _unsaying(value: object) -> dict[str, Any]:
    """What in a value says nothing, as what it counts."""
    match value:
        case ir.Message(role="developer"):
            return {"role": "system"}
        case ir.ToolResult():
            return {"name": ""}
        case ir.Media():
            made_up = value.name in ("document.pdf", "document.txt")
            there = bool(value.url or value.file_id)
            return {"media_type": "" if there else value.media_type, "name": "" if made_up else value.name}
        case ir.Reasoning():
            return {"summary": False}
        case ir.Tool():
            return {"strict": value.strict or None}
        case ir.Thinking(budget=0):
            return {"adaptive": False, "effort": "none", "budget": None}
        case ir.Thinking():
            return {"adaptive": False}
    return {}
