"""English: spelling, confused words, verb forms, agreement, articles, punctuation."""

from __future__ import annotations

import re

from metier_writing._dictionary import WORD, nearest
from metier_writing._lexicon import (
    ADJECTIVE,
    BASE_OF_ED,
    BASE_OF_PAST,
    BASE_OF_THIRD,
    COUNTED,
    END,
    MEASURES,
    OVERREGULAR,
    OWNED,
    PARTICIPLE_OF_PAST,
    PERSON,
    PLURAL_COUNT,
    THIRD_PERSON_VERBS,
    YS,
    article,
    either,
    past_of,
    plural,
    third_person,
)
from metier_writing._rules import Rule, rule
from metier_writing._spelling import APOSTROPHE, SPELLING

_Q = "['’]"
_AUX = re.compile(
    rf"\b(?:do|does|did|can|could|will|would|shall|should|may|might|must|have|has|had|was|were|let|lets|make|makes|made|help|than|as|(?:\w+n{_Q}t)|to|of)\s+$",
    re.I,
)
_WISH = re.compile(
    r"\b(?:if|as if|as though|wish|wishes|wished|unless|though|suppose|supposing|whether|lest|rather)\b[^.!?]*$",
    re.I,
)
_SUBJUNCTIVE = re.compile(
    r"\b(?:suggest|recommend|insist|demand|requir|propos|ask|request|advis|important|essential|necessary|vital|crucial)\w*(?:\s+\w+){0,2}\s+that\b|\bthat\s+$",
    re.I,
)
_PAST_TIME = re.compile(
    r"\b(?:yesterday|ago|last (?:night|week|month|year|summer|winter|spring|autumn|fall|time|\w+day)|in (?:19|20)\d\d|when i was)\b",
    re.I,
)
_START = re.compile(
    r"(?:^|[.!?;:,\n(—–-]|\b(?:and|but|because|so|that|if|when|while|then|think|know|say|hope|sure|guess))\s*$",
    re.I,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|dr|mr|mrs|ms|prof|st|no|fig|approx|dept|est|inc|ltd|co|jr|sr|p|pp|ed|vol)|\b[a-z]|\.\.)\.\s*$",
    re.I,
)


_COMPOUND = re.compile(
    r"(?:^|[.,;!?\n]\s*|\b(?:that|if|when|because|neither|both|either|while|and)\s+)(?:(?:my|his|her|our|their|your|the)\s+)?[\w<>]+\s+(?:and|or|nor)\s+$",
    re.I,
)
"""What comes before the second of two subjects, as in "you and he"."""


def _guarded(before: str) -> bool:
    """Whether what comes before a pronoun rules out that it is the subject by itself."""
    return bool(_AUX.search(before) or _COMPOUND.search(before))


_AROUND = 300
"""Characters of the text around a match that a rule looks at."""


def _before(match: re.Match[str]) -> str:
    start = match.start() - _AROUND
    return (
        match.string[: match.start()] if start <= 0 else "x" + match.string[start : match.start()]
    )


def _sentence(match: re.Match[str]) -> str:
    """The sentence around a match."""
    before = re.split(r"[.!?\n]", _before(match))[-1]
    after = re.split(r"[.!?\n]", match.string[match.start() : match.end() + _AROUND])[0]
    return before + after


# --- spelling -----------------------------------------------------------------------


def _spell(match: re.Match[str]) -> str:
    return SPELLING[match[0].lower()]


def _by_dictionary(match: re.Match[str]) -> str:
    """The word that is meant; what is written so more than once is a term of the author's."""
    word = match[0]
    if len(re.findall(rf"\b{word}\b", match.string)) > 1:
        return word
    return nearest(word) or word


def _apostrophe(match: re.Match[str]) -> str:
    word = match[0]
    nouns = word.lower() in ("cant", "wont") and re.search(
        r"\b(?:his|her|their|my|its|your|our|the|of)\s+$", _before(match), re.I
    )
    return word if nouns or word.isupper() else APOSTROPHE[word.lower()]


# --- verbs ---------------------------------------------------------------------------


def _time_is_over(match: re.Match[str]) -> str:
    """ "have went … yesterday" -> "went … yesterday"."""
    modal = re.search(
        rf"\b(?:could|should|would|must|might|may|will|to|\w+n{_Q}t)\s+$", _before(match), re.I
    )
    return match[0] if modal or not _PAST_TIME.search(_sentence(match)) else match[1]


def _participle(match: re.Match[str]) -> str:
    return f"{match[1]}{PARTICIPLE_OF_PAST[match[2].lower()]}"


def _base(match: re.Match[str]) -> str:
    verb = match[2].lower()
    return f"{match[1]}{BASE_OF_PAST.get(verb) or BASE_OF_ED.get(verb) or BASE_OF_THIRD[verb]}"


_AFTER_MODAL = tuple(
    p
    for p in BASE_OF_PAST
    if p not in ("felt", "saw", "rose", "thought", "drove", "fell", "broke", "rode")
)


def _modal_base(match: re.Match[str]) -> str:
    """ "could went" -> "could go"; "his will said" and "a can" are nouns."""
    noun = re.search(
        rf"\b(?:his|her|my|their|our|your|the|a|free|good|last|\w+{_Q}s)\s+$", _before(match), re.I
    )
    return match[0] if noun else _base(match)


