"""What no particular rule knows: plain statements of what is somebody's, in English.

"My locker is B 12", "I'm a bell-ringer", "I keep bees". Read only where no other rule found
anything in the clause, of the present, and without words for troubles of the moment; kept in the
person's own words with little confidence. What tells of health, faith, politics and the like is left to
the rules that know its category, since it needs a consent of its own.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._english import ADVERB
from metier.profile.extraction._english_words import FAITHS, HEALTH, ORIENTATIONS, ORIGINS, PARTIES
from metier.profile.extraction._rule import Rule, rule

_TROUBLE = re.compile(
    r"\b(?:cards?|accounts?|payments?|transfers?|transactions?|charges?|fees?|refunds?|orders?|packages?|parcels?|deliver\w+|pin|passwords?|balance|top-?ups?|withdraw\w+|deposits?|cheques?|exchange|statement|invoice|bank|atm|bets?|coins?|points|app|website|code|errors?|bugs?|files?|folder|data|tables?|functions?|scripts?|program|server|database|api|screen|button|link|page|question|problems?|issues?|trouble|doubts?|feeling|idea|thought|look|chance|request|task|assignment|project|essay|text|paragraph|sentence|list|string|array|object|variable|class|model|dataset|image|video|prompt|meeting|appointment|interview|presentation|deadline|flight|ticket|reservation|booking|headache|cold|fever|crush|clue|reason|point|way|time|money|rest|help|minute|moment|second|day|morning|evening|week|lot|bit|little|few|couple|mess|idiot|fool|human|person|people|user|customer|one|thing|something|anything|everything|nothing|someone|everyone|fan|concern|complaint|suggestion|request|draft|homework|answer|solution|version|option|choice|turn|go|break|shot|try|plan to|to (?:go|do|get|make|be|have|see|find|write))\b"
    r"|\b(?:broken|declined|missing|lost|stolen|late|slow|wrong|down|pending|stuck|failed|failing|working|confused|sure|sorry|glad|happy|tired|hungry|bored|sad|excited|stressed|worried|curious|interested|looking|trying|wondering|thinking|going|afraid|aware|done|ready|able|unable|new here|here to|about to|not)\b"
    r"|\b(?:today|tonight|tomorrow|yesterday|this (?:week|weekend|month|morning|evening|afternoon|time)|next|last|right now|at the moment|just now|in (?:a|an|\d+) (?:minute|hour)s?)\b",
    re.I,
)
_TASK = re.compile(
    r"\b(?:this|that|these|those|the (?:scripts?|files?|code|examples?|exercises?|commands?|programs?|pages?|buttons?|links?|steps?|formulas?|equations?|questions?|numbers?|answers?))\b|\bkeep (?:getting|seeing|making|forgetting)\b",
    re.I,
)
"""What is pointed at, and what a task is made of: of this conversation, and not of the person."""
_SPECIAL = re.compile(
    rf"\b(?:{FAITHS}|{PARTIES}|{ORIENTATIONS}|{ORIGINS}|church|mosque|temple|synagogue|parish|pray\w*|party|union|vote\w*|voting|politic\w*|religio\w*|convict\w*|prison|parole|girlfriend|boyfriend|same-sex|ethnic\w*|gene|mutation|fingerprint)\b",
    re.I,
)
_DOES = r"keep|play|collect|coach|teach|volunteer|grow|breed|rent|share|attend|swim|cycle|train|practi[cs]e|support|belong to|host|organi[sz]e|sing|dance|subscribe to|look after|care for|moderate|edit|brew|sew|knit|paint|draw|garden|bake|fish|hunt|row|sail|skate|surf|ski|climb|box|fence|ride|drive|run|own|commute|camp|hike|forage|restore|build|repair|write|read|listen to|watch|cook|go to|live|sleep|wake up|get up|work|study|speak|live with|sit on|serve|dj|act|blog|stream|podcast|freelance|tutor|mentor|foster|babysit|lead|manage|chair"
GOES_ON = re.compile(rf"\b(?:and|but) (?:also |still |now )*(?:{_DOES}) [^.!?;,]{{2,80}}\Z")
"""A second predicate of the person's: "I play bass and work in a call centre"."""
_NO_START = r"(?!(?:this|that|it|its|them|these|those|your|you|him|her|the (?:same|following|above)|my (?:card|phone|account|money)|an? (?:question|problem|issue|doubt|feeling|idea|look|lot|few|bit|couple|chance|error|different|new (?:card|one|pin))|no\b|not\b|to\b|been\b|had\b|any\b|some\b|trouble|problems|issues|questions?|what|how|if|when|where|why|so\b|just\b)\b)"
_UP_TO = r"(?=\s*(?:$|[.!?;]|,|\b(?:but|so|because|which|and i|and my|what|how|where|can|could|should|any)\b))"


