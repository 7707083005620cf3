"""Health and diet, in English."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from typing import Any

from metier.profile.extraction._english import ADVERB
from metier.profile.extraction._english_words import (
    ACCESS,
    ADJ_CONDITIONS,
    CONDITIONS,
    DIETS,
    DRUGS,
    IS_NOT,
    SELF,
    SELF_BEEN,
    SELF_HAS,
    SELF_IS,
)
from metier.profile.extraction._rule import Rule, rule


def health(name: str, slot: str, pattern: str, **more: Any) -> Rule:
    given: dict[str, Any] = {"multiple": True, "constraint": True, "confidence": 0.95, **more}
    return rule(name, slot, "health", pattern, **given)


RULES: tuple[Rule, ...] = (
    health(
        "no-allergy",
        "allergy",
        rf"(?<![\w'-])I(?:'?m| am) {IS_NOT} (?:at all )?all?ergic to (?P<v>[a-z][\w \-]{{1,60}}?)(?=[.!?;,]|\bany ?more\b|\bafter all\b|\bat all\b|\bany longer\b|\bbut\b|$)",
        retracts=True,
        split=True,
    ),
    health(
        "no-allergy-have",
        "allergy",
        r"(?<![\w'-])I (?:no longer have|don't have|do not have|outgrew|have outgrown|'ve outgrown|got over)\s+(?:an?|any|my|the)(?: \w+)? (?P<v>[a-z]+(?: [a-z]+)?) allergy\b",
        retracts=True,
    ),
    health(
        "allergy",
        "allergy",
        rf"(?:{SELF_IS}|(?P<s>\A)(?:am )?)all?ergic to (?P<v>[a-z][\w ,'\-/]{{1,120}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|, (?:what|can|should|is|which|and (?:i|what|can))|\b(?:which|that|and (?:i|my|can|avoid|cannot|must|have|also|it|need|prefer|love|am|live))\b|$)",
        split=True,
    ),
    health(
        "allergy-have",
        "allergy",
        rf"(?:{SELF_HAS}|\bwith my |\bdue to my |\bbecause of my |\bdue to an? |\bbecause of an? |\bdue to |\bgiven my |\bmy )(?:an? |some |several |multiple )?(?:(?:severe|serious|bad|mild|strong|life-threatening|known|terrible|slight|extreme|deadly|major|food|lifelong|acute|diagnosed)\s+)*(?P<v>[a-z][\w-]+(?: (?:and|or|&) [a-z]+(?: [a-z]+)?)?(?:,? [a-z]+)?(?<!skin)(?<!severe)(?<!food)(?<!my)) allerg(?:y|ies)\b",
        split=True,
        check=lambda v: (
            not re.fullmatch(
                r"(?:any|some|many|no|food|severe|several|my|the|an?|new|bad|serious|multiple|these|those|other|skin|have|this|seasonal)",
                v,
                re.I,
            )
        ),
    ),
    health(
        "allergy-to",
        "allergy",
        rf"(?:{SELF_HAS}|\bmy |\bdue to )(?:an? )?(?:(?:severe|serious|bad|mild|strong|life-threatening|terrible|extreme|deadly|known|major|acute|nasty)\s+)*allerg(?:y|ies) to (?P<v>[a-z][\w ,'\-]{{1,100}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|\b(?:which|that|is|are|and (?:i|cannot|must|have|avoid|can't|need))\b|$)",
        split=True,
    ),
    health(
        "allergy-carry",
        "allergy",
        r"(?<![\w'-])(?P<v>[a-z]+(?: [a-z]+)?) (?:gives? me|brings? me out in|makes? me break out in) (?:hives|a rash|anaphyla\w+)",
        confidence=0.8,
    ),
    health(
        "intolerance",
        "intolerance",
        rf"{SELF_IS}(?:intolerant (?:to|of) (?P<v>[a-z][\w ,\-]{{1,60}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|\band (?:i|can|avoid)\b|$)|(?P<w>(?:lactose|gluten|fructose|dairy|histamine|sugar|wheat|soy|egg|caffeine|alcohol)[- ]intolerant))",
        split=True,
    ),
    health(
        "intolerance-have",
        "intolerance",
        rf"(?:{SELF_HAS}|\bdue to (?:my |an? )?|\bbecause of (?:my |an? )?)(?:an? |my )?(?:(?:severe|serious|bad|mild|strong|slight)\s+)*(?P<v>[a-z]+(?: [a-z]+)?) intolerance\b",
        check=lambda v: (
            v.split()[-1] not in ("severe", "food", "an", "a", "my", "the", "no", "any")
        ),
    ),
    health(
        "no-condition",
        "condition",
        rf"(?<![\w'-])(?:I'?m|I am) {IS_NOT} (?P<v>{ADJ_CONDITIONS})\b|(?<![\w'-])I (?:no longer have|don't have|do not have|never had)\s+(?:any |an? )?(?P<w>{CONDITIONS})\b",
        retracts=True,
    ),
    health(
        "condition",
        "condition",
        rf"(?:{SELF_IS}|(?P<s>\A)(?:am )?|\bas (?=an? ))(?P<v>{ADJ_CONDITIONS})\b(?!\s+(?:with|by|friendly|about))",
    ),
    health(
        "condition-have",
        "condition",
        rf"{SELF_HAS}(?:(?:an?|some|my|the|mild|severe|serious|chronic|bad|terrible|really|very|slight|early|recurring|frequent|occasional|untreated|moderate|clinical|generali[sz]ed|social|extremely|diagnosed|advanced|stage \w+)\s+)*(?P<v>(?:type [12] )?(?:{CONDITIONS}))\b",
    ),
    health(
        "condition-due",
        "condition",
        rf"\b(?:due to|because of|given|owing to|on account of|thanks to|with)\s+(?:(?:my|an?|some|mild|severe|serious|bad|ongoing|known|previous|past|old|recurring|a history of)\s+)*(?P<v>(?:{CONDITIONS}))\b(?!\s+(?:in|for) (?:people|children|patients))",
        confidence=0.85,
    ),
    health(
        "pregnant",
        "pregnant",
        rf"{SELF_IS}(?:(?:\d+|\w+) (?:weeks|months) )?(?P<v>pregnant|expecting(?= (?:a baby|twins|our|my))|breast-?feeding|trying to conceive|nursing(?= (?:a baby|my baby|my)))\b",
        multiple=True,
    ),
    health(
        "no-accessibility",
        "accessibility",
        rf"(?<![\w'-])(?:I'?m|I am) {IS_NOT} (?P<v>{ACCESS})\b|(?<![\w'-])I (?:no longer|don't) use (?:an? )?(?P<w>screen[- ]readers?|wheelchair|hearing aids?)\b",
        retracts=True,
    ),
    health(
        "accessibility",
        "accessibility",
        rf"(?:{SELF_IS}|(?P<s>\A)(?:am )?)(?P<v>{ACCESS})\b(?!\s+(?:to|spots?|by|with (?:rage|love)))",
    ),
    health(
        "accessibility-use",
        "accessibility",
        rf"{SELF}(?:(?:{ADVERB})\s+){{0,2}}(?:use|rely on|need|require|depend on|navigate with|read with|have|wear|browse with)\s+(?:an? |my |the )?(?P<v>screen[- ]readers?|voiceover|nvda|jaws|talkback|(?:electric |power |manual )?wheelchair(?: access| ramps?)?|walking (?:stick|frame)|cane|crutches|braille(?: display)?|hearing aids?|cochlear implants?|large (?:print|text|font|fonts)|high contrast(?: mode| text)?|captions|subtitles(?= because)|sign language|a sign language interpreter|screen magnifier|magnifier|voice control|dictation software|switch control|assistive technology|dark mode because|alt text|step-free access|text[- ]to[- ]speech|guide dog|service dog|service animal|eye tracking|keyboard only|keyboard navigation)\b",
    ),
    health(
        "accessibility-cannot",
        "accessibility",
        rf"{SELF}(?P<v>(?:can't|cannot|can not|can barely|don't) (?:see|hear|tell|distinguish|use (?:a mouse|my hands|stairs)|climb stairs|read small|walk)\s*(?:well|very well|colou?rs?|red|red from green|red and green|small (?:print|text)|the screen|images|pictures|high frequencies|long distances|far|apart|out of|anything|without|(?=$))[^.]{{0,60}})",
        confidence=0.85,
    ),
    rule(
        "no-diet",
        "diet",
        "preference",
        rf"(?<![\w'-])(?:I'?m|I am) {IS_NOT} (?:a |an |on a |on the |on |strictly |really )*(?P<v>{DIETS})\b|(?<![\w'-])I(?:'ve| have)? (?:stopped|quit|gave up|given up|no longer follow|no longer eat|don't follow)\s+(?:being |a |an |the |following a |my )*(?P<w>{DIETS})\b(?: (?:any ?more|diet))?|(?<![\w'-])I (?:used to be|was) (?:an? )?(?P<x>{DIETS})\b(?! (?:until|since|for))",
        retracts=True,
        multiple=True,
    ),
    rule(
        "diet",
        "diet",
        "preference",
        rf"(?:{SELF_IS}|(?P<s>\A)(?:am )?|(?<![\w'-])(?:I've been|I have been|I've gone|I went|I became|I've become|I have become|I turned|I've turned|I just went|we've gone) |\bas )(?:an? |on an? |on the )?(?:(?:strict|strictly|ethical|lifelong|mostly|committed|proud|new|devout|practi[cs]ing|passionate|fully|100%|whole-food|old|long-time|whole-foods)\s+)*(?P<v>{DIETS})\b(?!\s+(?:\w+ )?(?:curious|friendly|place|restaurant|recipe|option|cheese|leather|food))",
        constraint=True,
        multiple=True,
    ),
    rule(
        "diet-follow",
        "diet",
        "preference",
        rf"{SELF}(?:(?:{ADVERB})\s+){{0,3}}(?:follow|eat|keep|do|adhere to|stick to|am on|am doing|am following|am eating|am keeping|am trying|maintain|observe|have|started|switched to|went on|have to follow|must follow|need to follow|stay|live|abide by|go|eat only|only eat|consume|prefer)\s+(?:an? |the |to )?(?:(?:strict|strictly|mostly|fully|completely|very|whole-food|doctor-ordered|predominantly|primarily|new|special|medically \w+)\s+)*(?P<v>(?:{DIETS}|[a-z]+[- ](?:free|carb|fat|sodium|salt|sugar|fodmap|protein|gi|calorie|based|fib(?:er|re)|residue|cholesterol|potassium|iodine|oxalate|histamine|glycemic)|mediterranean|whole30|dash|atkins|raw(?: food)?|macrobiotic|soft|liquid|renal|cardiac|diabetic|ketogenic|high-protein|plant-based)(?:[,]? (?:and )?[a-z]+[- ](?:free|carb|fat|sodium|salt|sugar|based))*)\s*(?=diet|lifestyle|food|meals|way of eating|dietary|eating|kitchen|$|,|\.)(?!food (?:place|restaurant))",
        constraint=True,
        multiple=True,
    ),
    rule(
        "diet-on",
        "diet",
        "preference",
        r"(?<![\w'-])(?:I'?m|I am|I've been|I have been|I'm currently|I have to be)\s+(?:(?:now|still|also|put|currently|just|back)\s+)*on an? (?:(?:strict|very|doctor-ordered|new|special)\s+)*(?P<v>(?!budget|trip|break|deadline|mission|plane|bus|train|tight)[a-z][\w -]{1,30}?)\s+diet\b",
        constraint=True,
        multiple=True,
    ),
    rule(
        "diet-no",
        "diet",
        "preference",
        r"(?<![\w'-])I (?:no longer|stopped|quit|gave up|have given up|'ve given up|have stopped) (?:(?:eat|eating|consume|consuming|drink|drinking|touch|have)\s+)(?:any (?:form of |kind of |type of |more )?)?(?P<v>meat|red meat|pork|beef|fish|seafood|shellfish|dairy|gluten|eggs?|sugar|alcohol|animal products|poultry|chicken|wheat|nuts|lactose|caffeine|coffee|carbs)\b(?!\s+(?:at|on|in|after|before|during)\b)",
        constraint=True,
        multiple=True,
        prefix="no ",
    ),
    health(
        "no-medicine",
        "medicine",
        rf"(?:{SELF}(?:stopped|quit|came off|have come off|no longer take|don't take|am off|finished|have stopped|'ve stopped)(?: taking)?|(?<![\w'-])(?:I'?m|I am) (?:off|no longer on|not on|no longer taking|not taking)|\btook me off|\btaken off)\s+(?:my |the )?(?P<v>{DRUGS})\b(?:\s+(?:any ?more|yesterday|today))?",
        retracts=True,
    ),
    health(
        "medicine",
        "medicine",
        rf"(?:(?<![\w'-])(?:I'?m|I am|I've been|I have been|I was put|I got put|I've just started)\s+(?:(?:currently|now|also|still|just|started|put|already|both)\s+)*(?:on|taking|using|prescribed)|{SELF}(?:(?:{ADVERB}|daily)\s+){{0,2}}(?:take|use|inject|started|was prescribed|started taking|have to take|need to take))\s+(?:(?:an?|my|some|the|daily|\d+ ?mg(?: of)?|low-dose|high-dose|prescription|strong)\s+)*(?P<v>{DRUGS}(?:(?:,| and|, and)\s+(?:{DRUGS}))*)\b",
        split=True,
    ),
    health(
        "body",
        "condition",
        r"\b[Mm]y (?P<v>(?:kidneys?|liver|heart|back|knees?|hips?|shoulders?|lungs?|thyroid|eyesight|hearing|stomach|immune system|bladder|spine|vision|joints|wrists?|ankles?|neck|skin|gut|blood pressure|blood sugar|cholesterol)(?:'s| is| are| isn't| aren't| has been| have been) (?:(?:very|really|pretty|quite|a bit|too|always|not|chronically|extremely)\s+)*(?:bad|weak|failing|poor|high|low|damaged|sensitive|injured|working|great|good|shot|broken|stiff|dodgy|fragile|elevated|borderline)\b(?: well)?)",
        plain=False,
    ),
    health(
        "injury",
        "condition",
        rf"{SELF}(?:(?:just|recently)\s+)?(?P<v>(?:broke|sprained|fractured|tore|dislocated|injured|hurt|pulled|strained|twisted) my (?:left |right )?[a-z]+(?: [a-z]+)?)(?=\s*(?:$|[,.!]|\b(?:last|so|and|yesterday|in|on|while|this|two|a|when)\b))",
        plain=False,
    ),
    health(
        "had-surgery",
        "condition",
        rf"{SELF}(?:had|just had|am recovering from|'m recovering from|need|have had)\s+(?P<v>(?:an? )?(?:\w+ ){{0,2}}(?:surgery|operation|transplant|bypass|c-section|replacement))\b",
        plain=False,
    ),
    health(
        "crutches",
        "accessibility",
        rf"{SELF_IS}(?P<v>on crutches|on the (?:autism )?spectrum|neurodivergent|in a cast|housebound|bedridden)\b",
    ),
    health(
        "blood-type",
        "blood_type",
        r"\b(?:my )?blood (?:type|group)(?:'s| is)\s+(?P<v>(?:A|B|AB|O)\s?(?:[+-]|positive|negative|pos|neg)?)(?=\s*(?:$|[,.!?]|\b(?:and|in|so)\b))",
        multiple=False,
    ),
    health(
        "weight",
        "weight",
        rf"(?:{SELF}(?:now )?weigh|\bmy weight is(?: now)?|{SELF_IS}(?:at|down to|up to))\s+(?:about |around |now )?(?P<v>\d{{2,3}}(?:\.\d)?\s?(?:kg|kilos?|kilograms?|lbs?|pounds|stone)\b)",
        multiple=False,
        constraint=False,
    ),
    health(
        "reacts",
        "allergy",
        rf"(?:{SELF}(?:react(?:s)? (?:really |very |quite )?(?:badly|terribly|strongly|violently)? ?to|have (?:bad |severe |terrible )?reactions? to|had (?:an? )?(?:bad |severe |terrible |allergic )?reactions? to|break out(?: in (?:hives|a rash|spots))? (?:from|with|after|when I (?:eat|touch|wear|have))|come out in (?:hives|a rash|spots) (?:from|with|after|when I (?:eat|touch|wear|have))|get (?:hives|a rash|rashes|anaphyla\w+|itchy|swollen lips) (?:from|after|with|when I (?:eat|touch|wear|have))|(?:carry|have|need) an? (?:epi-?pen|auto-?injector) (?:for|because of))|\b(?:my epi-?pen is for))\s+(?:(?:any|all|my|the)\s+)?(?P<v>[a-z][\w -]{{2,40}}?)(?=\s*(?:$|[,.;!?(]|\b(?:so|and i|but|allergy|or else|even|when|because|which|every)\b))",
        confidence=0.8,
        split=True,
    ),
    health(
        "sends-me",
        "allergy",
        r"\A(?P<v>(?!it\b|this|that|which|what|they|he|she)[a-z]+(?: [a-z]+)?) (?:sends?|puts?|lands?) me (?:straight |right )?(?:to|in|into) (?:the )?(?:hospital|a&e|e\.?r\b|emergency)",
        confidence=0.8,
    ),
    health(
        "sufferer",
        "allergy",
        rf"{SELF_IS}an? (?P<v>[a-z]+(?: [a-z]+)?) allergy sufferer\b",
    ),
    health(
        "cannot-digest",
        "intolerance",
        r"\bmy (?:body|stomach|gut|system|tummy) (?:can'?t|cannot|doesn'?t|won'?t|does not) (?:really )?(?:handle|process|digest|tolerate|cope with|deal with|like|take|agree with) (?P<v>(?!it\b|this|that)[a-z][\w -]{1,40}?)(?=\s*(?:$|[,.;!?]|\b(?:so|and|but|any ?more|well|very)\b))|\A(?P<w>(?!it\b|this|that|which|they|he|she|what)[a-z]+(?: [a-z]+)?) (?:doesn'?t|does not|don'?t|never) agrees? with me\b|\A(?P<x>(?!it\b|this|that|which|they|he|she|what)[a-z]+(?: [a-z]+)?) (?:makes?|gets?) me (?:(?:really|very|so|violently|quite) )?(?:sick|ill|bloated|throw up|vomit|nauseous|queasy)\b",
        confidence=0.75,
    ),
    health(
        "cannot-do-food",
        "intolerance",
        rf"{SELF}can(?:'?t|not) (?:do|have|eat|handle|touch|stomach|digest|tolerate|take) (?P<v>dairy|gluten|lactose|wheat|soya?|nuts?|eggs?|shellfish|milk|fodmaps?|histamine|caffeine|fructose)\b",
        confidence=0.8,
    ),
    health(
        "put-on",
        "medicine",
        rf"\b(?:put|started|starts?|has|got|have|keeps?) (?:me )(?:back )?on (?:an? |some |the |\d+ ?mg (?:of )?|low-dose |daily )*(?P<v>{DRUGS})\b",
    ),
    health(
        "going-deaf",
        "accessibility",
        rf"{SELF_IS}(?:going|losing my|gradually going|slowly going|almost) (?P<v>deaf(?: in (?:one|my left|my right) ear)?|blind(?: in (?:one|my left|my right) eye)?|hearing|sight|eyesight|vision)\b",
    ),
    health(
        "wears",
        "accessibility",
        rf"{SELF}(?:(?:have to|need to|always) )?(?:wear|need) (?P<v>(?:reading |thick |strong )?glasses|contact lenses|contacts|bifocals|varifocals|a hearing aid|hearing aids|a leg brace|a prosthe\w+)\b",
        constraint=False,
    ),
    health(
        "gets-around",
        "accessibility",
        rf"{SELF}(?:get around|move around|get about|travel|live|go everywhere) (?:in|with|by|using) (?:an? |my )?(?P<v>(?:electric |power |manual )?wheelchair|walker|rollator|mobility scooter|cane|walking stick|crutches)\b",
    ),
    health(
        "due-date",
        "pregnant",
        r"\b(?P<v>(?:my )?(?:due date|baby) is (?:due )?(?:on |in )?(?:the )?(?=[^.!?]{0,20}(?:\d|january|february|march|april|may|june|july|august|september|october|november|december))[^,.!?;]{2,30})",
        multiple=True,
        plain=False,
    ),
    rule(
        "sober",
        "avoids",
        "preference",
        rf"{SELF_BEEN}(?:\w+ (?:years?|months?) )?(?P<v>sober|teetotal|off (?:the )?(?:booze|alcohol|drink)|alcohol-free)\b",
        constraint=True,
        multiple=True,
        value={"sober": "alcohol (sober)"},
    ),
    rule(
        "told-no",
        "never",
        "preference",
        r"\b(?:doctor|dr|gp|physio\w*|dentist|dietitian|consultant|surgeon|specialist|midwife|therapist|nurse|cardiologist|coach|trainer|vet)(?: \w+)? (?:says?|said|told me|tells me|insists|recommends|advised|wants)(?: that)?[,:]? (?:no (?P<v>(?!one|way|idea|problem|need|more than|worries)[a-z][\w -]{2,40}?)|(?:me )?(?:to )?(?:avoid|cut out|give up|stay off|stay away from|stop(?: eating| drinking)?|not to (?:eat|drink|have)) (?P<w>[a-z][\w -]{2,40}?))(?=\s*(?:$|[,.;!?(]|\b(?:for|until|till|because|this|so|since|from|at|due)\b))",
        constraint=True,
        multiple=True,
    ),
    health(
        "in-cast",
        "accessibility",
        rf"(?:{SELF}(?:have|got|'ve got)|(?<![\w'-])I'?ve(?: got)?|\bmy|{SELF_IS}wearing) (?:my )?(?P<v>(?:(?:left |right |broken )?(?:arm|leg|foot|ankle|wrist|hand|neck|shoulder|knee|back)(?: is|'s)? )?(?:in|an?|with) (?:an? )?(?:plaster )?(?:cast|plaster|sling|splint|brace|boot))\b",
        plain=False,
    ),
    rule(
        "diet-only",
        "diet",
        "preference",
        rf"(?:\b(?P<v>{DIETS}) (?:food |meals |options |recipes )?only\b|\bonly (?P<w>halal|kosher|vegan|vegetarian|gluten[- ]free|dairy[- ]free)\b)(?! (?:restaurant|place|option)s? (?:near|in)\b)",
        constraint=True,
        multiple=True,
    ),
    health(
        "no-allergies",
        "allergy",
        r"(?<![\w'-])I (?:have no|don't have any|do not have any|never had any) (?P<v>(?:known |food )?allergies)\b",
        retracts=True,
        value={"allergies": "", "known allergies": "", "food allergies": ""},
    ),
    rule(
        "dose",
        "dose",
        "health",
        rf"\b(?P<v>\d[\d.,]* ?(?:mg|mcg|µg|g|ml|units)(?: (?:of|tablets? of))? {DRUGS})\b",
        multiple=True,
        plain=False,
    ),
)
