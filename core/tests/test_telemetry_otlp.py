"""What is sent to a collector: where the settings say, without content, and else nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry import trace
from pydantic import ValidationError

from metier.model import HookFailure, MetierError, Usage
from metier.pipeline import CallSeen, TurnSeen
from metier.telemetry import TelemetrySettings, export

CALL = CallSeen("openai", "tiny", 0.1, Usage(7, 9))
TURN = TurnSeen("toy", "answered", "", 0.2, {"infer": 0.1}, (CALL,), (HookFailure("a", "b", "C"),))


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A collector's address, and what came: path, Authorization and body."""
    came: list[tuple[str, str, bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append((self.path, self.headers.get("authorization", ""), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_and_metrics_go_to_the_collector_with_its_headers(
    collector: tuple[str, list[tuple[str, str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, came = collector
    put = "set_tracer_provider"
    monkeypatch.setattr(
        trace, put, lambda p: monkeypatch.setattr(trace, "get_tracer", p.get_tracer)
    )
    settings = TelemetrySettings(otlp_endpoint=address, service="assistants", otlp_seconds=3600)
    exported = export(settings, "authorization=Bearer collector-key")
    trace.get_tracer("metier").start_span("invoke_agent toy").end()
    exported.turn(TURN)
    exported.close()
    sent = {path: (key, body) for path, key, body in came}
    assert set(sent) == {"/v1/traces", "/v1/metrics"}
    assert {key for key, _ in sent.values()} == {"Bearer collector-key"}
    assert b"invoke_agent toy" in sent["/v1/traces"][1]
    metrics = sent["/v1/metrics"][1]
    for name in (b"gen_ai.client.operation.duration", b"gen_ai.client.token.usage", b"assistants"):
        assert name in metrics


def test_a_collector_elsewhere_is_not_reached_in_clear() -> None:
    with pytest.raises(ValidationError, match="plain http to another machine"):
        TelemetrySettings(otlp_endpoint="http://collector.example:4318")
    for near in ("http://127.0.0.1:4318", "http://[::1]:4318", "https://collector.example"):
        assert TelemetrySettings(otlp_endpoint=near).otlp_endpoint == near
    assert TelemetrySettings(otlp_endpoint="http://collector.example", otlp_plain=True)


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://a", "http://anna:secret@b"])
def test_an_endpoint_is_an_address_without_a_password(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        TelemetrySettings(otlp_endpoint=endpoint)


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MetierError, match=r"metier\[otel\]"):
        export(TelemetrySettings(otlp_endpoint="http://127.0.0.1:9"))


def test_headers_that_are_none_are_refused() -> None:
    with pytest.raises(MetierError, match="name=value"):
        export(TelemetrySettings(otlp_endpoint="http://127.0.0.1:9"), "no equals sign")
