"""Whether a sign in a sentence is happening: not denied, not over, not asked about in general.

The rules follow NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009): a trigger word has
a scope that reaches to a word or mark that ends it. They are wider where a person writes of
themselves ("I'm not sure it's…" denies nothing) and exist for English and for Chinese. Texts are
expected as `normalise` leaves them: lower case, contractions without apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WINDOW = 200
"""Characters around a match in which its context is looked for; keeps long sentences linear."""
_HAN = re.compile("[\u3400-\u9fff]")
_SENTENCE = re.compile(r"(?:[^.!?。！？\n]|(?<=\d)\.(?=\d))+[.!?。！？]*")
_QUESTION = re.compile(r"[?？]|吗|呢|什么|如何|怎么|哪些|多少")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The context words of one language, compiled."""

    negator: re.Pattern[str]
    """What denies the signs after it."""
    undone: re.Pattern[str]
    """What makes a denial an affirmation: "never had pain *like this*"."""
    scope_end: re.Pattern[str]
    listing: re.Pattern[str]
    """What lets a denial reach over a comma: "no fever, cough *or* rash"."""
    denied_after: re.Pattern[str]
    """What denies the sign before it: "… was ruled out"."""
    cleared: re.Pattern[str]
    """A doctor has looked at it and found something harmless."""
    general: re.Pattern[str]
    """A general question or a wish to learn."""
    somebody: re.Pattern[str]
    """A person the sentence is about."""
    unreal: re.Pattern[str]
    """A condition, a story, a piece of work: nobody is in danger in this sentence."""
    over: re.Pattern[str]
    """A time that has passed."""
    had: re.Pattern[str]
    """An illness named as one that a person has had."""
    present: re.Pattern[str]
    clause: re.Pattern[str]
    reach: int
    """The most characters a denial reaches."""
    lead: int
    """The most characters besides the time in a leading adverbial such as "Two years ago,"."""


