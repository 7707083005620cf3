"""Cohorts that the operator declares in YAML, checked whole before any of it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.model import Fact, MetierError
from metier.policy import SPECIAL_CATEGORIES, Groups, read_yaml, validated
from metier.profile.cohorts._contribute import holds, plain
from metier.profile.cohorts._types import (
    ANY,
    Cohort,
    Condition,
    Declared,
    Learn,
    Membership,
    Prior,
)

PROTECTED = frozenset(
    {"age", "birthday", "birth_date", "date_of_birth", "year_of_birth", "gender", "sex", "pronouns",
     "race", "colour", "color", "skin_colour", "ethnicity", "ethnic_origin", "social_origin",
     "nationality", "citizenship", "country_of_birth", "birthplace", "minority", "language_origin",
     "native_language", "mother_tongue", "religion", "belief", "political_opinion", "property",
     "birth", "disability", "sexual_orientation", "orientation", "gender_identity", "pregnancy",
     "pregnant", "marital_status", "family_status", "name", "first_name", "surname",
     "年龄", "生日", "出生日期", "性别", "种族", "民族", "国籍", "籍贯", "宗教", "宗教信仰",
     "残疾", "性取向", "怀孕", "婚姻状况", "姓名", "母语"}
)  # fmt: skip
"""Slots that say what nobody may be treated differently for, and those that stand for them.

After the Charter of Fundamental Rights of the European Union, Article 21.
"""
_ALWAYS_OUT = frozenset({"contact"})
"""Categories that single people out; no group rests on them."""
_NO_NAME_TO_LEARN = frozenset({"contact", "identity"})
_NEAR = 5
"""Lists of members that differ by fewer are one group and some single people."""

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
_Key = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Strict):
    en: _Text
    zh: _Text | None = None

    def by_language(self) -> dict[str, str]:
        return {"en": self.en} | ({"zh": self.zh} if self.zh else {})


class _Fact(_Strict):
    slot: _Key
    value: _Key
    category: _Key


class _Prior(_Fact):
    why: _Said


class _Members(_Strict):
    subjects: tuple[_Key, ...] = ()
    where: tuple[_Fact, ...] = ()


class _Cohort(_Strict):
    id: _Id
    title: _Said
    domains: Annotated[tuple[_Key, ...], Field(min_length=1)] = (ANY,)
    members: _Members
    priors: tuple[_Prior, ...] = ()
    strategies: tuple[_Key, ...] = ()
    content: tuple[_Key, ...] = ()


class _Learn(_Strict):
    slots: dict[_Key, _Key] = Field(default_factory=dict)
    strategies: tuple[_Key, ...] = ()
    content: tuple[_Key, ...] = ()
    skills: tuple[_Key, ...] = ()
    most: Annotated[int, Field(ge=1, le=100)] = 4


class _File(_Strict):
    learn: _Learn = Field(default_factory=_Learn)
    cohorts: tuple[_Cohort, ...] = ()


def load_cohorts(path: Path, groups: Groups) -> Declared:
    """Reads a file of cohorts.

    Args:
        groups: what policy decides; its `protected` are the only special categories and
            protected attributes that a condition may name.

    Raises:
        MetierError: the file can't be read or says what it may not; nothing of it counts.
            Says which setting, and never whom it lists.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _bad(path.name, f"it can't be read ({type(error).__name__})") from None
    return parse_cohorts(data, groups, path.name)


def parse_cohorts(data: bytes, groups: Groups, name: str = "cohorts.yaml") -> Declared:
    """As `load_cohorts`, of bytes."""
    try:
        raw = read_yaml(data)
        file = validated(_File, {} if raw is None else raw, {})
    except ValueError as error:
        raise _bad(name, str(error)) from None
    problem = next(_problems(file, groups), None)
    if problem:
        raise _bad(name, problem)
    learn = Learn(
        file.learn.slots, file.learn.strategies, file.learn.content, file.learn.skills,
        file.learn.most,
    )  # fmt: skip
    return Declared(tuple(_cohort(each) for each in file.cohorts), learn)


