"""The loop over recognizers: one pass, a second look, failing closed, the same every time."""

import base64
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.privacy import Detector, PrivacyError
from metier.privacy._normalise import MASK, View
from metier.privacy._presidio import EntityRecognizer, RecognizerResult
from metier.privacy.recognizers._program import Program
from metier.privacy.recognizers._rules import (
    Hit,
    NumberRule,
    Recognizer,
    TokenRule,
    WordRule,
    after,
    whole,
)

TEXT = (
    "Anna, card 4111 1111 1111 1111, mail a.b@mail.example, SSN 536-22-1234, call "
    "(555) 234-5678, 身份证11010519491231002X，住在上海市浦东新区世纪大道100号。"
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(names=False)


def _cover(detector: Detector, text: str) -> set[int]:
    return {i for s in detector.scan(text) for i in range(s.start, s.end)}


def test_spans_are_sorted_and_do_not_overlap(detector: Detector) -> None:
    spans = detector.scan(TEXT)
    assert len(spans) == 6
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


PIECES = st.one_of(
    st.text(max_size=5),
    st.sampled_from(TEXT.split(" ")),
    st.sampled_from(
        ["4111111111111111", "a@b.example", "password=Ab1!x9", MASK, "&#64;", "%40", "“"]
    ),
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=10).map(" ".join))
def test_any_text_is_scanned_and_every_span_lies_in_it(detector: Detector, text: str) -> None:
    last = 0
    for span in detector.scan(text):
        assert last <= span.start < span.end <= len(text)
        assert MASK not in text[span.start : span.end]
        last = span.end


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_what_is_hidden_uncovers_nothing(detector: Detector, text: str) -> None:
    spans = detector.detect(text, None)
    hidden = text
    for span in reversed(spans):
        hidden = hidden[: span.start] + MASK + hidden[span.end :]
    assert detector.scan(hidden) == ()
    assert {i for s in spans for i in range(s.start, s.end)} >= _cover(detector, text)


def test_every_start_gives_the_same_answer() -> None:
    """Ties are broken by the candidates, not by the order of a set."""
    script = (
        "from metier.privacy import Detector\n"
        "text = '医保卡号：A12345678 my account number is 000123456789 on 03/04/1985'\n"
        "print([(s.start, s.end, s.entity) for s in Detector(names=False).scan(text)])"
    )
    answers = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        answers.add(done.stdout)
    assert len(answers) == 1


def test_rules_of_one_recognizer_alone_find_what_they_find_together() -> None:
    everything = Detector(names=False)
    together = {(s.start, s.end) for s in everything.scan(TEXT)}
    alone = {
        (s.start, s.end)
        for recognizer in everything.recognizers
        for s in Detector([recognizer], names=False).scan(TEXT)
    }
    assert together <= alone


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map(" ".join), st.sampled_from(["SECRET", "EMAIL_ADDRESS"]))
def test_a_detector_of_some_types_finds_all_of_them(
    detector: Detector, text: str, entity: str
) -> None:
    narrow = NARROW.setdefault(entity, detector.only([entity]))
    assert {s.entity for s in narrow.scan(text)} <= {entity}
    wanted = {i for s in detector.scan(text) if s.entity == entity for i in range(s.start, s.end)}
    assert wanted <= _cover(narrow, text)


NARROW: dict[str, Detector] = {}


def test_a_detector_of_some_types_finds_what_is_within_another_value(detector: Detector) -> None:
    text = "see https://example.com/login?password=Ab1!x9zz&next=home"
    (span,) = detector.only(["SECRET"]).scan(text)
    assert text[span.start : span.end] == "Ab1!x9zz" or "Ab1!x9zz" in text[span.start : span.end]


def test_a_detector_of_some_types_keeps_what_finds_in_its_own_way() -> None:
    class Odd(EntityRecognizer):
        """Finds more than it says."""

        def load(self) -> None:
            pass

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            return [RecognizerResult("SECRET", 0, len(text), 1.0)]

    odd = Detector([Odd(["ODD"], name="odd")])
    assert [s.entity for s in odd.only(["SECRET"]).scan("whatever")] == ["SECRET"]


def test_the_place_of_a_value_does_not_matter(detector: Detector) -> None:
    """A value is found alike at the start, in the middle and at the end of a long text."""
    filler = "Nothing to see here, only words of a long letter. " * 400
    value = "card 4111 1111 1111 1111"
    for before, behind in (("", filler), (filler, filler), (filler, "")):
        text = f"{before}{value}. {behind}"
        found = [(s.entity, s.start - len(before)) for s in detector.scan(text)]
        assert found == [("CREDIT_CARD", 5)]


