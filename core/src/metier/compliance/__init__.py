"""The compliance report: what this configuration does, in a form a reviewer can sign.

`gather` reads a running metier; the renderers are pure functions of what it found.
"""

from metier.compliance._controls import controls
from metier.compliance._dependencies import installed, read_lock
from metier.compliance._dpia import to_dpia
from metier.compliance._events import EVENTS, EventKind
from metier.compliance._findings import (
    STATUSES,
    Category,
    Configuration,
    Connection,
    Consent,
    Control,
    Count,
    Decision,
    Dependency,
    Domain,
    Entity,
    Evidence,
    Exercise,
    Findings,
    Framework,
    Key,
    Platform,
    Plugin,
    Policy,
    Retention,
    Role,
    Status,
    Target,
    Verified,
)
from metier.compliance._flows import connections
from metier.compliance._gather import Installation, gather
from metier.compliance._html import to_html
from metier.compliance._json import to_json
from metier.compliance._sbom import to_sbom

__all__ = [
    "EVENTS",
    "STATUSES",
    "Category",
    "Configuration",
    "Connection",
    "Consent",
    "Control",
    "Count",
    "Decision",
    "Dependency",
    "Domain",
    "Entity",
    "EventKind",
    "Evidence",
    "Exercise",
    "Findings",
    "Framework",
    "Installation",
    "Key",
    "Platform",
    "Plugin",
    "Policy",
    "Retention",
    "Role",
    "Status",
    "Target",
    "Verified",
    "connections",
    "controls",
    "gather",
    "installed",
    "read_lock",
    "to_dpia",
    "to_html",
    "to_json",
    "to_sbom",
]
