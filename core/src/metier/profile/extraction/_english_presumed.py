"""What is taken for granted by how a thing is called, in English: "my asthma", "our flat in Leeds".

Such words state a fact wherever they stand, in a question or beside a condition too: who asks
whether swimming is good for their asthma has asthma.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from typing import Any

from metier.profile.extraction._english_words import ADJ_CONDITIONS, CONDITIONS, DIETS, DRUGS, PETS
from metier.profile.extraction._rule import Rule, rule

_MY = r"(?<![\w'-])(?:my|our)\s+(?!(?:old|ex|former|previous|late|last|first|future|next|new|dream|ideal)\b(?! [A-Z]))"
_MAKES = (
    r"honda|toyota|ford|volvo|nissan|mazda|kia|hyundai|bmw|audi|mercedes|vw|volkswagen|renault|peugeot|citro[eë]n|fiat|skoda|seat|tesla|subaru|jeep|chevy|chevrolet|dodge|lexus|suzuki|mitsubishi|opel|vauxhall|dacia|porsche|land rover|range rover|mini cooper|harley|vespa|yamaha|kawasaki|ducati"
    r"|corolla|civic|golf gti|polo|fiesta|focus|prius|camry|yaris|leaf|model [3sxy]|f-?150"
    r"|iphone|ipad|macbook|imac|apple watch|airpods|galaxy|pixel|thinkpad|dell|hp|lenovo|asus|acer|surface|chromebook|kindle|kobo|playstation|ps[45]|xbox|nintendo switch|steam deck|gopro|fitbit|garmin|roomba|dyson|kitchenaid|nespresso|instant pot|thermomix|peloton|sonos|alexa|echo dot|canon|nikon|fujifilm|leica|raspberry pi|fender|gibson|steinway"
)
_BRAND = rf"(?:(?:19|20)\d\d\s+|'?\d\d\s+)?(?:(?:old|little|new|trusty|blue|red|black|white|silver|grey|gray|second-hand|used)\s+)*(?:{_MAKES})(?:(?: (?-i:[A-Z])[\w-]*| \d[\w-]*| pro\b| air\b| max\b| mini\b| ultra\b| plus\b)){{0,3}}"
_ILL = r"(?:(?:severe|bad|mild|chronic|seasonal|terrible|awful|recurring|ongoing|lifelong|horrible|wretched|stupid|damn|type [12]|early|late-onset|stage \w+)\s+)*"
_CAPS = r"(?<!\bmy add)(?<!\bmy als)(?<!\bmy ms)(?<!\bmy aids)"
_PLACE = r"(?-i:(?P<v>[A-Z][\w'’.-]*(?:,? (?:(?:of|de|la|upon|on|am) )?[A-Z][\w'’-]*){0,3}))"


def _presumed(name: str, slot: str, category: str, pattern: str, **more: Any) -> Rule:
    given: dict[str, Any] = {"presumed": True, "multiple": True, "confidence": 0.8, **more}
    return rule(name, slot, category, pattern, **given)


RULES: tuple[Rule, ...] = (
    _presumed(
        "my-condition",
        "condition",
        "health",
        rf"{_MY}{_ILL}(?P<v>{CONDITIONS}){_CAPS}\b(?! (?:medication|awareness|research|charity|essay|class|book|homework|test paper|course|project))",
        constraint=True,
    ),
    _presumed(
        "my-allergy",
        "allergy",
        "health",
        rf"{_MY}{_ILL}(?:(?P<v>(?!food\b|skin\b|seasonal\b)[a-z][\w-]+(?: [a-z]+)?) allerg(?:y|ies)\b|allerg(?:y|ies) to (?P<w>[a-z][\w-]*(?:(?:,? (?:and|or) |, )?[a-z][\w-]+){{0,2}}?)(?=\s*(?:$|[,.;!?()]|\b(?:is|are|makes?|means|and|so|but|when|in|at|on|for|has|gets?|would|will|can|at)\b)))",
        constraint=True,
        split=True,
    ),
    _presumed(
        "my-intolerance",
        "intolerance",
        "health",
        rf"{_MY}{_ILL}(?P<v>[a-z]+) (?:intolerance|sensitivity)\b",
        constraint=True,
        check=lambda v: v not in ("price", "light", "time", "cultural", "own", "skin"),
    ),
    _presumed(
        "in-brackets",
        "condition",
        "health",
        rf"\((?:i have |it's |my |i've got )?(?:mild |severe |bad |early )?(?P<v>{CONDITIONS})\)",
        constraint=True,
        needs=r"(?<![\w'])(?:my|i|i'?m|i've)(?!\w)",
    ),
    _presumed(
        "my-aid",
        "accessibility",
        "health",
        rf"{_MY}(?P<v>(?:electric |power |manual |new )?wheelchair|hearing aids?|cochlear implants?|guide dog|white cane|screen reader|crutches|rollator|walking frame|prosthe\w+|stoma|insulin pump|pacemaker|cpap(?: machine)?|epi-?pen)\b",
        constraint=True,
    ),
    _presumed(
        "my-medicine",
        "medicine",
        "health",
        rf"{_MY}(?:daily |weekly |morning |evening |usual |\d+ ?mg )*(?:dose of |prescription for )?(?P<v>(?!pill\b){DRUGS})\b",
        constraint=True,
    ),
    _presumed(
        "my-diet",
        "diet",
        "preference",
        rf"{_MY}(?:strict |new )*(?P<v>{DIETS}|[a-z]+-(?:free|carb|sodium|salt|sugar|fat)) (?:diet|lifestyle)\b",
        constraint=True,
    ),
    _presumed(
        "as-diet",
        "diet",
        "preference",
        rf"\bas an? (?:strict |new |lifelong |fellow )*(?P<v>{DIETS})(?=\s*(?:$|[,.;!?]|\b(?:myself|what|how|can|where|i|who)\b))",
        constraint=True,
        needs=r"(?<![\w'])(?:i|i'?m|i've|my|me)(?!\w)",
    ),
    _presumed(
        "as-condition",
        "condition",
        "health",
        rf"\bas an? (?:fellow |newly diagnosed |type [12] )*(?P<v>{ADJ_CONDITIONS}|wheelchair user)(?=\s*(?:$|[,.;!?]|\b(?:myself|what|how|can|where|i|who)\b))",
        constraint=True,
        needs=r"(?<![\w'])(?:i|i'?m|i've|my|me)(?!\w)",
    ),
    _presumed(
        "my-thing",
        "possession",
        "commerce",
        rf"{_MY}(?P<v>{_BRAND})(?!\w)(?! (?:order|account|store|support|gift card|return))",
        confidence=0.75,
    ),
    _presumed(
        "own-brand",
        "possession",
        "commerce",
        rf"(?:(?<![\w'-])(?:I'?m on|I am on|I'?m using|I use|I have|I'?ve got|I drive|I ride|I own|I run|we have|we drive|typing this on|I'?m typing on)|\bmy (?:car|phone|laptop|tablet|computer|bike|motorbike|camera|watch|console|e-?reader|van|guitar)(?: is|'s)) (?:an?|the|my)? ?(?P<v>{_BRAND})(?!\w)",
        presumed=False,
    ),
    _presumed(
        "my-home-in",
        "home",
        "contact",
        rf"{_MY}(?:(?:little|small|tiny|big|rented|shared|new|studio|terraced|council|family|two-bed|one-bed)\s+)*(?:house|flat|apartment|home|place|garden|condo|studio|allotment|cottage|bungalow|neighbou?rhood|street) (?:is |here )?(?:in|near|outside|just outside) {_PLACE}",
        multiple=False,
    ),
    _presumed(
        "here-in",
        "home",
        "contact",
        rf"\b(?:here|back) in {_PLACE}(?!.{{0,30}}\b(?:holiday|vacation|trip|conference|visiting|hotel|weekend only)\b)",
        multiple=False,
        confidence=0.6,
        check=lambda v: (
            not re.match(
                r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b",
                v,
            )
        ),
    ),
    _presumed(
        "where-i-live",
        "home",
        "contact",
        rf"\b(?:in|from|to) {_PLACE},? (?:which is )?where (?:I|we) live\b|\bwhere (?:I|we) live,? (?:is |in |\()(?-i:(?P<w>[A-Z][\w'’-]*(?:,? [A-Z][\w'’-]*){{0,2}}))",
        multiple=False,
    ),
    _presumed(
        "my-job-as",
        "occupation",
        "identity",
        rf"{_MY}(?:day |current |new |full-time |part-time )*(?:job|work|role|career|position|shifts?) as (?:an? |the )?(?P<v>[a-z][\w '/-]{{2,40}}?)(?=\s*(?:$|[,.;!?]|\b(?:is|and|but|so|at|for|in|has|means|makes|since|leaves|keeps)\b))",
        multiple=False,
    ),
    _presumed(
        "my-pet",
        "pet",
        "identity",
        rf"(?P<v>{_MY}(?:(?:pet|old|little|big|other|rescue|elderly|senior|young|\d+[- ](?:year|month|week)[- ]old|\w+)\s+)?(?:{PETS})(?:,? (?:(?:is |are |'s )?(?:called|named) )?(?-i:[A-Z][a-z'-]+)(?: and (?-i:[A-Z][a-z'-]+))?)?)(?=[\s,.!?']|$)(?! (?:allergy|allergies|person|food|house|sitter|toy|breed|show))",
        plain=False,
        confidence=0.7,
        check=lambda v: (
            not re.search(
                r"\b(?:friend|neighbou?r|sister|brother|mum|mom|dad|favou?rite|dream|next|spirit|hot|computer|wireless|piggy)\b",
                v,
                re.I,
            )
        ),
    ),
    _presumed(
        "my-children",
        "family",
        "identity",
        rf"{_MY}(?P<v>(?:(?:two|three|four|five|\d+|twin|teenage|teen|newborn|adopted|\d+[- ]?(?:year|month|week)s?[- ]old|\d+ ?(?:yo|y/o|yr old|yrs old))\s+)+(?:kids|children|sons?|daughters?|boys|girls|baby|child|kid|twins|toddlers?)|toddler|twins|newborn|kids|children|grandkids|grandchildren|stepkids)\b(?! (?:books?|menu|club|hospital|show|'s))",
        plain=False,
    ),
    _presumed(
        "own-name",
        "name",
        "identity",
        r"(?:\A(?:(?:[Hh]i|[Hh]ello|[Hh]ey)[,! ]+(?:all|everyone|there)?[,! ]*)?(?:[Ii]t'?s |[Tt]his is |[Tt]he name'?s |[Tt]he name is )|\A(?:[Hh]i|[Hh]ello|[Hh]ey)[,! ]+)(?P<v>[A-Z][a-z-]+(?: [A-Z][a-z'-]+)?)(?=(?: here| speaking| from)\b|\s*$|[,.!] |, )|\A(?P<w>[A-Z][a-z-]+) here\b|(?P<x>[A-Z][a-z'-]+) is what (?:everyone|everybody|people|my friends|they|most people) calls? me",
        flags=0,
        multiple=False,
        needs=r"(?:(?:here|speaking)\b| from [A-Z]|[Nn]ame|calls? me|[Tt]his is [A-Z][a-z]+\s*$)",
        check=lambda v: (
            not re.fullmatch(
                r"(?:Vegan|Vegetarian|Nurse|Teacher|Student|Doctor|Beginner|Newbie|Diabetic|Just|Not|Over|Right|Up|Down|Out|In|Only|Nothing|Everyone|Everything|Coming|Still|Back|Look|See|Click|Same|The|A|I|We|It|Weather|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Christmas|English|Winter|Summer|Spring|Autumn)(?: .*)?",
                v,
            )
        ),
    ),
)
