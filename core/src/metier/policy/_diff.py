"""What becomes allowed and what forbidden between two sets of policies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal, NamedTuple

from metier.policy._decisions import RIGHTS, ROLES, Decided
from metier.policy._people import BELOW, CONSENTS
from metier.policy._set import ACTIONS, DETECTIONS, HANDLING, REVIEWS, PolicySet
from metier.policy._universe import OTHER, Universe

Direction = Literal["allowed", "forbidden", "changed"]
_FOREVER = 10**6
_ANOTHER = " "
"""A second domain that no rule names."""


@dataclass(frozen=True, slots=True)
class Change:
    """One decision that differs.

    Args:
        direction: "allowed" is less strict than before, "forbidden" stricter, and
            "changed" neither.
        what: the kind of decision.
        where: its coordinates, each with the values for which it changes alike;
            `*` stands for every value that no rule names.
        old, new: what is decided.
        old_rule, new_rule: the rules that decide.
    """

    direction: Direction
    what: str
    where: dict[str, tuple[str, ...]]
    old: str
    new: str
    old_rule: str
    new_rule: str


class _Said(NamedTuple):
    """A decision; of two levels the higher is the stricter, and None can't be compared."""

    says: str
    rule: str
    level: int | None


_Ask = Callable[[PolicySet, tuple[str, ...]], _Said]


def difference(old: PolicySet, new: PolicySet) -> list[Change]:
    """Every decision that differs, asked at each point that a rule of either names.

    Enumerated, not compared as text: a rule that moved, or that another file made
    needless, changes nothing.
    """
    universe = Universe([old, new])
    found: list[Change] = []
    for what, names, points, ask in _questions(universe):
        found += _differing(what, names, points, ask, old, new)
    order = ("allowed", "forbidden", "changed")
    return sorted(found, key=lambda c: order.index(c.direction))


def _differing(
    what: str,
    names: tuple[str, ...],
    points: Iterable[tuple[str, ...]],
    ask: _Ask,
    old: PolicySet,
    new: PolicySet,
) -> Iterator[Change]:
    alike: dict[tuple[_Said, _Said], list[tuple[str, ...]]] = {}
    for point in points:
        before, after = ask(old, point), ask(new, point)
        if before.says != after.says:
            alike.setdefault((before, after), []).append(point)
    for (before, after), where in alike.items():
        direction: Direction = "changed"
        if before.level is not None and after.level is not None and before.level != after.level:
            direction = "allowed" if after.level < before.level else "forbidden"
        for block in _blocks(where):
            yield Change(
                direction, what,
                {name: tuple(v or "*" for v in values)
                 for name, values in zip(names, block, strict=True)},
                before.says, after.says, before.rule, after.rule,
            )  # fmt: skip


def _blocks(points: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], ...]]:
    """Points as few products: joins, coordinate by coordinate, those alike in all others."""
    blocks: list[tuple[tuple[str, ...], ...]] = [
        tuple((value,) for value in point) for point in points
    ]
    for place in reversed(range(len(points[0]))):
        joined: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        for block in blocks:
            rest = block[:place] + block[place + 1 :]
            joined.setdefault(rest, []).extend(block[place])
        blocks = [(*rest[:place], tuple(values), *rest[place:]) for rest, values in joined.items()]
    return blocks


_Question = tuple[str, tuple[str, ...], Iterable[tuple[str, ...]], _Ask]


def _questions(u: Universe) -> Iterator[_Question]:
    """Every kind of decision, with the points to ask it at."""
    parts = ("image", "audio", "file")
    two = (p for p in product(u.categories, u.domains, u.domains) if p[1] != p[2] or p[1] == OTHER)
    facts, of_facts = ("category", "domain", "purpose"), [u.categories, u.domains, u.purposes]
    yield "send", ("target",), product(u.targets), _send
    yield (
        "entity", ("entity", "target", "domain"), product(u.entities, u.targets, u.domains), _entity
    )  # fmt: skip
    yield "part", ("kind", "target", "domain"), product(parts, u.targets, u.domains), _part
    yield "learn", facts, product(*of_facts), _learn
    yield "show", facts, product(*of_facts), _show
    yield "consent", ("category", "domain"), product(u.categories, u.domains), _consent
    yield "cross_domain", ("category", "origin", "domain"), two, _cross
    yield "keep", ("kind",), product(u.kept), _keep
    yield "role", ("role", "action", "category"), product(ROLES, RIGHTS, u.categories), _role
    yield "review", ("domain",), product(u.domains), _review
    yield "detection", ("domain",), product(u.domains), _detection
    yield "languages", ("domain",), product(u.domains), _languages
    yield "disclosure", ("domain", "language"), product(u.domains, ("en", "zh")), _disclosure
    yield "contact", ("kind", "domain"), product(u.contacts, u.domains), _contact
    yield "minors", (), [()], _minors
    yield "durability", (), [()], _durability
    yield "repair", (), [()], _repair
    yield "values let through", (), [()], _allowed_values
    yield "values declared", (), [()], _declared