def _seen(match: re.Match[str]) -> str:
    if (
        _AUX.search(_before(match))
        or re.search(r"\b(?:have|has|had)\b[^.!?]*$", _before(match), re.I)
        or match[3] == "?"
    ):
        return match[0]
    return f"{match[1]} {'saw' if match[2].lower() == 'seen' else 'did'}{match[3]}"


def _singular(match: re.Match[str]) -> str:
    """ "he have" -> "he has", but not in "did he have" or "if he were"."""
    before, subject, verb = _before(match), match[1], match[2].lower()
    if _guarded(before) or _SUBJUNCTIVE.search(before):
        return match[0]
    if verb == "were" and _WISH.search(before):
        return match[0]
    new = {
        "have": "has",
        "were": "was",
        "are": "is",
        "do": "does",
        "haven't": "hasn't",
        "weren't": "wasn't",
        "aren't": "isn't",
    }[verb.replace("’", "'")]
    return f"{subject} {new}"


def _plural(match: re.Match[str]) -> str:
    """ "they was" -> "they were"; "you was" only where a clause begins."""
    before = _before(match)
    if match[1].lower() == "you" and not _START.search(before):
        return match[0]
    new = {"was": "were", "is": "are", "has": "have", "does": "do", "wasn't": "weren't", "isn't": "aren't", "hasn't": "haven't",
           "doesn't": "don't"}[match[2].lower().replace("’", "'")]  # fmt: skip
    return f"{match[1]} {new}"


def _first_person(match: re.Match[str]) -> str:
    before = _before(match)
    numeral = re.search(
        r"\b(?!(?:Today|Yesterday|Now|Then|When|If|But|And|So|Because|That|What)\b)[A-Z]\w*\s+$",
        before,
    )
    joined = re.search(r"\b(?:and|nor|or|than|as|letter|pronoun|word)\s+$", before, re.I)
    if (
        numeral
        or joined
        or _guarded(before)
        or (match[2].lower() == "were" and _WISH.search(before))
    ):
        return match[0]
    return f"{match[1]} {'am' if match[2].lower() in ('is', 'are') else 'have' if match[2].lower() == 'has' else 'was'}"


def _he_goes(match: re.Match[str]) -> str:
    before, sentence, verb = _before(match), _sentence(match), match[2].lower()
    if _guarded(before) or _SUBJUNCTIVE.search(before) or _WISH.search(before):
        return match[0]
    return f"{match[1]} {past_of(verb) if _PAST_TIME.search(sentence) else third_person(verb)}"


def _these_are(match: re.Match[str]) -> str:
    return _people_are(match) if _START.search(_before(match)) else match[0]


_CAUSES = re.compile(
    r"\b(?:see|sees|saw|watch|watched|hear|heard|have|has|had|having|want|made|make|let|help|helped|on|of|in|for|with|from|to|by|about|at|near|under|over|than|as)\s+$",
    re.I,
)


def _person_goes(match: re.Match[str]) -> str:
    """ "her brother go" -> "her brother goes", but not in "did her brother go"."""
    before, verb = _before(match), match[2].lower().replace("’", "'")
    if (
        _guarded(before)
        or _CAUSES.search(before)
        or _SUBJUNCTIVE.search(before)
        or _WISH.search(before)
    ):
        return match[0]
    if verb == "don't":
        return f"{match[1]} doesn't"
    new = (
        "has"
        if verb == "have"
        else past_of(verb)
        if _PAST_TIME.search(_sentence(match))
        else third_person(verb)
    )
    return f"{match[1]} {new}"


def _we_go(match: re.Match[str]) -> str:
    """ "we goes" -> "we go"; "you" only where a clause begins."""
    if match[1].lower() == "you" and not _START.search(_before(match)):
        return match[0]
    base = BASE_OF_THIRD[match[2].lower()]
    return f"{match[1]} {past_of(base) if _PAST_TIME.search(_sentence(match)) else base}"


def _both_are(match: re.Match[str]) -> str:
    verb = match[2].lower()
    return f"{match[1]} { {'is': 'are', 'was': 'were', 'has': 'have', 'does': 'do'}.get(verb) or BASE_OF_THIRD[verb] }"


def _people_are(match: re.Match[str]) -> str:
    new = {"is": "are", "was": "were", "has": "have"}[match[2].lower()]
    return f"{match[1]}{new}"


def _modal_has(match: re.Match[str]) -> str:
    if re.search(
        rf"\b(?:his|her|my|their|our|your|the|a|free|good|\w+{_Q}s)\s+$", _before(match), re.I
    ):
        return match[0]
    return f"{match[1]} have"


# --- articles --------------------------------------------------------------------------

_AFTER_A = frozenset(
    [
        "is",
        "in",
        "of",
        "and",
        "or",
        "are",
        "as",
        "at",
        "it",
        "if",
        "i",
        "on",
        "am",
        "a",
        "an",
        "all",
        "us",
        "after",
        "into",
        "upon",
        "until",
        "unless",
        "about",
        "also",
        "only",
        "other",
    ]
)
_LETTER_A = re.compile(
    r"\b(?:vitamin|grade|hepatitis|plan|type|class|group|section|point|option|letter|part|appendix|team|series|side|an?|the)\s+$",
    re.I,
)


