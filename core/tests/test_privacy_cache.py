"""The memory of what was found holds no text and stays bounded."""

from __future__ import annotations

import pickle
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from metier.model import Passage, Plan, Segment, Volatility
from metier.privacy import Detector, Vault, pseudonymise_plan
from metier.privacy._cache import Candidate, SpanCache
from metier.privacy._normalise import View
from metier.privacy._scrubber import hide_everything
from metier.privacy.recognizers import default_recognizers
from metier.privacy.recognizers._rules import Hit, Recognizer

HIT = (0, 4, "PERSON", 0.9)


def test_nothing_of_a_text_is_in_the_memory() -> None:
    cache = SpanCache()
    cache.put(cache.key("Zaphod Beeblebrox", models=True), ((HIT,), ()))
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
        cache.put(cache.key(str(name), True), ((HIT,) * size, ()))
        assert len(cache) <= 5
        held = sum(len(ruled) + len(guessed) for ruled, guessed in cache._seen.values())
        assert held <= 40 and held == cache._size


def test_the_text_not_used_for_longest_is_forgotten_first() -> None:
    cache = SpanCache(texts=2)
    first, second, third = (cache.key(text, True) for text in "abc")
    cache.put(first, ((), ()))
    cache.put(second, ((), ()))
    cache.get(first)
    cache.put(third, ((), ()))
    assert cache.get(second) is None and cache.get(first) == ((), ())


def test_none_is_remembered_where_none_may_be() -> None:
    cache = SpanCache(texts=0)
    cache.put(cache.key("a", True), ((), ()))
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
