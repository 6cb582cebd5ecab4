"""Spans and metrics of an exchange, by the GenAI semantic conventions."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("opentelemetry.sdk")  # the extra `otel`

from exchanges import begun, flow
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from cliproxy.addons import telemetry
from cliproxy.addons.exchange import AttemptRecord
from cliproxy.addons.telemetry import Sink, Telemetry
from cliproxy.translators import ir

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
USAGE = ir.Usage(input=10, output=5, cache_read=4)
BODY = {"model": "gpt-test", "messages": [{"role": "user", "content": "a private question"}]}


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def sink(spans: InMemorySpanExporter, reader: InMemoryMetricReader) -> Sink:
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    return Sink(tracers, MeterProvider([reader]))


def test_an_answered_exchange(sink: Sink, spans: InMemorySpanExporter, reader: InMemoryMetricReader) -> None:
    call = begun(flow(body=BODY, headers={"Traceparent": f"00-{TRACE}-{PARENT}-01"}))
    call.answer = ir.Response("r", "gpt-test-2026", None, (), ir.Finish("stop", USAGE))
    call.attempts = [AttemptRecord("openai-1", "openai", 200, 0.5)]
    sink.tell(call, 200, call.began + 2)
    (span,) = spans.get_finished_spans()
    assert span.name == "chat gpt-test" and span.kind is SpanKind.CLIENT
    assert span.context and format(span.context.trace_id, "032x") == TRACE
    assert span.parent and format(span.parent.span_id, "016x") == PARENT
    assert span.end_time and span.start_time and round((span.end_time - span.start_time) / 1e9, 3) == 2
    said = dict(span.attributes or {})
    assert said["gen_ai.provider.name"] == "openai" and said["gen_ai.response.model"] == "gpt-test-2026"
    assert said["gen_ai.usage.input_tokens"] == 10 and said["gen_ai.usage.cache_read.input_tokens"] == 4
    assert "gen_ai.usage.reasoning.output_tokens" not in said
    assert said["gen_ai.response.finish_reasons"] == ("stop",)
    assert span.status.status_code is StatusCode.UNSET
    assert (span.events[0].attributes or {})["cliproxy.account"] == "openai-1"
    assert "a private question" not in span.to_json()
    measured = reader.get_metrics_data()
    assert measured
    metrics = {one.name: one for one in measured.resource_metrics[0].scope_metrics[0].metrics}
    (duration,) = metrics[telemetry.DURATION].data.data_points
    assert duration.sum == pytest.approx(2)
    kinds = {point.attributes["gen_ai.token.type"]: point.sum for point in metrics[telemetry.TOKENS].data.data_points}
    assert kinds == {"input": 10, "output": 5}


def test_a_failed_exchange(sink: Sink, spans: InMemorySpanExporter) -> None:
    sink.tell(begun(flow(body=BODY)), 502, time.time())
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR and dict(span.attributes or {})["error.type"] == "502"


def test_off_unless_asked_for(sink: Sink) -> None:
    one = Telemetry()
    one.listen({})
    assert one._sink is None
    one.listen({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"})
    assert one._sink is None


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> Sink:
        raise ImportError

    monkeypatch.setattr(Sink, "by_otlp", missing)
    Telemetry().listen({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert "cliproxy[otel]" in caplog.text


@pytest.mark.parametrize(
    "path, body, expected",
    [
        ("/v1/chat/completions", BODY, "chat"),
        ("/v1/responses/input_tokens", {"model": "gpt-test", "input": "x"}, "count_tokens"),
        ("/v1/embeddings", {"model": "gpt-test", "input": "x"}, "embeddings"),
        ("/v1/moderations", {"model": "gpt-test", "input": "x"}, "pass_through"),
    ],
)
def test_what_it_was_that_was_asked(path: str, body: dict[str, object], expected: str) -> None:
    assert telemetry.operation(begun(flow("POST", path, body))) == expected
