"""The hooks of writing help."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from metier import hookimpl
from metier.grounding import bullets, quote
from metier.model import (
    BadRequest,
    Command,
    Composition,
    Decision,
    Document,
    EvaluationSuite,
    Fact,
    Feedback,
    Importer,
    Json,
    KnowledgePack,
    Manifest,
    Passage,
    Provenance,
    Recommendation,
    Segment,
    Strategy,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_writing._rules import Change, revise
from metier_writing._style import lost, measure

_ASK = re.compile(
    r"^\s*(?:(?:please|can you|could you|would you)\s+)*(?:improve|polish|proofread|correct|fix|edit|revise|check|rewrite|shorten)"
    r"\b[^:\n]{0,60}[:\n]\s*|^\s*(?:请|帮我|麻烦)*(?:帮我)?(?:润色|修改|校对|改一下|检查|改错)[^：:\n]{0,20}[：:\n]\s*", re.I,
)  # fmt: skip
_SAMPLE = re.compile(
    r"^\s*(?:here is how i write|this is how i write|my (?:writing )?style|a sample of my writing)[^:\n]{0,20}[:\n]\s*|^\s*(?:这是我的文风|我的写作风格|我平时这样写)[^：:\n]{0,10}[：:\n]\s*",
    re.I,
)
_FORGE = re.compile(
    r"(?:fake|forge|invent|make up) .{0,20}(?:quote|citation|reference|signature|review)s?\b|(?:编造|伪造|捏造).{0,8}(?:引文|引用|文献|签名|评论)",
    re.I,
)
_OPEN = {"en": "Revised text:", "zh": "修改后："}
_SAID: Mapping[str, Mapping[str, str]] = {
    "nothing": {"en": "I found nothing to correct with my rules. That is no promise: I work by rules, without a language model.",
                "zh": "按我的规则没有发现需要改的地方。我没有使用语言模型，只按规则检查，不能保证没有其他问题。"},
    "changes": {"en": "What I changed, and why:", "zh": "修改之处与理由："},
    "hints": {"en": "For you to decide (I left these as they are):", "zh": "供您决定（我没有改动）："},
    "kept": {"en": "Kept as you write: {style}.", "zh": "保留了您的习惯：{style}。"},
    "learned": {"en": "Thank you. I will keep to your style: {style}.", "zh": "谢谢，我会按您的习惯来：{style}。"},
    "short": {"en": "Thank you. Two or more sentences would let me see your style.", "zh": "谢谢。请给我两句以上，我才能看出您的文风。"},
    "sources": {"en": "From my sources (quoted, without a language model):", "zh": "以下引自资料（未使用语言模型）："},
    "forge": {"en": "I won't invent quotations, references or signatures. I can help you word your own view, or show how to cite a source you have.",
              "zh": "我不会编造引文、文献或签名。我可以帮您表达自己的观点，或说明如何标注您已有的来源。"},
    "kept_original": {"en": "The revision would have changed {kinds}, so I keep your text as it was.",
                      "zh": "该修改会改变{kinds}，因此保留您的原文。"},
}  # fmt: skip
_KINDS_ZH = {"numbers": "数字", "names": "姓名", "addresses": "地址", "negation": "否定"}


def _say(what: str, language: str, **values: str) -> str:
    return _SAID[what].get(language, _SAID[what]["en"]).format(**values)


def draft(message: str) -> str:
    """The text a message asks to revise; "" where it asks for something else."""
    match = _ASK.match(message)
    return message[match.end() :].strip() if match else ""


def _sample(message: str) -> str:
    match = _SAMPLE.match(message)
    return message[match.end() :].strip() if match else ""


def _off(turn: Turn) -> frozenset[str]:
    """Rules the person has disliked twice."""
    disliked: Mapping[str, int] = turn.state.get("disliked", {})
    return frozenset(name for name, n in disliked.items() if n >= 2)


def _style(turn: Turn) -> str:
    facts = [f for f in turn.facts if f.category == "style"]
    return ", ".join(f"{f.slot.replace('_', ' ')}: {f.value}" for f in facts)


class Writing:
    """Writing help: suggestions with reasons; numbers, names and meaning stay as they are."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="writing",
            title="Writing",
            description="Suggestions with reasons, in the person's own style; meaning is never changed.",
            version="0.1.0",
            languages=("en", "zh"),
            reads=("identity", "style", "language", "preference", "level"),
            writes=("style",),
            purposes=("answering", "writing"),
            review="whole",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        if _FORGE.search(turn.message) and not draft(turn.message):
            return Verdict(Decision.REFUSE, "fabrication", _say("forge", turn.language))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        text = _sample(turn.message)
        where = Provenance("turn", "writing:sample", turn.id)
        return [
            Fact(slot, value, "style", 0.8, where)
            for slot, value in measure(text, turn.language).items()
        ]

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        text = draft(turn.message)
        if not text:
            return []
        _, changes, hints = revise(text, turn.language, _off(turn))
        return [
            c.rule.reason_zh if turn.language == "zh" else c.rule.reason
            for c in (*changes, *hints)[:3]
        ]

    @hookimpl
    def rank(self, turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:
        variety = turn.value("spelling")
        return {p.id: 0.1 for p in passages if variety and variety in p.text}

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        def concise(turn: Turn) -> float:
            return (
                0.7
                if re.search(r"\b(?:shorten|concise|shorter)\b|精简|缩短|简洁", turn.message, re.I)
                else 0.0
            )

        def coach(turn: Turn) -> float:
            return 0.0 if draft(turn.message) else 0.4

        return [
            Strategy(
                "proofread",
                "Correct mistakes; change nothing else.",
                lambda turn: 0.5 if draft(turn.message) else 0.0,
            ),
            Strategy("concise", "Say the same in fewer words.", concise),
            Strategy("coach", "Explain the rule with an example.", coach),
        ]

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You help people write. Keep meaning, numbers, names and quotations exactly. Give a reason for "
            "each change. Keep the person's own style. Begin a revision with “Revised text:”.",
            "zh": "你帮助人们写作。意思、数字、姓名和引文必须保持不变。每处修改说明理由，保留本人的文风。"
            "修改稿以“修改后：”开头。",
        }
        return [Segment(rules.get(turn.language, rules["en"]), "writing", Volatility.DOMAIN)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        language = turn.language
        if sample := _sample(turn.message):
            found = measure(sample, language)
            style = ", ".join(f"{k.replace('_', ' ')}: {v}" for k, v in found.items())
            return Composition(
                _say("learned", language, style=style) if found else _say("short", language)
            )
        text = draft(turn.message)
        if not text:
            quotes = quote(turn)
            return (
                Composition(f"{_say('sources', language)}\n\n{bullets(quotes)}") if quotes else None
            )
        revised, changes, hints = revise(text, language, _off(turn))
        if not changes and not hints:
            return Composition(_say("nothing", language))
        parts = []
        if changes:
            parts += [
                f"{_OPEN[language]}\n\n{revised}",
                f"{_say('changes', language)}\n{_list(changes, turn)}",
            ]
        if hints:
            parts.append(f"{_say('hints', language)}\n{_list(hints, turn)}")
        if style := _style(turn):
            parts.append(_say("kept", language, style=style))
        return Composition("\n\n".join(parts))

    @hookimpl(needs="whole")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """A revision keeps numbers, names, addresses and negations, whoever wrote it."""
        text = draft(turn.message)
        opening = _OPEN.get(turn.language, _OPEN["en"])
        if not text or opening not in answer:
            return None
        body = answer.split(opening, 1)[1]
        for end in (_SAID["changes"]["en"], _SAID["changes"]["zh"]):
            body = body.split(end, 1)[0]
        kinds = lost(text, body.strip())
        if not kinds:
            return None
        names = (
            "、".join(_KINDS_ZH[k] for k in kinds) if turn.language == "zh" else " and ".join(kinds)
        )
        return Verdict(
            Decision.REVISE, "meaning_changed", _say("kept_original", turn.language, kinds=names)
        )

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        text = draft(turn.message)
        if not text:
            return None
        _, changes, _ = revise(text, turn.language, _off(turn))
        counts: Counter[str] = Counter(turn.state.get("mistakes", {}))
        names = [c.rule.name for c in changes]
        counts.update(names)
        return {**turn.state, "mistakes": dict(counts), "last": names}

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Json] | None:
        """A rule whose work was disliked twice is not used for this person any more."""
        if feedback.rating >= 0:
            return None
        disliked: Counter[str] = Counter(turn.state.get("disliked", {}))
        disliked.update(set(turn.state.get("last", [])))
        return {**turn.state, "disliked": dict(disliked)}

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        counts: Mapping[str, int] = turn.state.get("mistakes", {})
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
        zh = turn.language == "zh"
        return [
            Recommendation(
                f"rule:{name}",
                f"练习：{name}" if zh else f"Practise: {name.replace('_', ' ')}",
                f"出现了 {n} 次" if zh else f"it came up {n} times",
                min(1.0, n / 10),
            )
            for name, n in top
        ]

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            counts: Mapping[str, int] = turn.state.get("mistakes", {})
            rows = [f"- {name}: {n}" for name, n in sorted(counts.items(), key=lambda i: -i[1])]
            return "\n".join(
                ["# Style", _style(turn) or "Nothing is known.", "", "## Corrections", *rows]
            )

        return [View("style", "Style", render)]

    @hookimpl
    def importers(self) -> Sequence[Importer]:
        return [Importer("tex", (".tex",), _read_tex)]

    @hookimpl
    def commands(self) -> Sequence[Command]:
        return [Command("lint", "Prints suggestions for a text file.", _lint)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("style", Path(__file__).parent / "knowledge")]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_writing._evaluation import suite

        return [suite()]


