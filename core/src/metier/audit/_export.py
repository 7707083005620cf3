"""Exports: lines that others can verify, and two formats that security systems read.

OCSF: class API Activity (6003) of the Open Cybersecurity Schema Framework 1.8.0
(github.com/ocsf/ocsf-schema, tag 1.8.0, March 2026: events/application/api_activity.json,
events/base_event.json, objects/actor.json, api.json, metadata.json, resource_details.json,
network_endpoint.json).

CEF: "Implementing ArcSight Common Event Format (CEF)", Micro Focus (now OpenText), version 27,
"Header Information" and "Character Encoding"; key names as in Microsoft's "CEF and
CommonSecurityLog field mapping".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import orjson

from metier.audit._event import AuditRecord

if TYPE_CHECKING:
    from metier.store import AuditRow

_OCSF: Final = "1.8.0"
_API_ACTIVITY: Final = 6003
_CREATE, _READ, _UPDATE, _DELETE, _OTHER = 1, 2, 3, 4, 99
_ACTIVITIES: Final[Mapping[str, int]] = {
    "turn": _CREATE, "feedback": _CREATE, "api-key-created": _CREATE, "consent-given": _CREATE,
    "profile-read": _READ, "audit-read": _READ, "audit-export": _READ, "subject-export": _READ,
    "consent-read": _READ, "standing-read": _READ, "backup": _READ, "backup-keys": _READ,
    "restore-test": _READ, "turn-explained": _READ, "turn-read": _READ,
    "restore": _UPDATE, "restore-keys": _UPDATE, "keys-rotated": _UPDATE,
    "keys-reseal": _UPDATE, "restore-dropped": _DELETE,
    "profile-set": _UPDATE, "subject-correct": _UPDATE, "subject-restriction": _UPDATE,
    "subject-hold": _UPDATE, "policy-changed": _UPDATE, "consent-withdrawn": _UPDATE,
    "profile-forget": _DELETE, "subject-erase": _DELETE, "turn-erase": _DELETE,
    "retention": _DELETE, "api-key-revoked": _DELETE,
}  # fmt: skip
_NAMES: Final = {_CREATE: "Create", _READ: "Read", _UPDATE: "Update", _DELETE: "Delete"}
_FAILED: Final = ("-failed", "-blocked", "-refused", "-aborted", "-broken", "-gap")
_GRAVE: Final = frozenset({"egress-gap", "audit-broken", "break-glass"})


def event_line(row: AuditRow) -> bytes:
    """A row as JSON that the chain can be verified from: the body stands in it as text."""
    return orjson.dumps(
        {
            "type": "event",
            "tenant": row.tenant,
            "seq": row.seq,
            "previous": _hex(row.previous),
            "hash": _hex(row.hash),
            "mac": _hex(row.mac),
            "body": row.body.decode(errors="replace") if isinstance(row.body, bytes) else "",
        },
        option=orjson.OPT_SORT_KEYS,
    )


def _hex(value: object) -> str:
    """Empty for what somebody has put in the place of bytes: then nothing fits, as it should."""
    return value.hex() if isinstance(value, bytes) else ""


def ocsf(event: AuditRecord) -> bytes:
    """An event as an OCSF API Activity.

    The source of the activity is metier itself: the log holds no network addresses.
    """
    activity = _ACTIVITIES.get(event.kind, _OTHER)
    failed = event.kind.endswith(_FAILED)
    made: dict[str, Any] = {
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": _API_ACTIVITY,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": _NAMES.get(activity, event.kind),
        "type_uid": _API_ACTIVITY * 100 + activity,
        "time": event.at,
        "severity_id": 4 if event.kind in _GRAVE else 3 if failed else 1,
        "status_id": 2 if failed else 1,
        "metadata": {
            "version": _OCSF,
            "product": {"name": "metier", "vendor_name": "metier", "version": version("metier")},
            "uid": f"{event.tenant}:{event.seq}",
            "sequence": event.seq,
            "tenant_uid": event.tenant,
            "event_code": event.kind,
            "log_name": "audit",
        },
        "actor": {"user": {"uid": event.actor or "metier"}},
        "api": {"operation": event.kind, "service": {"name": "metier"}},
        "src_endpoint": {"svc_name": "metier"},
        "unmapped": {"hash": event.hash, "revision": event.revision, "detail": dict(event.detail)},
    }
    if event.subject:
        made["resources"] = [{"uid": event.subject, "type": "subject"}]
    return orjson.dumps(made)


def cef(event: AuditRecord) -> bytes:
    """An event as a line of CEF, version 0, without a syslog header."""
    failed = event.kind.endswith(_FAILED)
    severity = 8 if event.kind in _GRAVE else 5 if failed else 2
    header = ("metier", "metier", version("metier"), event.kind, event.kind.replace("-", " "))
    extension = {
        "rt": str(event.at),
        "externalId": str(event.seq),
        "act": event.kind,
        "suid": event.actor,
        "duid": event.subject,
        "cs1Label": "tenant",
        "cs1": event.tenant,
        "cs2Label": "hash",
        "cs2": event.hash,
        "cs3Label": "detail",
        "cs3": orjson.dumps(dict(event.detail), option=orjson.OPT_SORT_KEYS).decode(),
    }
    said = " ".join(f"{key}={_value(value)}" for key, value in extension.items() if value)
    return f"CEF:0|{'|'.join(map(_field, header))}|{severity}|{said}".encode()


def _field(text: str) -> str:
    """In the header a backslash and a pipe are escaped, and there is one line."""
    one_line = text.replace("\r", " ").replace("\n", " ")
    return one_line.replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    """In the extension a backslash, an equals sign and line ends are escaped."""
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\r", "\\r").replace("\n", "\\n")


FORMATS: Final[Mapping[str, Callable[[AuditRecord], bytes]]] = {"ocsf": ocsf, "cef": cef}
"""The formats of single events; "jsonl" is of rows and checkpoints."""
