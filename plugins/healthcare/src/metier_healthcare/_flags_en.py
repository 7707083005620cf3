# ruff: noqa: E501 -- a table of patterns, one a line
"""English red flags, as patterns over one lower-cased sentence.

What counts as a red flag follows what public bodies list as reasons to call an
ambulance: NIH (heart attack, stroke), MedlinePlus (anaphylaxis, meningitis,
sepsis, poisoning), NHS (head injury, headache, first aid, fever in babies).
A flag with several groups needs a live match of each.
"""

from __future__ import annotations

_NOW = r"(?:am|is|are|'s|'re|'m|was|were|keeps?|started|start|have|has|had|having|got|getting)"
_NOT = r"(?:can't|cannot|can not|could not|couldn't|won't|will not|isn't|is not|not|unable to)"
_CHILD = (
    r"\b(?:baby|newborn|infant|neonate|(?:[1-9]|1[0-1])[- ](?:day|week)s?[- ]old"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven)[- ](?:day|week)s?[- ]old"
    r"|(?:1|2|one|two)[- ]months?[- ]old|(?:[1-9]|1[0-1]) weeks? old)\b"
)
_YOUNG = (
    r"\b(?:newborn|neonate|(?:\d|1\d|2\d|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"[- ]days?[- ]old|(?:[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten|eleven)"
    r"[- ]weeks?[- ]old|(?:1|2|one|two)[- ]months?[- ]old|under (?:3|three) months)\b"
)
_FEVER = (
    r"\b(?:fever|feverish|high temperature|temp(?:erature)? (?:of |is |at |was )?(?:over )?"
    r"(?:38|39|40|41|10[0-6])(?:\.\d)?|(?:38|39|40|41)(?:\.\d)? ?(?:°|degrees|c\b))"
)
_PREGNANT = r"\b(?:pregnant|pregnancy|(?:\d+|[a-z-]+) weeks (?:along|gone))\b"
_DIABETES = r"\b(?:diabet\w+|type (?:1|one)|ketones?|insulin)\b"
_HIT = (
    r"\b(?:(?:hit|bang\w*|bump\w*|knock\w*|smash\w*|struck|crack\w*|injur\w*|hurt) (?:\w+ ){0,3}head"
    r"|head (?:injury|trauma)|(?:fell|fallen|dropped|tumbled) (?:\w+ ){0,6}(?:on|onto|hitting)"
    r" (?:\w+ ){0,2}head|concuss\w+|blow to (?:\w+ )?head)"
)
_AFTER_HIT = (
    r"\b(?:vomit\w*|throwing up|threw up|being sick|drows\w*|sleepy|confus\w*|unconscious|passed out"
    r"|pass out|black(?:ed|ing)? out|knocked out|seizure|fit\b|slurr\w*|double vision|blurr\w*"
    r"|(?:clear )?fluid (?:is )?(?:coming|leaking|from)|bleeding from (?:\w+ ){0,2}ears?"
    r"|(?:can't|cannot|doesn't|won't) (?:\w+ )?(?:remember|wake|walk|stay awake)|memory loss|weak(?:ness)?"
    r"|warfarin|blood thinners?|worst headache|worsening headache|headache (?:is )?getting worse)"
)

PATTERNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "suicide": (
        (
            r"\b(?:want|wanna|wanted|going|plan\w*|thinking (?:of|about)|thought (?:of|about)|ready|tempted"
            r"|urge|decided|trying|tried|wish i could) (?:to |about |of )?(?:\w+ )?(?:kill(?:ing)? (?:myself"
            r"|himself|herself|themsel\w+)|end(?:ing)? (?:my|his|her|their) (?:own )?li(?:fe|ves)"
            r"|end(?:ing)? it all|commit(?:ting)? suicide|suicide\b|hurt(?:ing)? myself"
            r"|harm(?:ing)? myself|take my (?:own )?life|die\b(?! (?:of|from|for|to|laughing|in peace)))",
            r"\b(?:i'm|i am|feel(?:ing|s)?|he's|she's|he is|she is|been|is|was) (?:\w+ )?suicidal\b",
            r"\bsuicidal (?:thoughts?|ideation|feelings?)\b",
            r"\b(?:don't|do not|no longer) want to (?:live|be alive|be here|exist|wake up)(?! in\b| with my| near)",
            r"\b(?:better off (?:dead|without me)|no reason to (?:live|go on)|can't go on (?:living|like this|any ?more)"
            r"|kill(?:ing)? myself|wish (?:i|he|she) (?:was|were) dead|wrote (?:a|my) suicide note|cutting myself"
            r"|self[- ]harm(?:ing|ed)?\b|hang(?:ing)? myself|jump off (?:a|the) (?:bridge|roof|building))",
        ),
    ),
    "chest_pain": (
        (
            r"\b(?:chest|heart) (?:\w+ )?(?:pain|pains|ache|tight(?:ness|ening)?|pressure|hurts?|hurting"
            r"|discomfort|squeez\w+|heaviness|burning)",
            r"\b(?:pain|pains|pressure|tightness|squeezing|heaviness|crushing|stabbing|discomfort|elephant)"
            r" (?:\w+ ){0,5}?(?:in|on|across|around|inside|behind) (?:\w+ ){0,5}(?:chest|breastbone)\b",
            r"\bchest (?:is |feels |felt |feels like )?(?:\w+ ){0,2}?(?:tight|crush\w+|hurting|heavy|in pain)",
            rf"\b(?:{_NOW}|think (?:it's|it is|this is)|could this be|might be|is this) (?:\w+ )?(?:a |an )?"
            r"(?:\w+ )?(?:heart attack|cardiac arrest)\b",
            r"\b(?:pain|numbness|ache)\b.{0,40}\b(?:left arm|jaw)\b.{0,40}\b(?:sweat\w*|breath\w*|chest|nause\w+)",
        ),
    ),
    "stroke": (
        (
            r"\b(?:face|mouth|smile|lip|cheek|eyelid)\b.{0,30}\b(?:droop\w*|dropp(?:ed|ing)|sagg\w+|lopsided|numb"
            r"|paraly\w+|twisted|uneven|crooked|fallen on one side)",
            r"\bdroop\w* (?:\w+ ){0,3}(?:face|mouth|smile)\b|\bfacial droop\w*",
            r"\b(?:slurr\w+|garbled|slur\w* (?:his|her|my|their))(?: \w+){0,3}",
            r"\b(?:suddenly|sudden)\b.{0,40}\b(?:numb\w*|weak\w*|paraly\w+|can't (?:speak|talk|see|walk|move)"
            r"|cannot (?:speak|talk|see|walk|move)|confus\w+|blind\w*|loss of vision|lost (?:\w+ )?(?:vision|sight"
            r"|speech)|vision loss|trouble (?:speaking|seeing|walking))",
            r"\b(?:one|left|right)(?: whole)?(?: entire)? side\b.{0,40}\b(?:numb\w*|weak\w*|paraly\w+|not moving"
            r"|can't move|cannot move|won't move|limp)",
            r"\b(?:numb\w*|weak\w*|paraly\w+)\b.{0,30}\b(?:one|left|right|whole) side\b",
            r"\b(?:can't|cannot|couldn't|unable to) (?:lift|raise|move|feel) (?:his|her|my|their|one|the) (?:left |right |one )?"
            r"(?:arm|leg|hand|side)\b.{0,60}\b(?:face|speech|speak|talk|droop\w*|slurr\w*|sudden\w*)",
            rf"\b(?:{_NOW}|think (?:it's|it is|this is|he|she|he's|she's|i'm)|could this be|might be|is this)"
            r" (?:\w+ ){0,2}?(?:a |an )?(?:mini[- ])?stroke\b(?! of)",
        ),
    ),
    "breathing": (
        (
            rf"\b{_NOT} (?:\w+ ){{0,2}}?(?:breathe|breathing|catch (?:\w+ )?breath|get (?:any |enough )?air)\b",
            r"\b(?:struggl\w+|fight\w+|gasp\w+|hard|harder|difficult\w*|trouble|labou?red|laboring)"
            r" (?:\w+ ){0,2}?(?:to breathe|for (?:\w+ )?(?:breath|air)|breathing|with breathing)\b",
            r"\b(?:stopped|stops|not) breathing\b|\bgasping\b",
            r"\b(?:lips|face|fingers|skin)\b.{0,20}\b(?:blue|bluish|turning blue|grey|gray)\b",
            r"\b(?:severe(?:ly)?|very|suddenly|extremely|sudden|so) (?:short(?:ness)? of breath|breathless\w*)",
            r"\b(?:choking|choked) (?:on|and|now)\b|\b(?:is|am|'s) choking\b(?! up)",
            r"\btoo breathless to (?:talk|speak|walk|eat)\b",
            r"\basthma attack\b.{0,60}\b(?:inhaler|reliever|not (?:working|helping)|can't|getting worse|severe|right now)",
            r"\b(?:inhaler|reliever)\b.{0,40}\b(?:isn't|is not|not|doesn't|won't) (?:\w+ )?(?:work\w*|help\w*)",
            r"\bchest (?:is )?(?:sucking|pulling) in\b|\bribs? (?:are )?(?:sucking|pulling) in\b",
        ),
    ),
    "anaphylaxis": (
        (
            r"\b(?:throat|tongue|airway)\b(?: \w+){0,3}? (?:swell\w*|swollen|clos(?:ing|ed)|tighten\w*|tight)\b",
            r"\b(?:swell\w*|swollen) (?:\w+ ){0,3}(?:tongue|throat|lips and face|face and lips)\b",
            r"\b(?:having|going into|in|had a) (?:an? )?(?:anaphyla\w+)",
            r"\banaphyla\w+ (?:right )?now\b|\b(?:used|need) (?:\w+ )?(?:epi-?pen|adrenaline pen)\b",
            r"\b(?:bee|wasp|sting|stung|peanut\w*|nuts?|shellfish|penicillin|amoxicillin|allerg\w+)\b.{0,80}"
            r"\b(?:wheez\w+|can't breathe|lips (?:are )?(?:swell\w*|swollen)|face (?:is )?(?:swell\w*|swollen"
            r"|puff\w+)|faint\w*|collaps\w+|throat)",
            r"\b(?:lips|face|eyes)\b.{0,20}\b(?:swell\w*|swollen)\b.{0,60}\b(?:hives|after eating|breath\w*|wheez\w*|sting|stung)",
        ),
    ),
    "bleeding": (
        (
            r"\b(?:won't|will not|doesn't|does not|can't|cannot|isn't|not) (?:stop|stopping|be stopped)"
            r" (?:the )?bleeding\b|\bbleeding (?:\w+ ){0,4}?(?:won't|will not|doesn't|isn't|not|can't) (?:be )?stop",
            r"\b(?:bleeding|blood)\b.{0,20}\b(?:heavily|profusely|badly|everywhere|spurt\w*|gush\w*|pouring|pumping)",
            r"\b(?:spurt\w+|gush\w+|pouring|squirting) (?:\w+ )?blood\b|\blosing (?:a lot of|lots of|so much) blood\b",
            r"\b(?:vomit\w*|throwing up|threw up|cough\w*(?: up)?|puk\w+) (?:\w+ ){0,3}?blood\b",
            r"\b(?:black|tarry|bloody) (?:and )?(?:tarry )?(?:stools?|poo|poop)\b.{0,60}\b(?:dizz\w+|faint\w*|weak|vomit\w*|pale)",
            r"\bsevered?\b.{0,20}\b(?:finger|hand|arm|leg|artery|toe)|\b(?:stabbed|shot) (?:me|him|her|in|myself)\b",
            r"\bdeep (?:cut|wound|gash)\b.{0,60}\b(?:blood|bleeding|bone)",
        ),
    ),
    "overdose": (
        (
            r"\b(?:took|taken|swallowed|ate|eaten|drank|drunk|ingested|have had) (?:\w+ ){0,3}?(?:whole (?:bottle|box|pack)"
            r"|too many|(?:1[0-9]|[2-9]\d|\d{3,}|ten|twelve|fifteen|twenty|thirty|forty|fifty) (?:\w+ ){0,3}?(?:pills?|tablets?"
            r"|capsules?|paracetamol|tylenol|panadol|sleeping pills|aspirins?))",
            r"\b(?:took|taken|swallowed) (?:\w+ )?(?:too much|double|an overdose|all (?:my|his|her|the)) (?:of )?(?:\w+ ){0,3}?"
            r"(?:pills?|tablets?|medicin\w+|medication|paracetamol|tylenol|acetaminophen|insulin|warfarin|codeine|tablets)",
            rf"\b(?:{_NOW}|i've|has|have) (?:\w+ )?(?:overdosed|overdosing|an overdose)\b(?! on (?:chocolate|sugar|netflix|tv|coffee|cute\w*|memes|christmas))",
            r"\boverdosed on (?!chocolate|sugar|netflix|tv|coffee|cute|memes|christmas)\w+",
            r"\b(?:swallowed|drank|drunk|ate|eaten|ingested|licked|drinking|eating)\b.{0,30}\b(?:bleach|detergent|antifreeze"
            r"|pesticide|weed ?killer|rat poison|poison|battery|batteries|drain cleaner|petrol|gasoline|paraffin|disinfectant"
            r"|washing (?:pod|liquid)|laundry pod|dishwasher tablet|nail polish remover|magnets?|paraquat)",
            r"\b(?:been|was|is|i'm|he's|she's) (?:\w+ )?poisoned\b|\bcarbon monoxide\b.{0,60}\b(?:alarm|headache|dizz\w+|sick|faint\w*|poison\w*)",
            r"\b(?:child|toddler|baby|son|daughter|kid|year[- ]old|grand\w+)\b.{0,60}\b(?:swallowed|ate|eaten|drank|got into|took)\b"
            r".{0,30}\b(?:my|his|her|their|our|some|the|grand\w+)?.{0,12}\b(?:pills?|tablets?|medicin\w+|medication)",
        ),
    ),
    "meningitis": (
        (r"\bstiff (?:\w+ )?neck\b|\bneck (?:is |feels )?(?:\w+ )?stiff\b|\b(?:can't|cannot) (?:bend|touch) (?:\w+ ){0,3}(?:neck|chin)",),
        (_FEVER, r"\b(?:rash|headache|light hurts|photophobia|bright lights?|vomit\w*|confus\w+)"),
    ),
    "meningitis_rash": (
        (
            r"\b(?:rash|spots?)\b.{0,60}\b(?:(?:doesn't|does not|won't|not|don't) (?:fade|disappear|go away|blanch|turn white"
            r"|fading|blanching)|non-?blanching|glass test|purple|bruise-?like)",
            r"\bnon-?blanching\b|\b(?:purple|blotchy purple) (?:rash|spots)\b",
        ),
        (_FEVER, r"\b(?:unwell|ill|sick|floppy|drowsy|lethargic|vomit\w*|headache|child|baby|toddler|son|daughter|press\w*|glass)"),
    ),
    "seizure": (
        (
            rf"\b(?:{_NOW}|goes into|went into|just had|have) (?:\w+ ){{0,2}}?(?:a |an |another )?(?:\w+ )?(?:seizure|convulsion|fit)s?\b"
            r"(?! (?:of|in|into|for|with|well|and healthy))",
            r"\b(?:is|am|are|'s|been|started|keeps) (?:\w+ )?(?:convulsing|seizing|fitting)\b(?! in| well| room)",
            r"\bseizure (?:has )?(?:lasted|lasting|won't stop|for \d+)",
        ),
    ),
    "unconscious": (
        (
            r"\b(?:is|are|'s|was|found|lying|gone|went|becoming|became|now) (?:\w+ ){0,3}?(?:unconscious|unresponsive)\b",
            r"\b(?:won't|can't|cannot|couldn't|not|doesn't|isn't|unable to|hard to|difficult to) (?:\w+ ){0,2}?(?:wake (?:up|him|her|them|my)"
            r"|wake|waking(?: up)?|be woken|respond(?:ing)?)\b(?! to (?:my|the|emails?|texts?|messages?|treatment))",
            r"\b(?:just |has |have |suddenly )(?:collapsed|passed out|blacked out)\b|\bcollapsed (?:and|on|in|just|suddenly)\b",
            r"\bno pulse\b|\bheart (?:has )?stopped\b(?! when)|\bfloppy and (?:\w+ )?(?:unresponsive|drowsy|pale)",
        ),
    ),
    "pregnancy": (
        (_PREGNANT,),
        (
            r"\b(?:bleed\w*|blood|haemorrhag\w+|hemorrhag\w+)\b",
            r"\b(?:severe|sharp|terrible|intense|unbearable|bad|agonising|excruciating) (?:\w+ ){0,3}?(?:pain|cramps?|cramping|headache)",
            r"\b(?:baby|he|she) (?:\w+ ){0,2}?(?:isn't|is not|not|hasn't|stopped|has stopped) (?:\w+ )?(?:mov\w+|kick\w+)",
            r"\b(?:baby|fetal|foetal) (?:movements?|kicks?)\b.{0,30}\b(?:less|reduced|stopped|fewer)|\bwaters? (?:have |has |just )?broke\w*",
            r"\b(?:headache|swollen face|face (?:is )?swollen)\b.{0,60}\b(?:vision|flashing|seeing spots|blurr\w*|swell\w*|swollen)",
        ),
    ),
    "infant_fever": ((_YOUNG,), (_FEVER,)),
    "infant_ill": (
        (_CHILD, r"\b(?:toddler|child|son|daughter|kid|year[- ]old|months?[- ]old)\b"),
        (
            r"\b(?:floppy|limp|lethargic|mottled|sunken (?:soft spot|fontanelle|eyes)|bulging (?:soft spot|fontanelle))\b",
            r"\bno wet (?:nappy|nappies|diapers?)\b|\bhigh[- ]pitched cr(?:y|ying)\b",
        ),
    ),
    "head_injury": ((_HIT,), (_AFTER_HIT,)),
    "thunderclap": (
        (
            r"\b(?:worst|most (?:severe|painful)) (?:\w+ )?(?:headache|head pain|migraine)\b.{0,40}\b(?:life|ever|had)\b",
            r"\bthunder ?clap\b(?: headache)?",
            r"\b(?:sudden(?:ly)?|out of nowhere|instant\w*|all at once)\b.{0,40}\b(?:severe|terrible|excruciating|extremely painful|agonising|blinding|explosive|intense|worst)"
            r" (?:\w+ )?(?:headache|head pain|pain in (?:my|his|her) head)",
            r"\b(?:severe|terrible|excruciating|agonising|blinding|explosive|intense) (?:\w+ )?headache\b.{0,60}\b(?:sudden\w*|out of nowhere|within (?:seconds|a minute))",
            r"\b(?:severe|terrible|bad|worst|intense) headache\b.{0,60}\b(?:stiff neck|confus\w+|loss of vision|lost (?:\w+ )?vision|can't see|slurr\w*|seizure)",
            r"\b(?:like being|was) hit (?:on|in) the (?:back of the )?head\b.{0,40}\bheadache|\bheadache\b.{0,40}\blike (?:being|i was) hit",
        ),
    ),
    "dka": (
        (_DIABETES,),
        (
            r"\b(?:fruity|pear drops?|nail (?:polish|varnish) remover|acetone)\b",
            r"\b(?:ketones?|ketone level\w*) (?:\w+ ){0,3}?(?:high|very high|over|above|3|4|5|6|positive|large)\b|\bhigh ketones\b",
            r"\b(?:blood )?(?:sugar|glucose)\b.{0,40}\b(?:very high|over (?:300|400|500|600|20|25|30)|(?:3|4|5|6)\d\d\b|(?:2[0-9]|3[0-9])\b|reads? hi(?:gh)?\b|keeps rising)"
            r".{0,80}\b(?:vomit\w*|throwing up|sick|belly|stomach|confus\w+|drows\w*|breath\w*)",
            r"\b(?:vomit\w*|throwing up)\b.{0,80}\b(?:breathing (?:fast|deep\w*|rapidly)|confus\w+|drows\w*|very thirsty|high (?:blood )?sugar)",
            r"\b(?:passed out|unconscious|can't wake|cannot wake|won't wake|unresponsive|very confused)\b",
        ),
    ),
    "sepsis": (
        (
            r"\b(?:have|has|having|is|am|think (?:it's|i have|he has|she has)|going) (?:\w+ ){0,2}?(?:sepsis|septic|septicaemia|septic shock)\b",
            r"(?:\b(?:infect\w+|fever|temperature|wound|uti|pneumonia|shiver\w*|chills)\b).{0,100}\b(?:confus\w+|disoriented|delirious"
            r"|slurr\w*|mottled|blotchy|blue lips|not (?:peed|passed urine|weed)|hasn't (?:peed|passed urine|weed)|breathing (?:very )?fast|heart (?:is )?racing and)",
            r"\b(?:confus\w+|disoriented|delirious|mottled)\b.{0,100}\b(?:infect\w+|fever|high temperature|uti|pneumonia|shivering)\b",
        ),
    ),
    "cauda_equina": (
        (r"\bback (?:pain|ache|hurts?)|\bbackache\b|\bsciatica\b|\bslipped disc\b|\bback\b",),
        (
            r"\bnumb\w*\b.{0,40}\b(?:groin|genital\w*|buttocks?|saddle|inner thighs?|between (?:my|his|her|the) legs|private)",
            r"\b(?:lost|losing|loss of|no|can't|cannot) (?:\w+ ){0,2}?(?:bladder|bowel|pee|control of (?:my|his|her) (?:bladder|bowels?))",
        ),
    ),
}  # fmt: skip

