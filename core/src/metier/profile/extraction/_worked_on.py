"""Texts on the same line as the request to do something with them, in English and Chinese.

"Which tense? I have been living in Prague." is about a sentence and not about who sends it. Such a
request names what is done to texts (translate, convert to the third person, 润色) or asks what only
a text can be asked (which tense, 有语病吗). Where it stands first the text follows; where it stands
last and points back ("this", 这是好评还是差评) the text came before. A person who says of
themselves why they ask ("Proofread my essay, I'm dyslexic") names the text and is still read.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._pasted import OPENS_QUOTE

_FORMS = (
    r"(?:(?:the )?(?:first|second|third)[- ]person|(?:the )?(?:simple |present |past |future )*(?:perfect|continuous|tense|past|simple)"
    r"|(?:passive|active)(?: voice)?|reported speech|indirect speech|(?:simple|plain|easy|proper|formal|better|correct|simpler) english|bullet points?|plural|question form|negative form)"
)
_LANGUAGES = (
    r"(?:english|chinese|mandarin|cantonese|french|german|spanish|polish|italian|portuguese|japanese|korean|latin|russian|arabic|hindi"
    r"|turkish|dutch|swedish|norwegian|danish|finnish|greek|hebrew|ukrainian|czech|romanian|hungarian|thai|vietnamese|urdu|farsi|persian|swahili|welsh|irish)"
)
_FOLLOWS = re.compile(
    # Asked in general, with no text named: it can only be what follows.
    rf"(?:^|[.!?\n]\s*)(?:please |pls |can you |could you )?(?:translate|proof-?read|rephrase|paraphrase|summari[sz]e|polish|shorten|correct|rewrite)(?: (?:in|in?to) {_LANGUAGES})?(?: please| pls)?[.!?][ \t]+"
    rf"|\b(?:convert|put|turn|change|rewrite|transform|switch|rephrase)\b[^\n.!?:]{{0,30}}\b(?:in|to|into|using) {_FORMS}\b[^\n.!?:]{{0,20}}[.!?:\n]\s*"
    r"|\b(?:which|what|wrong|right) (?:verb |grammatical )?(?:tense|mood|case)\b[^\n.!?:]{0,40}[.!?:\n]\s*"
    r"|\bfill (?:in )?the (?:gaps?|blanks?)\b[^\n.!?:]{0,40}[.!?:\n]\s*"
    r"|\b(?:grammar|spelling|punctuation|language)? ?(?:mistakes?|errors?|typos?) (?:are |is |do you see |can you find )*(?:there )?in\b[^\n.!?:]{0,20}:\s*"
    r"|\b(?:make|does|do|get)\b[^\n.!?:]{0,6}\b(?:this|it|that|these)\b[^\n.!?:]{0,20}\b(?:sounds?|reads?|looks?)\b[^\n.!?:]{0,40}[.!?:\n]\s*"
    rf"|\bhow (?:do|would|can|to|does|should) ?(?:i|you|we|one)? ?(?:say|write|spell|express|translate)\b(?=[^\n]{{0,200}}\bin {_LANGUAGES}\b)"
    r"|(?:^|[.!?\n:]\s*)(?:tl;?dr|tldr|eli5|summary|rhymes?|lyrics?)\b[^\n.!?]{0,40}\n\s*"
    r"|\b(?:lyrics?|rhymes?|verses?|stanzas?)\b[^\n.!?]{0,30}\n\s*"
    # Forms that nobody writes about themselves in earnest, and words about words.
    r"|\b(?:rate|check|improve|fix|judge|rank|score|continue|finish|edit|tweak|punch up|feedback on|thoughts on|critique|explain|shorten) (?:my|this|the|his|her|our|their|an?) (?:[\w'-]+ ){0,2}(?:haikus?|poems?|limericks?|lyrics|songs?|raps?|verses?|jokes?|puns?|headlines?|captions?|tweets?|slogans?|taglines?|monologues?|testimonials?|bios?|sentences?|lines?|quotes?|riddles?)\b[^\n.!?:]{0,30}[.!?:\n–—-]\s*"
    r"|\b(?:synonyms?|antonyms?|the (?:verb|noun|adjective|adverb|subject|object|pronoun|predicate|preposition|clause|mood|metaphor|rhyme|metre|meter|syllables?))\b[^\n.!?:]{0,30}\b(?:in|of|for)\b:?\s+(?=i\b|i'|my\b|we\b)"
    r"|\b(?:is|are|was|should|do|does|need|where)\b[^\n.!?:]{0,20}\b(?:commas?|apostrophes?|semicolons?|hyphens?|punctuation|word order|articles?|prepositions?|capitals?)\b[^\n.!?:]{0,40}[.!?:\n]\s*"
    r"|\b(?:fix|add|correct|check|insert) (?:the |any |all |some )?(?:commas?|punctuation|grammar|spelling|apostrophes|capitals|typos|word order|accents)\b(?: (?:in|of|for|to))?(?: (?:this|here|it|these))?[\s:.,!?-]+"
    r"|\b(?:spot|find|catch|circle|highlight|underline|label|tag|identify|mark|extract|annotate|classify|categori[sz]e|tokeni[sz]e|diagram|parse) (?:the |all |any |each |every )?(?:named )?(?:errors?|mistakes?|typos?|entit(?:y|ies)|verbs?|nouns?|adjectives?|subjects?|clauses?|intent|sentiment|emotions?|keywords?|speakers?)\b[^\n.!?:]{0,30}[.!?:\n–—-]\s*"
    rf"|(?:^|[.!?\n]\s*)(?:please |pls )?(?:translate|proof-?read|rephrase|paraphrase|summari[sz]e|polish|shorten|correct|rewrite|reword)(?: (?:in|in?to) {_LANGUAGES})? *[–—-]+ *"
    r"|\b(?:survey|questionnaire|review|ticket|comment|entry|response|answer|transcript|case|sample|record|message|interview(?:ee)?|respondent|participant|speaker) ?(?:no\.? ?|#|nr\.? ?)\d+\b[^\n.!?:]{0,10}[:.]?\s*"
    r"|\b(?:check|tell me|see|wondering|know) (?:if|whether) (?:this|it|that)(?:'s| is| sounds| reads| seems| looks)\b[^\n.!?:]{0,40}[.!?:\n]\s*"
    r"|\b(?:is|does|do|should)\b[^\n.!?]{0,12}(?: {6,})[^\n.!?]{0,12}\b(?:work|correct|right|ok|mean|sound)\b[^\n.!?]{0,6}\b(?:or|and)\b"
    r"|(?<=[.!?:,]) *dear (?:mr|mrs|ms|dr|prof|sir|madam|team|hiring|all|editor|committee)\b"
    r"|(?:给|帮)?(?:这|下)?(?:句|段|首|篇)?[话子诗文]?(?:加|补|改|标)(?:上|个|一下)?(?:标点|拼音|错别字|病句)[^\n，。：:]{0,6}[\s，,。：:]\s*"
    r"|(?:哪里|哪儿|什么地方|有没有|有什么)(?:写)?(?:错|问题|毛病|不对)[了吗的]?[\s，,。：:？?]+(?=[A-Za-z])"
    r"|(?:主持|演讲|发言|致辞|解说)[稿词][：:]"
    r"|(?:周记|日记|作业|作文|卷子|答案|孩子写的?|学生写的?|学生作文|小朋友写的?)[^\n，。！？：:]{0,6}[：:]"
    r"|(?<![\u3400-\u9fff])用(?=[^\n，。]{2,20}造句)"
    # 怎么用日语说…；填空；改成第三人称；有语病吗
    r"|(?:怎么|如何|怎样)(?:用[^\s，。！？]{1,4}[语文话])(?:说|讲|表达|翻译)(?!服|明|谎|话|清)"
    r"|用[^\s，。！？]{1,4}[语文话](?:怎么|如何|怎样)(?:说|讲|表达)"
    r"|(?:填空|选词填空|完形填空|造句|组词|缩句|扩句|改病句)[：:，,\s]"
    r"|(?:翻译|翻成|译成|译为|润色|校对|改写|改成|改为|压缩|缩写|扩写|续写|精简|美化|总结|概括|提炼|点评|批改)(?:一下|下)?(?:成|为|到)?[^\n，,。！？：:]{0,8}[\s，,。：:]\s*(?=(?:我|本人|俺|咱|尊敬|亲爱|大家好|您好|你好|各位))"
    r"|(?:有(?:没有)?(?:语病|错别字|语法错误)|通不通顺|通顺|打几分|怎么改|写得?(?:怎么样|行|好|可以|如何))[吗么呢]?[\s，,。？?！!：:]+"
    r"|(?:开头|结尾|台词|旁白|文案|日记|口播)[^\n，。！？：:]{0,10}[：:？?\n]\s*"
    r"|(?:尊敬的|敬爱的)[^\s，,：:]{1,10}[，,：:\s]",
    re.I,
)
"""Ends where the text begins."""
_BEFORE = re.compile(
    r"(?:^|[.!?\n,;–—-]\s*)(?:is (?:this|it|that)\b|are these\b|so )?[^\n.!?]{0,20}\b(?:positive or negative|negative or positive|formal or informal|true or false|spam or (?:not|ham))\b[^\n.!?]*\?"
    r"|\b(?:what|which|how|where)\b[^\n.!?]{0,40}\b(?:next|last|first|opening|closing|second|final) (?:sentence|line|paragraph|word|verse|step of the story)\b[^\n]*$"
    r"|(?:^|[.!?\n–—-]\s*)(?:please |pls |can you |could you |now )*(?:translate|rewrite|shorten|proof-?read|correct|summari[sz]e|polish|fix|rephrase|improve) (?:this|that|it|the above)\b[^\n]{0,60}$"
    r"|(?:^|[.!?,;–—-]\s*)(?:please |pls |now |then )*(?:say|put|write|translate|code|convert|turn|make|sort|classify|rewrite|label) (?:that|it|this|them)(?: all)? (?:in|into|to|as) (?!my\b|your\b|mind\b|account\b|memory\b)[^\n.!?]{1,30}[.!]?\s*$"
    r"|[\s，,。！？](?:请|把它|帮我)?(?:变成?|改成?|换成?|扩成?|缩成?)(?:一个)?(?:疑问|否定|陈述|反问|感叹|把字|被字|肯定|被动|主动|设问)句[。？?]?\s*$"
    r"|[\s，,。！？：:](?:请|帮我)?(?:写|给)(?:一?[个句条段])?(?:评语|批语|点评|评分)[^\n，。]{0,4}$"
    r"|[\s，,。！？](?:有没有|有)(?:错别?字|语病|错误|毛病)[^\n，。]{0,4}$"
    r"|[\s，,。！？](?:帮我|请|帮忙)(?:改|修改|写|弄|整)得?(?:的)?(?:更|再)?[^\n，。]{0,6}(?:一点|一些|点儿?|些)[。！]?\s*$"
    r"|(?:这|它|上面)?(?:是|算|属于)?(?:好评还是差评|正面还是负面|积极还是消极|褒义还是贬义|陈述句还是)[^\n]{0,10}$"
    r"|[\s，,。！？]我?(?:该|要|应该|应当)?怎么(?:回复?|劝|安慰|答复|接话|接|开导|回应)(?:他|她|它|人家|对方|客户|ta|比较好|才好|好|呢|呀|啊)*[？?。]?\s*$"
    r"|[\s，,。！？](?:请|麻烦|帮我|帮忙|给我)*(?:翻译|翻成|译成|润色|校对|改写|改成|压缩|缩写|扩写|续写|精简|美化|总结|概括|点评)(?:一下|下)?(?:它|这[段句个篇些][^\n，,。！？：:]{0,3}|[成为到][^\n，,。！？：:]{1,8})?[。！]?\s*$",
    re.I,
)
"""Ends a message and asks about what stands before it."""
_ENOUGH = 6
"""So many characters before a request that ends a message are a text."""
_ASKED = re.compile(r"帮我|请你|给我|\b(?:can|could|would|will) you\b|\bplease\b", re.I)
"""Before a request that ends a message: another one, so that what it says is said of the person."""


def without_worked_on(text: str, message: str) -> str:
    """The text with what a request on the same line is about blanked out.

    Args:
        text: the message, with quotations and pasted lines blanked out already.
        message: the same with them. Where a quotation follows, that is the text meant.
    Returns: a text of the same length.
    """
    last = _BEFORE.search(text)
    if (
        last is not None
        and len(text[: last.start()].strip()) >= _ENOUGH
        and not _ASKED.search(text, 0, last.start())
    ):
        return _blank(text[: last.start()]) + text[last.start() :]
    first = _FOLLOWS.search(text)
    if first is None or OPENS_QUOTE.match(message, first.end()):
        return text
    return text[: first.end()] + _blank(text[first.end() :])


def _blank(text: str) -> str:
    return "".join("\n" if c == "\n" else " " for c in text)
