"""Searching memories: words, neighbours, speakers, times, hops, purposes, removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.encoder import Terms
from metier.profile.memory import Memory, MemoryIndex, Recalled, pack, unpack

NOW = datetime(2026, 6, 17, 15, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    return Terms(tmp_path_factory.mktemp("jieba"))


def talk(
    name: str, at: datetime, *lines: str, domain: str = "writing", categories: tuple[str, ...] = ()
) -> list[Memory]:
    """Lines as "speaker: text"; ids are the name of the conversation and the number."""
    found = []
    for number, line in enumerate(lines):
        speaker, _, text = line.partition(": ")
        found.append(
            Memory(
                f"{name}{number}", f"{name}{number // 2}", name, domain, speaker, text,
                at + timedelta(minutes=number), categories,
            )
        )  # fmt: skip
    return found


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


def index(terms: Terms, *talks: Sequence[Memory]) -> MemoryIndex:
    return MemoryIndex.build([pack(each, None, terms) for each in talks])


def ids(found: Sequence[Recalled]) -> list[str]:
    return [r.memory.id for r in found]


FILLER = talk(
    "f", days(100), "user: The weather is fine and I slept well.",
    "assistant: Good to hear. Shall we look at your essay?",
    "user: Yes, the second paragraph reads badly.", "assistant: Shorten its first sentence.",
    "user: Thanks, that helps a lot.", "assistant: You're welcome!",
)  # fmt: skip


def test_an_utterance_is_found_by_its_words_whatever_their_form(terms: Terms) -> None:
    ours = talk("a", days(30), "user: I adopted a puppy from the shelter.", "assistant: Lovely.")
    found = index(terms, FILLER, ours).search("adopting puppies", None, NOW, terms=terms)
    assert ids(found)[0] == "a0" and "words" in found[0].reasons


def test_an_answer_is_found_by_the_words_of_its_question(terms: Terms) -> None:
    ours = talk("a", days(30), "Ben: How long have you played the cello?", "Ana: Seven years now.")
    found = index(terms, FILLER, ours).search(
        "How long has Ana played the cello?", None, NOW, terms=terms
    )
    assert ids(found)[0] == "a1" and "neighbours" in found[0].reasons


def test_neighbours_are_of_the_same_dialogue_only(terms: Terms) -> None:
    ours = talk("a", days(30), "user: I like my cello.", "assistant: Nice.")
    after_a_pause = talk("a", days(29), "user: Unrelated.")[0]
    other = Memory("x", "x", "a", "writing", "user", "Unrelated.", after_a_pause.at)
    found = index(terms, FILLER, ours, [other]).search("cello", None, NOW, terms=terms, window=5)
    shown = {m.id for r in found for m in (r.memory, *r.before, *r.after)}
    assert "a0" in shown and "a1" in shown and "x" not in shown


def test_related_words_find_what_the_question_does_not_name(terms: Terms) -> None:
    ours = talk("a", days(30), "user: Our dog is called Rex.", "assistant: What a name!")
    found = index(terms, FILLER, ours).search("What pets do I have?", None, NOW, terms=terms)
    assert ids(found)[0] == "a0"


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What did Ana say about the cello?", "a0"),
        ("What did Ben say about the cello?", "a1"),
    ],
)
def test_the_speaker_that_a_question_names_comes_first(
    terms: Terms, question: str, wanted: str
) -> None:
    ours = talk("a", days(30), "Ana: The cello is mine.", "Ben: The cello is loud.")
    assert ids(index(terms, FILLER, ours).search(question, None, NOW, terms=terms))[0] == wanted


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What did you tell me about the cello?", "a1"),
        ("What did I tell you about my cello?", "a0"),
        ("你上次怎么说大提琴的？", "b1"),
        ("我说过大提琴什么？", "b0"),
    ],
)
def test_i_and_you_tell_the_user_from_the_assistant(
    terms: Terms, question: str, wanted: str
) -> None:
    english = talk("a", days(30), "user: The cello sounds dull.", "assistant: The cello needs air.")
    chinese = talk("b", days(30), "user: 大提琴声音很闷。", "assistant: 大提琴需要保养。")
    found = index(terms, FILLER, english, chinese).search(question, None, NOW, terms=terms)
    assert ids(found)[0] == wanted


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which book did I read yesterday?", "d1"),
        ("Which book did I read last week?", "d8"),
        ("Which book did I read in May?", "d40"),
        ("Which book did I read in February 2026?", "d120"),
        ("Which book did I read three months ago?", "d92"),
        ("我昨天读了什么书？", "z1"),
        ("我上周读了什么书？", "z8"),
        ("我五月读了什么书？", "z40"),
        ("我三个月前读了什么书？", "z92"),
        ("我2026年2月读了什么书？", "z120"),
    ],
)
def test_a_time_in_the_question_chooses_what_was_said_then(
    terms: Terms, question: str, wanted: str
) -> None:
    when = (1, 8, 40, 92, 120, 200)
    english = [talk(f"d{n}x", days(n), "user: I am reading a book.")[0] for n in when]
    chinese = [talk(f"z{n}x", days(n), "user: 我在读一本书。")[0] for n in when]
    found = index(terms, english, chinese).search(question, None, NOW, terms=terms)
    assert ids(found)[0] == f"{wanted}x0" and "time" in found[0].reasons


def test_a_time_that_was_told_later_is_found_too(terms: Terms) -> None:
    told = talk("a", days(2), "user: In March 2024 I ran a marathon.")
    other = talk("b", days(60), "user: I watched a marathon.")
    found = index(terms, told, other).search("marathon in March 2024", None, NOW, terms=terms)
    assert ids(found)[0] == "a0"


@pytest.mark.parametrize("question", ["Where do I live now?", "我现在住在哪里？"])
def test_the_latest_comes_first_where_the_question_asks_for_now(
    terms: Terms, question: str
) -> None:
    long_ago = talk("a", days(700), "user: I live in Lyon. 我住在里昂。")
    lately = talk("b", days(5), "user: I live in Bonn. 我住在波恩。")
    assert ids(index(terms, lately, long_ago).search(question, None, NOW, terms=terms))[0] == "b0"


def test_a_hop_follows_a_name_in_what_was_found_first(terms: Terms) -> None:
    first = talk("a", days(50), "user: My violin teacher is called Ilse Brandt.")
    second = talk("b", days(20), "user: Ilse Brandt moved to Graz.", "assistant: I see.")
    ours = index(terms, FILLER, first, second)
    question = "Where does the violin teacher live?"
    assert "b0" not in ids(ours.search(question, None, NOW, terms=terms, hops=0))
    found = {r.memory.id: r for r in ours.search(question, None, NOW, terms=terms)}
    assert "hop" in found["b0"].reasons


@pytest.mark.parametrize("question", ["What did we talk about last week?", "我们上周聊了什么？"])
def test_a_question_for_a_conversation_gives_what_was_said_then(
    terms: Terms, question: str
) -> None:
    then = talk("a", days(8), "user: My knee hurts when I run downhill.", "assistant: Rest it.")
    found = index(terms, FILLER, then).search(question, None, NOW, terms=terms)
    assert ids(found)[0] == "a0" and not any(i.startswith("f") for i in ids(found))


@pytest.mark.parametrize("question", ["搬家是什么时候？", "二月份我学了什么？"])
def test_a_chinese_word_is_found_by_its_characters(terms: Terms, question: str) -> None:
    february = datetime(2026, 2, 10, tzinfo=UTC)
    moved = talk("a", february, "user: 我搬完家了，开始学古琴。")
    other = talk("b", days(90), "user: 今天下雨。")
    assert ids(index(terms, other, moved).search(question, None, NOW, terms=terms))[0] == "a0"


def test_what_was_said_then_comes_last_where_nothing_else_fits(terms: Terms) -> None:
    then = talk("a", days(1), "user: My knee hurts.")
    before = talk("b", days(3), "user: My shoulder hurts.")
    found = index(terms, then, before).search("Zeppelins yesterday?", None, NOW, terms=terms)
    assert ids(found) == ["a0"]


def test_nothing_is_found_where_nothing_fits(terms: Terms) -> None:
    ours = index(terms, FILLER)
    assert ours.search("zeppelins over Reykjavik", None, NOW, terms=terms) == ()
    assert ours.search("", None, NOW, terms=terms) == ()
    assert MemoryIndex.build([]).search("anything", None, NOW, terms=terms) == ()


def test_vectors_find_what_words_do_not(terms: Terms) -> None:
    axes = np.eye(384, dtype=np.float32)
    ours = talk("a", days(3), "user: Alpha beta.", "user: Gamma delta.", "user: Epsilon zeta.")
    block = pack(ours, [axes[0], axes[1], None], terms)
    found = MemoryIndex.build([block]).search("theta", axes[1], NOW, terms=terms)
    assert ids(found)[0] == "a1" and found[0].reasons[0] == "meaning"


def test_what_a_purpose_does_not_allow_is_neither_shown_nor_lent(terms: Terms) -> None:
    ours = talk(
        "a", days(9), "user: The zebra crossing at Mill Lane.", "user: Nothing in particular.",
    )  # fmt: skip
    sick = talk("s", days(8), "user: Zebra crossing, and Doctor Quill treats my asthma.",
                categories=("health",))  # fmt: skip
    follow = talk("q", days(7), "user: Quill plays chess.")
    there = index(terms, FILLER, ours, sick, follow)

    def allowed(memory: Memory) -> bool:
        return "health" not in memory.categories and memory.id != "a0"

    found = there.search("zebra crossing", None, NOW, terms=terms, allowed=allowed, window=3)
    assert found == ()
    everything = there.search("zebra crossing", None, NOW, terms=terms, window=3)
    assert {"a0", "s0", "q0"} <= set(ids(everything))


def test_a_budget_of_tokens_leaves_out_neighbours_first(terms: Terms) -> None:
    ours = talk("a", days(9), *["user: The cello sonata in the old hall by the river."] * 9)
    there = index(terms, ours)
    spent = [
        sum(len(m.text) for r in found for m in (r.memory, *r.before, *r.after)) / 4
        for budget in (20, 60, 200)
        for found in [there.search("cello", None, NOW, terms=terms, tokens=budget, window=2)]
    ]
    assert spent[0] <= 20 and spent[1] <= 60 and spent[2] <= 200 and spent[0] < spent[1] < spent[2]
    few = there.search("cello", None, NOW, terms=terms, limit=3, tokens=42, window=2)
    assert len(few) == 3 and not any(r.before or r.after for r in few)


def test_no_memory_is_shown_twice(terms: Terms) -> None:
    ours = talk("a", days(9), *[f"user: The cello sonata, bar {n}." for n in range(30)])
    found = index(terms, ours).search("cello", None, NOW, terms=terms, window=3)
    shown = [m.id for r in found for m in (*r.before, r.memory, *r.after)]
    assert len(shown) == len(set(shown))


def test_the_order_of_blocks_does_not_matter(terms: Terms) -> None:
    talks = [talk(f"c{n}", days(n), "user: The cello.", "assistant: The hall.") for n in range(5)]
    there, back = index(terms, *talks), index(terms, *talks[::-1])
    for question in ("cello", "hall yesterday", "我的大提琴"):
        one = there.search(question, None, NOW, terms=terms)
        other = back.search(question, None, NOW, terms=terms)
        assert {r.memory.id: r.score for r in one} == pytest.approx(
            {r.memory.id: r.score for r in other}, rel=1e-4
        )


def test_a_memory_in_two_blocks_counts_once(terms: Terms) -> None:
    ours = talk("a", days(9), "user: The cello.", "user: A sonata.")
    once, twice = index(terms, FILLER, ours), index(terms, FILLER, ours, ours)
    assert len(once) == len(twice)
    assert once.search("cello", None, NOW, terms=terms) == twice.search(
        "cello", None, NOW, terms=terms
    )


LINES = (
    "Ana: I play the cello in a quartet.", "Ben: How long have you played?", "Ana: Ten years.",
    "Ben: My sister Ilse sings.", "Ana: Does Ilse live in Graz?", "Ben: Yes, since May 2025.",
    "Ana: I ran a marathon last week.", "Ben: I bought two kayaks yesterday.",
)  # fmt: skip
QUESTIONS = (
    "How long has Ana played the cello?", "Where does the sister of Ben live?", "kayak",
    "What happened last week?", "When did Ana run?", "Ilse",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 7)), st.booleans())
def test_without_is_as_if_it_had_never_been_said(gone: set[int], vectors: bool) -> None:
    terms = Terms(Path("unused"))
    rng = np.random.default_rng(3)
    drawn = rng.normal(size=(9, 384)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    everything = talk("a", days(9), *LINES)
    kept = [m for n, m in enumerate(everything) if n not in gone]
    # A vector made after something that is removed must not stay.
    left = [None if n - 1 in gone else drawn[n] for n in range(8) if n not in gone]
    whole = pack(everything, list(drawn[:8]) if vectors else None, terms, in_context=True)
    part = pack(kept, left if vectors else None, terms, in_context=True)
    filler = pack(FILLER, None, terms)
    removed = MemoryIndex.build([whole, filler]).without([everything[n].id for n in gone])
    never = MemoryIndex.build([part, filler])
    for question in QUESTIONS:
        one = removed.search(question, drawn[8], NOW, terms=terms, limit=20, window=2)
        other = never.search(question, drawn[8], NOW, terms=terms, limit=20, window=2)
        # Numbers of words differ, so sums are taken in another order.
        assert {r.memory.id: r.score for r in one} == pytest.approx(
            {r.memory.id: r.score for r in other}, rel=1e-4
        )
        shown = {m.id for r in one for m in (*r.before, *r.after)}
        assert not shown & {everything[n].id for n in gone}


def test_pieces_of_a_long_memory_leave_with_it(terms: Terms) -> None:
    first = talk("a", days(3), "user: First piece of the cello.")
    ours = [*first, replace(first[0], id="a0#2", text="Second piece of the cello.")]
    there = index(terms, FILLER, ours)
    assert set(ids(there.search("cello", None, NOW, terms=terms))) == {"a0", "a0#2"}
    assert there.without(["a0"]).search("cello", None, NOW, terms=terms) == ()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_question_is_answered_or_not_but_never_fails(question: str) -> None:
    ascii_only = question.encode("ascii", "ignore").decode()
    terms = Terms(Path("unused"))
    there = MemoryIndex.build([unpack(pack(FILLER, None, terms))])
    found = there.search(ascii_only, None, NOW, terms=terms, limit=5)
    assert len(found) <= 5
