"""Which constraints an answer breaks, as far as a rule can tell."""

# ruff: noqa: E501  (patterns, one kind a line)

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from metier.encoder import han_share, simplified
from metier.model import Fact
from metier.profile._fold import words
from metier.profile._slots import FOR
from metier.profile.constraints._foods import DIET_NAMES, DIETS, Avoided, avoided, plain
from metier.profile.constraints._mentions import Mention, mentions
from metier.profile.constraints._never import never
from metier.profile.constraints._text import Sentence, sentences, suggested
from metier.profile.constraints._types import Breach, Broken

_ALLERGIES = ("allergy", "intolerance", "contraindication")
_AVOID = ("avoid", "avoids", "dislikes")
_FREE = re.compile(
    r"(?:\b(?P<what>\w+)[- ]free|\b(?:vegan|plant[- ]based|vegetarian|veggie|meatless|mock)|植物|素)\s*(?:[\w-]+\s+)?$",
    re.I,
)
_EATS = re.compile(
    r"(?:ever )?(?:eat(?:ing)?|drink(?:ing)?|have|touch|consume|take) (?:any |the )?(?P<v>.+)"
    r"|(?:吃|喝|碰|沾)(?:任何)?(?P<z>.+)"
)
_HABITS = words("habit activity schedule routine food drinks eats meal")
_TAKES = re.compile(
    r"\b(?:eat|ate|drink|drank|have|had|snack on|live on|order|grab|enjoy|love)(?:s|ing)?\b|[吃喝]|来[一杯点]"
)
"""Verbs by which a habit is one of eating or drinking, and not of feeding the fish."""
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.S)
_LETTERS = re.compile(r"[^\W\d_]")
_EATEN = re.compile(
    r"\b(?:add|try|eat|take|use|order|have|serve|mix|top|enjoy|recommend|apply|drink|include|with)\b"
    r"|加|吃|试|用|推荐|来点|配|放|喝|涂|含",
    re.I,
)
_BRIEF = re.compile(r"short|brief|concise|terse|简短|简洁|简要|精简|短", re.I)
_LIMIT = re.compile(
    r"(?:under|below|at most|no more than|max(?:imum)?|within|less than|不超过|最多|少于|以内|控制在)?\s*"
    r"(\d{1,5})\s*(words?|characters?|sentences?|个?字|句)",
    re.I,
)
_BRIEF_WORDS, _BRIEF_HAN = 150, 260
"""More than this is no short answer, whoever reads it; we found no source for a figure."""
_SLACK = 1.2
_METRIC = re.compile(
    r"\d\s*(?:°\s*C\b|degrees celsius|celsius|cm\b|mm\b|km\b|kg\b|kilomet\w+|kilogram\w*|centimet\w+|lit(?:er|re)s?\b"
    r"|met(?:er|re)s?\b|millilit\w+|ml\b|grams?\b|g\b)|\d\s*(?:摄氏度|厘米|毫米|公里|千米|公斤|千克|升|毫升|克|米)",
    re.I,
)
_IMPERIAL = re.compile(
    r"\d\s*(?:°\s*F\b|degrees fahrenheit|fahrenheit|inch\w*|feet\b|foot\b|ft\b|yards?\b|miles?\b|mph\b|pounds?\b|lbs?\b"
    r"|ounces?\b|oz\b|gallons?\b|pints?\b|quarts?\b)|\d\s*(?:华氏度|英寸|英尺|英里|磅|盎司|加仑)",
    re.I,
)


def broken(facts: Iterable[Fact], answer: str, language: str = "") -> tuple[Broken, ...]:
    """The places where an answer breaks a constraint that a rule can check.

    What is checked: allergens and medicines of an allergy, what a diet leaves out,
    "never ..." (a subject, a suggestion, a form of address, emoji and the like), the
    language, the length where it was asked to be short, and units. What is denied or
    warned of ("without peanuts", "avoid shrimp", 不含花生), a substitute ("almond milk"
    for milk) and a question are no breach. A constraint that no rule can check yields
    nothing, which does not mean that it was kept.

    Args:
        facts: constraints among others; facts about other people are left out.
        answer: as the person would read it.
        language: of the answer where it is known, "en" or "zh"; else it is seen from the text.

    Returns: the breaches in the order of the text, each place once for a constraint.
    """
    own = [f for f in facts if not f.about and not f.retracts]
    if not own or not answer.strip():
        return ()
    found = list(_food(own, answer))
    for fact in own:
        if fact.slot == "never" or (fact.constraint and fact.slot in _AVOID):
            found += never(fact, answer)
        elif fact.slot in ("answer_language", "language") and fact.constraint:
            found += _language(fact, answer, language)
        elif fact.slot == "answer_length":
            found += _length(fact, answer)
        elif fact.slot in ("units", "unit_system", "measurement"):
            found += _units(fact, answer)
    unique = {(b.fact, b.start, b.end): b for b in found}
    return tuple(sorted(unique.values(), key=lambda b: (b.start, b.end, b.fact.slot, b.fact.id)))


