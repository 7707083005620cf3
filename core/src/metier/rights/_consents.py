"""Consent outside a conversation: given, withdrawn and listed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import orjson

from metier.model import EMPTY, Actor, BadRequest
from metier.pipeline import Parts, consent_text, open_rows, retried, without_categories
from metier.policy import ConsentText
from metier.profile import SHARED, Consent, Purpose, consents
from metier.rights._open import Opened, open_for
from metier.store import SealedRow


async def consents_of(parts: Parts, actor: Actor, subject: str | None) -> tuple[Consent, ...]:
    """Every statement of the subject, oldest first."""
    opened = await open_for(parts, actor, subject, "read_profile")
    found = consents(opened.stored.ledger)
    await parts.audit.append(opened.event("consent-read", {"statements": len(found)}))
    return found


async def consent(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    category: str,
    version: str,
    *,
    purpose: Purpose = "remember",
    channel: str = "api",
    language: str = "en",
) -> Consent:
    """Records that the subject has agreed, to the text that they were shown.

    Args:
        version: of that text; it must be the one in force, so that nobody agrees to
            what has been replaced.

    Raises:
        BadRequest: the category is not known, or the version is not the one in force.
        MetierError: 403, the actor may not speak for the subject.
    """
    text = _text(parts, category, purpose)
    if version != text.version:
        raise BadRequest(
            f"The text on '{category}' has the version '{text.version}' now; show that one and "
            "name its version.",
            code="consent_text_outdated",
            param="version",
        )

    async def record() -> Consent:
        opened = await open_for(parts, actor, subject, "correct")
        statement = _statement(opened, category, purpose, True, version, channel, language)
        await _write(opened, statement, ())
        return statement

    return await retried(record)


async def withdraw(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    category: str,
    *,
    purpose: Purpose = "remember",
    channel: str = "api",
    language: str = "en",
) -> int:
    """Takes consent back; what was kept because of it is deleted with it.

    Returns:
        How many facts are gone.

    Raises:
        BadRequest: the category is not known.
    """
    _text(parts, category, purpose)

    async def record() -> int:
        opened = await open_for(parts, actor, subject, "correct")
        statement = _statement(opened, category, purpose, False, "", channel, language)
        if purpose != "remember":
            await _write(opened, statement, ())
            return 0
        gone = tuple(f.id for f in opened.stored.facts if f.category == category)
        await _write(opened, statement, gone, await open_rows(parts, opened.stored.records))
        return len(gone)

    return await retried(record)


def _text(parts: Parts, category: str, purpose: Purpose) -> ConsentText:
    known = {c for m in parts.registry.domains.values() for c in (*m.reads, *m.writes)}
    if purpose == "share":
        known.add(SHARED)
    if category not in known:
        raise BadRequest(
            f"No domain knows facts of that category. Known: {', '.join(sorted(known))}.",
            code="category_not_known",
            param="category",
        )
    return consent_text(parts, category)


def _statement(
    opened: Opened,
    category: str,
    purpose: Purpose,
    given: bool,
    version: str,
    channel: str,
    language: str,
) -> Consent:
    return Consent(
        secrets.token_hex(12), category, purpose, given, version, language, channel,
        opened.now.isoformat(), opened.actor.id,
    )  # fmt: skip


async def _write(
    opened: Opened,
    statement: Consent,
    gone: tuple[str, ...],
    memory: Mapping[str, bytes] = EMPTY,
) -> None:
    """Writes the statement; what was kept because of a consent that ends goes with it.

    Args:
        memory: the person's rows of it, opened.
    """
    change = opened.stored.records.change()
    sealed = change.seal("ledger", statement.id, orjson.dumps(statement.encode()))
    for fact_id in gone:
        change.remove("fact", fact_id)
    left = without_categories(change, memory, [statement.category], opened.parts.terms())
    event = opened.event(
        "consent-given" if statement.given else "consent-withdrawn",
        {
            "category": statement.category,
            "purpose": statement.purpose,
            "version": statement.version,
            "channel": statement.channel[:64],
            "facts_deleted": len(gone),
        },
        change.revision,
    )
    await opened.write(
        change, event, ledger=(SealedRow(statement.id, sealed),), memory=left.rows,
        gone={"fact": gone, "memory": left.gone},
    )  # fmt: skip
