"""Words the English rules lean on: verb forms, adjectives, things that are owned, sounds of beginnings."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IRREGULAR = """
go went gone|take took taken|see saw seen|do did done|come came come|run ran run|begin began begun
break broke broken|choose chose chosen|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen
fly flew flown|forget forgot forgotten|give gave given|grow grew grown|know knew known|ride rode ridden
ring rang rung|sing sang sung|speak spoke spoken|swim swam swum|throw threw thrown|wear wore worn
write wrote written|buy bought bought|bring brought brought|teach taught taught|catch caught caught
tell told told|think thought thought|make made made|say said said|meet met met|pay paid paid|send sent sent
sit sat sat|sleep slept slept|spend spent spent|understand understood understood|win won won
feel felt felt|keep kept kept|hear heard heard|build built built|sell sold sold|lose lost lost
"""
IRREGULAR: dict[str, tuple[str, str]] = {
    base: (past, participle)
    for base, past, participle in (
        entry.split() for entry in re.split(r"[|\n]", _IRREGULAR) if entry.strip()
    )
}
"""Base form -> (past, participle)."""

BASE_OF_PAST = {past: base for base, (past, _) in IRREGULAR.items() if past != base}
PARTICIPLE_OF_PAST = {
    past: participle
    for past, participle in IRREGULAR.values()
    # "saw" is a tool as well; "made", "said" and their like are their own participles.
    if past != participle and past != "saw"
}

REGULAR = tuple(
    [
        "like",
        "want",
        "need",
        "live",
        "work",
        "play",
        "look",
        "love",
        "help",
        "seem",
        "enjoy",
        "believe",
        "start",
        "stop",
        "use",
        "walk",
        "talk",
        "call",
        "visit",
        "travel",
        "stay",
        "study",
        "watch",
        "try",
        "ask",
        "answer",
        "arrive",
        "finish",
        "listen",
        "open",
        "close",
        "clean",
        "cook",
        "dance",
        "learn",
        "move",
        "wait",
        "wash",
        "decide",
        "happen",
        "agree",
        "change",
        "explain",
        "remember",
        "receive",
        "notice",
        "plan",
        "prefer",
        "hope",
    ]
)
THIRD_PERSON_VERBS = (*REGULAR, *(v for v in IRREGULAR if v not in ("run", "come")), "run", "come")


def third_person(verb: str) -> str:
    """ "goes" for "go"."""
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(?:s|x|z|ch|sh|o)$", verb) else "s")


def past_of(verb: str) -> str:
    """ "went" for "go", "studied" for "study"."""
    if verb in IRREGULAR:
        return IRREGULAR[verb][0]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return verb + (verb[-1] if verb in ("stop", "plan") else "") + "ed"


OVERREGULAR = {
    wrong: past
    for base, (past, _) in IRREGULAR.items()
    if base not in ("see", "hear", "say") and past != base
    for wrong in {base + ("d" if base.endswith("e") else "ed"), base + base[-1] + "ed"}
    if not base.endswith("e") or wrong == base + "d"
} | {"childs": "children", "childrens": "children", "mans": "men", "womans": "women", "tooths": "teeth", "foots": "feet"}  # fmt: skip
"""Regular endings on words that have none: "runned", "childs"."""

BASE_OF_ED = {past_of(verb): verb for verb in REGULAR}

ADJECTIVE = (
    "true|false|good|bad|nice|great|hard|easy|late|early|cold|hot|warm|cool|dark|cheap|expensive|important|necessary"
    "|likely|unlikely|possible|impossible|clear|obvious|sad|funny|strange|interesting|beautiful|fine|over|red|blue|green"
    "|black|white|big|small|new|old|ready|broken|wrong|right|okay|ok|free|full|empty|safe|dangerous|boring|fun|raining"
    "|done|finished|gone|useful|useless|wonderful|terrible|perfect|different|difficult|simple|amazing|crazy|weird"
)
END = r"(?=\s*(?:$|[.;:!?)]|,\s*(?:but|and|so|because|its?|I|we|you|he|she|they|the|isn|aren)\b|\b(?:to|that|because|for|when|if|here|there|today|now|outside|in|on|at|but|since|so|again|tonight|this|not)\b))"
"""What follows an adjective that stands alone, and not before a noun."""

OWNED = (
    "name|tail|owner|value|purpose|price|size|shape|length|surface|colour|color|tail|mother|father|brother|sister"
    "|house|car|dog|cat|book|books|phone|job|parents|children|kids|friends|family|homework|bag|bags|room|boss|wife|husband"
    "|daughter|son|teacher|computer|email|address|keys|shoes|hair|fault|turn|opinion|birthday|bike|team|hands|eyes|ears"
    "|leg|arm|arms|mouth|nose|bed|toy|toys|legs|feet|head|face|voice|leaves|wings|fur|roof|walls|customers|users|members|employees|products|website|idea|ideas|budget|shares|profits|mission|logo|brand|rivals|competitors"
)
"""Things that belong to someone, and that "it is" or "they are" is not followed by without an article."""

PLURAL_COUNT = (
    r"(?:(?:many|several|two|three|four|five|six|seven|eight|nine|ten|so many|too many|various)"
    r"|(?:a lot of|lots of|plenty of)(?=\s+(?:\w+\s+)?(?:people|children|men|women|\w{2,}[^\Wsu]s)\b))"
)
MEASURES = r"(?:minutes|hours|seconds|days|weeks|months|years|dollars|euros|pounds|miles|kilometres|percent|metres|news)"

COUNTED = (
    "cat|dog|book|car|friend|student|teacher|day|week|month|year|hour|minute|apple|house|boy|girl|brother|sister|child|person"
    "|man|woman|thing|problem|question|word|page|picture|song|movie|class|lesson|language|country|city|chair|table|room|phone"
)
_PLURALS = {"child": "children", "person": "people", "man": "men", "woman": "women"}
PERSON = "brother|sister|mother|father|friend|teacher|boss|dog|cat|son|daughter|wife|husband|man|woman|boy|girl|uncle|aunt"
BASE_OF_THIRD = {third_person(verb): verb for verb in THIRD_PERSON_VERBS}
YS = [
    "study",
    "try",
    "carry",
    "fly",
    "worry",
    "hurry",
    "copy",
    "city",
    "country",
    "family",
    "baby",
    "party",
    "story",
    "company",
    "lady",
    "library",
    "body",
]


def plural(noun: str) -> str:
    """ "boxes" for "box"."""
    return _PLURALS.get(noun) or third_person(noun)


_U_AS_YOU = re.compile(
    r"uni(?:c|f|l|o|p|q|son|sex|t|v)|us(?:e|a|u(?!p))|util|ut(?:o|e)|eu|ew|one(?!ida|iric)|once|ubiq|uran|uro|ukul|ufo|ura"
)
_SILENT_H = re.compile(r"hono(?:u)?r|honest|hour|heir")
_EITHER = re.compile(r"histor|hotel|hallucin|hyster|hered|heroic|habitual|hypothe|herb|h$|u$")
_LETTER_WITH_VOWEL = frozenset("AEFHILMNORSX")
SPELLED = frozenset(
    [
        "MRI",
        "FBI",
        "NBA",
        "NFL",
        "NHL",
        "HTML",
        "HTTP",
        "HTTPS",
        "SMS",
        "LCD",
        "LED",
        "MBA",
        "XML",
        "API",
        "ATM",
        "EU",
        "UK",
        "US",
        "USA",
        "UN",
        "URL",
        "USB",
        "SUV",
        "NGO",
        "MP",
        "HR",
        "HIV",
        "ID",
        "IP",
        "IQ",
        "MP3",
        "RSS",
        "SOS",
        "SEO",
        "IT",
        "TV",
        "PC",
        "CEO",
        "CV",
        "PDF",
        "DVD",
        "CD",
        "GPS",
        "DNA",
        "UFO",
        "VIP",
        "BBC",
        "CIA",
        "CPU",
        "GPU",
        "AI",
        "OS",
        "UI",
        "UX",
        "NHS",
        "MSc",
    ]
)


def article(word: str) -> str:
    """ "a" or "an" by the sound a word begins with; "" where either is used or it isn't known."""
    if word.isdigit():
        if word.startswith("8") or word in ("11", "18"):
            return "an"
        return "" if word.startswith(("11", "18")) else "a"
    if re.fullmatch(r"[A-Z]", word):
        return "" if word in "AI" else "an" if word in _LETTER_WITH_VOWEL else "a"
    if re.fullmatch(r"[A-Z0-9]{2,}s?", word):
        if word.rstrip("s") in SPELLED:
            return "an" if word[0] in _LETTER_WITH_VOWEL else "a"
        return "an" if word[0] in "AEIO" else ""
    lowered = word.lower()
    if not lowered[:1].isalpha() or not lowered[:1].isascii() or _EITHER.match(lowered):
        return ""
    if lowered[0] in "aeiou":
        return "a" if _U_AS_YOU.match(lowered) else "an"
    return "an" if _SILENT_H.match(lowered) else "a"


def either(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w)))
