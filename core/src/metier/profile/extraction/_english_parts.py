"""Parts of an English sentence that say something of the person without saying "I".

Fragments ("vegan here", "58, retired, type 2 diabetic"), what somebody is "as", and reasons given
within a question are put into the first person, so that the rules for statements read them.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from metier.profile.extraction import _english_words as w
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Clause

_SO = r"(?:(?:also|fellow|new|proud|long-?time|lifelong|total|recently|newly|strict|currently|mostly|and|a)\s+)*"
_ADJECTIVE = rf"(?:{w.DIETS}|{w.ADJ_CONDITIONS}|{w.ACCESS}|married|single|divorced|widowed|engaged|retired|unemployed|self-employed|semi-retired|pregnant|breastfeeding|type [12] diabetic|\d+ (?:weeks|months) pregnant|allergic to [a-z][\w ]+|bipolar|left-handed|colou?r-?blind)"
_AGE = r"(?:\d{2}[- ]year[- ]old(?: [a-z]+)?|\d{2}|\d{2} ?(?:yo|y/o|yrs?(?: old)?|years? old)|\d{2} ?/? ?[MmFf]|[MmFf] ?/? ?\d{2})"
_NOUN = rf"(?:{w.JOBS}|wheelchair user|(?:stay-at-home |single |new |working |first-time )*(?:mum|mom|mother|dad|father|parent|grandmother|grandfather|grandparent)|beginner|novice|newbie|non-?smoker|smoker|cancer survivor)"
_ILL = rf"(?:{w.CONDITIONS}|type [12])"
_ENDS = r"(?=\s*(?:$|[,.;!/&]|\b(?:here|last|after|early|btw|by the way|since|for (?:\d|over|about|almost|years|life|many|a )|with|so|and|by trade|by profession|by training|living|trying|looking|but|too|fyi|speaking|as well|as of)\b))"
_NOUN_ENDS = r"(?=\s*(?:of (?:\w+)(?: \w+)? here|of (?:one|two|three|four|five|six|twins|\d)|here\b|by trade|by profession|by training|by day|by night|(?:\w+ ){0,5}here\s*$))"
_PIECE = re.compile(
    rf"{_SO}(?:(?P<adj>{_ADJECTIVE}){_ENDS}|(?P<age>{_AGE})(?=\s*(?:$|[,/;&]|\b(?:and|here|male|female|with)\b))|(?P<ill>{_ILL}){_ENDS})",
    re.I,
)
_NOUN_PIECE = re.compile(
    rf"{_SO}(?P<noun>{_NOUN})(?:{_NOUN_ENDS}|(?P<list>\s*(?:$|[,;&]| (?:from|in|at|with|living)\b)))",
    re.I,
)
_DISH = re.compile(
    r"\b(?:recipes?|meals?|dinners?|lunch(?:es)?|breakfasts?|food|options?|restaurants?|snacks?|desserts?|dishes|cakes?|places?|version|alternatives?|substitutes?|menu|products?)\b",
    re.I,
)
_DOING = re.compile(
    rf"(?:(?:currently|still|also|just|really|now|always|mostly)\s+)*(?:trying|hoping|planning|saving|training|preparing|studying|learning|living|working|based|doing (?:my|an?|keto|paleo)|taking|recovering|expecting|fluent in|allergic|looking after|getting married|moving|between jobs|sitting|aiming|on (?:{w.DRUGS}|crutches|a (?:diet|tight budget|low|keto)|the pill|dialysis)|from (?-i:[A-Z])|not (?:a (?:big |huge )?fan|into|keen on|fond of))\b",
    re.I,
)
_FAN = re.compile(
    r"(?:(?:huge|big|massive|total|avid|keen|lifelong|great)\s+)+(?:fan|lover|believer|reader|collector|supporter)\b",
    re.I,
)
_VERB = re.compile(
    r"(?:(?:really|absolutely|honestly|personally|also|just|totally)\s+)*(?:can'?t|cannot|don'?t|do not|won'?t|hate|dislike|loathe|despise|detest|prefer|adore|suffer from|live in|work (?:as|at|for|in|nights)|grew up|(?:was )?born|never touched|speak|got diagnosed|diagnosed|have (?:an?|two|three|no)|haven'?t|had (?=an?\b)|got (?=an?\b|two|three|hay|really bad|terrible|asthma|eczema|diabetes|migraines|adhd)|need to (?=get from|pass|lose|improve)|used to|play the|drive an?|own an?|break out|get hives|react)\b(?! (?:worry|you|forget|know|think|mind|get me|hesitate|stop|bother|be|call|use|mention|tell|ask|include|give|send|show|suggest|recommend|write|answer|reply|respond|add|make|say|put|explain)\b)",
    re.I,
)
_SUBJECT = re.compile(
    r"\b(?:is|are|was|were|makes?|takes?|seems?|can|has|will|should|sounds?|does)\b", re.I
)
_AS = re.compile(
    r"(?:(?:\b(?:as|being|(?:like|for|from)(?= [\w ]{4,12} like me)) (?:someone|somebody|a person|an adult|a man|a woman|one)(?: like me)?,? |(?P<head>\bI(?:'m| am) an? (?:[\w-]+ ){0,3}?[\w-]+),? (?=who\b)(?!who(?:m|se)\b))(?P<who>who(?:'s| is| am)\b|who(?:'s| has|'ve) got\b|who (?:has|have|suffers from|lives with|struggles with)\b|who (?P<verb>[a-z']+)\b|with\b|living with\b|on\b|in\b|from\b|allergic\b)"
    r"|(?:^|[,.;:!?(] ?|\b(?:and|but|so) )(?:being|as|speaking as) (?=(?:(?:an?|also|both|the) )?(?:\w+[ -]){0,3}?\w+))\s*",
    re.I,
)
_WHY = re.compile(
    r"\b(?:since|because|'?cause|cos|cuz|bc|as|given(?: that)?|considering(?: that)?|now that|seeing (?:as|that)|although|though|even though|but|knowing(?: that)?|bearing in mind(?: that)?|remember(?:ing)?(?: that)?|keeping in mind(?: that)?)\s+(?=(?:i|i'm|im|i've|ive|we|we're|my)(?!\w))",
    re.I,
)
_STOPS = re.compile(
    r"[,;?!()—–]|\s-\s|\b(?:what|how|which|where|when|can|could|should|would|is there|are there|do you|any)\b",
    re.I,
)
_POLITE = re.compile(
    r"\s*(?:please |pls )?(?:can|could|would|will) you (?:please |pls |also |maybe )?(?=.{0,80}\b(?:always|from now on|in (?:the )?future|going forward|every time|answers|replies|responses|at all times|for all|until further|never|stop|stick to|use (?:simple|short|plain|british|american|metric|bigger|fewer|easy)|keep (?:it|your|the|things) (?:answers|replies|short|brief|simple)|skip the|spare me)\b)",
    re.I,
)
_OWN = re.compile(r"(?<![\w'])(?:i|i'?m|i've|i'd|my|me|we|our)(?!\w)", re.I)
_NOT_OWN = re.compile(
    r"[\s,]*(?:he|she|they|you|it|his|her|their|is|are|was|must|means|would be|i (?:was|used|had|did|went|lived|loved|hated|always [a-z]+ed|never [a-z]+ed|(?!need|feed|speed)[a-z]+ed)\b)(?!\w)",
    re.I,
)
"""After "as a nurse": it is about somebody else, about nobody, or about the past."""
_TWO_THINGS = re.compile(
    r"(?P<head>(?:well |so |and |but )?i(?:'m| am) (?:also )?)(?P<one>an? (?:[\w-]+ ){0,2}?[\w-]+(?: of (?:one|two|three|four|five|twins))?),? and (?=(?P<other>(?:also )?an? [a-z])(?!.*\b(?:me|my|i|he|she|they|we|is|was|has|had|will|can|wants?|asked|told|said|says)\b))",
    re.I,
)
"""The first of "a Leo and a nurse"; more of words between would be one thing ("a fan of tea and a")."""
_NOT_A_THING = re.compile(
    r"\b(?:and|or|for|in|at|on|with|by|from|to|who|that|which|is|was|between|bit|lot)\b", re.I
)
_WHO_IS = {
    "who's": "I'm ",
    "who is": "I'm ",
    "who am": "I'm ",
    "on": "I'm on ",
    "in": "I'm in ",
    "from": "I'm from ",
    "allergic": "I'm allergic ",
}


def apart(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """The clauses, with "I'm a Leo and a nurse" as the two statements that it is."""
    for clause in clauses:
        two = _TWO_THINGS.match(clause.text)
        if two is None or _NOT_A_THING.search(two.group("one")):
            yield clause
            continue
        yield replace(clause, text=clause.text[: two.end("one")])
        at = two.start("other")
        yield _from(clause.text, at, len(clause.text), clause.start, "I'm ")


def reframed(
    sentence: Sentence, opening: Clause | None, goes_on: Sequence[Clause] = ()
) -> Iterator[Clause]:
    """The parts of a sentence that are statements once "I" stands before them.

    Args:
        opening: the first clause that can state something, if any.
        goes_on: later ones that go on about the person.
    """
    for clause in goes_on:
        if _DOING.match(clause.text) and not _SUBJECT.search(clause.text):
            yield _from(clause.text, 0, len(clause.text), clause.start, "I'm ")
        elif _VERB.match(clause.text) and re.match(r"(?:was|were|got|grew)\b", clause.text, re.I):
            yield _from(clause.text, 0, len(clause.text), clause.start, "I ")
        elif len(clause.text) < 240:
            yield from _listed(clause.text, clause.start, single=True)
    if opening is not None and len(opening.text) < 240:
        parts = list(_fragments(opening))
        if not parts and not opening.inherits:
            # The members of a list are clauses of their own.
            at = opening.start - sentence.start
            parts = list(_listed(sentence.text[at : at + 240], opening.start, least=2))
        yield from parts
    text = sentence.text
    if len(text) > 1200:
        return
    for m in _AS.finditer(text):
        if m.group("head"):
            yield _from(text, m.start(), m.end("head"), sentence.start, "")
        yield from _what(m, text, sentence.start)
    if sentence.question:
        for m in _WHY.finditer(text):
            yield _from(text, m.end(), _stop(text, m.end()), sentence.start, "")
        if (polite := _POLITE.match(text)) is not None:
            yield _from(text, polite.end(), len(text), sentence.start, "")


def _stop(text: str, begin: int) -> int:
    # The first words belong to the statement whatever they are.
    found = _STOPS.search(text, min(len(text), begin + 4))
    return found.start() if found else len(text)


def _from(text: str, begin: int, end: int, start: int, prefix: str) -> Clause:
    said = text[begin:end].rstrip()
    return Clause(prefix + said, start + begin, "", False, (len(prefix), -len(prefix)))


def _what(m: re.Match[str], text: str, start: int) -> Iterator[Clause]:
    who = (m.group("who") or "").lower()
    end = _stop(text, m.end())
    if (subject := re.search(r"\s(?:i|i'm|we|my)(?!\w)", text[m.end() : end], re.I)) is not None:
        end = m.end() + subject.start()
    if _NOT_OWN.match(text[end:]) or (
        m.group().lower().strip(" ,.;:!?(").startswith("being")
        and subject is None
        and not _OWN.search(text[end:])
    ):
        return
    if not who:
        if re.match(
            r"(?:an? |also |both |the )?(?:result|long|soon|well|far|usual|always|possible|much|many|needed|i|my|you|in|of|if|rule|per|for|to|it)\b",
            text[m.end() : end],
            re.I,
        ):
            return
        yield _from(text, m.end(), end, start, "I'm ")
    elif m.group("verb"):
        verb = m.group("verb").lower()
        base = {
            "can't": "can't",
            "doesn't": "don't",
            "isn't": "am not",
            "cannot": "cannot",
            "does": "do",
            "goes": "go",
            "was": "was",
        }.get(verb)
        base = base or (verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb)
        yield _from(text, m.end(), end, start, f"I {base} ")
    else:
        yield _from(text, m.end(), end, start, _WHO_IS.get(who, "I have "))


def _fragments(clause: Clause) -> Iterator[Clause]:
    text, start = clause.text, clause.start
    if clause.inherits or re.match(
        r"(?:i|i'm|im|i've|we|my|you|he|she|they|it|this|that)(?!\w)", text, re.I
    ):
        return
    if re.match(r"been\b(?! (?:told|charged|asked|given|there|a while|trying))", text, re.I):
        yield _from(text, 0, len(text), start, "I've ")
        return
    if re.match(r"am (?!i\b)", text, re.I):
        yield _from(text, 0, len(text), start, "I ")
        return
    for pattern, prefix in ((_DOING, "I'm "), (_FAN, "I'm a "), (_VERB, "I ")):
        if pattern.match(text) and not (pattern is _DOING and _SUBJECT.search(text)):
            if prefix == "I " and re.match(r"(?:born|diagnosed)\b", text, re.I):
                prefix = "I was "
            yield _from(text, 0, len(text), start, prefix)
            return
    yield from _listed(text, start)


def _listed(text: str, start: int, *, single: bool = False, least: int = 1) -> Iterator[Clause]:
    """The members of "58, retired, type 2 diabetic", or a single one that stands by itself."""
    found: list[tuple[int, int, str]] = []
    begin = nouns = ages = 0
    for stop in (*(m.start() for m in re.finditer(r"[,;/&]|\band\b", text)), len(text)):
        piece_at = begin + len(text[begin:stop]) - len(text[begin:stop].lstrip(" ,;/&"))
        if (p := _PIECE.match(text, piece_at)) is not None:
            kind = p.lastgroup or ""
            ages += kind == "age"
            found.append((piece_at, stop, "I have " if kind == "ill" else "I'm "))
        elif (n := _NOUN_PIECE.match(text, piece_at)) is not None:
            nouns += n.group("list") is not None
            found.append((piece_at, stop, "I'm a "))
        elif not found:
            return
        begin = stop + (3 if text.startswith("and", stop) else 1)
    if len(found) < least:
        return
    weak = nouns + ages
    if (
        _DISH.search(text)
        or (weak and len(found) < 2 and not single and not re.search(r"\bhere\W*$", text, re.I))
        or weak == len(found) > 2
    ):
        return
    for begin, stop, prefix in found:
        said = re.sub(r"(?i)^(\d{2}) ?/? ?[mf]$|^[mf] ?/? ?(\d{2})$", "", text[begin:stop].strip())
        if not said:
            number = re.search(r"\d{2}", text[begin:stop])
            if number is not None:
                yield _from(text, begin + number.start(), begin + number.end(), start, "I'm ")
            continue
        yield _from(text, begin, stop, start, prefix)
