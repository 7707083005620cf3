"""How a fact is put in a plan: in full, without what its meaning can spare, or in brief.

Words that turn a meaning around ("not", "without", "only", "over") stay in all
of them. Where a reason would tell more than the wish itself, as with a
constraint of health, nothing but words of emphasis is left out.
"""

from __future__ import annotations

import re

from metier.model import Fact
from metier.profile._fold import words
from metier.profile._labels import slot_label
from metier.profile._slots import safety

_REASON = re.compile(
    r"[,;]?\s+(?:because|since|due to|owing to|as (?:i|it|they|this|these|that)\b"
    r"|so (?:i|that|as)\b|in order to|which (?:i|is why)"
    r"|and (?:find|feel|think|believe|consider)\b).*$",
    re.I,
)
_ZH_REASON = re.compile("[，,；;]?(?:因为|由于|所以|为了|以便).*$")
_LEAD = re.compile(
    r"^(?:(?:due to|because of|since|as)\b[^,]*,\s*)?"
    r"(?:i(?:['’]m| am| have|['’]ve)?\s+)?(?:an? )?(?:(?:strongly|really|strictly|generally"
    r"|usually|always|absolutely|personally|typically|particularly|actively|specifically"
    r"|very)\s+)*",
    re.I,
)
_AGAINST = re.compile(
    r"^(?:(?:do(?:es)? not|do(?:es)?n['’]t|cannot|can['’]t|not)\s+(?:really\s+)?"
    r"(?:like|enjoy|want|tolerate|stand|fond of|a fan of|fan of|interested in|care for"
    r"|comfortable with)(?:\s+to)?"
    r"|dislikes?|hates?|avoids?|(?:no|not any) interest in|refuse to|prefer (?:to avoid|not to|not)"
    r"|(?:strong |deep |severe )?(?:aversion|dislike|distaste|hatred) (?:to|for|of|towards?))\s+",
    re.I,
)
_FOR = re.compile(
    r"^(?:prefers?|likes?|loves?|enjoys?|favou?rs?|would rather|drawn to|fond of"
    r"|(?:strong )?(?:preference|love|passion) for)\s+(?:to\s+)?",
    re.I,
)
_SPARE = words(
    "a an the i my me is am are be been being was were to that which who of any some very really "
    "strongly strictly highly extremely particularly especially specifically such these those "
    "this kind kinds type types it its they them their there have has do does can will would "
    "as well also just quite"
)
_WISHES = words("preference likes dislikes avoid avoids")
"""Slots whose values say by themselves what they are."""
_WORD = re.compile(r"\S+")
_VERB = re.compile(
    r"^(?:to )?(?:us(?:e|ing)|participat(?:e|ing) in|engag(?:e|ing) in|watch(?:ing)?|play(?:ing)?"
    r"|din(?:e|ing) (?:at|in)|eat(?:ing)?|wear(?:ing)?|visit(?:ing)?|driv(?:e|ing)|buy(?:ing)?"
    r"|purchas(?:e|ing)|own(?:ing)?|hav(?:e|ing)|go(?:ing)? (?:to|on)|stay(?:ing)? (?:at|in)"
    r"|read(?:ing)?|listen(?:ing)? to|do(?:ing)?|tak(?:e|ing)|keep(?:ing)?)\s+(?=\w)",
    re.I,
)
"""Doing what one does with such things anyway; what is not wanted is the thing."""
_CONTRAST = re.compile(
    r"\s+(?:and|but) (?:instead )?(?:prefer|would rather|favou?r|opt for)\b.*$", re.I
)


def wording(fact: Fact, language: str) -> str:
    """A line of the plan: the slot, whom it is about if not the person, and the value."""
    return _label(fact, language) + fact.value


def short(fact: Fact, language: str) -> str:
    """The same with fewer words: no reasons, articles or words of emphasis."""
    return _label(fact, language) + shortened(fact)


def brief(fact: Fact, language: str) -> str:
    """The least that still says it: "no animated movies" for "I don't enjoy animated movies"."""
    if safety(fact):
        return short(fact, language)
    value = re.split(r"[.;；。]\s+|；|。|, (?=and\b|but\b)", shortened(fact))[0]
    against = _AGAINST.match(value)
    if fact.slot not in _WISHES or fact.about or not value:
        return short(fact, language)
    if against or (fact.slot in ("dislikes", "avoid", "avoids") and value.isascii()):
        core = value[against.end() :] if against else value
        return f"no {_VERB.sub('', _CONTRAST.sub('', core), count=1)}"
    if fact.slot in ("dislikes", "avoid", "avoids"):
        return short(fact, language)
    return _FOR.sub("", value, count=1)


def shortened(fact: Fact) -> str:
    """A value without what its meaning can spare; never empty where the value isn't."""
    cut = fact.value
    if not safety(fact):
        cut = _ZH_REASON.sub("", _REASON.sub("", _LEAD.sub("", cut, count=1)))
    left = [w for w in _WORD.findall(cut) if w.lower().strip(",;") not in _SPARE]
    return " ".join(left).rstrip(".,;，。；") or fact.value


def _label(fact: Fact, language: str) -> str:
    zh = language == "zh"
    whom = f" ({fact.about})" if fact.about else ""
    return f"{slot_label(fact.slot, language)}{whom}{'：' if zh else ': '}"
