"""Texts that stand in a message without being the person's own words, in English.

Who asks for something to be done with a text rarely marks where it begins. What tells is the line
that asks: it names a text, a verb that is done to texts, or where the text comes from. The other
lines are then that text, and only what the asking line says of the person is read.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from itertools import accumulate

VERBS = (
    r"translat\w*|summari[sz]e|proof-?read\w*|re-?write|rephrase|paraphrase|polish|shorten|simplify|correct"
    r"|improve|edit|analy[sz]e|classify|convert|respond to|reply to|humani[sz]e|annotate|reformat"
)
LOOSE = r"fix|check|review|grade|explain|expand|continue|complete|format|extract|label|comment on|answer|read|tag|evaluate|rate"
TEXTS = (
    r"sentences?|text|e-?mails?|letter|essay|story|poem|paragraph|passage|article|transcript|lyrics|prompt|quote"
    r"|dialogue?|conversation|chat|message|post|tweet|draft|script|note|excerpt|document|notes|abstract|speech"
    r"|scenario|template|diary|review|bio|profile|resume|cv|report|quiz|exercise|homework|log|jokes?|poems?|songs?|captions?|listing|advert\w*|blurb|headlines?|slogans?|pitch|toast|vows|obituary|answers?|reply|comment|statement|application|cover letter|question \d+"
)
_STRONG = r"translat\w*|summari[sz]e|proof-?read|re-?write|re-?phrase|paraphrase|polish|shorten|humani[sz]e|annotate|reformat|punctuate|capitali[sz]e|transcribe|copy-?edit|spell-?check|reply to|respond to"
_POLITE = r"(?:(?:please|pls|plz|kindly|hi|hey|hello|now|can you|could you|would you|will you|help me(?: to)?|i need you to|i want you to|i'd like you to|you|just|quickly)[ ,]+)*"
_MARKS = r"commas?|punctuation|apostrophes|full stops|capital letters|capitals|spelling|grammar|typos?|errors|mistakes|wording|paragraphs|line breaks|accents"
_WHOSE = r"(?:this|these|that|the|his|her|their|an?|some|our|my|someone's|somebody's|[a-z]+'s)"

_INLINE = re.compile(
    r"\b(?:wrote|writes|posted|texted|sent|emailed|messaged|replied|commented|tweeted|captioned)\b[^\n:.!?]{0,40}:(?=\s)"
    rf"|\b(?:extract|parse|highlight|underline|identify|detect|spot|tokeni[sz]e|categori[sz]e|punctuate|capitali[sz]e)\b[^\n:.!?]{{0,60}}:(?=\s)"
    rf"|\b(?:add|fix|check|correct|insert|put in|remove) (?:the |all |any |missing )*(?:{_MARKS})\b[^\n:.!?]{{0,40}}(?::|\s[-–—]+)(?=\s)"
    rf"|\b(?:tone|sentiment|meaning|mood|register|translation|tense|meter|metre|subject|gist|emotion|theme|voice|rhyme scheme)(?: (?:of|for|in|analysis|please|check|pls))*\s?:(?=\s)"
    rf"|\b(?:turn|make|{VERBS}|{LOOSE})\b[^\n:.!?]{{0,40}}\b(?:this|these|it|the following)\b[^\n:.!?]{{0,60}}\s[-–—]+(?=\s)"
    rf"|^(?!(?:quick|side|please|small|one|important|also|just|my|our|about|a)\b)[\w'-]+ (?:[\w'-]+ ){{0,2}}(?:{TEXTS})[ \t]*:(?=\s)"
    r"|^(?![^\n]*\b(?:me|my|i|i'm|we|our|us|you)\b)[^\n:]{3,80}:[ \t]*\n",
    re.I | re.M,
)
"""What a text follows on the same line, or below a colon."""

_ASKING = re.compile(
    rf"(?:^|[.!?,] ?)\W*{_POLITE}(?:{_STRONG})\b"
    rf"|\b(?:{VERBS}|fix|check|review|grade|continue|complete|format|label|comment on|tag|evaluate|rate|judge|critique|analy[sz]e|explain)\b[^\n.!?]{{0,60}}\b(?:this(?=\s*(?:$|[.!?:]|\bfor\b))|these|the following|below|above|{_MARKS}|{_WHOSE} (?:[\w'-]+ )?(?:{TEXTS}))\b"
    rf"|^\W*{_POLITE}(?:here(?:'s| is| are)|this is|below is|below are|that's) (?!my (?!(?:\w+ )?(?:{TEXTS})\b)|a bit about|some (?:info|background|details) about)(?:{_WHOSE}|what)\b"
    rf"|\b(?:found|saw|read|got|received|came across|stumbled (?:up)?on|spotted|copied|pasted)\b[^\n]{{0,40}}\b(?:online|on the (?:internet|web|forum)|(?:this|these|an?|the) (?:[\w'-]+ )?(?:{TEXTS}))\b"
    r"|\b(?:reddit|subreddit|r/\w+|aita|aitah|OP|quora|mumsnet|tumblr|facebook group|forum post|the (?:author|poster|writer|speaker|narrator|protagonist)|this (?:redditor|author|writer|poster))\b"
    rf"|\b(?:my|our|a|an|his|her|the|someone|somebody|they|he|she|[A-Z][a-z]+)\b[^\n.!?]{{0,40}}\b(?:wrote|has written|posted|texted|emailed|messaged)\b"
    r"|\b(?:is|does|do|are|was|would|did) (?:this|it|that|these)\b[^\n.!?]{0,30}\b(?:sounds?|correct|grammatical\w*|natural|read (?:well|ok)|fake|spam|a? ?scam|legit|polite|rude|formal|convincing|good english|idiomatic|too long)\b"
    rf"|\b(?:what|who|where|which|how|why|when)\b[^\n.!?]{{0,60}}\b(?:he|she|they|{_WHOSE[:-1]}) (?:[\w'-]+ )?(?:{TEXTS}))\b[^\n.!?]{{0,30}}\?",
    re.I,
)
"""A line about a text that stands in the other lines."""
_TO_WRITE = re.compile(
    r"\b(?:write|draft|compose|create|generate|make) (?:me |us |up )?(?:an?|the|my|some)\b", re.I
)
_OWN_FORM = re.compile(r"^\W*(?:fyi|btw|ps|p\.s\.|about me|note|context|background)\b", re.I)
_LETTER = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)),? (?:(?:mr|mrs|ms|dr|prof)\.? )?(?-i:[A-Z][a-z]+)[^\n]{0,20}[,:!.-]?[ \t]*\n"
    r"(?:[^\n]*\n){1,60}?"
    r"(?:(?:(?:best|kind|warm|many)(?:est)? )?(?:regards|wishes|thanks)|best|sincerely|yours(?: \w+)?|love|cheers|xoxo|thanks|thank you|respectfully|take care)[ ,!.x]*\n+[^\n]{1,40}(?:\n|\Z)",
    re.I | re.M,
)
"""A letter: somebody greeted by name, and a signature."""
OPENS_QUOTE = re.compile(r"\s*(?:[\"“„«「『《>`]|-{3,}|'\w)")
"""Where a quotation begins: it is the text meant, and what follows it is the person's again."""
_FEWEST = 6
"""A text above the line that asks has at least so many words."""


