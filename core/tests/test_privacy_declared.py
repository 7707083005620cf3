"""Recognizers that plugins and policies declare: dictionaries and patterns."""

import importlib
import pkgutil
import re
from typing import Any

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer

from metier.model import MetierError
from metier.privacy import Detector, PrivacyError
from metier.privacy import recognizers as package
from metier.privacy.recognizers._backtracking import backtracking
from metier.privacy.recognizers._declared import (
    DeclaredPattern,
    DictionaryRecognizer,
    unsafe_patterns,
)


def _found(recognizer: EntityRecognizer, text: str) -> list[str]:
    return [text[s.start : s.end] for s in Detector([recognizer]).scan(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the Blue Heron flies", ["Blue Heron"]),
        ("BLUE HERON!", ["BLUE HERON"]),
        ("blue herons", []),
        ("a_blue heron", []),
        ("项目Blue Heron启动了", ["Blue Heron"]),
        ("ｂｌｕｅ ｈｅｒｏｎ", ["ｂｌｕｅ ｈｅｒｏｎ"]),
        ("blue\u200b heron", ["blue\u200b heron"]),
        ("我们在做蓝鹭项目的事", ["蓝鹭项目"]),
        ("heron", []),
    ],
)
def test_a_term_is_found_between_word_edges(text: str, found: list[str]) -> None:
    assert _found(DictionaryRecognizer("PROJECT", ["Blue Heron", "蓝鹭项目"]), text) == found


def test_of_terms_inside_each_other_the_longest_is_found() -> None:
    names = DictionaryRecognizer("X", ["ann", "ann arbor", "arbor lake"])
    assert _found(names, "ann arbor") == ["ann arbor"]
    assert _found(names, "ann arbors") == ["ann"]
    assert _found(names, "ann arbor lake") == ["ann", "arbor lake"]


def test_case_counts_where_it_is_asked_for() -> None:
    months = DictionaryRecognizer("X", ["May"], match_case=True)
    assert _found(months, "May and may") == ["May"]


def test_terms_on_the_allow_list_are_never_flagged() -> None:
    terms = DictionaryRecognizer("X", ["blue heron", "red fox"], allow=["Red  Fox"])
    assert _found(terms, "red fox, blue heron") == ["blue heron"]


def test_a_context_word_must_be_near() -> None:
    terms = DictionaryRecognizer("X", ["heron"], context=["project", "项目"])
    assert _found(terms, "the heron") == []
    assert _found(terms, "Project heron") == ["heron"]
    assert _found(terms, "项目：heron") == ["heron"]
    assert _found(terms, "project" + " so" * 40 + " heron") == []


@pytest.mark.parametrize("terms", [[], [""], ["ok", "x"], ["  "]])
def test_a_dictionary_without_proper_terms_is_refused(terms: list[str]) -> None:
    with pytest.raises(MetierError, match="at least 2 characters"):
        DictionaryRecognizer("X", terms)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abc 王李", min_size=2).filter(str.strip), min_size=1, max_size=5))
def test_a_dictionary_finds_each_of_its_terms(terms: list[str]) -> None:
    terms = [t for t in terms if len(t.strip()) >= 2]
    if not terms:
        return
    recognizer = DictionaryRecognizer("X", terms)
    for term in terms:
        text = f"({term.strip()})"
        covered = {i for s in Detector([recognizer]).scan(text) for i in range(s.start, s.end)}
        assert covered >= set(range(1, len(text) - 1))


def test_a_dictionary_of_many_terms_finds_the_right_ones() -> None:
    terms = [f"term{n:06d}" for n in range(50_000)]
    recognizer = DictionaryRecognizer("X", terms)
    assert len(recognizer) == 50_000
    assert _found(recognizer, "term000017, term049999, term050000") == ["term000017", "term049999"]


def test_a_pattern_finds_its_value_group() -> None:
    pattern = DeclaredPattern("EMPLOYEE_ID", r"EMP-(?P<v>[0-9]{4,6})\b")
    assert _found(pattern, "see EMP-1234, ＥＭＰ－５６７８") == ["1234", "５６７８"]


def test_a_pattern_asks_for_context_check_and_allow_list() -> None:
    pattern = DeclaredPattern(
        "BADGE",
        "[a-z][0-9]{3}",
        ignore_case=True,
        context=["badge"],
        allow=["a000"],
        check=lambda value: value[-1] != "9",
    )
    assert _found(pattern, "badge A123 A000 A129") == ["A123"]
    assert _found(pattern, "A123") == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "(a|aa)+$",
        r"(\w+\s?)+$",
        r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        r"(?:\d+[ -]?)+",
        r"(?i)(?:ab|AB)+c",
        r"\s*\s*\s*x",
        r"\d*\d*\d*\d*!",
        r"(?=(a+)+b)a",
        r"(.*)\1(.+)+",
        "(?:[^,]*,?)*x",
    ],
)
def test_a_pattern_that_can_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(MetierError) as caught:
        DeclaredPattern("X", pattern, name="mine")
    assert caught.value.code == "recognizer_refused"
    assert "mine" in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{3}-\d{2}-\d{4}",
        r"(?:[a-z0-9-]+\.)+[a-z]{2,}",
        "(?:a+b)+",
        r'"(?:[^"\\]|\\.)*"',
        r".*foo.*bar",
        r"[A-Z]{2}\d{6,12}[A-Z]?",
        r"(?:\d{4}[ -]){3}\d{4}",
        r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}",
        "(?:王|李|张)[一-龥]{1,2}",
        r"(?:\w++ ?)+z",
        r"(?<![A-Z])[A-Z]{3}(?![A-Z])",
    ],
)
def test_an_ordinary_pattern_is_accepted(pattern: str) -> None:
    assert DeclaredPattern("X", pattern).supported_entities == ["X"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[a-", "no regular expression"),
        ("a*", "empty text"),
        ("(?:" + "ab" * 2000 + ")+", "too large"),
    ],
)
def test_a_pattern_that_is_none_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(MetierError, match=why):
        DeclaredPattern("X", pattern)