def _list(changes: Sequence[Change], turn: Turn) -> str:
    lines = []
    for change in dict.fromkeys(changes):
        reason = change.rule.reason_zh if turn.language == "zh" else change.rule.reason
        cited = quote(turn, reason, passages=1, each=1)
        mark = f" [{cited[0][1]}]" if cited else ""
        what = (
            f"{change.before.strip() or '␣'} → {change.after}"
            if change.after
            else change.before.strip()
        )
        lines.append(f"- {what}: {reason}{mark}")
    return "\n".join(lines)


def _read_tex(data: bytes, name: str) -> Iterable[Document]:
    """Plain text of a LaTeX file: comments, commands and mathematics taken out."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadRequest(
            f"{name}, line {line}: not valid UTF-8. Save it as UTF-8.", code="bad_encoding"
        ) from None
    title = re.search(r"\\title\{([^}]*)\}", text)
    body = text.split(r"\begin{document}", 1)[-1].split(r"\end{document}", 1)[0]
    body = re.sub(r"(?<!\\)%.*", "", body)
    body = re.sub(r"\\(?:sub)*section\*?\{([^}]*)\}", r"\n\n# \1\n\n", body)
    body = re.sub(r"\$[^$]*\$|\\\[.*?\\\]", " ", body, flags=re.S)
    body = re.sub(r"\\(?:begin|end)\{[^}]*\}|\\[a-zA-Z]+\*?(?:\[[^\]]*\])?", " ", body)
    body = re.sub(r"[{}]", "", body)
    return [Document(name, body.strip(), title[1] if title else name, name)]


def _lint(arguments: Sequence[str]) -> int:
    if not arguments:
        print("Usage: metier lint FILE")
        return 2
    text = Path(arguments[0]).read_text("utf-8")
    language = "zh" if len(re.findall("[\u4e00-\u9fff]", text)) > len(text) / 5 else "en"
    _, changes, hints = revise(text, language)
    for change in (*changes, *hints):
        reason = change.rule.reason_zh if language == "zh" else change.rule.reason
        arrow = f" → {change.after}" if change.after else ""
        print(f"{change.before}{arrow}: {reason}")
    return 1 if changes else 0
