"""Who a person is, in English: identity, contact, people and animals, health, work, habits.

Protected attributes are taken only where they are stated in so many words.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from typing import Any

from metier.profile.extraction._english import ADVERB
from metier.profile.extraction._rule import Rule, rule

_I = r"(?<![\w'-])(?:I|we)\s+"
_IM = rf"(?<![\w'-])(?:I'?m|I am|we're|we are|I are)\s+(?:(?:{ADVERB}|very|severely|badly|deathly|mildly|slightly|a bit|already|officially|sadly|proudly|currently|all)\s+){{0,3}}"
_HAVE = r"(?<![\w'-])(?:I have|I've got|we have|we've got|I have got|I got|I suffer from|I live with|I struggle with|I'm living with|I am living with|I deal with|I was born with|I've been diagnosed with|I have been diagnosed with|I was diagnosed with|I got diagnosed with|I'm diagnosed with|I've had|I was recently diagnosed with|I have had|I'm suffering from)\s+(?:(?:also|just|recently|been|always|both)\s+)*"
_NOT = r"(?:not|no longer|not actually|actually not|not really|not even)"
_NAME = r"(?P<v>[A-Z][\w'’\-]*\.?(?:\s+(?:de|van|von|der|la|el|bin|al|O')?\s?[A-Z][\w'’\-]+){0,3})"
_END = (
    r"(?=\s*(?:[,.!?;:()]|$|\b(?:and|but|so|because|since|as|from|by the|please|thanks|now|if)\b))"
)

_NOT_NAMES = frozenset(
    [
        "later",
        "back",
        "when",
        "a",
        "an",
        "at",
        "on",
        "tomorrow",
        "now",
        "if",
        "maybe",
        "crazy",
        "late",
        "asap",
        "today",
        "tonight",
        "anytime",
        "again",
        "the",
        "by",
        "whatever",
        "old",
        "out",
        "in",
        "to",
        "for",
        "sometime",
        "soon",
        "never",
        "not",
        "please",
        "paranoid",
        "silly",
        "naive",
        "lazy",
        "stupid",
        "weird",
        "biased",
        "picky",
        "your",
        "my",
        "dumb",
        "wrong",
        "misspelled",
        "spelled",
        "changed",
        "too",
        "so",
        "on",
        "it",
        "this",
        "that",
        "what",
        "who",
        "i",
        "me",
        "you",
        "him",
        "her",
        "them",
        "us",
        "mad",
        "cheap",
        "stubborn",
        "boring",
        "blunt",
        "fussy",
        "first",
        "last",
    ]
)


_DEMONYM = re.compile(
    r"(?:(?<!m)an|ese|ish|ic|ist|im|ite|i|il|ew|du|kh|ani|ali|ian|or|er|ing|ed)$"
    r"|^(?:South|North|East|West|Roman|Sri|African|Latin|Native|New|Deaf|Blind)\b"
)
"""Endings that words for peoples, faiths and trades have, which a name after a bare "I am"
could have as well: then nothing is learnt, since a wrong name is worse than none."""


def _is_name(value: str) -> bool:
    words = value.split()
    return len(words) <= 4 and not (
        value[0].islower() and any(w.casefold() in _NOT_NAMES for w in words)
    )


_CONDITIONS = (
    r"diabet\w+|asthma\w*|epilep\w+|hypertension|high blood pressure|low blood pressure|high cholesterol|arthritis|rheumati\w+|osteoporosis|migraines?|anemia|anaemia|an[ae]mic"
    r"|coeliac disease|celiac disease|celiac|coeliac|crohn'?s(?: disease)?|colitis|ibs|ckd|irritable bowel(?: syndrome)?|gerd|acid reflux|eczema|psoriasis|rosacea|acne|lupus|fibromyalgia"
    r"|cancer|leuk\w+|tumou?r|heart (?:disease|condition|failure|problems?|murmur)|arrhythmia|afib|atrial fibrillation|pacemaker|kidney (?:disease|failure|stones?|problems?)|liver disease|hepatitis\w*"
    r"|hiv|aids|copd|emphysema|astigmatism|myopia|short-?sighted\w*|near-?sighted\w*|far-?sighted\w*|sleep apn\w+|insomnia|narcolepsy|depression|depressive \w+|anxiety(?: disorder)?|panic (?:attacks|disorder)|ptsd|ocd|adhd|add|bipolar(?: disorder)?|schizophrenia|autis\w+|asperger'?s?|an eating disorder|anorexi\w+|bulimi\w+"
    r"|dyslexi\w+|dyspraxi\w+|dyscalculi\w+|dysgraphia|parkinson'?s(?: disease)?|alzheimer'?s(?: disease)?|dementia|multiple sclerosis|ms|als|cerebral palsy|muscular dystrophy|scoliosis|sciatica|a herniated disc|slipped disc"
    r"|hypothyroid\w*|hyperthyroid\w*|thyroid (?:disease|problems?|condition)|pcos|endometriosis|gout|tinnitus|vertigo|glaucoma|cataracts?|macular degeneration|hearing loss|low vision|colou?r[- ]blind\w*|night blindness"
    r"|motion sickness|vitiligo|alopecia|anaphylaxis|hemophilia|haemophilia|sickle cell(?: disease)?|cystic fibrosis|long covid|chronic fatigue(?: syndrome)?|chronic \w+(?: \w+)?|(?:a |an )?(?:bad|weak|sensitive|broken|injured|sore) (?:back|knees?|hips?|shoulders?|neck|stomach|ankles?|wrists?|heart|legs?|foot|feet|arm)"
    r"|(?:back|knee|hip|shoulder|neck|joint|spine|heart|respiratory|breathing|mobility|digestive|stomach|skin|mental health|balance|vision|hearing|gut|bladder|eye|foot|ankle|wrist|lung|sinus|hormonal|autoimmune|immune|blood sugar|circulation)(?: \w+)? (?:problems?|issues?|pain|condition|disease|disorder|injury|injuries|trouble|impairment|sensitivity|difficulties)"
    r"|(?:lactose|gluten|fructose|histamine|dairy|egg|soy|wheat|sugar|caffeine|alcohol|salicylate|fodmap|sulfite) (?:intolerance|sensitivity)|g6pd deficiency|pku|phenylketonuria|(?:type [12]|gestational|pre)[- ]?diabetes"
    r"|\w+ (?:disease|syndrome|disorder|disability|phobia|deficiency|impairment|injury)|\w+phobia|a stroke|a concussion|a disability|a medical condition|a heart attack|an ulcer|ulcers"
)
HEALTH = re.compile(
    rf"\b(?:{_CONDITIONS}|allerg\w+|intoleran\w+|medical|medication|medicine|illness|disab\w+|health (?:condition|issue|problem|concern)s?|pregnan\w+|breastfeeding|sensitive (?:skin|stomach|teeth|eyes)|phobia|injur\w+|surgery|sick\w*|trauma\w*|genetic \w+|dietary (?:needs|restrictions)|chronic\w*|therap\w+|diagnos\w+|wheelchair)\b"
    r"|过敏|不耐受|疾病|糖尿病|高血压|哮喘|抑郁|焦虑症|怀孕|孕|手术|受伤|残疾|病",
    re.I,
)
"""Words that tell of somebody's health: a value with one of them is of the health category."""

_DRUGS = r"(?:an? )?(?:antibiotics?|painkillers?|statins?|blood thinners?|antidepressants?|antihistamines?|beta[- ]blockers?|ssris?|steroids?|chemo(?:therapy)?|birth control|the pill|hrt|insulin|nsaids?|opioids?|sedatives?|sleeping pills|diuretics?|immunosuppressants?|anticoagulants?|inhalers?|aspirin|ibuprofen|paracetamol|acetaminophen|tylenol|advil|metformin|warfarin|lithium|levothyroxine|thyroxine|prednisone|prednisolone|methotrexate|adderall|ritalin|xanax|prozac|zoloft|ozempic|viagra|digoxin|heparin|clopidogrel|gabapentin|tramadol|morphine|codeine|iron (?:tablets|supplements|pills)|folic acid|[a-z]{3,12}(?:pril|sartan|statin|olol|cillin|mycin|cycline|azole|prazole|azepam|zolam|oxetine|traline|tidine|gliptin|gliflozin|glutide|floxacin|ximab|zumab|thiazide|semide|dipine|triptan|setron|lukast|barbital|mide|xaban|profen))"
_ADJ_CONDITIONS = r"diabetic|pre-?diabetic|asthmatic|epileptic|autistic|dyslexic|dyspraxic|dyscalculic|an[ae]mic|hypertensive|bipolar|hiv[- ]positive|immunocompromised|neurodivergent|arthritic|claustrophobic|agoraphobic|hypoglyc[ae]mic|hypothyroid|h[ae]mophiliac|bulimic|anorexic|paraplegic|quadriplegic|coeliac|celiac|on dialysis|an? (?:diabetic|asthmatic|epileptic|coeliac|celiac|h[ae]mophiliac|cancer survivor|amputee|recovering alcoholic|recovering addict)|in remission|obese|overweight|infertile|menopausal"
_ACCESS = r"(?:legally |partially |almost |completely |totally |profoundly |half |hard[- ]of[- ])?(?:blind|deaf|mute|colou?r[- ]?blind|hearing|hearing[- ]impaired|visually[- ]impaired|partially sighted|deaf-blind|deafblind)(?: in (?:one|my left|my right) (?:eye|ear))?|in a wheelchair|a wheelchair[- ]user|wheelchair[- ]bound|disabled|dyslexic|non-?verbal|photosensitive|light-sensitive|left-handed"

_DIETS = r"vegan|vegetarian|pescatarian|pescetarian|flexitarian|fruitarian|lacto-vegetarian|ovo-vegetarian|lacto-ovo vegetarian|halal|kosher|gluten[- ]free|dairy[- ]free|lactose[- ](?:intolerant|free)|gluten[- ]intolerant|coeliac|celiac|keto|paleo|carnivore|plant-based|teetotal|raw vegan|low[- ]fodmap"