def _yes(decided: Decided) -> _Said:
    return _Said("yes" if decided.allowed else "no", decided.rule, int(not decided.allowed))


def _send(p: PolicySet, at: tuple[str, ...]) -> _Said:
    return _yes(p.may_send(at[0]))


def _entity(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.entity_action(*at)
    return _Said(found.action, found.rule, ACTIONS.index(found.action))


def _part(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.part(*at)
    return _Said(found.action, found.rule, HANDLING.index(found.action))


def _learn(p: PolicySet, at: tuple[str, ...]) -> _Said:
    return _yes(p.may_learn(at[0], at[1], [at[2]]))


def _show(p: PolicySet, at: tuple[str, ...]) -> _Said:
    return _yes(p.may_show(at[0], at[1], [at[2]]))


def _consent(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.consent(*at)
    version = f" to version {found.text_version}" if found.text_version else ""
    return _Said(found.kind + version, found.rule, CONSENTS.index(found.kind))


def _cross(p: PolicySet, at: tuple[str, ...]) -> _Said:
    category, origin, domain = at
    # Two domains that no rule names are two, though both are written alike.
    return _yes(p.cross_domain(category, origin or OTHER, domain or _ANOTHER))


def _keep(p: PolicySet, at: tuple[str, ...]) -> _Said:
    days, rule = p.retention(at[0])
    return _Said("until erased" if days is None else f"{days} days", rule, -(days or _FOREVER))


def _role(p: PolicySet, at: tuple[str, ...]) -> _Said:
    role, action, category = at
    return _yes(p.may(frozenset({role}), action, category))


def _review(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.review(at[0])
    return _Said(found, "", REVIEWS.index(found))


def _detection(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.detection(at[0])
    return _Said(found, "", DETECTIONS.index(found))


def _languages(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.languages(at[0])
    return _Said("any" if found is None else ", ".join(sorted(found)) or "none", "", None)


def _disclosure(p: PolicySet, at: tuple[str, ...]) -> _Said:
    said = p.disclosures(*at)
    text = " / ".join(each.text for each in said)
    return _Said(text or "nothing", ", ".join(each.rule for each in said), None)


def _contact(p: PolicySet, at: tuple[str, ...]) -> _Said:
    found = p.contact(*at)
    if found is None:
        return _Said("nobody", "", None)
    return _Said(f"{found.name}, {found.how}", found.rule, None)


def _minors(p: PolicySet, at: tuple[str, ...]) -> _Said:
    age, below, rule = p.minors
    if age is None or below is None:
        return _Said("no rule", rule, 0)
    return _Said(f"below {age}: {below}", rule, age * len(BELOW) + BELOW.index(below))


def _durability(p: PolicySet, at: tuple[str, ...]) -> _Said:
    level, rule = p.durability
    return _Said(level, rule, int(level == "commit"))


def _repair(p: PolicySet, at: tuple[str, ...]) -> _Said:
    return _Said("yes" if p.repair else "no", "", int(not p.repair))


def _allowed_values(p: PolicySet, at: tuple[str, ...]) -> _Said:
    values = sorted(set(p.allowed_values))
    return _Said(f"{len(values)} ({_digest(values)})", "", None)


def _declared(p: PolicySet, at: tuple[str, ...]) -> _Said:
    entities = sorted({d.entity for d in p.declared})
    known = [(d.entity, d.terms, d.pattern, d.match_case, d.context, d.score) for d in p.declared]
    more = [*entities, f"({_digest([*map(str, sorted(known)), *p.regions])})"]
    return _Said(" ".join(more), "", None)


def _digest(values: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:12]