IDIOMS: tuple[str, ...] = (
    r"\b(?:gave|give|giving|gives|nearly gave|almost gave) (?:me|him|her|us|my \w+) (?:\w+ )?(?:a )?(?:mini )?(?:heart attack|stroke|seizure)",
    r"\b(?:nearly|almost|practically|about) (?:had|have|having) (?:a )?(?:heart attack|stroke|seizure|fit)",
    r"\b(?:have|having|had|throw\w*|threw) a (?:hissy |laughing |coughing |sneezing )?fit\b(?= (?:of|when|if|about|over|because))",
    r"\bfits? of (?:laughter|giggles|rage|anger|coughing|sneezing)|\bhissy fit\b|\bfighting fit\b|\bfit (?:and|as)\b",
    r"\bstroke of (?:luck|genius|midnight|a pen|the pen|work|brilliance)|\b(?:breast|back|brush|swim\w*|butterfly|golf|tennis|key)[- ]?strokes?\b",
    r"\bstrok(?:e|ing) (?:the|my|his|her|a|your) (?:cat|dog|hair|beard|fur|chin|ego|kitten|horse)",
    r"\b(?:dying|died|die) (?:of|from) (?:laughter|laughing|boredom|embarrassment|curiosity|shame|cringe)|\bdying to (?:know|see|try|meet|eat|hear)",
    r"\b(?:kill|killing|killed|kills) me\b(?= (?:softly|with|to|that|today|lately)|[.!,]|$)|\bi could kill (?:for|him|her|my)\b|\bdressed to kill\b|\bif looks could kill\b",
    r"\b(?:breath-?taking|takes? my breath away|took my breath away|breath of fresh air|room to breathe|breathe easy|breathing room|breathing space)\b",
    r"\bbleeding[- ]edge\b|\bbleeding heart\b|\bbleeding money\b|\bblood,? sweat|\bblood orange\b|\bbad blood\b|\bin cold blood\b",
    r"\b(?:choked|choking|choke) up\b|\bchoke artist\b|\bchoking (?:in|under) (?:the|pressure)",
    r"\bheart (?:ache|aches|aching|hurts?|is breaking|breaks?|broken)\b(?= for| when i (?:see|think|hear)| that| because (?:she|he|of|my)| over)",
    r"\b(?:my )?heart (?:has )?stopped when\b|\bheart (?:skipped|melts?)\b|\bget (?:it|this|that|something) off (?:my|his|her) chest\b|\bchest of drawers\b",
    r"\bsuicide (?:squad|prevention (?:day|month|week|training|course)|mission|rates?|statistics|hotline number)\b|\b(?:political|career|social|financial) suicide\b",
    r"\bpoison(?:ed)? (?:ivy|oak|sumac|chalice)\b|\bpick your poison\b|\bseizure of (?:power|assets|property|goods|drugs)|\basset seizure\b",
    r"\b(?:allergic) to (?:mondays|work|mornings|exercise|bullshit|nonsense)\b|\bsugar (?:rush|crash)\b",
    r"\b(?:computer|laptop|phone|server|app|car|engine|pc|battery|printer|internet)\b.{0,30}\b(?:unresponsive|dead|died|choking|won't wake|not responding|collapsed)",
    r"\bsuffocating (?:job|relationship|atmosphere)|\bwant to die (?:of|from) (?:embarrassment|shame)|\bto die for\b",
)  # fmt: skip

