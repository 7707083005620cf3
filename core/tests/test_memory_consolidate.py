"""Blocks in the background: merging, vectors, summaries, removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metier.encoder import Terms
from metier.profile.memory import (
    Block,
    Changes,
    Memory,
    MemoryIndex,
    consolidate,
    forget,
    pack,
    unpack,
)

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
NOW = AT + timedelta(days=30)


class Counting:
    """An encoder whose vectors are drawn from the text, and that counts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def supports(self, text: str) -> bool:
        return text.isascii()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        rows = [
            np.random.default_rng(list(text.encode())).normal(size=384).astype(np.float32)
            for text in texts
        ]
        return np.stack([row / np.linalg.norm(row) for row in rows])


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    return Terms(tmp_path_factory.mktemp("jieba"))


LINES = (
    "My cello teacher Ilse moved to Graz.", "How far is Graz from here?",
    "Three hours by train, and the cello gets a seat.", "Will you still take lessons?",
    "Only by video until the summer concert.", "That sounds like a lot of work.",
    "The summer concert is in the old town hall.", "I will be there.",
)  # fmt: skip


def turns(day: int, lines: Sequence[str] = LINES) -> list[list[Memory]]:
    """A conversation, as the memories of its turns."""
    found = [
        Memory(
            f"d{day}-{n}", f"d{day}-{n // 2}", f"c{day}", "writing", ("user", "assistant")[n % 2],
            line, AT + timedelta(days=day, minutes=n), ("health",) if n == 4 else (),
        )
        for n, line in enumerate(lines)
    ]  # fmt: skip
    return [found[n : n + 2] for n in range(0, len(found), 2)]


def small(terms: Terms, days: int) -> dict[str, Block]:
    every = [turn for day in range(days) for turn in turns(day)]
    return {f"block/{n}": unpack(pack(turn, None, terms)) for n, turn in enumerate(every)}


def after(blocks: Mapping[str, Block], changes: Changes) -> dict[str, Block]:
    """The blocks that are stored once the changes are written."""
    kept = {name: block for name, block in blocks.items() if name not in changes.retired}
    return kept | {name: unpack(data) for name, data in changes.blocks.items()}


def said(blocks: Mapping[str, Block]) -> list[str]:
    return sorted(
        m.id for block in blocks.values() for m in block.memories() if m.source != "summary"
    )


def summaries(blocks: Mapping[str, Block]) -> list[Memory]:
    return [m for block in blocks.values() for m in block.memories() if m.source == "summary"]


def test_small_blocks_become_large_ones_and_nothing_is_lost(terms: Terms) -> None:
    blocks = small(terms, 5)
    there = after(blocks, consolidate(blocks, terms, size=16))
    assert said(there) == said(blocks)
    assert sorted(sum(m.source == "turn" for m in b.memories()) for b in there.values()) == [
        8, 16, 16,
    ]  # fmt: skip


def test_the_same_blocks_give_the_same_result(terms: Terms) -> None:
    blocks = small(terms, 3)
    backwards = dict(reversed(blocks.items()))
    one = consolidate(blocks, terms, Counting(), size=16)
    other = consolidate(backwards, terms, Counting(), size=16)
    assert one.blocks == other.blocks and sorted(one.retired) == sorted(other.retired)


def test_what_is_consolidated_stays_as_it_is(terms: Terms) -> None:
    blocks = small(terms, 3)
    there = after(blocks, consolidate(blocks, terms, Counting(), size=16))
    counting = Counting()
    assert consolidate(there, terms, counting, size=16) == Changes()
    assert not counting.texts


def test_a_run_that_was_cut_off_is_taken_up(terms: Terms) -> None:
    blocks = small(terms, 3)
    counting, runs = Counting(), 0
    while True:
        changes = consolidate(blocks, terms, counting, size=16, encodings=5)
        blocks, runs = after(blocks, changes), runs + 1
        if not changes.lacking:
            break
    assert runs == 5 and len(counting.texts) == 24 == len(set(counting.texts)) * 3
    at_once = after(small(terms, 3), consolidate(small(terms, 3), terms, Counting(), size=16))
    assert said(blocks) == said(at_once)
    for name, block in at_once.items():
        assert np.array_equal(block.vectors, blocks[name].vectors)


def test_an_utterance_is_encoded_with_the_one_before_it(terms: Terms) -> None:
    counting = Counting()
    blocks = small(terms, 1)
    consolidate(blocks, terms, counting)
    assert counting.texts[0] == LINES[0] and counting.texts[2] == f"{LINES[1]}\n{LINES[2]}"


def test_one_that_gets_a_neighbour_by_merging_is_encoded_anew(terms: Terms) -> None:
    first, second = turns(0)[:2]
    counting = Counting()
    alone = {"block/b": unpack(pack(second, None, terms))}
    alone = after(alone, consolidate(alone, terms, counting))
    assert counting.texts[0] == LINES[2]
    both = {"block/a": unpack(pack(first, None, terms)), **alone}
    counting = Counting()
    consolidate(both, terms, counting)
    assert f"{LINES[1]}\n{LINES[2]}" in counting.texts
    assert f"{LINES[2]}\n{LINES[3]}" not in counting.texts


