"""Words and frames that the English rules are made of: kinds of things by name, no statements."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._english import ADVERB

SELF = r"(?<![\w'-])(?:(?:I|we)'ve\s+(?:(?:just|recently|finally|already|also|now)\s+)?|(?:I|we)\s+(?:have\s+(?:just|recently|finally|already|now)\s+)?)"
SELF_IS = rf"(?<![\w'-])(?:I'?m|I am|we're|we are|I are)\s+(?:(?:{ADVERB}|very|severely|badly|deathly|dead|partially|newly|mildly|slightly|a bit|already|officially|sadly|proudly|currently|all)\s+){{0,3}}"
SELF_BEEN = rf"(?:{SELF_IS}|(?<![\w'-])(?:I've been|I have been|we've been|we have been)\s+(?:(?:{ADVERB}|officially|happily)\s+){{0,2}})"
"""Also what has been so for a time; not for what comes and goes."""
SELF_HAS = r"(?<![\w'-])(?:I have|I've got|we have|we've got|I have got|I got|I suffer from|I live with|I struggle with|I'm living with|I am living with|I deal with|I was born with|I've been diagnosed with|I have been diagnosed with|I was diagnosed with|I got diagnosed with|I'm diagnosed with|I've had|I was recently diagnosed with|I have had|I'm suffering from|I was told I have|I've just been told I have|I was recently told I have|I've a|we've a|I have a|I've always had|I tend to get|I often get|I get terrible|I get bad)\s+(?:(?:also|just|recently|been|always|both)\s+)*"
IS_NOT = r"(?:not|no longer|not actually|actually not|not really|not even)"
CAPITAL = "A-Z" + "".join(
    c
    for c in map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))
    if c.isupper() and c.isalpha()
)
NAME = rf"(?P<v>[{CAPITAL}][\w'’\-]*\.?(?:\s+(?:de|van|von|der|la|el|bin|al|O')?\s?[{CAPITAL}][\w'’\-]+){{0,3}})"
END = (
    r"(?=\s*(?:[,.!?;:()]|$|\b(?:and|but|so|because|since|as|from|by the|please|thanks|now|if)\b))"
)

NOT_NAMES = frozenset(
    [
        "a",
        "again",
        "an",
        "anytime",
        "asap",
        "at",
        "back",
        "biased",
        "blunt",
        "boring",
        "by",
        "changed",
        "cheap",
        "crazy",
        "dumb",
        "first",
        "for",
        "fussy",
        "her",
        "him",
        "i",
        "if",
        "in",
        "it",
        "last",
        "late",
        "later",
        "lazy",
        "mad",
        "maybe",
        "me",
        "misspelled",
        "my",
        "naive",
        "never",
        "not",
        "now",
        "old",
        "on",
        "out",
        "paranoid",
        "picky",
        "please",
        "silly",
        "so",
        "sometime",
        "soon",
        "spelled",
        "stubborn",
        "stupid",
        "that",
        "the",
        "them",
        "this",
        "to",
        "today",
        "tomorrow",
        "tonight",
        "too",
        "us",
        "weird",
        "what",
        "whatever",
        "when",
        "who",
        "wrong",
        "you",
        "your",
    ]
)
"""Words after "call me" that are no name."""

DEMONYM = re.compile(
    r"(?:[^aeiou]ian|ese|ist|ing|ed)$"
    r"|^(?:South|North|East|West|Roman|Sri|African|Latin|Native|New|Deaf|Blind)\b"
)
"""Endings of words for peoples, faiths and trades that `metier.impersonal` may not list. Endings
that names of some languages have more often than others (-i, -an, -ish) are not among them."""


def is_name(value: str) -> bool:
    words = value.split()
    return len(words) <= 4 and not (
        value[0].islower() and any(w.casefold() in NOT_NAMES for w in words)
    )


CONDITIONS = (
    r"diabet\w+|hay ?fever|plantar fasciitis|tendonitis|tendinitis|carpal tunnel(?: syndrome)?|pneumonia|bronchitis|sinusitis|shingles|tourette'?s|a stutter|a stammer|neuropathy|dermatitis|heartburn|diverticul\w+|gallstones|an? hernia|hashimoto'?s|osteoarthritis|angina|neuralgia|spondylitis|stenosis|bursitis|lactose intolerance|asthma\w*|epilep\w+|hypertension|high blood pressure|low blood pressure|high cholesterol|arthritis|rheumati\w+|osteoporosis|migraines?|anemia|anaemia|an[ae]mic"
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
    rf"\b(?:{CONDITIONS}|allerg\w+|intoleran\w+|medical|medication|medicine|illness|disab\w+|health (?:condition|issue|problem|concern)s?|pregnan\w+|breastfeeding|sensitive (?:skin|stomach|teeth|eyes)|phobia|injur\w+|surgery|sick\w*|trauma\w*|genetic \w+|dietary (?:needs|restrictions)|chronic\w*|therap\w+|diagnos\w+|wheelchair|sore\w*|\w*aches?|aching|pains?|painful|rash\w*|fevers?|cough\w*|lumps?|blisters?|swollen|swelling|bleeding|nause\w+|vomit\w*|dizz\w+|itch\w*|infect\w+|bruis\w+|cramps?|numb(?:ness)?|diarrh\w+|constipat\w+|wounds?|ulcers?|tumou?rs?|symptoms?|breathless\w*)\b"
    r"|过敏|不耐受|疾病|糖尿病|高血压|哮喘|抑郁|焦虑症|怀孕|孕|手术|受伤|残疾|病",
    re.I,
)
"""Words that tell of somebody's health: a value with one of them is of the health category."""