def without_pasted(text: str, message: str) -> str:
    """The text with what the message is about, and doesn't say, blanked out.

    Args:
        text: the message, with quotations blanked out already.
        message: the same with them.
    Returns: a text of the same length.
    """
    text = _LETTER.sub(lambda m: _blank(m.group()), text)
    at = _INLINE.search(text)
    if at is not None and not OPENS_QUOTE.match(message, at.end()):
        text = text[: at.end()] + _blank(text[at.end() :])
    if "\n" not in text.strip():
        return text
    lines = text.splitlines(keepends=True)
    told = [i for i, line in enumerate(lines) if line.strip()]
    starts = list(accumulate((len(line) for line in lines), initial=0))
    asking = [i for i in told if _asks(lines[i]) and not OPENS_QUOTE.match(message, starts[i + 1])]
    if not asking:
        return text
    first = asking[0]
    above = sum(len(lines[i].split()) for i in told if i < first)
    if first == told[-1] and above >= _FEWEST:
        return "".join(line if i == first else _blank(line) for i, line in enumerate(lines))
    return "".join(
        line if i <= first or i in asking or _OWN_FORM.match(line) else _blank(line)
        for i, line in enumerate(lines)
    )


def _asks(line: str) -> bool:
    return len(line) < 400 and _ASKING.search(line) is not None and not _TO_WRITE.search(line)


def _blank(text: str) -> str:
    return "".join("\n" if c == "\n" else " " for c in text)
