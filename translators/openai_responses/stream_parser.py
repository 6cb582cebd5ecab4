"""Reads a streamed answer of the Responses API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import ir
from ..ir import BadAnswer, Event, Json
from ..lenient import count, items, mapping, objects, text
from ..sse import ServerSentEvent
from ..wire import loads
from .answer_items import Answer, Item
from .errors import failure_of, parse_error
from .usage import parse_usage
from .words import FINISH_OF_INCOMPLETE, WAITING

_HEADS = frozenset({"response.created", "response.in_progress", "response.queued"})
_ENDS = {
    "response.completed": "completed",
    "response.done": "completed",  # the Codex backend's older word
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
}
"""Terminal event → the status it means where the response itself does not say."""


class StreamParser:
    """Wire events in, IR events out. It lives on the deltas and fills in from what comes whole."""

    def __init__(self) -> None:
        self._answer = Answer()
        self._items: list[Item] = []
        self._places: dict[int, Item] = {}
        self._started = self._ended = False

    def feed(self, event: ServerSentEvent) -> Iterable[Event]:
        if self._ended or event.data == "[DONE]":
            return ()
        try:
            data = loads(event.data)
        except ValueError:
            raise BadAnswer(f"The provider sent an event that is no JSON: {event.data[:80]!r}") from None
        if type(data) is not dict:
            raise BadAnswer(f"The provider sent an event that is no object: {event.data[:80]!r}")
        return self.read(data, text(data.get("type")) or event.event)

    def close(self) -> Iterable[Event]:
        if self._ended:
            return ()
        self._ended = True
        return (ir.Error(502, "The provider's stream ended early, before response.completed."),)

    def read(self, data: Json, type: str) -> Iterator[Event]:
        """The events in one decoded wire event."""
        if handler := _DELTAS.get(type):
            yield from self._start({})
            yield from handler(self, data)
        elif type in _HEADS:
            yield from self._start(mapping(data.get("response")))
        elif type in _ENDS:
            yield from self._end(mapping(data.get("response")), _ENDS[type])
        elif type == "error" or (not type and data.get("error")):
            self._ended = True
            yield parse_error(200, data)

    def _start(self, response: Json) -> Iterator[Event]:
        if not self._started:
            self._started = True
            created = count(response.get("created_at"))
            yield ir.Start(text(response.get("id")), text(response.get("model")), created)

    # -- items -------------------------------------------------------------------------

    def _item(self, data: Json, type: str, id: str = "") -> Item:
        """The item an event speaks of: by its place, for some servers give it a new id with every event."""
        place, id = data.get("output_index"), id or text(data.get("item_id"))
        item = self._places.get(place) if isinstance(place, int) else None
        if item is None and (id or place is None):
            item = next((one for one in reversed(self._items) if one.id == id or not id), None)
        return item or self._new(place, type, id)

    def _new(self, place: object, type: str, id: str) -> Item:
        item = Item(type, len(self._items), id)
        self._items.append(item)
        if isinstance(place, int):
            self._places[place] = item
        return item

    def _added(self, data: Json) -> Iterator[Event]:
        value = mapping(data.get("item"))
        type, id, place = text(value.get("type")), text(value.get("id")), data.get("output_index")
        item = self._item(data, type, id)
        if item.done or item.type != type:  # Where recordings are glued together, a place is taken twice.
            item = self._new(place, type, id)
        yield from self._answer.begin(item, value)

    def _done(self, data: Json) -> Iterator[Event]:
        value = mapping(data.get("item"))
        type, id = text(value.get("type")), text(value.get("id"))
        item = self._item(data, type, id)
        if item.type != type:
            item = next((one for one in self._items if id and one.id == id), None) or self._new(None, type, id)
        yield from self._answer.complete(item, value)

    def _text(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "message"), count(data.get("content_index")) or 0
        yield from self._answer.text(item, index, text(data.get("delta")), data.get("logprobs"))

    def _text_done(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "message"), count(data.get("content_index")) or 0
        if rest := item.part("text", index).missing(text(data.get("text"))):
            yield from self._answer.text(item, index, rest)

    def _annotation(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "message"), count(data.get("content_index")) or 0
        yield from self._answer.cite(item, index, data.get("annotation"))

    def _refusal(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "message"), count(data.get("content_index")) or 0
        yield from self._answer.refuse(item, index, _piece(item, "refusal", index, data))

    def _arguments(self, data: Json) -> Iterator[Event]:
        custom = "custom" in text(data.get("type"))
        item = self._item(data, "custom_tool_call" if custom else "function_call")
        item.name = text(data.get("name")) or item.name
        yield from self._answer.argue(item, _piece(item, "arguments", 0, data))

    def _summary(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "reasoning"), count(data.get("summary_index")) or 0
        yield from self._answer.think(item, "summary", index, _piece(item, "summary", index, data))

    def _thought(self, data: Json) -> Iterator[Event]:
        item, index = self._item(data, "reasoning"), count(data.get("content_index")) or 0
        yield from self._answer.think(item, "content", index, _piece(item, "content", index, data))

    # -- the end -----------------------------------------------------------------------

    def _end(self, response: Json, status: str) -> Iterator[Event]:
        yield from self._start(response)
        self._ended = True
        status = text(response.get("status")) or status
        if status in ("failed", "cancelled"):
            yield _failure(response, status)
            return
        yield from self._fill_in(objects(response.get("output")))
        yield from self._answer.end(self._items)
        usage, tier = parse_usage(response.get("usage")), text(response.get("service_tier"))
        yield ir.Finish(self._reason(response, status), usage, service_tier=tier)

    def _reason(self, response: Json, status: str) -> ir.FinishReason:
        if status in WAITING:
            return "pause"
        if status == "incomplete":
            why = text(mapping(response.get("incomplete_details")).get("reason"))
            return FINISH_OF_INCOMPLETE.get(why, "length")
        return "tool_calls" if self._answer.calls else "stop"

    def _fill_in(self, output: list[Json]) -> Iterator[Event]:
        """What of the final list was not told. Where its ids are new ones, items are known by kind and order."""
        ids = {text(value.get("id")) for value in output} - {""}
        renamed = [item for item in self._items if item.id not in ids]
        for value in output:
            type, id = text(value.get("type")), text(value.get("id"))
            item = next((item for item in self._items if id and item.id == id), None)
            if item is None and (item := next((item for item in renamed if item.type == type), None)):
                renamed.remove(item)
            yield from self._answer.complete(item or self._new(None, type, id), value)


def _piece(item: Item, kind: str, index: int, data: Json) -> str:
    """The new text in a delta, or in a ``.done`` what its deltas did not bring."""
    delta = data.get("delta")
    if isinstance(delta, str):
        return delta
    whole = next((data[key] for key in _WHOLES if isinstance(data.get(key), str)), "")
    return item.part(kind, index).missing(whole)


_WHOLES = ("text", "arguments", "input", "refusal")
_DELTAS: dict[str, Callable[[StreamParser, Json], Iterator[Event]]] = {
    "response.output_item.added": StreamParser._added,
    "response.output_item.done": StreamParser._done,
    "response.output_text.delta": StreamParser._text,
    "response.output_text.done": StreamParser._text_done,
    "response.output_text.annotation.added": StreamParser._annotation,
    "response.refusal.delta": StreamParser._refusal,
    "response.refusal.done": StreamParser._refusal,
    "response.function_call_arguments.delta": StreamParser._arguments,
    "response.function_call_arguments.done": StreamParser._arguments,
    "response.custom_tool_call_input.delta": StreamParser._arguments,
    "response.custom_tool_call_input.done": StreamParser._arguments,
    "response.reasoning_summary_text.delta": StreamParser._summary,
    "response.reasoning_summary_text.done": StreamParser._summary,
    "response.reasoning_text.delta": StreamParser._thought,
    "response.reasoning_text.done": StreamParser._thought,
}


def _failure(response: Json, status: str) -> ir.Error:
    if status == "cancelled":
        return ir.Error(502, "The provider cancelled the answer.", code="cancelled")
    return parse_error(200, {"error": failure_of(response)})


def parse_whole(body: Any) -> Iterator[Event]:
    """A whole answer as the events that a stream would have brought. Raises `BadAnswer`."""
    response = mapping(body)
    status, output = text(response.get("status")), response.get("output")
    if response.get("error") and not items(output) and status != "failed":
        yield parse_error(200, body)
        return
    if not isinstance(output, list) and status not in ("failed", "cancelled"):
        raise BadAnswer("The provider's answer has no `output`: it is no answer of the Responses API.")
    yield from StreamParser().read({"response": response}, "response.completed")
