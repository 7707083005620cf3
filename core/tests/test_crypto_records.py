"""A record opens in its own place and at its own version; the roster says which there are."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.crypto import (
    Context,
    RecordKey,
    RecordMissing,
    Roster,
    SealBroken,
    SubjectKeys,
    SubjectRecords,
)


@dataclass
class Shelf:
    """A store of one subject that keeps what an attacker could keep: every state it had."""

    keys: SubjectKeys
    revision: int = 0
    roster: bytes = b""
    rows: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def records(self) -> SubjectRecords:
        if not self.revision:
            return SubjectRecords(self.keys)
        return SubjectRecords.load(self.keys, self.revision, self.roster)

    def write(self, **texts: str | None) -> None:
        """Writes facts by id, or takes them away."""
        change = self.records().change()
        for row, text in texts.items():
            if text is None:
                change.remove("fact", row)
                self.rows.pop(("fact", row), None)
            else:
                self.rows["fact", row] = change.seal("fact", row, text.encode())
        self.roster, self.revision = change.sealed_roster(), change.revision

    def read(self) -> dict[str, str]:
        rows = [(row, sealed) for (table, row), sealed in self.rows.items() if table == "fact"]
        return {k: v.decode() for k, v in self.records().open_all("fact", rows).items()}


def fresh_keys(subject: str = "s") -> SubjectKeys:
    return SubjectKeys("acme", subject, [RecordKey(secrets.token_bytes(32))])


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(fresh_keys())
    shelf.write(a="one", b="two")
    return shelf


def test_what_was_written_is_read(shelf: Shelf) -> None:
    shelf.write(b="three", c="four")
    shelf.write(a=None)
    assert shelf.read() == {"b": "three", "c": "four"}


def test_an_older_record_of_the_same_place_is_refused(shelf: Shelf) -> None:
    old = shelf.rows["fact", "a"]
    shelf.write(a="newer")
    shelf.rows["fact", "a"] = old
    with pytest.raises(SealBroken):
        shelf.read()


def test_an_older_roster_is_refused(shelf: Shelf) -> None:
    old = shelf.roster
    shelf.write(a="newer")
    shelf.roster = old
    with pytest.raises(SealBroken):
        shelf.read()


def test_a_record_that_is_gone_is_missed(shelf: Shelf) -> None:
    del shelf.rows["fact", "a"]
    with pytest.raises(RecordMissing):
        shelf.read()


def test_a_record_that_was_deleted_and_put_back_is_refused(shelf: Shelf) -> None:
    old = shelf.rows["fact", "a"]
    shelf.write(a=None)
    shelf.rows["fact", "a"] = old
    with pytest.raises(SealBroken):
        shelf.read()


def test_records_are_not_exchanged_between_places_tables_or_subjects(shelf: Shelf) -> None:
    shelf.rows["fact", "a"], shelf.rows["fact", "b"] = (
        shelf.rows["fact", "b"], shelf.rows["fact", "a"],
    )  # fmt: skip
    with pytest.raises(SealBroken):
        shelf.read()
    change = shelf.records().change()
    sealed = change.seal("plugin_state", "a", b"state")
    with pytest.raises(SealBroken):
        shelf.records().open("fact", "a", sealed)
    other = SubjectKeys("acme", "t", [shelf.keys.current])
    with pytest.raises(SealBroken):
        SubjectRecords.load(other, shelf.revision, shelf.roster)


def test_what_is_written_once_needs_no_line_in_the_roster(shelf: Shelf) -> None:
    change = shelf.records().change()
    sealed = change.seal("turn_record", "t1", b"record")
    shelf.roster, shelf.revision = change.sealed_roster(), change.revision
    assert shelf.records().open("turn_record", "t1", sealed) == b"record"
    assert shelf.records().entry("turn_record", "t1") is None


def test_seals_are_counted_and_restrictions_kept(shelf: Shelf) -> None:
    before = shelf.records().roster.seals
    change = shelf.records().change()
    change.seal("fact", "c", b"x")
    change.mark(restricted=True, held=True)
    shelf.roster, shelf.revision = change.sealed_roster(), change.revision
    roster = shelf.records().roster
    assert (roster.restricted, roster.held) == (True, True)
    assert roster.seals == before + 2  # the record and the roster


TEXT = st.text(max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), TEXT | st.none(), min_size=1), min_size=2,
             max_size=6),
    st.data(),
)  # fmt: skip
def test_whatever_old_state_is_put_back_no_wrong_value_is_read(
    writes: list[dict[str, str | None]], data: st.DataObject
) -> None:
    shelf, states = Shelf(fresh_keys()), []
    for write in writes:
        shelf.write(**write)
        states.append((dict(shelf.rows), shelf.roster))
    expected = shelf.read()
    rows, roster = data.draw(st.sampled_from(states[:-1]))
    places = data.draw(st.sets(st.sampled_from([*sorted(rows), ("roster", "")]), min_size=1))
    for place in places:
        if place == ("roster", ""):
            shelf.roster = roster
        else:
            shelf.rows[place] = rows[place]
    with contextlib.suppress(SealBroken, RecordMissing):
        assert shelf.read() == expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.data())
def test_a_flipped_bit_or_a_cut_is_refused(plain: bytes, data: st.DataObject) -> None:
    key, context = RecordKey(bytes(range(32))), Context("t", "s", "p", "fact", "sealed", "r", 1)
    sealed = key.seal(plain, context.encode())
    assert key.open(sealed, context.encode(), "fact") == plain
    if data.draw(st.booleans()):
        changed = bytearray(sealed)
        changed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        broken = bytes(changed)
    else:
        broken = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    with pytest.raises(SealBroken):
        key.open(broken, context.encode(), "fact")


def test_a_ciphertext_opens_under_the_key_it_names_and_no_other() -> None:
    one, other = RecordKey(secrets.token_bytes(32)), RecordKey(secrets.token_bytes(32))
    sealed = one.seal(b"x", b"")
    renamed = sealed[:1] + other.id + sealed[33:]
    for attempt in (sealed, renamed):
        with pytest.raises(SealBroken):
            other.open(attempt, b"", "fact")


def test_a_roster_sealed_when_entries_stood_by_table_and_row_in_one_name_is_read() -> None:
    told = (
        b'{"entries":{"fact/a/b":[3,7],"memory/m":[2,0]},"seals":4,"restricted":true,"held":false}'
    )
    roster = Roster.decode(told)
    assert roster.entries == {"fact": {"a/b": [3, 7]}, "memory": {"m": [2, 0]}}
    assert (roster.seals, roster.restricted, roster.held) == (4, True, False)
    assert Roster.decode(roster.encode()) == roster


def test_a_change_leaves_the_roster_that_it_began_with() -> None:
    shelf = Shelf(SubjectKeys("acme", "ann", [RecordKey(secrets.token_bytes(32))]))
    shelf.write(one="x", two="y")
    records = shelf.records()
    change = records.change()
    change.remove("fact", "one")
    change.seal("fact", "three", b"z", at=9)
    assert set(records.rows("fact")) == {"one", "two"}
    assert (change.at("fact", "three"), change.at("fact", "one")) == (9, 0)