def _article(match: re.Match[str]) -> str:
    have, word = match[1].lower(), match[3]
    inside = match[1] == "A" and not re.search(r"(?:^|[.!?:\n\"“(]\s*|\n)$", _before(match))
    initials = match[1] == "A" and re.fullmatch(r"[A-Z]", word)
    if (
        inside
        or initials
        or word.lower() in _AFTER_A
        or _LETTER_A.search(_before(match))
        or match[1] == "AN"
    ):
        return match[0]
    right = article(word)
    return match[0] if right in ("", have) else f"{right}{match[2]}{word}"


# --- capitals -----------------------------------------------------------------------------


_SAYS = re.compile(
    r"\s+(?:say|says|said|ask|asks|asked|repl\w+|add\w*|cried|answer\w*|wrote|thought)\b", re.I
)


def _sentence_capital(match: re.Match[str]) -> str:
    word, before = match[2], _before(match) + match[1]
    text = match.string.strip()
    whole = re.search(r"[.!?][\"”’)]*$", text) or len(re.findall(r"[.!?]\s", text)) > 0
    mixed = not word.islower() or re.search(r"[\d_@/]", word)
    asked = re.search(r"[!?]\s*$", before) and (
        _SAYS.match(match.string[match.end() :]) or not re.match(_OPENS, word)
    )
    if mixed or asked or _ABBREVIATION.search(before) or not whole or text.startswith(("...", "…")):
        return match[0]
    return match[1] + word[0].upper() + word[1:]


_OPENS = r"(?:you|he|she|it|we|they|the|this|that|these|my|your|what|how|why|when|please|thanks?|yes|no|if|but|and)\b"
"""Words that open a new sentence after a question or an exclamation."""


def _proper(match: re.Match[str]) -> str:
    return match[0][0].upper() + match[0][1:]


_PROPER = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|july|august|september|october|november"
    "|december|english|french|german|spanish|chinese|japanese|italian|russian|american|british|european|canadian|australian"
    "|christmas|easter|europe|america|germany|france|england|london|paris|beijing|shanghai"
)


def _me_and(match: re.Match[str]) -> str:
    other = match[1] or match[2]
    subject = {"him": "he", "her": "she", "them": "they", "you": "you"}.get(other.lower(), other)
    return f"{subject[0].upper()}{subject[1:]} and I"


def _once_only(match: re.Match[str]) -> str:
    return match[1]


_STATES = {
    "knowing": "known", "wanting": "wanted", "believing": "believed", "liking": "liked", "needing": "needed",
    "understanding": "understood", "owning": "owned",
}  # fmt: skip
_IT_IS = "“It's” is short for “it is” or “it has”; “its” shows possession."
_IT_IS_ZH = "it's 是 it is 或 it has 的缩写，its 表示“它的”。"
_HAVE_ZH = "have 之后用过去分词。"
_AGREE = "Subject and verb agree in number."
_AGREE_ZH = "主语和谓语动词的单复数要一致。"
_ADJ = rf"(?:(?:so|very|too|quite|really|just|still|always|pretty|not)\s+)?(?:{ADJECTIVE})(?:\s+(?:and|or)\s+(?:{ADJECTIVE}))?{END}"
_NOT_ITS = (
    "a|an|the|not|been|going|too|so|very|just|only|always|never|raining|really|quite|how|what|that|why|when|where|because|been"
    f"|still|about|all|like|more|less|no|my|your|his|her|our|their|this|possible|{ADJECTIVE}"
)