DRUGS = r"(?:an? )?(?:antibiotics?|painkillers?|statins?|blood thinners?|antidepressants?|antihistamines?|beta[- ]blockers?|ssris?|steroids?|chemo(?:therapy)?|birth control|the pill|hrt|insulin|nsaids?|opioids?|sedatives?|sleeping pills|diuretics?|immunosuppressants?|anticoagulants?|inhalers?|aspirin|ibuprofen|paracetamol|acetaminophen|tylenol|advil|metformin|warfarin|lithium|levothyroxine|thyroxine|prednisone|prednisolone|methotrexate|adderall|ritalin|xanax|prozac|zoloft|ozempic|viagra|digoxin|heparin|clopidogrel|gabapentin|tramadol|morphine|codeine|iron (?:tablets|supplements|pills)|folic acid|[a-z]{3,12}(?:pril|sartan|statin|olol|cillin|mycin|cycline|azole|prazole|azepam|zolam|oxetine|traline|tidine|gliptin|gliflozin|glutide|floxacin|ximab|zumab|thiazide|semide|dipine|triptan|setron|lukast|barbital|mide|xaban|profen))"
ADJ_CONDITIONS = r"diabetic|pre-?diabetic|asthmatic|epileptic|autistic|dyslexic|dyspraxic|dyscalculic|an[ae]mic|hypertensive|bipolar|hiv[- ]positive|immunocompromised|neurodivergent|arthritic|claustrophobic|agoraphobic|hypoglyc[ae]mic|hypothyroid|h[ae]mophiliac|bulimic|anorexic|paraplegic|quadriplegic|coeliac|celiac|on dialysis|an? (?:diabetic|asthmatic|epileptic|coeliac|celiac|h[ae]mophiliac|cancer survivor|amputee|recovering alcoholic|recovering addict)|in remission|obese|overweight|infertile|menopausal"
ACCESS = r"(?:legally |partially |almost |completely |totally |profoundly |half |hard[- ]of[- ])?(?:blind|deaf|mute|colou?r[- ]?blind|hearing|hearing[- ]impaired|visually[- ]impaired|partially sighted|deaf-blind|deafblind)(?: in (?:one|my left|my right) (?:eye|ear))?|in a wheelchair|a wheelchair[- ]user|wheelchair[- ]bound|disabled|dyslexic|non-?verbal|photosensitive|light-sensitive|left-handed"

DIETS = r"vegan|vegetarian|pescatarian|pescetarian|flexitarian|fruitarian|lacto-vegetarian|ovo-vegetarian|lacto-ovo vegetarian|halal|kosher|gluten[- ]free|dairy[- ]free|lactose[- ](?:intolerant|free)|gluten[- ]intolerant|coeliac|celiac|keto|paleo|carnivore|plant-based|teetotal|raw vegan|low[- ]fodmap"

