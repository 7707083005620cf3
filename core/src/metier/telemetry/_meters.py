"""Everything that is counted and timed, as Prometheus has it.

Labels hold names that the operator, a plugin or the code gave: routes, domains, stages,
codes of errors. What a client names never becomes a label as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from metier.inference import FIGURES

if TYPE_CHECKING:
    from metier.pipeline import TurnSeen

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
_PLAIN = re.compile(r"[A-Za-z0-9_.:/?{}-]{1,64}")
_MOST = 500
"""Values of one label; the rest is counted together, so that memory stays bounded."""
OTHER = "other"


class Meters:
    """The figures of one metier, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        one: dict[str, Any] = {"registry": self.registry}
        self._labels: dict[str, set[str]] = {}
        ProcessCollector(registry=self.registry)
        Gauge("metier_info", "1, with the version.", ["version"], **one).labels(
            version("metier")
        ).set(1)
        # --- requests
        self._requests = Counter(
            "metier_http_requests", "Requests that were answered.", ["route", "status"], **one
        )
        self._request_seconds = Histogram(
            "metier_http_request_seconds", "From a request to the end of its answer.", ["route"],
            buckets=_SECONDS, **one,
        )  # fmt: skip
        self._first_seconds = Histogram(
            "metier_http_first_byte_seconds", "From a request to the first byte of a stream.",
            ["route"], buckets=_QUICK, **one,
        )  # fmt: skip
        self.open = Gauge("metier_http_open", "Requests under way.", **one)
        self._refused = Counter(
            "metier_http_refused", "Requests that were refused before they began.", ["reason"],
            **one,
        )  # fmt: skip
        self.draining = Gauge("metier_draining", "1 while the server takes nothing new.", **one)
        # --- turns
        self._turns = Counter("metier_turns", "Turns that ended.", ["domain", "outcome"], **one)
        self._turn_errors = Counter("metier_turn_errors", "Turns that failed.", ["code"], **one)
        self._turn_seconds = Histogram(
            "metier_turn_seconds", "From admission to the end of a turn.", ["domain"],
            buckets=_SECONDS, **one,
        )  # fmt: skip
        self._stage_seconds = Histogram(
            "metier_stage_seconds", "What a stage of a turn took.", ["stage"], buckets=_QUICK, **one
        )
        self._calls = Histogram(
            "metier_engine_seconds", "What a call of the engine took.", ["engine"],
            buckets=_SECONDS, **one,
        )  # fmt: skip
        self._call_errors = Counter(
            "metier_engine_errors", "Calls of the engine that failed.", ["engine", "code"], **one
        )
        self._tokens = Counter("metier_tokens", "Tokens of the engine.", ["engine", "kind"], **one)
        self._hooks = Counter(
            "metier_hook_failures", "Hooks of plugins that failed.", ["plugin", "hook", "error"],
            **one,
        )  # fmt: skip
        # --- the installation
        self.hooks_off = Gauge("metier_hooks_off", "Hooks switched off for failing.", **one)
        self.ready = Gauge("metier_ready", "1 where a part can serve.", ["part"], **one)
        self.disk_free = Gauge("metier_disk_free_bytes", "Free space for the home.", **one)
        self._reloads = Counter(
            "metier_reloads", "Configuration or policies read anew.", ["result"], **one
        )
        self._policies = Gauge("metier_policies", "1 for those in force.", ["version"], **one)
        self._model_servers = {
            name: Gauge(
                f"metier_vllm_{name}", f"Of a vLLM, in its own words: {words}.", ["server"], **one
            )
            for name, (_, words) in FIGURES.items()
        }
        self._looks: list[Callable[[], object]] = []

    def before_page(self, look: Callable[[], object]) -> None:
        """Has `look` set gauges whenever the page is asked for."""
        self._looks.append(look)

    def page(self) -> bytes:
        """The page as Prometheus reads it."""
        for look in self._looks:
            look()
        return generate_latest(self.registry)

    # --- what is told ------------------------------------------------------------------

    def turn(self, seen: TurnSeen) -> None:
        """Counts a turn that has ended."""
        domain = self._label("domain", seen.domain)
        self._turns.labels(domain, seen.outcome).inc()
        self._turn_seconds.labels(domain).observe(seen.seconds)
        if seen.error:
            self._turn_errors.labels(self._label("code", seen.error)).inc()
        for stage, seconds in seen.stages.items():
            self._stage_seconds.labels(stage).observe(seconds)
        for call in seen.calls:
            engine = self._label("engine", call.engine)
            self._calls.labels(engine).observe(call.seconds)
            if call.error:
                self._call_errors.labels(engine, self._label("code", call.error)).inc()
            usage = call.usage
            for kind, count in (
                ("input", usage.prompt), ("output", usage.completion), ("cached", usage.cached)
            ):  # fmt: skip
                self._tokens.labels(engine, kind).inc(count)
        for failure in seen.failures:
            self._hooks.labels(
                self._label("plugin", failure.plugin),
                self._label("hook", failure.hook),
                self._label("error", failure.error),
            ).inc()

    def request(self, route: str, status: int, seconds: float, first: float | None) -> None:
        """Counts an answered request.

        Args:
            route: the pattern of its path, never the path.
            first: seconds to the first byte of a stream; None where it is none.
        """
        route = self._label("route", route)
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)
        if first is not None:
            self._first_seconds.labels(route).observe(first)

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def reloaded(self, result: str) -> None:
        self._reloads.labels(result).inc()

    def policies(self, version: str) -> None:
        """Notes which policies are in force, so that replicas can be compared."""
        self._policies.clear()
        self._policies.labels(version).set(1)

    def parts(self, found: Mapping[str, str]) -> None:
        """Notes which parts can serve, from `Readiness.look`."""
        for part, code in found.items():
            self.ready.labels(part).set(0 if code else 1)

    def model_servers(self, found: Mapping[str, Mapping[str, float]]) -> None:
        """Notes what each vLLM has told of its work; one that tells nothing now is left out."""
        for name, gauge in self._model_servers.items():
            gauge.clear()
            for server, figures in found.items():
                if name in figures:
                    gauge.labels(self._label("server", server)).set(figures[name])

    def names(self) -> set[str]:
        """The names of all series, as dashboards and alerts name them."""
        return {name for family in self.registry.collect() for name in _series(family)}

    def _label(self, label: str, value: str) -> str:
        """A value that may stand on the page: plain, and one of a bounded number."""
        known = self._labels.setdefault(label, set())
        if value in known:
            return value
        if len(known) >= _MOST or not _PLAIN.fullmatch(value):
            return OTHER
        known.add(value)
        return value


def _series(family: object) -> Iterable[str]:
    kind, name = getattr(family, "type", ""), getattr(family, "name", "")
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(kind, ("",))
    return [f"{name}{end}" for end in ends]
