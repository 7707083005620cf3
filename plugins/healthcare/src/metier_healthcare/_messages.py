"""What the person is told when there is a red flag: what to do, in order; and the plugin's own words.

First-aid steps follow NHS first aid, NIH (heart attack, stroke) and MedlinePlus (anaphylaxis,
poisoning). Numbers: 120 and 12356 (National Health Commission of China), 999 (NHS), 911 (NIH), 112
(Europe), 988 (SAMHSA), 116 123 (Samaritans).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from metier.model import Turn


class HealthcareSettings(BaseModel):
    """`[plugins.healthcare]` in metier.toml: the numbers people are told to call.

    Args:
        emergency_number: instead of the numbers named by language.
        crisis_line: instead of the crisis lines named by language, in the words to be shown.
        poison_line: a poison centre to be named beside the emergency number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    emergency_number: str = ""
    crisis_line: str = ""
    poison_line: str = ""


_NUMBER = {
    "en": "112 (Europe), 911 (US), 999 (UK), 120 (China) or your local emergency number",
    "zh": "120",
}
_CRISIS = {
    "en": "988 in the US (call or text), Samaritans on 116 123 in the UK and Ireland, 12356 in "
    "China, or the crisis line of your country",
    "zh": "全国统一心理援助热线 12356",
}

