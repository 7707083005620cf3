"""The hooks of writing help."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from metier import hookimpl
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
from metier_writing import _topics
from metier_writing._compose import compose, revised, revision_of
from metier_writing._kept import lost, missing
from metier_writing._request import OPENINGS, Request, read_request, revised_part
from metier_writing._rules import Goal, all_rules, revise
from metier_writing._style import describe, measure, stated, style_of
from metier_writing._words import kinds_in_words, say

_FORGE = re.compile(
    r"\b(?:fake|forge|invent|make up)\b.{0,20}\b(?:quotes?|quotations?|citations?|references?|signatures?|reviews?|sources?)\b|(?:编造|伪造|捏造|编几?[条个篇]).{0,8}(?:引文|引用|文献|签名|评论|名言)",
    re.I,
)

_SECONDS = 10.0
"""For hooks that go through a whole draft: the longest takes about a second."""


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
            reads=("identity", "style", "language", "preference", "level", "conversations"),
            writes=("style", "conversations"),
            purposes=("answering", "writing"),
            review="whole",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        if _FORGE.search(turn.message) and read_request(turn).kind != "revise":
            return Verdict(Decision.REFUSE, "fabrication", say("forge", turn.language))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        request = read_request(turn)
        said = stated(turn.message.removesuffix(request.text))
        where = Provenance("turn", "writing:stated" if said else "writing:sample", turn.id)
        found = said or (measure(request.text) if request.kind == "sample" else {})
        sure = 0.95 if said else 0.8
        return [Fact(slot, value, "style", sure, where) for slot, value in found.items()]

    @hookimpl(blocking=True, deadline=_SECONDS)
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        """The titles of the articles on what is asked, or behind what would be changed."""
        return _titles(turn)

    @hookimpl(blocking=True, deadline=_SECONDS)
    def rank(self, turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:
        titles = _titles(turn)
        return {p.id: 0.5 for p in passages if p.title in titles}

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        def asks(goal: Goal | None) -> float:
            return 0.7 if goal else 0.0

        def concise(turn: Turn) -> float:
            return asks(Goal.CONCISE if Goal.CONCISE in read_request(turn).goals else None)

        def formal(turn: Turn) -> float:
            return asks(Goal.FORMAL if Goal.FORMAL in read_request(turn).goals else None)

        return [
            Strategy(
                "proofread",
                "Correct mistakes; change nothing else.",
                lambda t: 0.5 if read_request(t).kind == "revise" else 0.0,
            ),
            Strategy("concise", "Say the same in fewer words.", concise),
            Strategy("formal", "Say the same more formally.", formal),
            Strategy(
                "coach",
                "Explain the rule with an example.",
                lambda t: 0.4 if read_request(t).kind == "question" else 0.0,
            ),
        ]

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You help people write. Keep meaning, numbers, names and quotations exactly. Give a reason for "
            "each change. Keep the person's own style. Begin a revision with “Revised text:”, and the reasons with “What I changed, and why:”.",
            "zh": "你帮助人们写作。意思、数字、姓名和引文必须保持不变。每处修改说明理由，保留本人的文风。"
            "修改稿以“修改后：”开头，理由以“修改之处与理由：”开头。",
        }
        return [Segment(rules.get(turn.language, rules["en"]), "writing", Volatility.DOMAIN)]

    @hookimpl(blocking=True, deadline=_SECONDS)
    def compose(self, turn: Turn) -> Composition | None:
        return compose(turn)

    @hookimpl(needs="whole", blocking=True, deadline=_SECONDS)
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """A revision that changed what must be kept is replaced by what the rules suggest."""
        request = read_request(turn)
        if request.kind != "revise":
            return None
        kinds = _changed(request, answer, revision_of(turn, request).text)
        if not kinds:
            return None
        lead = say("kept_original", turn.language, kinds=kinds_in_words(kinds, turn.language))
        return Verdict(Decision.REVISE, "meaning_changed", f"{lead}\n\n{revised(turn, request)}")

    @hookimpl(blocking=True, deadline=_SECONDS)
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        request = read_request(turn)
        if request.kind != "revise":
            return None
        names = [c.rule.name for c in revision_of(turn, request).changes]
        counts: Counter[str] = Counter(turn.state.get("mistakes", {}))
        counts.update(names)
        return {**turn.state, "mistakes": dict(counts), "last": sorted(set(names))}

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Json] | None:
        """A rule whose work was disliked twice is not used for this person any more."""
        if feedback.rating >= 0:
            return None
        counts: Counter[str] = Counter(turn.state.get("disliked", {}))
        counts.update(set(turn.state.get("last", [])))
        return {**turn.state, "disliked": dict(counts)}

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        counts: Mapping[str, int] = turn.state.get("mistakes", {})
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
        zh = turn.language == "zh"
        reasons = {r.name: r.reason_zh if zh else r.reason for r in all_rules()}
        return [
            Recommendation(
                f"rule:{name}",
                f"{'练习' if zh else 'Practise'}{'：' if zh else ': '}{reasons[name]}",
                f"出现了 {n} 次" if zh else f"it came up {n} times",
                min(1.0, n / 10),
            )
            for name, n in top
            if name in reasons
        ]

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            counts: Mapping[str, int] = turn.state.get("mistakes", {})
            zh = turn.language == "zh"
            rows = [f"- {name}: {n}" for name, n in sorted(counts.items(), key=lambda i: -i[1])]
            style = describe(style_of(turn), turn.language)
            unknown = "还不了解。" if zh else "Nothing is known."
            head = ("# 文风", "## 修改过的问题") if zh else ("# Style", "## Corrections")
            return "\n".join([head[0], style or unknown, "", head[1], *rows])

        return [View("style", "Style", render)]

    @hookimpl
    def importers(self) -> Sequence[Importer]:
        return [Importer("tex", (".tex",), _read_tex)]

    @hookimpl
    def commands(self) -> Sequence[Command]:
        return [Command("lint", "Prints suggestions for a text file.", _lint)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("style", _topics.PACK)]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_writing._evaluation import suite

        return [suite()]


def _titles(turn: Turn) -> list[str]:
    request = read_request(turn)
    if request.kind == "revise":
        found = revision_of(turn, request)
        titles = [
            _topics.title_for(c.rule.name, turn.language) for c in (*found.changes, *found.hints)
        ]
        return [t for t in dict.fromkeys(titles) if t][:3]
    topic = _topics.find_topic(turn.message, turn.language)
    return [topic.title] if topic else []


_COVERS, _OF_ITSELF = 0.6, 0.5
"""A block of an answer is a revision where it holds so much of the draft's words, and they are so much of its own."""
_MANY = 60
"""Words of a draft whose revision may run over several blocks."""
_BLOCKS = (
    re.compile(r"“([^”]{12,})”|\"([^\"\n]{12,})\"|「([^」]{6,})」|```\w*\n(.*?)```", re.S),
    re.compile(r"([^\n]+)"),
)


