"""What the person is told when there is a red flag: what to do, in order.

First-aid steps follow NHS first aid, NIH (heart attack, stroke) and MedlinePlus
(anaphylaxis, poisoning). Numbers: 120 and 12356 (National Health Commission of
China), 999 (NHS), 911 (NIH), 112 (Europe), 988 (SAMHSA), 116 123 (Samaritans).
"""

from __future__ import annotations

from metier.model import Turn

_NUMBERS = {
    "cn": {"zh": "120", "en": "120"},
    "uk": {"zh": "999", "en": "999"},
    "us": {"zh": "911", "en": "911"},
    "eu": {"zh": "112", "en": "112"},
}
_AUTO = {"zh": "120", "en": "112 (Europe), 911 (US), 999 (UK), 120 (China) or your local number"}
_CRISIS = {
    "cn": {
        "zh": "全国统一心理援助热线 12356",
        "en": "12356, the national mental health helpline of China",
    },
    "uk": {
        "zh": "英国 Samaritans 116 123（免费，24 小时）",
        "en": "Samaritans on 116 123 (free, day and night)",
    },
    "us": {
        "zh": "美国 988 自杀与危机生命线（电话或短信 988）",
        "en": "the 988 Suicide & Crisis Lifeline (call or text 988)",
    },
}
_CRISIS_AUTO = {
    "zh": "全国统一心理援助热线 12356",
    "en": "988 in the US (call or text), Samaritans on 116 123 in the UK and Ireland, "
    "12356 in China, or the crisis line of your country",
}

