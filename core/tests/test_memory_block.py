"""Blocks of memories: what goes in comes out, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metier.encoder import Terms
from metier.model import MetierError
from metier.profile.memory import Memory, contexts, pack, pieces, unpack

AT = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
moments = st.datetimes(
    datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(timezone(timedelta(hours=8)))
)
memories = st.lists(
    st.builds(
        Memory, words, words, words, words, st.sampled_from(["user", "assistant", "Ana", ""]),
        words, moments, st.lists(words, max_size=2).map(tuple), st.sampled_from(["turn", "csv"]),
    ),
    max_size=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    return Terms(tmp_path_factory.mktemp("jieba"))


def vectors(count: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(1).normal(size=(count, 384)).astype(np.float32)
    scaled: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return scaled


def said(text: str, place: int = 0, speaker: str = "user", conversation: str = "c") -> Memory:
    return Memory(
        f"m{place}", f"t{place}", conversation, "writing", speaker, text,
        AT + timedelta(minutes=place),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(memories)
def test_memories_come_back_as_they_were(found: list[Memory]) -> None:
    terms = Terms(Path("unused"))
    block = unpack(pack([m for m in found if m.text.isascii()], None, terms))
    assert block.memories() == tuple(m for m in found if m.text.isascii())


def test_chinese_and_vectors_come_back(terms: Terms) -> None:
    given_vectors = vectors(2)
    packed = pack(
        [said("我上周搬到了杭州。"), said("ok", 1), said("Berlin?", 2)],
        [given_vectors[0], None, given_vectors[1]],
        terms,
    )
    block = unpack(packed)
    assert block.text(0) == "我上周搬到了杭州。" and "杭州" in block.vocabulary
    kept = block.every_vector()
    assert sorted(kept) == [0, 2]
    assert float(kept[0] @ given_vectors[0]) > 0.99 and float(kept[2] @ given_vectors[1]) > 0.99


def test_a_block_is_compressed(terms: Terms) -> None:
    texts = [f"I told you about the garden and the neighbour's dog, part {n}." for n in range(300)]
    packed = pack([said(text, n) for n, text in enumerate(texts)], None, terms)
    assert len(packed) < sum(map(len, texts)) / 1.5


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_broken_block_is_refused_without_its_content(data: st.DataObject) -> None:
    terms = Terms(Path("unused"))
    packed = bytearray(pack([said("my secret garden")], vectors(1), terms))
    place = data.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(packed), bytes(packed[:place])):
        with pytest.raises(MetierError) as caught:
            unpack(broken)
        assert caught.value.code == "memory_broken" and "secret" not in str(caught.value)


@pytest.mark.parametrize("foreign", [b"", b"{}", b"SQLite format 3\0", b"metiermb", bytes(4000)])
def test_what_is_no_block_is_refused(foreign: bytes) -> None:
    with pytest.raises(MetierError):
        unpack(foreign)


def test_a_vector_of_another_model_is_refused(terms: Terms) -> None:
    with pytest.raises(MetierError):
        pack([said("a")], [np.zeros(768, np.float32)], terms)
    with pytest.raises(MetierError):
        pack([said("a")], [np.full(384, np.nan, np.float32)], terms)
    with pytest.raises(MetierError):
        pack([said("a"), said("b", 1)], [None], terms)


@given(st.text(max_size=5000), st.integers(1, 400))
def test_pieces_of_a_text_are_short_and_lose_nothing(text: str, longest: int) -> None:
    parts = pieces(said(text), longest)
    assert "".join(p.text for p in parts) == text
    assert all(len(p.text) <= longest for p in parts)
    assert len({p.id for p in parts}) == len(parts) and parts[0].id == "m0"


def test_what_is_encoded_is_the_utterance_after_the_one_before_it() -> None:
    later = Memory("z", "z", "c", "writing", "user", "Hello again", AT + timedelta(days=2))
    dialogue = [said("Do you paint?", 0, "Ben"), said("Seven years now", 1, "Ana"), later]
    assert contexts(dialogue) == [
        "Ben: Do you paint?", "Ben: Do you paint?\nAna: Seven years now", "Hello again",
    ]  # fmt: skip
