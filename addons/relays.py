"""Which relay carries an exchange's answer: as it is, translated, out of or into an envelope, or assembled."""

from __future__ import annotations

from cliproxy.translators import ir, wire
from cliproxy.translators.collect import Collector
from cliproxy.translators.envelope import Change, OpeningObserver, Repacker, put_in, taken_out
from cliproxy.translators.model_names import ArrayChanger, renamed
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

from .assembler import Assembler
from .doors.code_assist import ANSWER
from .exchange import Exchange
from .relay import Relay


def relay_for(call: Exchange) -> Relay:
    observer = observer_of(call)
    call.collected = observer.collected
    if not call.stream:
        return _assembler(call, observer)
    watch = call.turn.watcher.feed if call.turn and call.turn.watcher else None
    if not call.same_format:
        after = Repacker(put_in(ANSWER)) if call.enveloped else None
        translator = StreamTranslator(call.answer_format, call.format, call.context, restorer(call), observer)
        return Relay(observer, translator, translator.renderer, call.recording, watch, after=after)
    renderer = call.format.StreamRenderer(call.context)
    inside = call.upstream.door.answer_member
    before = None
    if inside and not call.enveloped:
        observer, before = Observer(call.format), Repacker(taken_out(inside), call.json_array)
        call.collected = observer.collected
    return Relay(observer, None, renderer, call.recording, watch, before, _last_change(call))


def _last_change(call: Exchange) -> Repacker | ArrayChanger | None:
    """What a stream of the client's own format still needs: the client's name for the model, the client's envelope."""
    wrapped = call.enveloped and not call.upstream.door.answer_member
    if not call.alias:
        return Repacker(put_in(ANSWER)) if wrapped else None
    if call.json_array:
        return ArrayChanger(_named(call))
    return Repacker(lambda text: _named(call)(put_in(ANSWER)(text) if wrapped else text))


def _named(call: Exchange) -> Change:
    """A client that asked by a name of its own is answered by it."""
    return renamed(call.format.NAME, call.alias) if call.alias else lambda text: text


def observer_of(call: Exchange) -> Observer:
    """Who reads the provider's stream."""
    inside = call.upstream.door.answer_member
    return OpeningObserver(call.answer_format, inside) if inside else Observer(call.answer_format)


def repacked(call: Exchange) -> Change:
    """How a whole answer of the client's own format gets out of its envelope, or into the client's."""
    inside, named = call.upstream.door.answer_member, _named(call)
    if bool(inside) == call.enveloped:
        return named
    moved = taken_out(inside) if inside else put_in(ANSWER)
    return lambda text: named(moved(text))


def in_envelope(call: Exchange, rendered: bytes) -> bytes:
    """An answer that is all here and was written for this client, as it reads it."""
    if not call.enveloped:
        return rendered
    if not call.stream:
        return put_in(ANSWER)(rendered)
    repacker = Repacker(put_in(ANSWER))
    return repacker.feed(rendered) + repacker.close()


def restorer(call: Exchange) -> Restorer:
    assert call.prepared
    tools = (tool for tool in call.prepared.tools if isinstance(tool, ir.Tool) and tool.kind == "custom")
    return Restorer(
        call.names, frozenset(call.names.get(tool.name, tool.name) for tool in tools), call.namespaces, call.alias
    )


def _assembler(call: Exchange, observer: Observer) -> Assembler:
    def error(fault: ir.Error) -> bytes:
        return wire.dumps(call.format.render_error(fault))

    def watch(chunks: list[bytes]) -> None:
        if call.turn and call.turn.watcher:
            call.turn.watcher.whole(b"".join(chunks))

    assembly = call.upstream.door.assembly
    if call.same_format and assembly:
        made = assembly()

        def named() -> bytes:
            return _named(call)(made.whole())

        return Assembler(observer, lambda data, events: made.feed(data), named, error, call.recording, watch)
    restore, collector = restorer(call), Collector()

    def read(data: bytes, events: list[ir.Event]) -> None:
        for event in events:
            for restored in restore.feed(event):
                collector.feed(restored)

    def whole() -> bytes:
        return wire.dumps(call.format.render_response(collector.response(), call.context))

    return Assembler(observer, read, whole, error, call.recording, watch)
