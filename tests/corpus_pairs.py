"""What a recorded answer must say to a client of each format, and a recorded request to a provider of each."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from makers import Call, Raised, Said, Verdict

from cliproxy.translators import ir, wire
from cliproxy.translators.anthropic.media import placeholder
from cliproxy.translators.formats import Format
from cliproxy.translators.streams import Observer

WIRES = {
    "openai-chat": "openai_chat",
    "openai-responses": "openai_responses",
    "openai-completions": "openai_completions",
    "anthropic-messages": "anthropic",
    "gemini-generate": "gemini",
    "gemini-stream": "gemini",
}
"""The corpus's name of a wire → the format's."""
MODELS = {
    "openai_chat": "gpt-5-mini",
    "openai_responses": "gpt-5-mini",
    "openai_completions": "gpt-3.5-turbo-instruct",
    "anthropic": "claude-sonnet-4-5",
    "gemini": "gemini-3-flash-preview",
}
"""What routing would ask the provider for: some rules depend on the model."""


# -- answers ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Client:
    """What a client format can say of an answer: the normalisations of the comparison, and no others."""

    finish: dict[ir.FinishReason, str]
    calls: bool = True
    """Tool calls. Without: they are left out, for such a client can't have asked for tools."""
    objects: bool = False
    """Arguments are an object: freeform text stands in ``{"input": …}``, what is no object in ``_raw_arguments``."""
    refusal: bool = False
    """Refusals have a place of their own; else they are part of the text."""
    thoughts: bool = True
    media_as_text: bool = False
    """Pictures and the like are named in the text."""
    unsaid_counts: bool = False
    """A count that the provider did not say stays unsaid; else it is 0, for the makers' schema demands a number."""
    failed: bool = False
    """Has a word for an answer that the provider itself gave up (`error`): the SDK raises."""


_OPENAI: dict[ir.FinishReason, str] = {
    "stop": "stop",
    "tool_calls": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
    "pause": "stop",
    "error": "length",
}
CLIENTS = {
    "openai_chat": Client(_OPENAI, refusal=True),
    "openai_completions": Client({**_OPENAI, "tool_calls": "stop"}, calls=False, thoughts=False),
    "openai_responses": Client(
        {
            "stop": "completed",
            "tool_calls": "completed",
            "length": "incomplete: max_output_tokens",
            "content_filter": "incomplete: content_filter",
            "pause": "incomplete: None",
        },
        refusal=True,
        failed=True,
    ),
    "anthropic": Client(
        {
            "stop": "end_turn",
            "tool_calls": "tool_use",
            "length": "max_tokens",
            "content_filter": "refusal",
            "pause": "pause_turn",
            "error": "max_tokens",
        },
        objects=True,
        media_as_text=True,
    ),
    "gemini": Client(
        {
            "stop": "STOP",
            "tool_calls": "STOP",
            "length": "MAX_TOKENS",
            "content_filter": "SAFETY",
            "pause": "OTHER",
            "error": "OTHER",
        },
        objects=True,
        unsaid_counts=True,
    ),
}


def expected(response: ir.Response, name: str, streamed: bool) -> Verdict:
    """What the makers of the client format `name` must read, given what the provider said."""
    client = CLIENTS[name]
    if response.error:
        return Raised(response.error.message, 0 if streamed else response.error.status)
    assert response.finish
    cut = response.finish.reason in ("length", "content_filter", "error")
    if response.finish.reason == "error" and client.failed:
        return Raised("The provider could not finish its answer.")
    return Said(
        "".join(_texts(response.parts, client)),
        "".join(part.text for part in response.parts if isinstance(part, ir.Refusal) and client.refusal),
        "".join(part.text for part in response.parts if isinstance(part, ir.Reasoning) and client.thoughts),
        tuple(
            _call(one, name, streamed, cut) for one in response.parts if isinstance(one, ir.ToolCall) and client.calls
        ),
        _finish(response, name),
        _usage(response.finish.usage or ir.Usage(), client),
    )


