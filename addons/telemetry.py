"""OpenTelemetry: a span and the GenAI metrics of every exchange, sent by OTLP where the standard variables say so.

Names: the GenAI semantic conventions (https://github.com/open-telemetry/semantic-conventions-genai). No content.
Switched on by ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or its ``_TRACES_``/``_METRICS_`` kin); needs ``cliproxy[otel]``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mitmproxy import http

from . import exchange
from .exchange import Exchange
from .upstreams import USER_AGENT

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
PROVIDER_NAMES = {"gemini": "gcp.gemini", "code-assist": "gcp.gemini", "vertex": "gcp.vertex_ai", "chatgpt": "openai"}
"""The conventions' word where it isn't ours."""
OPERATIONS = {"openai_completions": "text_completion", "gemini": "generate_content"}
"""By the client's format; all others are "chat"."""
DURATION, TOKENS = "gen_ai.client.operation.duration", "gen_ai.client.token.usage"
DURATION_BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKEN_BUCKETS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)

type Attributes = dict[str, str | int | float | bool | list[str]]


class Telemetry:
    def __init__(self) -> None:
        self._sink: Sink | None = None

    def running(self) -> None:
        self.listen(os.environ)

    def listen(self, environ: Mapping[str, str]) -> None:
        if not any(environ.get(name) for name in ENDPOINTS) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
            return
        try:
            self._sink = Sink.by_otlp()
        except ImportError:
            logger.error(
                "OTEL_EXPORTER_OTLP_… is set, but OpenTelemetry is not installed: `pip install cliproxy[otel]`."
            )

    def response(self, flow: http.HTTPFlow) -> None:
        self._tell(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._tell(flow)

    def _tell(self, flow: http.HTTPFlow) -> None:
        if self._sink and (call := exchange.of(flow)):
            self._sink.tell(call, flow.response.status_code if flow.response and not flow.error else 499, time.time())

    async def done(self) -> None:
        if self._sink:
            await asyncio.to_thread(self._sink.close)


class Sink:
    """What takes spans and measurements; it sends from threads of its own."""

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self._tracers, self._meters = tracers, meters
        self._tracer = tracers.get_tracer(USER_AGENT)
        meter = meters.get_meter(USER_AGENT)
        self._duration = meter.create_histogram(
            DURATION, "s", "GenAI operation duration.", explicit_bucket_boundaries_advisory=DURATION_BUCKETS
        )
        self._tokens = meter.create_histogram(
            TOKENS, "{token}", "Number of tokens used.", explicit_bucket_boundaries_advisory=TOKEN_BUCKETS
        )

    @staticmethod
    def by_otlp() -> Sink:
        """Raises `ImportError` without the extra. Half a second of imports, so not before it is asked for."""
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "cliproxy")})
        tracers = TracerProvider(resource=resource)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return Sink(tracers, MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource))

    def tell(self, call: Exchange, status: int, now: float) -> None:
        self._span(call, status, now)
        common = {**measured(call), **failure(status)}
        self._duration.record(now - call.began, common)
        usage = call.usage
        for kind, count in (("input", usage.input), ("output", usage.output)) if usage else ():
            if count is not None:
                self._tokens.record(count, {**common, "gen_ai.token.type": kind})

    def _span(self, call: Exchange, status: int, now: float) -> None:
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({k.lower(): v for k, v in call.sent.headers.items()})
        facts = attributes(call, status)
        name = f"{facts['gen_ai.operation.name']} {call.model}"
        began = int(call.began * 1e9)
        span: Any = self._tracer.start_span(name, parent, SpanKind.CLIENT, facts, start_time=began)
        for record in call.attempts:
            told = {"cliproxy.account": record.credential, "gen_ai.provider.name": provider_name(record.provider)}
            seen = {"http.response.status_code": record.status, "cliproxy.attempt.duration": record.seconds}
            span.add_event("attempt", {**told, **seen, "error.type": record.failure})
        if status >= 400:
            span.set_status(StatusCode.ERROR)
        span.end(int(now * 1e9))

    def close(self) -> None:
        """Send what is left."""
        self._tracers.shutdown()
        self._meters.shutdown()


def operation(call: Exchange) -> str:
    """The conventions have words for chat, completions, Gemini's and embeddings; the rest is named as it is."""
    if call.operation == "count":
        return "count_tokens"
    if call.operation == "pass":
        return "embeddings" if "mbed" in call.target else "pass_through"
    return OPERATIONS.get(call.format.NAME, "chat")


def provider_name(upstream: str) -> str:
    return PROVIDER_NAMES.get(upstream, upstream)


def measured(call: Exchange) -> Attributes:
    """What both the span and the metrics carry."""
    found: Attributes = {
        "gen_ai.operation.name": operation(call),
        "gen_ai.provider.name": provider_name(call.upstream.name),
        "gen_ai.request.model": call.model,
    }
    if model := answered_by(call):
        found["gen_ai.response.model"] = model
    return found


def failure(status: int) -> Attributes:
    return {"error.type": str(status)} if status >= 400 else {}


def attributes(call: Exchange, status: int) -> Attributes:
    found = {**measured(call), **failure(status), **dict(_tokens(call))}
    found |= {
        "gen_ai.request.stream": call.stream,
        "http.response.status_code": status,
        "cliproxy.id": call.id,
        "cliproxy.client": call.client,
    }
    if finish := call.collected.finish if call.collected else call.answer.finish if call.answer else None:
        found["gen_ai.response.finish_reasons"] = [finish.reason]
    if call.lost:
        found["cliproxy.lost"] = list(call.lost)
    return found


def answered_by(call: Exchange) -> str:
    """The model as the provider names it."""
    start = call.collected.start if call.collected else None
    return (start.model if start else "") or (call.answer.model if call.answer else "")


def _tokens(call: Exchange) -> Iterator[tuple[str, int]]:
    usage = call.usage
    names = {
        "gen_ai.usage.input_tokens": usage.input if usage else None,
        "gen_ai.usage.output_tokens": usage.output if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read if usage else None,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write if usage else None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning if usage else None,
    }
    for name, count in names.items():
        if count is not None:
            yield name, count
