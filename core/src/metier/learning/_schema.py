"""The shape of a rule set, and where in its file something is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from metier.model import MetierError
from metier.policy import SPECIAL_CATEGORIES

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s,;]([^,;]{0,62}[^\s,;])?$")]
Amount = Annotated[float, Field(gt=0, le=0.9)]
Hour = Annotated[int, Field(ge=0, le=23)]
Filled = Annotated[str, StringConstraints(min_length=1, max_length=400)]

PROTECTED = frozenset(
    {"age", "birth_date", "date_of_birth", "birthday", "gender", "sex", "pronouns", "name",
     "nickname", "family_name", "nationality", "citizenship", "ethnicity", "race", "skin_colour",
     "origin", "birthplace", "religion", "belief", "disability", "marital_status", "pregnancy",
     "pregnant", "orientation", "sexual_orientation", "politics", "party", "union"}
)  # fmt: skip
"""Slots that change no answer. After the grounds of Article 21(1) of the Charter of Fundamental
Rights of the European Union. A need ("uses a screen reader") is no such ground."""
FORM = "form"
"""Hints on this topic, and on those that begin with it and a hyphen, are about how an answer must
be given to be read at all, and never about what it says."""


class Strict(BaseModel):
    """Nothing that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Strict):
    """A text in both languages; `{value}` is the value of the first fact of the rule."""

    en: Filled
    zh: Filled


class HintModel(Said):
    """What the plan says; of hints on one topic only the first is used."""

    topic: Name


class FactModel(Strict):
    """A fact that must be known. `slot` or `category` is needed; all that is given must hold."""

    slot: tuple[Name, ...] | Name | None = None
    """Its slot, or several of which one is enough."""
    category: tuple[Name, ...] | Name | None = None
    """Its category, or several of which one is enough. A fact of a special category counts only
    where that category is named."""
    values: tuple[Filled, ...] = ()
    """Its value is one of these, capitals and small letters alike."""
    matches: str | None = None
    """A regular expression (Python's `re`) that is found in its value, in any case."""
    unless: str | None = None
    """An expression that is not found in its value, such as "not" before what is looked for."""
    constraint: bool | None = None
    """Whether it must hold in every answer."""
    least: float = Field(default=0.5, ge=0, le=1)
    """The least confidence."""

    @property
    def slots(self) -> tuple[str, ...]:
        if self.slot is None:
            return ()
        return (self.slot,) if isinstance(self.slot, str) else self.slot

    @property
    def categories(self) -> tuple[str, ...]:
        if self.category is None:
            return ()
        return (self.category,) if isinstance(self.category, str) else self.category


class HoursModel(Strict):
    """Hours of the person's day: from the one, up to but without the other, over midnight too."""

    start: Hour
    end: Hour


class WhenModel(Strict):
    """Everything named must hold; `facts` or `cohorts` is needed."""

    facts: tuple[FactModel, ...] = ()
    """All of them."""
    cohorts: tuple[Tag, ...] = ()
    """One of these groups."""
    domains: tuple[Name, ...] = ()
    languages: tuple[Name, ...] = ()
    hours: HoursModel | None = None
    """Only where the person's time zone is known."""


class AmountsModel(Strict):
    """How much scores change, by name of strategy or tag."""

    strategies: dict[Name, Amount] = Field(default_factory=dict)
    tags: dict[Tag, Amount] = Field(default_factory=dict)
    """Of passages, such as "language:zh", "level:beginner", or a topic."""


class ThenModel(Strict):
    """What is changed; at least one thing."""

    prefer: AmountsModel = Field(default_factory=AmountsModel)
    avoid: AmountsModel = Field(default_factory=AmountsModel)
    hint: HintModel | None = None
    restate: bool = False
    """Say the constraints among the facts again, near the message."""


class ExampleModel(Strict):
    """A person for whom the rule holds; `check_rules` tries it."""

    facts: tuple[dict[Name, Filled], ...] = ()
    """Each a slot and its value."""
    category: Name = "preference"
    """Of these facts."""
    constraint: bool = False
    """Whether they are constraints."""
    cohort: str = ""
    domain: Name = "education"
    language: Name = "en"
    hour: Hour | None = None


class RuleModel(Strict):
    """When this is known, then this is changed, and why."""

    name: Name
    when: WhenModel
    then: ThenModel
    why: Said
    """For the person: what is done, and because of what."""
    example: ExampleModel


