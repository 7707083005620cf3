"""The hooks of health advice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from metier import hookimpl
from metier.grounding import bullets, quote, sentences
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
    Segment,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_healthcare._medicines import Medicine, allergic, interaction, mentioned
from metier_healthcare._red_flags import red_flag

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

_SAID: Mapping[str, Mapping[str, str]] = {
    "emergency": {
        "en": "This can be an emergency. Call {number} now, or have someone take you to the nearest "
              "emergency department. Do not drive yourself, do not wait to see whether it passes, and "
              "do not stay alone. If the person is unconscious or not breathing normally, tell the "
              "operator at once and follow their instructions.",
        "zh": "这可能是急症。请立即拨打 {number}，或请人送往最近的急诊科。不要自己开车，不要等待观察，"
              "身边要有人陪伴。如果患者失去意识或呼吸不正常，请马上告诉接线员并按指示操作。"},
    "crisis": {
        "en": "I'm really glad you told me. You deserve help right now, from a person. If you are in "
              "immediate danger call {number}. {line} If you can, tell someone near you how you feel, "
              "and move away from anything you could hurt yourself with.",
        "zh": "谢谢你愿意说出来。你现在值得得到真人的帮助。如有紧急危险，请立即拨打 {number}。{line}"
              "如果可以，请告诉身边的人你的感受，并远离可能伤害自己的物品。"},
    "poison": {
        "en": "This can be dangerous even without symptoms. Call {number} or your poison centre now. Keep "
              "the package at hand. Do not make the person vomit unless you are told to.",
        "zh": "即使没有症状也可能有危险。请立即拨打 {number} 或中毒急救中心，保留药品或物品的包装。"
              "除非医护人员要求，不要催吐。"},
    "lead": {"en": "From my sources (quoted; I have no language model here, and I can't examine you):",
             "zh": "以下引自资料（未使用语言模型，我也无法为您做检查）："},
    "limits": {"en": "This is general information, not a diagnosis. See a doctor or pharmacist if it "
                     "gets worse, lasts, or worries you.",
               "zh": "以上是一般信息，不是诊断。如果加重、持续或让您担心，请咨询医生或药师。"},
    "avoid": {"en": "Because of what you told me ({why}), do not take: {names}.",
              "zh": "根据您告诉我的情况（{why}），请不要服用：{names}。"},
    "unlisted": {"en": "My sources do not list {a} together with {b}. That does not mean it is safe: "
                       "ask a pharmacist before you combine them.",
                 "zh": "我的资料没有收录{a}与{b}合用的情况。这不代表安全，合用前请咨询药师。"},
    "ask": {"en": "Ask a doctor or pharmacist before you combine them.", "zh": "合用前请咨询医生或药师。"},
    "removed": {"en": "[left out: not suitable for you, ask a pharmacist]", "zh": "【已略去：不适合您，请咨询药师】"},
    "no_dose": {"en": "[dose left out: see the package leaflet]", "zh": "【剂量已略去：请看药品说明书】"},
    "maybe": {"en": "this can have several causes; only an examination can tell.",
              "zh": "这可能有多种原因，需要检查才能确定。"},
}  # fmt: skip
_EXTRACT: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("pregnant", re.compile(r"\bi(?:'m| am)(?: \d+ (?:weeks|months))? pregnant\b|我(?:怀孕|有身孕|是孕妇|已?怀)", re.I), True),
    ("breastfeeding", re.compile(r"\bi(?:'m| am) (?:breast ?feeding|nursing)\b|我(?:在|正在)?(?:哺乳|喂奶|母乳)", re.I), True),
    ("kidney_disease", re.compile(r"\bi have (?:chronic )?kidney (?:disease|failure|problems)|我有?(?:肾病|肾衰|肾功能不全)", re.I), True),
    ("liver_disease", re.compile(r"\bi have (?:liver (?:disease|failure|problems)|cirrhosis|hepatitis)|我有?(?:肝病|肝硬化|肝炎)", re.I), True),
    ("stomach_ulcer", re.compile(r"\bi have (?:an? )?(?:stomach|peptic) ulcer|我有?胃溃疡", re.I), True),
    ("asthma", re.compile(r"\bi have asthma\b|我有?哮喘", re.I), True),
    ("diabetes", re.compile(r"\bi(?: have|'m) (?:type [12] )?diabet(?:es|ic)|我有?糖尿病", re.I), False),
    ("high_blood_pressure", re.compile(r"\bi have (?:high blood pressure|hypertension)|我有?高血压", re.I), False),
)  # fmt: skip
_TAKES = re.compile(
    r"\bi(?:'m| am)? (?:take|taking|on|use)\b[^.!?;]{0,60}|我(?:在|正在|每天|一直|长期)(?:吃|服用|用|服)[^。！？；]{0,30}",
    re.I,
)
_AGE = re.compile(
    r"\bi(?:'m| am) (?:a )?(\d{1,3})(?:[- ]years?[- ]old)?(?= |[,.!?]|$)(?! (?:weeks|months|cm|kg|minutes|days))|我今年?(\d{1,3})岁",
    re.I,
)
_DOSE = re.compile(
    r"\d+(?:\.\d+)?\s?(?:mg|milligrams?|g|ml|mcg|tablets?|capsules?|毫克|克|毫升|片|粒)(?![a-z])",
    re.I,
)
_DIAGNOSIS = re.compile(
    r"\b(?:you (?:definitely |clearly )?have|you(?:'re| are) suffering from|your diagnosis is|this is definitely)"
    r" (?!a (?:right|question|few|cup)|any|been|to\b|told|an? (?:allergy|appointment)|questions?|symptoms?|told|the right)[^.!?。]{3,60}"
    r"|(?:您|你)(?:得了|患有|患的是|肯定是)[^。！？]{2,30}", re.I,
)  # fmt: skip
_SAFE_CLAIM = re.compile(
    r"no known interactions?|(?:perfectly|completely) safe|safe to (?:take|combine)|没有(?:已知的?)?相互作用|可以放心(?:一起|同时)",
    re.I,
)
_ADVICE = re.compile(
    r"\b(?:take|try|use|you (?:can|could|may|should))\b|可以(?:吃|服|用)|建议(?:吃|服|用)|服用|试试",
    re.I,
)
_WARNING = re.compile(
    r"\b(?:not|avoid|never|don'?t|unless|without)\b|不要|避免|不能|不宜|禁用|请勿|不可", re.I
)
_CHILD = re.compile(
    r"\bmy (?:son|daughter|baby|child|kid|toddler)\b|孩子|宝宝|儿子|女儿|小孩", re.I
)


def _say(what: str, language: str, **values: str) -> str:
    return _SAID[what].get(language, _SAID[what]["en"]).format(**values)


class HealthcareSettings(BaseModel):
    """`[plugins.healthcare]` in metier.toml: the numbers people are told to call."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    emergency_number: str = ""
    crisis_line: str = ""