EDUCATION = (
    r"\b(?:what (?:are|is|were|causes?|does|do|happens|would|kind|should (?:someone|a person|people|you|one))|what's (?:a|an|the)|how (?:does|do|is|are|can|common|long|to|many|dangerous|serious|should (?:someone|you|one))"
    r"|why (?:does|do|is|are)|when should (?:someone|you|one|people)|who (?:can|gets|is)|which|define|explain|describe|tell me (?:about|what|how)|can (?:\w+ ){1,4}?(?:cause|lead|trigger|give)"
    r"|is (?:it|there|a|an|\w+) (?:\w+ ){0,5}?(?:dangerous|serious|common|contagious|a symptom|a sign|hereditary|preventable)"
    r"|(?:symptoms?|signs?|causes?|definition|treatment|prevention|risk factors?|difference) (?:of|for|between)|does (?:a |an )?(?:\w+ ){1,4}?(?:cause|mean|increase|raise|lead)|do (?:\w+ ){1,4}?(?:cause|mean|increase|raise|lead)"
    r"|information (?:on|about)|learn (?:about|how)|teach(?:ing)?|curious (?:about|what|how)|first aid (?:for|course|training)|recogni[sz]e|how do (?:i|you|we) (?:know|tell|spot|recogni[sz]e|prevent|reduce|lower|treat|help)"
    r"|reduce (?:my|the|your) (?:risk|chance)|risk of|chances? of|afraid of|worried about (?:having|getting) (?:a|an)|prevent\w*)"
)  # fmt: skip

