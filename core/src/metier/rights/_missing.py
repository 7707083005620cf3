"""What the audit log tells of and the store no longer has.

Turn records are written once, so the subject's roster doesn't name them; the audit
events of the turns do. Each change of the subject's records has an event with the
next revision, so that one taken out leaves a gap. Events that tell of no change
(looks, sends) leave none; that they are all there is for `metier audit verify`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from metier.audit import AuditRecord
from metier.model import Json


def missing_turns(events: Sequence[AuditRecord], stored: Collection[str]) -> list[Json]:
    """Turns that were stored and are gone without having expired or been erased.

    Args:
        events: about the subject, oldest first.
        stored: ids of the turns that are there.
    """
    expected: dict[str, AuditRecord] = {}
    for event in events:
        if event.kind == "turn" and event.detail.get("stored") is True:
            expected[str(event.detail["turn"])] = event
        elif event.kind == "subject-erase":
            expected.clear()
        elif event.kind == "turn-erase":
            expected.pop(str(event.detail["turn"]), None)
        elif event.kind == "retention" and event.detail.get("turn_record"):
            before = int(event.detail.get("turns_before") or event.at // 1000)
            expected = {turn: e for turn, e in expected.items() if e.at // 1000 >= before}
    return [
        {"turn": turn, "time": event.time.isoformat()}
        for turn, event in expected.items()
        if turn not in stored
    ]


def missing_events(events: Sequence[AuditRecord], revision: int) -> list[Json]:
    """Revisions of the subject's records that no event tells of.

    Args:
        events: about the subject, oldest first.
        revision: of the records as they are.
    """
    missing: list[Json] = []
    last = 0
    for event in events:
        if event.revision is not None:
            missing += range(last + 1, event.revision)
            last = event.revision
    return [*missing, *range(last + 1, revision + 1)]
