"""Turns with personal data in four domains leave none of it in figures, spans, metrics or logs."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from opentelemetry import trace
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from served import KEY, engine

from metier.model import Actor
from metier.server import Operated, create_app
from metier.telemetry import TelemetrySettings, export, log_json
from metier_testing.upstream import RecordingUpstream

NAME, MAIL, PHONE, HEALTH, PLACE, CHINESE = (
    "Wilhelmina Featherstone", "w.featherstone@zanzibar.example", "+44 20 7946 0958",
    "penicillin-xyz", "Quatermain", "诸葛明亮",
)  # fmt: skip
PLANTED = (NAME, MAIL, PHONE, HEALTH, PLACE, CHINESE)
DOMAINS = ("education", "healthcare", "support", "writing")
SAYINGS = (
    f"I am {NAME}, my mail is {MAIL}. I am allergic to {HEALTH}. What can I do about a cold?",
    f"我叫{CHINESE}，电话 {PHONE}，住在 {PLACE}。请帮我改一下：他跑的快。",
)
ACTOR = Actor("default", f"{PLACE}-actor", may_act_for=frozenset({"*"}))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged as JSON, at every level."""
    root, own = logging.getLogger(), logging.getLogger("metier")
    before = root.handlers[:], root.level, own.level
    stream = io.StringIO()
    log_json(stream)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:], root.level, own.level = before


async def busy(client: httpx.AsyncClient, upstream: RecordingUpstream) -> None:
    """Turns that work, that fail in many ways, and requests that name things."""
    for domain in DOMAINS:
        for words in SAYINGS:
            for stream in (False, True):
                body = {"model": domain, "messages": [{"role": "user", "content": words}],
                        "stream": stream, "user": NAME}  # fmt: skip
                headers = {"X-Metier-Subject": PLACE, "X-Metier-Conversation": NAME}
                answer = await client.post("/v1/chat/completions", json=body, headers=headers)
                assert answer.status_code == 200, answer.text
        upstream.fail(500)
        body = {"model": domain, "messages": [{"role": "user", "content": SAYINGS[0]}]}
        await client.post("/v1/chat/completions", json=body)
    chat = "/v1/chat/completions"
    words = [{"role": "user", "content": NAME}]
    for refused in (
        await client.post(chat, content=f'{{"model": "{NAME}'),
        await client.post(chat, json={"model": NAME, "messages": words}),
        await client.post(chat, json={"model": "writing", "messages": words, "n": NAME}),
        await client.post(chat, json={}, headers={"Authorization": f"Bearer {MAIL}"}),
        await client.get(f"/v1/models/{NAME}?user={MAIL}"),
        await client.get(f"/{NAME}/{PHONE}"),
        await client.post(f"/v1/plugins/{PLACE}/{NAME}", json={}),
        await client.post("/v1/search", json={"domain": PLACE, "query": NAME}),
        await client.post("/v1/feedback", json={"answer": NAME, "rating": 1, "comment": NAME}),
    ):
        assert refused.status_code >= 400


async def test_no_planted_value_is_in_figures_spans_metrics_or_logs(
    open_metier: Any, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    put = "set_tracer_provider"
    monkeypatch.setattr(
        trace, put, lambda p: monkeypatch.setattr(trace, "get_tracer", p.get_tracer)
    )
    exported = export(TelemetrySettings(), spans=spans, reader=reader)
    async with RecordingUpstream() as upstream:
        app = await open_metier(
            engine=engine(upstream.base_url), telemetry={"logs": "text"}, privacy={"names": "rules"}
        )
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        operated = Operated(app, create_app(app, keys={digest: ACTOR}), exported=exported)
        transport = httpx.ASGITransport(app=operated.asgi)  # type: ignore[arg-type]
        auth = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=auth
        ) as client:
            await busy(client, upstream)
    page = operated.meters.page().decode()
    metrics = reader.get_metrics_data()
    exported.close()
    assert metrics is not None
    finished = [span.to_json() for span in spans.get_finished_spans()]
    told = {"page": page, "metrics": metrics.to_json(), "spans": "".join(finished),
            "logs": logged.getvalue()}  # fmt: skip

    # Each of them tells something, so that what is missing below means something.
    for domain in DOMAINS:
        turns = f'metier_turns_total{{domain="{domain}",outcome="answered"}} 4.0'
        assert turns in page and f"invoke_agent {domain}" in told["spans"]
        assert f'metier_turns_total{{domain="{domain}",outcome="failed"}} 1.0' in page
    assert 'metier_turns_total{domain="?",outcome="failed"}' in page
    assert 'route="/v1/models/{name}",status="404"' in page and 'route="other"' in page
    assert "gen_ai.client.token.usage" in told["metrics"] and "chat" in told["metrics"]
    assert len(told["logs"].splitlines()) > 20
    for line in told["logs"].splitlines():
        json.loads(line)

    for where, text in told.items():
        for value in (*PLANTED, *(json.dumps(v)[1:-1] for v in PLANTED), "Featherstone"):
            assert value.casefold() not in text.casefold(), (where, value)


def test_the_words_of_other_libraries_are_not_logged() -> None:
    stream = io.StringIO()
    root, own = logging.getLogger(), logging.getLogger("metier")
    before = root.handlers[:], root.level, own.level
    uvicorn.Config("any:app")  # gives its loggers handlers of their own
    try:
        log_json(stream)
        logging.getLogger("aiohttp.server").error("request of %s failed", NAME)
        try:
            raise ValueError(NAME)
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception in %s", NAME)
            logging.getLogger("metier").exception("A request failed")
    finally:
        root.handlers[:], root.level, own.level = before
    first, second, third = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["logger"] == "aiohttp.server" and "message" not in first
    assert second["error"] == third["error"] == "ValueError"
    assert third["message"] == "A request failed"
    assert NAME not in stream.getvalue()


_SAYS_MUCH = """
import asyncio, logging, sys, threading, warnings
from metier.telemetry import log_without_content

form, said = sys.argv[1:]
log_without_content(form)

def fails(*_):
    raise ValueError(said)

class Unclean:
    __del__ = fails

async def forgotten():
    asyncio.create_task(asyncio.to_thread(fails))
    await asyncio.sleep(0.1)
    asyncio.get_running_loop().call_soon(fails)
    await asyncio.sleep(0.1)

logging.getLogger("aiohttp.server").error("request of %s failed", said)
warnings.warn(f"Expected str, got {said}")
asyncio.run(forgotten())
thread = threading.Thread(target=fails, name=said)
thread.start()
thread.join()
Unclean()
logging.getLogger("metier").warning("Ours")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_a_server_writes_for_its_operator_holds_the_words_of_others(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SAYS_MUCH, form, NAME], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = done.stderr
    assert "Ours" in told and "aiohttp.server" in told and "py.warnings" in told
    assert told.count("ValueError") == 4  # a task, a callback, a thread and a finalizer
    assert NAME not in told and "Traceback" not in told
