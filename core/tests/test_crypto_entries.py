"""Entries of a roster that lie in parts: the same to whoever reads them, and copied unread."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.crypto import (
    RecordKey,
    RecordMissing,
    Roster,
    SealBroken,
    SubjectKeys,
    SubjectRecords,
)
from metier.crypto._entries import Parted

ROWS = st.text(max_size=3)
STEPS = st.lists(st.tuples(ROWS, st.one_of(st.none(), st.integers(0, 9))), max_size=60)
MANY = 1000


def many(keys: SubjectKeys) -> tuple[SubjectRecords, dict[str, bytes]]:
    """Somebody with many conversations, as they are read from a store, and the sealed records."""
    change, sealed = SubjectRecords(keys).change(), {}
    for number in range(MANY):
        sealed[f"c{number}"] = change.seal("conversation", f"c{number}", b"said", number)
    return SubjectRecords.load(keys, 1, change.sealed_roster()), sealed


@pytest.fixture
def keys() -> SubjectKeys:
    return SubjectKeys("acme", "ann", [RecordKey(secrets.token_bytes(32))])


def unread(records: SubjectRecords) -> int:
    """Parts of the conversations that are still the bytes that were opened."""
    rows: Any = records.roster.entries["conversation"]
    return sum(isinstance(part, bytes) for part in rows._parts)


@given(STEPS, STEPS)
def test_parts_hold_what_a_dictionary_would(before: Any, after: Any) -> None:
    held: dict[str, tuple[int, int]] = {}
    parted = Parted()
    for steps in (before, after):
        for row, version in steps:
            if version is None:
                held.pop(row, None)
                parted.pop(row, None)
            else:
                held[row] = parted[row] = (version, 0)
        parted = Parted(parted.lines(), len(parted))
        assert {row: tuple(pair) for row, pair in parted.items()} == held
        assert len(parted) == len(held) and set(parted) == set(held)


def test_many_entries_are_dealt_out_evenly_and_all_are_found(keys: SubjectKeys) -> None:
    records, _ = many(keys)
    rows: Any = records.roster.entries["conversation"]
    assert len(rows) == MANY
    assert max(len(part) for part in map(rows._part, range(len(rows._parts)))) < 128
    assert all(records.entry("conversation", f"c{n}") == (1, n) for n in range(MANY))
    assert records.entry("conversation", "another") is None


def test_a_turn_reads_only_the_part_of_its_conversation(keys: SubjectKeys) -> None:
    records, sealed = many(keys)
    parts = unread(records)
    assert records.open("conversation", "c7", sealed["c7"]) == b"said"
    change = records.change()
    change.seal("conversation", "c7", b"more", 9)
    change.sealed_roster()
    assert parts > 8 and unread(records) == parts - 1


def test_a_change_leaves_the_parts_that_it_began_with(keys: SubjectKeys) -> None:
    records, _ = many(keys)
    change = records.change()
    change.remove("conversation", "c1")
    change.seal("conversation", "c2", b"more", 5)
    change.seal("conversation", "new", b"new", 6)
    assert records.entry("conversation", "c1") == (1, 1)
    assert records.entry("conversation", "c2") == (1, 2)
    assert records.entry("conversation", "new") is None
    after = SubjectRecords.load(keys, 2, change.sealed_roster())
    assert after.entry("conversation", "c1") is None
    assert after.entry("conversation", "c2") == (2, 5)
    assert len(after.rows("conversation")) == MANY


def test_of_many_one_that_is_older_gone_or_put_back_is_refused(keys: SubjectKeys) -> None:
    records, sealed = many(keys)
    change = records.change()
    change.seal("conversation", "c1", b"newer")
    change.remove("conversation", "c2")
    after = SubjectRecords.load(keys, 2, change.sealed_roster())
    for row in ("c1", "c2"):  # an earlier state of the one, and the other put back
        with pytest.raises(SealBroken):
            after.open("conversation", row, sealed[row])
    with pytest.raises(SealBroken):  # that of another place
        after.open("conversation", "c3", sealed["c4"])
    with pytest.raises(RecordMissing):
        after.open("conversation", "c3", None)
    with pytest.raises(RecordMissing):
        after.open_all("conversation", [("c3", sealed["c3"])])


def test_what_no_row_can_be_is_in_no_part(keys: SubjectKeys) -> None:
    records, sealed = many(keys)
    odd: Any = 7
    with pytest.raises(SealBroken):
        records.open("conversation", odd, sealed["c7"])
    assert records.entry("conversation", "\ud800") is None


def test_a_roster_sealed_before_there_were_parts_is_read() -> None:
    told = (
        b'{"tables":{"fact":{"a":[3,7]},"conversation":{"c":[2,5]},"vault":{"c/ann":[2,5]}},'
        b'"seals":4,"restricted":true,"held":false}'
    )
    roster = Roster.decode(told)
    assert roster.entries["conversation"] == {"c": [2, 5]}
    assert isinstance(roster.entries["vault"], Parted)
    assert Roster.decode(roster.encode()) == roster


def test_a_row_with_a_line_break_stays_in_its_line() -> None:
    entries = {"conversation": Parted.of({"a\nb": [1, 2]}), "fact": {"c\nd": [3, 4]}}
    roster = Roster(entries)
    assert Roster.decode(roster.encode()) == roster