_STEPS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "suicide": "I'm glad you told me, and I'm taking this seriously. You don't have to face "
        "this alone. If you, or the person you mean, might act on it now, call {number} or go to "
        "the nearest emergency department. You can also talk to someone right away: {crisis}. "
        "Please don't stay alone: ask someone you trust to be with you, and put anything that "
        "could be used to cause harm out of reach.",
        "distress": "That sounds very hard, and I'm glad you wrote it. I'd rather ask than guess: "
        "are you thinking about suicide, or of hurting yourself? If so, or if you are not sure, "
        "please talk to someone now: {crisis}. In immediate danger call {number}. If not, a doctor "
        "or somebody you trust can still help you carry this; you can also tell me more.",
        "unconscious": "This is an emergency. Call {number} now. If the person breathes normally, "
        "turn them onto their side with the head tilted back and watch the breathing. If they are "
        "not breathing normally, start chest compressions and let the call handler guide you.",
        "breathing": "This is an emergency. Call {number} now. Sit upright, loosen tight clothing "
        "and use a prescribed reliever inhaler if there is one. If somebody is choking and can't "
        "speak, cough or breathe: bend them forward and give firm blows between the shoulder "
        "blades.",
        "anaphylaxis": "This can be a life-threatening allergic reaction, an emergency. If there "
        "is an adrenaline auto-injector, use it now. Call {number}. Lie down, or sit up if "
        "breathing is hard, and don't walk about.",
        "chest_pain": "This can be an emergency: chest pain can come from the heart. Call {number} "
        "now, within minutes. Stop, sit down and keep still. Don't drive yourself: treatment can "
        "begin in the ambulance.",
        "stroke": "This can be an emergency: these can be signs of a stroke, and every minute "
        "counts. Call {number} now, even if it passes. Note the time when it began. Give nothing "
        "to eat or drink.",
        "seizure": "This is an emergency. Call {number} now. Don't hold the person down and put "
        "nothing in the mouth. Protect the head, note how long it lasts, and afterwards turn them "
        "onto their side.",
        "overdose": "This can be an emergency even without symptoms. Call {number} now{poison}. "
        "Keep the package to show it. Don't make the person vomit, and give nothing to eat or "
        "drink unless you are told to.",
        "bleeding": "This can be an emergency. Call {number} now. Press firmly on a wound with a "
        "clean cloth and keep pressing until help comes; lay more cloth on top if it soaks "
        "through. Don't pull out anything that is stuck in it. A nose that bleeds: sit up, lean "
        "forward and pinch the soft part. For blood that is vomited or coughed up, call at once.",
        "injury": "This can be an emergency. Call {number} now. Keep yourself safe first: don't "
        "touch anyone who is still in contact with electricity. Cool a burn under running water "
        "for 20 minutes, without ice or creams; rinse a chemical out of an eye with plenty of "
        "clean water at once.",
        "pregnancy": "This can be an emergency and needs care now, for you and the baby. Call "
        "{number} or your maternity unit, and don't wait for an appointment.",
        "infant_fever": "This can be an emergency: a fever in a baby under 3 months can be "
        "serious, however well the baby looks. Have the baby seen by a doctor now: go to the "
        "nearest emergency department, or call {number} if the baby is drowsy, floppy, breathing "
        "fast, or has a rash or a fit. Don't give medicine before a doctor has seen the baby.",
        "exposure": "This can be an emergency: the body can overheat, or cool down, to a dangerous "
        "degree. Call {number} now. Too hot: move to the shade, take off outer clothing, wet the "
        "skin and fan it, with cold packs at the neck and armpits. Too cold: move indoors, take "
        "off wet clothing, wrap in blankets and don't rub. Give no alcohol, and nothing to drink "
        "to anyone who is drowsy.",
        "limb": "This can be an emergency: an arm or leg that is cold, pale or blue, and painful "
        "or numb, may be getting no blood, and hours count. Call {number} now, or go to the "
        "nearest emergency department. Loosen anything tight, keep the limb still, and don't heat "
        "or rub it.",
        "head_injury": "This can be an emergency: after a blow to the head these signs need to be "
        "checked now. Call {number}, or go to the nearest emergency department with somebody else "
        "driving. Don't stay alone, and keep watching how awake the person is.",
        "learned": "This could be an emergency: your message is worded like those of people who need "
        "help at once. I can't tell what it is; no rule of mine matches, only a likeness that I "
        "have learned. If somebody is in danger, in severe or sudden pain, breathes badly, bleeds, "
        "is confused or hard to wake, has taken poison, or might hurt themselves, call {number} "
        "now. If you are unsure, call all the same.",
        "other": "This can be an emergency. Call {number} now, or go to the nearest emergency "
        "department. Don't drive yourself, don't wait to see whether it passes, and take a list of "
        "the medicines with you.",
        "limit": "I can't examine anyone and this is not a diagnosis. If this is not happening "
        "now, tell me and I'll help with information.",
        "again": "Please make that call first, if you haven't: {number}. The call handler will "
        "tell you what to do and stay on the line; I can't examine anyone. Give no medicine, food "
        "or drink unless they say so, and call again if anything changes.",
        "again_mind": "I'm still here, and a person can help more than I can. Please reach out "
        "now: {crisis}, or {number} in immediate danger. Is somebody with you?",
    },
    "zh": {
        "suicide": "谢谢你愿意说出来，我很认真地看待这件事，你不必独自承受。如果你（或你说的那个人）"
        "现在可能会伤害自己，请马上拨打 {number} 或前往最近的急诊。也可以现在就找人说说："
        "{crisis}。请不要一个人待着，让信任的人陪在身边，并把可能造成伤害的东西收走。",
        "distress": "听起来你现在很难熬，谢谢你写出来。我想直接问一句：你有没有想过自杀或伤害自己？"
        "如果有，或者你不确定，请现在就找人说说：{crisis}。如有紧急危险，请拨打 {number}。"
        "如果没有，医生或你信任的人也能帮你一起分担；你也可以再多告诉我一些。",
        "unconscious": "这是急症，请立即拨打 {number}。如果呼吸正常，让患者侧卧、头稍后仰，并一直观察呼吸；"
        "如果没有正常呼吸，请立即做胸外按压，并听从调度员的指导。",
        "breathing": "这是急症，请立即拨打 {number}。坐直，松开紧身衣物；有医生开的急救吸入剂就用上。"
        "如果是噎住、不能说话、咳嗽或呼吸：让患者前倾，用掌根用力拍击两肩胛骨之间。",
        "anaphylaxis": "这可能是危及生命的严重过敏反应，属于急症。有肾上腺素自动注射笔请马上使用，"
        "并立即拨打 {number}。平躺，呼吸困难时可坐起；不要走动。",
        "chest_pain": "这可能是急症：胸痛可能来自心脏。请立即拨打 {number}，不要拖延。"
        "停下一切活动，坐下休息。不要自己开车，救护车上就可以开始治疗。",
        "stroke": "这可能是急症：这些可能是中风（脑卒中）的表现，每一分钟都很重要。请立即拨打 {number}，"
        "即使症状消失也要就医，并记下开始的时间。不要喂食、喂水、喂药。",
        "seizure": "这是急症，请立即拨打 {number}。不要按住患者，不要往嘴里塞任何东西；保护头部，"
        "记下持续时间，停止后让患者侧卧。",
        "overdose": "这可能是急症，即使现在还没有症状。请立即拨打 {number}{poison}。"
        "留好药瓶或包装给医生看。不要催吐，没有医生的指示不要喂食喂水。",
        "bleeding": "这可能是急症，请立即拨打 {number}。伤口出血：用干净的布用力压住，一直压到救援到达；"
        "渗血就在上面再加一层，不要拔出插在伤口里的东西。流鼻血：坐直，身体前倾，捏住鼻翼。"
        "吐血或咳血也请马上拨打。",
        "injury": "这可能是急症，请立即拨打 {number}。先保证自己的安全：不要触碰仍在触电的人。"
        "烫伤用流动的凉水冲 20 分钟，不要用冰或药膏；化学品进眼，立即用大量清水冲洗。",
        "pregnancy": "这可能是急症，需要马上处理，关系到孕妇和宝宝的安全。请立即拨打 {number} "
        "或联系产科急诊，不要等到预约时间。",
        "infant_fever": "这可能是急症：3 个月以下的宝宝发热可能很严重，即使看上去精神还好。"
        "请现在就带宝宝去急诊；如果嗜睡、身体发软、呼吸急促、出皮疹或抽搐，请拨打 {number}。"
        "医生看过之前不要自行用药。",
        "exposure": "这可能是急症：身体可能过热或过冷到危险的程度。请立即拨打 {number}。过热：移到阴凉处，"
        "脱去外衣，用水打湿皮肤并扇风，颈部和腋下放冷敷袋。过冷：移到室内，脱掉湿衣服，裹上毯子，"
        "不要揉搓。不要给酒；人迷糊时不要喂水。",
        "limb": "这可能是急症：手脚发凉、发白或发紫，又痛又麻，可能是没有血流过去，时间很重要。"
        "请立即拨打 {number} 或前往最近的急诊。松开过紧的东西，不要活动、加热或揉搓。",
        "head_injury": "这可能是急症：头部受伤后出现这些情况需要马上检查。请拨打 {number}，"
        "或由别人开车送去最近的急诊。身边不要没有人，并一直观察清醒程度。",
        "learned": "这可能是急症：您的描述与需要立即救助的人相似。我无法判断是什么情况；没有规则符合，只是学到的"
        "相似。如果有人处于危险、剧痛、呼吸困难、出血、意识不清、误服毒物或可能伤害自己，请立即拨打 {number}。"
        "拿不准也请拨打。",
        "other": "这可能是急症，请立即拨打 {number} 或前往最近的急诊。不要自己开车，不要等待观察，"
        "并带上正在使用的药物清单。",
        "limit": "我无法检查，这也不是诊断。如果这并不是现在发生的情况，请告诉我，我再提供资料。",
        "again": "如果还没有打电话，请先拨打 {number}。接线员会告诉您怎么做，并一直陪着您；我无法检查。"
        "没有他们的指示，不要给药、喂食或喂水；情况有变化请再次拨打。",
        "again_mind": "我还在这里，但真人能帮到更多。请现在就联系：{crisis}；如有紧急危险，"
        "请拨打 {number}。现在身边有人陪着你吗？",
    },
}

