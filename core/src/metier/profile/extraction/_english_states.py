"""Lasting states told in everyday words: what is hard, what ended, what somebody is going through."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

from metier.profile.extraction._english_words import (
    CONDITIONS,
    KIN,
    LANGUAGES,
    NOT_NAMES,
    SELF,
    SELF_IS,
)
from metier.profile.extraction._rule import Rule, rule

_END = r"(?=\s*(?:$|[,.;!?()]|\b(?:so|and|but|because|since|which|what|how|can|could|please|pls|any|where|when|though)\b))"
_PLACE = r"(?-i:[A-Z][\w'’-]*(?:,? (?:(?:of|de|la|upon|on) )?[A-Z][\w'’-]*){0,3})"
_TOPIC = r"(?!(?:it|this|that|these|those|they|you|he|she|what|which|everything|nothing|something|people|who)\b)[a-z][\w'-]*(?: (?!(?:is|are|was|were|i|and)\b)[\w'-]+){0,3}"
_HARD = r"(?:(?:really|very|so|quite|pretty|too|always|a bit|rather|extremely|particularly|especially|super)\s+)*(?:hard|difficult|tricky|tough|confusing|challenging|impossible)"
_FORM = r"(?:short|shorter|simple|simpler|plain|easy|clear|clearer|long|longer|complete|full|brief|concise|formal|informal|everyday|basic|british|american|metric|imperial|bullet|numbered|fewer|small|big|larger|inclusive|gender-neutral)[- ](?:sentences?|words?|language|english|spelling|paragraphs?|answers?|replies|points?|lists?|units?|explanations?|steps?|headings?|fonts?|vocabulary|terms|analogies|examples)|bullet points|bullets|numbered lists|analogies|diagrams|examples|headings|tables|kilometres|kilometers|kilos|celsius|fahrenheit"
_ALWAYS = r"(?:always|in (?:the )?future|from now on|from here on|going forward|whenever (?:you can|possible)|every time|each time|in general|by default|at all times|in all (?:your )?(?:answers|replies)|when you (?:answer|reply|explain)\b[^.!?]{0,20})"

RULES: tuple[Rule, ...] = (
    rule(
        "hard-for-me",
        "difficulty",
        "level",
        rf"{SELF}(?:(?:always|really|still|often|just)\s+)*find (?P<v>(?!it\b)[a-z][\w'-]*(?: (?!to\b)[\w'-]+){{0,2}}?) {_HARD}{_END}"
        rf"|\A(?:and |but |so )?(?P<w>{_TOPIC}) (?:(?:really|always|just|still|often|totally|completely)\s+)*(?:confuses?|baffles?|loses?|stumps?|trips?|puzzles?) me(?: up)?{_END}"
        rf"|\A(?:and |but )?(?P<x>{_TOPIC}) (?:is|are) (?:(?:really|always|just|still|very|so|too)\s+)*(?:hard|difficult|tricky|confusing|a struggle|a mystery|my weak (?:spot|point)|my weakness) (?:for|to) me\b"
        rf"|\A(?:and |but )?(?P<z>{_TOPIC}) (?:(?:is|are|was|were|has|have|had)(?:n't| not| never)?(?: always)?(?: been)?) (?:(?:never|not|really|exactly|always)\s+)*(?:my (?:strong (?:suit|point)|strength|forte|best subject|weak (?:spot|point))|a strength of mine)\b"
        rf"|\b(?:me and (?P<n>[a-z]+(?: [a-z]+)?)|(?P<m>[a-z]+) and (?:me|i)) (?:don't|do not|never|just don't) (?:really )?(?:get along|get on|mix|agree|go together)\b"
        rf"|{SELF}(?:don't|do not|can't|cannot) (?:really )?(?:get|understand|grasp|wrap my head around) (?P<y>(?!it\b|this|that|you|the (?:question|answer|point|joke)|why|how|what|your|my|a\b|any)[a-z][\w'-]*(?: [\w'-]+)?){_END}",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "beginner-at",
        "level",
        "level",
        rf"{SELF_IS}(?P<v>(?:an? )?(?:(?:complete|total|absolute|relative|true) )?(?:beginner|novice|newbie|intermediate|amateur|expert|pro) (?:at|in|with|on) (?!(?:this|that|it|the)\b)[a-z][\w' -]{{1,30}}?){_END}",
        multiple=True,
        plain=False,
        confidence=0.85,
    ),
    rule(
        "turning",
        "age",
        "identity",
        r"(?<![\w'-])(?:I(?:'m| am) turning|I turn|I'll (?:be|turn)|I will (?:be|turn)|and turn|turning) (?P<v>\d{2})(?= (?:in|on|next|this|tomorrow|soon)\b)",
        future=True,
    ),
    rule(
        "name-and-age",
        "age",
        "identity",
        r"(?:\b[Ii]'?m|\b[Ii] am|\b[Mm]y name(?:'s| is)|\A) (?:[A-Z][\w'-]+),? (?:(?:and )?I'?m |aged? )?(?P<v>[1-9]\d)(?=\s*(?:$|[,.;!?]|and\b))",
        0,
        confidence=0.85,
        presumed=True,
        needs=r"\b(?:i'?m|i am|my name|name's)\b",
    ),
    rule(
        "this-is",
        "name",
        "identity",
        r"\A(?:(?:[Hh]i|[Hh]ello|[Hh]ey),? )?[Tt]his is (?P<v>[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=,? (?:here|and I|from)\b|, (?:I|I'm|I've|need|can|could|please|looking|calling|writing|a)\b)",
        0,
        confidence=0.75,
        presumed=True,
        check=lambda v: v.casefold() not in NOT_NAMES,
    ),
    rule(
        "here-from",
        "home",
        "contact",
        rf"\b[A-Z][a-z]+ here,? (?:from|in) (?P<v>{_PLACE})",
        0,
        presumed=True,
        confidence=0.8,
    ),
    rule(
        "been-living",
        "home",
        "contact",
        rf"(?<![\w'-])(?:I've|I have|we've|we have) been (?:living|based|settled) (?:here )?in (?P<v>{_PLACE})|(?:{SELF}live|{SELF_IS}living|\Aliving) in (?:rural|central|northern|southern|eastern|western|north|south|east|west|downtown|suburban|sunny|rainy|deepest) (?P<w>{_PLACE})",
    ),
    rule(
        "speaks-somehow",
        "speaks",
        "language",
        rf"(?:{SELF}(?:grew up (?:speaking|with)|can get by in|get by in|was raised speaking|was brought up speaking)|{SELF_IS}(?:brought up|raised) speaking|{SELF}speak [a-z]+ (?:at|with|to|in)\b[^,.;!?]{{1,20}} and|{SELF}speak [a-z]+ and(?: a (?:bit|little) of)?) (?P<v>{LANGUAGES})\b",
        multiple=True,
    ),
    rule(
        "speaks-none",
        "detail",
        "language",
        rf"{SELF}(?P<v>(?:don't|do not|can't|cannot) (?:speak|read|understand) (?:a word of |any |much )?(?:{LANGUAGES}))\b",
        multiple=True,
    ),
    rule(
        "gave-up-habit",
        "avoids",
        "preference",
        rf"(?:{SELF}|\A)(?:no longer|quit|stopped|gave up|have quit|have stopped|given up|'ve quit|'ve stopped|kicked) (?P<v>drinking(?: alcohol)?|smoking|vaping|gambling|booze|alcohol|cigarettes|(?:eating |drinking )?(?:meat|sugar|dairy|gluten|coffee|caffeine|red meat|junk food|fast food|sweets|pork|beef|fish|eggs|cheese|bread))(?=\s*(?:$|[,.!?]|\b(?:any ?more|and|but|so|at all|last|in|on|since|for|after|when|this|a|two|three|\w+ years ago)\b))"
        rf"|{SELF}(?:have been|'ve been|been) off (?P<w>(?!work\b|school\b|the\b|my\b|sick\b)[a-z]+(?: [a-z]+)?)(?= since\b| for\b)"
        rf"|{SELF_IS}not (?P<x>drinking(?: alcohol)?|eating (?:meat|sugar|dairy|gluten|carbs|pork|fish))(?= (?:this|until|till|for|during)\b)",
        multiple=True,
        past=True,
    ),
    rule(
        "gives-nausea",
        "dislikes",
        "preference",
        rf"\A(?:and |but |so )?(?P<v>{_TOPIC}) (?:(?:always|really|just)\s+)*(?:(?:makes?|made) me (?:want to )?(?:gag|retch|heave|shudder|cringe|puke|vomit|throw up|wince)|gives? me (?:the (?:creeps|ick|heebie-jeebies|shivers)|nightmares|goosebumps)|(?:is|are) (?:a )?(?:no|hard no|big no|hard pass|firm no|nope|pass|non-starter) (?:for|from) me|turn my stomach)\b",
        multiple=True,
        confidence=0.8,
    ),
    rule(
        "could-live-on",
        "likes",
        "preference",
        rf"(?<![\w'-])I (?:could|can) (?:happily |easily |basically )?(?:live on|live off|survive on|eat nothing but) (?P<v>[a-z][\w' -]{{2,30}}?){_END}",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "prefers-not",
        "avoids",
        "preference",
        rf"(?<![\w'-])I(?:'d| would)? (?:(?:much|really|always|generally|strongly)\s+)*(?:prefer|favour|favor) [a-z][\w' -]{{1,30}}?,? (?:and )?not (?P<v>(?!to\b|really|at all|because|so\b|too\b)[a-z][\w'-]*(?: [\w'-]+){{0,2}}?){_END}",
        multiple=True,
        presumed=True,
    ),
    rule(
        "not-had",
        "possession",
        "commerce",
        rf"{SELF}(?:haven't got|have not got|don't have|do not have|don't own|do not own|have no|'ve no) (?:an?|any|my own|our own) (?P<v>(?:[a-z]+ )?(?:oven|dishwasher|washing machine|microwave|freezer|fridge|blender|garden|balcony|car|bike|tv|television|printer|laptop|computer|smartphone|phone line|wi-?fi|internet|air ?con\w*|dryer|tumble dryer|bath|lift|elevator|garage|driveway|kettle|toaster|hob|stove|grill|barbecue|food processor|scales|driving licen[cs]e|credit card))\b{_END}",
        multiple=True,
        prefix="no ",
    ),
    rule(
        "how-many-of-us",
        "household",
        "identity",
        r"\b(?P<v>there(?:'s| are| is) (?:just |only )?(?:two|three|four|five|six|seven|eight|nine|\d) of us(?: at home| here| in (?:the|our) (?:house|flat|family|household))?|it's just (?:me and [^.!?;,]{2,30}|the (?:two|three) of us))(?=\s*(?:$|[,.;!?]))",
        plain=False,
        confidence=0.8,
    ),
    rule(
        "household-of",
        "household",
        "identity",
        r"(?<![\w'-])(?:we're|we are|I live in) an? (?P<v>(?:household|family|house|home|flatshare|commune) of (?:\d+|two|three|four|five|six|seven|eight|nine|ten)(?: on [^.!?;,]{3,30}?)?)(?=\s*(?:$|[.,;!?]|\b(?:so|and|but)\b))",
        plain=False,
    ),
    rule(
        "year-student",
        "studies",
        "identity",
        r"\b(?P<v>(?:first|second|third|fourth|fifth|final|last)[- ]year (?:(?!(?:of|a|the|in)\b)[\w.&-]+ ){1,4}?student)\b",
        presumed=True,
        needs=r"(?<![\w'])(?:i'?m|i am|as a|my name)(?!\w)",
    ),
    rule(
        "named-from",
        "home",
        "contact",
        rf"\A(?:(?:[Hh]i|[Hh]ello|[Hh]ey),? )?(?:I'?m|I am|[Mm]y name is|[Tt]his is) [A-Z][a-z]+,? [^.!?]{{0,50}}?\bfrom (?P<v>{_PLACE})",
        0,
        presumed=True,
        confidence=0.75,
    ),
    rule(
        "in-large",
        "needs",
        "preference",
        r"(?<![\w'-])I need (?:everything|things|all texts?|text|it all|my \w+|documents) in (?P<v>(?:large|big|bigger|braille|plain|audio|simple|black and white)(?: [a-z]+)?)\b",
        multiple=True,
        constraint=True,
    ),
    rule(
        "reads-language",
        "speaks",
        "language",
        rf"(?<![\w'-])I (?:can )?(?:read|write|understand)(?: and (?:read|write|understand))?(?: a (?:bit|little) of| some| basic)? (?P<v>{LANGUAGES})\b(?! (?:novels|books|literature|poetry|newspapers|food))",
        multiple=True,
    ),
    rule(
        "with-children",
        "family",
        "identity",
        rf"\b(?:married|single|divorced|widowed|engaged)(?:,? (?:and )?(?:with|have|got)) (?P<v>(?:an?|one|two|three|four|five|\d) (?:[\w-]+ )?(?:{KIN}|kids?|children|boys|girls))\b",
        multiple=True,
        needs=r"\b(?:i|i'm|im)\b",
    ),
    rule(
        "money-of-mine",
        "detail",
        "commerce",
        rf"{SELF}(?P<v>(?:got|earn|make|take home|get paid|bring home|owe|have saved|have) (?:about |around |roughly |over |just |under |almost |some )*[$€£¥₹]?\d[\d,.]*k?\b(?: ?(?:dollars|euros?|pounds|bucks|quid|eur|usd|gbp|grand))?(?: (?:a|per|an) (?:year|month|week|hour|day)| (?:in|of) (?:[a-z-]+ ){{0,3}}(?:debt|savings|loans?)| saved(?: up)?| after tax| before tax)){_END}",
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
    rule(
        "one-income",
        "detail",
        "commerce",
        r"\b(?P<v>(?:our|my) (?:household|family|home) (?:runs|lives|gets by|survives|depends|relies) on [^.!?;,]{3,40}?)(?=\s*(?:$|[,.;!?]|\b(?:right now|so|and|but)\b))",
        multiple=True,
        plain=False,
        confidence=0.7,
    ),
    rule(
        "hopes-to",
        "goal",
        "goal",
        rf"{SELF}(?:(?:really|also|still|eventually)\s+)*(?:hope|intend|aspire|plan|aim) to (?P<v>(?:move|emigrate|relocate|become|study|retire|open|start|run|learn|buy|write|qualify|graduate|get (?:a job|married|certified|promoted)|finish|go back|train|travel|visit|apply|change|lose|save|build|climb)\b[^.!?;,]{{2,60}}?){_END}"
        rf"|{SELF}(?:need|have|want) to (?P<w>(?:lose|gain|save|pay off|pass|quit|give up|cut down) (?!(?:this|that|it)\b)[^.!?;,]{{2,50}}?)(?:{_END}|(?= before\b))",
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
    rule(
        "in-what-form",
        "preference",
        "style",
        rf"\A(?:(?:please|pls|and|but|so|also|always|just|can you|could you)[, ]+)*(?:use|stick to|keep to|write in|write with|explain (?:things )?with|answer (?:in|with)|reply (?:in|with)|speak in)(?: only)? (?P<v>(?:only |more |lots of |very )*(?:{_FORM}))(?: (?:with me|for me|please|pls|only))*{_END}"
        rf"|\A(?:(?:please|pls|and|but|so|also|just|can you|could you)[, ]+)*(?:give me|send me|show me|write|use|start with|skip|leave out) (?P<w>(?:the |an? |only |just )?[a-z][^.!?;,]{{2,50}}?),? {_ALWAYS}",
        multiple=True,
        constraint=True,
        confidence=0.85,
    ),
    rule(
        "within-words",
        "answer_length",
        "style",
        r"\b(?:keep|make) (?:your|all your|the|my)? ?(?:answers?|repl(?:y|ies)|responses?|explanations?) (?P<v>(?:under|below|to|within|at most|shorter than|less than|up to|no longer than) (?:about |around )?\d+ (?:words|sentences|lines|paragraphs|characters))",
    ),
    rule(
        "takes-clothes",
        "size",
        "commerce",
        rf"{SELF}(?:wear|take|need|buy|am|fit)(?: an?)? (?P<v>(?:uk|us|eu|european|american)(?: size)? \d{{1,2}}(?:\.5)?){_END}|{SELF_IS}an? (?P<w>(?:uk|us|eu) (?:size )?\d{{1,2}}(?:\.5)?){_END}",
        multiple=True,
        plain=False,
    ),
    rule(
        "not-pregnant",
        "pregnant",
        "health",
        r"(?<![\w'-])(?:I'?m|I am) (?:not|no longer) (?:actually |really |even )?(?P<v>pregnant|breast-?feeding)\b",
        retracts=True,
        multiple=True,
    ),
    rule(
        "body-tells",
        "condition",
        "health",
        rf"{SELF}(?:(?:often|always|sometimes|usually|still|regularly|keep)\s+)*(?:get|getting) (?:(?:really |very )?(?:bad|terrible|awful|severe|frequent|regular) )?(?P<v>panic attacks?(?: [^.!?;,]{{2,25}}?)?|(?:{CONDITIONS})(?: [^.!?;,]{{2,25}}?)?|dizzy spells|nose ?bleeds|heartburn|chilblains|leg cramps|night terrors|hot flushes){_END}"
        rf"|{SELF}(?P<w>can't hear (?:well |much |anything )?(?:in|with|out of|on) my (?:left|right) (?:ear|side)|can't see (?:well |much |anything )?(?:in|with|out of) my (?:left|right) eye|(?:have|had|'ve had) (?:both |my |one |a )?(?:left |right )?(?:knees?|hips?) (?:replaced|replacement)|sleep (?:very |really |quite )?(?:badly|poorly|lightly)|(?:have|'ve got) (?:very |really |extremely |quite )*(?:dry|oily|sensitive|combination|acne-prone) skin|bruise easily)\b"
        r"|\bmy (?P<x>(?:blood pressure|cholesterol|blood sugar|iron|thyroid|heart rate|resting pulse|vitamin d)(?: levels?)? (?:is|are|runs?|tends to be) (?:(?:a bit|a little|slightly|quite|very|always|too|on the|rather|dangerously|borderline)\s+)*(?:high|low|raised|elevated|borderline)(?: side)?)\b",
        multiple=True,
        constraint=True,
        confidence=0.8,
    ),
    rule(
        "had-a-baby",
        "family",
        "identity",
        rf"{SELF}(?:had|have had|gave birth to|just had) (?P<v>(?:an?|my|our|twins) ?(?:baby|son|daughter|first child|second child|little (?:boy|girl)|)(?: (?:boy|girl))?)(?= (?:\w+ )?(?:\w+ )?(?:ago|last|in|this)\b)",
        multiple=True,
        plain=False,
        confidence=0.75,
        check=lambda v: len(v) > 3,
    ),
    rule(
        "swells-up",
        "allergy",
        "health",
        rf"\A(?:and |but |so )?(?P<v>{_TOPIC}) (?:makes?|made) my (?:throat|face|lips|tongue|mouth|eyes?|skin|hands) (?:swell|itch|close|tingle|burn|puff)",
        constraint=True,
        multiple=True,
        confidence=0.85,
    ),
    rule(
        "wears-aid",
        "accessibility",
        "health",
        rf"(?:{SELF}(?:(?:started|have to|had to|now|always)\s+)*(?:wear|wearing|use|using)|{SELF_IS}(?:wearing|in)) (?P<v>(?:an? |my )?(?:(?:knee|back|wrist|ankle|neck|leg|arm) (?:brace|splint|support|cast)|reading glasses|glasses|contact lenses|varifocals|braces|compression (?:socks|stockings)|walking boot|surgical boot|sling|cast))\b",
        multiple=True,
        constraint=True,
        past=True,
    ),
    rule(
        "bought",
        "possession",
        "commerce",
        r"(?P<s>(?<![\w'-])(?:[Ii]|[Ww]e)(?:'ve| have)? (?:just |recently |finally )?|\A)(?:bought|got|switched to|upgraded to) (?:an?|my first) (?P<v>(?:new |used |second-hand )?[A-Z][\w-]*(?: [A-Z0-9][\w-]*){0,2})(?=\s*(?:$|[.,;!?]|(?:last|this|in|and|so|but|yesterday|instead)\b))",
        0,
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "left-school",
        "detail",
        "identity",
        rf"{SELF}(?P<v>(?:dropped out of|left|graduated from|finished|never finished) (?:college|uni|university|school|high school|secondary school|my degree|art school|med school|law school))\b",
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
)
