"""Why an answer came out as it did, over HTTP; see docs/explain.md.

The route takes the scope `chat`. Who may read the turn may ask: the person it is about,
or somebody whose role the policies let read turns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI, Request, Response

from metier.model import Actor, BadRequest, Json
from metier.server._about import about_verdicts, about_why
from metier.server._callers import Callers, as_json
from metier.server._wire import App, line, take

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.pipeline import Difference, Explanation

_MARK = re.compile(r"\[(\d{1,2})\]")


def add_why(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds POST /v1/why."""
    metier = cast("Metier", app)

    @rest.post("/v1/why")
    async def why(request: Request) -> Response:
        actor, raw = await callers.actor(request, "chat"), await callers.body(request)
        return as_json(_shown(await asked(metier, actor, raw), line(raw, "language", 16)))


async def asked(app: Metier, actor: Actor, raw: Mapping[str, Any]) -> Explanation:
    """The explanation that a body asks for.

    Raises:
        BadRequest: a field is wrong.
        MetierError: the actor may not read the turn, or there is none.
    """
    answer = line(raw, "answer", 64).removeprefix("chatcmpl-").removeprefix("resp_")
    if not answer:
        raise BadRequest("`answer` is missing: the id of an answer.", param="answer")
    without = take(raw, "without", list, [])
    if not all(isinstance(cause, str) for cause in without):
        raise BadRequest("`without` must be a list of texts.", param="without")
    each = take(raw, "each", bool, False)
    return await app.why(actor, answer, without=without, each=each)


def _shown(found: Explanation, language: str) -> dict[str, Json]:
    if language not in ("", "en", "zh"):
        raise BadRequest('`language` must be "en" or "zh".', param="language")
    cited = {int(mark[1]) for mark in _MARK.finditer(found.answered)}
    return {
        "object": "explanation",
        "answer": found.answer,
        "at": found.at.isoformat(),
        "domain": found.domain,
        "language": found.language,
        "said": found.said,
        "answered": found.answered,
        "reached": found.reached,
        "why": about_why(found.why, cited) | {"verdicts": about_verdicts(found.verdicts)},
        "assumed": [
            {"slot": a.slot, "value": a.value, "cohort": a.cohort, "title": a.title,
             "share": a.share}
            for a in found.assumed
        ],
        "contest": [
            {"strategy": c.name, "own": c.own, "personal": c.personal, "chosen": c.chosen}
            for c in found.contest
        ],
        "unfitted": [{"fact": u.fact, "rules": list(u.rules)} for u in found.unfitted],
        "differs": list(found.differs),
        "states": list(found.states),
        "change": _difference(found.change) if found.change else None,
        "effects": [_difference(each) for each in found.effects],
        "untried": found.untried,
        "text": found.text(language or None),
    }  # fmt: skip


def _difference(found: Difference) -> dict[str, Json]:
    def pair(of: tuple[Any, Any] | None) -> Json:
        return {"with": of[0], "without": of[1]} if of else None

    return {
        "without": list(found.without),
        "gone": [{"kind": p.kind, "text": p.text, "ref": p.ref} for p in found.gone],
        "new": [{"kind": p.kind, "text": p.text, "ref": p.ref} for p in found.new],
        "moved": found.moved,
        "strategy": pair(found.strategy),
        "language": pair(found.language),
        "answer": pair(found.answer),
        "compared": found.compared,
    }
