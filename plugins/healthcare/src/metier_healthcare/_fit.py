"""What speaks against a medicine for a person, and which sources say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metier.model import Passage
from metier_healthcare._medicines import Interaction, Medicine, allergy_to, interactions, table
from metier_healthcare._messages import condition as condition_in_words
from metier_healthcare._messages import reason, say
from metier_healthcare._situation import Situation

PREFIX = "medicines:"
"""Ids of passages that stand for rows of the table start with it."""
_CHILD_MONTHS = 12 * 12
"""A child of unknown age is taken to be younger than this."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that speaks against a medicine.

    Args:
        level: "avoid" or "ask".
        code: a stable code; never personal data.
        why: in words.
        source: a source of the table; "" where the person's own word is the reason.
    """

    medicine: Medicine
    level: str
    code: str
    why: str
    source: str = ""


def objections(medicine: Medicine, given: Situation, language: str) -> list[Objection]:
    """What speaks against a medicine, the most severe first. Interactions are not among it."""
    found = [*_by_allergy(medicine, given, language), *_by_condition(medicine, given, language)]
    if objection := _by_age(medicine, given, language):
        found.append(objection)
    return sorted(found, key=lambda o: o.level != "avoid")


def forbidden(medicine: Medicine, given: Situation) -> str:
    """The code of what rules a medicine out for a person; "" where nothing does."""
    for objection in objections(medicine, given, "en"):
        if objection.level == "avoid":
            return objection.code
    for taken in given.medicines:
        if any(entry.level == "avoid" for entry in interactions(medicine, taken)[:1]):
            return "interaction"
    return ""


def _by_allergy(medicine: Medicine, given: Situation, language: str) -> Iterator[Objection]:
    for allergy in given.allergies:
        level = allergy_to(medicine, (allergy,))
        if level:
            code = "allergy" if level == "avoid" else "allergy_related"
            yield Objection(medicine, level, "allergy", reason(code, language, value=allergy))


def _by_condition(medicine: Medicine, given: Situation, language: str) -> Iterator[Objection]:
    for condition in sorted(given.conditions):
        cautions = [m.caution(condition) for m in _meant(medicine)]
        listed = [c for c in cautions if c]
        if listed:
            worst = next((c for c in listed if c.level == "avoid"), listed[0])
            if worst.level != "ok":
                told = condition_in_words(condition, language)
                why = reason(f"condition_{worst.level}", language, value=told)
                yield Objection(medicine, worst.level, condition, why, worst.source)
        elif condition in ("pregnancy", "breastfeeding") and not medicine.is_class:
            yield Objection(medicine, "ask", condition, reason(f"unlisted_{condition}", language))


def _meant(medicine: Medicine) -> Sequence[Medicine]:
    """The medicine, or the members of the class that it is."""
    if not medicine.is_class:
        return (medicine,)
    return [m for m in table().medicines.values() if medicine.name in m.groups]


def _by_age(medicine: Medicine, given: Situation, language: str) -> Objection | None:
    limit = max((m.under_months for m in _meant(medicine)), default=0)
    source = next((m.under_source for m in _meant(medicine) if m.under_months == limit), "")
    if given.age_months is not None:
        too_young = given.age_months < limit
    else:
        too_young = given.child and limit >= _CHILD_MONTHS
    if not too_young:
        return None
    return Objection(
        medicine, "avoid", "age", reason("age", language, value=_age(limit, language)), source
    )


def _age(months: int, language: str) -> str:
    years, rest = divmod(months, 12)
    if rest:
        return f"{months}个月" if language == "zh" else f"{months} months"
    return f"{years}岁" if language == "zh" else f"{years} years"


def listed(one: Medicine, other: Medicine, given: Situation) -> Interaction | None:
    """The row about two medicines that holds for the person; None where none is listed."""
    for entry in interactions(one, other):
        young = given.age_months is not None and given.age_months < entry.min_age_months
        if entry.level == "ok" and (young or given.child):
            continue
        return entry
    return None


def pairs(asked: Sequence[Medicine], given: Situation) -> list[tuple[Medicine, Medicine]]:
    """The pairs to speak of: the medicines asked about, with each other and with those taken."""
    found: dict[frozenset[str], tuple[Medicine, Medicine]] = {}
    for one in asked:
        for other in (*asked, *given.medicines):
            if one.name == other.name or one.name in other.groups or other.name in one.groups:
                continue
            found.setdefault(frozenset((one.name, other.name)), (one, other))
    return list(found.values())


def findings(asked: Sequence[Medicine], given: Situation, language: str) -> list[Passage]:
    """What speaks for or against the medicines asked about, as passages that can be cited.

    What rests on the person's own word, or on nothing being listed, is a passage too, of a kind
    that counts as personal.
    """
    found: list[tuple[int, Passage]] = []

    def add(key: str, text: str, source: str, weight: int) -> None:
        known = table().sources.get(source)
        score = 1.0 + weight / 10
        if known:
            passage = Passage(
                PREFIX + key, text, known.title, known.publisher,
                url=known.url, language=language, score=score,
            )  # fmt: skip
        else:
            title, told = say("own_title", language), say("own_source", language)
            passage = Passage(
                PREFIX + key, text, title, told, language=language, score=score, kind="memory"
            )
        found.append((weight, passage))

    for medicine in asked:
        name = medicine.label(language)
        for o in objections(medicine, given, language):
            what = "avoid" if o.level == "avoid" else "ask_first"
            text = say(what, language, name=name, why=o.why)
            add(f"{medicine.name}:{o.code}", text, o.source, 4 if o.level == "avoid" else 2)
        for told in sorted(given.conditions):
            caution = medicine.caution(told)
            if caution and caution.level == "ok":
                value = condition_in_words(told, language)
                add(
                    f"{medicine.name}:{told}",
                    say("fits", language, name=name, value=value),
                    caution.source,
                    3,
                )
        if medicine.note:
            add(f"{medicine.name}:note", medicine.note[language], medicine.note["source"], 0)
    for one, other in pairs(asked, given):
        key = f"{one.name}+{other.name}"
        entry = listed(one, other, given)
        if entry is None:
            text = say("unlisted", language, a=one.label(language), b=other.label(language))
            add(key, text, "", 1)
        elif entry.level == "ok" and (forbidden(one, given) or forbidden(other, given)):
            continue
        elif entry.level == "ok":
            add(key, entry.text[language], entry.source, 2)
        else:
            text = say("pair", language, text=entry.text[language])
            add(key, text, entry.source, 4 if entry.level == "avoid" else 3)
    unique = {passage.text: (weight, passage) for weight, passage in reversed(found)}
    ordered = sorted(reversed(unique.values()), key=lambda item: -item[0])
    return [passage for _, passage in ordered]