_JOBS = (
    r"(?:[\w-]+\s+){0,4}?(?:\w{2,}(?:eer|ician|ologist|iatrist|ographer|wright|smith|keeper|ologist|iatric nurse)|nurse|doctor|physician|surgeon|dentist|vet|veterinarian|pharmacist|midwife|paramedic|therapist|counsell?or|psychologist"
    r"|teacher|professor|lecturer|tutor|librarian|principal|researcher|scientist|analyst|programmer|developer|coder|designer|architect|manager|director|consultant|accountant|auditor|lawyer|attorney|paralegal|judge"
    r"|chef|cook|baker|barista|bartender|waiter|waitress|farmer|gardener|driver|pilot|sailor|soldier|veteran|police officer|officer|firefighter|fireman|electrician|plumber|carpenter|builder|welder|painter|artist|musician|singer|actor|actress"
    r"|writer|author|editor|journalist|translator|interpreter|blogger|photographer|filmmaker|producer|entrepreneur|freelancer|founder|ceo|cto|cfo|business owner|shop owner|realtor|estate agent|banker|trader|broker|cashier|clerk|secretary|receptionist|assistant"
    r"|salesperson|salesman|saleswoman|marketer|recruiter|nanny|babysitter|caregiver|carer|cleaner|housekeeper|hairdresser|barber|stylist|beautician|tailor|coach|trainer|athlete|dancer|model|social worker|civil servant|technician|operator|mechanic|courier|student|undergraduate|graduate student|postdoc|intern|apprentice|stay-at-home (?:mom|mum|dad|parent)|homemaker|housewife|retiree|pensioner|executive|biologist|chemist|physicist|mathematician|statistician|geologist|historian|economist|critic|curator|planner|instructor|diver|guard|detective|priest|pastor|monk|nun|imam|rabbi)"
)

_PETS = r"dogs?|cats?|pupp(?:y|ies)|kittens?|rabbits?|bunn(?:y|ies)|hamsters?|guinea pigs?|parrots?|budgies?|birds?|canar(?:y|ies)|goldfish|fish|turtles?|tortoises?|snakes?|lizards?|geckos?|iguanas?|horses?|pon(?:y|ies)|chickens?|hens?|ferrets?|rats?|mice|mouse|goats?|pigs?|donkeys?|chinchillas?|hedgehogs?|axolotls?|retrievers?|labradors?|poodles?|terriers?|bulldogs?|huskies|husky|corgis?|beagles?|spaniels?|collies?|dachshunds?|cockatiels?"
_KIN = r"(?:daughters?|sons?|kids?|child|children|twins?|wife|husband|partner|brothers?|sisters?|siblings?|grandchildren|grandsons?|granddaughters?|boyfriend|girlfriend|fianc[ée]e?|stepson|stepdaughter|baby|toddler)"
_PLACE = r"(?P<v>(?:the )?[A-Z][\w'’\-\.]*(?:(?:,?\s+|,\s*)(?:of |de |la |le |los |las |am |upon |the )?[A-Z][\w'’\-]*){0,4})"
_PLACE_ANY = r"(?P<v>(?!(?:a|an|my|your|this|that|fear|hope|harmony|peace|constant|the (?:past|moment|present|future|same|middle|fast|here|now))\b)[\w'’\-\.]+(?:(?:,?\s+)(?!(?:and|but|so|because|with|since|from|until|for|now|right|at|where|which|as|on|by|if|when|while|these|last|this|next|currently|again|till)\b)[\w'’\-]+){0,4}?)"
_LANGUAGES = r"english|chinese|mandarin|cantonese|spanish|french|german|italian|portuguese|russian|japanese|korean|arabic|hindi|urdu|bengali|turkish|polish|dutch|swedish|norwegian|danish|finnish|greek|hebrew|vietnamese|thai|indonesian|malay|tagalog|filipino|ukrainian|czech|romanian|hungarian|persian|farsi|swahili|catalan|punjabi|tamil|telugu|marathi|gujarati|asl|bsl|sign language|american sign language|british sign language|basque|welsh|irish|afrikaans|serbian|croatian|bulgarian|slovak|hausa|yoruba|zulu|amharic|latin|esperanto|nepali|sinhala|burmese|khmer|lao|mongolian|georgian|armenian|kurdish|somali|albanian|estonian|latvian|lithuanian|icelandic"
_FAITHS = r"(?:a |an )?(?:devout |practi[cs]ing |observant |strict |orthodox |conservative |reform |liberal |sunni |shia |roman |non-practi[cs]ing |lapsed |born-again |secular |very |evangelical |mahayana )*(?:muslim|christian|catholic|protestant|jewish|jew|hindu|buddhist|sikh|jain|mormon|jehovah'?s witness|atheist|agnostic|quaker|baptist|lutheran|methodist|anglican|orthodox|evangelical|pagan|wiccan|taoist|baha'?i|rastafarian|seventh-day adventist|presbyterian|shinto|religious)"
_PARTIES = r"(?:a |an )?(?:registered |lifelong |staunch |proud |committed |card-carrying |moderate |party member of the |member of the )*(?:democrat|republican|conservative|liberal|socialist|communist|libertarian|tory|labour (?:voter|supporter|member|party member)|green (?:voter|party member)|labour party|conservative party|green party|democratic party|republican party|communist party|anarchist|left-wing|right-wing|leftist|centrist|progressive|marxist|social democrat)"
_ORIENTATIONS = r"(?:a |an )?(?:openly |proudly )?(?:gay(?: (?:man|woman|person))?|lesbian|bisexual|bi|straight|heterosexual|homosexual|asexual|pansexual|queer|transgender|trans(?: (?:man|woman|person))?|non-?binary|genderqueer|genderfluid|intersex|lgbtq?\+?)"
_ORIGINS = r"(?:a |an )?(?:half[- ])?(?:black|white|asian|african[- ]american|asian[- ]american|chinese[- ]american|mexican[- ]american|hispanic|latino|latina|latinx|native american|indigenous|aboriginal|m[aā]ori|romani|roma|mixed[- ]race|biracial|multiracial|han chinese|uyghur|tibetan|kurdish|arab|south asian|east asian|pacific islander|afro-\w+|caucasian|inuit|sami|berber|hmong|of \w+ (?:descent|origin|heritage))"
_NATIONS = r"(?:an? )?(?:american|british|english|scottish|welsh|irish|french|german|spanish|italian|portuguese|chinese|japanese|korean|indian|pakistani|bangladeshi|canadian|australian|mexican|brazilian|argentin(?:e|ian)|chilean|colombian|peruvian|russian|ukrainian|polish|dutch|belgian|swiss|austrian|swedish|norwegian|danish|finnish|greek|turkish|egyptian|moroccan|nigerian|kenyan|ghanaian|ethiopian|south african|israeli|iranian|iraqi|syrian|lebanese|saudi|vietnamese|thai|filipino|filipina|indonesian|malaysian|singaporean|taiwanese|hungarian|czech|romanian|bulgarian|serbian|croatian|cuban|jamaican|nepali|sri lankan|new zealander|icelandic)(?: citizen| national)?"


def _health(name: str, slot: str, pattern: str, **more: Any) -> Rule:
    given: dict[str, Any] = {"multiple": True, "constraint": True, "confidence": 0.95, **more}
    return rule(name, slot, "health", pattern, **given)


