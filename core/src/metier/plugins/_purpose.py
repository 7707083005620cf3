"""Purpose limitation: a plugin gets what its manifest declares, and gives nothing else.

What it is refused is known by names alone: the plugin, the hook, and a category, target or
owner that some manifest declares. A name that none declares is the plugin's own word, which
could hold content; it is recorded as "other".
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from metier.model import Fact, Manifest, Scope, Segment, Tool, Turn

_log = logging.getLogger("metier")

OTHER = "other"
"""Stands for a name that no manifest declares."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a plugin was refused, without content.

    Args:
        plugin: who was refused.
        hook: in which hook, or whose contribution.
        kind: "read" (a category of facts), "write" (a category of facts), "source" (a fact
            said to come from elsewhere than the message), "target" (of a tool) or "owner"
            (a segment in another's name).
        name: the category, target or owner.
        turn: the turn's id; empty outside a turn.
        tenant, subject, domain: of that turn.
    """

    plugin: str
    hook: str
    kind: str
    name: str
    turn: str = ""
    tenant: str = ""
    subject: str = ""
    domain: str = ""


Report = Callable[[Refusal], Awaitable[None]]
"""Records a refusal, durably; what it raises ends the turn."""


class Purposes:
    """What the plugins of a registry declare, and who is told of refusals."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        every = list(manifests)
        self.report: Report | None = None
        self._slots: dict[str, set[str]] = {}
        for manifest in every:
            for slot, category in manifest.slots.items():
                self._slots.setdefault(slot, set()).add(category)
        self._names = {name for m in every for name in (*m.reads, *m.writes, *m.targets, m.name)}
        self._names |= {c for categories in self._slots.values() for c in categories}
        self._scopes: dict[str, Scope] = {}

    def narrowed(self, turn: Any, manifest: Manifest) -> Any:
        """The turn with no fact that `manifest` doesn't read, and with a scope of its own."""
        if not isinstance(turn, Turn):
            return turn
        known = self._scopes.get(manifest.name)
        if known is None:
            known = self._scopes[manifest.name] = self._scope(manifest)
        facts = turn.facts
        if any(f.category not in known.reads for f in facts):
            facts = tuple(f for f in facts if f.category in known.reads)
        asked = turn.scope.asked if turn.scope is not None else []
        scope = Scope(known.plugin, known.reads, known.undeclared, asked=asked)
        return replace(turn, facts=facts, scope=scope)

    def _scope(self, manifest: Manifest) -> Scope:
        reads = frozenset(manifest.reads)
        undeclared = {
            slot: min(categories)
            for slot, categories in sorted(self._slots.items())
            # What a plugin writes it knows already; it may look at what it has learned.
            if categories.isdisjoint(reads) and manifest.slots.get(slot) is None
        }
        return Scope(manifest.name, reads, undeclared)

    def sifted(self, hook: str, value: Any, manifest: Manifest) -> tuple[Any, list[Refusal]]:
        """What of a hook's contribution is declared, and what is refused of it."""
        if hook not in ("extract_profile", "assemble_prompt", "tools"):
            return value, []
        kept, refused = [], []
        for item in value:
            problem = _problem(item, manifest)
            if problem is None:
                kept.append(replace(item, owner=manifest.name) if hook == "tools" else item)
            else:
                refused.append(self.refusal(manifest.name, hook, *problem))
        return tuple(kept), refused

    def refusal(self, plugin: str, hook: str, kind: str, name: str) -> Refusal:
        return Refusal(plugin, hook, kind, name if name in self._names else OTHER)

    async def tell(self, refusals: Iterable[Refusal], turn: Any) -> None:
        """Logs and reports refusals; `turn` says whose data it was about."""
        for refusal in dict.fromkeys(refusals):
            _log.warning(
                "The plugin '%s' was refused in `%s`: %s of '%s' is not declared in its manifest.",
                refusal.plugin, refusal.hook, refusal.kind, refusal.name,
            )  # fmt: skip
            if self.report is None:
                continue
            if isinstance(turn, Turn):
                refusal = replace(
                    refusal, turn=turn.id, tenant=turn.tenant, subject=turn.subject,
                    domain=turn.domain,
                )  # fmt: skip
            await self.report(refusal)


def _problem(item: Fact | Segment | Tool, manifest: Manifest) -> tuple[str, str] | None:
    """Why a plugin may not give this; None where it may."""
    if isinstance(item, Fact):
        if item.category not in manifest.writes:
            return "write", item.category
        # Said to be stated in the settings, it would beat what the person says.
        return ("source", item.category) if item.provenance.source != "turn" else None
    if isinstance(item, Segment):
        if item.owner != manifest.name:
            return "owner", item.owner
        if item.fact is not None and item.fact.category not in manifest.reads:
            return "read", item.fact.category
        return None
    return next((("target", t) for t in item.targets if t not in manifest.targets), None)