@pytest.mark.parametrize("entity", ["", "lower", "A-B", "1A", "X" * 33])
def test_an_entity_type_must_fit_into_a_pseudonym(entity: str) -> None:
    with pytest.raises(MetierError, match="entity type"):
        DictionaryRecognizer(entity, ["blue heron"])


@pytest.mark.parametrize("score", [0.0, -1.0, 1.5])
def test_a_score_must_be_one(score: float) -> None:
    with pytest.raises(MetierError, match="score"):
        DeclaredPattern("X", "abc", score=score)


def test_a_pattern_out_of_time_stops_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("metier.privacy.recognizers._declared")
    monkeypatch.setattr(module, "PATTERN_SECONDS", 0.02)
    pattern = DeclaredPattern("X", "a+b")  # the square of the length
    with pytest.raises(PrivacyError):
        Detector([pattern]).scan("a" * 200_000)


def test_declared_recognizers_are_presidios() -> None:
    for recognizer in (DictionaryRecognizer("X", ["abc"]), DeclaredPattern("Y", "abc")):
        assert isinstance(recognizer, EntityRecognizer)
        results = recognizer.analyze("say abc", None)
        assert [(r.start, r.end) for r in results] == [(4, 7)]


class Holding(EntityRecognizer):
    """A recognizer that keeps a compiled pattern of its own."""

    def __init__(self, pattern: object) -> None:
        super().__init__(["X"], name="holding")
        self.expression = pattern

    def load(self) -> None: ...

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any) -> list[Any]:
        return []


def test_presidio_patterns_of_a_plugin_can_be_checked() -> None:
    good = PatternRecognizer("A", name="good", patterns=[Pattern("p", r"\d{4}", 0.5)])
    bad = PatternRecognizer("B", name="bad", patterns=[Pattern("p", "(a+)+$", 0.5)])
    reasons = unsafe_patterns([good, bad, DictionaryRecognizer("C", ["abc"])])
    assert len(reasons) == 1 and reasons[0].startswith("bad: p: ")


@pytest.mark.parametrize("compiled", [re.compile("(a+)+$"), regex.compile(r"(?:\p{Han}+)+$")])
def test_so_are_patterns_that_a_recognizer_has_compiled(compiled: object) -> None:
    (reason,) = unsafe_patterns([Holding(compiled)])
    assert reason.startswith("holding: expression: a repeated part")


@pytest.mark.parametrize(
    "pattern",
    [r"(\p{L}+)+$", r"([\p{Han}\d]+)*!", r"(?:\P{N}+)+$", r"(\pL+)*;", r"(?:[^\p{L}]+)+x"],
)
def test_unicode_classes_do_not_hide_a_dangerous_pattern(pattern: str) -> None:
    bad = PatternRecognizer("B", name="bad", patterns=[Pattern("p", pattern, 0.5)])
    assert len(unsafe_patterns([bad])) == 1


@pytest.mark.parametrize(
    "pattern",
    [r"\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+", r"[\p{Han}]{2,4}号\d+", r"\\p{L}+", r"\p{Lu}+\p{Ll}+\p{N}+"],
)
def test_unicode_classes_do_not_make_a_harmless_pattern_dangerous(pattern: str) -> None:
    good = PatternRecognizer("B", name="good", patterns=[Pattern("p", pattern, 0.5)])
    assert unsafe_patterns([good]) == []


def test_a_long_list_of_words_is_no_danger() -> None:
    words = [f"project {n} heron" for n in range(5000)]
    assert unsafe_patterns([PatternRecognizer("P", name="list", deny_list=words)]) == []


def test_no_pattern_of_the_core_can_run_away() -> None:
    checked = 0
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for value in vars(module).values():
            if isinstance(value, re.Pattern):
                assert backtracking(value.pattern, value.flags) is None, value.pattern
                checked += 1
    for recognizer in Detector().recognizers:
        for rule in getattr(recognizer, "rules", ()):
            pattern = getattr(getattr(rule, "find", None), "pattern", None)
            if pattern is not None:
                assert backtracking(pattern.pattern, pattern.flags) is None, pattern.pattern
                checked += 1
    assert checked > 150