JOBS = (
    r"(?:(?!(?:and|or|but) (?:an?|the|my)\b)[\w-]+\s+){0,4}?(?:\w{2,}(?:eer|ician|ologist|iatrist|ographer|wright|smith|keeper|ologist|iatric nurse)|nurse|doctor|physician|surgeon|dentist|vet|veterinarian|pharmacist|midwife|paramedic|therapist|counsell?or|psychologist"
    r"|teacher|professor|lecturer|tutor|librarian|principal|researcher|scientist|analyst|programmer|developer|coder|designer|architect|manager|director|consultant|accountant|auditor|lawyer|attorney|paralegal|judge"
    r"|chef|cook|baker|barista|bartender|waiter|waitress|farmer|gardener|driver|pilot|sailor|soldier|veteran|police officer|officer|firefighter|fireman|electrician|plumber|carpenter|builder|welder|painter|artist|musician|singer|actor|actress"
    r"|writer|author|editor|journalist|translator|interpreter|blogger|photographer|filmmaker|producer|entrepreneur|freelancer|founder|ceo|cto|cfo|business owner|shop owner|realtor|estate agent|banker|trader|broker|cashier|clerk|secretary|receptionist|assistant"
    r"|salesperson|salesman|saleswoman|marketer|recruiter|nanny|babysitter|caregiver|carer|cleaner|housekeeper|hairdresser|barber|stylist|beautician|tailor|coach|trainer|athlete|dancer|model|social worker|civil servant|technician|operator|mechanic|courier|student|undergraduate|graduate student|postdoc|intern|apprentice|stay-at-home (?:mom|mum|dad|parent)|homemaker|housewife|retiree|pensioner|executive|biologist|chemist|physicist|mathematician|statistician|geologist|historian|economist|critic|curator|planner|instructor|diver|guard|detective|priest|pastor|monk|nun|imam|rabbi)"
)

