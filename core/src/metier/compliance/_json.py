"""The report as one JSON document."""

from __future__ import annotations

from dataclasses import asdict

import orjson

from metier.compliance._findings import STATUSES, Findings

FORMAT = "metier-compliance-report/1"


def to_json(findings: Findings) -> str:
    """The findings as JSON, indented, with the counts of the control map."""
    said = {
        "format": FORMAT,
        "controls": {status: findings.count(status) for status in STATUSES},
        **asdict(findings),
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n"
