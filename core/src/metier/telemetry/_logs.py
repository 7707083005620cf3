"""What a server writes to standard error: lines of text or of JSON, without content.

Loggers of metier say only what their code wrote for a log. What other libraries say
may quote a request, so of theirs the logger, the level and the kind of error are kept
and the words are not.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from metier._faults import log_fault

OWN = "metier"
REQUESTS = logging.getLogger("metier.requests")
"""A line for each request at the level INFO: route, status and time."""


_OWN_WAYS = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Loggers that uvicorn gives handlers of their own, where it is not told otherwise."""


class TextLines(logging.Formatter):
    """Formats a record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        error = _error(record)
        line = record.getMessage() if _own(record) else f"{record.levelname} of {record.name}"
        where = "" if _own(record) else f" at {record.module}:{record.lineno}"
        return f"{line}{where}{f' ({error})' if error else ''}"


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if _own(record):
            line["message"] = record.getMessage()
            line |= getattr(record, "figures", {})
        if error := _error(record):
            line["error"] = error
        line["at"] = f"{record.module}:{record.lineno}"
        return json.dumps(line, ensure_ascii=False, default=str)


def _own(record: logging.LogRecord) -> bool:
    return record.name == OWN or record.name.startswith(f"{OWN}.")


def _error(record: logging.LogRecord) -> str:
    """The type of the error that is told of, if there is one."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind.__name__ if kind else ""


def log_json(stream: TextIO | None = None) -> logging.Handler:
    """Has every logger write JSON lines, to standard error where no stream is given."""
    return _log(JsonLines(), stream)


def log_without_content(form: Literal["text", "json"]) -> None:
    """Has this process write lines of `form` to standard error, and nothing else there.

    That goes for warnings too, and for what fails in a thread or while something is
    cleaned up: Python would print the error with its words. For processes of our own.
    """
    _log(JsonLines() if form == "json" else TextLines())
    logging.captureWarnings(True)
    threading.excepthook = lambda failed: _told(failed.exc_type, failed.exc_value, "A thread")
    sys.unraisablehook = lambda failed: _told(failed.exc_type, failed.exc_value, "Cleaning up")


def _told(kind: type[BaseException], error: BaseException | None, what: str) -> None:
    if issubclass(kind, SystemExit):  # a thread's own end
        return
    if error is not None:
        log_fault(error, what)
    else:
        logging.getLogger(OWN).error("%s failed: %s", what, kind.__name__)


def _log(lines: logging.Formatter, stream: TextIO | None = None) -> logging.Handler:
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.INFO)
    for name in _OWN_WAYS:  # a handler of their own would write words as they are
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    return handler
