"""The memory of what was found holds no text and stays bounded."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from metier.privacy._cache import SpanCache

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