ENGLISH = Grammar(
    negator=re.compile(
        r"\b(?:no(?! (?:idea|one|longer (?:able|breath\w*|respond\w*)|matter|doubt|relief|way|improvement|response|pulse|reaction"
        r"|help|reason|wet|use|good|better|point|more|joke|appetite|energy|wait)\b)"
        r"|without(?! (?:stop\w*|relief|improvement|any (?:relief|improvement|warning)|warning|me)\b)"
        r"|den(?:y|ies|ied|ying)|nor|neither|never(?! (?:stop\w*|end\w*|go\w*|been so|felt so|mind)\b)"
        r"|not(?! (?:only|sure|certain|just|well|good|great|right|ok|okay|feeling (?:well|good|great|right)"
        r"|better|getting|going|helping|improving|sleeping|eating|able|stopp\w+|normal|long|myself)\b)"
        r"|(?:dont|doesnt|didnt|havent|hasnt|hadnt)(?! (?:know|understand|remember|care|stop|help|think i can"
        r"|feel (?:well|good|right|great|ok)|want to (?:bother|go to)|like (?:it|how|the)|sleep|eat|work)\b)"
        r"|(?:isnt|arent|wasnt|werent)(?! (?:getting|going|helping|improving|stopp\w+|right|normal|well|good|it)\b)"
        r"|(?:free|absence|lack) of|negative for|rul(?:ed|es|ing) out|rule out|instead of|rather than"
        r"|(?:fear|afraid|scared|terrified|frightened|worried|anxious|phobia) (?:of|about) (?:having|getting|a|an|dying)"
        r"|(?:prevent|avoid|treat)\w*)\b"
    ),
    undone=re.compile(r"\b(?:like this|like that|this bad|as bad|so bad|this severe|so severe|like it|until now)\b"),
    scope_end=re.compile(
        r"[.;:!?\n]|\b(?:but|however|though|although|except|only|yet|now|then|because|due to|since"
        r"|suddenly|apart from|other than|besides|and (?:i|im|ive|he|hes|she|shes|my|his|her|the|it|its|now|there|is|has|was|are|feels?|keeps?|looks?))\b"
    ),
    listing=re.compile(r"\b(?:or|nor)\b"),
    denied_after=re.compile(
        r"^[\w ]{0,24}?\b(?:(?:was|were|is|has been|have been|been|are) (?:ruled out|excluded|negative|absent"
        r"|denied)|ruled out|(?:isnt|wasnt|arent) (?:there|present|a problem))\b"
        r"|^[\w ,]{0,40}?\b(?:i|he|she) (?:said|answered|told \w+) no\b"
    ),
    cleared=re.compile(
        r"\b(?:doctors?|gp|hospital|er|paramedics?|cardiolog\w+|nurse|dentist|tests?|scans?|ecg|x-?ray|checked|check ?up)\b"
        r".{0,50}\b(?:said|says|told (?:me|us|him|her)|found|showed|confirmed|its|it was|was|were)\b.{0,30}"
        r"\b(?:nothing|fine|ok|okay|normal|clear|harmless|muscle|muscular|reflux|heartburn|anxiety|not serious"
        r"|all right|pulled|strain\w*|benign)\b"
    ),
    general=re.compile(
        r"\b(?:what (?:are|is|were|causes?|does|do|happens|would|kind|should (?:someone|a person|people|one))"
        r"|whats (?:a|an|the)(?! point)|how (?:does|do (?:people|doctors|you|i (?:know|tell|spot|prevent|reduce|lower)|we)|is|are"
        r"|can (?:i|you|we) (?:know|tell|spot|prevent|reduce|lower|avoid|support)|common|long|likely|dangerous|serious)"
        r"|why (?:does|do|is|are)|when should (?:someone|you|one|people)|who (?:can|gets|is)|define|explain|describe"
        r"|tell me (?:about|what|how)|can (?:\w+ ){1,4}?(?:cause|lead|trigger|give|prevent|help)"
        r"|is (?:it|there|a|an|\w+) (?:\w+ ){0,5}?(?:dangerous|serious|common|contagious|a symptom|a sign"
        r"|hereditary|preventable|normal|genetic|heritable|the same as|different from)|are (?:\w+ ){1,6}(?:the same|common|dangerous|normal|hereditary)"
        r"|(?:symptoms?|signs?|causes?|definition|treatment|prevention|risk factors?|difference|side effects?) (?:of|for|between)"
        r"|do(?:es)? (?:a |an )?(?:\w+ ){1,4}?(?:cause|mean|increase|raise|lead|prevent|help|run)"
        r"|information (?:on|about)|learn (?:about|how)|teach(?:ing)?|curious (?:about|what|how)|first aid (?:for|course)"
        r"|recogni[sz]e|(?:reduce|lower) (?:my|the|your|our) (?:risk|chances?)|risk (?:of|for)|chances? of|runs? in (?:my |the |our )?famil(?:y|ies)"
        r"|is (?:a|an) \w+ (?:always|ever)|do (?:\w+ ){1,3}hurt\b|(?:which|what) (?:kind of )?(?:doctor|specialist|department)|how (?:to|should (?:i|we|one)) (?:support|comfort|prevent|recogni[sz]e|cope|talk)|can (?:i|you|people|someone) overdose on|(?:medication|medicine|treatment|drugs?|tablets?|pills|spray|prescribed \w+|remed(?:y|ies)) (?:for|against)(?! (?:my|his|her|this|the)\b))\b"
    ),
    somebody=re.compile(
        r"\b(?:im|ive|i had|i feel|i felt|i keep|i cant|i got|i just|i took|i think i|i suddenly|i woke|i have|i want to die|i started"
        r"|me(?! about| what| how| the)|myself|hes|shes|he|she|his|her|him|our|theyre"
        r"|my (?!risk|chances?|essay|exam|class|course|novel|book|question|homework|training|doctor|gp|blood pressure)\w+"
        r"|(?:this|that|a|the|some) (?:man|woman|guy|lady|person|kid|child|baby|stranger|passenger|colleague|customer|student|patient|boy|girl)"
        r"(?: (?:here|next|just|is|has|on|in|who|wont|cant))|someone (?:here|next|just|has just|is|beside|on|in|at)|somebody (?:here|next|just|is|on|in|at)"
        r"|(?:mum|mom|dad|grandma|grandpa|husband|wife)|right now|help(?= |!|,|$))\b"
    ),
    unreal=re.compile(
        r"\b(?:if (?:someone|somebody|a person|anyone|people|one|a (?:child|baby|man|woman|patient|friend|stranger))"
        r"|in case (?:of|someone|i ever)|if i (?:ever|had|were|was to|got)|if id|were to|suppose|imagine|what if i (?:had|ever|got)|should i ever"
        r"|hypothetically|in (?:the|a|my|this|that) (?:movie|film|novel|book|story|game|series|episode|scene|show|play|exam|quiz|textbook|essay|script|dream)"
        r"|(?:film|movie|book|novel|story|show|series|game|article|song|documentary) (?:about|where|in which|on)|(?:the|my|a) (?:\w+ )?(?:character|protagonist|hero|heroine|villain)|(?:for|in|on|writing|reading) (?:my|a|an|the|our) (?:\w+ )?(?:essay|homework|class|exam|assignment"
        r"|presentation|course|thesis|novel|script|story|dissertation|blog|paper|book|report)|essay (?:on|about)"
        r"|(?:talk|lecture|poster|leaflet|campaign|workshop|quiz) (?:on|about|for)|awareness (?:day|week|month|talk|campaign)|(?:i saw|read|watched|heard) (?:\w+ ){0,4}(?:news|article|documentary|post|podcast|movie|film)|the news|news (?:story|report|said)"
        r"|first aid)\b"
    ),
    over=re.compile(
        r"\b(?:last (?:year|month|spring|summer|autumn|winter|fall|january|february|march|april|may|june|july|august|september|october|november|december)"
        r"|(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|several|many|few|some|couple of) (?:years?|months?|decades?) (?:ago|back|earlier)|(?:years|months|decades|long time|ages) ago"
        r"|(?:in|since|back in|during|around) (?:19|20)\d\d|in the past|previous(?:ly)?|formerly|used to|as a (?:child|kid|teen\w*|baby)"
        r"|when (?:i|he|she) (?:was|were) (?:a |an |little|young|younger|\d+)|(?:family|medical|past|prior) history|history of|survived|survivor"
        r"|recover(?:ing|ed) from|once had|ever since (?:my|his|her)|(?:after|following|since) (?:my|his|her|the|a) (?:\w+ )?(?:heart attack|stroke|seizure|surgery|overdose|operation)"
        r"|passed away|died (?:of|from)|lost (?:my|his|her|our) \w+ to|was diagnosed|back then|during (?:my|the|an) (?:operation|surgery|anaesthe\w+)|s/p|status post)\b"
    ),
    had=re.compile(
        r"\b(?:had|have had|has had|ive had|suffered|survived) (?:\w+ )?(?:a |an |two |three |\d )?(?:mild |minor |mini[- ]?|small |big |massive |previous |first )?"
        r"(?:heart attacks?|strokes?|seizures?|overdose|febrile convulsions?)\b"
    ),
    present=re.compile(
        r"\b(?:now|right now|currently|today|tonight|this (?:morning|afternoon|evening)|just|again|still|at the moment"
        r"|sudden\w*|(?:minutes?|hours?) ago|since (?:last night|this morning|yesterday|lunch|breakfast)|keeps?|help"
        r"|(?<!used to )think|may|might|possibly|could|maybe|believe|worse|is back|came back)\b"
    ),
    clause=re.compile(r"[,;:]|\band (?=(?:i|im|ive|he|hes|she|shes|now|want|would|can|need|am|is|has|was|my|the)\b)|\b(?:but|however|though|although|and now|now|then|yet|while|whereas)\b"),
    reach=_WINDOW,
    lead=8,
)  # fmt: skip

