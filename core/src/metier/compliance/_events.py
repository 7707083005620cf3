"""What the audit log tells: what its kinds of events mean, and their numbers in one walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from metier.audit import Wanted
from metier.compliance._findings import Consent, Count

if TYPE_CHECKING:
    from metier.audit import AuditLog, AuditRecord


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event in the audit log.

    Args:
        means: what has happened when one is written, in plain words.
        right: what it counts as among requests about people's data; empty where it is none.
    """

    means: str
    right: str = ""


EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType({
    # turns
    "turn": EventKind("a turn ended with an answer; what is kept of it was stored with this"),
    "turn-aborted": EventKind("a turn was broken off before its end; its answer is not remembered"),
    "turn-failed": EventKind("a turn ended with an error"),
    "turn-explained": EventKind("somebody asked why an answer was as it was", "Answers explained"),
    "turn-read": EventKind("what is kept of a turn was shown", "Turns read"),
    "turn-erase": EventKind("a turn was deleted at somebody's wish", "Turns erased"),
    "feedback": EventKind("an answer was judged"),
    "egress-intent": EventKind("the bytes named are about to be sent to a target"),
    "egress-outcome": EventKind("how that sending ended"),
    "egress-blocked": EventKind("nothing was sent: the bytes held what may not leave"),
    "egress-gap": EventKind("a sending of which the log doesn't tell the end was found"),
    "tool-asked": EventKind("a tool needs the person's yes; they were asked, and it was not run"),
    "tool-intent": EventKind("a tool is about to be run"),
    "tool-outcome": EventKind("how running it ended"),
    "texts-embedded": EventKind("somebody was given vectors of texts; none of it was kept"),
    "purpose-refused": EventKind("a plugin was refused what it had not declared"),
    # what is known of a person
    "profile-read": EventKind("facts of a person, or their history, were shown", "Profiles read"),
    "profile-set": EventKind("facts were set or changed by hand", "Facts set"),
    "profile-forget": EventKind("facts were forgotten at somebody's wish", "Facts forgotten"),
    "profile-undo": EventKind("a change of facts was taken back", "Changes of facts undone"),
    "memory-tidied": EventKind("memory was put in order after a turn or an import"),
    "import-preview": EventKind("a file was read to show what an import of it would bring"),
    "import": EventKind("a batch of an import was stored"),
    "import-undo": EventKind("an import was taken back"),
    "imports-read": EventKind("the imports of a person were listed"),
    "groups-refreshed": EventKind("the figures of the groups were made anew"),
    "retention": EventKind("records past their time were deleted"),
    # rights
    "consent-given": EventKind("a person agreed to the use of a category"),
    "consent-withdrawn": EventKind("a person refused it or took it back"),
    "consent-read": EventKind("the consents of a person were shown"),
    "standing-read": EventKind("the restrictions and legal holds of a person were shown"),
    "subject-export": EventKind("all data of a person was exported", "Exports"),
    "subject-correct": EventKind("a fact was corrected at a person's request", "Corrections"),
    "subject-erase": EventKind("all that is kept of a person was erased", "Erasures"),
    "subject-restriction": EventKind(
        "the use of a person's data was restricted, or that was lifted",
        "Restrictions set or lifted",
    ),
    "subject-hold": EventKind(
        "a legal hold was set or released", "Legal holds set or released"
    ),
    # who may come in, and under which policy
    "api-key-created": EventKind("an API key was made"),
    "api-key-revoked": EventKind("an API key was ended"),
    "break-glass": EventKind("somebody used their access for an emergency"),
    "policy-changed": EventKind("other policies are in force from here on"),
    "policy-refused": EventKind("new policies were found and not taken, since they are faulty"),
    # keys and backups
    "keys-rotated": EventKind("keys were replaced by new ones"),
    "keys-reseal": EventKind("records of a person were sealed anew under a newer key"),
    "backup": EventKind("a backup of the data was made"),
    "backup-keys": EventKind("a backup of the keys was made"),
    "restore": EventKind("the data was restored from a backup"),
    "restore-keys": EventKind("the keys were restored from a backup"),
    "restore-dropped": EventKind("a restore left out data whose key is gone"),
    "restore-test": EventKind("a restore was tried without changing anything"),
    # the log itself
    "audit-read": EventKind("the log was shown"),
    "audit-export": EventKind("the log was exported"),
    "audit-broken": EventKind("the log doesn't hold together, and no checkpoint was signed"),
    "audit-sink": EventKind("a place the log is copied to went down or has caught up"),
})  # fmt: skip
"""Every kind that metier writes, in the order in which the report explains them."""