PETS = r"dogs?|cats?|pupp(?:y|ies)|kittens?|rabbits?|bunn(?:y|ies)|hamsters?|guinea pigs?|parrots?|budgies?|birds?|canar(?:y|ies)|goldfish|fish|turtles?|tortoises?|snakes?|lizards?|geckos?|iguanas?|horses?|pon(?:y|ies)|chickens?|hens?|ferrets?|rats?|mice|mouse|goats?|pigs?|donkeys?|chinchillas?|hedgehogs?|axolotls?|retrievers?|labradors?|poodles?|terriers?|bulldogs?|huskies|husky|corgis?|beagles?|spaniels?|collies?|dachshunds?|cockatiels?|greyhounds?|whippets?|dalmatians?|rottweilers?|shih tzus?|chihuahuas?|boxers?|pugs?|lurchers?|staffies|cockapoos?|labradoodles?|pomeranians?|akitas?|setters?|pointers?|mastiffs?|alsatians?|schnauzers?|ragdolls?|bearded dragons?|stick insects?|bees|ducks|alpacas?|llamas?|sheep|cows"
KIN = r"(?:daughters?|sons?|kids?|child|children|twins?|wife|husband|partner|brothers?|sisters?|siblings?|grandchildren|grandsons?|granddaughters?|boyfriend|girlfriend|fianc[ée]e?|stepson|stepdaughter|baby|toddler)"
PLACE = r"(?P<v>(?:the )?[A-Z][\w'’\-\.]*(?:(?:,?\s+|,\s*)(?:of |de |la |le |los |las |am |upon |the )?[A-Z][\w'’\-]*){0,4})"
PLACE_ANY = r"(?P<v>(?!(?:a|an|my|your|this|that|fear|hope|harmony|peace|constant|the (?:past|moment|present|future|same|middle|fast|here|now))\b)[\w'’\-\.]+(?:(?:,?\s+)(?!(?:and|but|so|because|with|since|from|until|for|now|right|at|where|which|as|on|by|if|when|while|these|last|this|next|currently|again|till)\b)[\w'’\-]+){0,4}?)"
LANGUAGES = r"english|chinese|mandarin|cantonese|spanish|french|german|italian|portuguese|russian|japanese|korean|arabic|hindi|urdu|bengali|turkish|polish|dutch|swedish|norwegian|danish|finnish|greek|hebrew|vietnamese|thai|indonesian|malay|tagalog|filipino|ukrainian|czech|romanian|hungarian|persian|farsi|swahili|catalan|punjabi|tamil|telugu|marathi|gujarati|asl|bsl|sign language|american sign language|british sign language|basque|welsh|irish|afrikaans|serbian|croatian|bulgarian|slovak|hausa|yoruba|zulu|amharic|latin|esperanto|nepali|sinhala|burmese|khmer|lao|mongolian|georgian|armenian|kurdish|somali|albanian|estonian|latvian|lithuanian|icelandic|galician|gaelic|scots|breton|maltese|luxembourgish|wolof|igbo|tswana|xhosa|shona|oromo|tigrinya|pashto|dari|uzbek|kazakh|malayalam|kannada|odia|assamese|javanese|cebuano|ilocano|bisaya|hokkien|teochew|hakka|shanghainese|quechua|guarani|m[aā]ori|samoan|hawaiian|fijian|twi|kinyarwanda|luganda|lingala|kikuyu|luo|azerbaijani|belarusian|bosnian|macedonian|slovenian|slovene|yiddish|ladino|creole|haitian creole|papiamento|frisian|faroese|sami|tibetan|uyghur"
FAITHS = r"(?:a |an )?(?:devout |practi[cs]ing |observant |strict |orthodox |conservative |reform |liberal |sunni |shia |roman |non-practi[cs]ing |lapsed |born-again |secular |very |evangelical |mahayana )*(?:muslim|christian|catholic|protestant|jewish|jew|hindu|buddhist|sikh|jain|mormon|jehovah'?s witness|atheist|agnostic|quaker|baptist|lutheran|methodist|anglican|orthodox|evangelical|pagan|wiccan|taoist|baha'?i|rastafarian|seventh-day adventist|presbyterian|shinto|religious)"
PARTIES = r"(?:a |an )?(?:registered |lifelong |staunch |proud |committed |card-carrying |moderate |party member of the |member of the )*(?:democrat|republican|conservative|liberal|socialist|communist|libertarian|tory|labour (?:voter|supporter|member|party member)|green (?:voter|party member)|labour party|conservative party|green party|democratic party|republican party|communist party|anarchist|left-wing|right-wing|leftist|centrist|progressive|marxist|social democrat)"
ORIENTATIONS = r"(?:a |an )?(?:openly |proudly )?(?:gay(?: (?:man|woman|person))?|lesbian|bisexual|bi|straight|heterosexual|homosexual|asexual|pansexual|queer|transgender|trans(?: (?:man|woman|person))?|non-?binary|genderqueer|genderfluid|intersex|lgbtq?\+?)"
ORIGINS = r"(?:a |an )?(?:half[- ])?(?:black|white|asian|african[- ]american|asian[- ]american|chinese[- ]american|mexican[- ]american|hispanic|latino|latina|latinx|native american|indigenous|aboriginal|m[aā]ori|romani|roma|mixed[- ]race|biracial|multiracial|han chinese|uyghur|tibetan|kurdish|arab|south asian|east asian|pacific islander|afro-\w+|caucasian|inuit|sami|berber|hmong|of \w+ (?:descent|origin|heritage))"
NATIONS = r"(?:an? )?(?:american|british|english|scottish|welsh|irish|french|german|spanish|italian|portuguese|chinese|japanese|korean|indian|pakistani|bangladeshi|canadian|australian|mexican|brazilian|argentin(?:e|ian)|chilean|colombian|peruvian|russian|ukrainian|polish|dutch|belgian|swiss|austrian|swedish|norwegian|danish|finnish|greek|turkish|egyptian|moroccan|nigerian|kenyan|ghanaian|ethiopian|south african|israeli|iranian|iraqi|syrian|lebanese|saudi|vietnamese|thai|filipino|filipina|indonesian|malaysian|singaporean|taiwanese|hungarian|czech|romanian|bulgarian|serbian|croatian|cuban|jamaican|nepali|sri lankan|new zealander|icelandic)(?: citizen| national)?"