CHINESE = Grammar(
    negator=re.compile(
        r"没有(?!反应|意识|呼吸(?!困难|急促|不|费力)|脉搏|心跳|好转|缓解|力气|知觉|尿|眼泪|胎动|什么意思|意义|意思|希望|退烧|我)"
        r"|没(?!反应|意识|呼吸(?!困难|急促|不|费力)|脉搏|心跳|好转|缓解|力|劲|知觉|尿|有|精|过|办法|法|想到|事|什么|动|胎|了|满|人|退|吃|睡|管|用|意思|多久|关系)"
        r"|并无|无(?!力|法|反应|意识|论|缘|痛|效|奈|尿)|从不|从来不|从未(?!这么|如此|有过这么)"
        r"|不(?=痛|疼|胸|喘|吐|发烧|发热|抽|晕|头|咳|流血|出血|恶心|麻)|不(?:想|会|打算|准备)(?=自杀|轻生|伤害|自残|寻)|不存在|不伴|(?<!是)不是(?!很|不|有点)|并非|否认|未见|未出现|排除|预防|避免|防止|担心(?=得|会|有|中|心)|害怕(?=得|会|中|心)|怕(?=得|会|中风|心梗)"
    ),
    undone=re.compile(r"这么|如此|这样|那么"),
    scope_end=re.compile(r"[。；;！？!?\n，,]|但|可是|不过|只是|就是|然而|现在|突然|今天|却|而是|因为|由于"),
    listing=re.compile(r"(?!)"),
    denied_after=re.compile(r"^[^，。,]{0,6}?(?:已|都|被)?(?:排除|没有了|消失了|阴性)"),
    cleared=re.compile(r"(?:医生|大夫|医院|检查|急诊|拍片|心电图|做了).{0,16}(?:没事|没问题|正常|没大碍|肌肉|反流|拉伤|良性|不严重|神经痛|焦虑|无异常|没异常)"),
    general=re.compile(
        r"什么是|是什么(?!情况|回事|病)|有(?:哪些|什么|啥)(?:症状|表现|前兆|征兆|危害|区别|信号|先兆|影响|原因|并发症|后遗症|办法|方法|食物)|有哪些"
        r"|(?:症状|表现|前兆|征兆|原因|病因|定义|原理|信号|危害|后遗症|并发症|特点|标准|急救(?:方法|知识|步骤)|处理方法)(?:是什么|是啥|是多少|有哪些|有什么|都有|呢|？|\?|$)"
        r"|(?:怎么|如何|怎样)(?:预防|识别|判断|区分|分辨|避免|急救|应对|护理|做)|为什么会?(?:得|引起|发生|导致|出现)?|(?:会不会|会|可以|能|容易).{0,3}(?:引起|导致|引发|诱发|造成|中风|心梗|猝死)"
        r"|区别|不同|科普|知识|了解|讲讲|介绍|解释|预防|遗传|传染吗|风险|几率|概率|高危人群|(?:算|属于)(?:什么|哪)|能治好吗|治愈率|康复|恢复期|(?:看|挂)什么科|(?:看|挂)哪个科|一般(?:几天|多久)|饮食|注意什么|注意事项|危险吗|有害吗|严重吗|(?:药|药物)(?:有|的)副作用|标准是"
    ),
    somebody=re.compile(
        r"我(?!想(?:了解|知道|问|请教|咨询|学)|要(?:了解|知道|问|写)|在(?:写|学|准备|看|读)|正在(?:写|学|准备)|们(?:老师|学校|课)|有个问题|看到|听说|读到|的(?:论文|作业|小说|课))"
        r"|他(?!们说)|她|(?:孩子|宝宝|老人)(?=突然|现在|正在|刚|发烧|一直|嘴|全身|误|从)|爸|妈(?!妈的)|老公|老婆|爷爷|奶奶|外公|外婆|姥姥|姥爷|同事|朋友|邻居|室友|父亲|母亲|丈夫|妻子|公公|婆婆"
        r"|有人(?=突然|现在|刚|晕|倒|在)|现在|刚刚|刚才|救命"
    ),
    unreal=re.compile(
        r"如果(?:有人|别人|一个人|遇到|碰到|身边|你|以后|将来|某人|家人|老人|路人|我(?:以后|将来|哪天))|假如|假设|万一|要是(?:有人|别人|遇到|碰到|以后)|遇到(?:有人|别人|路人|病人|这种)"
        r"|小说|电影|电视剧|剧情|剧本|主角|男主|女主|角色|漫画|游戏里|考试题|考题|题目|作业|论文|课本|新闻|报道|讲座|培训|宣传|展板|海报|课件|演讲|梦见|做梦|梦到|纪录片|歌(?:词|曲)"
    ),
    over=re.compile(
        r"去年|前年|大前年|上个月|上上个月|几年前|[一二两三四五六七八九十几多\d]+(?:多)?(?:年|个月)(?:以)?前|多年前|好多年前|以前|从前|(?<![昏晕死睡背])过去|曾经|曾|小时候|当年|那年|那时|年轻时|(?:19|20)\d\d年|病史|家族史|既往"
        r"|得过|有过|患过|发生过|出现过|发作过|犯过|中过风|中风过|心梗过|做过|术后|康复|恢复期|恢复得|后遗症|去世|过世|死于|(?:早就|已经|都|全)(?:好|停|退|消)了|已经不"
    ),
    had=re.compile(
        r"(?:得|患|有|发生|发作|犯|中)过(?:一次|两次|几次)?.{0,3}(?:心梗|中风|脑梗|脑出血|癫痫|惊厥|风|脑卒中|心肌梗死)"
        r"|(?:心梗|中风|脑梗|脑出血|脑卒中|癫痫|惊厥)(?:过|以后|之后|后(?!背)|康复|患者|病人|病史)"
    ),
    present=re.compile(r"现在|今天|今晚|今早|刚刚|刚才|刚|正在|突然|又|还在|一直|分钟前|小时前|这会儿|此刻|目前|马上|忽然|救命|是不是|好像|可能|怀疑"),
    clause=re.compile(r"[，,；;：]|但是?|可是|不过|然而|现在"),
    reach=14,
    lead=3,
)  # fmt: skip


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text; a point between digits ends none."""
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield match.group()


def general(grammar: Grammar, sentence: str) -> bool:
    """Whether a sentence asks in general, supposes, or tells a story: nobody is in danger in it."""
    if grammar.unreal.search(sentence):
        return True
    if grammar.somebody.search(sentence):
        return False
    return bool(
        grammar.general.search(sentence)
        and (_QUESTION.search(sentence) or not grammar.present.search(sentence))
    )


def denied(grammar: Grammar, sentence: str, start: int, end: int) -> bool:
    """Whether the sign at [start, end) is denied in its sentence."""
    left = max(0, start - _WINDOW)
    near = sentence[left : end + _WINDOW]
    start, end = start - left, end - left
    if grammar.denied_after.search(near[end:]):
        return True
    for negator in grammar.negator.finditer(near):
        if negator.end() > start:
            break
        between = near[negator.end() : start]
        if len(between) > grammar.reach or grammar.scope_end.search(between):
            continue
        if grammar.undone.search(near[negator.end() : end + 24]):
            continue
        if "," in between and not grammar.listing.search(between + near[end:]):
            continue
        return True
    return False


def past(grammar: Grammar, sentence: str, start: int, end: int) -> bool:
    """Whether the sign at [start, end) is over, by its clause."""
    clause = clause_at(grammar, sentence, start, end)
    if grammar.present.search(clause):
        return False
    if grammar.over.search(clause):
        return True
    return any(m.start() < end and start < m.end() for m in grammar.had.finditer(sentence))


def cleared(grammar: Grammar, sentence: str) -> bool:
    """Whether somebody who could tell has found the complaint harmless."""
    return bool(grammar.cleared.search(sentence)) and not grammar.present.search(sentence)


def clause_at(grammar: Grammar, sentence: str, start: int, end: int) -> str:
    """The clause around [start, end), with a leading adverbial such as "Two years ago,"."""
    left_edge = max(0, start - _WINDOW)
    near = sentence[left_edge : end + _WINDOW]
    start, end = start - left_edge, end - left_edge
    cuts = [0, *_cuts(grammar, near, start, end), len(near)]
    left = max(c for c in cuts if c <= start)
    right = min(c for c in cuts if c >= end)
    before = [c for c in cuts if c < left]
    if before:
        lead = near[before[-1] : left]
        time = grammar.over.search(lead)
        if time and len(lead) - len(time.group()) <= grammar.lead:
            left = before[-1]
    return near[left:right]


def _cuts(grammar: Grammar, sentence: str, start: int, end: int) -> Iterator[int]:
    for m in grammar.clause.finditer(sentence):
        if m.end() <= start or m.start() >= end:
            # A word such as "now" belongs to the clause it opens, a comma to the one it closes.
            yield m.end() if m.group() in ",;:，；：" else m.start()


def has_han(text: str) -> bool:
    return bool(_HAN.search(text))