SPECIFIC = (
    r"\b(?:i'm|i am|i've|i have|i had|i feel|i felt|i keep|i can't|i cannot|i got|i just|i took|i think i|i suddenly|i woke|i want to|i started|me\b(?! about| what| how| the)|myself"
    r"|my (?:own )?(?!risk|chance|essay|exam|class|course|novel|book|question|homework|training|blood pressure medicine)\w+|he|she|he's|she's|his|her|him|our|they're|this (?:man|woman|guy|lady|person|kid|child)"
    r"|someone (?:here|next to me|just|has just|is|beside)|somebody (?:here|next to me|just|is)|a (?:man|woman|stranger|passenger|colleague|customer|kid|child|student) (?:here|next to me|just|is|has|on the)"
    r"|the (?:baby|kid|child|patient|man|woman)|baby is|mum|mom|dad|grandma|grandpa|husband|wife|right now)\b"
)  # fmt: skip

HYPOTHETICAL = (
    r"\b(?:if (?:someone|somebody|a person|anyone|you|one|people|a (?:child|baby|man|woman|patient|friend|colleague|stranger))|in case (?:of|someone|i ever)|if i (?:ever|had|were|was to|got)|if i'd|were to|suppose|imagine|what if i (?:had|ever|got)|should i ever|hypothetically"
    r"|in (?:the|a|my|this) (?:movie|film|novel|book|story|game|series|episode|scene|show|play|exam|quiz|textbook|essay|script|case study|dream)|(?:the|my) (?:character|protagonist|hero|villain)|(?:for|in|on) (?:my|a|the|our) (?:\w+ )?(?:essay|homework|class|exam|assignment|presentation|course|thesis|novel|script|story|dissertation|blog)"
    r"|(?:i saw|read|watched|heard) (?:\w+ ){0,4}(?:news|article|documentary|post|podcast)|the news|news (?:story|report))\b"
)  # fmt: skip

