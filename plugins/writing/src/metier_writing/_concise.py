"""Fewer words for the same thing, in English and Chinese. Applied where asked for; hints otherwise."""

from __future__ import annotations

from metier_writing._rules import Goal, Rule, rule

_ENGLISH = (
    ("in_order_to", r"\bin order to\b|\bso as to\b", "to", "“To” says the same.", "用 to 更简洁。"),
    ("due_to_the_fact", r"\b(?:due to|owing to|in view of|because of) the fact that\b|\bon the grounds? that\b|\bfor the reason that\b", "because", "“Because” says the same.", "用 because 更简洁。"),
    ("despite_the_fact", r"\b(?:despite|in spite of) the fact that\b", "although", "“Although” says the same.", "用 although 更简洁。"),
    ("at_this_point", r"\bat (?:this|the present) (?:point in )?time\b|\bat the present moment\b", "now", "“Now” says the same.", "用 now 更简洁。"),
    ("at_that_time", r"\bat that point in time\b", "then", "“Then” says the same.", "用 then 更简洁。"),
    ("in_the_event", r"\bin the event that\b", "if", "“If” says the same.", "用 if 更简洁。"),
    ("until_such", r"\buntil such time as\b", "until", "“Until” says the same.", "用 until 更简洁。"),
    ("prior_to", r"\bprior to\b", "before", "The everyday word is “before”.", "用 before 更自然。"),
    ("subsequent_to", r"\bsubsequent to\b", "after", "The everyday word is “after”.", "用 after 更自然。"),
    ("with_regard", r"\bwith (?:regard|respect|reference) to\b|\bin relation to\b", "about", "The everyday word is “about”.", "用 about 更自然。"),
    ("utilize", r"\butili[sz]e(d|s)?\b", r"use\1", "The everyday word is “use”.", "用 use 更自然。"),
    ("utilizing", r"\butili[sz]ing\b", "using", "The everyday word is “use”.", "用 use 更自然。"),
    ("commence", r"\bcommence(d|s)?\b", lambda m: {"": "begin", "d": "began", "s": "begins"}[(m[1] or "").lower()], "The everyday word is “begin”.", "用 begin 更自然。"),
    ("a_large_number", r"\ba (?:large|great) number of\b", "many", "“Many” says the same.", "用 many 更简洁。"),
    ("sufficient_number", r"\ba sufficient (?:number|amount) of\b", "enough", "“Enough” says the same.", "用 enough 更简洁。"),
    ("majority_of", r"\bthe majority of\b", "most", "“Most” says the same.", "用 most 更简洁。"),
    ("has_the_ability", r"\b(?:has|have) the ability to\b|\b(?:is|are) able to\b", "can", "“Can” says the same.", "用 can 更简洁。"),
    ("monthly", r"\bon a (daily|weekly|monthly|yearly|regular) basis\b", lambda m: {"regular": "regularly"}.get(m[1].lower(), m[1]), "One word says the same.", "一个词就够了。"),
    ("make_a_decision", r"\b(mak(?:e|es|ing)|made) (?:a decision\b|the decision(?= to\b))", lambda m: {"make": "decide", "makes": "decides", "making": "deciding", "made": "decided"}[m[1].lower()], "The verb is hidden in a noun.", "动词藏在名词里，直接用动词。"),
    ("conduct_analysis", r"\b(conduct(?:s|ed)?|perform(?:s|ed)?|carr(?:y|ies|ied) out) an analysis of\b", lambda m: "analysed" if m[1].lower().endswith("ed") or m[1].lower().startswith("carried") else "analyses" if m[1].lower().split()[0].endswith("s") else "analyse", "The verb is hidden in a noun.", "动词藏在名词里，直接用动词。"),
    ("for_the_purpose", r"\bfor the purposes? of(?= \w+ing\b)", "for", "“For” says the same.", "用 for 更简洁。"),
    ("give_consideration", r"\bgive consideration to\b", "consider", "The verb is hidden in a noun.", "动词藏在名词里，直接用动词。"),
    ("each_and_every", r"\beach and every\b", "every", "The two words mean the same.", "两个词意思重复。"),
    ("first_and_foremost", r"\bfirst and foremost\b", "first", "The two words mean the same.", "两个词意思重复。"),
    ("end_result", r"\b(?:end|final) result\b", "result", "A result is at the end already.", "result 本身就表示结果。"),
    ("advance_planning", r"\badvance planning\b", "planning", "Planning is done in advance already.", "planning 已含“提前”之意。"),
    ("past_history", r"\bpast history\b", "history", "History is past already.", "history 本身就是过去。"),
    ("free_gift", r"\bfree gift\b", "gift", "A gift is free already.", "gift 本身就免费。"),
    ("the_reason_why", r"\bthe reason why\b", "the reason", "“Why” repeats “reason”.", "why 与 reason 重复。"),
    ("return_back", r"\breturn(s|ed|ing)? back\b", r"return\1", "“Back” is in “return” already.", "return 已含 back 之意。"),
    ("repeat_again", r"\brepeat(s|ed|ing)? again\b", r"repeat\1", "“Again” is in “repeat” already.", "repeat 已含 again 之意。"),
    ("it_is_important_to_note", r"\b(?:it is important to note that|it should be noted that|please be advised that|needless to say,)\s+", "", "The sentence says it without this opening.", "去掉这个开头，意思不变。"),
    ("i_am_writing", r"\bi am writing to you (?:in order )?to\b", "I am writing to", "The reader knows whom you write to.", "收信人不必重复。"),
    ("would_it_be_possible", r"\bwhether it would be possible for you to\b", "whether you could", "The same in fewer words.", "用词更少，意思不变。"),
)  # fmt: skip

