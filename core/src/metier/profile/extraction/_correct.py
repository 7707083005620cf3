"""Corrections and withdrawals: "no, actually, it's Porto", "scratch that", 不对，是…"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

CORRECTS = re.compile(
    r"(?:^|[\s,.;!—–-])(?:no,? (?:wait|sorry|actually|it'?s|i|my|that)|(?:oops|oh no|wait|whoops|hang on|hold on)[,.!—-]* *(?:no\b|sorry|actually|it'?s|i|my|that)?|i (?:actually )?mean(?:t)?(?: to (?:say|write|type))?|correction|my (?:mistake|bad|apologies)|i (?:misspoke|mistyped|was wrong|was mistaken|got that wrong|made a mistake|had that wrong|gave you the wrong)"
    r"|that(?:'s| is| was)(?: actually)? (?:wrong|not right|incorrect|a mistake|a typo|outdated)|(?:scratch|strike|ignore|disregard|forget) (?:that|this|what i (?:just )?said|my last)|let me correct|to correct|make that|or rather|rather,|sorry,? (?:i|it'?s|my|that)|not \w+(?: \w+)?,? but|typo|mistyped|autocorrect\w*|(?:let me )?(?:rephrase|restate)|er,|erm,|hang on|not (?:a |an |the )?[\w-]+ exactly)"
    r"|^\W*(?:actually|no|nope)\b(?=[,.! ])"
    r"|不对|说错了?|更正|纠正|我的意思是|我是说|口误|搞错了?|弄错了?|写错了?|打错了?|记错了?|记混了?|手滑|笔误|改口|化验错了|^\W*不是|刚说成|严格来说不是|哦[，,]|不好意思.{0,2}(?:是|应该)|抱歉.{0,2}(?:是|应该)|应该是|而是|^\W*(?:哦|啊)?(?:不|不是)[，,]",
    re.I,
)
"""Where a sentence takes back what was believed before it."""

WITHDRAWS = re.compile(
    r"\b(?:scratch|strike|ignore|disregard|forget|never ?mind|delete|take back) (?:that|this|it|what i (?:just )?said|my last (?:message|sentence)|all (?:of )?that|what i (?:just )?(?:told you|wrote))\b|\bnever ?mind\b(?=\s*(?:$|[,.]))|^\W*(?:i )?take that back\b"
    r"|刚才(?:说的|那句)?(?:不算|作废|当我没说|忽略)|当我没说|别管(?:刚才|上面)|忽略(?:我)?(?:刚才|上一)|收回(?:刚才|这句|前面|之前)|不算数",
    re.I,
)
"""Where the person withdraws what they said last."""

FORGETS = re.compile(
    r"\b(?:forget|disregard|delete|remove|stop remembering|don't remember|do not remember|unlearn|it(?:'s| is) (?:not|no longer) true|it(?:'s| is) (?:false|wrong)|not true|untrue)(?: the fact)?(?: anymore)?(?: that| about)?\s*(?:what i said about\s*)?$"
    r"|(?:忘掉|忘记|忘了|别记|不要记|删掉|删除)[^，。]{0,4}$|(?:不是真的|并不是)[^，。]{0,2}$",
    re.I,
)
"""Before a statement: it is to be believed no longer."""

NOT_BUT = re.compile(
    r"^\W*(?:(?:oops|no|sorry|wait|oh|well|er|hm+)[,.! ]+)*(?:(?:it'?s|it is|that'?s|make (?:it|that)|i meant?)\s+)?(?:an? |the |in )?(?P<v>[\w$€£][\w$€£ ,.'-]{0,40}?),? not (?:an? |the |in |at )?(?P<old>[\w][\w .'-]{0,40}?)(?: exactly)?\s*(?=$|[.,;!(])"
    r"|^\W*(?:(?:oops|no|sorry|wait|oh|well|er|hm+)[,.! ]+)*(?:it'?s |it is |that'?s )?not (?:an? |the |in |at )?(?P<old2>[\w][\w .'-]{0,40}?)(?: exactly| really)?\s*(?:,|-|–|—|;|\bbut\b)+\s*(?:but |rather |it'?s |it is |i meant? )*(?:an? |the |in )?(?P<w>[\w$€£][\w$€£ .'-]{0,40}?)\s*(?=$|[.,;!(])"
    r"|^\W*(?:哦|啊|抱歉|不好意思|严格来说|其实|准确说)?[，,]?(?:并?不是|不算是?)(?P<old3>[^，。,]{1,16})[，,](?:而|应该|其实|我)?是(?P<x>[^，。,；]{1,20}?)(?=$|[，。,；])"
    r"|^\W*(?:哦|啊|抱歉|不好意思|应该)?是(?P<y>[^，。,；]{1,20}?)[，,](?:而)?不是(?P<old4>[^，。,]{1,16})",
    re.I,
)
"""A correction that names the wrong value beside the right one."""

ELLIPTIC = re.compile(
    r"(?:\bit(?:'s| is|s| was| should be| should have been)|\bi (?:actually )?mean(?:t)?(?: to (?:say|write|type))?|\bcorrection:?|\bmake (?:that|it)|\bor rather|\brather,|\bsorry,?|\bshould (?:be|have been|say)|\bthat should be|\bno,|\bactually,?|\bnope,|\boops,?|\btypo\W{0,3}|\bmistyped:?|\ber+,|\berm,|\bjust(?= [A-Z]))\s*(?:(?:actually|that|it'?s|it is|really|in|to|at|a|an|i meant|i mean|he'?s|she'?s|i'?m|they'?re)[\s,]+)*(?P<v>[\w$€£][^,.;!?()]{0,48}?(?:, (?-i:[A-Z])\w+)?)(?: actually)?\s*(?=$|[,.;!?(—–]|\bwith an?\b|\bsince\b|\bbecause\b)"
    r"|(?:应该是|而是|我是说|我的意思是|更正[:：]?|(?:不对|说错了?|打错了?|写错了?|搞错了?|记错了?)(?:哈|啦|了|，)*[，,]?(?:是|住在|在|叫)*(?:在)?|其实是|不[，,]是|哦[，,](?:已经\S{0,6}，)?(?:那)?我?是?(?:上周\S|昨天)?(?:刚满)?|^是)(?P<w>[^，。！？；,的]{1,20}?)(?:才对|了)?\s*(?=$|[，。；！(（])",
    re.I,
)
"""A correction that names only the new value."""
