"""Spans and metrics by OpenTelemetry's conventions for generative AI, sent to a collector.

The spans are made by the pipeline; without this they go nowhere. Names and counts are
all that they hold: no prompt, no answer, no person, no conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricReader,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from metier.model import MetierError
from metier.telemetry._settings import TelemetrySettings

if TYPE_CHECKING:
    from metier.pipeline import CallSeen, TurnSeen

_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576)
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The buckets that the conventions advise."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What sends spans and metrics; tell it of turns, and close it at the end."""

    turn: Callable[[TurnSeen], None]
    close: Callable[[], None]


def export(
    settings: TelemetrySettings,
    headers: str = "",
    *,
    spans: SpanExporter | None = None,
    reader: MetricReader | None = None,
) -> Exported:
    """Begins to send spans and metrics to the collector of the settings.

    The provider of spans is the process's own, which OpenTelemetry keeps one of.

    Args:
        headers: for the collector, as "name=value,name=value".
        spans, reader: used in place of those that send.

    Raises:
        MetierError: the extra `otel` is not installed, or the headers can't be read.
    """
    resource = Resource({"service.name": settings.service, "service.version": version("metier")})
    if spans is None or reader is None:
        spans, reader = _senders(settings, _pairs(headers))
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    trace.set_tracer_provider(tracers)
    meters = MeterProvider([reader], resource=resource)
    figures = _Figures(meters)

    def close() -> None:
        tracers.shutdown()
        meters.shutdown()

    return Exported(figures.turn, close)


class _Figures:
    """The metrics of the conventions: how long a call of the model took, and its tokens."""

    def __init__(self, provider: MeterProvider) -> None:
        meter = provider.get_meter("metier", version("metier"))
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self._usage = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )  # fmt: skip

    def turn(self, seen: TurnSeen) -> None:
        agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.provider.name": "metier",
                 "gen_ai.agent.name": seen.domain}  # fmt: skip
        self._duration.record(seen.seconds, agent | _failed(seen.error))
        for call in seen.calls:
            self._call(call)

    def _call(self, call: CallSeen) -> None:
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": call.engine,
            "gen_ai.request.model": call.model,
        }
        self._duration.record(call.seconds, about | _failed(call.error))
        for kind, count in (("input", call.usage.prompt), ("output", call.usage.completion)):
            if count:
                self._usage.record(count, about | {"gen_ai.token.type": kind})


def _failed(error: str) -> dict[str, str]:
    return {"error.type": error} if error else {}


def check_export(settings: TelemetrySettings, headers: str = "") -> None:
    """Checks all that `export` needs, and sends nothing.

    Raises:
        MetierError: as `export`.
    """
    for each in _exporters(settings, _pairs(headers)):
        each.shutdown()


def _senders(
    settings: TelemetrySettings, headers: dict[str, str]
) -> tuple[SpanExporter, MetricReader]:
    spans, metrics = _exporters(settings, headers)
    every = settings.otlp_seconds * 1000
    return spans, PeriodicExportingMetricReader(metrics, export_interval_millis=every)


def _exporters(
    settings: TelemetrySettings, headers: dict[str, str]
) -> tuple[SpanExporter, MetricExporter]:
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError:
        raise MetierError(
            "`telemetry.otlp_endpoint` needs the extra: `pip install 'metier[otel]'`.",
            code="bad_config",
        ) from None
    base = settings.otlp_endpoint
    options: dict[str, Any] = {"headers": headers, "timeout": 10}
    metrics = OTLPMetricExporter(endpoint=f"{base}/v1/metrics", **options)
    return OTLPSpanExporter(endpoint=f"{base}/v1/traces", **options), metrics


def _pairs(headers: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (p.strip() for p in headers.split(","))):
        name, equals, value = pair.partition("=")
        if not equals:
            raise MetierError(
                "The headers of `telemetry.otlp_headers_env` must be name=value,name=value.",
                code="bad_config",
            )
        found[name.strip()] = value.strip()
    return found
