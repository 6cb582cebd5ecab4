"""Which relay carries an exchange's answer: as it is, translated, out of or into an envelope, or assembled."""

from __future__ import annotations

from cliproxy.translators import ir, wire
from cliproxy.translators.collect import Collector
from cliproxy.translators.envelope import Change, OpeningObserver, Repacker, put_in, taken_out
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
    after = Repacker(put_in(ANSWER)) if call.enveloped else None
    if not call.same_format:
        translator = StreamTranslator(call.answer_format, call.format, call.context, restorer(call), observer)
        return Relay(observer, translator, translator.renderer, call.recording, watch, after=after)
    renderer = call.format.StreamRenderer(call.context)
    inside = call.upstream.door.answer_member
    if not inside or call.enveloped:
        return Relay(observer, None, renderer, call.recording, watch, after=None if inside else after)
    opened = Observer(call.format)
    call.collected = opened.collected
    return Relay(opened, None, renderer, call.recording, watch, Repacker(taken_out(inside), call.json_array))


def observer_of(call: Exchange) -> Observer:
    """Who reads the provider's stream."""
    inside = call.upstream.door.answer_member
    return OpeningObserver(call.answer_format, inside) if inside else Observer(call.answer_format)


def repacked(call: Exchange) -> Change:
    """How a whole answer of the client's own format gets out of its envelope, or into the client's."""
    inside = call.upstream.door.answer_member
    if bool(inside) == call.enveloped:
        return lambda text: text
    return taken_out(inside) if inside else put_in(ANSWER)


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
    return Restorer(call.names, frozenset(call.names.get(tool.name, tool.name) for tool in tools), call.namespaces)


def _assembler(call: Exchange, observer: Observer) -> Assembler:
    def error(fault: ir.Error) -> bytes:
        return wire.dumps(call.format.render_error(fault))

    def watch(chunks: list[bytes]) -> None:
        if call.turn and call.turn.watcher:
            call.turn.watcher.whole(b"".join(chunks))

    assembly = call.upstream.door.assembly
    if call.same_format and assembly:
        made = assembly()
        return Assembler(observer, lambda data, events: made.feed(data), made.whole, error, call.recording, watch)
    restore, collector = restorer(call), Collector()

    def read(data: bytes, events: list[ir.Event]) -> None:
        for event in events:
            for restored in restore.feed(event):
                collector.feed(restored)

    def whole() -> bytes:
        return wire.dumps(call.format.render_response(collector.response(), call.context))

    return Assembler(observer, read, whole, error, call.recording, watch)