HISTORY = (
    r"\b(?:last (?:year|month|spring|summer|autumn|winter|fall|january|february|march|april|may|june|july|august|september|october|november|december)"
    r"|(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|several|many|a few|some|couple of) (?:years?|months?|decades?) (?:ago|back|earlier)|(?:years|months|decades|long time) ago"
    r"|(?:in|since|back in|during|around) (?:19|20)\d\d|in the past|previously|formerly|used to (?:have|get|feel|be)|as a (?:child|kid|teen\w*|baby)|when (?:i|he|she) (?:was|were) (?:a |an |little|young|younger|\d+)"
    r"|history of|family history|survived|survivor|recover(?:ing|ed) from|once had|had (?:\w+ )?before\b|ever since (?:my|his|her)|after (?:my|his|her|the|a) (?:\w+ )?(?:heart attack|stroke|seizure|surgery|overdose)"
    r"|following (?:my|his|her|a|the) (?:heart attack|stroke|seizure)|passed away|died (?:of|from)|was diagnosed|back then|ages ago)\b"
)  # fmt: skip

PAST_DIAGNOSIS = r"\b(?:had|has had|have had|'ve had|'s had|suffered|survived) (?:\w+ )?(?:a |an |two |three |\d )?(?:mild |minor |mini[- ]|small |big |massive |previous |first )?(?:heart attacks?|strokes?|seizures?|overdose|febrile convulsions?)\b"

