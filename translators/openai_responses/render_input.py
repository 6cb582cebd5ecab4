"""Writes `input`: each turn as the items that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..ir import (
    BuiltinCall,
    BuiltinResult,
    Foreign,
    Json,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from ..wire import extra_of
from .content import CONTENT, render_input_part, render_output_part
from .hosted import render_code_run, render_web_search
from .words import NAME

_OUTPUTS = {"function": "function_call_output", "custom": "custom_tool_call_output"}


def render_input(messages: Iterable[Message], stored: bool) -> list[Json]:
    """`stored`: the provider keeps items, so their ids stay; else "Items are not persisted" and an id is a 404."""
    items: list[Json] = []
    for message in messages:
        if message.role == "assistant":
            items += _Turn(message.parts, stored).items
        elif message.role == "tool":
            items += (_render_result(part, stored) for part in message.parts if isinstance(part, ToolResult))
        else:
            items += _render_message(message, stored)
    return items


def _own(node: Part | Message, stored: bool) -> Json:
    """What the client itself said of an item beyond our words, without an id that names nothing."""
    own = extra_of(getattr(node, "extra", None), NAME)
    return own if stored or "id" not in own else {key: value for key, value in own.items() if key != "id"}


def _render_message(message: Message, stored: bool) -> Iterator[Json]:
    content = [part for one in message.parts if (part := render_input_part(one)) is not None]
    if content:
        yield {"type": "message", "role": message.role, "content": content, **_own(message, stored)}
    yield from (part.value for part in message.parts if _is_item(part))  # type: ignore[union-attr]


def _is_item(part: Part) -> bool:
    return isinstance(part, Foreign) and part.format == NAME and not part.type.startswith(CONTENT)


def _render_result(result: ToolResult, stored: bool) -> Json:
    """A single text is a string, as every server understands it; anything else a list of parts."""
    parts = [part for one in result.parts if (part := render_input_part(one)) is not None]
    plain = len(parts) == 1 and parts[0].keys() == {"type", "text"}
    return {
        "type": _OUTPUTS[result.kind],
        "call_id": result.call_id,
        "output": parts[0]["text"] if plain else parts or "",
        **_own(result, stored),
    }


@dataclass(slots=True)
class _Turn:
    """The assistant's parts as items. Text in a row is one message; a call of the provider's holds its result."""

    parts: tuple[Part, ...]
    stored: bool
    items: list[Json] = field(default_factory=list)
    _content: list[Json] | None = None
    _thought: Json | None = None

    def __post_init__(self) -> None:
        for part in self.parts:
            self._add(part)

    def _add(self, part: Part) -> None:
        if not isinstance(part, Reasoning):
            self._thought = None
        match part:
            case Text() | Refusal():
                self._say(part, render_output_part(part))
            case Foreign() if part.format == NAME and part.type.startswith(CONTENT):
                self._say(part, part.value)
            case Reasoning():
                self._reason(part)
            case _:
                self._item(part)

    def _say(self, part: Part, content: Json) -> None:
        own = extra_of(getattr(part, "extra", None), NAME).get("message")
        if self._content is None or own is not None:
            self._content = []
            fields = {key: value for key, value in (own or {}).items() if self.stored or key != "id"}
            self._put({"type": "message", "role": "assistant", "content": self._content, **fields}, self._content)
        self._content.append(content)

    def _put(self, item: Json, content: list[Json] | None = None) -> None:
        self.items.append(item)
        self._content = content

    def _reason(self, part: Reasoning) -> None:
        """Only thoughts of this format. Digest and thought of one item are two parts, the last of them sealed."""
        native = part.opaque.format == NAME if part.opaque else part.extra is not None and part.extra.format == NAME
        if not native:
            return
        thought = self._thought
        if thought is None or not (thought["summary"] and "content" not in thought and not part.summary and part.text):
            thought = {"type": "reasoning", "summary": []}
            self._put(thought)
        if part.text and part.summary:
            thought["summary"] = [{"type": "summary_text", "text": part.text}]
        elif part.text:
            thought["content"] = [{"type": "reasoning_text", "text": part.text}]
        if part.opaque:
            thought |= self._seal(part.opaque.id, part.opaque.data)
        thought |= _own(part, self.stored)
        self._thought = None if part.opaque else thought

    def _seal(self, id: str, data: str) -> Json:
        seal = {"encrypted_content": data} if data else {}
        return {"id": id, **seal} if id and self.stored else seal

    def _item(self, part: Part) -> None:
        match part:
            case ToolCall(kind="custom"):
                self._put(self._call(part, "custom_tool_call", "input"))
            case ToolCall():
                self._put(self._call(part, "function_call", "arguments"))
            case BuiltinCall():
                self._hosted(part)
            case Media():
                # The assistant's own messages hold text only; what it showed is put before its eyes as input.
                if shown := render_input_part(part):
                    self._put({"type": "message", "role": "user", "content": [shown]})
            case Foreign() if part.format == NAME:
                self._put(part.value)

    def _call(self, call: ToolCall, type: str, key: str) -> Json:
        namespace = {"namespace": call.namespace} if call.namespace else {}
        head = {"type": type, "call_id": call.id, "name": call.name, key: call.arguments}
        return {**head, **namespace, **_own(call, self.stored)}

    def _hosted(self, call: BuiltinCall) -> None:
        result = next((one for one in self.parts if isinstance(one, BuiltinResult) and one.call_id == call.id), None)
        if call.tool == "web_search":
            item = render_web_search(call, result)
            # Codex sends its searches without an id; another provider's id would be refused.
            self._put({"id": call.id, **item} if self.stored and call.id.startswith("ws_") else item)
        elif call.tool == "code_execution" and extra_of(call.extra, NAME):
            self._put({"id": call.id, **render_code_run(call, result)})