_SAID: Mapping[str, Mapping[str, str]] = {
    "lead": {"en": "From my sources (quoted; I have no language model here, and I can't examine you):",
             "zh": "以下引自资料（未使用语言模型，我也无法为您做检查）："},
    "limits": {"en": "This is general information, not a diagnosis. See a doctor or pharmacist if it "
                     "gets worse, lasts, or worries you.",
               "zh": "以上是一般信息，不是诊断。如果加重、持续或让您担心，请咨询医生或药师。"},
    "hello": {"en": "Hello. Ask me about everyday complaints and common medicines; I answer from cited "
                    "sources and keep to what you tell me about allergies, pregnancy, age and medicines. "
                    "I can't diagnose. In an emergency call {number}.",
              "zh": "您好。日常不适和常用药的问题都可以问我；我依据资料回答并注明出处，并遵守您告诉我的过敏、"
                    "怀孕、年龄和用药情况。我不能做诊断。紧急情况请拨打 {number}。"},
    "thanks": {"en": "You're welcome. See a doctor if it gets worse or worries you.",
               "zh": "不客气。如果加重或让您担心，请去看医生。"},
    "noted": {"en": "Noted: {told}. I'll keep to it in every answer.",
              "zh": "已记下：{told}。之后的回答都会考虑。"},
    "noted_other": {"en": "Noted for this conversation: {told}.", "zh": "本次对话已记下：{told}。"},
    "noted_gone": {"en": "Noted: no longer {told}.", "zh": "已记下：不再{told}。"},
    "other_unknown": {"en": "I recognise only {name} in your question. Of what I don't recognise I "
                            "can't say that it goes with it: ask a pharmacist before you combine them.",
                      "zh": "您的问题里我只认得{name}。我不认得的药能否与它合用，我无法判断：合用前请咨询药师。"},
    "no_doctor": {"en": "I'm no doctor and no person, but a program that quotes sources: I can't examine, "
                        "diagnose or prescribe. A doctor or pharmacist can.",
                  "zh": "我不是医生，也不是真人，而是引用资料的程序：不能检查、诊断或开药。请找医生或药师。"},
    "rest_unknown": {"en": "To the rest of your message my sources have no answer: ask a doctor or pharmacist.",
                     "zh": "您说的其他情况，我的资料里没有答案：请咨询医生或药师。"},
    "fits": {"en": "My source names {name} as suitable with {value}, at the recommended dose.",
             "zh": "资料指出，{value}时可以按推荐剂量使用{name}。"},
    "so_avoid": {"en": "From all you have told me, medicines to avoid include: {names}.", "zh": "综合您说过的情况，应避免的药物包括：{names}。"},
    "no_diagnosis": {"en": "I can't tell you what it is: only a doctor who examines you can.",
                     "zh": "我无法判断这是什么病，只有医生检查后才能确定。"},
    "avoid": {"en": "Do not take {name} without a doctor's advice: {why}.",
              "zh": "没有医生的建议，请不要用{name}：{why}。"},
    "ask_first": {"en": "Ask a doctor or pharmacist before taking {name}: {why}.",
                  "zh": "用{name}之前，请先问医生或药师：{why}。"},
    "unlisted": {"en": "My sources do not list {a} together with {b}. That does not mean it is safe: "
                       "ask a pharmacist before you combine them.",
                 "zh": "我的资料没有收录{a}与{b}合用的情况。这不代表安全，合用前请咨询药师。"},
    "pair": {"en": "{text} Ask a doctor or pharmacist before you combine them.",
             "zh": "{text}合用前请咨询医生或药师。"},
    "nothing_known": {"en": "My sources name nothing that speaks against {name} from what you told me, "
                            "but they are short: read the leaflet and ask a pharmacist.",
                      "zh": "就您提供的情况，我的资料没有列出不宜用{name}的理由，但资料有限："
                            "请看说明书，并咨询药师。"},
    "no_dose_known": {"en": "My sources give no dose for this: follow the package leaflet or ask a "
                            "pharmacist.",
                      "zh": "我的资料没有给出剂量：请按说明书使用，或咨询药师。"},
    "unknown": {"en": "My sources do not list {name}, so I can say nothing about it: ask a pharmacist.",
                "zh": "我的资料没有收录{name}，无法说明：请咨询药师。"},
    "allergy_to": {"en": "an allergy to {value}", "zh": "对{value}过敏"},
    "takes": {"en": "taking {value}", "zh": "用{value}"},
    "own_title": {"en": "What you told me", "zh": "您提供的情况"},
    "own_source": {"en": "your own words, and my table of medicines", "zh": "您的描述与本插件的药物表"},
    "removed": {"en": "[left out: not suitable for you, ask a pharmacist]", "zh": "【已略去：不适合您，请咨询药师】"},
    "no_dose": {"en": "[dose left out: see the package leaflet]", "zh": "【剂量已略去：请看药品说明书】"},
    "maybe": {"en": "This can have several causes; only an examination can tell.",
              "zh": "这可能有多种原因，需要检查才能确定。"},
    "not_safe": {"en": "Ask a doctor or pharmacist before you combine them.", "zh": "合用前请咨询医生或药师。"},
}  # fmt: skip
REASONS: Mapping[str, Mapping[str, str]] = {
    "allergy": {"en": "you told me of an allergy to {value}", "zh": "您说过对{value}过敏"},
    "allergy_related": {"en": "you told me of an allergy to {value}, and the two can react alike",
                        "zh": "您说过对{value}过敏，二者可能有交叉反应"},
    "condition_avoid": {"en": "it is not advised with {value}", "zh": "{value}时不宜使用"},
    "condition_ask": {"en": "it calls for care with {value}", "zh": "{value}时须谨慎"},
    "age": {"en": "it is not for anyone under {value}", "zh": "{value}以下不宜使用"},
    "unlisted_pregnancy": {"en": "my sources say nothing about it in pregnancy",
                           "zh": "我的资料没有说明怀孕时能否使用"},
    "unlisted_breastfeeding": {"en": "my sources say nothing about it while breastfeeding",
                               "zh": "我的资料没有说明哺乳时能否使用"},
}  # fmt: skip


CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "pregnancy": {"en": "pregnancy", "zh": "怀孕"},
    "breastfeeding": {"en": "breastfeeding", "zh": "哺乳"},
    "kidney": {"en": "kidney disease", "zh": "肾病"},
    "liver": {"en": "liver disease", "zh": "肝病"},
    "ulcer": {"en": "a stomach ulcer", "zh": "胃溃疡"},
    "asthma": {"en": "asthma", "zh": "哮喘"},
    "heart": {"en": "heart disease", "zh": "心脏病"},
    "hypertension": {"en": "high blood pressure", "zh": "高血压"},
    "diabetes": {"en": "diabetes", "zh": "糖尿病"},
    "thyroid": {"en": "thyroid disease", "zh": "甲状腺疾病"},
    "prostate": {"en": "prostate disease", "zh": "前列腺疾病"},
    "chickenpox": {"en": "chickenpox or shingles", "zh": "水痘或带状疱疹"},
    "dehydration": {"en": "dehydration", "zh": "脱水"},
}  # fmt: skip


def say(what: str, language: str, **values: str) -> str:
    """One of the plugin's own sentences, English where the language isn't known."""
    return _SAID[what].get(language, _SAID[what]["en"]).format(**values)


def reason(what: str, language: str, **values: str) -> str:
    """Why a medicine is advised against, in words."""
    return REASONS[what].get(language, REASONS[what]["en"]).format(**values)