_CHINESE = (
    ("由于的原因", r"由于([^，。；]{1,20}?)的(?:原因|缘故)", r"由于\1", "“由于” and “原因” say the same.", "“由于”和“原因”重复。"),
    ("原因是因为", r"(?:的)?原因是因为", "是因为", "“原因” and “因为” say the same.", "“原因”和“因为”重复。"),
    ("由于所以", r"(由于[^，。；]{1,30}，)所以", r"\1", "“由于” gives the reason; “所以” is not needed.", "有了“由于”，可以省去“所以”。"),
    ("大约左右", r"大约(\d+[^\s，。]{0,4}?)左右", r"大约\1", "“大约” and “左右” say the same.", "“大约”和“左右”重复。"),
    ("超过以上", r"超过(\d+[^\s，。]{0,4}?)以上", r"超过\1", "“超过” and “以上” say the same.", "“超过”和“以上”重复。"),
    ("凯旋归来", r"凯旋(?:而)?归来?", "凯旋", "“凯旋” means to return in triumph.", "“凯旋”已含“归来”。"),
    ("亲眼目睹", "亲眼目睹", "目睹", "“目睹” means to see oneself.", "“目睹”已含“亲眼”。"),
    ("涉及到", "涉及到", "涉及", "“及” means “到”.", "“及”就是“到”。"),
    ("进行", "(?<!正在)(?:进行|加以|予以|作出|做出)(?:了)?(讨论|分析|研究|调查|修改|检查|比较|总结|评估|测试|说明|解释|处理|调整|改进|整理|学习|交流|培训)(?![的者员会])", r"\1", "The verb can stand by itself.", "可以直接用动词。"),
    ("将会", "将会(?![议谈员场面客费馆所长计晤合诊师徽])", "将", "“将” says it.", "“将”已表示将来。"),
    ("目前现在", "目前现在|现在目前", "目前", "The two words mean the same.", "两个词意思重复。"),
    ("非常十分", "非常十分|十分非常", "非常", "The two words mean the same.", "两个词意思重复。"),
    ("免费赠送", "免费赠送", "赠送", "What is given as a present costs nothing.", "“赠送”已含“免费”。"),
    ("被因此", "因此(?=[，,]?所以)", "", "“因此” and “所以” say the same.", "“因此”和“所以”重复。"),
    ("真知灼见的意见", "(?<=真知灼见)的(?:意见|见解)", "", "“见” means opinion.", "“见”已是见解。"),
)  # fmt: skip

CONCISE: tuple[Rule, ...] = (
    *(rule(n, p, w, en, zh, goal=Goal.CONCISE) for n, p, w, en, zh in _ENGLISH),
    *(rule(n, p, w, en, zh, goal=Goal.CONCISE, language="zh") for n, p, w, en, zh in _CHINESE),
)