def cohorts_of(
    subject: str,
    facts: Sequence[Fact],
    declared: Declared,
    now: datetime,
    *,
    domain: str | None = None,
) -> tuple[Membership, ...]:
    """The declared cohorts a person belongs to, in the order of the file.

    Args:
        facts: of the person; those about others, and those that don't hold now, don't count.
        domain: only cohorts that count there; None for all.
    """
    held = {(f.slot, f.category, plain(f.value)) for f in facts if holds(f, now)}
    found = []
    for cohort in declared.cohorts:
        if domain is not None and not {ANY, domain}.intersection(cohort.domains):
            continue
        wanted = [(each.slot, each.category, plain(each.value)) for each in cohort.where]
        if subject in cohort.subjects:
            found.append(Membership(cohort.id, "listed", cohort.title))
        elif wanted and held.issuperset(wanted):
            found.append(Membership(cohort.id, "condition", cohort.title, cohort.where))
    return tuple(found)


COUNTED = 3
"""In how many cohorts one person counts; what is told of them is then `epsilon` times this,
and once more for the tenant, at most."""


def counted_in(memberships: Sequence[Membership]) -> tuple[str, ...]:
    """The cohorts in which a person is counted: the first of theirs.

    A person may have the prior of more; being counted in every one would add up what is
    told of them without end.
    """
    return tuple(each.cohort for each in memberships[:COUNTED])


def _cohort(model: _Cohort) -> Cohort:
    return Cohort(
        model.id,
        model.title.by_language(),
        model.domains,
        frozenset(model.members.subjects),
        tuple(Condition(each.slot, each.value, each.category) for each in model.members.where),
        tuple(
            Prior(each.slot, each.value, each.category, each.why.by_language())
            for each in model.priors
        ),
        model.strategies,
        model.content,
    )


def _problems(file: _File, groups: Groups) -> Iterator[str]:
    """What is wrong with a file that has the right shape, first things first."""
    seen: set[str] = set()
    for cohort in file.cohorts:
        at = f"cohort '{cohort.id}'"
        if cohort.id in seen:
            yield f"{at} is declared twice; give each its own id"
        seen.add(cohort.id)
        if not (cohort.members.subjects or cohort.members.where):
            yield f"{at} has no members; list `subjects`, or name a condition under `where`"
        for each in cohort.members.where:
            problem = _refused(each, groups.protected)
            if problem:
                yield f"{at}, members.where: {problem}"
        for prior in cohort.priors:
            problem = _refused(prior, ())
            if problem:
                yield f"{at}, priors: {problem}"
    for slot, category in file.learn.slots.items():
        problem = _refused(_Fact(slot=slot, value="-", category=category), ())
        if problem or category in _NO_NAME_TO_LEARN:
            yield f"learn.slots: {problem or f'the category {category!r} names single people'}"
    for one, other in combinations(file.cohorts, 2):
        if _too_near(set(one.members.subjects), set(other.members.subjects)):
            yield (
                f"the lists of cohorts '{one.id}' and '{other.id}' differ by fewer than {_NEAR} "
                "people, so that what differs between them is about those; make one of them"
            )


def _refused(fact: _Fact, protected: Collection[str]) -> str | None:
    """Why a group may not rest on a fact."""
    slot = _as_listed(fact.slot)
    if fact.category in SPECIAL_CATEGORIES and fact.category not in protected:
        return (
            f"'{fact.category}' is a special category; a group rests on it only where "
            "`groups.protected` of a policy names it"
        )
    if is_protected(slot) and not {slot, fact.category} & set(protected):
        return (
            f"'{fact.slot}' is a protected attribute; a group rests on it only where "
            "`groups.protected` of a policy names it"
        )
    if fact.category in _ALWAYS_OUT:
        return f"the category '{fact.category}' singles people out; use another fact"
    return None


def is_protected(slot: str) -> bool:
    """Whether a slot is a protected attribute or a special category."""
    return _as_listed(slot) in PROTECTED | SPECIAL_CATEGORIES


def _as_listed(slot: str) -> str:
    return slot.casefold().strip().replace(" ", "_").replace("-", "_")


def _too_near(one: set[str], other: set[str]) -> bool:
    differing = one ^ other
    return bool(one and other and one & other) and 0 <= len(differing) < _NEAR


def _bad(name: str, problem: str) -> MetierError:
    return MetierError(
        f"The cohorts of {name} can't be used: {problem}. Mend the file; no cohort counts until "
        "it is understood.",
        code="bad_cohorts",
        status=422,
    )
