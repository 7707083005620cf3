"""Medicines: names in both languages, cautions, and which do not go together.

The facts stand in `medicines.yaml`, each with the source it was read in. What the table does not
list is unknown, which is not the same as safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from metier_healthcare._text import fold

_LEVELS = ("ok", "ask", "avoid")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read."""

    publisher: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Caution:
    """What holds for a medicine in one condition: "avoid", "ask" or "ok"."""

    level: str
    source: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine, or a class of medicines that is asked about as such ("blood thinners")."""

    name: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    groups: tuple[str, ...] = ()
    cautions: Mapping[str, Caution] | None = None
    under_months: int = 0
    """Not below this age without a doctor's advice."""
    under_source: str = ""
    note: Mapping[str, str] | None = None
    is_class: bool = False

    def label(self, language: str) -> str:
        """The name to show, in the person's language where there is one."""
        names = self.zh if language == "zh" and self.zh else self.en
        return names[0]

    def caution(self, condition: str) -> Caution | None:
        return (self.cautions or {}).get(condition)


@dataclass(frozen=True, slots=True)
class Group:
    """A class of medicines, and what an allergy to one of them covers."""

    name: str
    cross: tuple[str, ...]
    related: tuple[str, ...]
    """Classes in which a reaction is possible, so that a doctor must be asked first."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a source says of two medicines or classes together."""

    one: str
    other: str
    level: str
    text: Mapping[str, str]
    source: str
    min_age_months: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Everything in `medicines.yaml`."""

    medicines: Mapping[str, Medicine]
    classes: Mapping[str, Medicine]
    groups: Mapping[str, Group]
    interactions: tuple[Interaction, ...]
    sources: Mapping[str, Source]
    names: re.Pattern[str]
    by_name: Mapping[str, Medicine]


@cache
def table() -> Table:
    """The table, read once."""
    raw = yaml.safe_load(files(__package__).joinpath("medicines.yaml").read_text("utf-8"))
    medicines = {name: _medicine(name, entry) for name, entry in raw["medicines"].items()}
    classes = {
        name: Medicine(name, tuple(g["en"]), tuple(g["zh"]), (name,), is_class=True)
        for name, g in raw["groups"].items()
    }
    groups = {
        name: Group(name, tuple(g.get("cross", ())), tuple(g.get("related", ())))
        for name, g in raw["groups"].items()
    }
    interactions = tuple(
        Interaction(
            i["a"], i["b"], i["level"], {"en": i["en"], "zh": i["zh"]}, i["source"],
            int(i.get("min_age_months", 0)),
        )
        for i in raw["interactions"]
    )  # fmt: skip
    # A medicine's own name wins over that of its class.
    by_name = {
        fold(spelt): m for m in (*classes.values(), *medicines.values()) for spelt in (*m.en, *m.zh)
    }
    return Table(
        medicines, classes, groups, interactions,
        {name: Source(**entry) for name, entry in raw["sources"].items()},
        _any_of(by_name), by_name,
    )  # fmt: skip


def _medicine(name: str, entry: Mapping[str, Any]) -> Medicine:
    cautions = {
        key: Caution(value["level"], value["source"])
        for key, value in entry.items()
        if isinstance(value, dict) and "level" in value
    }
    under = entry.get("under_months", {"value": 0, "source": ""})
    return Medicine(
        name, tuple(entry["en"]), tuple(entry["zh"]), tuple(entry.get("groups", ())), cautions,
        int(under["value"]), under["source"], entry.get("note"),
    )  # fmt: skip


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Matches the names as whole words, the longest first; an English plural counts."""

    def one(name: str) -> str:
        return rf"(?<![a-z]){re.escape(name)}s?(?![a-z])" if name.isascii() else re.escape(name)

    return re.compile("|".join(one(n) for n in sorted(names, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Mention:
    """A medicine named in a text, with its place in `fold(text)`."""

    medicine: Medicine
    spelt: str
    start: int
    end: int


def mentions(text: str) -> list[Mention]:
    """Every place where a text names a medicine or a class."""
    known = table()
    found = []
    for match in known.names.finditer(fold(text)):
        spelt = match.group()
        medicine = known.by_name.get(spelt) or known.by_name[spelt.removesuffix("s")]
        found.append(Mention(medicine, spelt, *match.span()))
    return found


def mentioned(text: str) -> list[Medicine]:
    """The medicines and classes a text names, each once, in order."""
    return list({m.medicine.name: m.medicine for m in mentions(text)}.values())


_STEM = re.compile(
    r"(?<![a-z])[a-z]{3,}(?:pril|sartan|olol|statin|azole|cillin|mycin|micin|prazole|tidine|zepam|zolam|dipine|pentin|gabalin|gliptin|gliflozin"
    r"|xaban|oxetine|triptan|floxacin|cycline|dronate|setron|ciclovir|cyclovir|tinib|mab|profen|coxib|parin|thiazide|semide|lukast|terol|onide|asone|solone|afil|azepam|codone|morphine|fentanil|ptyline|pramine|zepine|ytoin|proate|peridone|apine|prazine|goxin|darone|phylline|thyroxine|butamol|faxine|talopram|zosin|steride|quine|fibrate|etimibe|tamine|drine)(?![a-z])"
    r"|[\u4e00-\u9fff]{1,4}(?:普利|沙坦|洛尔|他汀|康唑|西林|霉素|拉唑|替丁|西泮|唑仑|地平|巴喷丁|列汀|列净|沙班|西汀|曲坦|沙星|环素|膦酸|昔韦|替尼|单抗|洛芬|昔布|肝素|噻嗪|司特|地松|米松|尼松|那非)",
)  # fmt: skip


def unlisted_names(text: str) -> list[str]:
    """Words of a text that look like a medicine by their stem and are not in the table."""
    plain = fold(text)
    known = [(m.start, m.end) for m in mentions(text)]
    return list(
        dict.fromkeys(
            m.group()
            for m in _STEM.finditer(plain)
            if not any(start < m.end() and m.start() < end for start, end in known)
        )
    )


def allergy_to(medicine: Medicine, allergies: Sequence[str]) -> str:
    """What a person's allergies mean for a medicine.

    Returns: "avoid" where the allergy names it or its class, "ask" where it names a class that is
    related to it, "" otherwise.
    """
    known, level = table(), ""
    for allergy in allergies:
        named = mentioned(allergy)
        plain = fold(allergy)
        if any(len(n) > 2 and fold(n) in plain for n in (*medicine.en, *medicine.zh)):
            return "avoid"
        groups = {g for m in named for g in m.groups}
        cross = {c for g in groups if g in known.groups for c in known.groups[g].cross}
        if cross & set(medicine.groups) or any(m.name == medicine.name for m in named):
            return "avoid"
        related = {r for g in groups if g in known.groups for r in known.groups[g].related}
        if related & set(medicine.groups):
            level = "ask"
    return level


def covered_by(allergies: Sequence[str]) -> list[Medicine]:
    """The medicines of the table that the allergies rule out."""
    return [m for m in table().medicines.values() if allergy_to(m, allergies) == "avoid"]


def interactions(one: Medicine, other: Medicine) -> list[Interaction]:
    """What is listed about two medicines, most specific and most severe first.

    Empty means not listed, which is not the same as safe.
    """
    if one.name == other.name:
        return []

    def fits(side: str, medicine: Medicine) -> int:
        return 2 if side == medicine.name else 1 if side in medicine.groups else 0

    found = []
    for entry in table().interactions:
        straight = fits(entry.one, one) * fits(entry.other, other)
        crossed = fits(entry.one, other) * fits(entry.other, one)
        if best := max(straight, crossed):
            found.append((_LEVELS.index(entry.level), best, entry))
    found.sort(key=lambda item: (-item[0], -item[1]))
    return [entry for _, _, entry in found]
