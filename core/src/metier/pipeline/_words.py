"""The few sentences the core itself says, in the languages it speaks."""

from __future__ import annotations

from typing import Final

_WORDS: Final[dict[str, dict[str, str]]] = {
    "nothing_found": {
        "en": "I found nothing in my sources that answers this, so I would rather not guess. "
        "Could you put it another way, or tell me a little more?",
        "zh": "我的资料里没有能回答这个问题的内容，我不想凭空猜测。"
        "您可以换一种说法，或者补充一些信息吗？",
    },
    "no_room": {
        "en": "The room for an answer was used up before its first word. Allow a longer answer, "
        "or ask for less.",
        "zh": "回答还没有开始，允许的长度就已经用完了。请允许更长的回答，或者少问一些。",
    },
    "small_talk": {
        "en": "Happy to help. I'm here when you have a question.",
        "zh": "很高兴能帮到您。有问题随时可以问我。",
    },
    "noted": {
        "en": "I have noted what you told me. My sources have nothing to add to it. "
        "What can I do for you?",
        "zh": "您说的我记下了。我的资料里没有可以补充的内容。请问需要什么帮助？",
    },
    "check_failed": {
        "en": "A safety check could not be completed, so I can't answer this right now. "
        "Please try again in a moment.",
        "zh": "安全检查未能完成，因此我暂时无法回答。请稍后再试。",
    },
    "refused": {
        "en": "I can't help with this here.",
        "zh": "这个问题我在这里无法帮忙。",
    },
    "correction": {
        "en": "\n\nCorrection: please disregard the answer above. ",
        "zh": "\n\n更正：请不要采用上面的回答。",
    },
    "tool_limit": {
        "en": "I could not finish this in the steps I am allowed. Nothing further was done.",
        "zh": "我未能在允许的步骤内完成。没有再执行其他操作。",
    },
    "confirm": {
        "en": "Please confirm: {action}. Reply “yes” to go ahead.",
        "zh": "请确认：{action}。回复“是”即可执行。",
    },
    "too_young": {
        "en": "You have to be at least {age} to use this by yourself. Please ask a parent or "
        "guardian. Nothing of what you wrote about yourself is kept as a profile.",
        "zh": "您需要年满 {age} 周岁才能独自使用本服务，请让父母或监护人陪同。"
        "您所写的内容不会被保存为个人档案。",
    },
    "not_done": {
        "en": "All right, I have not done it. What else can I do for you?",
        "zh": "好的，没有执行。还需要什么帮助？",
    },
    "consent_text": {
        "en": "May we remember what you tell us about {topic}? It would be used to answer you "
        "better, and for nothing else. It is kept encrypted. You can see it, correct it and take "
        "your consent back at any time; then it is deleted.",
        "zh": "您是否同意我们记住您告诉我们的有关{topic}的内容？它只用于更好地回答您，"
        "不作其他用途，并加密保存。您可以随时查看、更正，也可以随时撤回同意；撤回后即删除。",
    },
    "consent_ask": {
        "en": "Do you agree? Reply “yes” if you do.",
        "zh": "您同意吗？同意请回复“是”。",
    },
    "consent_ask_forget": {
        "en": "Shall I forget what I keep about {topic}? It would be deleted, and I would keep no "
        "more of it. Reply “yes” if I should.",
        "zh": "要我忘记我保存的有关{topic}的内容吗？忘记后即删除，今后也不再保存。"
        "要忘记请回复“是”。",
    },
    "consent_not_here": {
        "en": "You asked me to remember something about {topic}. Here I keep nothing of that kind, "
        "so it is not remembered.",
        "zh": "您让我记住有关{topic}的内容。我在这里不保存这类内容，因此没有记住。",
    },
    "consent_given": {
        "en": "Thank you. From now on I remember what you tell me about {topic}. You can take this "
        "back at any time in the same way: tell me to forget it.",
        "zh": "谢谢。从现在起，我会记住您告诉我的有关{topic}的内容。"
        "您可以随时用同样的方式撤回：让我忘记即可。",
    },
    "consent_withdrawn": {
        "en": "Done. What I remembered about {topic} is deleted, and I remember no more of it. "
        "What you wrote stands in our conversations until they expire.",
        "zh": "好的。我记住的有关{topic}的内容已删除，今后也不再记住。"
        "您写过的话会留在对话里，直到对话到期。",
    },
    "consent_not_possible": {
        "en": "The rules of this service don't allow me to remember that, so there is nothing to "
        "agree to.",
        "zh": "本服务的规则不允许我记住这类内容，因此无需您同意。",
    },
    "nothing_known": {
        "en": "I know nothing about you that I may use here.",
        "zh": "关于您，我没有在这里可以使用的信息。",
    },
    "known_of_you": {
        "en": "This is what I know about you and may use here:",
        "zh": "关于您，我在这里可以使用的信息有：",
    },
    "not_told": {
        "en": "You have not told me that, or I may not use it here.",
        "zh": "您没有告诉过我，或者我在这里不能使用该信息。",
    },
    "remember_told": {
        "en": "Remember what you told me: {facts}.",
        "zh": "请记得您告诉过我：{facts}。",
    },
    "you_told": {"en": "You told me: {facts}.", "zh": "您告诉过我：{facts}。"},
    "you_said": {"en": "On {date} you said: “{words}”", "zh": "{date}，您说过：“{words}”"},
    "i_answered": {"en": "On {date} I answered: “{words}”", "zh": "{date}，我回答过：“{words}”"},
    "left_out": {
        "en": "(I left out a suggestion here that doesn't go with what you told me: {facts}.)",
        "zh": "（此处略去了一条与您所说不符的建议：{facts}。）",
    },
    "against_constraint": {
        "en": "What I found does not go with what you told me ({facts}), so I would rather not "
        "suggest it.",
        "zh": "我找到的内容与您所说的（{facts}）不符，因此不作推荐。",
    },
    "settled": {
        "en": "Thank you, I have put that right.",
        "zh": "谢谢，我已更正。",
    },
    "consent_offer": {
        "en": "\n\nWhat you tell me about {topic} I use in this conversation and don't keep. "
        "If you want me to remember it next time, say “remember my {short} details”.",
        "zh": "\n\n您告诉我的有关{topic}的内容，我只在本次对话中使用，不会保存。"
        "如果希望我下次也记得，请说“记住我的{short}信息”。",
    },
}


def say(what: str, language: str, **values: str) -> str:
    """The sentence `what` in the language, English where it isn't known."""
    sentences = _WORDS[what]
    sentence = sentences.get(language, sentences["en"])
    return sentence.format(**values) if values else sentence
