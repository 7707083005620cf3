"""Logs as one JSON object a line, without content.

Loggers of metier say only what their code wrote for a log. What other libraries say
may quote a request, so of theirs the logger, the level and the kind of error are kept
and the words are not.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

OWN = "metier"
REQUESTS = logging.getLogger("metier.requests")
"""A line for each request at the level INFO: route, status and time."""


_OWN_WAYS = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Loggers that uvicorn gives handlers of their own, where it is not told otherwise."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name == OWN or record.name.startswith(f"{OWN}."):
            line["message"] = record.getMessage()
            line |= getattr(record, "figures", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        line["at"] = f"{record.module}:{record.lineno}"
        return json.dumps(line, ensure_ascii=False, default=str)


def log_json(stream: TextIO | None = None) -> logging.Handler:
    """Has every logger write JSON lines, to standard error where no stream is given."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.INFO)
    for name in _OWN_WAYS:  # a handler of their own would write words as they are
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    return handler