def test_base64_is_looked_into_one_layer_deep(detector: Detector) -> None:
    inner = base64.b64encode(b"the card is 4111 1111 1111 1111").decode()
    twice = base64.b64encode(inner.encode()).decode()
    text = f"see {inner} there"
    assert [(s.entity, text[s.start : s.end]) for s in detector.scan(text)] == [
        ("CREDIT_CARD", inner)
    ]
    assert detector.scan(f"see {twice} there") == ()
    harmless = base64.b64encode(b"nothing to see here, move on").decode()
    assert detector.scan(f"see {harmless} there") == ()


def test_allowed_values_are_never_flagged() -> None:
    allowing = Detector(names=False, allow=["help@shop.example", "１３８００１３８０００"])
    text = "mail Help@Shop.example or anna@mail.example, 电话13800138000或13900139000"
    found = [text[s.start : s.end] for s in allowing.scan(text)]
    assert found == ["anna@mail.example", "13900139000"]
    assert [text[s.start : s.end] for s in allowing.certain.scan(text)] == found


def test_allowing_needs_the_whole_value() -> None:
    allowing = Detector(names=False, allow=["shop.example"])
    assert [s.entity for s in allowing.scan("help@shop.example")] == ["EMAIL_ADDRESS"]


def test_a_rule_that_fails_stops_the_turn_without_content() -> None:
    def broken(text: str, start: int, end: int) -> tuple[int, int]:
        raise ValueError(text)

    recognizer = Recognizer("mine", rules=[WordRule("X", 0.9, ("secret",), broken)])
    with pytest.raises(PrivacyError) as caught:
        Detector([recognizer]).scan("my secret text")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_recognizer_of_ours_that_runs_out_of_time_stops_the_turn() -> None:
    class Slow(Recognizer):
        def find(self, view: View) -> Iterable[Hit]:
            raise TimeoutError

    with pytest.raises(PrivacyError):
        Detector([Slow("slow", ["X"])]).scan("some text")


def test_a_detection_without_an_end_stops_the_turn() -> None:
    class Greedy(Recognizer):
        """Flags the first letter of whatever is left."""

        def find(self, view: View) -> Iterable[Hit]:
            for place, character in enumerate(view.text):
                if character.isalnum():
                    yield place, place + 1, "X", 0.9
                    return

    with pytest.raises(PrivacyError):
        Detector([Greedy("greedy", ["X"])]).detect("a long text without an end", None)


def _run(rule: Any, text: str) -> list[str]:
    return [text[start:end] for start, end, _, _ in Program([rule]).run(View(text))]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("card",), "card 12", ["12"]),
        (("card",), "discard 12", []),
        (("card",), "giftCard 12", ["12"]),
        (("card",), "卡card 12", ["12"]),
        (("card|",), "cards 12", []),
        (("~card",), "discard 12", ["12"]),
        (("卡",), "银行卡 12", ["12"]),
    ],
)
def test_a_word_is_met_at_its_edges(words: tuple[str, ...], text: str, found: list[str]) -> None:
    rule = WordRule("X", 0.9, words, after(r"s? (?P<v>\d+)"), digits=True)
    assert _run(rule, text) == found


def test_a_word_near_by_decides_about_a_token() -> None:
    rule = TokenRule("X", 0.9, (3,), whole(r"[A-Z]\d\d"), near=("plate",))
    assert _run(rule, "plate A12") == ["A12"]
    assert _run(rule, "A12 is the plate") == ["A12"]
    assert _run(rule, "A12 is the place") == []
    assert _run(rule, "plate" + " and so on" * 10 + " A12") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 34", ["12 34"]),
        ("1234", ["1234"]),
        ("1 12 34", ["12 34"]),
        ("12/34", []),
        ("12.34.5", []),
        ("a1234", []),
        ("1234b", []),
        ("é1234", []),
        ("号1234号", ["1234"]),
    ],
)
def test_a_number_is_a_run_of_groups(text: str, found: list[str]) -> None:
    rule = NumberRule("X", 0.9, (4,), lambda digits: digits == "1234")
    assert _run(rule, text) == found


def test_adversarial_texts_are_scanned_to_their_end(detector: Detector) -> None:
    made = random.Random(7)
    value = " 4111 1111 1111 1111"
    seeds = [
        "password=",
        "1 ",
        "a@",
        "://",
        "token: ",
        "12 Oak ",
        "eyJ",
        "4110 ",
        "%40",
        "路1号",
        ":a",
    ]
    texts = [seed * 3000 for seed in seeds]
    texts.append("".join(made.choice("aA1 @:./-=&%\n住号") for _ in range(30000)))
    for text in texts:
        spans = detector.scan(f"{text}\nx{value}.")
        assert spans and spans[-1].end >= len(text) + 2 + len(value)
