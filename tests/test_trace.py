"""The trace of a turn: every stage in it, as OpenTelemetry spans too, and no content anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from toy import Gardening

from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import MetierError
from metier.pipeline import STAGES
from metier_testing.upstream import RecordingUpstream

SAID = "My name is Anna Smith and my balcony faces north. When do I prune?"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def named(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_a_turn_is_one_span_with_a_span_for_each_stage(
    open_metier: Any, spans: InMemorySpanExporter
) -> None:
    async with RecordingUpstream() as upstream:
        client = EgressClient({"local": TargetRule(upstream.base_url, private=True)})
        app = await open_metier(Gardening(), engine=OpenAIEngine(client, "local", "tiny"))
        answer = await app.respond(app.request("gardening", SAID))
    assert [s.stage for s in answer.trace.stages] == list(STAGES)
    found = named(spans)
    turn = found["invoke_agent gardening"]
    assert turn.attributes is not None
    assert turn.attributes["gen_ai.operation.name"] == "invoke_agent"
    for stage in STAGES:
        span = found[f"metier.{stage}"]
        assert span.parent is not None and span.parent.span_id == turn.context.span_id
    chat = found["chat openai"]
    assert chat.attributes is not None
    assert chat.attributes["gen_ai.operation.name"] == "chat"
    assert chat.attributes["gen_ai.usage.input_tokens"] == answer.usage.prompt


async def test_neither_trace_nor_spans_hold_content(
    open_metier: Any, spans: InMemorySpanExporter
) -> None:
    app = await open_metier(Gardening())
    answer = await app.respond(app.request("gardening", SAID))
    told = str(answer.trace) + "".join(s.to_json() for s in spans.get_finished_spans())
    for word in ("Anna", "Smith", "north", "balcony", "prune"):
        assert word not in told


async def test_a_failed_turn_is_marked_by_the_type_of_its_error(
    open_metier: Any, spans: InMemorySpanExporter
) -> None:
    plugin = Gardening()
    plugin.broken = {"compose"}
    app = await open_metier(plugin)
    with pytest.raises(MetierError):
        await app.respond(app.request("gardening", SAID))
    turn = named(spans)["invoke_agent gardening"]
    assert turn.attributes is not None and turn.attributes["error.type"] == "MetierError"
    assert not turn.status.is_ok
    assert "secret" not in "".join(s.to_json() for s in spans.get_finished_spans())


async def test_an_abandoned_turn_ends_its_span(
    open_metier: Any, spans: InMemorySpanExporter
) -> None:
    app = await open_metier(Gardening())
    stream = app.stream(app.request("gardening", SAID))
    await anext(stream)
    await stream.aclose()
    turn = named(spans)["invoke_agent gardening"]
    assert turn.attributes is not None and turn.attributes["error.type"] == "GeneratorExit"
