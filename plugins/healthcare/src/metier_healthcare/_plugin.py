"""The hooks of health advice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metier import hookimpl
from metier.model import (
    Composition,
    Decision,
    EvaluationSuite,
    Fact,
    Json,
    KnowledgePack,
    Manifest,
    Passage,
    Provenance,
    Role,
    Segment,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_healthcare._answer import asked_about, compose
from metier_healthcare._fit import findings
from metier_healthcare._medicines import mentioned
from metier_healthcare._messages import HealthcareSettings, emergency, still
from metier_healthcare._review import review
from metier_healthcare._second_look import flag
from metier_healthcare._situation import CONDITIONS, own_statements, situation, statements
from metier_healthcare._text import fold, simplify
from metier_healthcare._topics import titles

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

_FOLLOWS = re.compile(
    r"\b(?:what (?:should|do|can) (?:i|we)|what now|now what|should (?:i|we|he|she)|can (?:i|we|he|she|it|this)|how long|do i (?:have|need)|is it (?:really|ok)"
    r"|wait|worse|give (?:him|her)|drive|are you sure|really|he|she|it'?s?|still|ok(?:ay)?|yes|no|help|please|and then|meanwhile|ambulance|hospital)\b"
    r"|怎么办|现在|等|可以|能不能|要不要|严重|给他|给她|开车|真的|他|她|还是|好的|嗯|救命|然后|救护车|医院|急诊", re.I,
)  # fmt: skip
_OVER = re.compile(
    r"\b(?:not (?:happening|now|me)|isn'?t happening|just (?:asking|curious|wondering)|false alarm|in general|hypothetical\w*|(?:i'?m|he'?s|she'?s|we'?re|it'?s) (?:fine|ok|okay|better)(?: now)?"
    r"|(?:it'?s|it is|this is|that'?s|he'?s|she'?s) not (?:an? )?(?:emergency|urgent)(?!\W*(?:\?|right|is it))|over now|last (?:year|month)|years? ago|already (?:called|there|in hospital)|thanks?|thank you)\b|不是现在|不是急[症诊](?![吗吧])|只是问|没事了|好了|误会|已经(?:打|叫|到|送)|谢谢|去年|以前", re.I,
)  # fmt: skip
_FOLLOWS_LONGEST = 80
_FIRST_USE = 20.0
"""Seconds for what reads the table of medicines the first time it is asked."""
_FINDINGS = 3
"""Rows of the table in a plan at most; it holds five passages, and articles need a place."""


class Healthcare:
    """Health information: emergencies first, constraints always, sources cited, no diagnosis."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="healthcare",
            title="Health information",
            description="Emergencies first; sourced advice that respects allergies and medicines.",
            version="0.1.0",
            languages=("en", "zh"),
            reads=("identity", "health", "language", "preference", "conversations"),
            writes=("health", "conversations"),
            slots=dict.fromkeys(
                ("allergy", "medicine", "age", *(c[0] for c in CONDITIONS)), "health"
            ),
            purposes=("answering",),
            config=HealthcareSettings,
            review="whole",
            fairness_exceptions={
                "age": "Doses, warnings and who should see a doctor depend on age.",
                "sex": "Some signs, and the medicines that are safe, differ between the sexes.",
                "pregnancy": "Many medicines are not safe in pregnancy.",
                "weight": "Body weight bears on risks, and on what is advised against them.",
            },
        )

    @hookimpl(tryfirst=True)
    def check_input(self, turn: Turn) -> Verdict | None:
        """An emergency is answered before anything else, and so are questions that follow on it."""
        if code := flag(turn.message):
            return Verdict(Decision.ESCALATE, f"red_flag.{code}", emergency(turn, code))
        if code := _just_flagged(turn):
            return Verdict(Decision.ESCALATE, f"red_flag.{code}", still(turn, code))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        facts = []
        for s in own_statements(turn.message):
            slot = "age" if s.slot == "age_months" else s.slot
            value = str(int(s.value) // 12) if slot == "age" else s.value
            where = Provenance("turn", f"healthcare:{slot}", turn.id, s.start, s.end)
            facts.append(
                Fact(
                    slot, value, "health", 0.9, where,
                    constraint=True, multiple=slot in ("allergy", "medicine"), retracts=s.retracts,
                )
            )  # fmt: skip
        return facts

    @hookimpl
    def recognizers(self) -> Sequence[EntityRecognizer]:
        from presidio_analyzer import Pattern, PatternRecognizer

        record = Pattern("record", r"(?<![A-Za-z])(?:MRN|NHS)[ :#-]{0,3}\d{6,12}(?!\d)", 0.9)
        chinese = Pattern(
            "chinese", r"(?:病历号|住院号|门诊号|医保号|就诊卡号)[:： ]{0,2}[A-Za-z0-9]{5,20}", 0.9
        )
        return [
            PatternRecognizer(
                "MEDICAL_RECORD", name="healthcare-records", patterns=[record, chinese]
            )
        ]

    @hookimpl(deadline=_FIRST_USE)
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        """The message in simplified characters, the topics it names, the medicines by the names
        that articles use."""
        given = situation(turn)
        queries = [simplify(turn.message), *titles(turn.message, turn.language)]
        queries += [m.label(turn.language) for m in mentioned(turn.message)]
        if "pregnancy" in given.conditions and mentioned(turn.message):
            queries.append("孕期用药" if turn.language == "zh" else "medicines in pregnancy")
        return queries

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        """The rows of the table of medicines that bear on the question, to be cited."""
        asked = asked_about(turn.message, statements(turn.message))
        return findings(asked, situation(turn), turn.language)[:_FINDINGS]

    @hookimpl
    def rank(self, turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:
        """Articles on children come first for a child, and last for anybody else."""
        child = situation(turn).child
        about_child = [
            p for p in passages if re.search(r"child|bab(?:y|ies)|儿童|婴|小儿", p.title, re.I)
        ]
        return {p.id: 0.2 if child else -0.4 for p in about_child}

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You give general health information, never a diagnosis. Respect every constraint. "
            "State doses only from a cited source. Never call medicines safe together unless a "
            "source says so of that pair. Say when to see a doctor.",
            "zh": "你提供一般健康信息，不做诊断。必须遵守所有约束。剂量只能引用资料。"
            "除非资料写明，不要说两种药可以同用。说明何时就医。",
        }
        return [Segment(rules.get(turn.language, rules["en"]), "healthcare", Volatility.DOMAIN)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return compose(turn)

    @hookimpl(needs="whole")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """No unsuitable medicine, no dose without a source, no diagnosis, no claim of safety."""
        code, mended = review(turn, answer)
        return Verdict(Decision.REVISE, code, mended) if code else None

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        topics: list[str] = list(turn.state.get("topics", []))
        for p in turn.passages[:1]:
            if p.title not in topics:
                topics.append(p.title)
        return {**turn.state, "topics": topics[-20:]}

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            rows = [
                f"- {f.slot.replace('_', ' ')}: {f.value}"
                for f in turn.facts
                if f.category == "health" and not f.about
            ]
            topics = [f"- {t}" for t in turn.state.get("topics", [])]
            return "\n".join(
                ["# Health", *(rows or ["Nothing is known."]), "", "## Asked about", *topics]
            )

        return [View("health", "Health", render)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("health", Path(__file__).parent / "knowledge")]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_healthcare._evaluation import suite

        return [suite()]


def _just_flagged(turn: Turn) -> str | None:
    """The red flag of the message before, where this one follows on it and nothing says it is over."""
    said = [m.content for m in turn.history if m.role is Role.USER]
    answered = [m.content for m in turn.history if m.role is Role.ASSISTANT]
    if not said or not answered or len(turn.message) > _FOLLOWS_LONGEST:
        return None
    plain = fold(turn.message)
    if _OVER.search(plain) or not _FOLLOWS.search(plain):
        return None
    for message in reversed(said[-3:]):
        if code := flag(message):
            shown = (emergency(turn, code), still(turn, code))
            return code if answered[-1] in shown else None
    return None
