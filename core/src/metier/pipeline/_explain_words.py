"""An explanation in plain words, English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from metier.model import Fact
from metier.profile import slot_label, wording

if TYPE_CHECKING:
    from metier.pipeline._explanation import Difference, Explanation

_SHOWN: Final = 3
"""Sentences that are shown of what an answer would no longer say, or would say."""
_MARK: Final = re.compile(r" ?\[\d{1,2}\]")
_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_LONGEST: Final = 160
"""Characters of a text that is shown as an example of itself."""
_EN: Final = {
    "title": "Why this answer", "asked": "Asked on {date} ({domain}): {said}",
    "unused": "The answer came from a check or from the core itself. Nothing that is known of "
              "the person was used for it.",
    "differs": "Something has been changed or forgotten since ({what}), so this is how the same "
               "message would be prepared now, and not quite how it was.",
    "used": "Known and used", "constraint": "must hold in every answer",
    "assumed": "Assumed, since the person has not said otherwise",
    "of_group": "for the group “{title}”", "share": "about {share} of it",
    "by_operator": "set by the operator",
    "memories": "Said in earlier conversations", "by_person": "the person", "by_us": "the answer",
    "withheld": "Known, but not shown to this domain", "left_out": "Known, but left aside",
    "states": "Noted by the domain itself in earlier turns, and used",
    "own_notes": "its own notes on this person", "own_notes_of": "the own notes of “{name}”",
    "asked_of_engine": "asked of whoever writes the answer",
    "influences": "Asked for or done differently for this person",
    "groups": "Groups that had a part",
    "because": "because of", "passages": "Found in the sources",
    "strategy": "Way of answering", "chosen": "chosen", "not_chosen": "not chosen",
    "score": "score {own}", "personal": "{personal} for this person",
    "unfitted": "Kept to, but not used to choose the manner of the answer",
    "learned": "Learned from this message", "passing": "Kept in this conversation only",
    "verdicts": "Checks", "without": "Without {what}", "alone": "What would change without",
    "nothing": "nothing would change", "gone": "would not be taken into account: {text}",
    "new": "would be taken into account instead: {text}",
    "moved": "the order of what was found would be another",
    "strategy_now": "the way of answering would be {now} instead of {before}", "none": "none",
    "language_now": "the answer would be in {now}",
    "answer_less": "the answer would not say: {text}",
    "answer_more": "the answer would say: {text}",
    "answer_marks": "the answer would say the same, but point to its sources otherwise",
    "answer_rest": "and {n} more of its sentences would change",
    "answer_same": "the words of the answer would be the same",
    "not_compared": "the words of the answer were not compared",
    "untried": "{n} more causes were not tried.", "en": "English", "zh": "Chinese",
    "facts": "facts", "passages_": "sources", "memories_": "memories", "strategy_": "strategy",
    "judged": "their judgements of “{name}”", "manner": "how they write",
    "about": "about: {whom}", "this_message": "it stands in the message itself, which stays",
}  # fmt: skip
_ZH: Final = {
    "title": "为什么这样回答", "asked": "{date} 的提问（{domain}）：{said}",
    "unused": "这个回答来自检查或系统本身，没有用到此人的任何信息。",
    "differs": "此后有内容被更改或删除（{what}），所以下面是现在处理同一条消息的情况，"
               "与当时不完全相同。",
    "used": "已知并用到的", "constraint": "每个回答都必须遵守",
    "assumed": "本人未说明，因此是推测的", "of_group": "依据群体“{title}”",
    "share": "其中约 {share}", "by_operator": "由管理员设定",
    "memories": "之前的对话中说过的", "by_person": "本人", "by_us": "回答",
    "withheld": "已知，但未提供给该领域", "left_out": "已知，但没有用",
    "states": "该领域自己在以前的对话中记下并用到的",
    "own_notes": "它自己关于此人的记录", "own_notes_of": "“{name}”自己的记录",
    "asked_of_engine": "对撰写回答者的要求",
    "influences": "为此人提出的要求和所做的调整", "groups": "起了作用的群体",
    "because": "依据", "passages": "在资料中找到的",
    "strategy": "回答方式", "chosen": "采用", "not_chosen": "未采用",
    "score": "得分 {own}", "personal": "为此人 {personal}",
    "unfitted": "会遵守，但没有用来选择回答的方式",
    "learned": "从这条消息中得知的", "passing": "只保留在本次对话中的",
    "verdicts": "检查", "without": "如果没有{what}", "alone": "如果没有下列内容",
    "nothing": "什么都不会变", "gone": "不再考虑：{text}",
    "new": "改为考虑：{text}", "moved": "找到的内容的顺序会不同",
    "strategy_now": "回答方式会是 {now}，而不是 {before}", "none": "无",
    "language_now": "会用{now}回答",
    "answer_less": "回答不会说：{text}", "answer_more": "回答会说：{text}",
    "answer_marks": "回答的文字相同，只是所引资料的编号不同",
    "answer_rest": "另有 {n} 句会不同",
    "answer_same": "回答的文字不变",
    "not_compared": "没有比较回答的文字",
    "untried": "另有 {n} 项没有尝试。", "en": "英文", "zh": "中文",
    "facts": "事实", "passages_": "资料", "memories_": "记忆", "strategy_": "回答方式",
    "judged": "此人对“{name}”的评价", "manner": "此人的写作方式",
    "about": "关于：{whom}", "this_message": "它就在这条消息里，消息本身不变",
}  # fmt: skip
_SOURCES: Final = {
    "turn": ("from what was said on {date} in {domain}", "据 {date} 在 {domain} 中所说"),
    "settings": ("set by the person on {date}", "本人于 {date} 设定"),
    "import": ("imported on {date}", "{date} 导入"),
    "operator": ("entered by the operator on {date}", "管理员于 {date} 录入"),
}
_REASONS: Final = {
    "lapsed": ("did not hold at the time", "当时不成立"),
    "in doubt": ("contradicted, and not settled yet", "有矛盾，尚未澄清"),
    "hidden for a time": ("something temporary took its place", "暂时被其他情况代替"),
    "no room": ("there was no room for it", "篇幅不够"),
    "taken back": ("taken back by the person", "本人已收回"),
}
_UNDECLARED: Final = re.compile(r"the domain does not declare '(.*)'")


def told(found: Explanation, language: str) -> str:
    """The explanation as text."""
    return "\n".join(_Teller(found, language).lines())


class _Teller:
    def __init__(self, found: Explanation, language: str) -> None:
        self._found = found
        self._zh = language == "zh"
        self._words = _ZH if self._zh else _EN
        facts = (*found.why.used, *found.why.learned, *found.why.passing)
        self._facts = {f"fact:{f.id}": f for f in facts if f.id}

    def _say(self, key: str, **values: object) -> str:
        return self._words[key].format(**values)

    def lines(self) -> Iterator[str]:
        found, why = self._found, self._found.why
        yield self._say("title")
        date = found.at.date().isoformat()
        yield self._say("asked", date=date, domain=found.domain, said=_short(found.said))
        if not found.reached:
            yield self._say("unused")
            yield from self._verdicts()
            return
        if found.differs:
            names = [self._words.get(f"{d}_", self._words.get(d, d)) for d in found.differs]
            yield self._say("differs", what=self._joined(names))
        own = [f for f in why.used if f.provenance.source != "cohort"]
        yield from self._section("used", map(self._fact, own))
        yield from self._section("assumed", self._assumed())
        yield from self._section("memories", self._memories())
        yield from self._section("states", self._states())
        yield from self._section("influences", self._influences())
        if not found.assumed:
            yield from self._section("groups", why.cohorts)
        yield from self._section("passages", self._passages())
        yield from self._section("strategy", self._contest())
        yield from self._section("withheld", self._withheld())
        yield from self._section("unfitted", self._unfitted())
        yield from self._section("left_out", self._left_out())
        yield from self._section("learned", map(self._fact, why.learned))
        yield from self._section("passing", map(self._fact, why.passing))
        yield from self._verdicts()
        if found.change is not None:
            left = self._joined([self._named(c) for c in found.change.without])
            yield from self._changes(self._say("without", what=left), found.change)
        if found.effects:
            yield ""
            yield self._say("alone")
            for each in found.effects:
                names = [self._named(c) for c in each.without]
                yield from self._changes(self._joined(names), each, "  ")
        if found.untried:
            yield self._say("untried", n=found.untried)

    def _section(self, key: str, rows: Sequence[str] | Iterator[str]) -> Iterator[str]:
        listed = list(rows)
        if listed:
            yield ""
            yield self._words[key]
            for row in listed:
                yield f"  - {row}"

    def _joined(self, parts: Sequence[str]) -> str:
        return ("、" if self._zh else ", ").join(parts)

    def _with(self, what: str, *notes: str) -> str:
        kept = [n for n in notes if n]
        if not kept:
            return what
        return f"{what}（{'；'.join(kept)}）" if self._zh else f"{what} ({'; '.join(kept)})"

    # --- what was used ----------------------------------------------------------------------

    def _slot(self, slot: str) -> str:
        return slot_label(slot, "zh" if self._zh else "en")

    def _line(self, fact: Fact) -> str:
        """A fact as slot and value."""
        return wording(replace(fact, about=""), "zh" if self._zh else "en")

    def _fact(self, fact: Fact) -> str:
        where = fact.provenance
        words = _SOURCES.get(where.source, (where.source, where.source))[self._zh]
        date = fact.learned_at.date().isoformat() if fact.learned_at else "?"
        return self._with(
            self._line(fact),
            self._say("about", whom=fact.about) if fact.about else "",
            words.format(date=date, domain=where.domain or "?"),
            self._say("constraint") if fact.constraint and not fact.about else "",
            f"fact:{fact.id}",
        )

    def _assumed(self) -> Iterator[str]:
        for each in self._found.assumed:
            share = f"{each.share:.0%}" if each.share is not None else ""
            between = "：" if self._zh else ": "
            yield self._with(
                f"{self._slot(each.slot)}{between}{each.value}",
                self._say("of_group", title=each.title or each.cohort),
                self._say("share", share=share) if share else self._say("by_operator"),
                f"cohort:{each.cohort}",
            )

    def _memories(self) -> Iterator[str]:
        for each in self._found.why.memories:
            who = self._say("by_us" if each.source == "assistant" else "by_person")
            who = who if each.source in ("assistant", "user") else each.source
            yield self._with(_short(each.text), who, each.date, each.title, f"memory:{each.id}")

    def _states(self) -> Iterator[str]:
        for name in self._found.states:
            yield self._with(name, self._say("own_notes"), f"state:{name}")

    def _influences(self) -> Iterator[str]:
        for each in self._found.why.influences:
            because = self._joined([self._named(c) for c in each.because])
            # A rule can only ask for a manner; an engine that quotes doesn't follow it.
            asked = self._say("asked_of_engine") if each.what.startswith("hint:") else ""
            yield self._with(each.words, asked, f"{self._say('because')} {because}", each.by)

    def _passages(self) -> Iterator[str]:
        for number, each in enumerate(self._found.why.passages, 1):
            where = each.locator if each.locator != each.title else ""
            yield self._with(
                f"[{number}] {each.title}", each.source, where, each.date, f"passage:{each.id}"
            )

    def _contest(self) -> Iterator[str]:
        for each in self._found.contest:
            added = f"{each.personal:+.2f}" if each.personal else ""
            yield self._with(
                each.name.replace("_", " "),
                self._say("chosen" if each.chosen else "not_chosen"),
                self._say("score", own=f"{each.own:.2f}"),
                self._say("personal", personal=added) if added else "",
            )

    def _unfitted(self) -> Iterator[str]:
        for each in self._found.unfitted:
            yield self._with(self._named(f"fact:{each.fact}"), *each.rules)

    def _withheld(self) -> Iterator[str]:
        for slot, rule in self._found.why.withheld:
            undeclared = _UNDECLARED.fullmatch(rule)
            if undeclared and self._zh:
                rule = f"该领域没有声明需要“{undeclared[1]}”类信息"
            yield self._with(self._slot(slot), rule)

    def _left_out(self) -> Iterator[str]:
        for fact, reason in self._found.why.left_out:
            yield self._with(f"fact:{fact}", _REASONS.get(reason, (reason, reason))[self._zh])

    def _verdicts(self) -> Iterator[str]:
        rows = [f"{v.decision.value}: {v.reason} ({v.check})" for v in self._found.verdicts]
        yield from self._section("verdicts", rows)

    # --- what would change ------------------------------------------------------------------

    def _named(self, cause: str) -> str:
        """A cause as a person knows it."""
        kind, _, name = cause.partition(":")
        why = self._found.why
        if fact := self._facts.get(cause):
            return f"“{self._line(fact)}”"
        if kind == "memory":
            texts = {m.id: m.text for m in why.memories}
            return f"“{_short(texts.get(name, name), 60)}”"
        if kind == "passage":
            titles = {p.id: f"[{n}] {p.title}" for n, p in enumerate(why.passages, 1)}
            return titles.get(name, cause)
        if kind == "cohort":
            titles = {a.cohort: a.title for a in self._found.assumed}
            return f"“{titles.get(name) or name}”"
        if kind == "feedback":
            return self._say("judged", name=name.partition(":")[2].replace("_", " "))
        if kind == "state":
            return self._say("own_notes_of", name=name)
        if kind == "vector":
            return self._say("manner")
        return cause

    def _changes(self, title: str, found: Difference, indent: str = "") -> Iterator[str]:
        if not indent:
            yield ""
        yield f"{indent}{title}"
        for row in self._rows(found):
            yield f"{indent}  - {row}"

    def _rows(self, found: Difference) -> Iterator[str]:
        if not (found.plan or found.answer):
            yield self._say("nothing")
            return
        for cause in found.without:
            fact = self._facts.get(cause)
            if fact is not None and fact.provenance.turn == self._found.answer:
                yield self._say("this_message")
        for key, listed in (("gone", found.gone), ("new", found.new)):
            # What must hold stands in the plan twice: at its place, and near the message.
            for text in dict.fromkeys(_short(piece.text) for piece in listed):
                yield self._say(key, text=text)
        if found.moved:
            yield self._say("moved")
        if found.strategy:
            before, now = (s.replace("_", " ") if s else self._say("none") for s in found.strategy)
            yield self._say("strategy_now", before=before, now=now)
        if found.language:
            yield self._say("language_now", now=self._words.get(found.language[1], "?"))
        if found.answer:
            yield from self._answers(*found.answer)
        elif found.compared:
            yield self._say("answer_same")
        else:
            yield self._say("not_compared")

    def _answers(self, before: str, now: str) -> Iterator[str]:
        """What one answer says and the other doesn't."""
        one, other = _sentences(before), _sentences(now)
        less = [s for s in one if s not in other]
        more = [s for s in other if s not in one]
        if not less and not more:
            yield self._say("answer_marks")
        for key, listed in (("answer_less", less), ("answer_more", more)):
            for sentence in listed[:_SHOWN]:
                yield self._say(key, text=_short(sentence))
        rest = len(less[_SHOWN:]) + len(more[_SHOWN:])
        if rest:
            yield self._say("answer_rest", n=rest)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, without the marks of its sources."""
    plain = (_MARK.sub("", part).strip() for part in _END.split(text))
    return [part for part in plain if part.strip("-*• ")]


def _short(text: str, most: int = _LONGEST) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