RULES: tuple[Rule, ...] = (
    rule(
        "no-name",
        "name",
        "identity",
        r"\b(?:don't|do not|never|stop) call(?:ing)? me (?P<v>[A-Z][\w'-]+|[a-z]+)(?: any ?more| again| please)?(?=\s*(?:$|[,.!]))",
        retracts=True,
    ),
    # Names.
    rule(
        "name",
        "name",
        "identity",
        rf"(?:\b[Mm]y (?:(?:full|real|first|preferred|given|legal) )?name(?:'s| is|s)(?: actually| really)?|\b(?:[Pp]lease )?(?:just )?[Cc]all me|\b[Yy]ou (?:can|may|should) call me|\b[Ii] (?:go by|prefer to be called|like to be called|would like to be called|want to be called)|\b[Ii]'d (?:like|prefer|rather) (?:you )?(?:to )?(?:be called|call me)|\b[Ii](?:'m| am) (?:called|named)|\b(?:[Pp]eople|[Ee]veryone|[Ff]riends|[Mm]y friends|[Tt]hey) call me)\s+(?:by (?:my (?:first|last) name,? )?)?{_NAME}",
        0,
        check=_is_name,
    ),
    rule(
        "name-greeting",
        "name",
        "identity",
        rf"^\s*(?:(?:[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:morning|afternoon|evening))(?: there| everyone| all)?[,!. ]+)(?:[Ii]'?m|[Ii] am|[Tt]his is|[Mm]y name is)\s+{_NAME}(?=\s*(?:[,.!?]|$| and\b| from\b|, ))",
        0,
        check=_is_name,
    ),
    rule(
        "name-im",
        "name",
        "identity",
        r"^\s*(?:[Ii]'?m|[Ii] am) (?P<v>[A-Z][a-zà-ÿ]+(?: [A-Z][a-zà-ÿ]+)?)(?=\s*$|,)",
        0,
        confidence=0.6,
        check=lambda v: (
            not _DEMONYM.search(v)
            and not re.fullmatch(
                rf"(?:{_NATIONS}|{_FAITHS}|{_ORIGINS}|{_PARTIES}|{_ORIENTATIONS}|Sorry|Done|Back|Here|Vegan|Vegetarian|Looking|Fine|Good|Ok(?:ay)?|Sure|Not|Happy|Tired|Sick|Diabetic|Just|Very|So|Also|Afraid|Interested|New|Late|Scorpio|Leo|Aries|Taurus|Gemini|Cancer|Virgo|Libra|Sagittarius|Capricorn|Aquarius|Pisces)",
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
        check=_is_name,
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
        rf"{_IM}(?:an? )?(?:\d+[- ]year[- ]old )?(?P<v>man|woman|male|female|guy|girl|boy)(?=\s*(?:$|[,.!]|\b(?:and|in|of|from|with|who|aged|living)\b))",
    ),
    rule(
        "nationality", "nationality", "identity", rf"{_IM}(?:originally )?(?P<v>{_NATIONS}){_END}"
    ),
    rule(
        "origin",
        "origin",
        "identity",
        rf"(?:\b[Ii](?:'?m| am| come|'m originally| am originally| originally come)\s+(?:originally )?from|\b[Ii] (?:was born|was born and raised|grew up|was raised) in)\s+{_PLACE}",
        0,
        confidence=0.8,
        plain=True,
    ),
    # Special categories: only what is stated in so many words.
    rule("religion", "religion", "religion", rf"{_IM}(?P<v>{_FAITHS}){_END}"),
    rule(
        "no-religion",
        "religion",
        "religion",
        rf"(?<![\w'-])(?:I'?m|I am) {_NOT} (?P<v>{_FAITHS}){_END}",
        retracts=True,
    ),
    rule(
        "politics",
        "politics",
        "politics",
        rf"(?:{_IM}|{_I}(?:vote|voted|always vote|identify as|support the|belong to the)\s+)(?P<v>{_PARTIES}){_END}",
    ),
    rule(
        "orientation",
        "orientation",
        "orientation",
        rf"(?:{_IM}|{_I}identify as\s+)(?P<v>{_ORIENTATIONS}){_END}",
    ),
    rule(
        "ethnicity",
        "ethnicity",
        "ethnicity",
        rf"(?:{_IM}|{_I}identify as\s+)(?P<v>{_ORIGINS}){_END}",
    ),
    rule(
        "union",
        "union",
        "union",
        rf"(?:{_IM}(?:a |an )?(?P<v>(?:trade |labou?r )?union (?:member|rep|representative|organi[sz]er|steward))|{_I}belong to (?:a|the) (?P<w>(?:[\w-]+ ){{0,3}}union))\b",
    ),
    rule(
        "criminal",
        "criminal",
        "criminal",
        rf"(?:{_I}(?:have|was|'ve been|have been)\s+(?P<v>(?:a )?(?:criminal record|convicted (?:of|for) [\w ]{{3,40}}|(?:a )?felony(?: conviction)?|arrested for [\w ]{{3,40}}|in prison[\w ]{{0,30}}|on (?:parole|probation)))|{_IM}(?P<w>on (?:parole|probation)|an ex-(?:con|offender|convict)|a (?:convicted )?felon))",
    ),
    rule(
        "genetics",
        "genetics",
        "genetics",
        rf"{_I}(?:carry|have|tested positive for|am a carrier of)\s+(?:the |a )?(?P<v>[\w -]{{2,30}}(?:gene|mutation|variant)(?: [\w ]{{2,20}})?)\b",
    ),
    # Health.
    _health(
        "no-allergy",
        "allergy",
        rf"(?<![\w'-])I(?:'?m| am) {_NOT} (?:at all )?all?ergic to (?P<v>[a-z][\w \-]{{1,60}}?)(?=[.!?;,]|\bany ?more\b|\bany longer\b|\bbut\b|$)",
        retracts=True,
        split=True,
    ),
    _health(
        "no-allergy-have",
        "allergy",
        r"(?<![\w'-])I (?:no longer have|don't have|do not have|outgrew|have outgrown|'ve outgrown|got over)\s+(?:an?|any|my|the)(?: \w+)? (?P<v>[a-z]+(?: [a-z]+)?) allergy\b",
        retracts=True,
    ),
    _health(
        "allergy",
        "allergy",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?)all?ergic to (?P<v>[a-z][\w ,'\-/]{{1,120}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|, (?:what|can|should|is|which|and (?:i|what|can))|\b(?:which|that|and (?:i|my|can|avoid|cannot|must|have|also|it|need|prefer|love|am|live))\b|$)",
        split=True,
    ),
    _health(
        "allergy-have",
        "allergy",
        rf"(?:{_HAVE}|\bwith my |\bdue to my |\bbecause of my |\bdue to an? |\bbecause of an? |\bdue to |\bgiven my |\bmy )(?:an? |some |several |multiple )?(?:(?:severe|serious|bad|mild|strong|life-threatening|known|terrible|slight|extreme|deadly|major|food|lifelong|acute|diagnosed)\s+)*(?P<v>[a-z][\w-]+(?: (?:and|or|&) [a-z]+(?: [a-z]+)?)?(?:,? [a-z]+)?(?<!skin)(?<!severe)(?<!food)(?<!my)) allerg(?:y|ies)\b",
        split=True,
        check=lambda v: (
            not re.fullmatch(
                r"(?:any|some|many|no|food|severe|several|my|the|an?|new|bad|serious|multiple|these|those|other|skin|have|this|seasonal)",
                v,
                re.I,
            )
        ),
    ),
    _health(
        "allergy-to",
        "allergy",
        rf"(?:{_HAVE}|\bmy |\bdue to )(?:an? )?(?:(?:severe|serious|bad|mild|strong|life-threatening|terrible|extreme|deadly|known|major|acute|nasty)\s+)*allerg(?:y|ies) to (?P<v>[a-z][\w ,'\-]{{1,100}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|\b(?:which|that|is|are|and (?:i|cannot|must|have|avoid|can't|need))\b|$)",
        split=True,
    ),
    _health(
        "allergy-carry",
        "allergy",
        r"(?<![\w'-])(?P<v>[a-z]+(?: [a-z]+)?) (?:gives? me|brings? me out in|makes? me break out in) (?:hives|a rash|anaphyla\w+)",
        confidence=0.8,
    ),
    _health(
        "intolerance",
        "intolerance",
        rf"{_IM}(?:intolerant (?:to|of) (?P<v>[a-z][\w ,\-]{{1,60}}?)(?=[.!?;()]|\bbut\b|\bso\b|\bbecause\b|\band (?:i|can|avoid)\b|$)|(?P<w>(?:lactose|gluten|fructose|dairy|histamine|sugar|wheat|soy|egg|caffeine|alcohol)[- ]intolerant))",
        split=True,
    ),
    _health(
        "intolerance-have",
        "intolerance",
        rf"(?:{_HAVE}|\bdue to (?:my |an? )?|\bbecause of (?:my |an? )?)(?:an? |my )?(?:(?:severe|serious|bad|mild|strong|slight)\s+)*(?P<v>[a-z]+(?: [a-z]+)?) intolerance\b",
        check=lambda v: (
            v.split()[-1] not in ("severe", "food", "an", "a", "my", "the", "no", "any")
        ),
    ),
    _health(
        "no-condition",
        "condition",
        rf"(?<![\w'-])(?:I'?m|I am) {_NOT} (?P<v>{_ADJ_CONDITIONS}|pregnant)\b|(?<![\w'-])I (?:no longer have|don't have|do not have|never had)\s+(?:any |an? )?(?P<w>{_CONDITIONS})\b",
        retracts=True,
    ),
    _health(
        "condition",
        "condition",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?|\bas (?=an? ))(?P<v>{_ADJ_CONDITIONS})\b(?!\s+(?:with|by|friendly|about))",
    ),
    _health(
        "condition-have",
        "condition",
        rf"{_HAVE}(?:(?:an?|some|my|the|mild|severe|serious|chronic|bad|terrible|really|very|slight|early|recurring|frequent|occasional|untreated|moderate|clinical|generali[sz]ed|social|extremely|diagnosed|advanced|stage \w+)\s+)*(?P<v>(?:type [12] )?(?:{_CONDITIONS}))\b",
    ),
    _health(
        "condition-due",
        "condition",
        rf"\b(?:due to|because of|given|owing to|on account of|thanks to|with)\s+(?:(?:my|an?|some|mild|severe|serious|bad|ongoing|known|previous|past|old|recurring|a history of)\s+)*(?P<v>(?:{_CONDITIONS}))\b(?!\s+(?:in|for) (?:people|children|patients))",
        confidence=0.85,
    ),
    _health(
        "pregnant",
        "pregnant",
        rf"{_IM}(?:(?:\d+|\w+) (?:weeks|months) )?(?P<v>pregnant|expecting(?= (?:a baby|twins|our|my))|breast-?feeding|trying to conceive|nursing(?= (?:a baby|my baby|my)))\b",
        multiple=True,
    ),
    _health(
        "no-accessibility",
        "accessibility",
        rf"(?<![\w'-])(?:I'?m|I am) {_NOT} (?P<v>{_ACCESS})\b|(?<![\w'-])I (?:no longer|don't) use (?:an? )?(?P<w>screen[- ]readers?|wheelchair|hearing aids?)\b",
        retracts=True,
    ),
    _health(
        "accessibility",
        "accessibility",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?)(?P<v>{_ACCESS})\b(?!\s+(?:to|spots?|by|with (?:rage|love)))",
    ),
    _health(
        "accessibility-use",
        "accessibility",
        rf"{_I}(?:(?:{ADVERB})\s+){{0,2}}(?:use|rely on|need|require|depend on|navigate with|read with|have|wear|browse with)\s+(?:an? |my |the )?(?P<v>screen[- ]readers?|voiceover|nvda|jaws|talkback|(?:electric |power |manual )?wheelchair(?: access| ramps?)?|walking (?:stick|frame)|cane|crutches|braille(?: display)?|hearing aids?|cochlear implants?|large (?:print|text|font|fonts)|high contrast(?: mode| text)?|captions|subtitles(?= because)|sign language|a sign language interpreter|screen magnifier|magnifier|voice control|dictation software|switch control|assistive technology|dark mode because|alt text|step-free access|text[- ]to[- ]speech|guide dog|service dog|service animal|eye tracking|keyboard only|keyboard navigation)\b",
    ),
    _health(
        "accessibility-cannot",
        "accessibility",
        rf"{_I}(?P<v>(?:can't|cannot|can not|can barely|don't) (?:see|hear|tell|distinguish|use (?:a mouse|my hands|stairs)|climb stairs|read small|walk)\s*(?:well|very well|colou?rs?|red|red from green|red and green|small (?:print|text)|the screen|images|pictures|high frequencies|long distances|far|apart|out of|anything|without|(?=$))[^.]{{0,60}})",
        confidence=0.85,
    ),
    # Diet.
    rule(
        "no-diet",
        "diet",
        "preference",
        rf"(?<![\w'-])(?:I'?m|I am) {_NOT} (?:a |an |on a |on the |strictly |really )*(?P<v>{_DIETS})\b|(?<![\w'-])I(?:'ve| have)? (?:stopped|quit|gave up|given up|no longer follow|no longer eat|don't follow)\s+(?:being |a |an |the |following a |my )*(?P<w>{_DIETS})\b(?: (?:any ?more|diet))?|(?<![\w'-])I (?:used to be|was) (?:an? )?(?P<x>{_DIETS})\b(?! (?:until|since|for))",
        retracts=True,
        multiple=True,
    ),
    rule(
        "diet",
        "diet",
        "preference",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?|(?<![\w'-])(?:I've been|I have been|I've gone|I went|I became|I've become|I have become|I turned|I've turned|I just went|we've gone) |\bas )(?:an? |on an? |on the )?(?:(?:strict|strictly|ethical|lifelong|mostly|committed|proud|new|devout|practi[cs]ing|passionate|fully|100%|whole-food|old|long-time|whole-foods)\s+)*(?P<v>{_DIETS})\b(?!\s+(?:\w+ )?(?:curious|friendly|place|restaurant|recipe|option|cheese|leather|food))",
        constraint=True,
        multiple=True,
    ),
    rule(
        "diet-follow",
        "diet",
        "preference",
        rf"{_I}(?:(?:{ADVERB})\s+){{0,3}}(?:follow|eat|keep|adhere to|stick to|am on|maintain|observe|have|started|switched to|went on|have to follow|must follow|need to follow|stay|live|abide by|go|eat only|only eat|consume|prefer)\s+(?:an? |the |to )?(?:(?:strict|strictly|mostly|fully|completely|very|whole-food|doctor-ordered|predominantly|primarily|new|special|medically \w+)\s+)*(?P<v>(?:{_DIETS}|[a-z]+[- ](?:free|carb|fat|sodium|salt|sugar|fodmap|protein|gi|calorie|based|fib(?:er|re)|residue|cholesterol|potassium|iodine|oxalate|histamine|glycemic)|mediterranean|whole30|dash|atkins|raw(?: food)?|macrobiotic|soft|liquid|renal|cardiac|diabetic|ketogenic|high-protein|plant-based)(?:[,]? (?:and )?[a-z]+[- ](?:free|carb|fat|sodium|salt|sugar|based))*)\s*(?=diet|lifestyle|food|meals|way of eating|dietary|eating|kitchen|$|,|\.)(?!food (?:place|restaurant))",
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
    # Places and contact.
    rule(
        "no-home",
        "home",
        "contact",
        rf"\b[Ii] (?:no longer live|don't live|do not live|moved away|moved out|have moved out|'ve moved out|moved away) (?:in|from|of) {_PLACE}",
        0,
        retracts=True,
    ),
    rule(
        "home",
        "home",
        "contact",
        rf"(?:\b(?:[Ii](?:'ve)?|[Ww]e(?:'ve)?|[Mm]y (?:wife|husband|partner|family|girlfriend|boyfriend) and I) (?:(?:now|currently|actually|still|also|both|have|'ve|just|recently|only|live|am)\s+)*(?:live|(?<=ve )lived|living|reside|stay permanently|am back|'m back|settled|have settled|am based|am living|relocated|moved|have moved|'ve moved|have relocated|am now living|am currently living|bought a house|own a home|rent an? \w+)|\b[Ii](?:'m|'m| am|'ve| have|'ve been| have been)\s+(?:(?:now|currently|just|been|recently|still|actually|permanently)\s+)*(?:based|living|located|residing|moved|relocated|settled)|\b[Ww]e(?:'re|'ve| are| have)\s+(?:(?:now|currently|just|recently)\s+)*(?:based|living|moved|relocated)|\b[Mm]y (?:home|house|flat|apartment|place) is|\b[Mm]y (?:home ?town|current city|city|home city) is|(?P<s>\A)(?:live|living|moved|based|am based|back))(?: (?:here|alone|together|permanently|full[- ]time|out|down|over|with \w+ \w+|back|up))? ?(?:in|to|near|at|outside|around|just outside|here in|is)? {_PLACE}",
        0,
        confidence=0.9,
    ),
    rule(
        "home-lower",
        "home",
        "contact",
        rf"(?<![\w'-])i (?:(?:now|currently|actually)\s+)*(?:live|reside|am living|am based) in {_PLACE_ANY}(?=\s*(?:$|[,.!;]|\b(?:and|but|so|because|with|since|from|until|for|now|right|where|which|as|on|by|at|till)\b))",
        confidence=0.7,
    ),
    rule(
        "lived",
        "lived_in",
        "contact",
        rf"(?:\b[Ii] (?:used to live|lived|grew up|was living|spent \w+ (?:years|months) living)|\b[Ii] moved (?:here )?from|\b[Ww]e (?:used to live|lived)) ?(?:in)? {_PLACE}",
        0,
        multiple=True,
        ended=True,
        confidence=0.85,
    ),
    rule(
        "address",
        "address",
        "contact",
        r"\bmy (?:(?:home|current|new|postal|mailing|shipping|delivery|billing)\s+)*address is(?: now)? (?P<v>\d*[\w'.\-]+[^.!?\n]{3,120})",
    ),
    rule(
        "email",
        "email",
        "contact",
        r"\b(?:my (?:new |work |personal )?e-?mail(?: address)?(?: is)?|e-?mail me at|reach me at|contact me at|write to me at)[: ]+(?P<v>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)",
        plain=False,
    ),
    rule(
        "phone",
        "phone",
        "contact",
        r"\b(?:my (?:new |work |mobile |cell |phone |home )*(?:number|phone|mobile|cell)(?: is)?|(?:call|text|reach|contact) me (?:at|on))[: ]+(?P<v>\+?\(?\d[\d ()\-.]{5,20}\d)",
        plain=False,
    ),
    rule(
        "timezone",
        "timezone",
        "contact",
        rf"(?:\bmy time ?zone is|{_IM}(?:in|on)(?: the)?)\s+(?P<v>[A-Z]{{2,4}}(?:[+-]\d{{1,2}})?|(?:eastern|pacific|central|mountain|central european|greenwich mean) (?:standard |daylight |summer )?time)(?=\s*(?:$|[,.!]|time))",
        0,
        confidence=0.8,
        check=lambda v: (
            v.casefold()
            not in (
                "us",
                "uk",
                "eu",
                "uae",
                "usa",
                "it",
                "hr",
                "la",
                "ny",
                "nyc",
                "sf",
                "dc",
                "pr",
                "tv",
                "ok",
                "ai",
                "qa",
                "phd",
                "msc",
                "ba",
                "ma",
                "ib",
                "ap",
                "ocd",
                "hiv",
                "ms",
                "pc",
                "nz",
            )
        ),
    ),
    # People, animals, things.
    rule(
        "family",
        "family",
        "identity",
        rf"(?:{_I}(?:have|'ve got|have got)|(?<![\w'-])I've got)\s+(?P<v>(?:(?:an?|two|three|four|five|six|one|\d+|no|twin|young|younger|older|elder|little|big|small|baby|grown|adult|teenage|teen|newborn|\d+[- ](?:year|month)[- ]old|large|huge|several|many|identical|step)\s+){{1,4}}(?:{_KIN}|family(?: with [\w ]{{3,40}})?)(?:\s+(?:named|called|who is|who are|aged|age|ages|under|in|and|with)\s+[\w' ,]{{1,50}})?)",
        multiple=True,
        plain=False,
    ),
    rule(
        "marital",
        "marital_status",
        "identity",
        rf"{_IM}(?P<v>(?:happily |newly |recently |getting )?(?:married|single|divorced|widowed|engaged(?! in)|separated|a (?:widow|widower|single (?:mom|mum|mother|dad|father|parent))|a (?:stay-at-home |new |first-time |working )?(?:mom|mum|mother|dad|father|parent|grandmother|grandfather|grandparent)(?: of (?:\w+|\d+)(?: \w+)?)?))(?=\s*(?:$|[,.!]|\b(?:and|with|to|but|so|now|for|since|who)\b))",
    ),
    rule(
        "married",
        "marital_status",
        "identity",
        rf"{_I}(?:just |recently )?(?P<v>got (?:married|divorced|engaged))\b",
    ),
    rule(
        "no-pet",
        "pet",
        "identity",
        rf"{_I}(?:no longer have|don't have|do not have|don't own|lost|gave away|rehomed|had to put down|sold)\s+(?:an?|any|my|our|the)\s+(?:(?:pet|beloved|old)\s+)*(?P<v>{_PETS})\b(?:\s+any ?more)?",
        retracts=True,
        multiple=True,
    ),
    rule(
        "pet",
        "pet",
        "identity",
        rf"(?:{_I}(?:(?:{ADVERB})\s+){{0,2}}(?:have|own|'ve got|have got|got|adopted|just adopted|recently adopted|am the owner of|keep|bought|rescued|share my (?:home|flat|house) with|live with)|(?<![\w'-])I've got|(?<![\w'-])I'm the (?:proud )?(?:owner|parent) of)\s+(?P<v>(?:(?:an?|two|three|four|five|six|one|\d+|several|some|my|the|pet|rescue|small|large|big|old|elderly|senior|young|little|tiny|black|white|brown|tabby|ginger|grey|gray|golden|german|french|shepherd|siamese|persian|maine|coon|border|labrador|indoor|outdoor|adorable|cute|new|\d+[- ](?:year|month|week)[- ]old|hypoallergenic|mixed[- ]breed|couple of|few|energetic|shy|blind|deaf|diabetic|african grey|bearded|miniature|toy|spoiled|playful|sweet|lovely|beautiful)\s+){{1,6}}(?:{_PETS})(?:\s+(?:and (?:an?|two|three|\d+|one)\s+(?:\w+\s+){{0,3}}(?:{_PETS})))?(?:\s*,?\s*(?:named|called|whose names? (?:is|are)|who(?:'s| is)(?: called| named)?|which (?:is|are))\s+[\w' ,&]{{1,50}})?)(?!\s+(?:food|toy|sitter|lover|allergy|person|phobia|problem|allergies|bed|question))",
        multiple=True,
        plain=False,
    ),
    rule(
        "pet-name",
        "pet",
        "identity",
        rf"\b(?P<v>[Mm]y (?:(?:pet|new|old|little|big|other|first|second|rescue|elderly|senior|beloved|\w+)\s+)?(?:{_PETS})(?:'s name is|s' names are| is called| is named| are called| are named| goes by),? (?:[A-Z][\w'-]+)(?:(?:,| and|, and) [A-Z][\w'-]+)*)",
        0,
        multiple=True,
        plain=False,
    ),
    rule(
        "pet-appositive",
        "pet",
        "identity",
        rf"\b(?P<v>[Mm]y (?:(?:pet|new|old|little|big|other|rescue|elderly)\s+)?(?:{_PETS}),? [A-Z][a-z'-]+)(?=[\s,.!]|$)",
        0,
        multiple=True,
        plain=False,
        confidence=0.8,
    ),
    rule(
        "possession",
        "possession",
        "commerce",
        rf"{_I}(?:(?:{ADVERB})\s+){{0,2}}(?:(?:own|drive|ride|bought myself|just bought|recently bought)|(?:have|'ve got|have got)(?= (?:an? |my own |two )(?:\w+ ){{0,4}}(?:car|bike|bicycle|motorcycle|motorbike|scooter|van|truck|suv|boat|house|flat|apartment|garden|balcony|piano|guitar|violin|laptop|macbook|iphone|android|ipad|kindle|ps5|playstation|xbox|switch|camera|telescope|sewing machine|air fryer|oven|grill|greenhouse|camper|rv|3d printer|smartwatch|tesla|treadmill|home gym|allotment|swimming pool|driving licen[cs]e|driver's licen[cs]e)\b))\s+(?P<v>(?:an?|two|three|my own|several|one|\d+)\s+(?!(?:issue|problem|question|card|charge|payment|transaction|refund|account)\b)[^,.;!?]{{2,40}}?(?: and an? [\w -]{{2,30}}?)?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|because|that|which|from|to work|with my)\b))",
        multiple=True,
        confidence=0.8,
    ),
    # Work and study.
    rule(
        "no-job",
        "occupation",
        "identity",
        rf"(?<![\w'-])(?:I'?m|I am) {_NOT} (?:an? )?(?P<v>{_JOBS}){_END}|{_I}(?:no longer work|don't work|stopped working|quit working) as (?:an? )?(?P<w>[\w -]{{3,40}})",
        retracts=True,
    ),
    rule(
        "job",
        "occupation",
        "identity",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?|(?<![\w'-])(?:I've been|I have been|I became|I've become) |\A(?:speaking )?as )(?:an? |the )(?P<v>(?:(?:retired|former|self-employed|freelance|full-time|part-time|high school|elementary school|middle school|primary school|college|university|junior|senior|certified|registered|licensed|aspiring|busy|\d+[- ]year[- ]old|first-year|second-year|third-year|final-year)\s+)*{_JOBS}(?:\s+(?:at|in|for|from|of|by|with|who|on|specializing|specialising)\s+[^,.;!?]{{2,60}})?){_END}",
        plain=True,
    ),
    rule(
        "job-work-as",
        "occupation",
        "identity",
        rf"(?:{_I}|(?P<s>\A)|(?<![\w'-])I'?m |(?<![\w'-])I am |(?<![\w'-])I've been )(?:(?:{ADVERB})\s+){{0,2}}(?:work|working|employed|make a living|am employed|earn my living|started(?: working)?|start|trained)(?: (?:full-time|part-time|remotely|freelance|nights|days))? as (?:an? |the )?(?P<v>[\w][\w '/\-]{{2,60}}?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|because|at|for|in|from|since|until|which|with)\b))",
    ),
    rule(
        "job-is",
        "occupation",
        "identity",
        r"\bmy (?:(?:current|new|day|full-time)\s+)*(?:job|profession|occupation|job title|line of work) is (?:an? |as an? |being an? |in )?(?P<v>[\w][\w '/\-]{2,60}?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|because|since)\b))",
    ),
    rule(
        "job-retired",
        "occupation",
        "identity",
        rf"{_IM}(?P<v>retired|unemployed|self-employed|between jobs|a stay-at-home \w+|on (?:maternity|paternity|parental|sick) leave|out of work|semi-retired)\b",
    ),
    rule(
        "job-run",
        "occupation",
        "identity",
        rf"{_I}(?:(?:{ADVERB})\s+){{0,2}}(?P<v>(?:run|own|manage) (?:an? |my own )(?:small |online |local |family |little )*(?:business|company|shop|store|restaurant|bakery|caf[eé]|startup|studio|farm|agency|clinic|practice|salon|gym|bookshop|bookstore|bar|hotel|school|b&b|consultancy|charity|non-?profit)\b[^,.;!?]{{0,40}})",
    ),
    rule(
        "no-employer",
        "employer",
        "identity",
        r"\b[Ii] (?:no longer work|don't work|left|quit|have left|'ve left|stopped working|was laid off|got laid off)(?: (?:at|for|from))? (?P<v>(?!my|the|a|an)[A-Z][\w&'\-]*(?: [A-Z][\w&'\-]*){0,3})",
        0,
        retracts=True,
    ),
    rule(
        "employer",
        "employer",
        "identity",
        r"(?:\b[Ii] (?:(?:now|currently|still|also|just|actually)\s+)*(?:work|am employed|started|started working|got a job|joined|am working|have a job|start|do research|teach)(?: (?:full-time|part-time|remotely|nights|as an? [\w \-]{2,50}?|in \w+|now))*|\b[Ii](?:'m| am|'ve been| have been)\s+(?:(?:now|currently|also)\s+)*(?:employed|working|with)|(?P<s>\A)(?:work|working|employed)|\b[Mm]y (?:employer|company|current employer|new employer) is|\b[Ii]'m an? [\w \-]{3,50}?) ?(?:at|for|with|by|is)? (?P<v>(?:the )?[A-Z][\w&'\-]*(?: (?:of |& |and )?[A-Z][\w&'\-]*){0,4})",
        0,
        confidence=0.85,
        check=lambda v: (
            not re.fullmatch(
                r"(?:I|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|English|French|German|Spanish|Chinese|Python|Java)\w*",
                v,
            )
        ),
    ),
    rule(
        "studies",
        "studies",
        "identity",
        rf"(?:{_I}|(?P<s>\A)|(?<![\w'-])I'?m |(?<![\w'-])I am )(?:(?:{ADVERB})\s+){{0,2}}(?:study|studying|major in|majoring in|am majoring in|am doing a degree in|doing a (?:degree|phd|master's|masters) in|pursuing (?:an? )?(?:degree|phd|master's|masters|mba|bachelor's) in|am enrolled in|enrolled in)\s+(?P<v>(?!for\b|hard\b|the (?:following|text)|this|that|better|abroad|with|in (?:the|a)\b|at\b|alone|best|more\b|every|every)[A-Za-z][\w '&\-]{{2,60}}?)(?=\s*(?:$|[,.;!?]|\b(?:and|but|so|because|since|with|this)\b))",
        multiple=True,
        confidence=0.8,
    ),
    # Languages and the answer's form.
    rule(
        "speaks",
        "speaks",
        "language",
        rf"(?:{_I}(?:(?:{ADVERB}|fluently)\s+){{0,2}}(?:speak|also speak|can speak|know|understand|am fluent in|am learning(?! to))|{_IM}(?:fluent in|bilingual in|conversational in|a native speaker of|proficient in)|\bmy (?:first|native|mother|second|third|main|everyday) (?:language|tongue) is)\s+(?:(?:a little|a bit of|some|fluent|basic|conversational|only|both|native|good|decent|very little)\s+)*(?P<v>(?:{_LANGUAGES})(?:(?:,? and |, | or |,)(?:(?:a little|a bit of|some|fluent|basic)\s+)?(?:{_LANGUAGES}))*)\b",
        multiple=True,
        split=True,
        confidence=0.9,
    ),
    rule(
        "native",
        "speaks",
        "language",
        rf"{_IM}(?:an? )?native (?P<v>{_LANGUAGES}) speaker",
        multiple=True,
    ),
    rule(
        "answer-language",
        "answer_language",
        "language",
        r"\b(?:(?:please|always|only|from now on,?|could you|can you)\s+)*(?:answer|reply|respond|write|speak|talk|communicate|explain|chat)(?: to)?(?: me)?(?: only| always| everything| back)? in (?P<v>english|chinese|mandarin)\b(?!\s+(?:class|literature|essay|homework))|\bi (?:prefer|want|would like|'d like|need|'d prefer) (?:your |the |all )?(?:answers|replies|responses|explanations)(?: to be)? in (?P<w>english|chinese|mandarin)\b|\bi (?:would )?(?:prefer|'d prefer) (?:to (?:speak|talk|chat|write) )?(?:in )?(?P<x>english|chinese|mandarin)(?=\s*$)",
        constraint=True,
        value={"english": "en", "chinese": "zh", "mandarin": "zh"},
    ),
    rule(
        "answer-length",
        "answer_length",
        "preference",
        r"\bi (?:\w+ )?(?:prefer|like|want|need|appreciate|'d like|would like|'d prefer) (?:your |the |my |to get |to have )?(?:answers|replies|explanations|responses)?(?: to be )?(?:very |really |more )?(?P<v>short(?:er)?|brief|concise|detailed|long(?:er)?|in-depth|thorough|succinct|to the point) ?(?:,? (?:and |but )?\w+ )?(?:answers|replies|explanations|responses|summaries)\b|\bi (?:\w+ )?(?:prefer|like|want) (?:your |the |my )?(?:answers|replies|explanations|responses) (?:to be |kept )?(?:very |really |more )?(?P<w>short|brief|concise|detailed|long|in-depth|thorough|succinct|to the point)\b|\b(?:please |always )?(?:keep|make) (?:your |the |all |all your )?(?:answers|replies|explanations|responses|it|things) (?:very |really |more )?(?P<x>short|brief|concise|detailed|long|in-depth|thorough|succinct|to the point)\b|\b(?:please |always )?(?:be|answer|reply|respond)(?: more)? (?P<y>concise|brief|briefly|concisely|succinct|detailed|in detail|in short|thorough)(?:ly)?(?=\s*$|\s*[,.!]| please| from now| in (?:your|all))",
        constraint=True,
        value={
            "shorter": "short",
            "longer": "long",
            "briefly": "brief",
            "concisely": "concise",
            "in detail": "detailed",
        },
    ),
    rule(
        "tone",
        "tone",
        "style",
        r"\b(?:please )?(?:use|keep|adopt|write in|speak in|talk in|i prefer|i like|i'd like|i want|answer in|reply in|respond in) (?:an? |the |your )?(?:more |very |less )?(?P<v>formal|informal|casual|friendly|professional|polite|warm|direct|blunt|neutral|gentle|humorous|playful|simple|plain)(?: and \w+)? (?:tone|language|style|english|register|manner|words)\b|\b(?:please )?(?:be|keep it|talk to me|speak to me|write to me)(?: more)? (?P<w>formal|informal|casual|friendly|polite|direct|blunt|informally|formally|casually|professional)(?=\s*$|\s*[,.!]| with me| please)",
        constraint=True,
    ),
    rule(
        "units",
        "units",
        "preference",
        r"\b(?:please |always |i )?(?:use|prefer|want|give(?: me)?|think in|i'm used to|answer in|measure(?:ments)? in|stick to|work in|i only understand|understand)(?: the| only| all)?(?: (?:answers|units|measurements|temperatures?|distances|results))?(?: in)? (?P<v>metric|imperial|celsius|fahrenheit|kilomet(?:er|re)s|miles|kilograms?|kilos|kg|pounds|grams|ounces|lit(?:er|re)s|24-hour (?:time|clock)|12-hour (?:time|clock)|us customary|si)(?: (?:units?|system|measurements?))?\b",
        constraint=True,
    ),
    rule(
        "please-never",
        "never",
        "preference",
        r"\b(?:(?:please|and|but|so|also|from now on|you (?:should|must))[, ]+)*(?:never|don't ever|do not ever|dont ever|(?<=please )don't|(?<=please )do not|(?<=Please )don't|(?<=Please )do not|stop|(?<=please )avoid|(?<=please )refrain from|must not|should never|must never)\s+(?:again\s+)?(?P<v>(?:us(?:e|ing)|mention(?:ing)?|suggest(?:ing)?|recommend(?:ing)?|call(?:ing)?|show(?:ing)?|includ(?:e|ing)|tell(?:ing)?|send(?:ing)?|writ(?:e|ing)|add(?:ing)?|ask(?:ing)?|bring(?:ing)? up|talk(?:ing)? about|remind(?:ing)?|giv(?:e|ing)|offer(?:ing)?|refer(?:ring)?|assum(?:e|ing)|contact(?:ing)?|shar(?:e|ing)|put(?:ting)?|comment(?:ing)?|discuss(?:ing)?|spoil(?:ing)?|address(?:ing)?)\b(?!\s+(?:this|that|these|those|it|the (?:above|following|same|words?|letter))\b)(?!\s+me\s+(?:my|the|your|to (?:this|that))\b)[^.!?\n]{2,100})",
        constraint=True,
        multiple=True,
    ),
    rule(
        "no-form",
        "never",
        "preference",
        r"(?:^|\bplease,? |\bwith )(?P<v>no (?:emojis?|emoticons|jargon|bullet points?|markdown|tables|swearing|profanity|spoilers|small talk|jokes|slang|abbreviations|acronyms|exclamation marks?|images|links|code|fluff|ads))\b",
        constraint=True,
        multiple=True,
        confidence=0.85,
    ),
    # Level, goals, schedule, money, law.
    rule(
        "level",
        "level",
        "level",
        rf"(?:{_IM}|(?P<s>\A)(?:am )?)(?:(?:a|an|at|at an?|still|just|only|the|complete|total|absolute|fairly|pretty|quite|very)\s+)*(?P<v>beginner|novice|newbie|intermediate|advanced|expert|upper[- ]intermediate|pre[- ]intermediate)\b(?!\s+(?:in need|on this))",
    ),
    rule(
        "level-grade",
        "level",
        "level",
        rf"{_IM}(?:(?:currently|in|a|an|the|going into|starting)\s+)*(?P<v>(?:[1-9]|1[0-2])(?:st|nd|rd|th)[- ]grade(?:r)?|year (?:[1-9]|1[0-3])|grade (?:[1-9]|1[0-2])|(?:high school|college|university) (?:freshman|sophomore|junior|senior)|(?:first|second|third|fourth|final)[- ]year(?: (?:university|college|medical|law|undergraduate))? student)\b",
    ),
    rule(
        "level-cefr",
        "level",
        "level",
        rf"(?:\bmy (?:(?:current|[\w]+)\s+){{0,2}}level is|{_IM}at(?: the| an?)?(?: about)?|{_IM})\s*(?P<v>[ABC][12]\+?)(?: level)?(?=\s*(?:$|[,.!]|\bin\b|\blevel\b|\band\b))",
    ),
    rule(
        "goal",
        "goal",
        "goal",
        r"\bmy (?:(?:main|ultimate|long-term|short-term|big|biggest|current|only|next|personal|career|fitness|life)\s+)*(?:goal|aim|dream|ambition|objective|target|resolution|plan) (?:is|has always been|for \w+(?: \w+)? is) (?:to )?(?P<v>[^.!?\n]{3,140}?)(?=[.!?;]|$)",
        multiple=True,
    ),
    rule(
        "goal-prepare",
        "goal",
        "goal",
        rf"(?:{_IM}|(?<![\w'-])(?:I've been|I have been) )(?:preparing|studying|revising|training|saving(?: up)?|practi[cs]ing) (?:for|to) (?P<v>(?!work\b|a (?:living)\b)[^.!?\n]{{3,100}}?)(?=[.!?;,]|\band\b|$)",
        multiple=True,
        confidence=0.85,
    ),
    rule(
        "goal-trying",
        "goal",
        "goal",
        rf"(?:(?<![\w'-])I(?:'?m| am)\s+(?:(?:also|still|now|currently|really)\s+)*|(?<![\w'-])(?:I've been|I have been) |(?<![\w'-])I\s+(?:want|hope|plan|would like|aim|intend|really want|'d like) to (?=(?:lose weight|quit smoking|stop smoking|become|run a|learn (?:to|how to|{_LANGUAGES})|get (?:fit|in shape|healthier|into)|eat healthier|gain (?:weight|muscle)|build muscle|save (?:money|up|for)|start my own|pass (?:the|my)|improve my (?!account)|retire|read more|drink less|sleep better|master)\b)|(?<![\w'-])I\s+(?:hope|plan|aim|want|intend) to )(?:(?:trying|working|hoping|aiming|planning|determined) (?:to|towards?|on) )?(?P<v>(?:lose|los|quit|stop|learn|become|run|get|eat|gain|build|sav|save|start|pass|improv|improve|retire|read|drink|sleep|master|cut|reduc|reduce|conceive|be more|grow|practi[cs]e|pay off|graduate|qualify|compete)(?:ing|e)?\b(?! (?:a (?:refund|new card|card)|this|that|my (?:card|money|account|pin)|help|it|the (?:app|card))\b)[^.!?\n;,]{{2,100}})",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "schedule",
        "schedule",
        "preference",
        rf"(?:{_I}(?:(?:{ADVERB}|only)\s+){{0,2}}(?P<v>(?:work|am working|work the|am on) (?:the )?(?:night|day|late|early|rotating|graveyard|morning|evening|12-hour|weekend)s?(?: shifts?)?\b.*|work (?:from|on|Monday|Mon|nine|9|part-time|weekends|remotely|from home)\b.*|have class(?:es)? (?:on|every|at)\b.*|wake up (?:at|early|around)\b.*|get up (?:at|early|around)\b.*|go to bed (?:at|early|late|around)\b.*|finish work (?:at|around)\b.*)|{_IM}(?P<w>(?:only )?(?:free|available|unavailable|busy|off|not available|not free|away|home|working) (?:on|every|after|before|during|between|until|from|at|only)\b.*|(?:always )?(?:fasting) .*|on call .*|working (?:nights?|days|evenings|weekends|shifts|late|early|from home|remotely|part-time)\b.*))",
        multiple=True,
        confidence=0.8,
    ),
    rule(
        "budget",
        "budget",
        "commerce",
        r"\b(?:my (?:(?:total|monthly|weekly|daily|maximum|max|travel|food|grocery|shopping|holiday|wedding|overall|rent)\s+)*budget(?: for [\w ]{2,40}?)? (?:is|would be|was)(?: now)?|i(?:'m| am) on|i have|i've got|with)\s+(?:only |about |around |roughly |up to |at most |under |max(?:imum)? )*(?:an? )?(?P<v>(?:[$€£¥₹]\s?\d[\d,.]*k?|\d[\d,.]*k?\s?(?:dollars|euros|pounds|usd|eur|gbp|rmb|yuan|yen|rupees|bucks|cny|\$|€|£))(?:\s+(?:a|per|each)\s+(?:day|week|month|year|night|person|meal))?|(?:tight|limited|small|strict|shoestring|low|modest|student)(?: (?:and \w+ )?budget)|budget of [$€£¥]?\s?\d[\d,.]*k?(?: \w+)?)(?=\s*(?:$|[,.;!?)]|\b(?:for|to|and|but|so|budget|because|per|a|max|total|or)\b))",
        confidence=0.85,
        check=lambda v: True,
    ),
    rule(
        "budget-spend",
        "budget",
        "commerce",
        r"(?<![\w'-])i (?:can(?:'t|not)?|can only|could|want to|don't want to|won't|will not|cannot|'m willing to|am willing to|do not want to|would like to|am not willing to|never)(?: afford to)? (?:spend|pay|go)(?: (?:over|above))?\s+(?P<v>(?:(?:more|less) than|at most|up to|no more than|over|under|about|around|only|a maximum of)\s+[$€£¥₹]?\s?\d[\d,.]*k?(?:\s?(?:dollars|euros|pounds|usd|eur|gbp|rmb|yuan|yen|bucks))?(?:\s+(?:a|per|each|on|for)\s+[\w ]{2,30})?)",
        constraint=True,
    ),
    rule(
        "legal-hold",
        "legal_hold",
        "commerce",
        r"\b(?P<v>(?:(?:my|our|this|the|these|all my|all our)\s+)?(?:[\w-]+\s+){0,3}?(?:is|are|has been|have been) (?:under|on|subject to|placed (?:under|on)) (?:a |an? active )?(?:legal|litigation) hold\b[^.!?\n]{0,60})|\b(?P<w>(?:under|on|subject to) (?:a )?(?:legal|litigation) hold)\b",
        constraint=True,
        multiple=True,
    ),
    # Habits.
    rule(
        "habit",
        "habit",
        "preference",
        rf"{_I}(?:(?:usually|always|typically|normally|generally|regularly|often|still|mostly|tend to|almost always|religiously|like to|prefer to)\s+)+(?P<v>(?!(?:have to|get|got|had|want|need|ask|forget|see|receive|lose|end up|wonder|make (?:mistakes|errors)|confuse|struggle|mix up|think|feel|find|like|love|enjoy|prefer|avoid|hate|dislike|try|recommend|been|be|was|am|use (?:this|my)|check my (?:account|balance)|pay|top up|transfer|withdraw|opt|gravitate|choose|assumed|believe|appreciate|look for|prioriti[sz]e|favou?r|lean|stick|go for|can|will|would|look forward|go with|say|tell|know)\b)[a-z]+\b(?!\s+(?:this|that|it|error|errors|an error|problems?|the (?:same|app|message))\b)(?<!ed)\s+\S.*)",
        multiple=True,
        confidence=0.7,
        soft=True,
    ),
    rule(
        "habit-every",
        "habit",
        "preference",
        rf"(?:{_I})(?P<v>(?!(?:get|got|have|had|see|receive|want|need|check|am|pay|was|lose|try|make|think|feel|would|will|can)\b)[a-z]+(?<!ed)\b[^.!?;]{{0,60}}?\b(?:every (?:single )?(?:day|morning|evening|night|week|weekend|month|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|year|other day)|(?:once|twice|three times|four times|five times) (?:a|per) (?:day|week|month|year)|daily|on (?:Mondays|Tuesdays|Wednesdays|Thursdays|Fridays|Saturdays|Sundays|weekends|weekdays))\b[^.!?;]{{0,40}})",
        multiple=True,
        confidence=0.7,
    ),
    rule(
        "no-smoking",
        "habit",
        "preference",
        rf"{_I}(?:no longer|don't|do not|quit|stopped|gave up|have quit|have stopped|'ve quit|'ve stopped)\s+(?P<v>smok(?:e|ing)|vap(?:e|ing)|drink(?:ing)?(?: alcohol)?)\b(?=\s*(?:$|[,.!]|\b(?:any ?more|and|but|so|at all|last|in|since|\w+ years ago)\b))",
        retracts=True,
        multiple=True,
    ),
    rule(
        "smoking",
        "habit",
        "preference",
        rf"(?:{_I}(?P<v>smoke|vape)\b(?! (?:alarm|detector))|{_IM}an? (?P<w>smoker))(?=\s*(?:$|[,.!]|\b(?:and|but|so|about|a|every|occasionally|\d+)\b))",
        multiple=True,
        confidence=0.8,
    ),
    # Medicines, bodies, numbers.
    _health(
        "no-medicine",
        "medicine",
        rf"(?:{_I}(?:stopped|quit|came off|no longer take|don't take|am off|finished|have stopped|'ve stopped)(?: taking)?|(?<![\w'-])(?:I'?m|I am) (?:off|no longer on|not on|no longer taking|not taking)|\btook me off|\btaken off)\s+(?:my |the )?(?P<v>{_DRUGS})\b(?:\s+(?:any ?more|yesterday|today))?",
        retracts=True,
    ),
    _health(
        "medicine",
        "medicine",
        rf"(?:(?<![\w'-])(?:I'?m|I am|I've been|I have been|I was put|I got put|I've just started)\s+(?:(?:currently|now|also|still|just|started|put|already|both)\s+)*(?:on|taking|using|prescribed)|{_I}(?:(?:{ADVERB}|daily)\s+){{0,2}}(?:take|use|inject|started|was prescribed|started taking|have to take|need to take))\s+(?:(?:an?|my|some|the|daily|\d+ ?mg(?: of)?|low-dose|high-dose|prescription|strong)\s+)*(?P<v>{_DRUGS}(?:(?:,| and|, and)\s+(?:{_DRUGS}))*)\b",
        split=True,
    ),
    _health(
        "body",
        "condition",
        r"\b[Mm]y (?P<v>(?:kidneys?|liver|heart|back|knees?|hips?|shoulders?|lungs?|thyroid|eyesight|hearing|stomach|immune system|bladder|spine|vision|joints|wrists?|ankles?|neck|skin|gut|blood pressure|blood sugar|cholesterol) (?:is|are|isn't|aren't|has been|have been) (?:(?:very|really|pretty|quite|a bit|too|always|not|chronically|extremely)\s+)*(?:bad|weak|failing|poor|high|low|damaged|sensitive|injured|working|great|good|shot|broken|stiff|dodgy|fragile|elevated|borderline)\b(?: well)?)",
        plain=False,
    ),
    _health(
        "injury",
        "condition",
        rf"{_I}(?:(?:just|recently)\s+)?(?P<v>(?:broke|sprained|fractured|tore|dislocated|injured|hurt|pulled|strained|twisted) my (?:left |right )?[a-z]+(?: [a-z]+)?)(?=\s*(?:$|[,.!]|\b(?:last|so|and|yesterday|in|on|while|this|two|a|when)\b))",
        plain=False,
    ),
    _health(
        "had-surgery",
        "condition",
        rf"{_I}(?:had|just had|am recovering from|'m recovering from|need|have had)\s+(?P<v>(?:an? )?(?:\w+ ){{0,2}}(?:surgery|operation|transplant|bypass|c-section|replacement))\b",
        plain=False,
    ),
    _health(
        "crutches",
        "accessibility",
        rf"{_IM}(?P<v>on crutches|on the (?:autism )?spectrum|neurodivergent|in a cast|housebound|bedridden)\b",
    ),
    _health(
        "blood-type",
        "blood_type",
        r"\b(?:my )?blood (?:type|group)(?:'s| is)\s+(?P<v>(?:A|B|AB|O)\s?(?:[+-]|positive|negative|pos|neg)?)(?=\s*(?:$|[,.!?]|\b(?:and|in|so)\b))",
        multiple=False,
    ),
    _health(
        "weight",
        "weight",
        rf"(?:{_I}(?:now )?weigh|\bmy weight is(?: now)?|{_IM}(?:at|down to|up to))\s+(?:about |around |now )?(?P<v>\d{{2,3}}(?:\.\d)?\s?(?:kg|kilos?|kilograms?|lbs?|pounds|stone)\b)",
        multiple=False,
        constraint=False,
    ),
    rule(
        "height",
        "height",
        "identity",
        rf"(?:{_IM}|\bmy height is\s+)(?P<v>\d(?:\.\d\d?)?\s?m\b|\d{{3}}\s?cm\b|\d\s?(?:'|ft|feet|foot)\s?\d{{0,2}}\"?)(?: tall)?",
    ),
    rule(
        "size",
        "size",
        "commerce",
        r"\bmy (?P<v>(?:shoe|dress|ring|shirt|trouser|clothing|bra|waist|glove|hat|jeans) size is (?:an? )?[\w.]+(?: \w+)?)|(?<![\w'-])I wear (?:an? )?(?P<w>size (?:\d+(?:\.\d)?|XS|S|M|L|XL|XXL)(?: (?:shoes?|dress|in \w+))?)",
        multiple=True,
        plain=False,
    ),
    rule(
        "reference",
        "reference",
        "commerce",
        r"\b(?:my |another (?:one|order)[^,.]{0,12},? )?(?P<v>(?:order|customer|account|membership|booking|case|ticket|policy|invoice|tracking|reservation|reference|flight|student|loyalty)(?: reference)?(?: number| no\.?| id| code)(?: is|:)? #?(?=[A-Z\d-]*\d)[A-Z\d-]{3,20})\b",
        multiple=True,
        plain=False,
    ),
    rule(
        "plan",
        "plan",
        "commerce",
        rf"(?:{_IM}|\A|{_I}(?:have|use|pay for|subscribe to|upgraded to|downgraded to|switched to|am on|moved to)\s+)(?:(?:on|in)\s+)?(?:the |an? |your )?(?P<v>(?:basic|free|pro|premium|standard|plus|business|enterprise|family|student|gold|silver|platinum|monthly|annual|yearly|starter|unlimited|trial)(?: \w+)? (?:plan|tier|subscription|package|membership))\b",
    ),
    rule(
        "deadline",
        "deadline",
        "goal",
        r"\b[Mm]y (?P<v>(?:[\w-]+ ){1,3}?(?:expires?|runs? out|ends?|is due|are due|is valid until|is on|is scheduled for|starts?) (?:on |in |at |until )?(?=[^.!?]{0,25}(?:\d|january|february|march|april|may|june|july|august|september|october|november|december|week|month|day|tomorrow|year))[^,.!?;]{2,40}?)(?=\s*(?:$|[,.!?;]|\band\b))",
        multiple=True,
        plain=False,
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
        rf"{_IM}(?:an? |the )?(?P<v>only child|twin|eldest(?: of \w+)?|youngest(?: of \w+)?|oldest(?: of \w+)?|orphan|adopted)\b",
        multiple=True,
    ),
    rule(
        "no-pets-at-all",
        "pet",
        "identity",
        rf"{_I}(?:don't have|do not have|have)\s+(?P<v>no pets|any pets)\b",
        multiple=True,
        value={"any pets": "no pets"},
    ),
    # What a person does.
    rule(
        "activity",
        "activity",
        "preference",
        rf"(?:{_I}(?:(?:{ADVERB})\s+){{0,2}}|(?<![\w'-])(?:I'?m|I am|I've been|I have been) (?:(?:currently|still|also|now|just)\s+)*|\A[Bb]een )(?P<v>(?:play(?:ing)?(?= (?:the |chess|football|soccer|tennis|basketball|golf|badminton|guitar|piano|violin|cello|drums|bass|in an?|video games|squash|rugby|hockey|volleyball|baseball|cricket|bridge|poker|go\b))|teach(?:ing)?|coach(?:ing)?|volunteer(?:ing)?|commut(?:e|ing)|cycl(?:e|ing) (?=to|every)|learn(?:ing)?(?= (?:the |to |how to |piano|guitar|violin|{_LANGUAGES}|python|java|rust|programming|coding|chess|calligraphy|karate|judo))|writing (?=an? (?:novel|book|memoir|thesis|dissertation|screenplay|blog))|knit|crochet|paint|garden|bak(?:e|ing)|sing (?=in)|danc(?:e|ing)(?= (?:salsa|ballet|tango|in))|collect(?:ing)? (?!my (?:card|order))|brew|taking (?=(?:\w+ ){{0,2}}(?:chemistry|algebra|calculus|physics|biology|history|classes|lessons|course|courses))|practi[cs]e (?=yoga|meditation|karate|judo|piano|violin))\b[^.!?;]{{0,80}}?)(?=\s*(?:$|[.!?;]|,|\bbut\b|\bso\b|\band i\b))",
        multiple=True,
        confidence=0.8,
        plain=False,
    ),
    rule(
        "can-swim",
        "ability",
        "preference",
        rf"{_I}(?P<v>(?:can|can't|cannot|don't know how to|never learned to|know how to) (?:swim|drive|cook|ride a bike|ski|read music|code|program|dance|sing|skate|read chinese|read japanese|touch[- ]type)\b)(?=\s*(?:$|[.!?,;]|\b(?:and|but|so|very|at|yet)\b))",
        multiple=False,
        confidence=0.8,
    ),
    rule(
        "novel",
        "activity",
        "preference",
        r"\b[Tt]he (?P<v>(?:novel|book|thesis|paper|game|app|story|film|album|dissertation|screenplay) (?:I'm|I am) (?:writing|making|working on|building|developing|reading) (?:is|'s) [^.!?;]{3,60})",
        0,
        multiple=True,
        plain=False,
        confidence=0.75,
    ),
    rule(
        "work-in",
        "occupation",
        "identity",
        rf"{_I}(?:(?:{ADVERB})\s+){{0,2}}work in (?:the )?(?P<v>(?:accounting|finance|marketing|sales|tech|technology|it|hr|human resources|healthcare|education|retail|hospitality|construction|logistics|advertising|publishing|insurance|law|banking|media|research|government|real estate|manufacturing|agriculture|engineering|design|consulting|customer service|data science|software|pharma\w*|biotech|tourism|aviation|fashion|film|music|film|security|a \w+(?: \w+)?)(?: industry| sector| business)?)\b",
    ),
    rule(
        "job-change",
        "occupation",
        "identity",
        rf"{_IM}(?:an? )?(?P<v>[a-z]+(?:ist|er|or|ian|ant|ee|smith|man|woman|eer))(?= now\b)",
    ),
    rule(
        "no-occupation-left",
        "occupation",
        "identity",
        rf"{_I}(?:quit|left|gave up|retired from|got out of)\s+(?P<v>nursing|teaching|law|medicine|accounting|banking|acting|modelling|modeling|journalism|academia|finance|consulting|my job)\b",
        retracts=True,
        value={
            "my job": "",
            "nursing": "",
            "teaching": "",
            "law": "",
            "medicine": "",
            "accounting": "",
            "banking": "",
            "acting": "",
            "journalism": "",
            "academia": "",
            "finance": "",
            "consulting": "",
        },
    ),
    rule(
        "employer-kind",
        "employer",
        "identity",
        rf"(?:{_I}|\A)(?:(?:{ADVERB})\s+){{0,2}}(?:work|working) (?:full-time |part-time |nights |days )?(?:at|for) (?P<v>(?:an? |the )(?:[a-z]+ ){{0,3}}?(?:bakery|bookshop|bookstore|hospital|school|university|bank|shop|store|restaurant|caf[eé]|hotel|clinic|library|factory|startup|start-up|company|firm|farm|gym|museum|airport|pharmacy|supermarket|warehouse|law firm|non-?profit|charity|garage|salon|studio|newspaper|lab|laboratory|agency|nursery|zoo|theatre|theater|church|post office|call cent(?:er|re)|brewery|bar|pub))\b",
    ),
    rule(
        "no-employer-kind",
        "employer",
        "identity",
        rf"{_I}(?:left|quit|got fired from|was laid off from|no longer work at|don't work at)\s+(?P<v>(?:the |my )(?:[a-z]+ ){{0,2}}?(?:bakery|bookshop|bookstore|hospital|school|university|bank|shop|store|restaurant|caf[eé]|hotel|clinic|library|factory|startup|start-up|company|firm|farm|gym|museum|pharmacy|supermarket|warehouse|agency|nursery|lab|studio|bar|pub))\b",
        retracts=True,
    ),
    rule(
        "sold",
        "possession",
        "commerce",
        rf"(?:{_I}|\A)(?:sold|got rid of|gave away|no longer (?:own|have|drive)|traded in)\s+(?:the |my |our )(?P<v>[A-Z][\w-]*(?: [\w-]+)?|car|bike|house|motorcycle|boat|van|piano|truck)(?=\s*(?:$|[,.!]|\b(?:last|and|so|yesterday|in|to)\b))",
        retracts=True,
        multiple=True,
    ),
    # How answers should be.
    rule(
        "reply-language",
        "reply_language",
        "language",
        r"\b(?:answer|reply|respond|write|speak|talk)(?: to)?(?: me)?(?: only| always)? in (?P<v>(?:british|american|simple|plain|traditional|simplified)?\s?(?:german|french|spanish|italian|portuguese|japanese|korean|russian|arabic|hindi|dutch|polish|turkish|swedish|cantonese|british spelling|american spelling|british english|american english|british|american))\b(?! (?:class|essay|only if))",
        constraint=True,
    ),
    rule(
        "answer-limit",
        "answer_length",
        "preference",
        r"\b(?:keep|make|limit|cap) (?:your |the |all |all your )?(?:answers|replies|explanations|responses|it|them) (?:to )?(?P<v>(?:under|below|within|at most|less than|no more than|max(?:imum)?|to)? ?(?:\d+|one|two|three|five|ten) (?:words?|sentences?|lines?|paragraphs?|bullet points?|characters?)(?: or (?:less|fewer))?)",
        constraint=True,
    ),
    rule(
        "when-you",
        "preference",
        "preference",
        r"\A(?P<v>[Ww]hen(?:ever)? (?:you )?(?:answer(?:ing)?|explain(?:ing)?|correct(?:ing)?|edit(?:ing)?|reply(?:ing)?|teach(?:ing)?|giv(?:e|ing) (?:me )?feedback|talk(?:ing)? to me|writ(?:e|ing) to me)\b[^.!?]{3,100})",
        multiple=True,
    ),
    rule(
        "instead",
        "preference",
        "preference",
        r"\A(?P<v>(?:always )?give me (?:[\w-]+ ){1,4}instead(?: of [^.!?;]{2,40})?)",
        multiple=True,
    ),
    rule(
        "no-for-me",
        "avoids",
        "preference",
        r"\A(?:so |and |please )?[Nn]o (?P<v>(?!idea|problem|thanks|need|worries|time|luck)[\w -]{2,40}?) for me\b",
        constraint=True,
        multiple=True,
    ),
    rule(
        "off",
        "avoids",
        "preference",
        rf"{_IM}(?:off|cutting down on|giving up|laying off|done with|not eating|not drinking|trying to quit)\s+(?P<v>(?!work|today|tomorrow|to\b|on\b|the (?:phone|hook|clock|grid)|sick|school|duty|until|for\b|from\b|at\b|every|by\b|my (?:meds|medication|game))[a-z][\w -]{{2,40}}?)(?=\s*(?:$|[.,!;(]|\b(?:for|until|till|since|at|this|because|right|these|while|due)\b))",
        constraint=True,
        multiple=True,
    ),
    rule(
        "no-circumstances",
        "never",
        "preference",
        r"\b[Uu]nder no circumstances (?:should you |may you |ever )?(?P<v>(?:contact|call|mention|share|send|email|recommend|suggest|use|tell|show|give|text|phone|ask|include|write)\b[^.!?;]{2,80})",
        constraint=True,
        multiple=True,
    ),
    rule(
        "over-always",
        "preference",
        "preference",
        r"\A(?P<v>[\w -]{3,30} over [\w -]{3,30}?),? (?:always|every time|any day|please)\b",
        constraint=True,
        multiple=True,
    ),
    rule(
        "not-a-fan",
        "dislikes",
        "preference",
        r"\A(?:(?:honestly|really|definitely|sorry|tbh),? )?[Nn]ot (?:really |much of |exactly )?(?:a (?:big |huge |great )?fan of|into|keen on|fond of) (?P<v>(?!this|that|it\b|your|the (?:idea|first|second|last))[^.!?,;]{2,60})",
        multiple=True,
        confidence=0.8,
    ),
    rule(
        "love-fragment",
        "likes",
        "preference",
        r"\A(?:(?:absolutely|really|totally|also) )?(?:[Ll]ove|[Ee]njoy|[Aa]dore) (?P<v>(?!it\b|this|that|you|to (?:know|hear|see)|the (?:idea|first|second)|your|them|is\b|and\b)[a-z][^.!?,;]{2,60})(?=$)",
        multiple=True,
        confidence=0.55,
    ),
    rule(
        "hate-fragment",
        "dislikes",
        "preference",
        r"\A(?:(?:absolutely|really|totally|also) )?(?:[Hh]ate|[Cc]an't stand|[Dd]islike|[Dd]on't like) (?P<v>(?!it\b|this|that|you|the (?:idea|first|second)|your|them|is\b|and\b|speech|crime)[a-z][^.!?,;]{2,60})(?=$)",
        multiple=True,
        confidence=0.65,
    ),
    rule(
        "nothing-beats",
        "likes",
        "preference",
        r"\b[Nn]othing beats (?P<v>(?!this|that|it\b|your)[^.!?;,]{3,60})",
        multiple=True,
        confidence=0.75,
    ),
    rule(
        "age-word",
        "age",
        "identity",
        r"(?<![\w'-])I(?:'?m| am| just turned| turned)\s+(?:now |already |only |almost |nearly |about )?(?P<v>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]years?[ -]old)?(?=\s*(?:$|[,.!]|\b(?:and|now|next|in)\b))",
    ),
)
