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
}


def say(what: str, language: str, **values: str) -> str:
    """The sentence `what` in the language, English where it isn't known."""
    sentences = _WORDS[what]
    sentence = sentences.get(language, sentences["en"])
    return sentence.format(**values) if values else sentence