def _changed(request: Request, answer: str, own: str) -> list[str]:
    """What a revision in an answer did not keep; empty where all is kept, or there is none.

    A model need not mark its revision as it was told to, so an answer is also
    searched for a block that says the draft over again.

    Args:
        own: the draft as the rules revise it, which has been compared already.
    """
    for opening in OPENINGS.values():
        if opening in answer:
            body = revised_part(answer, opening)
            return [] if body == own.strip() else lost(request.text, body)
    draft = _words(request.text)
    for match in (m for pattern in _BLOCKS for m in pattern.finditer(answer)):
        block = next(g for g in match.groups() if g)
        words = _words(block)
        both = len(draft & words)
        again = both >= _COVERS * len(draft) and both >= _OF_ITSELF * len(words)
        if draft and again and (kinds := lost(request.text, block.strip())):
            return kinds
    if len(draft) >= _MANY and len(draft & _words(answer)) >= 0.8 * len(draft):
        return missing(request.text, answer)
    return []


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+|[\u4e00-\u9fff]", text.lower()))


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
    zh = len(re.findall("[\u4e00-\u9fff]", text)) > len(text) / 5
    found = revise(text, (Goal.MISTAKE,))
    for change in (*found.changes, *found.hints):
        reason = change.rule.reason_zh if zh else change.rule.reason
        arrow = f" → {change.after.strip()}" if change.after else ""
        print(f"{change.before.strip()}{arrow}: {reason}")
    return 1 if found.changes else 0