def condition(name: str, language: str) -> str:
    """A condition in words."""
    return CONDITIONS[name].get(language, CONDITIONS[name]["en"])


def _language(turn: Turn) -> str:
    return "zh" if turn.language == "zh" else "en"


def _settings(turn: Turn) -> HealthcareSettings:
    return turn.config if isinstance(turn.config, HealthcareSettings) else HealthcareSettings()


def emergency_number(turn: Turn) -> str:
    """The emergency number(s) to name in this turn, by configuration and language."""
    return _settings(turn).emergency_number or _NUMBER[_language(turn)]


def _fill(turn: Turn, text: str) -> str:
    settings, language = _settings(turn), _language(turn)
    also = ""
    if settings.poison_line:
        also = f" 或 {settings.poison_line}" if language == "zh" else f", or {settings.poison_line}"
    crisis = settings.crisis_line or _CRISIS[language]
    return text.format(number=emergency_number(turn), crisis=crisis, poison=also)


def emergency(turn: Turn, code: str) -> str:
    """What to do now, whom to call, and the limits of it.

    Args:
        turn: gives language and configuration.
        code: one of `_red_flags.ORDER`, or `_second_look.LEARNED`.
    """
    texts = _STEPS[_language(turn)]
    text = _fill(turn, texts.get(code, texts["other"]))
    return text if code in MIND else f"{text}\n\n{texts['limit']}"


def still(turn: Turn, code: str) -> str:
    """The answer to a question that follows on an emergency: the call comes first."""
    return _fill(turn, _STEPS[_language(turn)]["again_mind" if code in MIND else "again"])


MIND = frozenset({"suicide", "distress"})
"""The flags that are about a person's mind, and answered by naming people to talk to."""