def _texts(parts: tuple[ir.Part, ...], client: Client) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ir.Text) or (isinstance(part, ir.Refusal) and not client.refusal):
            yield part.text
        elif isinstance(part, ir.Media) and client.media_as_text:
            yield placeholder(part)


def _call(call: ir.ToolCall, name: str, streamed: bool, cut: bool) -> Call:
    """Anthropic streams arguments as the text that they are; a custom tool's are an object there too.

    Responses: a function called without a word is called with ``{}``, unless the answer was `cut`.
    """
    arguments: Any = call.arguments
    if CLIENTS[name].objects:
        custom = call.kind == "custom"
        if name == "anthropic" and streamed:
            arguments = wire.dumps({"input": arguments}).decode() if custom else arguments
        else:
            arguments = {"input": arguments} if custom else wire.arguments_object(arguments)
    elif name == "openai_responses" and call.kind == "function" and not cut:
        arguments = arguments or "{}"
    return call.id, call.name, arguments


def _finish(response: ir.Response, name: str) -> str:
    """An answer with calls ends in `tool_calls`, one without does not, whatever the server says."""
    assert response.finish
    reason = response.finish.reason
    called = any(isinstance(part, ir.ToolCall) for part in response.parts)
    if reason in ("stop", "tool_calls"):
        reason = "tool_calls" if called else "stop"
    if name == "anthropic" and reason == "stop":
        if any(isinstance(part, ir.Refusal) for part in response.parts):
            return "refusal"
        if response.finish.stop_sequence is not None:
            return "stop_sequence"
    return CLIENTS[name].finish[reason]


def _usage(usage: ir.Usage, client: Client) -> tuple[int | None, int | None]:
    return (usage.input, usage.output) if client.unsaid_counts else (usage.input or 0, usage.output or 0)


def disagreement(wanted: Verdict, read: Verdict) -> str:
    """ "" where the SDK read what was wanted. Of thoughts the blanks between them may differ."""
    if isinstance(wanted, Raised):
        same = isinstance(read, Raised) and wanted.message in read.message and wanted.status in (0, read.status)
        return "" if same else f"{wanted} is read as {str(read)[:300]}"
    if isinstance(read, Raised):
        return f"the SDK raised {read}"
    for field in Said._fields:
        one, other = getattr(wanted, field), getattr(read, field)
        if field == "thoughts":
            one, other = "".join(one.split()), "".join(other.split())
        if one != other:
            return f"{field}: {str(one)[:200]!r} is read as {str(other)[:200]!r}"
    return ""


SMALL = 3 * 1024
"""Bytes of a stream that is cut at every byte; bigger ones at random."""


def pieces(body: bytes, seed: str) -> list[bytes]:
    """The bytes as a network might bring them."""
    if len(body) <= SMALL:
        return [body[at : at + 1] for at in range(len(body))]
    rng = random.Random(seed)
    out = []
    at = 0
    while at < len(body):
        size = rng.randint(1, 1500)
        out.append(body[at : at + size])
        at += size
    return out


def collected(upstream: Format, pieces: list[bytes]) -> ir.Response:
    observer = Observer(upstream)
    for piece in (*pieces, b""):
        observer.feed(piece)
    return observer.collected.response()


# -- requests -----------------------------------------------------------------------------


class Turn(NamedTuple):
    """What is said in a row by one side; blanks do not count. `ids`: of calls, or of the results that answer them."""

    role: str
    text: str
    ids: tuple[str, ...] = ()


class Asked(NamedTuple):
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[str, ...]
    calls: tuple[str, ...]
    """Names of the tools called, in order."""


_REMINDER = re.compile(r"</?system-reminder>")
_ATTACHED = re.compile(r"Result of tool call \S+:|\(The tool's result is attached in the next message\.\)")
"""Chat: media of a tool's result follow in the user's name."""
FILLERS = {"anthropic": Turn("user", "."), "gemini": Turn("user", "Continue.")}
"""Said where a conversation must have a user's turn, or must end in one, and has none."""


