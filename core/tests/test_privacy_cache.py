"""The memory of what was found holds no text and stays bounded."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from metier.model import Message, Passage, Plan, Role, Segment, Span, Volatility
from metier.privacy import Detector, Vault, pseudonymise_plan
from metier.privacy._cache import Candidate, Outcome, Outcomes, SpanCache
from metier.privacy._known import KnownValues
from metier.privacy._normalise import View
from metier.privacy._scrubber import hide_everything
from metier.privacy.recognizers import default_recognizers
from metier.privacy.recognizers._rules import Hit, Recognizer

HIT = (0, 4, "PERSON", 0.9)


def test_nothing_of_a_text_is_in_the_memory() -> None:
    cache = SpanCache()
    cache.put(cache.key("Zaphod Beeblebrox", models=True), ((HIT,), (), True))
    held = pickle.dumps((cache._seen, cache._key))
    assert b"Zaphod" not in held and b"Beeblebrox" not in held


def test_keys_differ_by_process_and_by_who_was_asked() -> None:
    one, other = SpanCache(), SpanCache()
    assert one.key("a", True) != other.key("a", True)
    assert one.key("a", True) != one.key("a", False)
    assert one.key("a", True) == one.key("a", True)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12)), max_size=80))
def test_it_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    cache = SpanCache(texts=5, spans=40)
    for name, size in puts:
        cache.put(cache.key(str(name), True), ((HIT,) * size, (), True))
        assert len(cache) <= 5
        held = sum(len(ruled) + len(guessed) for ruled, guessed, _ in cache._seen.values())
        assert held <= 40 and held == cache._size


def test_the_text_not_used_for_longest_is_forgotten_first() -> None:
    cache = SpanCache(texts=2)
    first, second, third = (cache.key(text, True) for text in "abc")
    cache.put(first, ((), (), True))
    cache.put(second, ((), (), True))
    cache.get(first)
    cache.put(third, ((), (), True))
    assert cache.get(second) is None and cache.get(first) == ((), (), True)


def test_none_is_remembered_where_none_may_be() -> None:
    cache = SpanCache(texts=0)
    cache.put(cache.key("a", True), ((), (), True))
    assert len(cache) == 0


# --- what a detector remembers ------------------------------------------------------------


class _Guess(Recognizer):
    """A network that knows one name, and what it was asked about."""

    model = True
    asked: list[str]

    def find(self, view: View) -> Iterable[Hit]:
        self.asked.append(view.text)
        at = view.text.find("Bluebird")
        if at >= 0:
            yield at, at + len("Bluebird"), "PERSON", 0.9


def _guessing() -> tuple[Detector, _Guess]:
    guess = _Guess("guess", ["PERSON"])
    guess.asked = []
    return Detector([*default_recognizers(), guess]), guess


def test_rules_are_not_run_again_for_whoever_asks_no_network(monkeypatch: MonkeyPatch) -> None:
    detector, _ = _guessing()
    ruled: list[str] = []
    run = detector._ruled

    def counted(text: str, view: View) -> Iterable[Candidate]:
        ruled.append(text)
        return run(text, view)

    monkeypatch.setattr(detector, "_ruled", counted)
    text = "Bluebird writes to anna@example.com"
    both = detector.detect(text, None)
    rules_alone = detector.detect(text, None, models=False)
    assert ruled.count(text) == 1
    assert {s.entity for s in both} == {"PERSON", "EMAIL_ADDRESS"}
    assert {s.entity for s in rules_alone} == {"EMAIL_ADDRESS"}


def test_what_rules_alone_have_seen_is_still_shown_to_the_network() -> None:
    detector, guess = _guessing()
    text = "Bluebird writes to anna@example.com"
    detector.detect(text, None, models=False)
    assert guess.asked == []
    assert {s.entity for s in detector.detect(text, None)} == {"PERSON", "EMAIL_ADDRESS"}


def test_what_was_said_before_is_shown_to_the_network_once_however_it_is_introduced() -> None:
    detector, guess = _guessing()
    said = "Bluebird writes to anna@example.com"
    memory = Passage("1", said, "me", "user")
    for day in ("1 May", "2 May"):
        segment = Segment(f"Said on {day}: {said}", "core", Volatility.PASSAGES, memory=memory)
        hidden, _ = pseudonymise_plan(Plan((segment,)), detector, Vault.new(), hide_everything)
        assert "Bluebird" not in hidden.segments[0].text
        assert "anna" not in hidden.segments[0].text
    assert guess.asked.count(said) == 1


# --- what came out beside known values ----------------------------------------------------


def _outcome(mark: bytes = b"", mention: bytes | None = b"", start: int = 0) -> Outcome:
    return Outcome((Span(start, 9, "PERSON", 0.9),), mark, mention, frozenset(), frozenset())


def test_of_a_text_only_a_few_outcomes_are_kept_and_those_used_last() -> None:
    outcomes = Outcomes(texts=2)
    for number in range(9):
        outcomes.put(b"a", _outcome(bytes([number]), bytes([number])))
    assert [each.mark for each in outcomes.of(b"a")] == [b"\x08", b"\x07", b"\x06"]
    outcomes.put(b"a", _outcome(b"other", b"\x07"))
    assert [each.mark for each in outcomes.of(b"a")] == [b"other", b"\x08", b"\x06"]
    outcomes.put(b"b", _outcome())
    outcomes.of(b"a")
    outcomes.put(b"c", _outcome())
    assert len(outcomes) == 2 and not outcomes.of(b"b") and outcomes.of(b"a")


def test_nothing_of_a_text_or_a_value_is_in_what_came_out() -> None:
    detector = Detector(default_recognizers(names="rules"))
    known = KnownValues([("PERSON", "Zaphod Beeblebrox")])
    assert detector.detect("zaphod beeblebrox came", known)
    held = pickle.dumps((detector._outcomes._known, known.mark)).lower()
    assert b"zaphod" not in held and b"beeblebrox" not in held


def _looked_at(detector: Detector, monkeypatch: MonkeyPatch) -> list[str]:
    """The texts that are searched from now on."""
    searched: list[str] = []
    search = detector._pass

    def counted(text: str, *others: Any, **named: Any) -> Any:
        searched.append(text)
        return search(text, *others, **named)

    monkeypatch.setattr(detector, "_pass", counted)
    return searched


def test_a_text_is_looked_at_again_only_where_it_may_hold_what_is_newly_known(
    monkeypatch: MonkeyPatch,
) -> None:
    detector = Detector(default_recognizers(names="rules"))
    texts = ["Zaphod came in.", "It was late, and cold.", "Trillian and Zaphod left."]
    known = KnownValues([("PERSON", "Zaphod Beeblebrox")])
    first = detector.detect_all(texts, known)
    searched = _looked_at(detector, monkeypatch)
    assert detector.detect_all(texts, known) == first and searched == []

    grown = known.adding([("PERSON", "Trillian Astra")])
    found = detector.detect_all(texts, grown)
    assert found[:2] == first[:2] and {s.start for s in found[2]} == {0, 13}
    assert all("Trillian" in text or "\ue000" in text for text in searched)

    searched.clear()
    other = KnownValues([("PERSON", "Zaphod Beeblebrox"), ("PERSON", "Ford Prefect")])
    assert detector.detect_all(texts, other) == first and searched == []


def test_what_came_out_where_names_go_out_is_not_what_comes_out_where_they_do_not() -> None:
    detector, _ = _guessing()
    text = "Bluebird writes to anna@example.com"
    for _ in range(2):
        hidden = detector.detect(text, None, lambda entity: False)
        assert {s.entity for s in hidden} == {"PERSON", "EMAIL_ADDRESS"}
        kept = detector.detect(text, None, lambda entity: entity == "PERSON")
        assert {s.entity for s in kept} == {"EMAIL_ADDRESS"}


def test_a_text_that_reads_otherwise_in_pieces_is_looked_at_beside_every_value(
    monkeypatch: MonkeyPatch,
) -> None:
    detector = Detector(default_recognizers(names="rules"))
    text = "It was %5Aaphod who came."  # reads "Zaphod"
    known = KnownValues([("PERSON", "Ford Prefect")])
    assert detector.detect(text, known) == ()
    searched = _looked_at(detector, monkeypatch)
    assert detector.detect(text, known) == () and searched == []
    (span,) = detector.detect(text, known.adding([("PERSON", "Zaphod Beeblebrox")]))
    assert text[span.start : span.end] == "%5Aaphod"


def test_history_that_is_sent_again_is_not_searched_again(monkeypatch: MonkeyPatch) -> None:
    detector = Detector(default_recognizers(names="rules"))

    def plan(turns: int) -> Plan:
        said = [f"Turn {n}: my mail is u{n}@example.com." for n in range(turns)]
        return Plan(tuple(
            Segment(text, "core", Volatility.HISTORY, Role.USER, message=Message(Role.USER, text))
            for text in said
        ))  # fmt: skip

    vault = Vault.new()
    for turns in (1, 2, 3):
        searched = _looked_at(detector, monkeypatch)
        hidden, vault = pseudonymise_plan(plan(turns), detector, vault, hide_everything)
        assert "example.com" not in hidden.segments[-1].text
        assert {text[:7] for text in searched} == {f"Turn {turns - 1}:"}
