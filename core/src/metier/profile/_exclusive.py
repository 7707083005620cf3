"""What can't both be true: statements on different sides of a topic, diets and what is eaten.

The topics are in `exclusive.yaml`, the families of food in `constraints/_foods.py`. What
is denied ("I don't have diabetes") is kept as a fact of the slot `not_` + slot, and
excludes what it denies and every kind of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from metier.encoder import simplified
from metier.model import Fact
from metier.profile._ages import ages_differ
from metier.profile._fold import words
from metier.profile._same import sense, within
from metier.profile._slots import DENIED, FOR
from metier.profile._times import utc
from metier.profile.constraints import breaks, includes

DENIABLE = words(
    "habit pet pets condition medicine allergy intolerance possession car family children siblings "
    "ability skill speaks disability hobby activity"
)
"""Slots of which "I don't have one" is worth knowing. Symptoms and moods come and go."""
_ANYTHING = words("anything 任何 任何东西 任何药物 所有")
_COUNT = re.compile(
    r"(?P<n>one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?:\w+ ){0,2}?(?P<v>[a-z]+)"
    r"|(?P<m>[一两二三四五六七八九十]|\d+)[个只位条名](?P<z>.+)"
)
_DIGITS = {
    word: str(n)
    for line in (
        "one two three four five six seven eight nine ten",
        "一 二 三 四 五 六 七 八 九 十",
    )
    for n, word in enumerate(line.split(), 1)
} | {"两": "2"}
_COUNTED = words("family children siblings pet pets")
_FAVOURITE = re.compile(r"favou?rite (?P<v>[\w ]+?) (?:is|are) .+|(?P<z>[一-鿿]{2,4})是[一-鿿]+")
_NONE_OF = re.compile(r"no (?P<v>[\w -]+)|没有?(?P<z>[一-鿿]+)")
_NEGATIVE = words("never avoid avoids")
_DENIAL = re.compile(
    r"(?:\b(?:no|not|never|without|zero|neither|nor|cannot|unable to|do not"
    r"|(?:do|does|have|can)n?['’]t)\s+(?:(?!but\b)[\w'’]+\s+){0,2}"
    r"|(?:没有?|不会?|不能|无|未|从未|从来不)[^，,。；]{0,3})$"
)
"""What denies the word that follows."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of `exclusive.yaml`."""

    name: str
    why: Mapping[str, str]
    slots: frozenset[str]
    sides: Mapping[str, re.Pattern[str]]
    whole: re.Pattern[str] | None
    about: frozenset[str]
    but: re.Pattern[str] | None
    first: str
    """The slot of what is said of the topic, where no rule knows a better one."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """That somebody is on a side of a topic; `word` where that rests on a word alone."""

    topic: str
    side: str
    about: str
    word: str = ""


def excludes(one: Fact, other: Fact) -> bool:
    """Whether the two facts can't both be true, and are of one person.

    Words of change and times are the caller's to weigh.
    """
    return bool(why_not_both(one, other)) or bool(
        sense(one.about) == sense(other.about)
        and (breaks(one, other) or breaks(other, one) or ages_differ(one, other))
    )


def why_not_both(one: Fact, other: Fact, language: str = "en") -> str:
    """Why the topics say that the two can't both be true; "" where no topic says so."""
    mine, theirs = _claims(*_told(one)), _claims(*_told(other))
    for claim in mine:
        for against in theirs:
            if _opposite(claim, against):
                return _topics()[claim.topic].why[language]
    if sense(one.about) != sense(other.about):
        return ""
    if _denies(one, other) or _denies(other, one):
        return {"en": "one denies the other", "zh": "一个否定了另一个"}[language]
    if _another_of_one(one, other):
        return {"en": "there is one of it", "zh": "这只能有一个"}[language]
    return ""


def topics_in(text: str) -> tuple[Topic, ...]:
    """The topics that a text has words of; but not work, where every word is of it."""
    if not _words_of_any().search(text):
        return ()
    return tuple(
        t for t in _topics().values()
        if t.name != "work" and any(side.search(text) for side in t.sides.values())
    )  # fmt: skip


@cache
def _words_of_any() -> re.Pattern[str]:
    sides = [s.pattern for t in _topics().values() if t.name != "work" for s in t.sides.values()]
    return re.compile("|".join(sides))


def on_side(topic: Topic, fact: Fact) -> str:
    """The side of a topic that a fact's words are on; "" for none."""
    return next((c.side for c in _claims(*_told(fact)) if c.topic == topic.name), "")


def changed_since(old: Fact, new: Fact) -> bool:
    """Whether the new fact's words say that it came to be after the old one did."""
    if new.corrects:
        return True
    began = old.valid_from or old.learned_at
    return new.valid_from is not None and (began is None or utc(new.valid_from) > utc(began))


def taken_back_by(fact: Fact, retraction: Fact) -> bool:
    """Whether a retraction with a value takes a fact back: of that value, or a kind of it."""
    if fact.slot == sense(retraction.value):  # "I'm not pregnant", whatever slot that is in
        return True
    return fact.slot == retraction.slot and kind_of(fact.value, retraction.value, fact.slot)


