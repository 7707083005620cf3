"""Dashboard and alerts: every figure they name exists, with the labels they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from metier.model import HookFailure, Usage
from metier.pipeline import CallSeen, TurnSeen
from metier.server._incoming import Receive
from metier.server._plain import Scope, Send
from metier.server._watched import watched
from metier.telemetry import Meters

ROOT = Path(__file__).parent.parent
MONITORING = ROOT / "deploy" / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana.json").read_text("utf-8"))
ALERTS = yaml.safe_load((MONITORING / "alerts.yaml").read_text("utf-8"))
RUNBOOK = (ROOT / "docs" / "operations.md").read_text("utf-8")
NAME = re.compile(r"\b(?:metier|process)_[a-z_]+")
SELECTOR = re.compile(r"\b((?:metier|process)_[a-z_]+)\{([^}]*)\}")
GROUPING = re.compile(r"by \(([^)]*)\)")
OF_PROMETHEUS = {"job", "instance", "le"}


@pytest.fixture(scope="module")
def meters() -> Meters:
    """The figures after one of everything."""
    found = Meters()
    call = CallSeen("openai", "tiny", 0.1, Usage(1, 2, 3), "engine_cut")
    failure = HookFailure("toy", "retrieve", "ValueError")
    found.turn(TurnSeen("toy", "failed", "engine_cut", 0.1, {"infer": 0.1}, (call,), (failure,)))
    found.request("/v1/chat/completions", 200, 0.1, 0.05)
    found.refused("server_busy")
    found.reloaded("changed")
    found.policies("4acc541590e2719e")
    found.parts({"store": "", "engine": "engine_unavailable"})
    return found


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


def labels(meters: Meters) -> dict[str, set[str]]:
    """The labels of each series that the page shows."""
    found: dict[str, set[str]] = {}
    for line in meters.page().decode().splitlines():
        if matched := re.match(r"([a-z_]+)(?:\{(.*)\})? ", line):
            names = re.findall(r'([a-z_]+)="', matched[2] or "")
            found.setdefault(matched[1], set()).update(names)
    return found


def test_every_figure_that_is_named_exists(meters: Meters) -> None:
    known, recorded = (
        meters.names(),
        {
            rule["record"]
            for group in ALERTS["groups"]
            for rule in group["rules"]
            if "record" in rule
        },
    )
    shown = labels(meters)
    for expression in expressions():
        named = set(NAME.findall(expression))
        assert named <= known, expression
        assert named <= set(shown), expression
        assert set(re.findall(r"metier:[a-z0-9:]+", expression)) <= recorded, expression
        assert named or "metier:" in expression
        for name, selector in SELECTOR.findall(expression):
            used = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selector))
            assert used <= shown[name] | OF_PROMETHEUS, expression
        for group in GROUPING.findall(expression):
            used = {label.strip() for label in group.split(",")}
            assert used <= set().union(*(shown[n] for n in named)) | OF_PROMETHEUS, expression


def test_the_buckets_that_alerts_name_are_there(meters: Meters) -> None:
    page = meters.page().decode()
    for expression in expressions():
        for bucket in re.findall(r'le="([^"]+)"', expression):
            assert f'le="{bucket}"' in page, expression


def test_probes_are_no_requests_of_an_objective() -> None:
    """Balancers ask every few seconds: they would hide errors, and be some while it drains."""
    ratios = [each for each in expressions() if 'status=~"5.."' in each]
    assert len(ratios) == 4
    for ratio in ratios:
        counted = re.findall(r"metier_http_requests_total(?:\{([^}]*)\})?", ratio)
        assert all('route!~"/healthz|/readyz"' in selector for selector in counted), ratio


def test_each_way_in_which_privacy_fails_closed_calls_somebody() -> None:
    (alert,) = (
        rule["expr"]
        for group in ALERTS["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "MetierPrivacyFailsClosed"
    )
    section = RUNBOOK.split("### Privacy fails closed")[1].split("###")[0]
    codes = set(re.findall(r"\d{3}\s+`([a-z_]+)`", section))
    assert len(codes) == 4 and all(code in alert for code in codes)


async def test_only_of_a_stream_is_told_when_it_began() -> None:
    """An answer in one piece begins when it ends: it is as late as the model is slow."""
    found = Meters()

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/v1/responses":
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def nothing(*_: object) -> Any:
        return None

    for path in ("/v1/responses", "/v1/chat/completions"):
        scope = {"type": "http", "path": path, "method": "POST"}
        await watched(answers, found, False)(scope, nothing, nothing)
    page = found.page().decode()
    assert 'metier_http_first_byte_seconds_count{route="/v1/responses"} 1.0' in page
    assert 'metier_http_first_byte_seconds_count{route="/v1/chat/completions"}' not in page
    assert 'metier_http_requests_total{route="/v1/chat/completions",status="200"} 1.0' in page


def test_every_alert_has_words_and_a_page_of_the_runbook() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:
                assert rule["labels"]["severity"] in ("page", "ticket")
                assert rule["annotations"]["summary"]
                heading = rule["annotations"]["runbook"]
                assert re.search(rf"^#+ {re.escape(heading)}$", RUNBOOK, re.M), heading


def test_no_figure_is_left_out_of_the_page_of_operation(meters: Meters) -> None:
    for name in meters.names():
        for end in ("_bucket", "_sum", "_count", "_total"):
            name = name.removesuffix(end)
        assert f"`{name}`" in RUNBOOK or not name.startswith("metier_"), name


def test_panels_do_not_lie_on_each_other() -> None:
    seen: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & seen and all(x < 24 for x, _ in cells), panel["title"]
        seen |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_a_label_that_nobody_foresaw_is_counted_with_the_others() -> None:
    meters = Meters()
    for n in range(2000):
        meters.request(f"/v1/{n}", 200, 0.1, None)
    meters.request("/v1/my name is Anna", 200, 0.1, None)
    page = meters.page().decode()
    assert "Anna" not in page and 'route="other",status="200"} 1501.0' in page
