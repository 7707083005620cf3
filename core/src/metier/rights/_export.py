"""Everything that is held about a person, opened, for them to read and to take along.

Regulation (EU) 2016/679, articles 15 and 20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from metier.audit import AuditEvent, Wanted
from metier.crypto import SealBroken, SubjectRecords
from metier.model import Actor, Fact, Json
from metier.pipeline import BLOCK, ENDED, Parts, open_tenant, opened, permit
from metier.privacy import Vault
from metier.profile.memory import unpack
from metier.rights._missing import missing_events, missing_turns
from metier.store import TurnRow, WholeSubject

FORMAT = "metier-subject-1"


async def export(parts: Parts, actor: Actor, subject: str | None) -> Mapping[str, Json]:
    """What is held about the subject, why, and who has had to do with it.

    Returns:
        Plain values, ready for JSON; see `docs/subject-rights.md` for their names.

    Raises:
        MetierError: 403, the actor may not; 503, the records can't be opened, whole.
        AuditBroken: an event about the subject was changed.
    """
    await open_tenant(parts, actor.tenant)
    chosen = await permit(parts, actor, subject, "export")
    tenant = actor.tenant
    whole = await parts.store.whole_subject(tenant, chosen)
    stored = await opened(parts, tenant, chosen, whole.rows if whole else None)
    records = stored.records
    events = [event async for event in parts.audit.find(tenant, Wanted(subject=chosen))]
    told = {"events": len(events), "facts": len(stored.facts)}
    await parts.audit.append(AuditEvent("subject-export", actor.id, chosen, tenant, told))
    return {
        "format": FORMAT,
        "tenant": tenant,
        "subject": chosen,
        "exported_at": parts.clock().isoformat(),
        "revision": records.revision,
        "restricted": records.roster.restricted,
        "held": records.roster.held,
        "facts": [_fact(parts, fact) for fact in stored.facts],
        "plugin_state": {name: dict(state) for name, state in stored.states.items()},
        "statements": [dict(line) for line in stored.ledger],
        "feedback": _feedback(records, whole),
        "conversations": _conversations(records, whole),
        "stand_ins": _stand_ins(records, whole),
        **_memory(records, whole),
        "turns": _turns(records, whole),
        "missing_turns": missing_turns(events, {row.turn for row in whole.turns} if whole else ()),
        "events": [
            {
                "seq": e.seq,
                "time": e.time.isoformat(),
                "kind": e.kind,
                "actor": e.actor,
                "detail": dict(e.detail),
            }
            for e in events
        ],
        "missing_events": missing_events(events, records.revision),
        "policies": [
            {"name": p.name, "version": p.model.version, "digest": p.digest}
            for p in parts.policy.policies
        ],
    }


def _fact(parts: Parts, fact: Fact) -> dict[str, Json]:
    """A fact, with the rules by which it may be kept and for how long."""
    said: dict[str, Json] = orjson.loads(orjson.dumps(asdict(fact)))
    domain = fact.provenance.domain
    kept = parts.policy.retention(fact.category)
    return said | {
        "collected_by": parts.policy.may_learn(fact.category, domain).rule,
        "consent": parts.policy.consent(fact.category, domain).rule,
        "kept_days": kept.days,
        "kept_by": kept.rule,
    }


def _feedback(records: SubjectRecords, whole: WholeSubject | None) -> Json:
    rows = [(row.id, row.sealed) for row in whole.feedback] if whole else []
    found = records.open_all("feedback", rows)
    return [{"turn": turn, **orjson.loads(data)} for turn, data in found.items()]


def _memory(records: SubjectRecords, whole: WholeSubject | None) -> dict[str, Json]:
    """What was believed before, what is remembered of conversations, and what is made of it."""
    rows = [(row.id, row.sealed) for row in whole.memory] if whole else []
    found = records.open_all("memory", rows)
    blocks = [unpack(data).memories() for name, data in found.items() if name.startswith(BLOCK)]
    memories = sorted((m for block in blocks for m in block), key=lambda m: (m.at, m.id))
    other = (BLOCK, ENDED)
    return {
        "facts_before": [orjson.loads(d) for n, d in found.items() if n.startswith(ENDED)],
        "memories": [asdict(m) | {"at": m.at.isoformat()} for m in memories],
        "derived": {
            name: orjson.loads(data) if data[:1] in (b"{", b"[") else data.hex()
            for name, data in found.items() if not name.startswith(other)
        },
    }  # fmt: skip


def _conversations(records: SubjectRecords, whole: WholeSubject | None) -> Json:
    found = records.open_all("conversation", whole.messages.items() if whole else ())
    return [{"id": name, **orjson.loads(data)} for name, data in found.items()]


def _stand_ins(records: SubjectRecords, whole: WholeSubject | None) -> Json:
    """What a model saw in the place of which value, by conversation and actor."""
    rows: Sequence[tuple[str, bytes]] = [
        (f"{conversation}/{actor}", sealed)
        for (conversation, actor), sealed in (whole.vaults.items() if whole else ())
    ]
    return {
        name: {
            entry.pseudonym: {"entity": entry.entity, "value": entry.value}
            for entry in Vault.loads(data).entries.values()
        }
        for name, data in records.open_all("vault", rows).items()
    }


def _turns(records: SubjectRecords, whole: WholeSubject | None) -> Json:
    """The turns, oldest first; what is sealed in a record goes before the columns beside it."""
    found = [(row, _turn(records, row)) for row in (whole.turns if whole else ())]
    return [turn for _, turn in sorted(found, key=lambda each: (each[1]["at"], each[0].turn))]


def _turn(records: SubjectRecords, row: TurnRow) -> dict[str, Any]:
    found: dict[str, Any] = {
        "turn": row.turn,
        "at": row.at,
        "domain": row.domain,
        "conversation": row.conversation,
        **orjson.loads(records.open("turn_record", row.turn, row.sealed)),
    }
    if not isinstance(found["at"], int):
        raise SealBroken("turn_record")
    return found
