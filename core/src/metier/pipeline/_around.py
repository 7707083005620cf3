"""What is asked of a subject's data outside a turn: feedback, views, recommendations, routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from metier.audit import AuditEvent
from metier.crypto import Change
from metier.learning import Outcome as Received
from metier.learning import Personalization
from metier.model import (
    Actor,
    BadRequest,
    Feedback,
    Json,
    Recommendation,
    Route,
    View,
)
from metier.pipeline._admit import outside_turn, permit
from metier.pipeline._commit import retried
from metier.pipeline._person import (
    OUTCOMES,
    computed,
    encode_outcomes,
    near_recommendations,
    rated,
)
from metier.pipeline._recall import recall
from metier.pipeline._state import Parts, State
from metier.pipeline._subject import open_stored, open_tenant
from metier.plugins import Outcome
from metier.store import AgedRow, SealedRow, SubjectChange


def _event(
    state: State, kind: str, detail: Mapping[str, str | int | None], revision: int | None = None
) -> AuditEvent:
    turn = state.turn
    return AuditEvent(
        kind=kind,
        actor=state.request.actor.id,
        subject=turn.subject,
        tenant=turn.tenant,
        detail=dict(detail),
        revision=revision,
    )


def subject_change(state: State, change: Change, event: AuditEvent, **rows: Any) -> SubjectChange:
    """What goes to the store, once everything is sealed."""
    return SubjectChange(
        tenant=state.turn.tenant,
        subject=state.turn.subject,
        expected_revision=state.records.revision,
        key_id=change.key_id,
        roster=change.sealed_roster(),
        event=state.parts.audit.entry(event),
        at=int(state.turn.now.timestamp()),
        **rows,
    )


async def feedback(parts: Parts, actor: Actor, given: Feedback) -> None:
    """Keeps a judgement of an answer and lets the domain learn from it.

    Raises:
        BadRequest: where the rating is not -1, 0 or 1, or the answer is not this person's.
    """
    if given.rating not in (-1, 0, 1):
        raise BadRequest("`rating` must be -1, 0 or 1.", param="rating")
    await open_tenant(parts, actor.tenant)
    row = await parts.store.turn_record(actor.tenant, given.answer)
    if row is None:
        raise BadRequest("There is no such answer.", code="answer_not_found", status=404)
    subject = row.subject
    await permit(parts, actor, subject, "chat")
    stored = await open_stored(parts, actor.tenant, subject)
    record = orjson.loads(stored.records.open("turn_record", given.answer, row.sealed))
    domain = record["domain"]  # sealed; the column beside it may have been changed

    async def keep() -> None:
        state = await recall(await outside_turn(parts, actor, subject, domain, "profile"))
        outcome = await state.host.call("on_feedback", state.narrow, feedback=given)
        known = (await computed(parts, state.records)).outcomes
        strategy, tags = record.get("strategy"), record.get("tags", ())
        received = rated(known, strategy, tags, given.rating, domain)
        await parts.store.change_subject(_feedback_change(state, given, outcome, received))

    await retried(keep)


def _feedback_change(
    state: State, given: Feedback, outcome: Outcome, received: Sequence[Received]
) -> SubjectChange:
    change, at = state.records.change(), int(state.turn.now.timestamp())
    judged = orjson.dumps({"rating": given.rating, "comment": given.comment})
    feedback = SealedRow(given.answer, change.seal("feedback", given.answer, judged, at))
    states = tuple(
        SealedRow(c.plugin, change.seal("plugin_state", c.plugin, orjson.dumps(c.value)))
        for c in outcome.contributions
    )
    event = _event(state, "feedback", {"rating": given.rating}, change.revision)
    sealed = change.seal("memory", OUTCOMES, encode_outcomes(received), at)
    memory = (AgedRow(OUTCOMES, sealed, at),)
    return subject_change(
        state, change, event, plugin_states=states, feedback=(feedback,), memory=memory
    )


async def recommend(
    parts: Parts, actor: Actor, subject: str | None, domain: str, message: str = ""
) -> list[Recommendation]:
    """What the domain suggests to do next, best first."""
    state = await recall(await outside_turn(parts, actor, subject, domain, "profile", message))
    outcome = await state.host.call("recommend", state.narrow)
    found = [r for c in outcome.contributions for r in c.value]
    near = await near_recommendations(state, found)
    told = [_told(r, near, state.turn.language) for r in found]
    return sorted(told, key=lambda r: (-(r.score + near.item(r.id)), r.id))


def _told(found: Recommendation, near: Personalization, language: str) -> Recommendation:
    """A recommendation with the reasons for which it comes sooner or later for this person."""
    words = [c.reason.words.said(language) for c in near.changes if c.name == found.id]
    between = "" if language == "zh" else " "
    return replace(found, reason=between.join([found.reason, *dict.fromkeys(words)]).strip())


def views(parts: Parts, domain: str) -> dict[str, tuple[str, View]]:
    """The views of a domain and its extensions by name, each with its plugin."""
    host = parts.registry.host(domain, parts.extensions)
    return {view.name: (c.plugin, view) for c in host.collect("views") for view in c.value}


async def render_view(
    parts: Parts, actor: Actor, subject: str | None, domain: str, name: str
) -> str:
    """Renders a plugin's page about the subject, as Markdown.

    Raises:
        BadRequest: 404, naming the views there are.
        MetierError: where the plugin failed or took too long.
    """
    known = views(parts, domain)
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise BadRequest(f"'{domain}' has no such view. It has: {there}.", status=404)
    plugin, view = known[name]
    state = await recall(await outside_turn(parts, actor, subject, domain, "profile"))
    turn = state.narrow(state.host.manifest_of(plugin))
    page: str = await state.host.use(
        plugin, "views", name, view.render, turn, fits=lambda page: isinstance(page, str)
    )
    return page


def routes(parts: Parts) -> dict[tuple[str, str], Route]:
    """Every domain's routes by (plugin, path)."""
    return {
        (contribution.plugin, route.path): route
        for domain in parts.registry.domains
        for contribution in parts.registry.host(domain, parts.extensions).collect("routes")
        for route in contribution.value
    }


async def call_route(parts: Parts, actor: Actor, plugin: str, path: str, body: Json) -> Json:
    """Calls a plugin's route for the actor.

    Raises:
        BadRequest: 404 where there is no such route, and what the route itself refuses.
        MetierError: where the plugin failed or took too long.
    """
    route = routes(parts).get((plugin, path))
    if route is None or plugin not in parts.registry.domains:
        raise BadRequest("There is no such route.", code="not_found", status=404)
    state = await recall(await outside_turn(parts, actor, None, plugin, "profile"))
    turn = state.narrow(state.manifest)
    given: Json = await state.host.use(
        plugin, "routes", path, route.handle, turn, body, fits=_is_json
    )
    return given


def _is_json(value: Json) -> bool:
    orjson.dumps(value)  # raises where it is none
    return True
