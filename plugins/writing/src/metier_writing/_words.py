"""The sentences of writing help, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

_SAID: Mapping[str, tuple[str, str]] = {
    "nothing": ("I found nothing to correct with my rules. That is no promise: I work by rules, without a language model.",
                "按我的规则没有发现需要改的地方。我没有使用语言模型，只按规则检查，不能保证没有其他问题。"),
    "nothing_of_the_kind": ("My rules have nothing to change here, so I leave the text as it is. They mend mistakes, cut wordy phrases and "
                            "replace everyday short forms; rewriting freely would take a language model.",
                            "我的规则在这里没有可改的，所以保留原文。规则只能改正错误、精简用语、替换口语和缩写；自由改写需要语言模型。"),
    "changes": ("What I changed, and why:", "修改之处与理由："),
    "hints": ("For you to decide (I left these as they are):", "供您决定（我没有改动）："),
    "style": ("Not as you usually write:", "与您平时的写法不同："),
    "limits": ("I work by rules, without a language model: other mistakes may be left.", "我只按规则检查，没有使用语言模型，可能还有其他问题。"),
    "tone": ("I can't give a text another tone by rules; I corrected it only.", "仅凭规则无法改变语气，我只做了改正。"),
    "offered": ("I took this as a text to correct.", "我把它当作需要改正的文字。"),
    "learned": ("Thank you. I will keep to your style: {style}.", "谢谢，我会按您的习惯来：{style}。"),
    "short": ("Thank you. Two or more sentences would let me see your style.", "谢谢。请给我两句以上，我才能看出您的文风。"),
    "sources": ("From my sources, quoted as they are (I have no language model here):", "以下是资料中的原话（我没有使用语言模型）："),
    "empty": ("Gladly. Send me the text after a colon, for example: “Please correct: …”, “Make it shorter: …” or “Make it formal: …”.",
              "好的。请把文字放在冒号后面发给我，例如“请修改：……”“请精简：……”或“请改得正式一点：……”。"),
    "no_writing": ("I can't write a text for you: I work by rules, without a language model. Send me a draft, however rough, and I will correct "
                   "it, shorten it or make it more formal, with a reason for each change.",
                   "我不能替您写：我只按规则工作，没有使用语言模型。把草稿发给我，再粗糙也没关系，我来改正、精简或改得更正式，并说明理由。"),
    "no_translation": ("I don't translate. I can correct a text in English or Chinese.", "我不做翻译。我可以修改英文或中文的文字。"),
    "hello": ("Hello! Send me a text, for example “Please correct: …”, and I'll suggest changes with a reason for each; numbers, names and "
              "meaning stay as they are. Or ask about a rule, such as its and it's, commas, or 的地得.",
              "您好！把文字发给我，例如“请修改：……”，我会给出修改建议和理由，不改变数字、姓名和意思。也可以问写作规则，比如“的地得”、分号或书名号。"),
    "bye": ("You're welcome.", "不客气。"),
    "forge": ("I won't invent quotations, references or signatures. I can help you word your own view, or show how to cite a source you have.",
              "我不会编造引文、文献或签名。我可以帮您表达自己的观点，或说明如何标注您已有的来源。"),
    "kept_original": ("The revision would have changed {kinds}, so I did not use it. What my rules suggest instead:",
                      "该修改会改变{kinds}，因此没有采用。以下是按规则给出的建议："),
}  # fmt: skip
_KINDS_ZH = {
    "numbers": "数字", "names": "姓名", "addresses": "地址", "quotations": "引文", "negations": "否定",
    "certainty": "语气的确定程度", "quantities": "数量范围", "direction": "意思的方向",
}  # fmt: skip


def say(what: str, language: str, **values: str) -> str:
    """The sentence `what` in a language, English where it is neither of the two."""
    text = _SAID[what][language == "zh"]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def kinds_in_words(kinds: list[str], language: str) -> str:
    """What was lost, as a list in words."""
    if language == "zh":
        return "、".join(_KINDS_ZH[k] for k in kinds)
    return " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