_PASSING = re.compile(
    r"\b(?:someone|somebody|at \d{1,2} ?(?:am|pm)|today|tonight|tomorrow|yesterday|right now|at the moment|just now|this (?:morning|evening|afternoon|time)|an? (?:error|message|problem|issue|question|look|charge|refund|idea|doubt|feeling|suggestion|chance|hurry|loss)|errors?|refund|your|you|why|how|what|whether|that i|the (?:app|card|website|problem|issue|question|error|code|function|following|same|attached|transfer|payment|money|charge|transaction|transfers?|payments?))\b|\$[a-z_]+|[{}=<>_]",
    re.I,
)
_NOT_LASTING = r"(?:dont|wont|cant|didnt|havent|place|pass|want|need|think|know|wonder|hope|ask|get|got|see|try|receive|mean|guess|wish|feel|believe|suppose|look|hear|find|notice|say|tell|call|agree|apologi[sz]e|appreciate|thank|assume|remember|forget|promise|require|expect|request|consider|understand|realize|realise|am|'m|was|were|have|'ve|had|do|does|did|don|can|could|may|might|must|should|would|will|shall|cannot|be|been|let|please|like|love|hate|dislike|prefer|enjoy|avoid|refuse|seem|keep getting|come|went|made|saw|bought|lost|took|gave|left|found|thought|told|said|heard|knew|felt|kept|paid|sent|met|broke|ate|drank|slept|woke|spent|began|ran|sang|swam|grew|fell|flew|drove|rode|spoke|stole|won|wore|built|caught|chose|forgot|held|led|meant|sold|taught|threw|understood|brought|became|put|set|cut|read|hit|wrote|ordered|only|just|never|always|first|then|also|now|still|really|even|not|no|both|all|too|so|and|or|if|recommend|suggest|propose|disagree|doubt|swear|bet|care|mind|miss|regret|claim|insist|admit|decide|plan|intend|give|send|submit|attach|include|provide|write (?:this|to|in|you)|contact|click|open|press|enter|log|check|change|cancel|return|transfer|withdraw|pay|lose|start|end|stop|finish|begin|continue|move|reach|arrive|leave|win|die|break|owe|choose|pick|compare|define|declare|initiali[sz]e|import|compile|execute|install|upload|download)"
_LEAD = r"and|but|so|also|well|hi|hello|hey|btw|fyi|by the way|now|these days|nowadays|mostly|usually|normally|generally|at home|at work|in my free time|for a living|on weekends|at weekends|as a hobby|currently"
_OFTEN = r"really|always|generally|usually|typically|normally|still|just|mostly|mainly|often|sometimes|currently|now|also|regularly|actually|only"
_SINGULAR = rf"(?!{_NOT_LASTING}(?![\w-]))[a-z]{{3,14}}(?<!ed)(?<!ing)(?<!ly)"
_WHERE_AM = r"(?:in (?:my|the|year|grade|primary|secondary|high|middle|sixth|a|an|sales|finance|marketing|retail|tech|care|recovery)|between|under|on (?:a|an|the|jury|parental|paternity|night|nights|shift|benefits|leave|my (?:gap|second|third|final))|off (?:work|school|sick)|at (?:university|uni|college|school)|with [A-Z])"
_NOT_WHERE = r"(?!(?:in (?:my (?:opinion|view|mind|way|head|case)|the (?:mood|process|middle|market|same|dark|wrong|right|car|office|shop|bathroom|bath|kitchen|garden)|a (?:hurry|rush|bit|pickle|mess|bind|situation|good|bad|dilemma|meeting))|on (?:the (?:fence|phone|way|same|right|wrong|website|page|app|lookout|bus|train)|a (?:call|page|roll|budget))|under (?:the impression|attack))\b)"


def _plain(value: str) -> bool:
    return len(value.split()) <= 14 and not _TROUBLE.search(value) and _own(value)


def _lasting(value: str) -> bool:
    """The same of what somebody does or is, where the words of a trade are no trouble."""
    return len(value.split()) <= 12 and not _PASSING.search(value) and _own(value)


def _own(value: str) -> bool:
    return not any(pattern.search(value) for pattern in (_SPECIAL, HEALTH, _TASK))


