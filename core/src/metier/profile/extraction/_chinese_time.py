"""When something holds, as a Chinese sentence says it, relative to the message."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from metier.profile.extraction._rule import Rule
from metier.profile.extraction._time import Period, period

_TIMELESS = ("birthday", "age", "goal", "habit", "budget", "studies", "phone", "email")


def when(rule: Rule, clause: str, sentence: str, now: datetime) -> Period:
    """The period of a statement that `rule` found in a clause of a sentence."""
    if rule.slot == "pregnant":
        return Period(None, _due(sentence, now))
    if rule.slot in _TIMELESS:
        return Period()
    past = rule.past or bool(re.search("搬|入职|开始|成为", clause))
    own = period(clause, now, past=past, careful=rule.soft)
    if own.valid_from or own.valid_to or len(sentence) >= 200:
        return own
    whole = period(sentence, now, past=past, careful=True)
    return Period(whole.valid_from, whole.valid_to)


def _due(text: str, now: datetime) -> datetime | None:
    """When a pregnancy ends, as it is said or else after the usual forty weeks."""
    said = re.search("预产期(?:是|在)?(.{2,12})", text)
    named = period("到" + said.group(1), now) if said else None
    if named is not None and named.valid_to is not None:
        return named.valid_to
    return now + timedelta(days=280) if now.year < 9999 else None