def test_what_the_encoder_does_not_support_gets_no_vector(terms: Terms) -> None:
    lines = ["我的大提琴老师搬到了格拉茨。", "格拉茨远吗？"]
    blocks = {"block/a": unpack(pack(turns(0, lines)[0], None, terms))}
    changes = consolidate(blocks, terms, Counting())
    assert changes.lacking == 0 and not any(len(unpack(b).vectors) for b in changes.blocks.values())


def test_a_summary_quotes_the_conversation_and_carries_its_categories(terms: Terms) -> None:
    blocks = small(terms, 1)
    (summary,) = summaries(after(blocks, consolidate(blocks, terms)))
    lines = summary.text.splitlines()
    assert len(lines) > 1 and all(line.partition(": ")[2] in LINES for line in lines)
    assert not any(line.endswith("?") for line in lines)
    quoted_health = any(line.endswith(LINES[4]) for line in lines)
    assert (summary.categories == ("health",)) is quoted_health


def test_chinese_conversations_get_summaries(terms: Terms) -> None:
    lines = [
        "我的大提琴老师搬到了格拉茨。", "格拉茨离这里远吗？", "坐火车三个小时。",
        "夏天的音乐会还办吗？", "音乐会在老市政厅举行。", "我一定去听大提琴。",
    ]  # fmt: skip
    blocks = {f"block/{n}": unpack(pack(t, None, terms)) for n, t in enumerate(turns(0, lines))}
    (summary,) = summaries(after(blocks, consolidate(blocks, terms)))
    assert "大提琴" in summary.text and "？" not in summary.text


def test_a_question_for_a_conversation_gets_its_summary(terms: Terms) -> None:
    blocks = small(terms, 3)
    there = MemoryIndex.build(after(blocks, consolidate(blocks, terms)).values())
    question = "What did we talk about on 2 May 2026?"
    found = there.search(question, None, NOW, terms=terms)
    assert found[0].memory.source == "summary" and found[0].memory.conversation == "c1"
    plain = there.search("Where did Ilse move?", None, NOW, terms=terms)
    assert plain and not any(r.memory.source == "summary" for r in plain)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 7), min_size=1), st.booleans())
def test_a_block_that_forgot_is_one_that_never_knew(gone: set[int], encoded: bool) -> None:
    terms = Terms(Path("unused"))
    encoder = Counting() if encoded else None
    blocks = small(terms, 2)
    blocks = after(blocks, consolidate(blocks, terms, encoder))
    ids = [f"d0-{n}" for n in gone]
    there = after(blocks, forget(blocks, ids, terms))
    assert not set(said(there)) & set(ids)
    text = "\n".join(m.text for b in there.values() for m in b.memories())
    kept = [line for n, line in enumerate(LINES) if n not in gone] + list(LINES)
    assert all(text.count(line) <= kept.count(line) * 2 for line in LINES)

    # Encoded anew, it is what it would have been without them from the start.
    never = {
        f"block/{n}": unpack(pack([m for m in turn if m.id not in ids], None, terms))
        for n, turn in enumerate(t for day in range(2) for t in turns(day))
    }
    wanted = after(never, consolidate(never, terms, Counting()))
    healed = after(there, consolidate(there, terms, Counting()))
    if encoded:
        assert {n: b.memories() for n, b in healed.items()} == {
            n: b.memories() for n, b in wanted.items()
        }
        for name, block in wanted.items():
            assert np.array_equal(block.vectors, healed[name].vectors)


def test_forgetting_drops_the_vector_that_was_made_with_what_is_forgotten(terms: Terms) -> None:
    blocks = small(terms, 1)
    blocks = after(blocks, consolidate(blocks, terms, Counting()))
    (block,) = after(blocks, forget(blocks, ["d0-2"], terms)).values()
    with_vector = {block.ids[place] for place in block.every_vector()}
    assert with_vector == {"d0-0", "d0-1", "d0-4", "d0-5", "d0-6", "d0-7"}


def test_a_block_of_which_nothing_is_left_is_retired(terms: Terms) -> None:
    blocks = small(terms, 1)
    assert forget(blocks, ["d0-0", "d0-1"], terms) == Changes({}, ("block/0",))
    assert forget(blocks, ["unknown"], terms) == Changes()


def test_in_slices_it_comes_to_what_it_comes_to_at_once(terms: Terms) -> None:
    blocks, runs = small(terms, 3), 0
    while True:
        changes = consolidate(blocks, terms, Counting(), size=16, encodings=5, most=1)
        assert len(changes.blocks) <= 1, "one block a slice"
        if changes == Changes():
            break
        blocks, runs = after(blocks, changes), runs + 1
        assert runs < 20
    at_once = after(small(terms, 3), consolidate(small(terms, 3), terms, Counting(), size=16))
    assert sorted(blocks) == sorted(at_once)
    for name, block in at_once.items():
        assert np.array_equal(block.vectors, blocks[name].vectors)


def test_a_slice_says_whether_something_is_left(terms: Terms) -> None:
    blocks = small(terms, 3)
    first = consolidate(blocks, terms, size=16, most=1)
    assert first.more and len(first.blocks) == 1
    last = consolidate(after(blocks, first), terms, size=16, most=1)
    assert not last.more and len(last.blocks) == 1
