"""Faults of our own: known by their type and place, never by their words, which may be content."""

from __future__ import annotations

import logging

from metier.model import MetierError

_log = logging.getLogger("metier")


def log_fault(error: BaseException, what: str = "A request") -> None:
    """Logs what failed, the kind of the error and where it was raised, never its words."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "?"
    kind = type(error).__name__
    if isinstance(error, MetierError):
        kind += f" ({error.code})"
    _log.error("%s failed: %s at %s", what, kind, where)


def as_error(error: BaseException) -> MetierError:
    """Anything a turn raised, as an error without content; a fault of ours is logged so too."""
    if isinstance(error, MetierError):
        return error
    log_fault(error)
    return MetierError(
        f"The server failed ({type(error).__name__}). Nothing was stored of this turn.",
        code="internal_error",
    )