_OTHER = EventKind("written by another version of metier")

_Agreed = dict[tuple[str, str, str, str], bool]
"""By tenant, subject, category and purpose: whether it is agreed to now. Never leaves here."""


@dataclass(slots=True)
class Told:
    """Numbers of all chains together, and when something happened last."""

    kinds: Counter[str] = field(default_factory=Counter)
    last: dict[str, int] = field(default_factory=dict)
    """By kind, in milliseconds since 1970."""
    tested: str = ""
    """How the last test of a restore went."""
    agreed: _Agreed = field(default_factory=dict)

    def note(self, event: AuditRecord) -> None:
        self.kinds[event.kind] += 1
        self.last[event.kind] = max(event.at, self.last.get(event.kind, event.at))
        who = (event.tenant, event.subject)
        if event.kind in ("consent-given", "consent-withdrawn"):
            self._statement(
                who,
                str(event.detail.get("category", "")),
                str(event.detail.get("purpose", "")),
                event.kind == "consent-given",
            )
        elif event.kind == "turn":
            for said in str(event.detail.get("consents") or "").split():
                category, purpose, state = said.split(":")
                self._statement(who, category, purpose, state == "given")
        elif event.kind == "restore-test":
            failed = f"failed ({event.detail.get('code')})"
            self.tested = "the backup can be restored" if event.detail.get("ok") else failed
        elif event.kind == "subject-erase":
            self.agreed = {key: value for key, value in self.agreed.items() if key[:2] != who}

    def _statement(self, who: tuple[str, str], category: str, purpose: str, given: bool) -> None:
        self.agreed[*who, category, purpose] = given

    def consents(self) -> tuple[Consent, ...]:
        """By category and purpose: of how many people consent is in force, of how many not."""
        states = Counter(
            (category, purpose, given) for (_, _, category, purpose), given in self.agreed.items()
        )
        named = sorted({key[:2] for key in states})
        return tuple(
            Consent(c, p, in_force=states[c, p, True], withdrawn=states[c, p, False])
            for c, p in named
        )

    def rights(self) -> tuple[Count, ...]:
        """Requests about people's data, by what was asked for."""
        return tuple(
            Count(event.right, self.kinds[kind]) for kind, event in EVENTS.items() if event.right
        )

    def counted(self) -> tuple[Count, ...]:
        """Every kind that there is in the log, in the order of the table, with what it means."""
        place = {kind: n for n, kind in enumerate(EVENTS)}
        found = sorted(self.kinds, key=lambda kind: (place.get(kind, len(place)), kind))
        return tuple(Count(k, self.kinds[k], EVENTS.get(k, _OTHER).means) for k in found)

    def when(self, kind: str) -> datetime | None:
        """When an event of a kind was written last."""
        at = self.last.get(kind)
        return None if at is None else datetime.fromtimestamp(at / 1000, UTC)


async def told(log: AuditLog) -> Told:
    """Walks through every chain; people are told apart and not kept.

    Raises:
        AuditBroken: an event can't be read.
    """
    found = Told()
    for tenant in await log.store.audit_tenants():
        async for event in log.find(tenant, Wanted()):
            found.note(event)
    return found
