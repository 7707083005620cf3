"""What metier adds to an answer of the OpenAI wire, below its one key `metier`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from metier.model import Answer, Citation, Fact, Json, Verdict, Why
from metier.server._wire import Wanted


def about(wanted: Wanted, answer: Answer) -> dict[str, Json]:
    """What metier adds to an answer: sources, verdicts, conversation; why, where asked."""
    said: dict[str, Json] = {
        "conversation": answer.conversation,
        "language": answer.language,
        "engine": answer.why.engine,
        "citations": [_citation(c) for c in answer.citations],
        "verdicts": about_verdicts(answer.verdicts),
    }
    return said | {"why": _why(wanted, answer)} if wanted.explain else said


def about_fact(fact: Fact) -> dict[str, Json]:
    """A fact and where it comes from."""
    return {
        "id": fact.id,
        "slot": fact.slot,
        "value": fact.value,
        "category": fact.category,
        "confidence": fact.confidence,
        "constraint": fact.constraint,
        "source": fact.provenance.source,
        "extractor": fact.provenance.extractor,
        "turn": fact.provenance.turn,
        "domain": fact.provenance.domain,
        "multiple": fact.multiple,
        "about": fact.about,
        "times": fact.times,
        "valid_from": _iso(fact.valid_from),
        "valid_to": _iso(fact.valid_to),
        "learned_at": _iso(fact.learned_at),
        "confirmed_at": _iso(fact.confirmed_at),
        "unlearned_at": _iso(fact.unlearned_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def about_why(why: Why, cited: Collection[int]) -> dict[str, Json]:
    """What of the person and the sources shaped an answer.

    Args:
        cited: the numbers of the passages that it cites.
    """
    return {
        "learned": [about_fact(f) for f in why.learned],
        "passing": [about_fact(f) for f in why.passing],
        "used": [about_fact(f) for f in why.used],
        "withheld": [{"slot": slot, "rule": rule} for slot, rule in why.withheld],
        "passages": [
            {
                "number": n, "cited": n in cited, "id": p.id, "kind": p.kind, "title": p.title,
                "source": p.source, "locator": p.locator, "url": p.url, "date": p.date,
                "licence": p.licence, "language": p.language, "score": round(p.score, 4),
                "text": p.text,
            }
            for n, p in enumerate(why.passages, 1)
        ],
        "left_out": [{"fact": fact, "reason": reason} for fact, reason in why.left_out],
        "memories": [
            {"id": m.id, "date": m.date, "said_by": m.source, "domain": m.title, "text": m.text}
            for m in why.memories
        ],
        "cohorts": list(why.cohorts),
        "influences": [
            {"what": i.what, "by": i.by, "because": list(i.because), "words": i.words}
            for i in why.influences
        ],
        "strategy": why.strategy,
    }  # fmt: skip


def _why(wanted: Wanted, answer: Answer) -> dict[str, Json]:
    """What shaped the answer, as `metier ask --explain` shows it.

    The outgoing words hold what was said before in the conversation, so they go
    to the key of the person it is about and to no other, grant or not.
    """
    why, request = answer.why, wanted.request
    own = request.actor.user is None and request.subject in (None, request.actor.id)
    cited = {c.number for c in answer.citations}
    hidden = Counter((h.entity, h.action, h.rule) for h in why.hidden)
    return {
        **about_why(why, cited),
        "hidden": [
            {"entity": entity, "action": action, "rule": rule, "count": count}
            for (entity, action, rule), count in sorted(hidden.items())
        ],
        "verdicts": about_verdicts(answer.verdicts),
        "stages": [
            {"stage": s.stage, "ms": round(s.seconds * 1000, 3), "notes": dict(s.notes)}
            for s in answer.trace.stages
        ],
        "failures": [
            {"plugin": f.plugin, "hook": f.hook, "error": f.error} for f in answer.trace.failures
        ],
        "target": why.target,
        "outgoing": why.outgoing if own else None,
    }  # fmt: skip


def about_verdicts(verdicts: Sequence[Verdict]) -> list[Json]:
    """What the checks decided; not the words, which may be content."""
    return [{"decision": v.decision.value, "reason": v.reason, "check": v.check} for v in verdicts]


def _citation(c: Citation) -> dict[str, Json]:
    return {
        "number": c.number, "title": c.title, "source": c.source, "locator": c.locator,
        "url": c.url, "date": c.date, "licence": c.licence,
    }  # fmt: skip
