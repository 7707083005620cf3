"""What a person prefers, avoids and requires, in English.

Each rule is a frame of subject, adverbs, predicate and object; the words of the topic are the
object and appear in none of them. Strength of wording is read from adverbs and adjectives.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from typing import Any

from metier.profile.extraction._rule import Rule, rule

ADVERB = (
    r"really|truly|strongly|strictly|absolutely|always|generally|usually|typically|normally|definitely|much|greatly|deeply|very much"
    r"|particularly|especially|personally|honestly|also|still|just|simply|actually|firmly|adamantly|exclusively|highly|intensely|extremely"
    r"|totally|completely|actively|now|currently|mostly|mainly|primarily|often|sometimes|tend to|try to|try my best to|make sure to"
    r"|do|both|therefore|thus|then|so|passionately|utterly|vehemently|consistently|consciously|deliberately|intentionally|fully|only ever"
    r"|rather|heavily|sincerely|wholeheartedly|kind of|sort of|kinda|quite|pretty|thoroughly|as a rule|in general|for the most part|even"
    r"|have always|have long|instead|regularly|purposely|purposefully|categorically|religiously|vastly|clearly|certainly|frankly|must say|will always|would always|like to|prefer to|want to|have to|need to|must|have chosen to|choose to|strive to|aim to|find myself|ethically|largely|overwhelmingly|tremendously|profoundly|immensely|solely|would"
)
SUBJECT = r"(?P<s>(?<![\w'-])(?:I|we|I've)\s+|\A)"
A = rf"(?P<a>(?:(?:{ADVERB})\s+){{0,4}})"
BE = rf"(?P<s>(?<![\w'-])(?:I'?m|I am|we're|we are|I've become|I have become|I have been|I've been)\s+|\A(?:am\s+)?)(?P<a>(?:(?:{ADVERB}|all|very|so|too|really|deathly|dead|bloody|a bit|somewhat|slightly|quietly|secretly|frankly|in fact|dreadfully|awfully)\s+){{0,3}})"
NOT = r"(?:do not|don't|dont|do n't|never|did not use to)"
_A2 = r"(?:(?:really|particularly|much|especially|usually|generally|typically|normally|personally|actually|ever|at all|tend to|like to|want to|feel)\s+){0,2}"
V = r"(?P<v>\S.*)"

_HABIT = (
    r"eat|drink|consume|wear|watch|read|listen|smoke|buy|purchase|fly|drive|ride|eat out|dine|order|cook|play|shop|attend|engage|participate|invest|support"
    r"|tolerate|handle|digest|date|work|stay|travel|visit|take part|adopt|own|keep|feed|celebrate|gamble|bet|swim|run|touch|donate|rent|lease|trust|subscribe|stream"
    r"|book|tip|exercise|train|practi[cs]e|use|apply|accept|do|go|study|learn|borrow|choose|pick|hire|sleep|collect|camp|hike|cruise|ski|sing|dance|commute|invest in|lend|vote|use|allow"
)
_DEIXIS = r"(?!(?:this|that|it|its|them|these|those|your|you|him|her|he|she|my (?!own|pets?\b|kids|children|dog|cat|family|work|time|meals?|meat|coffee|tea|food|skin|hair)|the (?!(?:sea|beach|mountains?|outdoors?|cold|heat|rain|sun|dark|countryside|city|snow|ocean|gym|taste|smell|sound|texture|look|feel|feeling|same|morning|evening|night|idea of|use of|latest|most|best|use|arts|theat\w+|concept of|thought of)\b)|how\b|what\b|when\b|where\b|whether|if\b|why\b|who\b|to (?:know|ask|see if|hear|speak|talk to|report|cancel|order|book|find out|thank|apologi\w+|complain|inform|check|have to|say|be rude)|about|so\b|not?\b)\b)"
OBJECT = rf"(?P<v>{_DEIXIS}\S.*)"
_NEGATIVE_NOUN = (
    r"aversion|dislike|distaste|hatred|disdain|bias|objections?|opposition|fear|phobia|reluctance|resistance|repulsion|discomfort|intolerance|prejudice|contempt"
    r"|disinterest|apprehensions?|reservations?|concerns?|hesitation|hang-?up|problem|issues?|anxiety|repugnance|revulsion|qualms|antipathy|skepticism|scepticism|trauma|sensitivity|boycott"
)
_POSITIVE_NOUN = r"preference|fondness|passion|love|soft spot|liking|affinity|appreciation|inclination|weakness|interest|commitment|enthusiasm|obsession|penchant|taste|admiration|predilection|bias|desire|thing|respect|craving|requirement|need|policy|rule|habit"
_FEELING = (
    r"uncomfortable|anxious|nauseous|nauseated|sick|dizzy|overwhelmed|bored|distracted|stressed|nervous|uneasy|claustrophobic|disoriented|queasy|panicky|scared|frightened|irritated"
    r"|annoyed|frustrated|drained|exhausted|self-conscious|carsick|seasick|motion sick|unsafe|guilty|restless|sleepy|headaches?|migraines?|depressed|disconnected|unmotivated|intimidated|cold|lost|disengaged|unsettled|awkward|out of place|sluggish|bloated"
)
_BAD = (
    r"ineffective|boring|distracting|difficult|hard|challenging|tedious|dull|tiring|exhausting|overwhelming|stressful|annoying|frustrating|uncomfortable|unappealing|unpleasant|off-putting|too \w+|disorienting"
    r"|distressing|disturbing|overrated|unhelpful|impersonal|repetitive|monotonous|pointless|confusing|unnecessary|wasteful|unethical|cruel|useless|worthless|mindless|intimidating|inconvenient|impractical|demotivating|restrictive|childish|gimmicky|predictable|pretentious|isolating|draining|irritating|depressing|unbearable|intolerable|unsettling|tacky|ugly|lacking|unreliable|risky|unfulfilling|uninteresting|unenjoyable|awkward|counterproductive|limiting|triggering|tough|upsetting|cumbersome|nauseating|repulsive|shallow|superficial|disengaging|stifling|unattractive"
)
_GOOD = r"effective|relaxing|enjoyable|interesting|engaging|helpful|rewarding|satisfying|fulfilling|easier|useful|appealing|comfortable|calming|soothing|motivating|inspiring|fascinating|fun|more \w+|better|best|beautiful|elegant|therapeutic|charming|exciting|stimulating|valuable|easy|compelling|convenient"


_NEEDS_OBJECT = frozenset(
    {
        "eat", "have", "use", "wear", "do", "take", "buy", "own", "tolerate", "handle", "consume",
        "support", "watch", "read", "play", "attend", "digest", "accept", "trust", "keep",
    }
)  # fmt: skip
"""Verbs that say nothing without what they are of."""


def _more(name: str, slot: str, pattern: str, **more: Any) -> Rule:
    given: dict[str, Any] = {"multiple": True, "soft": True, "confidence": 0.85, **more}
    return rule(name, slot, str(given.pop("category", "preference")), pattern, **given)


RULES: tuple[Rule, ...] = (
    _more(
        "no-dislike",
        "dislikes",
        rf"{SUBJECT}{A}(?:don't|do not|no longer|never|have stopped|stopped)\s+(?:(?:really|actually|even)\s+)?(?:hate|hating|dislike|mind|despise|loathe|fear)\s+{OBJECT}",
        retracts=True,
    ),
    _more(
        "no-avoid",
        "avoids",
        rf"{SUBJECT}{A}(?:don't|do not|no longer|have stopped|stopped)\s+(?:(?:really|actually|need to|have to)\s+)*(?:avoid|avoiding|boycott|skip)\s+{OBJECT}",
        retracts=True,
    ),
    _more(
        "no-longer-like",
        "likes",
        rf"{SUBJECT}{A}(?:(?:no longer|have stopped|stopped)\s+(?:really\s+)?(?:like|liking|love|loving|enjoy|enjoying)|have gone off|went off|grew out of)\s+{OBJECT}",
        retracts=True,
    ),
    _more(
        "no-longer-prefer",
        "preference",
        rf"{SUBJECT}{A}(?:no longer|don't|do not)\s+prefer\s+{OBJECT}",
        retracts=True,
    ),
    _more(
        "can-again",
        "never",
        rf"{SUBJECT}{A}(?:can|may|do|am allowed to|'m allowed to|started|have started|'ve started|am|'m)\s+(?:now\s+)?(?P<v>(?:eat|drink|consume|wear|fly|drive|run|eating|drinking)\s+[\w -]{{2,30}}?)\s+again\b",
        retracts=True,
    ),
    _more(
        "never-want",
        "avoids",
        rf"{SUBJECT}(?:really |absolutely )?(?:never(?: ever)?|(?:don't|do not) ever) want (?:to (?:see|hear|read|get|receive|have) )?{OBJECT}",
        strict=True,
    ),
    _more(
        "avoid",
        "avoids",
        rf"{SUBJECT}{A}(?:(?:try|tend|prefer|have|need|like|want|choose|aim|make sure|work hard|try hard|take care|be sure)\s+to\s+)?(?:(?:always|strictly|completely|generally|actively)\s+)?(?:avoid(?!ed)(?:ing)?|refrain from|abstain from|steer (?:well )?clear of|stay (?:far )?away from|keep away from|shy away from|stay off|stay clear of|boycott|shun|opt out of|cut out|swear off|have sworn off|have given up|don't touch|pass on|skip|try not to)\s+{OBJECT}",
        strict=True,
    ),
    _more(
        "avoiding",
        "avoids",
        rf"{BE}(?:avoiding|boycotting|staying away from|steering clear of|cutting out|trying to (?:avoid|cut out|limit|stay away from)|abstaining from)\s+{OBJECT}",
        strict=True,
    ),
    _more(
        "dislike",
        "dislikes",
        rf"{SUBJECT}{A}(?:dislike|hate|loathe|despise|detest|abhor|resent|can't stand|cannot stand|can not stand|can't bear|cannot bear|can't abide|cannot abide|can't tolerate|cannot tolerate|struggle with|struggle to (?=enjoy|relate|connect|engage|focus|stay)|have (?:trouble|difficulty|a hard time|issues) (?:with|in|enjoying)?|disapprove of|object to|oppose|strongly oppose|disagree with|take issue with|balk at|recoil from|mistrust|distrust|dread|fear|have no time for)\s+{OBJECT}",
    ),
    _more(
        "not-like",
        "dislikes",
        rf"{SUBJECT}{A}{NOT} {_A2}(?:like|enjoy|love|care for|appreciate|fancy|believe in|respond well to|do well (?:with|in)|get along with|feel (?:comfortable|at ease|safe|connected|drawn)(?: with| in| to)?|find|relate to|connect with|see (?:the )?(?:point|value|appeal) (?:of|in)|gravitate towards?|agree with|want(?= (?:any|anything|to (?:eat|drink|wear|watch|use|work|live|travel|drive|read|play|support|be (?:around|surrounded|in)))\b)|thrive (?:in|with|on)|learn well|trust|condone|resonate with|tolerate|approve of|prefer|benefit from|have (?:any |much |the )?(?:interest|patience|desire|time|appetite|tolerance) (?:in|for|to))\s+{OBJECT}",
    ),
    _more(
        "not-fond",
        "dislikes",
        rf"{BE}(?:not|never)(?: (?:really|very|at all|particularly|that|too|much|a|an|big|huge|much of a|one|the|so|especially|overly|the biggest|remotely|personally|all that|terribly|currently|generally|in the least))* (?:fan of|into|keen on|fond of|interested in|comfortable (?:with|in|around|at|on)?|crazy about|believer in|one for|a person for|person who enjoys|enthusiast of|drawn to|attracted to|impressed by|good (?:with|at|around)|happy with|person for|type to|kind of person who|willing to|open to|ok with|okay with|able to (?=eat|drink|tolerate|consume|handle|digest)|allowed to (?=eat|drink|consume|have)|suited (?:to|for)|cut out for|supposed to (?=eat|drink|consume|have))\s+{OBJECT}",
    ),
    _more(
        "averse",
        "dislikes",
        rf"{BE}(?:uninterested in|disinterested in|averse to|against|opposed to|afraid of|scared of|terrified of|fearful of|turned off by|put off by|bothered by|uncomfortable (?:with|in|around|when|eating|being|using)?|wary of|skeptical of|sceptical of|skeptical about|overwhelmed by|easily (?:distracted|overwhelmed|bored|annoyed) by|distracted by|disgusted by|repulsed by|bored by|bored with|annoyed by|sensitive to|intimidated by|unwilling to|hesitant (?:to|about)|reluctant to|unable to|sick of|tired of|fed up with|irritated by|adverse to|repelled by|critical of|claustrophobic|squeamish about|grossed out by|unimpressed by|frustrated by|triggered by|prone to|unhappy with|an? (?:opponent|critic) of|disturbed by|apprehensive about|concerned about)\s+{OBJECT}",
    ),
    _more(
        "aversion",
        "dislikes",
        rf"{SUBJECT}{A}(?:have|feel|hold|harbou?r|'ve got|have got|suffer from)\s+(?P<adj>(?:(?:an?|some|such|quite|very|really|extremely|serious|severe|strong|intense|extreme|deep|deep-seated|deep-rooted|general|particular|acute|major|huge|big|profound|lifelong|moral|ethical|personal|natural|genuine|real|great|certain|mild|slight|significant|paralyzing|debilitating|irrational|visceral|fundamental|strict|absolute|marked|growing|healthy|terrible|bad|well-known|overwhelming|crippling|inherent|instinctive|definite|total|complete|religious|philosophical|ideological|environmental|pretty|rather|long-standing|longstanding|active|firm|past|and|lot of|few|many)\s+){{0,6}})(?P<noun>{_NEGATIVE_NOUN})\s+(?:to|towards?|for|of|against|with|about|when it comes to|around|regarding|in)\s+{OBJECT}",
    ),
    _more(
        "no-interest",
        "dislikes",
        rf"{SUBJECT}{A}(?:have|see|take|find)\s+(?P<adj>(?:absolutely |really |just |very |extremely |almost |practically |virtually |simply )*(?:an? )?(?:extremely |very |really |fairly )?(?:no|zero|little|limited|low|minimal|not much))\s+(?:real |actual |personal |particular |great |much |genuine |whatsoever )?(?:interest|desire|patience|tolerance|appetite|use|time|need|intention|inclination|love|enthusiasm|value|point|appeal|pleasure|enjoyment|attention span|wish|threshold|faith|confidence|trust)\s+(?:in|for|to|of|with)\s+{OBJECT}",
    ),
    _more(
        "find-bad",
        "dislikes",
        rf"{SUBJECT}{A}(?:find|consider|think)\s+(?P<v>{_DEIXIS}(?:.*?\s)?(?:is |are |to be )?(?:{_BAD})\b.*)",
    ),
    _more(
        "find-it-hard",
        "dislikes",
        rf"{SUBJECT}{A}find\s+(?P<v>it (?:(?:very|really|extremely|too|quite|so|incredibly|more|often) )*(?:{_BAD}) (?:to|when|if)\s+(?!(?:understand|believe|see|find|use|get|access|contact|figure|log|tell|choose|decide|know|open)\b)\S.*)",
    ),
    _more(
        "find-good",
        "preference",
        rf"{SUBJECT}{A}find\s+(?P<v>{_DEIXIS}(?:.*?\s)(?:to be )?(?:{_GOOD})\b.*)",
        confidence=0.75,
    ),
    _more(
        "feel-bad",
        "dislikes",
        rf"{SUBJECT}{A}(?P<v>(?:get|feel|become|am|'m|start feeling|tend to get|end up feeling)\s+(?:(?:very|really|extremely|easily|quite|too|so|incredibly|often|always|a bit|severely|terribly)\s+)*(?:{_FEELING})(?:\s+(?:and|or)\s+\w+)?\s+(?:when|in|on|at|around|with|by|from|about|during|while|if|whenever|after|inside|near|eating|dining|watching|reading|using|being|riding|flying|wearing|sitting|driving|playing)\b(?!\s+(?:this|that|your|my (?:card|account)|it)\b).*)",
    ),
    _more(
        "makes-me",
        "dislikes",
        rf"\A(?P<v>(?!(?:it|this|that|these|those|he|she|they|you|what|which|who|your)\b)(?:[\w'’,/-]+\s+){{1,14}}?(?:makes?|gives?|leaves?|renders?|causes?)\s+me\s+(?:(?:to )?(?:feel|become|get)\s+)?(?:(?:very|really|extremely|quite|so|too|a bit|an?|severe|terrible|bad|the)\s+)*(?:{_FEELING})\b.*)",
    ),
    _more(
        "not-for-me",
        "dislikes",
        r"\A(?P<v>(?!(?:it|this|that|these|those|he|she|they|you|what|which|who|your|other|rest|the (?:other|rest|others|remaining))\b)(?!.{0,60}\b(?:option|choice|one|other|suggestion)s?\b)(?:[\w'/-]+\s+){1,14}?(?:(?:isn't|aren't|is not|are not|is never|are never)\s+(?:really |just |simply |quite )?(?:for me|my thing|my cup of tea|my style|my taste|something i enjoy|something i like|appealing to me)|(?:doesn't|don't|does not|do not|never)\s+(?:really |quite |particularly )?(?:appeal to|interest|suit|agree with|sit (?:well|right) with|resonate with|work well for|excite|attract|do it for|motivate)\s+me|(?:is|are) (?:an? )?(?:no-?go|nightmare|deal-?breaker|turn-?off|no-no|problem) for me|bothers? me|turns? me off|puts? me off|stress(?:es)? me out|annoys? me|scares? me|terrif(?:y|ies) me|disgusts? me|bores? me|overwhelms? me|drains? me|triggers? (?:me|my \w+)|distracts? me|irritates? me)\b.*)",
    ),
    _more(
        "refuse",
        "never",
        rf"{SUBJECT}{A}refuse to\s+(?P<v>(?!(?:believe|accept (?:this|that)|pay (?:this|that|for this|the))\b)\S.*)",
        strict=True,
    ),
    _more("boundary", "never", rf"{SUBJECT}{A}draw the line at\s+{OBJECT}", strict=True),
    _more(
        "never-do",
        "never",
        rf"{SUBJECT}{A}(?:never ever|never|will never|would never|do not ever|don't ever|'ll never|I'd never|have never been able to)\s+(?:(?:ever|again|willingly|intentionally|knowingly|want to|like to)\s+)*(?P<v>(?:{_HABIT}|recommend|consider|touch|step|set foot|go (?:to|on|into|near|for)|spend more|pay (?:more|for)|put|let|compromise|settle|skip|lie|give|try|enter|sit|order|support|add|mix|take|have|want to (?:eat|drink|see|wear|use))\b(?!\s+(?:this|that|these|those|your|my (?:card|account|password|pin|phone|money|payment|order)|it|the)\b).*)",
        strict=True,
    ),
    _more(
        "will-not",
        "never",
        rf"{SUBJECT}{A}(?:will not|won't|wont|'ll not|do not want to|don't want to|would not|wouldn't)\s+(?:(?:ever|even|knowingly|under any circumstances|personally|be willing to|willingly)\s+)*(?P<v>(?:{_HABIT}|consider|compromise|settle for|touch|go (?:to|on|into|near|anywhere)|pay (?:more|for)|spend|set foot|sacrifice|put|step|be (?:around|near|caught|seen))\b(?!\s+(?:this|that|these|those|your|my|it|the)\b).*)",
        strict=True,
    ),
    _more(
        "do-not",
        "never",
        rf"{SUBJECT}{A}(?:do not|don't|dont|no longer|haven't|have not|rarely|seldom|hardly ever|barely|almost never)\s+(?:(?:ever|usually|generally|normally|typically|really|personally|knowingly|even|willingly|like to|voluntarily)\s+)*(?P<v>(?:eat|drink|consume|wear|watch|read|listen to|smoke|buy|purchase|fly|drive|dine|shop|attend|engage|participate|support|tolerate|date|celebrate|gamble|eat out|own|keep|ride|invest|use|play|cook|travel|stay|work|do|swim|run|touch|want (?:any|my)|take part|go to|collect|exercise|vape|digest|handle|sleep|accept|trust|book|subscribe)\b(?!\s+(?:this|that|these|those|your|you|my (?!(?:phone|car) (?:at|on|during|while|after))|it|the|so|not|know|have|well\?|with (?:this|that|my|your)|to (?:the|my|this))\b)(?:\s+\S.*|\Z))",
        strict=True,
        check=lambda v: v.casefold() not in _NEEDS_OBJECT,
    ),
    _more(
        "not-since",
        "never",
        rf"{SUBJECT}(?:haven't|have not|'ve not) (?P<v>(?:eaten|drunk|had|touched|smoked|eaten any|worn|bought|owned|flown|driven)\b(?: any)?[\w -]{{0,40}}?) (?:since|in (?:over |about |more than )?(?:\w+ )?(?:years|months)|for (?:over |about |more than )?(?:\w+ )?(?:years|months))\b",
        strict=True,
    ),
    _more(
        "cannot",
        "never",
        rf"{SUBJECT}{A}(?:cannot|can't|can not|cant|could never|am unable to|must not|mustn't|should not|shouldn't|may not|am not able to|am not allowed to|am forbidden to|am not supposed to|'m not allowed to|'m not supposed to|'m unable to|'m not able to)\s+(?:(?:ever|even|physically|really|safely|possibly|currently)\s+)*(?P<v>(?:eat|drink|consume|have(?! (?:an?|access|my|the|this|that|it|to|been|both|more|two|one|you|your|enough|no)\b)|tolerate|handle|digest|wear|participate|engage|attend|swim|lift|climb|drive(?! (?:today|there|my))|fly\b|ride|stay in|be (?:around|near|exposed|in)|sit (?:for|through|in)|stand (?:for|up)|walk (?:far|long|more|up)|run\b|afford(?!ed)(?= (?:to|anything|luxury|expensive|more|a \w+ (?:over|above)))|do (?:any|high|strenuous|anything (?:that involves|involving))|hear (?:well|high|low|out)|see (?:colou?rs?|well|red|small|fine)|use (?:stairs|a mouse|products|anything|any |cosmetics|public)|read small|watch (?:anything|any|horror|movies|films|shows|violen\w+)|work (?:nights|weekends|on|past|before|after|in)|go (?:near|on (?:boats|planes|rides)|into (?:the sun))|smell|take (?:stairs|ibuprofen|aspirin|penicillin|nsaids|any|anything)|touch|sleep (?:without|with|in|on)|travel (?:by|on|without|long)|support|condone|abide|function without|live without)(?!\s+(?:this|that|these|those|your|my|it)\b).*)",
        strict=True,
    ),
    _more(
        "only",
        "only",
        rf"{SUBJECT}(?P<a>(?:(?:will|would|can|do|really|strictly|generally|usually|tend to|now|am|'m|'ll|I|want to|prefer to)\s+){{0,3}}(?:only|exclusively|solely|ever only|only ever|strictly only)\s+(?:(?:ever|really|want to|like to|be|prefer to|willing to|interested in|open to|comfortable(?: with)?)\s+)*)(?P<v>(?:{_HABIT}|consider|considering|enjoy|like|love|prefer|follow|opt|go for|go to|be with|take|look for|looking for|look at|have|hire|trade|write|speak|listen|date|adhere|purchasing|buying|eating|using|want|need|drink|source|choose|respond|eat|interested)\b(?!\s+(?:this|that|these|those|your|you|my (?:card|account)|it|the|one|once|had|have|a few|some|received|got|to (?:know|see|cancel|change|pay))\b).*)",
        strict=True,
    ),
    _more(
        "only-in",
        "only",
        rf"{BE}only (?:interested in|into|comfortable (?:with|in)|willing to|open to|able to|looking for|considering|attracted to|allowed)\s+{OBJECT}",
        strict=True,
    ),
    _more(
        "prefer",
        "preference",
        rf"{SUBJECT}{A}(?:(?:would|'d|I'd|do|will|have come to|tend to)\s+)?(?:(?:strongly|really|much|generally|always|definitely|still|very much|usually|greatly)\s+)*(?:prefer|favou?r|prioriti[sz]e|gravitate towards?|lean towards?|lean more towards?|opt for|opt to|tend towards?|insist on|insist that|champion|advocate for|swear by|stick to|stick with|go for|am drawn to|seek out|seek|choose to|adhere to|follow|subscribe to|maintain|embrace|observe|abide by|keep (?=kosher|halal|a \w+ diet)|practi[cs]e|live by|place (?:a )?(?:\w+ )?(?:value|importance|emphasis|priority) on|put (?:a )?(?:\w+ )?(?:value|importance|emphasis|priority) on|value|cherish|treasure|care (?:deeply |a lot |very much |strongly |more )?about|rely on|have to have|thrive (?:in|on|with|when)|respond (?:best|better|well) to|relate (?:best|better) to|believe in|wish to|feel (?:more |most )?(?:comfortable|at ease|at home|safe|safer|productive|drawn|connected|motivated|strongly)(?: with| in| to| when| about| that)?|work best|learn best|learn better|perform best|focus best|study best|sleep best|do best|function best|concentrate best|retain information best|live for|identify with)\s+{OBJECT}",
    ),
    _more(
        "rather",
        "preference",
        r"(?P<s>(?<![\w'-])(?:I'd|I would|we'd|we would)\s+)(?P<a>(?:(?:much|always|definitely|really|far|honestly)\s+)*)(?:rather|sooner)\s+(?P<v>(?!(?:you|not say|know|have (?:this|that|my|it)|see (?:this|that|my|it)|get (?:this|that|my|it))\b)\S.*)",
    ),
    _more(
        "prefer-would",
        "preference",
        rf"(?P<s>(?<![\w'-])(?:I'd|I would|we'd|we would)\s+)(?P<a>(?:(?:much|always|definitely|really|strongly|generally|also|greatly|very much)\s+)*)prefer\s+{OBJECT}",
        confidence=0.8,
    ),
    _more("not-prefer", "preference", rf"{SUBJECT}{A}prefer\s+(?P<v>not\b\s+(?!to say)\S.*)"),
    _more(
        "preference-noun",
        "preference",
        rf"{SUBJECT}{A}(?:have|hold|share|'ve got|have got|have developed)\s+(?P<adj>(?:(?:an?|some|such|very|really|extremely|serious|strong|intense|extreme|deep|general|particular|huge|big|profound|lifelong|personal|natural|genuine|real|great|certain|slight|significant|clear|marked|keen|strict|firm|definite|special|distinct|specific|special|lasting|abiding|overwhelming|growing|lot of|passionate|my own|bit of a|and|ethical|moral|rather|pretty|much|more|decided|solid)\s+){{0,6}})(?:{_POSITIVE_NOUN})\s+(?:for|towards?|to|of|about|in|against|not to|with)\s+{OBJECT}",
    ),
    _more(
        "my-preference",
        "preference",
        rf"(?P<s>(?<![\w'-])my\s+)(?P<a>(?:(?:strong|clear|personal|usual|general|own|only|absolute|main|top|biggest|number one|first|one)\s+)*)(?:preference|preferred (?:[\w-]+\s+){{1,3}}?|priority|priorities|top priority|non-negotiable|deal-?breaker|must-have|pet peeve|ideal (?:[\w-]+\s+){{1,3}}?|go-to (?:[\w-]+\s+){{0,3}}?)\s*(?:is|are|would be|will always be|has always been)\s+(?:always |definitely |for |to |that )*{OBJECT}",
    ),
    _more(
        "favourite",
        "likes",
        r"(?P<s>(?<![\w'-])my\s+)(?P<a>(?:all[- ]time\s+)?)(?P<v>favou?rite\s+(?:[\w'-]+\s+){1,4}?(?:is|are|has always been|have always been)\s+(?!(?:the one|this|that|it|broken|missing)\b)\S.*)",
        confidence=0.85,
    ),
    _more(
        "advocate",
        "preference",
        rf"{BE}(?P<adj>(?:(?:an?|the|strong|firm|big|huge|passionate|staunch|avid|devoted|dedicated|great|strict|enthusiastic|lifelong|die-?hard|ardent|keen|vocal|massive|total|true|real|proud|committed|serious|fervent|long-?time|sort of|type of|kind of|person|more of an?|strongly|very|much|most)\s+)*)(?:advocate (?:for|of)|supporter of|proponent of|fan of|believer in|lover of|enthusiast of|fond of|partial to|passionate about|committed to|dedicated to|devoted to|keen on|crazy about|obsessed with|adamant about|particular about|strict about|picky about|serious about|loyal to|a sucker for|biased towards?|biased against|drawn to|hooked on|in favou?r of|most comfortable|more comfortable|happiest|at my best|inclined to(?:wards)?|addicted to|a (?:visual|auditory|kin\w+|hands-on) learner|person who|someone who|conscious (?:of|about)|mindful of|concerned with|careful (?:about|with)|big on|into|enthusiastic about|dependent on|comfortable (?:only )?(?:with|in))\s+{OBJECT}",
    ),
    _more(
        "someone-who",
        "preference",
        rf"{BE}(?:an?\s+)?(?P<v>(?:(?:very|highly|really|strictly|deeply|extremely|rather|pretty)\s+)?(?:[\w-]+\s+){{0,2}}(?:environmentalist|minimalist|pacifist|introvert|extrovert|homebody|night owl|early bird|morning person|evening person|dog person|cat person|people person|foodie|picky eater|light sleeper|nervous flyer|visual learner|auditory learner|kinesthetic learner|kinaesthetic learner|hands-on learner|purist|traditionalist|perfectionist|technophobe|germaphobe|teetotal(?:ler|er)?|non-?drinker|non-?smoker|smoker|budget travell?er|solo travell?er|light packer|private person|environmentally conscious person|health-conscious|eco-conscious|environmentally conscious|budget-conscious|slow reader|fast learner|slow learner|early riser)\b.*)",
    ),
    _more(
        "need",
        "needs",
        rf"{SUBJECT}{A}(?:must|have to|need to|should|ought to|am required to|always need to|make it a point to|am obliged to)\s+(?:(?:always|strictly|also|only|really|absolutely|be able to)\s+)*(?P<v>(?:avoid|stick to|stay away|limit|follow|eat|wear|have (?:a|an|at least|wheelchair|access|step-free|subtitles|captions)|take (?:breaks|it slow|medication|my medication)|keep (?:it|things|my) |use (?:a|an|only)|watch (?:my|what)|be (?:careful|mindful|home|able|in bed|close|near)|get (?:at least)|work from|sit|sleep|bring my|travel with|ensure|prioriti[sz]e|refrain|abstain)\b.*)",
        strict=True,
    ),
    _more(
        "require",
        "needs",
        rf"{SUBJECT}{A}(?:require|demand|insist on|always need|absolutely need|always require|really need|strictly need|always want|can't do without|cannot do without|always look for|always choose|always pick|always go for|look for)\s+{OBJECT}",
        strict=True,
        confidence=0.8,
    ),
    _more(
        "important",
        "preference",
        r"\A(?P<v>(?:it(?:'s| is)\s+(?:(?:very|really|extremely|so|absolutely|crucial|especially)\s+)*(?:important|essential|crucial|vital|a must|necessary|imperative|critical)\s+(?:to|for)\s+me\s+(?:that|to)\b.*|(?!(?:it|this|that|what|which|these|those)\b)(?:[\w',/-]+\s+){1,14}?(?:is|are)\s+(?:(?:very|really|extremely|so|absolutely|non-negotiable|most|especially|always)\s+)*(?:important|essential|crucial|vital|a must|non-negotiable|a priority|a deal-?breaker|off-limits|out of the question|a turn-?off)\s+(?:to|for)\s+me\b.*|(?!(?:it|this|that|what|which|these|those)\b)(?:[\w'-]+\s+){1,12}?(?:matters?|means?)\s+(?:a lot|a great deal|more|most|everything)\s+to me\b.*|(?!(?:it|this|that|what|which|these|those)\b)(?:[\w'-]+\s+){1,12}?(?:works?|suits?)\s+(?:best|better) for me\b.*))",
    ),
    _more(
        "like",
        "likes",
        rf"{SUBJECT}{A}(?:love|enjoy|like|adore|appreciate|am into|get excited about|delight in|relish|live for|look forward to(?= (?:my|every|our)))\s+(?P<v>{_DEIXIS}(?!to\b(?:(?<=would like to)|(?<=would love to)))(?!(?:to (?:change|get|make|apply|open|request|set|have|add|do|see|be (?:able|told|informed))|help|any help|a (?:refund|reply|response|quick|new card|copy)|more info\w*|some (?:help|info\w*|suggestions|ideas|recommendations|advice|tips)|suggestions|assistance|all (?:of )?(?:the|these|those|your)|both (?:of )?(?:the|these|those|your)?\s*(?:ideas|options|suggestions)?)\b)(?!.{{0,60}}\b(?:idea|ideas|concept|suggestions?|options?|recommendations?|answer|feedback|advice|insights)\b)\S.*)",
        confidence=0.7,
    ),
)

_STRONG = re.compile(
    r"\b(?:strictly|absolutely|always|never|adamantly|exclusively|only|firmly|vehemently|categorically|religiously|completely|totally|entirely|utterly|strongly|strong|severe|severely|intense|intensely|extreme|extremely|zero|acute|deep|deep-seated|deep-rooted|profound|serious|no|loathe|despise|detest|abhor|can't stand|cannot stand|can't bear|cannot bear|can't tolerate|cannot tolerate|terrified|phobia|strict|refuse|insist|must|greatly|passionately|much prefer|deeply|under no circumstances|at all costs|non-negotiable|essential|moral|ethical|highly|unwilling|unable|allowed)\b",
    re.I,
)
_WEAK = re.compile(
    r"\b(?:sometimes|often|usually|generally|typically|normally|mostly|mainly|tend to|try to|kind of|sort of|kinda|quite|in general|rather|a bit|slightly|slight|mild|rarely|seldom|hardly ever|barely|almost never)\b",
    re.I,
)


def strength(words: str) -> int:
    """How strongly something is worded: 1 for what must hold, -1 for what mostly does."""
    if _STRONG.search(words):
        return 1
    return -1 if _WEAK.search(words) else 0