ENGLISH: tuple[Rule, ...] = (
    rule("spelling", rf"\b(?:{either(SPELLING)})\b", _spell, "Spelling.", "拼写。"),
    rule("apostrophe", rf"\b(?:{either(APOSTROPHE)})\b(?!{_Q})", _apostrophe, "The apostrophe stands for the letters left out.", "缩写要有撇号，代替省去的字母。"),
    rule("i", rf"(?<![\w.'’\-/])i(?=[\s,;!?]|{_Q}(?:m|ve|ll|d)\b|$)(?!\s*[=<>+)])", "I", "The pronoun I takes a capital.", "代词 I 要大写。", case=True),
    rule("plural_ies", rf"\b({either(y[:-1] for y in YS)})ys\b", r"\1ies", "After a consonant, -y becomes -ies.", "辅音加 y 结尾的词，复数和三单变为 -ies。"),
    rule("know", r"\b(do you|don['’]t|didn['’]t|(?:i|we|they|you) (?:don['’]t|didn['’]t)|you|i) no(?=\s+(?:what|how|why|where|if|who|when|that|weather|whether|him|her|them)\b)", r"\1 know", "“Know” is the verb; “no” says that something is not so.", "know 是动词“知道”。"),
    rule("whether", r"\b(know|sure|wonder|wondering|decide|decided|ask|asked|see|matter|tell)\s+weather(?=\s+(?:or|he|she|they|it|i|we|you|the|this|that|their|there|to)\b)", r"\1 whether", "“Whether” is “if”; “weather” is rain or sun.", "whether 是“是否”，weather 是“天气”。"),
    rule("hear", rf"\b((?:can|can{_Q}t|could|couldn{_Q}t|to|didn{_Q}t|cannot)\s+)here(?=\s+(?:you|me|him|her|them|it|from|the|that|what)\b)", r"\1hear", "“Hear” is the verb; “here” is a place.", "hear 是动词“听”，here 是“这里”。"),
    rule("to", rf"\b((?:going|want|wants|wanted|need|needs|have|has|had|try|tries|trying|used|able|ready)\s+)too(?=\s+(?:{either(THIRD_PERSON_VERBS)}|loose|be|have|get)\b)", r"\1to", "“To” stands before a verb; “too” means more than enough or also.", "动词前用 to，too 表示“太”或“也”。"),
    rule("to", r"\b((?:go|goes|going|went|gone|come|comes|came|coming|back|drove|walked|ran)\s+)too(?=\s+(?:the|my|our|his|her|their|your|school|work|bed|town)\b)", r"\1to", "“To” shows where; “too” means more than enough or also.", "to 表示方向，too 表示“太”或“也”。"),
    # its, your, their and their like
    rule("its", r"\bits(?=\s+(?:a|an|the|not|been|got|going to|raining|snowing|getting|becoming|me|my|your|his|her|their|our|because|why|how|no|time (?:to|for|we|you)|to (?:late|early))\b)", "it's", _IT_IS, _IT_IS_ZH),
    rule("its", rf"\bits(?=\s+{_ADJ})", "it's", _IT_IS, _IT_IS_ZH),
    rule("its_own", rf"\bit{_Q}s(?=\s+(?:own|{OWNED})\b(?!-))", "its", "The possessive “its” has no apostrophe.", "表示“它的”的 its 没有撇号。"),
    rule("its_own", rf"\b((?:of|in|on|with|from|by|at|under|into|through|within|inside)\s+)it{_Q}s(?=\s+(?!(?:{_NOT_ITS})\b)[a-z]+)", r"\1its", "The possessive “its” has no apostrophe.", "表示“它的”的 its 没有撇号。"),
    rule("your", rf"\byour(?=\s+(?:welcome|not|a|an|the|gonna|going to|invited|always late|the best|right(?:\s*[.!?]|\s+about\b|\s*$))(?![\w-]))|\byour(?=\s+(?!right\b){_ADJ})", "you're", "“You're” is short for “you are”; “your” shows possession.", "you're 是 you are 的缩写，your 表示“你的”。", case=True),
    rule("your", rf"\bYour(?=\s+(?:welcome|not|a|an|the|gonna|going to|invited|the best)\b(?!-))|\bYour(?=\s+(?!right\b){_ADJ})", "You're", "“You're” is short for “you are”; “your” shows possession.", "you're 是 you are 的缩写，your 表示“你的”。", case=True),
    rule("your_own", rf"\byou{_Q}re(?=\s+(?:own|{OWNED})\b)", "your", "“Your” shows possession; “you're” is short for “you are”.", "your 表示“你的”，you're 是 you are 的缩写。"),
    rule("there_is", rf"\btheir(?=\s+(?:is|are|was|were|isn{_Q}t|aren{_Q}t|will be|has been|have been)\b)", "there", "“There is” says that something exists; “their” shows possession.", "there is 表示“有”，their 表示“他们的”。"),
    rule("there_is", rf"\bthey{_Q}re(?=\s+(?:is|are|was|were)\b)", "there", "“There is” says that something exists; “they're” is short for “they are”.", "there is 表示“有”，they're 是 they are 的缩写。"),
    rule("over_there", rf"\bover\s+they{_Q}re\b", "over there", "“There” is a place; “they're” is short for “they are”.", "there 表示地点，they're 是 they are 的缩写。"),
    rule("theyre", r"\b(?:their|there)(?=\s+(?:going to|gonna|not|the|a|an)\b)(?=\s+(?:going|gonna|not going|not sure|not here|the best))", "they're", "“They're” is short for “they are”.", "they're 是 they are 的缩写。"),
    rule("their", rf"(?<!over )(?<!out )(?<!right )\bthere(?=\s+(?:own|{OWNED})\b)", "their", "“Their” shows possession; “there” is a place.", "their 表示“他们的”，there 表示地点。"),
    rule("their", rf"\bthey{_Q}re(?=\s+(?:own|{OWNED})\b)", "their", "“Their” shows possession; “they're” is short for “they are”.", "their 表示“他们的”，they're 是 they are 的缩写。"),
    rule("their", r"\b((?:finish(?:ed)?|do|does|did|done|doing|start(?:ed)?|like|love|hate|of|with|for)\s+)there(?=\s+work\b)", r"\1their", "“Their” shows possession; “there” is a place.", "their 表示“他们的”，there 表示地点。"),
    rule("whose", rf"\bwho{_Q}s(?=\s+(?:{OWNED})\b)", "whose", "“Whose” shows possession; “who's” is short for “who is”.", "whose 表示“谁的”，who's 是 who is 的缩写。"),
    rule("whos", r"\bwhose(?=\s+(?:going|coming|been|there|that|this|the|next|responsible)\b)", "who's", "“Who's” is short for “who is” or “who has”.", "who's 是 who is 或 who has 的缩写。"),
    rule("lets", r"(?:(?<=^)|(?<=[.!?] )|(?<=, )|(?<=\n))lets(?=\s+(?:go|see|say|do|get|talk|try|take|make|start|begin|eat|play|have|meet|be|look|keep|not|move|discuss|assume|consider|hope)\b)", "let's", "“Let's” is short for “let us”.", "let's 是 let us 的缩写。"),
    rule("than", r"\b((?:more|less|better|worse|bigger|smaller|larger|faster|slower|rather|other|older|younger|higher|lower|easier|harder|cheaper|taller|shorter|longer|stronger|earlier|later|greater|fewer)(?:\s+\w+)?)\s+then(?=\s+(?:me|him|her|them|us|my|your|his|its|our|their|a|an|this|that|these|those|any|all|before|ever|expected|usual|i|you|the|\d+|one|last)\b)(?!\s+(?:the\s+\w+\s+(?:was|came|went|left)))", r"\1 than", "Comparisons take “than”.", "比较用 than，then 表示“然后”。"),
    rule("then", r"\b(and|since|back|until|by)\s+than\b(?!\s+(?:ever|before))", r"\1 then", "“Then” is about time; “than” compares.", "then 表示时间，than 用于比较。"),
    rule("effect", r"\b((?:an|the|any|no|little|great|positive|negative|big|major|significant|strong|side|bad|good|same|that|this)\s+)affect(s?)(?=\s+(?:on|of|was|is|were|are)\b)", r"\1effect\2", "“Effect” is the noun, “affect” the verb.", "effect 是名词，affect 是动词。"),
    rule("affect", rf"\b((?:will|can|may|could|would|might|not|does|did|to|\w+n{_Q}t)\s+)effect(?=\s+(?:my|your|me|you|him|us|them|how|people|everyone|his|her|our|their)\b)", r"\1affect", "“Affect” is the verb, “effect” the noun.", "affect 是动词，effect 是名词。"),
    rule("affect", r"\b((?:this|that|it|which|he|she|weather|stress)\s+)effects(?=\s+(?:everyone|everybody|people|me|you|us|them|my|your|our|their|his|her)\b)", r"\1affects", "“Affect” is the verb, “effect” the noun.", "affect 是动词，effect 是名词。"),
    rule("too", r"(?<!early )(?<!soon )\bto(?=\s+late\s*(?:[.!?]|$))", "too", "“Too” means more than enough.", "“Too” 表示“太”，to 是介词。"),
    rule("lose", rf"\b((?:to|will|would|can|could|might|may|never|not|\w+n{_Q}t)\s+)loose(?=\s+(?:my|your|his|her|our|their|it|weight|money|time|control|hope|interest|everything|him|them|you|this)\b)", r"\1lose", "“Lose” is the verb; “loose” means not tight.", "lose 是动词“失去”，loose 是形容词“松的”。"),
    rule("too", rf"\b((?:is|are|was|were|not|far|way|{_Q}s|{_Q}re|be)\s+)to(?=\s+(?:late|early|big|small|hard|expensive|much|many|cold|hot|long|short|fast|slow|difficult|tired|young|old|loud|heavy|high|low)\b)", r"\1too", "“Too” means more than enough.", "too 表示“太”，to 是介词。"),
    rule("could_have", r"\b(could|should|would|must|might)(n['’]t)?\s+of\b", r"\1\2 have", "“Of” is a mishearing of “have” here.", "这里应是 have，而不是 of。"),
    rule("there_is", rf"\btheir{_Q}s\b", "there's", "“There's” is short for “there is”; “their” shows possession.", "there's 是 there is 的缩写，their 表示“他们的”。"),
    rule("where", r"\b(know|knows|wonder|ask|asked|see|remember|understand|tell me|find out)\s+were(?=\s+(?:he|she|it|they|we|i|you|the|my|to)\b)", r"\1 where", "“Where” asks for a place; “were” is a verb.", "where 表示“哪里”，were 是动词。"),
    rule("advise", rf"\b((?:please|to|can|could|would|will|must|should|\w+n{_Q}t)\s+)advice(?=\s+(?:me|us|him|her|them|you)\b)", r"\1advise", "“Advise” is the verb, “advice” the noun.", "advise 是动词，advice 是名词。"),
    rule("thank", r"\b(to|want to|would like to)\s+thanks(?=\s+(?:you|him|her|them|everyone|my)\b)", r"\1 thank", "After “to” the base form stands.", "to 之后用动词原形。"),
    rule("too", r"\b((?:ate|eaten|eat|drank|drink|spent|spend|paid|pay|costs?|works?|worked|talks?|have|has|had)\s+)to(?=\s+(?:much|many)\b)", r"\1too", "“Too” means more than enough.", "too 表示“太”，to 是介词。"),
    # verb forms
    rule("overregular", rf"\b(?:{either(OVERREGULAR)})\b", lambda m: OVERREGULAR[m[0].lower()], "This word has a form of its own.", "这个词是不规则变化。"),
    rule("participle", rf"\b((?:should|could|would|must|might)(?:n{_Q}t)?\s+have\s+)saw\b", r"\1seen", "After “have” the verb takes its participle.", _HAVE_ZH),
    rule("modal_have", r"\b(should|could|would|must|might|will|can|may)\s+has\b", _modal_has, "After such a verb the base form stands: have.", "情态动词之后用原形 have。"),
    rule("past_time", rf"\b(?:have|has)\s+({either(PARTICIPLE_OF_PAST)})\b", _time_is_over, "With a time that is over, English takes the simple past.", "有明确的过去时间时用一般过去时。"),
    rule("participle", rf"\b((?:have|has|had|having|(?:have|has|had)n{_Q}t|\w+{_Q}ve)\s+(?:(?:already|never|just|ever|not|also|always)\s+)?)({either(PARTICIPLE_OF_PAST)})\b", _participle, "After “have” the verb takes its participle.", _HAVE_ZH),
    rule("did_base", rf"\b((?:didn{_Q}t|did not|doesn{_Q}t|does not|don{_Q}t|do not|(?:did|does|do)\s+(?:you|he|she|they|we|i|it))\s+)({either((*BASE_OF_PAST, *BASE_OF_ED, *BASE_OF_THIRD))})\b", _base, "After “do” and “did” the base form stands.", "do、did 之后用动词原形。"),
    rule("modal_base", rf"\b((?:can|could|will|would|should|must|may|might|can{_Q}t|won{_Q}t|couldn{_Q}t|wouldn{_Q}t|shouldn{_Q}t)\s+(?:not\s+|(?:you|he|she|they|we|I|it)\s+)?)({either(_AFTER_MODAL)})\b", _modal_base, "After such a verb the base form stands.", "情态动词之后用动词原形。"),
    rule("seen_done", r"\b(I|we|they|he|she|you)\s+(seen|done)\b(\??)", _seen, "Without “have”, the past tense stands: saw, did.", "没有 have 时用过去式 saw、did。"),
    rule("agree_with", r"\b(I|you|we|they)(?:\s+(?:am|are)|['’](?:m|re))\s+agree\b", r"\1 agree", "“Agree” is the verb already.", "agree 本身就是动词，不再用 be。"),
    rule("forward_to", r"\b(look(?:s|ed|ing)?\s+forward\s+to\s+)(hear|see|meet|work|receive|get|read|visit|talk|start|join)\b(?!ing)", lambda m: m[1] + (m[2][:-1] if m[2].endswith("e") and m[2] != "see" else m[2]) + ("ting" if m[2] == "get" else "ing"), "“Look forward to” is followed by the -ing form.", "look forward to 之后用 -ing 形式。"),
    rule("and_i", rf"((?:(?<=^)|(?<=[.!?]\s)|(?<=\n))(?:(?:my|his|her|our)\s+\w+|[A-Z]\w+)\s+and\s+)me(?=\s+(?:{either((*BASE_OF_THIRD, *BASE_OF_THIRD.values(), *BASE_OF_PAST))}|is|are|was|were|have|has|will|can)\b)", r"\1I", "As a subject “I” stands.", "作主语用 I。"),
    rule("me_and", r"(?:(?<=^)|(?<=[.!?] )|(?<=\n))(?:me and (him|her|them|you|my \w+)|(him|her|them) and (?:me|i))(?=\s+\w+)", _me_and, "As a subject “I” stands, and the other person first.", "作主语用 I，并且把别人放在前面。"),
    # agreement
    rule("agreement", rf"\b(he|she|it)\s+don{_Q}t\b", r"\1 doesn't", _AGREE, _AGREE_ZH),
    rule("agreement", rf"\b(he|she)\s+(have|were|are|haven{_Q}t|weren{_Q}t|aren{_Q}t)\b", _singular, _AGREE, _AGREE_ZH),
    rule("agreement", rf"\b(everyone|everybody|someone|somebody|nobody|no one|anyone|anybody|everything|something|nothing)\s+(are|were|have|haven{_Q}t|aren{_Q}t|weren{_Q}t)\b", _singular, _AGREE, _AGREE_ZH),
    rule("agreement", r"\b((?:each|one|neither|either) of (?:the|my|these|those|our|his|her|their|them|us|you)(?:\s+\w+s)?)\s+(are|have|were)\b", _singular, _AGREE, _AGREE_ZH),
    rule("agreement", rf"\b(we|they|you)\s+(was|is|has|does|wasn{_Q}t|isn{_Q}t|hasn{_Q}t|doesn{_Q}t)\b", _plural, _AGREE, _AGREE_ZH),
    rule("agreement", r"(?<![\w.])(I)\s+(is|are|has|were)\b", _first_person, _AGREE, _AGREE_ZH, case=True),
    rule("agreement", rf"\b(he|she)\s+({either(THIRD_PERSON_VERBS)})\b(?!['’-])", _he_goes, "The verb takes an -s with he, she and it, or its past form with a time that is over.", "主语是 he、she、it 时动词加 -s；说过去的事用过去式。"),
    rule("agreement", r"((?:^|[.!?;,]\s+|\b(?:and|but|because|that|when|if)\s+)(?:(?:the|many|most|some|these|those|all|young|old)\s+)?(?:people|children|women|men)\s+)(is|was|has)\b", _people_are, _AGREE, _AGREE_ZH),
    rule("agreement", r"\b((?:these|those|many|several|both)\s+\w+s\s+)(is|was|has)\b", _these_are, _AGREE, _AGREE_ZH),
    rule("there_are", rf"\bthere(?:\s+is|{_Q}s)(?=\s+{PLURAL_COUNT}\s+(?!{MEASURES}\b))", "there are", _AGREE, _AGREE_ZH),
    rule("there_were", rf"\bthere\s+was(?=\s+{PLURAL_COUNT}\s+(?!{MEASURES}\b))", "there were", _AGREE, _AGREE_ZH),
    rule("agreement", rf"\b((?:my|his|her|our|their|your|the|this|that)\s+(?:{PERSON}))\s+(have|don{_Q}t|go|do|like|want|need|live|work|play|love|think|say|know|come|look|make|take|get)\b(?!['’-])", _person_goes, _AGREE, _AGREE_ZH),
    rule("agreement", rf"(?<![\w.])(I|we|they|you)\s+({either(BASE_OF_THIRD)})\b(?!['’-])", _we_go, _AGREE, _AGREE_ZH),
    rule("agreement", rf"\b((?:(?:my|his|her|our)\s+)?\w+\s+and\s+(?:I|he|she|they|we|you))\s+(is|was|has|does|{either(BASE_OF_THIRD)})\b", lambda m: _both_are(m) if _START.search(_before(m)) else m[0], _AGREE, _AGREE_ZH),
    rule("plural_noun", rf"\b(two|three|four|five|six|seven|eight|nine|ten|many|several|few|[2-9]|[1-9]\d{{1,2}})\s+({COUNTED})(?=\s*(?:$|[.,;:!?)]|\b(?:and|or|in|on|at|of|for|with|to|is|are|was|were|have|had|ago|later|who|that|from|but|every|because|when|yesterday|today)\b))", lambda m: f"{m[1]} {plural(m[2].lower())}", "More than one: the noun takes its plural.", "多于一个时名词用复数。"),
    rule("since_for", r"\bsince(?=\s+(?:\d+|two|three|four|five|six|seven|eight|nine|ten|many|several|a few)\s+(?:years?|months?|weeks?|days?|hours?|minutes?)\b(?!\s+ago))", "for", "“For” goes with a length of time, “since” with its beginning.", "for 后接一段时间，since 后接起点。"),
    rule("been_knowing", r"\b(have|has|had)\s+been\s+(knowing|wanting|believing|liking|needing|understanding|owning)\b", lambda m: f"{m[1]} {_STATES[m[2].lower()]}", "Such verbs have no continuous form.", "这类动词不用进行时。"),
    # words that go together
    rule("uncountable", r"\b(information|advice|equipment|furniture|homework|knowledge|luggage|feedback|software)s\s+(are|were|have)\b", lambda m: f"{m[1]} {dict(are='is', were='was', have='has')[m[2].lower()]}", "This noun has no plural.", "这是不可数名词，没有复数。"),
    rule("uncountable", r"\b(information|advice|equipment|furniture|homework|knowledge|luggage|software)s\b", r"\1", "This noun has no plural.", "这是不可数名词，没有复数。"),
    rule("double_comparative", r"\bmore\s+(?=(?:better|worse|easier|bigger|smaller|faster|cheaper|older|younger|harder|stronger|taller|nicer|happier)\b)|\bmost\s+(?=(?:best|worst|easiest|biggest|fastest|cheapest|oldest|hardest|strongest)\b)", "", "The word compares already.", "这个词本身已是比较级或最高级。"),
    rule("discuss_about", r"\b(discuss(?:es|ed|ing)?)\s+about\b", r"\1", "“Discuss” takes its object without “about”.", "discuss 是及物动词，不用 about。"),
    rule("depend_on", r"\b(depend(?:s|ed|ing)?)\s+(?:of|from)\b", r"\1 on", "“Depend” takes “on”.", "depend 与 on 搭配。"),
    rule("news_is", r"\b(news|mathematics|physics|economics)\s+(are|were|have)\b", lambda m: f"{m[1]} {dict(are='is', were='was', have='has')[m[2].lower()]}", "This noun ends in -s and is singular.", "这个词以 s 结尾，但是单数。"),
    rule("interested_in", r"\binterested\s+(?:about|for|on)\b", "interested in", "“Interested” takes “in”.", "interested 与 in 搭配。"),
    rule("afraid_of", r"\bafraid\s+(?:from|about)\b", "afraid of", "“Afraid” takes “of”.", "afraid 与 of 搭配。"),
    rule("listen_to", r"\b(listen(?:s|ed|ing)?)(?=\s+(?:music|songs|me|him|her|us|them|the (?:radio|news|teacher))\b)", r"\1 to", "You listen to something.", "listen 后面用 to。"),
    rule("wait_for", r"\b(wait(?:s|ed|ing)?)(?=\s+(?:me|you|him|her|us|them)\b)", r"\1 for", "You wait for someone.", "wait 后面用 for。"),
    rule("according_to", r"\baccording(?=\s+(?:me|him|her|us|them|the|my|your|this)\b)", "according to", "The phrase is “according to”.", "固定搭配是 according to。"),
    rule("arrive_at", r"\b(arriv(?:e|es|ed|ing))\s+to(?=\s+(?:the|my|your|our|his|her|their|school|work)\b)", r"\1 at", "You arrive at a place.", "arrive 与 at 搭配。"),
    rule("on_foot", r"\bby foot\b", "on foot", "The phrase is “on foot”.", "固定搭配是 on foot。"),
    rule("despite", r"\bdespite\s+of\b", "despite", "“Despite” takes no “of”.", "despite 后面不用 of。"),
    rule("explain_to", r"\b(explain(?:s|ed)?)\s+(me|us|him|them)\b", r"\1 to \2", "You explain something to someone.", "explain 后面用 to 引出对象。"),
    rule("other_hand", r"\bin the other hand\b", "on the other hand", "The phrase is “on the other hand”.", "固定搭配是 on the other hand。"),
    rule("married_to", r"\bmarried with\b(?!\s+(?:children|kids|two|three|\d|no))", "married to", "One is married to someone.", "married 与 to 搭配。"),
    rule("you_and_i", r"\b(between|for|with|to)\s+((?:you|him|her|them)\s+and\s+)I\b", r"\1 \2me", "After a preposition “me” stands.", "介词之后用宾格 me。"),
    # articles, doubles, capitals, marks
    rule("a_an", r"\b(an?)(\s+)([A-Za-z0-9]+)", _article, "“An” stands before a vowel sound, “a” before a consonant sound.", "元音音素前用 an，辅音音素前用 a。"),
    rule("double_word", r"\b(the|a|an|of|and|with|we|they|my|your|this)\s+\1\b", _once_only, "A word is doubled.", "词语重复。"),
    rule("proper", rf"\b(?:{_PROPER})\b", _proper, "Names of days, months, languages and places take a capital.", "星期、月份、语言和地名要大写。", case=True),
    rule("space_before", r"[ \t]+(?=[,.;!?](?:\s|$))", "", "No space before this mark.", "标点前不加空格。"),
    rule("space_after", r"(?<=[a-z]),(?=[A-Za-z])|(?<=[a-z])[!?;](?=[A-Z][a-z])", lambda m: m[0] + " ", "A space after this mark.", "标点后加空格。"),
    rule("double_space", r"(?<=\S)[ \t]{2,}(?=\S)", " ", "One space is enough.", "多余的空格。"),
    rule("sentence_capital", r"((?:^|(?<=[.!?])\s)\s*)([a-z][\w'’]*)", _sentence_capital, "A sentence begins with a capital.", "句首要大写。", case=True),
    # for the author to decide
    rule("comma_splice", r"(?:(?<=^)|(?<=[.!?]\s)|(?<=\n))(?:I|We|They|He|She|It|You|The \w+|My \w+)\s+(?:\w+\s+){1,8}?\w+,\s+(?:I|we|they|he|she|it|you|then|however|therefore)\s+(?:\w+n['’]t|(?!know|think|mean|said|say|guess|suppose|see|hope)\w+)(?=[^.?!]*[.!]|[^.?!]*$)", lambda m: m[0], "Two sentences seem to be joined by a comma: consider a full stop, a semicolon or “and”.", "似乎用逗号连接了两个句子：可改用句号、分号，或加 and。", hint=True, case=True),
    rule("double_negative", rf"\b(?:\w+n{_Q}t|cannot|never)\s+(?:\w+\s+){{0,2}}(?:no|nothing|nobody|nowhere|hardly|none)\b", lambda m: m[0], "Two negatives in one clause: which one is meant?", "一句里有两个否定：想表达哪一个？", hint=True),
    rule("fewer", r"\bless(?=\s+(?:people|problems|mistakes|errors|words|students|cars|items|questions|things|friends|books|children|customers)\b)", "fewer", "With things that are counted, “fewer” is the usual word.", "可数名词通常用 fewer。", hint=True),
    rule("passive", r"\b(?:was|were|is|are|been|being)\s+\w+ed\s+by\b", lambda m: m[0], "Passive voice: name the actor first, if that reads better.", "被动语态：可考虑先说动作的执行者。", hint=True),
    rule("perfect_with_past_time", r"\b(?:have|has)\s+(?:\w+ed|gone|been|seen|done|taken|made|bought|eaten|written|met)\b(?=[^.!?]*\b(?:yesterday|ago|last (?:night|week|month|year))\b)", lambda m: m[0], "With a time that is over, English takes the simple past.", "有明确的过去时间时用一般过去时。", hint=True),
    rule("suggest_to", r"\bsuggest(?:s|ed)?\s+(?:me|him|her|us|them|you)\s+to\b", lambda m: m[0], "You suggest that someone do something.", "suggest 后面用 that 从句，不用“人 + to”。", hint=True),
    rule("very", r"\bvery\s+(?:good|bad|big|small|important)\b", lambda m: m[0], "A more exact word may say more than “very”.", "可以换一个更准确的词。", hint=True),
    rule("cliche", r"\b(?:think outside the box|at the end of the day|low-hanging fruit|game.?changer|needless to say)\b", lambda m: m[0], "A worn phrase; your own words would be fresher.", "套话，换成自己的话更好。", hint=True),
    rule("long_sentence", r"(?<!\S)(?:[\w'’,;:()-]+\s+){40,}[\w'’]+", lambda m: m[0], "A sentence of more than forty words: consider two.", "这句超过四十个词，可以考虑拆成两句。", hint=True),
    rule("dictionary", WORD, _by_dictionary, "Spelling.", "拼写。", case=True),
)  # fmt: skip