class RulesModel(Strict):
    """A rule set; earlier rules come before later ones."""

    name: Name
    version: str
    description: Filled
    rules: tuple[RuleModel, ...] = Field(min_length=1, max_length=500)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a rule set.

    Args:
        file: its name.
        line: where, from 1.
        message: what, and how to mend it.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def read(path: Path) -> tuple[RulesModel | None, list[Fault]]:
    """Reads a rule set and says what is wrong with its form.

    Returns: the rule set, or None where it can't be read; and the faults.
    """
    try:
        data = path.read_bytes()
        raw, lines = _parsed(data)
    except OSError as error:
        return None, [Fault(path.name, 1, error.strerror or type(error).__name__)]
    except _NotYaml as error:
        return None, [Fault(path.name, error.line, error.message)]
    try:
        model = RulesModel.model_validate(raw)
    except ValidationError as error:
        return None, [
            Fault(path.name, _line(lines, e["loc"]), _what(e["loc"], e["type"], e["msg"]))
            for e in error.errors(include_input=False, include_url=False)
        ]
    found = list(_meaning(model))
    return model, [Fault(path.name, _line(lines, where), said) for where, said in found]


def unreadable(faults: list[Fault]) -> MetierError:
    """The error for a rule set that can't be used."""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return MetierError(
        f"The rule set can't be used: {faults[0]}{more}. Mend the file; rules that are not "
        "understood are not followed.",
        code="bad_rules",
    )


def plain(text: str) -> str:
    """A value as it is compared: one form of each character, no capitals, no outer spaces."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


# --- what a schema can't say ----------------------------------------------------------------


Where = tuple[str | int, ...]


def _meaning(model: RulesModel) -> Iterator[tuple[Where, str]]:
    seen: set[str] = set()
    for number, rule in enumerate(model.rules):
        at: Where = ("rules", number)
        if rule.name in seen:
            yield (*at, "name"), f"a rule above is named '{rule.name}' too; name it otherwise"
        seen.add(rule.name)
        then = rule.then
        amounts = (then.prefer, then.avoid)
        if not (then.hint or then.restate or any(a.strategies or a.tags for a in amounts)):
            yield (*at, "then"), "changes nothing; say what to prefer, avoid, hint or restate"
        if not rule.when.facts and not rule.when.cohorts:
            yield (
                (*at, "when"),
                "holds for everybody; name a fact or a cohort, or write it into the domain",
            )
        if then.restate and not any(f.constraint for f in rule.when.facts):
            yield (
                (*at, "then", "restate"),
                "nothing to restate; a fact of the rule needs `constraint: true`",
            )
        for place, fact in enumerate(rule.when.facts):
            here: Where = (*at, "when", "facts", place)
            yield from ((here, said) for said in _of_fact(fact, rule))


def _of_fact(fact: FactModel, rule: RuleModel) -> Iterator[str]:
    for setting in ("matches", "unless"):
        try:
            re.compile(getattr(fact, setting) or "")
        except re.error as error:
            yield f"`{setting}` is no regular expression: {error.msg}"
    protected = PROTECTED.intersection(fact.slots)
    if protected:
        yield f"'{min(protected)}' is protected: who somebody is changes no answer"
    special = SPECIAL_CATEGORIES.intersection(fact.categories)
    if not fact.slots and not fact.categories:
        yield "names neither a slot nor a category"
    if special and not _only_form(rule, special):
        yield (
            f"facts of '{min(special)}' may be restated where they are constraints, and those "
            f"of health give a hint on '{FORM}' or '{FORM}-...'; they change nothing else"
        )


def _only_form(rule: RuleModel, special: frozenset[str]) -> bool:
    then = rule.then
    if any(amounts.strategies or amounts.tags for amounts in (then.prefer, then.avoid)):
        return False
    if then.hint is None:
        return True
    return special == {"health"} and f"{then.hint.topic}-".startswith(f"{FORM}-")


# --- lines -----------------------------------------------------------------------------------


class _NotYaml(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def _parsed(data: bytes) -> tuple[Any, dict[Where, int]]:
    """What a YAML file says, and the line of each part by its path."""
    import yaml

    try:
        loader = yaml.SafeLoader(data)
        node = loader.get_single_node()
        if node is None:
            raise _NotYaml(1, "is empty")
        lines: dict[Where, int] = {}
        _walk(node, (), lines, set())
        return loader.construct_document(node), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _NotYaml(mark.line + 1 if mark else 1, "is not valid YAML") from None
    except RecursionError:
        raise _NotYaml(1, "is nested too deeply") from None


def _walk(node: Any, path: Where, lines: dict[Where, int], above: set[int]) -> None:
    import yaml

    lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in above:
        raise _NotYaml(node.start_mark.line + 1, "refers to itself")
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise _NotYaml(key.start_mark.line + 1, "repeats a setting of above")
            seen.add(key.value)
            lines[*path, key.value] = key.start_mark.line + 1
            _walk(value, (*path, key.value), lines, above)
    elif isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            _walk(each, (*path, number), lines, above)


def _line(lines: dict[Where, int], where: Where) -> int:
    """The line of a part, or of the nearest part around it that the file has."""
    for length in range(len(where), -1, -1):
        if (line := lines.get(where[:length])) is not None:
            return line
    return 1


def _what(where: Where, kind: str, said: str) -> str:
    place = ".".join(map(str, where)) or "the file"
    return f"`{place}`: " + ("there is no such setting" if kind == "extra_forbidden" else said)
