"""What becomes allowed and what forbidden between two sets of policies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Literal, NamedTuple

from metier.policy._decisions import RIGHTS, ROLES, SPECIAL_CATEGORIES, Decided
from metier.policy._groups import Groups
from metier.policy._people import BELOW, CONSENTS
from metier.policy._set import ACTIONS, DETECTIONS, HANDLING, REVIEWS, PolicySet
from metier.policy._universe import OTHER, Universe

Direction = Literal["allowed", "forbidden", "changed"]
EVERY = ("all",)
"""In place of a coordinate's values: all of them."""
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
        where: its coordinates, each with the values for which it changes alike, or
            `EVERY`; among values `*` stands for all that no rule names.
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


_Point = tuple[str, ...]
_Ask = Callable[[PolicySet, _Point], _Said]


class _Question(NamedTuple):
    """A kind of decision, and where to ask it: the values of each coordinate."""

    what: str
    axes: dict[str, list[str]]
    ask: _Ask


def difference(old: PolicySet, new: PolicySet) -> list[Change]:
    """Every decision that differs, asked at each point that a rule of either names.

    Enumerated, not compared as text: a rule that moved, or that another file made
    needless, changes nothing.
    """
    found: list[Change] = []
    for question in _questions(Universe([old, new])):
        found += _differing(question, old, new)
    order = ("allowed", "forbidden", "changed")
    return sorted(found, key=lambda c: order.index(c.direction))


def _differing(question: _Question, old: PolicySet, new: PolicySet) -> Iterator[Change]:
    alike: dict[tuple[_Said, _Said], list[_Point]] = {}
    for point in product(*question.axes.values()):
        before, after = question.ask(old, point), question.ask(new, point)
        if before.says != after.says:
            alike.setdefault((before, after), []).append(point)
    for (before, after), points in alike.items():
        direction: Direction = "changed"
        if before.level is not None and after.level is not None and before.level != after.level:
            direction = "allowed" if after.level < before.level else "forbidden"
        for block in _blocks(points):
            where = {
                name: EVERY if len(values) == len(axis) else tuple(v or "*" for v in values)
                for (name, axis), values in zip(question.axes.items(), block, strict=True)
            }
            yield Change(
                direction, question.what, where, before.says, after.says, before.rule, after.rule
            )


def _blocks(points: list[_Point]) -> list[tuple[tuple[str, ...], ...]]:
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


def _questions(u: Universe) -> Iterator[_Question]:
    """Every kind of decision, with the points to ask it at."""
    facts = {"category": u.categories, "domain": u.domains, "purpose": u.purposes}
    domain: dict[str, list[str]] = {"domain": u.domains}
    sent = {"target": u.targets, **domain}
    yield _Question("send", {"target": u.targets}, _send)
    yield _Question("entity", {"entity": u.entities, **sent}, _entity)
    yield _Question("part", {"kind": ["image", "audio", "file"], **sent}, _part)
    yield _Question("learn", facts, _learn)
    yield _Question("show", facts, _show)
    yield _Question("consent", {"category": u.categories, **domain}, _consent)
    between = {"category": u.categories, "origin": u.domains, **domain}
    yield _Question("cross_domain", between, _cross)
    yield _Question("keep", {"kind": u.kept}, _keep)
    roles: list[str] = list(ROLES)
    rights: list[str] = list(RIGHTS)
    yield _Question("role", {"role": roles, "action": rights, "category": u.categories}, _role)
    yield _Question("review", domain, _review)
    yield _Question("detection", domain, _detection)
    yield _Question("languages", domain, _languages)
    yield _Question("disclosure", {**domain, "language": ["en", "zh"]}, _disclosure)
    yield _Question("contact", {"kind": u.contacts, **domain}, _contact)
    yield _Question("minors", {}, _minors)
    yield _Question("durability", {}, _durability)
    yield _Question("repair", {}, _repair)
    for part in Groups._fields:
        if part != "rule":
            yield _Question(f"groups: {part}", {}, partial(_groups, part))
    personal = {"personalizer": u.personalizers, **domain}
    yield _Question("personalize", {**personal, "category": u.categories}, _personalize)
    yield _Question("personalize: groups", personal, lambda p, at: _yes(p.may_use_groups(*at)))
    yield _Question("personalize: weight", personal, _weight)
    yield _Question("values let through", {}, _allowed_values)
    yield _Question("values declared", {}, _declared)


def _yes(decided: Decided) -> _Said:
    return _Said("yes" if decided.allowed else "no", decided.rule, int(not decided.allowed))


def _send(p: PolicySet, at: _Point) -> _Said:
    return _yes(p.may_send(at[0]))


