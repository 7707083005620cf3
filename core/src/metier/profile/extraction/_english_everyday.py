"""Everyday wordings of health, homes, work, levels and wishes, in English, by what they mean.

Beside the rules of each topic, which read the plain wordings, these read how people put the same
in passing: "prawns could kill me", "greetings from Accra", "hopeless at maths".
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._english_words import (
    DIETS,
    JOBS,
    LANGUAGES,
    PETS,
    SELF,
    SELF_BEEN,
    SELF_IS,
)
from metier.profile.extraction._rule import Rule, rule

_FOOD = r"(?!(?:it|this|that|these|those|they|you|he|she|what|which|everything|nothing|something|stress|work|people|my|the|your)\b)[a-z][\w'-]*(?: (?!(?:is|are|was|were|and i)\b)[a-z][\w'-]*){0,2}"
_STOP = r"(?=\s*(?:$|[,.;!?()]|\b(?:so|and i|but|because|since|which|what|how|can|please|pls|any|where)\b))"
_PLACE = r"[A-Z][\w'’-]*(?:,? (?:(?:of|de|la|upon|on) )?[A-Z][\w'’-]*){0,3}"
_NOT_PLACE = re.compile(
    r"(?:the|a|an|my|me|all|I|January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b",
    re.I,
)


def _is_place(value: str) -> bool:
    return _NOT_PLACE.match(value) is None


RULES: tuple[Rule, ...] = (
    rule(
        "could-kill",
        "allergy",
        "health",
        rf"\A(?:and |but |so )?(?P<v>{_FOOD}) (?:(?:could|would|will|can|might|nearly|almost) (?:literally )?kill(?:ed)? me|(?:makes?|made) me (?:swell|come out in|break out|wheeze|itch)|(?:brings?|brought) me out in|close(?:s)? (?:up )?my throat|is deadly to me|are deadly to me|triggers? my (?:asthma|allergy))|(?:(?<![\w'-])(?:I|my (?:throat|face|lips|tongue|eyes?|skin)) (?:(?:always|really|badly)\s+)?(?:swells?(?: up)?|closes?(?: up)?|itch(?:es)?|wheeze|burns?|puffs? up|flares? up|react(?:s)?)(?: badly| like \w+ \w+)? (?:when(?:ever)?|if|from|after|with) (?:i (?:eat|have|touch|drink|wear|get near|smell) |eating |touching )?(?P<w>{_FOOD})){_STOP}|(?<!\w)anaphyla\w+ to (?P<x>{_FOOD}){_STOP}",
        constraint=True,
        multiple=True,
        confidence=0.8,
    ),
    rule(
        "off-the-menu",
        "avoids",
        "preference",
        rf"\A(?:and |but |so )?(?P<v>{_FOOD}) (?:(?:is|are) (?:strictly |completely |totally )?(?:off the (?:menu|table|list)|out|forbidden|banned|not allowed|a no-no|off limits|poison)(?: for me| in (?:our|my) (?:house|home|family))?|and (?:i|me) (?:don'?t|do not|really don'?t) (?:get on|get along|mix|agree|go together))\b|\A(?:(?:so|and|please|but),? )*(?:no|nothing) (?P<w>(?!idea|problem|worries|thanks|time|luck|one|need|more|matter|longer|offence|to\b|else)[a-z][\w'-]*(?: [a-z][\w'-]*){{0,3}}?) (?:ever|at all|for me|for us|in my (?:house|food|diet)|in our house)\b",
        constraint=True,
        multiple=True,
    ),
    rule(
        "upsets",
        "intolerance",
        "health",
        rf"\A(?P<v>{_FOOD}) (?:wrecks?|upsets?|kills?|destroys?|ruins?|irritates?|inflames?|aggravates?|disagrees? with|plays? havoc with|messes? (?:up|with)|sets? off|triggers?) (?:my (?:stomach|gut|tummy|skin|head|ibs|reflux|migraines?|asthma|eczema|digestion)|me)\b",
        multiple=True,
        constraint=True,
        confidence=0.8,
    ),
    rule(
        "speech",
        "condition",
        "health",
        rf"{SELF}(?:(?:have to|can only|sometimes|often|badly)\s+)*(?P<v>stammer|stutter|limp|lip-?read|faint easily|bruise easily|walk with a (?:limp|stick|cane)|tire easily)\b",
        multiple=True,
        constraint=True,
    ),
    rule(
        "recovering",
        "condition",
        "health",
        rf"(?:{SELF_IS}(?:still )?(?:recovering|healing|convalescing) from|{SELF}(?:had|'ve had|have had)(?= (?:an? |my )?(?:[\w-]+ ){{0,2}}(?:replacement|stroke|heart attack|bypass|surgery|operation|transplant|c-section|mastectomy|hysterectomy|amputation))) (?P<v>(?:an? |my |the )?(?:recent |bad |mild |major |minor |serious )?(?:[\w-]+ )?(?:replacement|stroke|heart attack|bypass|surgery|operation|transplant|concussion|burnout|pneumonia|covid|injury|fracture|c-section|mastectomy|hysterectomy|appendectomy|amputation|seizure|miscarriage|accident))\b",
        multiple=True,
        constraint=True,
    ),
    rule(
        "gave-up",
        "avoids",
        "preference",
        rf"(?:{SELF}(?:gave up|have given up|'ve given up|given up|quit|cut out|swore off|packed in|kicked)|\A(?:gave up|given up|quit|cut out)) (?P<v>(?!my\b|the (?:job|course|app)|on\b|trying|it\b|this|that|nursing|teaching|work|school|smok|drinking and driving)[a-z][\w'-]*(?: [a-z][\w'-]*){{0,2}}?)(?=\s*(?:$|[,.;!?]|\b(?:in|last|years?|two|three|a|for|when|after|because|so|and|this|on|since|at|ages|completely|altogether)\b))",
        multiple=True,
        constraint=True,
        confidence=0.8,
        past=True,
    ),
    rule(
        "household",
        "diet",
        "preference",
        rf"\b(?:our|my) (?:household|home|house|kitchen|family|flat) (?:is|has to be|must be) (?:strictly |completely |totally |all )?(?P<v>[a-z]+[- ]free|{DIETS})\b|\b(?:we're|we are) an? (?P<w>(?:no-[\w-]+|[a-z]+-free|{DIETS})) (?:family|household|house|home|couple)\b",
        multiple=True,
        constraint=True,
    ),
    rule(
        "clean",
        "avoids",
        "preference",
        rf"{SELF_BEEN}(?P<v>clean)(?= for\b| since\b|,| and sober)",
        multiple=True,
        constraint=True,
        value={"clean": "drugs and alcohol (clean)"},
    ),
    # People and places.
    rule(
        "greetings-from",
        "home",
        "contact",
        rf"\b(?:[Gg]reetings|[Hh]ello|[Hh]i|[Hh]ey|[Ww]riting(?: to you)?|[Cc]heers|[Ww]aves|[Bb]est wishes|[Rr]egards|[Mm]essaging(?: you)?|[Aa]sking) from (?:(?:sunny|rainy|cold|windy|lovely|a \w+) )?(?P<v>{_PLACE})|\b[A-Z]\w+ from (?P<w>{_PLACE}) here\b|\b[Ii] (?:split|divide) my time between (?P<x>{_PLACE}(?: and {_PLACE})?)|\b(?:[Ii]|[Ww]e)(?:'ve| have)? (?:just )?(?:bought|rent(?:ed)?|own|got) an? (?:[\w-]+ ){{0,2}}(?:place|house|flat|home|apartment|studio|room|cottage|farm) (?:in|near|outside) (?P<y>{_PLACE})",
        0,
        confidence=0.75,
        check=_is_place,
    ),
    rule(
        "home-kind",
        "home_kind",
        "contact",
        r"(?<![\w'-])(?:I|we) (?:(?:still|currently|now|also)\s+)*live (?P<v>(?:on|in|above|at|off|with|alone)(?: (?:an?|my|the|two|three))? (?!(?:the past|fear|hope)\b)(?-i:[a-z])[\w' -]{2,50}?)(?=\s*(?:$|[,.;!?]|\b(?:so|but|because|and|which|since|where)\b))",
        confidence=0.7,
    ),
    rule(
        "calls-me",
        "name",
        "identity",
        r"\b(?:[Ee]veryone|[Ee]verybody|[Pp]eople|[Ff]riends|[Mm]ost people|[Ff]olks|[Mm]y \w+) (?:just )?calls? me (?P<v>[A-Z][\w'-]*)|\A[Ii]t(?:'s| is) (?P<w>(?:Dr|Prof|Professor|Mr|Mrs|Ms|Mx|Miss|Sir|Rev)\.? [A-Z][\w'-]+)",
        0,
    ),
    rule(
        "getting-married",
        "goal",
        "goal",
        rf"{SELF_IS}(?P<v>getting (?:married|divorced)(?: [^.!?;,]{{2,40}})?)",
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
    rule(
        "pets-rule",
        "pet",
        "identity",
        rf"\A(?P<v>(?:my |our )?(?:an? |one |two |three |four |\d+ )?(?:[\w-]+ )?(?:{PETS})) (?:rules?|runs?|shares?|owns?|lives?|sleeps?|keeps?) (?:my|our|me|us|in my|in our|with (?:me|us)|on my)\b",
        multiple=True,
        plain=False,
    ),
    # Work, study, levels, goals.
    rule(
        "works-how",
        "occupation",
        "identity",
        rf"{SELF}(?:do|run|handle|manage|work) (?P<v>(?:reception|admin|payroll|security|maintenance|logistics|it support|customer service|catering|bookkeeping|childcare|accounts|night shifts|front desk|quality control)(?: (?:at|for|in) [^.,;!?]{{2,40}})?)|(?:{SELF}|\A)(?:just |recently |have just |'ve just )?(?:qualified|trained|retrained|graduated|started out|freelance|moonlight|volunteer) as (?:an? )?(?P<w>[a-z][\w '-]{{2,40}}?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|in|last|this|at|for|on)\b))|{SELF_IS}(?:studying|training|learning|qualifying|going to school) to (?:be|become) (?P<x>(?:an? )?[a-z][\w '-]{{2,40}}?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|in|at|because)\b))",
        confidence=0.8,
    ),
    rule(
        "retired-from",
        "occupation",
        "identity",
        rf"{SELF}(?P<v>retired(?: from [\w ]{{3,30}}?)?)(?=\s*(?:$|[,.;!?]|\b(?:in|last|this|two|three|a|early|and|so|but|years)\b))",
        past=True,
    ),
    rule(
        "skill",
        "level",
        "level",
        rf"(?:{SELF_IS}|\A)(?P<v>(?:(?:absolutely|really|totally|pretty|quite|very|completely|so)\s+)*(?:hopeless|terrible|rubbish|useless|awful|bad|poor|weak|decent|good|great|not (?:very |so |that )?good|ok|okay|clueless|crap|shit) (?:at|with|about) (?!(?:this|that|it|explaining|the moment)\b)[\w #+'-]{{2,40}}?){_STOP}|{SELF}(?P<w>(?:(?:only|just)\s+)?(?:know|speak|understand|can do|have) (?:only |just |some |a bit of |a little |very )?(?:basic|beginner'?s?|intermediate|advanced|rudimentary|school) [\w #+-]{{2,30}}?){_STOP}|{SELF}(?P<x>got as far as [\w #+-]{{2,40}}?|(?:have |'ve )?(?:failed|passed|flunked|scraped through) (?:my |the )?[\w #+-]{{3,40}}?(?: (?:once|twice|three times))?){_STOP}|\A(?P<y>never (?:touched|used|tried|done|learn(?:ed|t)|studied|played|coded|cooked) [\w #+-]{{2,30}}?)(?= before| in my life|\s*$|[,.!])",
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
    rule(
        "aims",
        "goal",
        "goal",
        rf"{SELF_IS}(?:aiming|shooting|going|gunning|hoping|pushing|on track) for (?P<v>(?!this|that|it\b|a (?:walk|refund|run)\b)[^.!?;,]{{3,60}}?){_STOP}|{SELF_IS}(?:sitting|taking|retaking|resitting|entered for|signed up for|doing) (?P<w>(?:the |my |a )?[\w -]{{0,30}}?(?:exams?|test|marathon|triathlon|10k|5k|ielts|toefl|gre|gmat|sats?|nclex|mcat|lsat|degree|certification|finals)\b(?: [^.!?;,]{{2,30}}?)?){_STOP}|(?:{SELF}(?:want|hope|would like|need|plan|aim)|(?<![\w'-])I'd (?:like|love)) to (?P<x>(?:be|become|get|speak|write|read|understand) (?:fluent|conversational|better at|good at|promoted|certified|qualified|debt-free|fit|stronger|healthier)\b[^.!?;,]{{0,40}}?){_STOP}|\bmy (?:target|goal|aim|ideal) (?:weight|score|grade|time|band|mark|level|income|pace) is (?P<y>[^.!?;,]{{1,40}}?){_STOP}",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "long-done",
        "activity",
        "preference",
        r"(?<![\w'-])(?:I've|I have|we've) (?P<v>(?:played|sung|danced|practi[cs]ed|done|run|collected|coached|taught|driven|ridden|kept|grown|painted|fished|sailed|climbed|swum|knitted|cycled|studied|worn|volunteered)\b [^.!?;,]{2,50}?)(?= (?:since|for (?:\d|over|about|many|years|ages|two|three|most|my|as long))\b)",
        multiple=True,
        plain=False,
        confidence=0.8,
    ),
    # Money, sizes, things.
    rule(
        "afford",
        "budget",
        "commerce",
        rf"{SELF}can (?:only )?(?:afford|spare|manage|stretch to|go up to|spend)(?: about| around| up to| roughly| at most)? (?P<v>[$€£¥₹]?\s?\d[\d,.]*k?(?: ?(?:dollars|euros?|pounds|bucks|quid|eur|usd|gbp))?(?: (?:a|per) \w+)?)|\banything (?:under|below|up to) (?P<w>[$€£¥₹]\s?\d[\d,.]*k?|\d[\d,.]* ?(?:dollars|euros?|pounds|bucks|quid))|\b(?:i'?m paid|i get paid|i earn|my salary is(?: paid)?) in (?P<x>[a-z][\w ]{{2,25}}?){_STOP}",
        confidence=0.75,
    ),
    rule(
        "takes-size",
        "size",
        "commerce",
        rf"(?:{SELF}(?:take|wear|need|buy|only buy|always wear|fit)(?: an?)?|{SELF_IS}(?:always |usually |normally )?an?) (?P<v>(?:size )?\d{{1,2}}(?:\.5)?(?: (?:waist|chest|leg|collar|neck|shoes?|wide|uk|eu|us|in (?:dresses|jeans|shoes|tops|trousers))|[a-g]{{1,2}}\b)[\w ]{{0,20}}?){_STOP}|\b(?P<w>(?:shoe|dress|ring|hat|glove|collar) size (?:is )?\d[\w.]*(?: (?:uk|eu|us))?)|\bmy last order was (?P<x>size \w+)",
        multiple=True,
        plain=False,
        confidence=0.8,
    ),
    rule(
        "has-only",
        "possession",
        "commerce",
        r"(?<![\w'-])(?:I|we)(?:'ve| have)(?: only| just)*(?: got)? (?P<v>(?:an?|my own|two) (?:[\w-]+ ){0,3}(?:fridge|freezer|microwave|kettle|hob|stove|oven|toaster|slow cooker|pressure cooker|blender|wok|washing machine|dryer|dishwasher|boiler|router|monitor|desktop|printer|chromebook|tablet|phone|kindle|projector|drone|lathe|drill|loom|kiln|trampoline|canoe|kayak|caravan|motorhome|tractor|shed|allotment|workshop|studio|patio|pool|hot tub|fireplace|wood burner|heat pump|solar panels?)(?: and an? [\w -]{2,20}?)?)(?=\s*(?:$|[,.;!?]|\b(?:so|and|but|that|which|in|from|with)\b))",
        multiple=True,
    ),
    rule(
        "status",
        "detail",
        "identity",
        rf"{SELF_IS}on (?P<v>an? (?:\w+ )?(?:visa|scholarship|apprenticeship|sabbatical|zero-hours contract|pension|work permit|waiting list|gap year|temporary contract|fixed income|night shift)|benefits|disability|maternity leave|universal credit|probation at work|furlough)\b",
        multiple=True,
    ),
    rule(
        "no-licence",
        "possession",
        "commerce",
        rf"{SELF}(?:don't|do not|never) (?:have|hold|got|had) (?:an?|my|any) (?P<v>(?:driving |driver's )?licen[cs]e|passport|bank account|credit card|degree|smartphone|fixed address)\b",
        multiple=True,
        prefix="no ",
    ),
    # Tastes.
    rule(
        "go-to",
        "likes",
        "preference",
        r"\A(?P<v>(?!(?:that|this|it|which|what)\b)[a-z][\w' -]{1,40}?)(?:'s| is| are) (?:(?:always|basically|pretty much|definitely|still|about|just)\s+)*(?:my (?:go-?to|comfort (?:food|watch|read)|everything|life|weakness|obsession|poison|speciality|forte|first love|drink of choice|sport|religion)|the only [\w ]{2,25} (?:i|that i) (?:\w+)(?: to)?|where i'?m happiest|what i live for)\b|(?<![\w'-])I could (?:eat|drink|watch|listen to|read|play|talk about) (?P<w>[^.!?;,]{2,40}?) (?:every day|all day|forever|every night|for hours|non-?stop)\b",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "days-not",
        "avoids",
        "preference",
        r"\A(?:and |but )?(?P<v>(?:early |late )?(?:mornings?|evenings?|afternoons?|weekends?|weekdays?|nights?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|phone calls|video calls|calls)) (?:(?:don'?t|doesn'?t|never|won'?t) (?:really )?(?:works?|suit)(?: for)? me|(?:are|is) (?:no good|bad|impossible|difficult|out)(?: for me)?)\b",
        multiple=True,
        confidence=0.8,
    ),
    # How to answer.
    rule(
        "dont-verb",
        "never",
        "preference",
        r"\A(?:(?:please|pls|and|but|so|also),? )*(?:don'?t|do not) (?:ever )?(?P<v>(?:use|sugar-?coat|patroni[sz]e|lecture|assume|repeat|apologi[sz]e|ramble|waffle|morali[sz]e|preach|flatter|joke|praise|call me|text me|phone me|ring me|email me|start (?:your|every)|end (?:your|every)|give me|send me|ask me|tell me|talk to me|address me|recommend|suggest|mention|bring up)\b(?!\s+(?:this|that|these|those|it|the (?:above|following|same|word|library|function|code))\b)[^.!?\n]{2,80})",
        constraint=True,
        multiple=True,
        check=lambda v: (
            not re.search(
                r"\b(?:function|variable|library|loop|import|code|python|java|html|css|sql)\b",
                v,
                re.I,
            )
        ),
    ),
    rule(
        "spare-me",
        "never",
        "preference",
        r"\A(?:please |pls |and |just )?(?:skip|spare me|cut|drop|leave out|lose|omit|less of) (?:all )?(?:the |your )?(?P<v>pleasantries|small talk|intros?|introductions?|disclaimers?|apologies|fluff|waffle|chit-?chat|preambles?|flattery|emojis?|jargon|jokes|caveats|lectures?|morali[sz]ing|exclamation marks|compliments|platitudes|hype)\b",
        constraint=True,
        multiple=True,
    ),
    rule(
        "form-please",
        "preference",
        "preference",
        r"\A(?:only )?(?P<v>(?:bullet points|numbered lists?|tables|short sentences|short paragraphs|proper paragraphs|plain english|plain language|simple words|large print|big print|one step at a time|step by step|text only|email only|voice only|examples first|answer first|sources|links|metric|celsius|fahrenheit|imperial|24-hour clock|no frills|straight answers?)(?: only)?),? (?:please|pls|always|when you|every time|if you can|for me|from now on)\b|\b(?P<w>(?:explain|talk to me|write to me|treat me|speak to me|break it down|put it)(?: (?:it|things|everything|stuff))? (?:like|as if|as though) i(?:'m| am| was| were) [\w ]{2,30})",
        multiple=True,
        constraint=True,
    ),
    rule(
        "answer-any-language",
        "reply_language",
        "language",
        rf"\A(?:please |pls |can you |could you |always |and |so )*(?:answer|reply|respond)(?: to)?(?: me)?(?: only| always)? in (?P<v>(?!english\b|chinese\b|mandarin\b)(?:{LANGUAGES}))\b|\b(?:use|stick to|write (?:to me )?in|prefer) (?P<w>(?:british|american|uk|us|australian|canadian) (?:spelling|english))\b",
        constraint=True,
    ),
    rule(
        "only-when",
        "only",
        "preference",
        r"\A(?P<v>(?:[a-z]+ )?(?:deliver\w+|calls?|visits?|appointments?|lessons?|meetings?|contact|texts?|e-?mails?|seats?|trains?|flights?|sessions?|classes|bookings?|collections?|pick-?ups?|shifts?|evenings?|mornings?|weekends?) only (?:after|before|between|on|by|at|in|to|via|with) [^.!?;,]{2,40}?)(?=\s*(?:$|[,.;!?]|\b(?:please|pls|because|since|as)\b))",
        multiple=True,
        confidence=0.8,
    ),
    rule(
        "job-once-more",
        "occupation",
        "identity",
        rf"{SELF_IS}(?:also |still |basically |mostly )*in (?P<v>the (?:army|navy|air force|military|police|fire service|civil service|merchant navy|nhs|trades|building trade))\b|\bI'?m a (?P<w>{JOBS}) (?:by|of)\b",
    ),
)
