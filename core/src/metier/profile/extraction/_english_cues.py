"""How people take back or replace what they said, in English: the words that show it.

A cue says that something said before was wrong; what stands beside it is the right value, or the
wrong one. Strong cues are said of nothing else ("typo", "I meant"); weak ones open other sentences
too ("no", "actually", "sorry"), so that the value must be plainly of the same kind.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

_EDGE = r"(?:^|(?<=[\s,.;:!?(*—–-]))"
_TAKE = r"(?:scratch|strike|ignore|disregard|forget|delete|erase|discard|undo|remove|retract|take back|unlearn|scrap|drop(?= (?:the|what|that) (?:bit|part|thing|stuff|i said))|wipe|never ?mind|don'?t (?:remember|save|keep|store|note)|do not (?:remember|save|keep|store|note)|stop remembering)"
_LAST = r"(?:(?<!mind )(?<!wipe )(?<!discard )(?:that|this)(?: one)?|(?<!forget )(?<!mind )(?<!remove )it|(?:my|the|that|this) (?:last|previous|earlier|above) (?:message|sentence|comment|statement|remark|bit|part|thing|one|line|text|point|info|answer)|what i (?:just |have just )?(?:said|wrote|told you|typed)(?: (?:just now|before|earlier|above|last))?|all (?:of )?(?:that|this))"

STRONG = re.compile(
    rf"{_EDGE}(?:i (?:actually |really |just )?mean(?:t)?(?: to (?:say|write|type|put|tell you))?|meant(?: to (?:say|write|type|put))?|i mean"
    r"|(?:small |quick |slight |minor )?correction|corrected|to correct (?:myself|that)|let me (?:correct|fix|rephrase|restate|clarify|reword|try) ?(?:that|this|myself|again)?|i (?:should|need to|must|have to|want to) (?:correct|fix) (?:that|this|myself|something|what i said)|i stand corrected"
    r"|(?:that (?:was|is) |that's |sorry for the |excuse the |excuse my |pardon the )?(?:an? |my )?(?:(?:big|silly|stupid|huge|bad|obvious|little|major) )?(?:typo|slip of the tongue|slip of the finger|brain fart|misprint)s?|mis-?(?:typed|spoke|wrote|spelled|spelt|remembered|counted|read|said|stated)|(?:damn |stupid |bloody |ugh,? )?auto-?correct\w*|fat[- ]?fingered(?: it| that)?|wrong (?:key|button|number|word|one|way round|name|date|figure)"
    r"|(?:my |i made a |made a |there was a )(?:mistake|bad|error|slip|apologies|fault|blunder)|(?:i )?(?:got|had|put|wrote|gave you|have) (?:that|this|it|them|the \w+(?: \w+)?|my \w+) (?:all |completely |slightly |totally )?(?:wrong|backwards|mixed up|the wrong way round)|i (?:was|am|'m) (?:wrong|mistaken|off|misremembering|confused)(?: (?:about|there|earlier|before)(?: \w+){0,3})?|(?:i )?(?:mixed|muddled) (?:that|this|it|them|those|things|the two) up|(?:i )?(?:mixed|muddled) up(?: \w+){0,3}|(?:i )?confused (?:the (?:two|words?|names?|numbers)|them|it with \w+)|(?:my|the) (?:[a-z]+ ){1,2}(?:typed|wrote|filled in) (?:that|this|it)|i should (?:add|say)"
    r"|that(?:'s| is| was)(?: actually| all| just)? (?:wrong|not right|not correct|not true|incorrect|inaccurate|a mistake|outdated|false|not what i meant|untrue|not quite right)|(?:it|that) (?:should|must|ought to)(?:'ve| have)? (?:be(?:en)?|said?|say|read|to be)|should(?:'ve| have)? (?:be(?:en)?|said?|say|read)|shoulda (?:said|been)|supposed to (?:be|say|read)"
    r"|make (?:that|it)|or rather|rather(?=,)|update(?=:)|(?:it )?turns out|changed my mind|change of mind|i should clarify|to clarify|clarification|i (?:just |have )?(?:looked it up|checked|looked|remembered)|let me (?:recount|think)|i keep (?:forgetting|mixing|saying)(?: \w+ up)?|i wish|old habits?|force of habit|to be (?:more )?(?:exact|precise|accurate|specific|fair)|more (?:precisely|accurately|exactly)|strictly speaking|technically|on second thoughts?|oops|whoops|oopsie|whoopsie|woops|ooops|argh|duh|doh|d'oh|er+|erm+|uh+|um+|edit(?=:)|fix(?=:)|spelled|spelt|with an? (?:[a-z](?!\w))|the (?:right|correct|proper|real) (?:one|value|number|name|answer|spelling|date|figure)"
    r"|on (?:reflection|closer look|closer inspection)|who am i (?:fooling|trying to fool)|(?:if|when) (?:we're|i'm|you're) being (?:precise|exact|honest|pedantic|picky)|it was never [\w ]{3,25}|(?:would|might) be (?:more accurate|closer|righter)|put me down (?:as|for)|(?:i )?should know(?: that| my own \w+)?|i (?:re-?)?(?:checked|measured|counted)(?: it| them)? (?:again|properly|twice)|(?:i )?gave you (?:the|my) (?:old|wrong|neighbou?r\w*'?|previous) ?\w*|(?:i was )?(?:reading|looking|copying) (?:from|at|off) the wrong \w+|(?:i )?(?:swapped|switched|transposed|reversed) (?:the|two|some|those) (?:digits|numbers|letters|words|names)|(?:i )?(?:missed|forgot|dropped|lost|left out|skipped|added) (?:a|the|one|an extra) (?:digit|zero|letter|word|nought|comma)|let'?s be (?:honest|real|precise|exact)|(?:if i'?m|to be) (?:honest|precise|exact)|who am i kidding|i'?(?:ve|m)? ?just (?:double[- ]?)?checked|just (?:double[- ]?)?checked|double[- ]checked|excuse me"
    r"|(?:i )?(?:always|keep|often) (?:mix|mixing|confuse|confusing|get|getting) (?:them|those|these|the two|it|that)(?: up| wrong| mixed up| confused)?|brain (?:fade|fog|freeze|glitch|fail|blip)|now (?:that |when )?i (?:look|think|check|count|read|see)(?: (?:of|about|at) it| again| closer)?|(?:i )?can'?t (?:count|type|spell|read|add)|don'?t ask(?: me)?(?: why)?|(?:they|she|he|we|it)(?:'ve| have| has|'s)? (?:just )?(?:changed|moved|renamed|rescheduled|updated|went up|moved up)(?: it| them)?|silly me|stupid me|clumsy (?:me|fingers)|(?:sausage|clumsy|cold|fat) fingers|half asleep|(?:not|need) (?:enough |more )?(?:awake|coffee|sleep)(?: yet)?|what was i thinking|blame (?:the|my) [\w-]+|mis-?click(?:ed)?|i (?:was|had been) thinking of(?: \w+){1,3}|i have no idea why i(?: \w+){1,3}|(?<=\w )rather(?=\s*$)|with (?:two|double|one|a single) [a-z](?:'?s)?(?!\w)|my (?:fingers?|keyboard|brain|memory) (?:slipped|failed|is|was|got)(?: \w+)?"
    rf"|(?:{_TAKE}) {_LAST}|i take that back|wrong|(?<=, )well(?=,))(?=$|[\s,.;:!?)*—–-])",
    re.I,
)
AMBIGUOUS = re.compile(
    r"(?:it |that |this )?(?:should|must|ought|shoulda|supposed|make)\b|the |wrong$|fix|edit|technically|strictly|um+$|uh+$|er+m?$|with |more |to be |if |who am |let|(?:they|she|he|we|it)\b|just |double|excuse|now |(?:i )?(?:looked|checked|asked|measured|counted|always|keep|often)\b|i'?(?:m|ve)? ?just |my |don|half |need |not |(?:would|might) ",
    re.I,
)
"""Cues that are none before a full statement ("my answers should be short")."""
WEAK = re.compile(
    r"(?:^|[,.;:!?(—–]\s*|\s-+\s*)(?:(?:oh|ah|ok|okay|so|and|but|well|hm+|hey|lol|haha+|ha|ugh|wow|damn),? )*(?:no+(?: no+)*(?=\s*[,.;:!?—–-]|\s+(?:i|i'm|i've|it|it's|that|that's|my|we|he|she|they|the|wait|sorry|actually)\b|\s*$)|nope|nah|sorry|apologies|my apologies|i'm sorry|pardon|wait|hang on|hold on|actually)(?: (?:no|wait|sorry|actually|yes|yeah))*(?=$|[\s,.;:!?)—–-])"
    r"|\b(?:actually|sorry|apologies|in fact|though|of course)\s*(?=$|[,.;:!?)—–-])",
    re.I,
)
STAR = re.compile(r"^\s*\*+\s*(?=\w)|(?<=\w)\s*\*+(?=\s*(?:$|,))")
"""A message that is a correction by the custom of chats: "*82 kg"."""

_WRONG = r"(?P<o>[\w$€£+#][\w$€£ .'@+/-]{0,40}?)"
_ART = r"(?:(?:allergic to|called|named|from|into|a fan of|an?|the|in|at|my|on|to|for|all|any)\s+){0,2}"
WRONG = (
    re.compile(
        rf"(?:\b[\w'-]+ (?=isn't|aren't|ain't))?\b(?:not|and not|rather than|instead of|isn't|aren't|ain't)\s+{_ART}{_WRONG}(?: exactly| really| at all| any ?more)?\s*(?=$|[,.;:!?()—–-](?!\w)|\s-|\bbut\b|\b(?:it's|they're|i'm|that's|i meant|like i)\b)",
        re.I,
    ),
    re.compile(
        rf"\b(?:when |where |if |though |although |i know )?(?:i (?:earlier |just |actually |previously |always |keep |kept |usually |may have |might have )?|(?:do not|don't) know why i |no idea why i |did i (?:just |really |actually )?|earlier i )(?:said|say|saying|wrote|write|tell you|told you|typed?|put|mention(?:ed)?|gave you(?! the| my)|called it|entered)\s+(?:(?:it(?:'s| was| is)|that|i(?:'m| was| am| have| had| live in| work (?:at|for|as))?|my \w+(?: is| was)?)\s+)*{_ART}{_WRONG}(?: (?:earlier|before|above|yesterday|last time|just now))*\s*(?=$|[,.;:!?()—–-](?!\w)|\s-|\bbut\b|\b(?:it's|they're|i'm|that's|i meant|which)\b)",
        re.I,
    ),
    re.compile(rf"\b(?:change|replace|swap)\s+{_ART}{_WRONG}(?= (?:to|with|for|by)\b)", re.I),
    re.compile(
        rf"(?:^|[,.;:!?] ?)(?!(?:that|this|it|these|those|the|my|which|what)\b){_ART}{_WRONG}(?= (?:was|is) (?:wrong|a typo|a mistake|incorrect|an error|not right|my old|the old|the neighbou?r's)\b| should(?:'ve| have)? (?:be|been|say|read)\b|\s*(?:->|→|=>))",
        re.I,
    ),
)
"""The wrong value, where it is named beside the right one."""

_ABOUT = r"(?:about|regarding|on|concerning|with|of|re)"
TAKES = re.compile(
    rf"\b{_TAKE}\s+(?:(?P<last>{_LAST})(?=\s*(?:$|[,.;:!?)—–-]|\b(?:please|pls|entirely|completely|for now|and|too|ok|okay|thanks|thx|too)\b))"
    rf"|(?:that |the fact that )?(?:(?:what|everything|anything|whatever|all|stuff|things?|the (?:bit|part|thing|stuff|info|information|detail|fact|one|line))\s*)?(?:that )?(?:i (?:ever |just |have |had |previously )?(?:said|mentioned|told you|wrote|shared|gave you|put|brought up|talked)?(?: earlier| before)?\s*)?(?:{_ABOUT} )?(?P<about>(?:my|me|where|how|who|what|that|the|i|being|having)?\b[^,.;:!?—–]{{2,60}}?)(?: please| pls| thanks| again| ok| okay| entirely| completely| for now| too)*\s*(?=$|[,.;:!?—–]|\s-))"
    r"|\b(?:you can|please|pls|just) (?:drop|lose|leave out|take out|take off|omit|forget|skip|strike|scratch|ditch|bin) (?P<about2>(?:the |my )[^,.;:!?—–]{2,30})"
    r"|\bi was (?:only |just )?(?:joking|kidding|lying|exaggerating|messing)(?: (?:about|when i said) (?P<about3>[^,.;:!?]{2,40}))?|(?:^|[.,;!] ?)(?:scratch|strike) (?P<about4>the [^,.;:!?]{2,30})|\b(?:they|the (?:doctors?|tests?|clinic|hospital)|doctors?) (?:have |has |'ve )?ruled (?:out )?(?P<about5>[^,.;:!?]{3,30}?)(?: out)?(?= (?:in|after|now|at|last|today)\b|[,.;!]|$)|\bfalse alarm\b|\bit was never (?P<about6>[^,.;:!?]{3,25})"
    r"|\b(?:i )?take (?:that|it) back\b|\bthat was (?:a joke|not true|for my \w+)\b",
    re.I,
)
"""A request to take something back: the last statement, or what was said of something."""
TAKES_SURE = re.compile(
    r"\b(?:i (?:ever |just |have |had |previously )?(?:said|mentioned|told|wrote|shared|gave|put|brought)|about|regarding|concerning)\b|\bmy \w+|\bwhere i\b|\bhow old\b|\bthat i(?:'m| am| have| live| work| like| love| hate)\b",
    re.I,
)
"""What makes "forget X" a word about what is remembered."""

TOPICS = {
    "live": "home address lived_in", "address": "address home", "home": "home address", "city": "home", "town": "home", "location": "home address",
    "moved": "home", "based": "home", "work": "occupation employer", "job": "occupation employer", "occupation": "occupation", "employer": "employer",
    "company": "employer", "career": "occupation", "name": "name surname", "old": "age birthday", "age": "age birthday", "birthday": "birthday age",
    "diet": "diet", "eat": "diet avoids never dislikes", "food": "diet likes dislikes avoids allergy", "allergy": "allergy intolerance", "allergies": "allergy intolerance",
    "allergic": "allergy", "health": "condition allergy medicine intolerance", "condition": "condition", "illness": "condition", "diagnosis": "condition", "medical": "condition medicine",
    "medication": "medicine", "meds": "medicine", "medicine": "medicine", "pills": "medicine", "pet": "pet", "pets": "pet", "dog": "pet", "cat": "pet",
    "family": "family marital_status", "kids": "family", "children": "family", "married": "marital_status", "relationship": "marital_status", "budget": "budget", "money": "budget",
    "spend": "budget", "goal": "goal", "goals": "goal", "level": "level", "religion": "religion", "religious": "religion", "faith": "religion", "politics": "politics", "political": "politics",
    "phone": "phone", "number": "phone reference", "email": "email", "degree": "studies", "studying": "studies goal", "study": "studies", "school": "studies", "university": "studies",
    "car": "possession", "weight": "weight", "weigh": "weight", "height": "height", "tall": "height", "pregnant": "pregnant", "pregnancy": "pregnant", "language": "speaks answer_language",
    "languages": "speaks", "plan": "plan", "schedule": "schedule", "hobby": "activity likes", "hobbies": "activity likes", "sexuality": "orientation", "salary": "budget",
}  # fmt: skip
"""Words for what somebody told of themselves, and the slots that hold it."""

LEAD = re.compile(
    r"(?:it's been|has been|(?:got |was |is |has been |been )?(?:moved|changed|postponed|pushed|rescheduled|brought forward)(?: me| it)?(?: back)? to|it turns out|turns out|nearly|almost|about|around|more like|closer to|only|the (?:label|box|card|form|letter|contract|bill) says|i was thinking of|i was (?:talking|speaking) (?:about|of)|i meant to say|kindly|note(?: that)?|(?:please )?(?:use|put|take|write)(?! to)|but|and|so|because|since|then|well|oh|ah|hey|yes|yeah|ok|okay|please|pls|actually|really|rather|just|now|of course|obviously|clearly|in fact|here|also|or"
    r"|(?:it|that|this|he|she|they|there|which|what|mine|ours|hers|his|theirs)(?:'s|'re|'ll be|s| is| are| was| were| has| have| will be)?"
    r"|(?:my|the|his|her|our|their)(?: [a-z][a-z'-]*){1,3}?(?:'s| is| are| was| were| has| have| will be| ends in| starts with| begins with)"
    r"|(?:called|named|spelled|spelt|only|still|simply|meant to be|supposed to be)"
    r"|i(?:'m|'ve| am| have| was| live| work| play| speak| study| like| drive| take| need| prefer)?(?: (?:actually|really|now|only|in|at|for|as|on|the))*|we(?:'re| are| have| live)?(?: in)?"
    r"|the one (?:in|from|at|called|named)|(?:somewhere|someone|something) (?:in|called|named)|is|are|was|were|be|being|called|named|gone into|moved (?:up )?(?:in)?to|going into|turned|turning|in|at|on|to|for|by|from|with|as|of|an?|the|my|with an? \w:?|from \w+ to)(?=[\s:]|$)[\s,:]*",
    re.I,
)
"""What stands before the value of a correction, piece by piece."""
TRAIL = re.compile(
    r"[\s,]*(?:\b(?:actually|instead|rather|now|of course|please|pls|really|though|tho|thanks|thank you|sorry|obviously|exactly|lol|haha|i mean|i think|in fact|nowadays|as of (?:today|now|this \w+)|would be (?:better|nicer|right|more accurate)|is better|if we're being \w+|to be exact|to be precise|again|today|already|it is|it was|is right|is correct|is the (?:right|correct) one|with an? [a-z](?: and an? [a-z])*|at the end|for short|all along|since \w+(?: \w+)?|i'm allergic to|i (?:use|own|eat|drink|play|speak|live in|work for|work at|like|study|take|drive|have|need|want)|is what i (?:meant|mean|have|do))|[.,!?…~*\"')]+)$",
    re.I,
)
NO_VALUE = re.compile(
    r"(?:i|you|we|he|she|they|it|this|that|these|those|not|no|never|nothing|none|me|my|your|his|her|our|their|what|which|who|whom|whose|where|when|why|how|if|unless|because|since|although|though|while|so|and|but|or|then|than|yes|yeah|yep|ok|okay|sure|fine|good|great|nice|perfect|cool|wow|right|correct|wrong|true|false"
    r"|thanks?|thx|cheers|please|hello|hi|hey|bye|can|could|would|should|will|do|does|did|don't|have|has|had|is|are|was|were|am|be|let|let's|show|give|tell|make|try|use|go|get|got|look|see|say|help|find|start|stop|wait|hang|hold|sorry|oops|another|other|different|more|less|fewer|better|worse|too|also|even|very|only|maybe|perhaps|probably|still|again|later|never mind|nevermind"
    r"|one more|all|any|some|something|anything|everything|everyone|someone|here|there|now|today|yesterday|tomorrow|long|short|quick|quicker|shorter|longer|simpler|cheaper|bigger|smaller|easier|question|problem|message|messages|chat|window|tab|thread|person|reply|answer|version|example|attachment|file|picture|photo|link|typo|mistake|for|with|about|at all|dear|lucky|poor|good for|thank|god|gosh|man|boy|damn|shit|crap|silly|brain|as|after|before|by the way|btw|my dog|forgot|typed|didn't|doesn't|isn't|wasn't|always|time|autocorrect|it'?s|i'?m|well|hmm?|uh|um|er|last|first|next|previous|old|former|wrong \w+)(?![\w'-])",
    re.I,
)
"""What begins no value of a correction."""
FINE = re.compile(
    r"(?:^|[,.;]\s*|\b(?:and|but|oh) )(?P<what>(?:[\w'-]+ ){0,3}?[\w'-]+)(?:'s| is| are)(?: actually| really| totally| perfectly| now)* (?:fine|ok|okay|alright|all right|no problem|not a problem|allowed|good|great|safe)\b(?! (?:with|at|to|for))"
    r"|\bi (?:can|do|actually|really)(?: actually| really| totally)* (?:eat|have|drink|like|love|enjoy|tolerate|handle) (?P<what2>[\w' -]{2,30}?)(?: just)? (?:fine|ok|okay|actually|after all)\b",
    re.I,
)
"""Where something is called fine after all."""
DENIES = re.compile(
    r"(?:no,? |but |well,? |and )*(?:i(?:'m| am) (?:really |actually )?not|i (?:don't|do not|haven't|didn't|never did)|(?:that|it)(?:'s| is) (?:just )?(?:not (?:true|so|me|the case|right)|false|wrong))(?: any ?more| actually| at all)?",
    re.I,
)
"""A sentence that denies the one before it."""

ENDED = re.compile(
    r"(?<![\w'-])(?:I|we)(?:'ve| have)?(?: (?:just|recently|finally|already|also|now))* (?P<verb>no longer|don't|do not|stopped|quit|gave up(?: on)?|given up(?: on)?|dropped(?: out of)?|sold|got rid of|finished|came off|come off|moved out of|left|lost|cancelled|packed in|traded in|gave away)"
    r" (?P<what>[^.,;!?]{2,50}?)(?P<more> any ?more| any longer)?(?=\s*(?:$|[.,;!?]|\b(?:and|but|so|because|last|in|this|for|now|since|yesterday|ago|two|a (?:week|month|year))\b))"
    r"|\b(?:my|our|the) (?P<what2>[\w' -]{2,30}?) (?:(?:sadly|just|finally|has|have|had) )*(?:died|passed away|was stolen|came off|come off|is gone|was sold|to be put down|fell through)\b",
    re.I,
)
"""Where somebody tells that something of theirs has ended."""