def _entity(p: PolicySet, at: _Point) -> _Said:
    found = p.entity_action(*at)
    return _Said(found.action, found.rule, ACTIONS.index(found.action))


def _part(p: PolicySet, at: _Point) -> _Said:
    found = p.part(*at)
    return _Said(found.action, found.rule, HANDLING.index(found.action))


def _learn(p: PolicySet, at: _Point) -> _Said:
    return _yes(p.may_learn(at[0], at[1], [at[2]]))


def _show(p: PolicySet, at: _Point) -> _Said:
    return _yes(p.may_show(at[0], at[1], [at[2]]))


def _consent(p: PolicySet, at: _Point) -> _Said:
    found = p.consent(*at)
    version = f" to version {found.text_version}" if found.text_version else ""
    return _Said(found.kind + version, found.rule, CONSENTS.index(found.kind))


def _cross(p: PolicySet, at: _Point) -> _Said:
    category, origin, domain = at
    # Two domains that no rule names are two, though both are written alike.
    return _yes(p.cross_domain(category, origin or OTHER, domain or _ANOTHER))


def _keep(p: PolicySet, at: _Point) -> _Said:
    days, rule = p.retention(at[0])
    return _Said("until erased" if days is None else f"{days} days", rule, -(days or _FOREVER))


def _role(p: PolicySet, at: _Point) -> _Said:
    role, action, category = at
    return _yes(p.may(frozenset({role}), action, category))


def _review(p: PolicySet, at: _Point) -> _Said:
    level, rule = p.reviewed(at[0])
    return _Said(level, rule, REVIEWS.index(level))


def _detection(p: PolicySet, at: _Point) -> _Said:
    level, rule = p.detecting(at[0])
    return _Said(level, rule, DETECTIONS.index(level))


def _languages(p: PolicySet, at: _Point) -> _Said:
    found = p.languages(at[0])
    return _Said("any" if found is None else ", ".join(sorted(found)) or "none", "", None)


def _disclosure(p: PolicySet, at: _Point) -> _Said:
    said = p.disclosures(*at)
    text = " / ".join(each.text for each in said)
    return _Said(text or "nothing", ", ".join(each.rule for each in said), None)


def _contact(p: PolicySet, at: _Point) -> _Said:
    found = p.contact(*at)
    if found is None:
        return _Said("nobody", "", None)
    return _Said(f"{found.name}, {found.how}", found.rule, None)


def _minors(p: PolicySet, at: _Point) -> _Said:
    age, below, rule = p.minors
    if age is None or below is None:
        return _Said("no rule", rule, 0)
    return _Said(f"below {age}: {below}", rule, age * len(BELOW) + BELOW.index(below))


def _durability(p: PolicySet, at: _Point) -> _Said:
    level, rule = p.durability
    return _Said(level, rule, int(level == "commit"))


def _groups(part: str, p: PolicySet, at: _Point) -> _Said:
    found = p.groups()
    value = getattr(found, part)
    if part == "protected":
        return _Said(", ".join(value) or "none", found.rule, len(SPECIAL_CATEGORIES) - len(value))
    if part == "renew_days":
        says = "never" if value is None else f"after {value} days"
        return _Said(says, found.rule, value or _FOREVER)
    if part == "clustering":
        return _Said("yes" if value else "no", found.rule, int(not value))
    # A smaller epsilon or delta is stricter, and so is a larger k.
    level = value if part == "k" else -round(value * 1e12)
    return _Said(f"{value:g}", found.rule, level)


def _personalize(p: PolicySet, at: _Point) -> _Said:
    return _yes(p.may_personalize(*at))


def _weight(p: PolicySet, at: _Point) -> _Said:
    name, domain = at
    found = p.personalizing(domain, (name,))
    weight = found.weights.get(name, 0.0)
    return _Said(f"{weight:g}", found.rules[name], -round(weight * 1e6))


def _repair(p: PolicySet, at: _Point) -> _Said:
    return _Said("yes" if p.repair else "no", "", int(not p.repair))


def _allowed_values(p: PolicySet, at: _Point) -> _Said:
    values = sorted(set(p.allowed_values))
    return _Said(f"{len(values)} ({_digest(values)})", "", None)


def _declared(p: PolicySet, at: _Point) -> _Said:
    entities = sorted({d.entity for d in p.declared})
    known = [(d.entity, d.terms, d.pattern, d.match_case, d.context, d.score) for d in p.declared]
    more = [*entities, f"({_digest([*map(str, sorted(known)), *p.regions])})"]
    return _Said(" ".join(more), "", None)


def _digest(values: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:12]