def breaks(constraint: Fact, fact: Fact) -> bool:
    """Whether what a person likes or takes is what an allergy or a diet of theirs leaves out."""
    taken = fact.slot in (*FOR, "medicine") or (
        fact.slot in _HABITS and _TAKES.search(fact.value) is not None
    )
    meant = _unwanted(constraint) if taken else None
    if meant is None:
        return False
    said = Sentence(0, fact.value)
    return any(
        meant[1].covers(m.name, m.families)
        and suggested(said, m.start, m.end)
        and not _freed(fact.value, m)
        for m in mentions(fact.value)
    )


def _food(facts: Iterable[Fact], answer: str) -> Iterator[Broken]:
    wanted = [(f, *meant) for f in facts if (meant := _unwanted(f)) is not None]
    unknown = [f for f in facts if f.slot in _ALLERGIES and _unwanted(f) is None]
    if not wanted and not unknown:
        return
    for sentence in sentences(answer):
        for mention in mentions(sentence.text) if wanted else ():
            hits = [
                (f, r, m) for f, r, a in wanted if (m := a.covers(mention.name, mention.families))
            ]
            if (
                hits
                and not _freed(sentence.text, mention)
                and suggested(sentence, mention.start, mention.end)
            ):
                for fact, reason, member in hits:
                    start = sentence.start + mention.start
                    end = sentence.start + mention.end
                    yield Broken(fact, start, end, reason, member)
        for fact in unknown:
            yield from _literal(fact, sentence)


def _freed(text: str, mention: Mention) -> bool:
    """Whether the words before say that it is made without: "gluten-free pasta", "vegan pizza"."""
    match = _FREE.search(text[: mention.start])
    if match is None:
        return False
    if match["what"] is None:
        return bool(frozenset(DIETS["vegan"]) & mention.families)
    meant = avoided(plain(match["what"]))
    return meant is not None and bool(meant.covers(mention.name, mention.families))


def _unwanted(fact: Fact) -> tuple[Breach, Avoided] | None:
    """What the table knows of that an answer must not suggest to the person."""
    value = plain(simplified(fact.value).strip())
    if fact.slot in _ALLERGIES:
        meant = avoided(value)
        return None if meant is None else ("allergen", meant)
    if fact.slot == "diet" and fact.constraint:
        diet = DIET_NAMES.get(value.removesuffix(" diet").removeprefix("no meat "))
        if diet is not None:
            return "diet", Avoided(frozenset(DIETS[diet]))
    if fact.slot == "never" and (match := _EATS.match(value)):
        meant = avoided(match["v"] or match["z"])
        return None if meant is None else ("diet", meant)
    return None


def _literal(fact: Fact, sentence: Sentence) -> Iterator[Broken]:
    """An allergen that the table doesn't know, where a sentence suggests it by its own name."""
    value = simplified(fact.value).strip().lower()
    text = simplified(sentence.text).lower()
    at = text.find(value) if len(value) > 1 else -1
    if at < 0 or not _EATEN.search(text):
        return
    end = at + len(value)
    whole = not value.isascii() or not (
        (at and text[at - 1].isalpha()) or re.match(r"(?!s\b|es\b)[a-z]", text[end:])
    )
    if whole and suggested(sentence, at, end):
        yield Broken(fact, sentence.start + at, sentence.start + end, "allergen", value)


def _language(fact: Fact, answer: str, language: str) -> Iterator[Broken]:
    text = _CODE.sub(" ", answer)
    letters = len(_LETTERS.findall(text))
    wanted = fact.value.lower()
    if wanted not in ("en", "zh") or letters < 12:
        return
    share = han_share(text)
    # Names and terms in the other language are no breach.
    wrong = share > 0.5 if wanted == "en" else share < 0.15
    if wrong or (language and language != wanted and letters < 40):
        yield Broken(fact, 0, len(answer), "language", wanted)


def _length(fact: Fact, answer: str) -> Iterator[Broken]:
    han = len(re.findall("[\u3400-\u9fff]", answer))
    words = len(re.findall(r"[A-Za-zÀ-ɏ'’]+", answer))
    limit = _LIMIT.search(fact.value)
    if limit:
        size, unit = int(limit.group(1)), limit.group(2).lower()
        if unit.startswith(("sentence", "句")):
            count = sum(1 for _ in sentences(answer))
        else:
            count = len(answer) if unit.startswith("char") else words + han
        over = count > size * _SLACK
    else:
        asked = _BRIEF.search(fact.value) is not None
        over = asked and words / _BRIEF_WORDS + han / _BRIEF_HAN > 1
    if over:
        yield Broken(fact, 0, len(answer), "length")


def _units(fact: Fact, answer: str) -> Iterator[Broken]:
    value = fact.value.lower()
    metric = bool(re.search(r"metric|celsius|kilomet|kilogram|公制|摄氏|公里|公斤", value))
    imperial = bool(re.search(r"imperial|fahrenheit|miles|pounds|英制|华氏|英里|磅", value))
    if metric == imperial:
        return
    wrong, right = (_IMPERIAL, _METRIC) if metric else (_METRIC, _IMPERIAL)
    for sentence in sentences(answer):
        match = wrong.search(sentence.text)
        if match and not right.search(sentence.text):
            start = sentence.start + match.start()
            yield Broken(fact, start, sentence.start + match.end(), "units")
