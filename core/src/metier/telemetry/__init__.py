"""Figures, spans and logs of a running metier, all without content.

What is counted comes from the content-free record of each turn (`TurnSeen`) and from
requests by route; nothing here is ever given a text. Nothing is sent anywhere unless
`[telemetry]` names where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.telemetry._logs import REQUESTS, JsonLines, log_json, log_without_content
from metier.telemetry._settings import TelemetrySettings

if TYPE_CHECKING:
    from metier.telemetry._meters import Meters as Meters
    from metier.telemetry._page import MetricsPage as MetricsPage
    from metier.telemetry._spans import Exported as Exported
    from metier.telemetry._spans import check_export as check_export
    from metier.telemetry._spans import export as export

__all__ = [
    "REQUESTS",
    "Exported",
    "JsonLines",
    "Meters",
    "MetricsPage",
    "TelemetrySettings",
    "check_export",
    "export",
    "log_json",
    "log_without_content",
]


def __getattr__(name: str) -> Any:
    # Lazy, since the configuration needs the settings alone and the libraries take a while.
    if name == "Meters":
        from metier.telemetry._meters import Meters

        return Meters
    if name == "MetricsPage":
        from metier.telemetry._page import MetricsPage

        return MetricsPage
    if name in ("Exported", "check_export", "export"):
        from metier.telemetry import _spans

        return getattr(_spans, name)
    raise AttributeError(f"module 'metier.telemetry' has no attribute {name!r}")
