"""Cases kept beside a policy, in `NAME.cases.yaml`: what it must decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from metier.model import MetierError
from metier.policy._decisions import LOCAL
from metier.policy._model import Action, Consent, Filled, Name, Plain, Review, Right, Role, Strict
from metier.policy._read import CASES, read_yaml, validated
from metier.policy._set import PolicySet

Finder = Callable[[str, str], Iterable[str]]
"""From a text and a domain to the entity types that are found in it."""
_QUESTIONS = (
    "text", "may", "learn", "show", "cross_domain", "consent", "keep", "part", "review", "target",
)  # fmt: skip

_ABSENT = "absent"


class Expected(Strict):
    """What must be decided; what is not named is not compared."""

    entities: dict[Name, Action | Literal["absent"]] = Field(default_factory=dict)
    """By entity type that must be found in the text; `absent` where none may be found."""
    allowed: bool | None = None
    """Of a text: whether it is sent at all."""
    consent: Consent | None = None
    days: int | None = None
    """Of `keep`; null where there must be no limit."""
    handling: Literal["pass", "text", "redact", "refuse"] | None = None
    """Of `part`."""
    review: Review | None = None
    rule: str = ""
    """The rule that decides: "file@version:path", or the path alone."""


class Case(Strict):
    """One question and the answer it must get.

    The question is one of `text`, `may`, `learn`, `show`, `cross_domain`, `consent`,
    `keep`, `part` and `review`; where there is none of these, whether text may be
    sent to `target`.
    """

    name: Filled
    text: str = ""
    target: Plain | None = None
    domain: str = ""
    role: Role | None = None
    may: Right | None = None
    """With `role`, and `category` where it is not about all."""
    category: Name = "*"
    learn: Plain | None = None
    show: Plain | None = None
    purpose: str = ""
    cross_domain: Plain | None = None
    """A category; with `origin` and `domain`."""
    origin: str = ""
    consent: Plain | None = None
    keep: Plain | None = None
    """A kind of data, as in `retention`."""
    part: Literal["image", "audio", "file"] | None = None
    review: Plain | None = None
    """A domain."""
    expect: Expected

    @model_validator(mode="after")
    def _one_question(self) -> Case:
        asked = [name for name in _QUESTIONS[:-1] if getattr(self, name)]
        if len(asked) > 1:
            raise ValueError(f"asks {' and '.join(asked)}; make a case of each")
        if not asked and self.target is None:
            raise ValueError(f"asks nothing; give one of {', '.join(_QUESTIONS)}")
        if self.may and self.role is None:
            raise ValueError("`may` needs a `role`")
        if not self.expect.model_fields_set:
            raise ValueError("`expect` is empty, so nothing is tested")
        return self


class CasesModel(Strict):
    """A file of cases."""

    policies: tuple[Plain, ...] = ()
    """Names of policies in force besides the one that the file stands by."""
    cases: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case: the differences, none where it passed."""

    name: str
    differences: tuple[str, ...]


def cases_beside(path: Path) -> Path:
    """The file of cases that belongs to a policy file."""
    return path.with_name(path.name.removesuffix(".yaml") + CASES)


def load_cases(path: Path) -> CasesModel:
    """Reads a file of cases.

    Raises:
        MetierError: it can't be read, or has a setting that is not known or not valid.
    """
    try:
        return validated(CasesModel, read_yaml(path.read_bytes()), {})
    except OSError as error:
        raise MetierError(f"{path}: {error.strerror}.", code="bad_cases") from None
    except ValueError as error:
        raise MetierError(f"The cases {path.name}: {error}.", code="bad_cases") from None


def run_case(case: Case, policies: PolicySet, find: Finder) -> Result:
    """Asks a case's question and compares."""
    return Result(case.name, tuple(_differences(case, policies, find)))


def _differences(case: Case, policies: PolicySet, find: Finder) -> Iterator[str]:
    expect = case.expect
    if case.text:
        yield from _of_text(case, policies, find)
        return
    if case.consent:
        rule = policies.consent(case.consent, case.domain)
        yield from _compared("consent", expect.consent, rule.kind)
        yield from _ruled(expect.rule, [rule.rule])
        return
    if case.keep:
        kept = policies.retention(case.keep)
        if expect.days != kept.days and "days" in expect.model_fields_set:
            yield f"days: {_word(kept.days)}, not {_word(expect.days)}"
        yield from _ruled(expect.rule, [kept.rule])
        return
    if case.part:
        part = policies.part(case.part, case.target or LOCAL, case.domain)
        yield from _compared("handling", expect.handling, part.action)
        yield from _ruled(expect.rule, [part.rule])
        return
    if case.review:
        reviewed = policies.reviewed(case.review)
        yield from _compared("review", expect.review, reviewed.level)
        yield from _ruled(expect.rule, [reviewed.rule])
        return
    if case.may and case.role:
        decided = policies.may({case.role}, case.may, case.category)
    elif case.learn:
        purposes = [case.purpose] if case.purpose else None
        decided = policies.may_learn(case.learn, case.domain, purposes)
    elif case.show:
        decided = policies.may_show(case.show, case.domain, [case.purpose])
    elif case.cross_domain:
        decided = policies.cross_domain(case.cross_domain, case.origin, case.domain)
    else:
        decided = policies.may_send(case.target or LOCAL)
    yield from _compared("allowed", expect.allowed, decided.allowed)
    yield from _ruled(expect.rule, [decided.rule])


def _of_text(case: Case, policies: PolicySet, find: Finder) -> Iterator[str]:
    target = case.target or LOCAL
    found = {
        entity: policies.entity_action(entity, target, case.domain)
        for entity in find(case.text, case.domain)
    }
    for entity, action in case.expect.entities.items():
        seen = found[entity].action if entity in found else _ABSENT
        unasked = seen == _ABSENT and not case.domain
        hint = "; name the `domain` that brings its recognizer" if unasked else ""
        yield from (f"{each}{hint}" for each in _compared(entity, action, seen))
    sent = policies.may_send(target)
    blocking = [each.rule for each in found.values() if each.action == "block"]
    yield from _compared("allowed", case.expect.allowed, sent.allowed and not blocking)
    rules = [each.rule for name, each in found.items()
             if not case.expect.entities or name in case.expect.entities]  # fmt: skip
    yield from _ruled(case.expect.rule, rules if sent.allowed else [sent.rule])


def _compared(what: str, expected: object, seen: object) -> Iterator[str]:
    if expected is not None and expected != seen:
        yield f"{what}: {_word(seen)}, not {_word(expected)}"


def _ruled(expected: str, seen: list[str]) -> Iterator[str]:
    if expected and not any(expected in (rule, rule.partition(":")[2]) for rule in seen):
        yield f"rule: {', '.join(sorted(set(seen))) or 'none'}, not {expected}"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "no limit" if value is None else str(value)