RULES: tuple[Rule, ...] = (
    rule(
        "own-attribute",
        "detail",
        "identity",
        rf"\A(?:and |but |so )?(?P<v>(?:my|our) (?!(?:name|friend|boss|question|problem|point|guess|idea|mistake|apologies|bad)\b)(?:[\w'-]+ ){{1,4}}?(?:is|are)(?: (?:now|currently|still|about|around|roughly|usually|always|only))* (?:an? |the |called |named |in |at |on |from )?(?:(?-i:[A-Z])|\d|[a-z]+)[^.!?;]{{0,60}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.5,
        check=_plain,
    ),
    rule(
        "own-role",
        "detail",
        "identity",
        rf"(?<![\w'-])I(?:'m| am)(?: (?:{ADVERB}|also))* (?P<v>an? (?!(?:bit|little|lot|huge|big|tad|few|good|bad|nice|real|total|complete)\b)[a-z][\w'-]*(?: [\w'-]+){{0,8}}?){_UP_TO}",
        multiple=True,
        confidence=0.5,
        check=_plain,
    ),
    rule(
        "own-things",
        "detail",
        "identity",
        rf"(?<![\w'-])(?:I|we)(?: (?:{ADVERB}|also))* (?P<v>(?:have|'ve got) {_NO_START}(?:an?|two|three|my own|twin) [\w'-]+(?: [\w'&-]+){{0,8}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.5,
        check=_plain,
    ),
    rule(
        "own-doing",
        "detail",
        "identity",
        rf"(?<![\w'-])(?:I|we)(?: (?:{ADVERB}|also))* (?P<v>(?:{_DOES}) {_NO_START}[^.!?;,]{{2,80}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.5,
        check=_plain,
    ),
    rule(
        "own-doing-long",
        "detail",
        "identity",
        rf"(?<![\w'-])(?:I've|I have|we've|we have) been (?P<v>(?!(?:trying|waiting|having|getting|seeing|charged|told|looking|wondering|thinking|experiencing|asked|given|going|doing|using (?:this|the|my))\b)[a-z]+ing {_NO_START}[^.!?;,]{{2,80}}?)(?= (?:for|since)\b|\s*$|[.,!?;])",
        multiple=True,
        plain=False,
        confidence=0.5,
        check=_plain,
    ),
    rule(
        "own-ways",
        "detail",
        "identity",
        rf"\A(?:(?:{_LEAD})[, ]+)*(?:I|we)(?: (?:{_OFTEN}))* (?P<v>(?:{_SINGULAR}|do (?:all|most of|shifts|nights|my (?:own|weekly))|get (?:around|about|by|up|paid)) [^.!?;,]{{2,80}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.45,
        check=_lasting,
    ),
    rule(
        "own-course",
        "detail",
        "identity",
        rf"\A(?:(?:{_LEAD})[, ]+)*(?:I'm|I am|we're|we are)(?: (?:{_OFTEN}))* (?P<v>(?!(?:trying|waiting|having|getting|seeing|looking|wondering|thinking|experiencing|asking|going (?!through)|doing|using (?:this|the|my)|calling|talking|writing (?:to|this)|contacting|working on|making|getting|struggling (?:to|with)|reaching|requesting|referring|facing|receiving|interesting|hoping|planning|considering|feeling|being|sending|running (?:into|this)|missing|willing|assuming|following|seeking|dying|losing|sitting|standing|coming|paying|buying|ordering|transferring|curious|meeting|cooking for|leaving|flying|visiting|heading|arriving|interviewing|hosting)\b)[a-z]+ing [^.!?;,]{{2,80}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.45,
        check=_lasting,
    ),
    rule(
        "own-place",
        "detail",
        "identity",
        rf"\A(?:(?:{_LEAD})[, ]+)*(?:I'm|I am|we're|we are)(?: (?:{_OFTEN}))* (?P<v>{_NOT_WHERE}(?:{_WHERE_AM}\b[^.!?;,]{{2,60}}?|home-?schooled|self-taught|[a-z]+-(?:schooled|based|trained|educated))){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.45,
        check=_lasting,
    ),
    rule(
        "own-having",
        "detail",
        "identity",
        rf"\A(?:(?:{_LEAD})[, ]+)*(?:I|we)(?: (?:{_OFTEN}))* (?P<v>(?:have|'ve got|have got|own) {_NO_START}[a-z][\w'-]*(?: [\w'&-]+){{0,6}}?){_UP_TO}",
        multiple=True,
        plain=False,
        confidence=0.45,
        check=_plain,
    ),
)