def asked_again(before: Asked, after: Asked, target: str) -> Asked:
    """`after`, without the turn that only the target's rules demanded. Gemini: a system prompt alone is such a turn."""
    if target == "gemini" and not before.turns and after.turns == (Turn("user", before.system),):
        return after._replace(system=before.system, turns=())
    if len(after.turns) > len(before.turns) and after.turns[-1] == FILLERS.get(target):
        return after._replace(turns=after.turns[:-1])
    return after


def asked(request: ir.Request, target: str) -> Asked:
    """What a request asks, as far as `target` can say it."""
    messages = list(request.messages)
    system = []
    while messages and messages[0].role in ("system", "developer"):
        system.append(_text(messages.pop(0).parts, target))
    turns = [turn for message in messages if (turn := _turn(message, target)).text or turn.ids]
    return Asked(
        _plain(" ".join(system)),
        tuple(_joined(turns)),
        tuple(tool.name for tool in request.tools if isinstance(tool, ir.Tool)),
        tuple(part.name for message in messages for part in message.parts if isinstance(part, ir.ToolCall)),
    )


def _turn(message: ir.Message, target: str) -> Turn:
    role = "user" if message.role in ("system", "developer") else message.role
    ids = [part.id for part in message.parts if isinstance(part, ir.ToolCall)]
    ids += [part.call_id for part in message.parts if isinstance(part, ir.ToolResult)]
    return Turn(role, _plain(_text(message.parts, target)), tuple(ids))


def _joined(turns: list[Turn]) -> Iterator[Turn]:
    last: Turn | None = None
    for turn in turns:
        if last and last.role == turn.role:
            last = Turn(last.role, last.text + turn.text, last.ids + turn.ids)
        else:
            if last:
                yield last
            last = turn
    if last:
        yield last


def _text(parts: tuple[ir.Part, ...], target: str) -> str:
    said = []
    for part in parts:
        match part:
            case ir.Text() | ir.Refusal():
                said.append(part.text)
            case ir.ToolResult():
                said.append(_result(part, target))
            case ir.Media() if part.text and target == "openai_chat":
                said += [part.name, part.text]  # a document of plain text is text there
    return " ".join(said)


def _result(result: ir.ToolResult, target: str) -> str:
    """Gemini carries results as objects: JSON is compared as a value there, and an empty one is no text."""
    text = "\n".join(
        part.text for part in result.parts if isinstance(part, ir.Text) or (part.text and target == "openai_chat")
    )
    if target == "gemini" and text.lstrip()[:1] == "{":
        try:
            return json.dumps(json.loads(text), sort_keys=True).removeprefix("{}")
        except ValueError:
            return text
    return text


def _plain(text: str) -> str:
    """Where texts stand side by side, formats put blanks between them or none."""
    return "".join(_ATTACHED.sub("", _REMINDER.sub("", text)).split())


def unpaired(request: ir.Request) -> str:
    """ "" where every call but the last turn's has its one result right behind it, in order."""
    for place, message in enumerate(request.messages):
        calls = [part.id for part in message.parts if isinstance(part, ir.ToolCall)]
        behind = request.messages[place + 1 :]
        if not calls or not behind:
            continue
        results = [part.call_id for part in behind[0].parts if isinstance(part, ir.ToolResult)]
        if results != calls:
            return f"calls {calls} are followed by the results {results}"
    return ""


def script_lacks(prompt: str, request: ir.Request) -> str:
    """A conversation as one text: whatever of it is missing there, or not in order."""
    at, prompt = 0, _plain(prompt)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ir.Text) and (text := _plain(part.text)):
                found = prompt.find(text, at)
                if found < 0:
                    return text
                at = found + len(text)
    return ""