def _number(turn: Turn) -> str:
    settings = turn.config if isinstance(turn.config, HealthcareSettings) else HealthcareSettings()
    local = {
        "zh": "120",
        "en": "your emergency number (112 in Europe, 911 in the US, 999 in the UK)",
    }
    return settings.emergency_number or local.get(turn.language, local["en"])


def _line(turn: Turn) -> str:
    settings = turn.config if isinstance(turn.config, HealthcareSettings) else HealthcareSettings()
    local = {
        "zh": "全国心理援助热线：12356。",
        "en": "In the US you can call or text 988; elsewhere ask for your local crisis line.",
    }
    return settings.crisis_line or local.get(turn.language, local["en"])


def unsuitable(turn: Turn, medicine: Medicine) -> str | None:
    """Why a medicine must not be recommended to this person, as a code; None where nothing speaks against it."""
    if allergic(medicine, turn.values("allergy")):
        return "allergy"
    if turn.value("pregnant") and not medicine.pregnancy:
        return "pregnancy"
    age = turn.value("age")
    if age.isdigit() and int(age) < medicine.child_from:
        return "age"
    if "nsaid" in medicine.groups and (turn.value("stomach_ulcer") or turn.value("kidney_disease")):
        return "condition"
    for taken in turn.values("medicine"):
        if any(interaction(medicine, other, turn.language) for other in mentioned(taken)):
            return "interaction"
    return None


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
            reads=("identity", "health", "language", "preference"),
            writes=("health",),
            purposes=("answering",),
            config=HealthcareSettings,
            review="whole",
        )

    @hookimpl(tryfirst=True)
    def check_input(self, turn: Turn) -> Verdict | None:
        flag = red_flag(turn.message)
        if flag is None:
            return None
        text = _say(flag.kind, turn.language, number=_number(turn), line=_line(turn))
        return Verdict(Decision.ESCALATE, f"red_flag.{flag.name}", text)

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        def fact(
            slot: str, value: str, start: int, end: int, many: bool = False, constraint: bool = True
        ) -> Fact:
            where = Provenance("turn", f"healthcare:{slot}", turn.id, start, end)
            return Fact(slot, value, "health", 0.9, where, constraint=constraint, multiple=many)

        facts = []
        for slot, pattern, constraint in _EXTRACT:
            if match := pattern.search(turn.message):
                facts.append(
                    fact(
                        slot,
                        "yes" if turn.language == "en" else "是",
                        *match.span(),
                        constraint=constraint,
                    )
                )
        if match := _AGE.search(turn.message):
            facts.append(fact("age", match[1] or match[2], *match.span()))
        for match in _TAKES.finditer(turn.message):
            facts += [
                fact("medicine", m.name, *match.span(), many=True) for m in mentioned(match[0])
            ]
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

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        names = [m.names[-1] if turn.language == "zh" else m.name for m in mentioned(turn.message)]
        extra = []
        if turn.value("pregnant"):
            extra.append("孕期用药" if turn.language == "zh" else "medicines in pregnancy")
        return [*names, *extra]

    @hookimpl
    def rank(self, turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:
        child = bool(_CHILD.search(turn.message))
        marks = {}
        for p in passages:
            about_child = bool(re.search(r"child|baby|儿童|婴|小儿", p.title, re.I))
            if about_child != child and about_child:
                marks[p.id] = -0.4
            elif about_child:
                marks[p.id] = 0.2
        return marks

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You give general health information, never a diagnosis. Respect every constraint. "
            "State doses only from a cited source. Say when to see a doctor.",
            "zh": "你提供一般健康信息，不做诊断。必须遵守所有约束。剂量只能引用资料。说明何时就医。",
        }
        return [Segment(rules.get(turn.language, rules["en"]), "healthcare", Volatility.DOMAIN)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        language = turn.language
        parts = (
            []
            if not (name := turn.value("name"))
            else [f"{name}{'，' if language == 'zh' else ','}"]
        )
        asked = mentioned(turn.message)
        pairs = _pairs(turn, asked)
        parts += pairs
        bad = [
            m for m in asked if unsuitable(turn, m) in ("allergy", "pregnancy", "age", "condition")
        ]
        if bad:
            names = ", ".join(_name(m, language) for m in bad)
            parts.append(_say("avoid", language, why=_why(turn), names=names))
        found = [
            (s, n) for s, n in quote(turn) if not any(unsuitable(turn, m) for m in mentioned(s))
        ]
        if found:
            parts += [_say("lead", language), bullets(found)]
        if not found and not pairs and not bad:
            return None
        avoid = [m for m in _table() if allergic(m, turn.values("allergy"))]
        if avoid and not bad and found:
            parts.append(
                _say(
                    "avoid",
                    language,
                    why=_why(turn),
                    names=", ".join(_name(m, language) for m in avoid),
                )
            )
        parts.append(_say("limits", language))
        return Composition("\n\n".join(parts))

    @hookimpl(needs="whole")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """No unsuitable medicine, no dose without a source, no diagnosis, no claim of safety."""
        language = turn.language
        kept, changed = [], ""
        for line in answer.split("\n"):
            new = line
            for sentence in sentences(line) if line.strip() else ():
                problem, text = _judge(turn, sentence, language)
                if problem:
                    changed = problem
                    new = new.replace(sentence, text)
            kept.append(new)
        return Verdict(Decision.REVISE, changed, "\n".join(kept)) if changed else None

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
                if f.category == "health"
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


def _table() -> tuple[Medicine, ...]:
    from metier_healthcare._medicines import MEDICINES

    return MEDICINES


def _name(medicine: Medicine, language: str) -> str:
    if language != "zh":
        return medicine.name
    return next((n for n in medicine.names if ord(n[0]) > 0x2E80), medicine.name)


def _why(turn: Turn) -> str:
    slots = ("allergy", "pregnant", "age", "stomach_ulcer", "kidney_disease", "medicine")
    zh = {
        "allergy": "过敏",
        "pregnant": "怀孕",
        "age": "年龄",
        "stomach_ulcer": "胃溃疡",
        "kidney_disease": "肾病",
        "medicine": "用药",
    }
    found = []
    for slot in slots:
        for value in turn.values(slot):
            label = zh[slot] if turn.language == "zh" else slot.replace("_", " ")
            found.append(label if value in ("yes", "是") else f"{label}: {value}")
    return ", ".join(found)


def _pairs(turn: Turn, asked: list[Medicine]) -> list[str]:
    """What is listed, or not, about the medicines asked about and those taken."""
    language = turn.language
    taken = [m for value in turn.values("medicine") for m in mentioned(value)]
    others = {m.name: m for m in (*taken, *asked)}.values()
    parts = []
    seen: set[frozenset[str]] = set()
    for one in asked:
        for other in others:
            pair = frozenset((one.name, other.name))
            if len(pair) < 2 or pair in seen:
                continue
            seen.add(pair)
            listed = interaction(one, other, language)
            if listed:
                parts.append(f"{listed} {_say('ask', language)}")
            else:
                parts.append(
                    _say("unlisted", language, a=_name(one, language), b=_name(other, language))
                )
    return parts


def _judge(turn: Turn, sentence: str, language: str) -> tuple[str, str]:
    """(reason, replacement) for a sentence that may not go out; ("", "") for one that may."""
    if _SAFE_CLAIM.search(sentence) and len(mentioned(sentence)) != 1:
        return "claimed_safe", _say("ask", language)
    if _DIAGNOSIS.search(sentence):
        return "diagnosis", _say("maybe", language)
    if _ADVICE.search(sentence) and not _WARNING.search(sentence):
        for medicine in mentioned(sentence):
            why = unsuitable(turn, medicine)
            if why:
                return f"unsuitable.{why}", _say("removed", language)
    doses = [re.sub(r"\s", "", d.lower()) for d in _DOSE.findall(sentence)]
    sources = re.sub(r"\s", "", " ".join(p.text.lower() for p in turn.passages))
    if doses and mentioned(sentence) and not all(d in sources for d in doses):
        return "dose_without_source", _say("no_dose", language)
    return "", ""