def kind_of(narrow: str, wide: str, slot: str = "") -> bool:
    """Whether what `wide` names includes what `narrow` names, by words or by family of food."""
    allergen = slot in ("allergy", "intolerance")
    everything = sense(wide) in _ANYTHING
    return everything or within(narrow, wide) or includes(wide, narrow, allergen=allergen)


def _told(fact: Fact) -> tuple[str, str, str]:
    return fact.slot, fact.value, fact.about


def _denies(denial: Fact, fact: Fact) -> bool:
    slot = denial.slot.removeprefix(DENIED)
    if slot != denial.slot:
        return fact.slot == slot and kind_of(fact.value, denial.value, slot)
    missing = none_of(denial.value)
    if not missing or none_of(fact.value):  # two that deny, deny not each other
        return False
    return fact.slot == slot and within(fact.value, missing)


def none_of(value: str) -> str:
    """What a value says that there is none of: "no garden", 没有花园; "" for nothing."""
    match = _NONE_OF.fullmatch(simplified(value).casefold())
    return (match["v"] or match["z"]) if match else ""


def _another_of_one(one: Fact, other: Fact) -> bool:
    """Whether two values differ that are of one thing: how many children, the favourite colour."""
    if one.slot != other.slot or not one.multiple or sense(one.value) == sense(other.value):
        return False
    pattern = _COUNT if one.slot in _COUNTED else _FAVOURITE if one.slot in FOR else None
    if pattern is None:
        return False
    a, b = (pattern.fullmatch(simplified(f.value).casefold()) for f in (one, other))
    if a is None or b is None:
        return False
    same = sense(a["v"] or a["z"]) == sense(b["v"] or b["z"])
    if pattern is _FAVOURITE:
        return same
    counts = [_DIGITS.get(m["n"] or m["m"], m["n"] or m["m"]) for m in (a, b)]
    return same and counts[0] != counts[1]


def _opposite(one: _Claim, other: _Claim) -> bool:
    if one.topic != other.topic or one.side == other.side or one.about != other.about:
        return False
    # "No dog" leaves room for a cat; "no pets" doesn't.
    return not (one.word and other.word) or one.word == other.word


@lru_cache(16384)
def _claims(slot: str, value: str, about: str) -> tuple[_Claim, ...]:
    text = simplified(value).casefold().replace("’", "'")
    person = simplified(about).casefold()
    person = person if "'" in person else person.split()[-1] if person else ""
    found: list[_Claim] = []
    for topic in _topics().values():
        if person in topic.about:
            found.append(_Claim(topic.name, "some", "", sense(person)))
        if slot in topic.slots or slot.removeprefix(DENIED) in topic.slots:
            found += _sides(topic, slot, text, sense(about))
    return tuple(dict.fromkeys(found))


def _sides(topic: Topic, slot: str, text: str, about: str) -> Iterator[_Claim]:
    negative = slot in _NEGATIVE or slot.startswith(DENIED)
    text = topic.but.sub(" ", text).strip() if topic.but else text
    for side, pattern in topic.sides.items():
        for match in pattern.finditer(text):
            denied = negative or _DENIAL.search(text, 0, match.start()) is not None
            if side != "some":
                if not denied:
                    yield _Claim(topic.name, side, about)
                    return
                continue
            if denied and "none" in topic.sides:
                whole = topic.whole is not None and topic.whole.search(text) is not None
                yield _Claim(topic.name, "none", about, "" if whole else sense(match.group()))
            elif not denied:
                yield _Claim(topic.name, "some", about, sense(match.group()))


@cache
def _topics() -> Mapping[str, Topic]:
    import yaml

    text = (resources.files("metier.profile") / "exclusive.yaml").read_text("utf-8")
    return {raw["topic"]: _topic(raw) for raw in yaml.safe_load(text)}


def _topic(raw: dict[str, object]) -> Topic:
    known = {"topic", "why", "slots", "whole", "about", "but"}
    sides = {name: _pattern(said) for name, said in raw.items() if name not in known}
    if len(sides) < 2:
        raise ValueError(f"exclusive.yaml: the topic '{raw['topic']}' needs two sides")
    about = raw.get("about", [])
    return Topic(
        str(raw["topic"]),
        raw["why"],  # type: ignore[arg-type]
        frozenset(raw["slots"]),  # type: ignore[call-overload]
        sides,
        _pattern(raw["whole"]) if "whole" in raw else None,
        frozenset(simplified(a).casefold() for a in about),  # type: ignore[attr-defined]
        _pattern(raw["but"]) if "but" in raw else None,
        raw["slots"][0],  # type: ignore[index]
    )


def _pattern(said: object) -> re.Pattern[str]:
    if not isinstance(said, dict) or set(said) != {"en", "zh"}:
        raise ValueError("exclusive.yaml: a side has `en` and `zh`")
    return re.compile(rf"(?<![\w-])(?:{said['en']})(?:'s|e?s)?(?![\w-])|{said['zh']}".strip())
