"""What merging keeps for any facts: determinism, idempotence, no loss, no duplicate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, Provenance
from metier.profile import Merge, current, identified, merge
from metier.profile._same import sense

START = datetime(2026, 1, 1, tzinfo=UTC)
SINGLE = ("home", "level", "name", "birthday", "job")
MANY = ("likes", "dislikes", "allergy", "diet", "goal")
VALUES = ("tea", "Tea", "peanuts", "peanut", "vegan", "Lyon", "里昂", "花生", "花生醬", "a b")


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    slot = draw(st.sampled_from(SINGLE + MANY))
    days = st.none() | st.integers(-20, 20).map(lambda d: START + timedelta(days=d))
    return Fact(
        slot,
        draw(st.sampled_from(VALUES)),
        "health" if slot == "allergy" else "preference",
        draw(st.sampled_from((0.5, 0.8, 0.95))),
        Provenance("turn", "x", domain=draw(st.sampled_from(("", "a", "b")))),
        constraint=slot in ("allergy", "diet"),
        multiple=slot in MANY,
        retracts=draw(st.integers(0, 5)) == 0,
        valid_from=draw(days),
        valid_to=draw(days),
        about=draw(st.sampled_from(("", "", "", "mother"))),
        corrects=draw(st.integers(0, 4)) == 0,
    )


def batch(number: int) -> st.SearchStrategy[tuple[Fact, ...]]:
    def in_turn(found: list[Fact], source: str) -> tuple[Fact, ...]:
        turn = f"turn-{number}"
        where = [replace(f.provenance, source=source) for f in found]
        if source == "turn":
            where = [replace(w, turn=turn) for w in where]
        pairs = zip(found, where, strict=True)
        return tuple(replace(f, id=f"{turn}-{i}", provenance=w) for i, (f, w) in enumerate(pairs))

    source = st.sampled_from(("turn", "turn", "turn", "settings"))
    return st.builds(in_turn, st.lists(facts(), max_size=6), source)


stories = st.tuples(batch(0), batch(1), batch(2))


def follow(story: tuple[tuple[Fact, ...], ...]) -> tuple[tuple[Fact, ...], list[Merge]]:
    known: tuple[Fact, ...] = ()
    merges = []
    for number, found in enumerate(story):
        merges.append(merge(known, found, START + timedelta(days=number)))
        known = merges[-1].facts
    return known, merges


def beliefs(known: tuple[Fact, ...]) -> set[tuple[str, str, str, str, str]]:
    return {(f.about, f.slot, sense(f.value), f.provenance.domain, str(f.valid_to)) for f in known}


@given(stories)
@settings(max_examples=60, deadline=None)
def test_merging_is_a_function_of_its_arguments(story: tuple[tuple[Fact, ...], ...]) -> None:
    assert follow(story) == follow(story)


@given(stories)
@settings(max_examples=60, deadline=None)
def test_merging_the_same_message_again_changes_nothing(
    story: tuple[tuple[Fact, ...], ...],
) -> None:
    known, _ = follow(story)
    now = START + timedelta(days=len(story) - 1)
    again = merge(known, story[-1], now)
    assert beliefs(again.facts) == beliefs(known)
    assert [(f.times, f.confidence) for f in again.facts] == [
        (f.times, f.confidence) for f in known
    ]
    assert again.questions == () or all(
        q.new.retracts for q in again.questions
    )  # what is denied and kept isn't stored


@given(stories)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_nothing_is_twice(story: tuple[tuple[Fact, ...], ...]) -> None:
    known: dict[str, Fact] = {}
    for number, found in enumerate(story):
        done = merge(tuple(known.values()), found, START + timedelta(days=number))
        ids = [f.id for f in done.facts]
        assert len(ids) == len(set(ids)) and all(ids)
        # What is stored after writing `changed` and removing `retired` is what `facts` says.
        stored = {**known, **{f.id: f for f in done.changed}}
        for gone in done.retired:
            del stored[gone]
        assert stored == {f.id: f for f in done.facts}
        # Whatever leaves is in history, with an end that is not before its beginning.
        assert set(done.retired) <= {f.id for f in done.ended}
        for f in done.ended:
            assert f.valid_to is not None and f.unlearned_at is not None
            assert f.valid_from is None or f.valid_from <= f.valid_to
        known = stored


@given(stories)
@settings(max_examples=60, deadline=None)
def test_no_value_is_known_twice_for_one_person_and_domain(
    story: tuple[tuple[Fact, ...], ...],
) -> None:
    known, _ = follow(story)
    for f in known:
        twins = [
            g
            for g in known
            if (g.about, g.slot, sense(g.value), g.provenance.domain, g.valid_to is None)
            == (f.about, f.slot, sense(f.value), f.provenance.domain, f.valid_to is None)
        ]
        assert len(twins) == 1


@given(stories)
@settings(max_examples=60, deadline=None)
def test_one_value_holds_of_a_slot_that_has_one(story: tuple[tuple[Fact, ...], ...]) -> None:
    known, _ = follow(story)
    held = current(known, START + timedelta(days=3))
    for f in held:
        if f.slot in SINGLE:
            others = [
                g
                for g in held
                if g.slot == f.slot
                and g.about == f.about
                and ("" in {f.provenance.domain, g.provenance.domain}
                     or f.provenance.domain == g.provenance.domain)
            ]  # fmt: skip
            assert len({sense(g.value) for g in others}) <= 2


independent = st.lists(
    st.tuples(st.sampled_from(MANY[:1] + MANY[4:]), st.sampled_from(VALUES)), max_size=5
)


@given(independent, independent)
@settings(max_examples=60, deadline=None)
def test_two_writers_leave_the_same_beliefs_in_either_order(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    def found(pairs: list[tuple[str, str]], turn: str) -> tuple[Fact, ...]:
        where = Provenance("turn", "x", turn)
        return identified(Fact(s, v, "preference", 0.8, where, multiple=True) for s, v in pairs)

    a, b = found(one, "a"), found(other, "b")
    first, second = START, START + timedelta(seconds=1)
    ab = merge(merge((), a, first).facts, b, second).facts
    ba = merge(merge((), b, second).facts, a, first).facts
    assert beliefs(ab) == beliefs(ba)
    assert sorted(f.times for f in ab) == sorted(f.times for f in ba)


@given(stories)
@settings(max_examples=60, deadline=None)
def test_an_allergy_leaves_only_by_settings_or_a_word_of_change(
    story: tuple[tuple[Fact, ...], ...],
) -> None:
    _, merges = follow(story)
    for done, found in zip(merges, story, strict=True):
        gone = [
            f
            for f in done.ended
            if f.slot == "allergy" and f.id in done.retired and f.valid_to != f.unlearned_at
        ]
        if gone:
            assert any(
                f.slot == "allergy"
                and (f.provenance.source == "settings" or f.corrects or f.valid_from)
                for f in found
            )