PRESENT = (
    r"\b(?:now|right now|currently|today|tonight|this (?:morning|afternoon|evening)|just|again|still|at the moment|suddenly|(?:minutes?|hours?|mins?|hrs?) ago|since (?:last night|this morning|yesterday|lunch|breakfast)|for the (?:last|past)|keeps?|help)\b"
    r"|\b(?:think|may|might|possibly|could|maybe|believe)\b"
)

NEGATOR = (
    r"\b(?:no(?! (?:idea|one|longer (?:able|breath\w*|respond\w*)|matter|doubt|relief|way|improvement|response|pulse|reaction|help|reason|wet))"
    r"|without|denies|denied|deny|never|nor|neither|(?:do|does|did|has|have|had|is|are|was|were|am|'m|'s|'re|i'm|it's|he's|she's|this is)(?:n't| not) (?:really |currently |actually |feeling )?(?:having|have|had|feel|feeling|felt|get|getting|got|experienc\w+|any|an|been|notic\w*"
    r"|suffer\w*|show\w*|coughing|vomiting|bleeding|suicidal|choking|confused|pregnant|thinking|planning|going to|want|drowsy|unconscious|a)\b"
    r"|not (?:having|had|experiencing|feeling|any|a|an|suicidal|pregnant|bleeding|confused)|free of|rul(?:ed|e|ing) out|instead of|rather than|scared of|fear of|afraid of)\b"
)  # fmt: skip
NEGATION_UNDONE = r"\b(?:like this|this bad|as bad|so bad|this severe|so severe|like it)\b"
SCOPE_END = r"[.;:!?\n]|\b(?:but|however|though|although|except|only|yet|now|and (?:i|he|she|my|his|her|the|now|it)|then|suddenly)\b"
CLAUSE = r"[,;:]|\band (?=(?:i|he|she|now|want|would|can|need|am|is|has|was)\b)|\b(?:but|however|though|although|and now|now|then|yet|while|whereas)\b"
ANAPHORA = (
    r"\b(?:i|he|she|my \w+|we|they) (?:(?:think|believe) (?:i |he |she )?)?(?:have|has|had|'ve got|got|feel|feels|am having|is having) (?:it|this|that|these|those|them|all of (?:them|these|those))\b"
    r"|\b(?:it|this|that) (?:is|'s|has been) happening\b|\bhappening (?:to (?:me|him|her) )?(?:right )?now\b"
)