STEPS: dict[str, dict[str, str]] = {
    "en": {
        "suicide": "I'm glad you told me, and I'm taking this seriously. You don't have to face "
        "this alone. If you, or the person you mean, might act on it now, call {number} or go to "
        "the nearest emergency department. You can also talk to someone right away: {crisis}. "
        "Please don't stay alone: ask someone you trust to be with you, and put anything that "
        "could be used to cause harm out of reach.",
        "unconscious": "Call {number} now. If the person breathes normally, turn them onto their "
        "side with the head tilted back and watch the breathing. If they are not breathing "
        "normally, start chest compressions and let the call handler guide you.",
        "breathing": "Call {number} now. Sit upright, loosen tight clothing and use a prescribed "
        "reliever inhaler if there is one. If somebody is choking and can't speak, cough or "
        "breathe: bend them forward and give firm blows between the shoulder blades.",
        "anaphylaxis": "This can be a life-threatening allergic reaction. If there is an "
        "adrenaline auto-injector, use it now. Call {number}. Lie down, or sit up if breathing is "
        "hard, and don't eat, drink or walk about.",
        "chest_pain": "This can be a heart attack. Call {number} now, within minutes. Stop, sit "
        "down and keep still. Don't drive yourself, and don't let anyone else drive you: "
        "treatment can begin in the ambulance.",
        "stroke": "These can be signs of a stroke, and every minute counts. Call {number} now. "
        "Note the time when it began. Give nothing to eat, drink or swallow, and don't wait to "
        "see whether it passes.",
        "seizure": "Call {number} now. Don't hold the person down and put nothing in the mouth. "
        "Protect the head, note how long it lasts, and afterwards turn them onto their side.",
        "overdose": "Call {number} now{poison}, even if there are no symptoms yet. Keep the "
        "package to show it. Don't make the person vomit, and give nothing to eat or drink "
        "unless you are told to.",
        "bleeding": "Call {number} now. Press firmly on the wound with a clean cloth and keep "
        "pressing until help comes; lay more cloth on top if it soaks through. Don't pull out "
        "anything that is stuck in it. For blood that is vomited or coughed up, call at once.",
        "pregnancy": "This needs urgent care for you and the baby. Call {number} or your "
        "maternity unit now, and don't wait for an appointment.",
        "infant_fever": "A fever in a baby under 3 months can be serious, however well the baby "
        "looks. Have the baby seen by a doctor now: go to the nearest emergency department, or "
        "call {number} if the baby is drowsy, floppy, breathing fast, or has a rash or a fit. "
        "Don't give medicine before a doctor has seen the baby.",
        "head_injury": "After a blow to the head these signs need to be checked now. Call "
        "{number}, or go to the nearest emergency department with somebody else driving. Don't "
        "stay alone, and keep watching how awake the person is.",
        "other": "This can be an emergency. Call {number} now, or go to the nearest emergency "
        "department. Don't drive yourself, and take a list of the medicines with you.",
    },
    "zh": {
        "suicide": "谢谢你愿意说出来，我很认真地看待这件事，你不必独自承受。如果你（或你说的那个人）"
        "现在可能会伤害自己，请马上拨打 {number} 或前往最近的急诊。也可以现在就找人说说："
        "{crisis}。请不要一个人待着，让信任的人陪在身边，并把可能造成伤害的东西收走。",
        "unconscious": "请立即拨打 {number}。如果呼吸正常，让患者侧卧、头稍后仰，并一直观察呼吸；"
        "如果没有正常呼吸，请立即做胸外按压，并听从调度员的指导。",
        "breathing": "请立即拨打 {number}。坐直，松开紧身衣物；有医生开的急救吸入剂就用上。"
        "如果是噎住、不能说话、咳嗽或呼吸：让患者前倾，用掌根用力拍击两肩胛骨之间。",
        "anaphylaxis": "这可能是危及生命的严重过敏反应。有肾上腺素自动注射笔请马上使用，并立即拨打 "
        "{number}。平躺，呼吸困难时可坐起；不要进食、喝水或走动。",
        "chest_pain": "这可能是心脏病发作，请马上拨打 {number}，不要拖延。停下一切活动，坐下休息。"
        "不要自己开车，也不要让别人开车送，救护车上就可以开始治疗。",
        "stroke": "这可能是中风（脑卒中）的表现，每一分钟都很重要。请立即拨打 {number}，记下开始的时间。"
        "不要喂食、喂水、喂药，不要等着看会不会自己好。",
        "seizure": "请立即拨打 {number}。不要按住患者，不要往嘴里塞任何东西；保护头部，记下持续时间，"
        "停止后让患者侧卧。",
        "overdose": "请立即拨打 {number}{poison}，即使现在还没有症状。留好药瓶或包装给医生看。"
        "不要催吐，没有医生的指示不要喂食喂水。",
        "bleeding": "请立即拨打 {number}。用干净的布用力压住伤口，一直压到救援到达；渗血就在上面再加一层，"
        "不要拔出插在伤口里的东西。如果是吐血或咳血，也请马上拨打。",
        "pregnancy": "这需要马上处理，关系到你和宝宝的安全。请立即拨打 {number} 或联系产科急诊，"
        "不要等到预约时间。",
        "infant_fever": "3 个月以下的宝宝发热可能很严重，即使看上去精神还好。请现在就带宝宝去急诊；"
        "如果嗜睡、身体发软、呼吸急促、出皮疹或抽搐，请拨打 {number}。医生看过之前不要自行用药。",
        "head_injury": "头部受伤后出现这些情况需要马上检查。请拨打 {number}，或由别人开车送去最近的急诊。"
        "身边不要没有人，并一直观察清醒程度。",
        "other": "这可能是急症。请立即拨打 {number} 或前往最近的急诊。不要自己开车，"
        "并带上正在使用的药物清单。",
    },
}
_LIMIT = {
    "en": "I can't examine anyone and this is not a diagnosis. "
    "If this is not happening now, tell me and I'll help with information.",
    "zh": "我无法检查，这也不是诊断。如果这并不是现在发生的情况，请告诉我，我再提供资料。",
}


def emergency_number(turn: Turn) -> str:
    """The emergency number(s) to name in this turn, by configuration and language."""
    language = "zh" if turn.language == "zh" else "en"
    stated = getattr(turn.config, "emergency_number", None)
    if stated:
        return str(stated)
    region = getattr(turn.config, "region", "auto")
    return _NUMBERS[region][language] if region in _NUMBERS else _AUTO[language]


def crisis_line(turn: Turn) -> str:
    """The crisis line(s) to name in this turn."""
    language = "zh" if turn.language == "zh" else "en"
    stated = getattr(turn.config, "crisis_line", None)
    if stated:
        return str(stated)
    region = getattr(turn.config, "region", "auto")
    return _CRISIS[region][language] if region in _CRISIS else _CRISIS_AUTO[language]


def emergency(turn: Turn, code: str) -> str:
    """The message for a red flag: what to do now, whom to call, and its limits.

    Args:
        turn: gives language and configuration.
        code: one of `_redflags.ORDER`.
    """
    language = "zh" if turn.language == "zh" else "en"
    texts = STEPS[language]
    poison = getattr(turn.config, "poison_line", None)
    also = (f"，或 {poison}" if language == "zh" else f", or {poison}") if poison else ""
    text = texts.get(code, texts["other"]).format(
        number=emergency_number(turn), crisis=crisis_line(turn), poison=also
    )
    return text if code == "suicide" else f"{text}\n\n{_LIMIT[language]}"
