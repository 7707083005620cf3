"""Who a person is, in English: names, origins, people and animals around them.

Protected attributes are taken only where they are stated in so many words.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._english import ADVERB
from metier.profile.extraction._english_words import (
    DEMONYM,
    END,
    FAITHS,
    IS_NOT,
    KIN,
    NAME,
    NATIONS,
    ORIENTATIONS,
    ORIGINS,
    PARTIES,
    PETS,
    PLACE,
    SELF,
    SELF_IS,
    is_name,
)
from metier.profile.extraction._rule import Rule, rule

RULES: tuple[Rule, ...] = (
    rule(
        "no-name",
        "name",
        "identity",
        r"\b(?:don't|do not|never|stop) call(?:ing)? me (?P<v>[A-Z][\w'-]+|[a-z]+)(?: any ?more| again| please)?(?=\s*(?:$|[,.!]))",
        retracts=True,
    ),
    rule(
        "name",
        "name",
        "identity",
        rf"(?:\b[Mm]y (?:(?:full|real|first|preferred|given|legal) )?name(?:'s| is|s)(?: actually| really)?|\b(?:[Pp]lease )?(?:just )?[Cc]all me|\b[Yy]ou (?:can|may|should) call me|\b[Ii] (?:go by|prefer to be called|like to be called|would like to be called|want to be called)|\b[Ii]'d (?:like|prefer|rather) (?:you )?(?:to )?(?:be called|call me)|\b[Ii](?:'m| am) (?:called|named)|\b(?:[Pp]eople|[Ee]veryone|[Ff]riends|[Mm]y friends|[Tt]hey) call me)\s+(?:by (?:my (?:first|last) name,? )?)?{NAME}",
        0,
        check=is_name,
    ),
    rule(
        "name-greeting",
        "name",
        "identity",
        rf"^\s*(?:(?:[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:morning|afternoon|evening))(?: there| everyone| all)?[,!. ]+)(?:[Ii]'?m|[Ii] am|[Tt]his is|[Mm]y name is)\s+{NAME}(?=\s*(?:[,.!?]|$| and\b| from\b|, ))",
        0,
        check=is_name,
    ),
    rule(
        "name-im",
        "name",
        "identity",
        r"^\s*(?:[Ii]'?m|[Ii] am) (?P<v>[A-Z][a-zà-ÿ]+(?: [A-Z][a-zà-ÿ]+)?)(?=\s*$|,)",
        0,
        confidence=0.6,
        check=lambda v: (
            not DEMONYM.search(v)
            and not re.fullmatch(
                rf"(?:{NATIONS}|{FAITHS}|{ORIGINS}|{PARTIES}|{ORIENTATIONS}|Sorry|Done|Back|Here|Vegan|Vegetarian|Looking|Fine|Good|Ok(?:ay)?|Sure|Not|Happy|Tired|Sick|Diabetic|Just|Very|So|Also|Afraid|Interested|New|Late|Scorpio|Leo|Aries|Taurus|Gemini|Cancer|Virgo|Libra|Sagittarius|Capricorn|Aquarius|Pisces)",
                v,
                re.I,
            )
        ),
    ),
    rule(
        "name-lower",
        "name",
        "identity",
        r"\b(?:my name(?:'s| is)|(?:please )?call me|(?:i'?d like|i want|i would like) you to call me|i go by|address me as|refer to me as)\s+(?P<v>[a-z][a-z'\-]+(?: [a-z][a-z'\-]+)?)(?=\s*(?:$|[,.!?]|\b(?:from now on|instead|please|now|going forward|from here on|for short)\b))",
        0,
        check=is_name,
        confidence=0.85,
    ),
    rule(
        "pronouns",
        "pronouns",
        "identity",
        r"\b(?:my (?:preferred )?pronouns are|i use(?: the)?(?: pronouns)?|i go by|i prefer)\s+(?P<v>(?:she|he|they|ze|xe|it|her|him|them)(?:\s*/\s*\w+){0,2})(?: pronouns)?",
        check=lambda v: "/" in v or len(v) > 2,
    ),
    rule(
        "age",
        "age",
        "identity",
        r"(?<![\w'-])I(?:'?m| am| just turned|'ve just turned| turned| turn)\s+(?:now |already |only |almost |nearly |about )?(?P<v>\d{1,3})(?:\s*(?:-| )?\s*(?:years?(?:[ -]old)?|yrs?(?: old)?|y/?o)\b(?! (?:of|into|in)\b)|(?=\s*(?:$|[,.!]|\band\b|\bnow\b)))",
        check=lambda v: 3 <= int(v) <= 120,
    ),
    rule(
        "age-year-old",
        "age",
        "identity",
        r"(?<![\w'-])I(?:'?m| am) an? (?P<v>\d{1,3})[- ]year[- ]old\b",
        check=lambda v: 3 <= int(v) <= 120,
    ),
    rule(
        "age-is",
        "age",
        "identity",
        r"\bmy age is (?P<v>\d{1,3})\b",
        check=lambda v: 3 <= int(v) <= 120,
    ),
    rule(
        "birthday",
        "birthday",
        "identity",
        r"\b(?:my (?:birthday|birth date|date of birth|dob) is(?: on)?|i was born (?:on|in))\s+(?:the )?(?P<v>(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? \w+|[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?:19|20)\d\d|(?:January|February|March|April|May|June|July|August|September|October|November|December))(?:,? \d{4})?)",
        plain=False,
    ),
    rule(
        "gender",
        "gender",
        "identity",
        rf"{SELF_IS}(?:an? )?(?:\d+[- ]year[- ]old )?(?P<v>man|woman|male|female|guy|girl|boy)(?=\s*(?:$|[,.!]|\b(?:and|in|of|from|with|who|aged|living)\b))",
    ),
    rule(
        "nationality", "nationality", "identity", rf"{SELF_IS}(?:originally )?(?P<v>{NATIONS}){END}"
    ),
    rule(
        "origin",
        "origin",
        "identity",
        rf"(?:\b[Ii](?:'?m| am| come|'m originally| am originally| originally come)\s+(?:originally )?from|\b[Ii] (?:was born|was born and raised|grew up|was raised) in)\s+{PLACE}",
        0,
        confidence=0.8,
        plain=True,
    ),
    rule("religion", "religion", "religion", rf"{SELF_IS}(?P<v>{FAITHS}){END}"),
    rule(
        "no-religion",
        "religion",
        "religion",
        rf"(?<![\w'-])(?:I'?m|I am) {IS_NOT} (?P<v>{FAITHS}){END}",
        retracts=True,
    ),
    rule(
        "politics",
        "politics",
        "politics",
        rf"(?:{SELF_IS}|{SELF}(?:vote|voted|always vote|identify as|support the|belong to the)\s+)(?P<v>{PARTIES}){END}",
    ),
    rule(
        "orientation",
        "orientation",
        "orientation",
        rf"(?:{SELF_IS}|{SELF}identify as\s+)(?P<v>{ORIENTATIONS}){END}",
    ),
    rule(
        "ethnicity",
        "ethnicity",
        "ethnicity",
        rf"(?:{SELF_IS}|{SELF}identify as\s+)(?P<v>{ORIGINS}){END}",
    ),
    rule(
        "union",
        "union",
        "union",
        rf"(?:{SELF_IS}(?:a |an )?(?P<v>(?:trade |labou?r )?union (?:member|rep|representative|organi[sz]er|steward))|{SELF}belong to (?:a|the) (?P<w>(?:[\w-]+ ){{0,3}}union))\b",
    ),
    rule(
        "criminal",
        "criminal",
        "criminal",
        rf"(?:{SELF}(?:have|was|'ve been|have been)\s+(?P<v>(?:a )?(?:criminal record|convicted (?:of|for) [\w ]{{3,40}}|(?:a )?felony(?: conviction)?|arrested for [\w ]{{3,40}}|in prison[\w ]{{0,30}}|on (?:parole|probation)))|{SELF_IS}(?P<w>on (?:parole|probation)|an ex-(?:con|offender|convict)|a (?:convicted )?felon))",
    ),
    rule(
        "genetics",
        "genetics",
        "genetics",
        rf"{SELF}(?:carry|have|tested positive for|am a carrier of)\s+(?:the |a )?(?P<v>[\w -]{{2,30}}(?:gene|mutation|variant)(?: [\w ]{{2,20}})?)\b",
    ),
    rule(
        "family",
        "family",
        "identity",
        rf"(?:{SELF}(?:have|'ve got|have got)|(?<![\w'-])I've got)\s+(?P<v>(?:(?:an?|two|three|four|five|six|one|\d+|no|twin|young|younger|older|elder|little|big|small|baby|grown|adult|teenage|teen|newborn|\d+[- ](?:year|month)[- ]old|large|huge|several|many|identical|step)\s+){{1,4}}(?:{KIN}|family(?: with [\w ]{{3,40}})?)(?:\s+(?:named|called|who is|who are|aged|age|ages|under|in|and|with)\s+[\w' ,]{{1,50}})?)",
        multiple=True,
        plain=False,
    ),
    rule(
        "marital",
        "marital_status",
        "identity",
        rf"{SELF_IS}(?P<v>(?:happily |newly |recently |getting )?(?:married|single|divorced|widowed|engaged(?! in)|separated|a (?:widow|widower|single (?:mom|mum|mother|dad|father|parent))|a (?:stay-at-home |new |first-time |working )?(?:mom|mum|mother|dad|father|parent|grandmother|grandfather|grandparent)(?: of (?:\w+|\d+)(?: \w+)?)?))(?=\s*(?:$|[,.!]|\b(?:and|with|to|but|so|now|for|since|who)\b))",
    ),
    rule(
        "married",
        "marital_status",
        "identity",
        rf"{SELF}(?:just |recently )?(?P<v>got (?:married|divorced|engaged))\b",
    ),
    rule(
        "no-pet",
        "pet",
        "identity",
        rf"{SELF}(?:no longer have|don't have|do not have|don't own|lost|gave away|rehomed|had to put down|sold)\s+(?:an?|any|my|our|the)\s+(?:(?:pet|beloved|old)\s+)*(?P<v>{PETS})\b(?:\s+any ?more)?",
        retracts=True,
        multiple=True,
    ),
    rule(
        "pet",
        "pet",
        "identity",
        rf"(?:{SELF}(?:(?:{ADVERB})\s+){{0,2}}(?:have|own|'ve got|have got|got|adopted|just adopted|recently adopted|am the owner of|keep|bought|rescued|share my (?:home|flat|house) with|live with)|(?<![\w'-])I've got|(?<![\w'-])I'm the (?:proud )?(?:owner|parent) of)\s+(?P<v>(?:(?:an?|two|three|four|five|six|one|\d+|several|some|my|the|pet|rescue|small|large|big|old|elderly|senior|young|little|tiny|black|white|brown|tabby|ginger|grey|gray|golden|german|french|shepherd|siamese|persian|maine|coon|border|labrador|indoor|outdoor|adorable|cute|new|\d+[- ](?:year|month|week)[- ]old|hypoallergenic|mixed[- ]breed|couple of|few|energetic|shy|blind|deaf|diabetic|african grey|bearded|miniature|toy|spoiled|playful|sweet|lovely|beautiful)\s+){{1,6}}(?:{PETS})(?:\s+(?:and (?:an?|two|three|\d+|one)\s+(?:\w+\s+){{0,3}}(?:{PETS})))?(?:\s*,?\s*(?:named|called|whose names? (?:is|are)|who(?:'s| is)(?: called| named)?|which (?:is|are))\s+[\w' ,&]{{1,50}})?)(?!\s+(?:food|toy|sitter|lover|allergy|person|phobia|problem|allergies|bed|question))",
        multiple=True,
        plain=False,
    ),
    rule(
        "pet-name",
        "pet",
        "identity",
        rf"\b(?P<v>[Mm]y (?:(?:pet|new|old|little|big|other|first|second|rescue|elderly|senior|beloved|\w+)\s+)?(?:{PETS})(?:'s name is|s' names are| is called| is named| are called| are named| goes by),? (?:[A-Z][\w'-]+)(?:(?:,| and|, and) [A-Z][\w'-]+)*)",
        0,
        multiple=True,
        plain=False,
    ),
    rule(
        "pet-appositive",
        "pet",
        "identity",
        rf"\b(?P<v>[Mm]y (?:(?:pet|new|old|little|big|other|rescue|elderly)\s+)?(?:{PETS}),? [A-Z][a-z'-]+)(?=[\s,.!]|$)",
        0,
        multiple=True,
        plain=False,
        confidence=0.8,
    ),
    rule(
        "height",
        "height",
        "identity",
        rf"(?:{SELF_IS}|\bmy height is\s+)(?P<v>\d(?:\.\d\d?)?\s?m\b|\d{{3}}\s?cm\b|\d\s?(?:'|ft|feet|foot)\s?\d{{0,2}}\"?)(?: tall)?",
    ),
    rule(
        "surname",
        "surname",
        "identity",
        r"\b[Mm]y (?:surname|last name|family name)(?:'s| is)(?: now)? (?P<v>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)",
        0,
    ),
    rule(
        "only-child",
        "family",
        "identity",
        rf"{SELF_IS}(?:an? |the )?(?P<v>only child|twin|eldest(?: of \w+)?|youngest(?: of \w+)?|oldest(?: of \w+)?|orphan|adopted)\b",
        multiple=True,
    ),
    rule(
        "no-pets-at-all",
        "pet",
        "identity",
        rf"{SELF}(?:don't have|do not have|have)\s+(?P<v>no pets|any pets)\b",
        multiple=True,
        value={"any pets": "no pets"},
    ),
    rule(
        "age-word",
        "age",
        "identity",
        r"(?<![\w'-])I(?:'?m| am| just turned| turned)\s+(?:now |already |only |almost |nearly |about )?(?P<v>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]years?[ -]old)?(?=\s*(?:$|[,.!]|\b(?:and|now|next|in)\b))",
    ),
)
