"""The sealed records of one subject, and the roster that says which there are.

A sealed record opens in its own place only, but a database can be made to show
an older record of the same place, or to leave one out. So each subject has a
roster, a sealed list of the records there are with the revision that wrote
each. The revision is bound to every record, so an older one doesn't open; one
that the roster names and the store lacks, or the other way round, is refused.
The roster itself is bound to the subject's revision, which the newest audit
event of the subject names as well.

Records that are written once and never changed (`turn_record`) have no older
form; there may be many of them, so the roster leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

import orjson

from metier.crypto._entries import Pair, Parted
from metier.crypto._envelope import MOST_SEALS, Context, RecordKey, SealBroken, key_id
from metier.model import MetierError

_PURPOSES = {
    "fact": "profile",
    "plugin_state": "plugin",
    "conversation": "conversation",
    "vault": "conversation",
    "turn_record": "record",
    "feedback": "feedback",
    "ledger": "rights",
    "memory": "memory",
}
"""What the records of each table are kept for; bound to each."""
_ONCE = frozenset({"turn_record"})
_ORDERED = frozenset({"fact", "ledger"})
"""Tables whose order matters: the roster's holds, whatever order the store gives them in."""
_GROWING = frozenset({"conversation", "vault"})
"""Tables that get a record with each conversation, for years: their entries lie in parts."""
_ROSTER = "roster"


class RecordMissing(MetierError):
    """The store lacks a record that the subject's roster names."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"A record of '{table}' is gone without having been deleted by metier. Nothing is "
            "done on what is left. Run `metier audit verify`, and restore a backup.",
            code="record_missing",
            status=503,
        )


class RolledBack(MetierError):
    """The subject's records are older than the audit log says."""

    def __init__(self) -> None:
        super().__init__(
            "The records of this person are older than the audit log says: somebody has put an "
            "earlier state back. Nothing is done on it. Run `metier audit verify`, and restore a "
            "backup.",
            code="rolled_back",
            status=503,
        )


class SubjectKeys:
    """The data keys of one subject: the newest seals, all of them open."""

    __slots__ = ("_keys", "current", "made", "subject", "tenant")

    def __init__(self, tenant: str, subject: str, keys: Sequence[RecordKey], made: int = 0) -> None:
        """`keys`: oldest first, at least one. `made`: when the newest was; 0 where not known."""
        self.made = made
        self.tenant = tenant
        self.subject = subject
        self.current = keys[-1]
        self._keys = {key.id: key for key in keys}

    @property
    def ids(self) -> frozenset[bytes]:
        return frozenset(self._keys)

    def seal(self, plaintext: bytes, context: Context) -> bytes:
        """Seals `plaintext` into its place."""
        self._check(context)
        return self.current.seal(plaintext, context.encode())

    def open(self, sealed: bytes, context: Context) -> bytes:
        """Opens a record in its place.

        Raises:
            SealBroken: where it was changed, moved, cut, or sealed with another key.
        """
        self._check(context)
        # In SQLite anything can be put into any column.
        key = self._keys.get(key_id(sealed)) if isinstance(sealed, bytes) else None
        if key is None:
            raise SealBroken(context.table)
        return key.open(sealed, context.encode(), context.table)

    def _check(self, context: Context) -> None:
        if (context.tenant, context.subject) != (self.tenant, self.subject):
            raise SealBroken(context.table)

    def __repr__(self) -> str:
        return "SubjectKeys(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("Keys are never pickled.")


class Entry(NamedTuple):
    """A record in the roster: the revision that wrote it, and when it was last used."""

    version: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """Which records a subject has.

    There may be thousands, and each turn reads it: entries stay the pairs that JSON gives.
    Encoded it is a line of JSON, and below it a line a part of what grows.

    Args:
        entries: by table and row, the values of an `Entry`.
        seals: how many records the newest key has sealed.
        restricted: nothing but storing is allowed (GDPR, article 18).
        held: erasure and expiry wait (a legal hold).
    """

    entries: Mapping[str, MutableMapping[str, Pair]] = field(default_factory=dict)
    seals: int = 0
    restricted: bool = False
    held: bool = False

    def encode(self) -> bytes:
        parted = {name: rows for name, rows in self.entries.items() if isinstance(rows, Parted)}
        lines = {name: rows.lines() for name, rows in parted.items()}
        head = {
            "tables": {name: rows for name, rows in self.entries.items() if name not in parted},
            "parts": {name: [len(lines[name]), len(rows)] for name, rows in parted.items()},
            "seals": self.seals,
            "restricted": self.restricted,
            "held": self.held,
        }
        return b"\n".join([orjson.dumps(head), *chain.from_iterable(lines.values())])

    @classmethod
    def decode(cls, data: bytes) -> Roster:
        first, *lines = data.split(b"\n")
        raw = orjson.loads(first)
        entries = raw["tables"] if "tables" in raw else _by_table(raw["entries"])
        start = 0
        for name, (many, count) in raw.get("parts", {}).items():
            entries[name] = Parted(lines[start : start + many], count)
            start += many
        for name in _GROWING & entries.keys():  # sealed before there were parts
            entries[name] = Parted.of(entries[name])
        return cls(entries, raw["seals"], raw["restricted"], raw["held"])


def _by_table(named: Mapping[str, Pair]) -> dict[str, MutableMapping[str, Pair]]:
    """The entries of a roster that was sealed when they still stood by "table/row"."""
    tables: dict[str, MutableMapping[str, Pair]] = {}
    for name, pair in named.items():
        table, _, row = name.partition("/")
        tables.setdefault(table, {})[row] = pair
    return tables


def _copied(table: str, rows: MutableMapping[str, Pair]) -> MutableMapping[str, Pair]:
    return Parted.of(rows) if table in _GROWING else dict(rows)


class SubjectRecords:
    """What a subject's keys open at one revision."""

    __slots__ = ("keys", "revision", "roster")

    def __init__(self, keys: SubjectKeys, revision: int = 0, roster: Roster | None = None) -> None:
        self.keys = keys
        self.revision = revision
        self.roster = roster or Roster()

    @classmethod
    def load(cls, keys: SubjectKeys, revision: int, sealed_roster: bytes) -> SubjectRecords:
        """The records of a subject that the store knows.

        Raises:
            SealBroken: the roster is not the one of this revision.
        """
        context = _context(keys, _ROSTER, keys.subject, revision)
        roster = Roster.decode(keys.open(sealed_roster, context))
        if key_id(sealed_roster) != keys.current.id:
            roster = replace(roster, seals=0)  # the newest key has sealed none of it yet
        return cls(keys, revision, roster)

    def entry(self, table: str, row: str) -> Entry | None:
        """The roster's word on a record."""
        pair = self.roster.entries.get(table, {}).get(row)
        return Entry._make(pair) if pair is not None else None

    def open(self, table: str, row: str, sealed: bytes | None) -> bytes:
        """Opens one record.

        Raises:
            RecordMissing: the roster names it and the store has none.
            SealBroken: it is not the record that the roster names.
        """
        entry = Entry(0) if table in _ONCE else self.entry(table, row)
        if sealed is None:
            raise RecordMissing(table)
        named: object = row  # in SQLite a column may hold anything
        if entry is None or not isinstance(named, str):
            raise SealBroken(table)
        return self.keys.open(sealed, _context(self.keys, table, row, entry.version))

    def open_all(self, table: str, rows: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
        """Opens all records of a table; there must be just those that the roster names.

        Raises:
            RecordMissing, SealBroken: where there are others.
        """
        found = {row: self.open(table, row, sealed) for row, sealed in rows}
        named = self.roster.entries.get(table, {})
        if found.keys() != named.keys():
            raise RecordMissing(table)
        return {row: found[row] for row in named} if table in _ORDERED else found

    def rows(self, table: str) -> dict[str, Entry]:
        """The rows of a table that the roster names."""
        named = self.roster.entries.get(table, {})
        return {row: Entry._make(pair) for row, pair in named.items()}

    @property
    def worn(self) -> bool:
        """Whether the newest key has sealed as much as one key may."""
        return self.roster.seals >= MOST_SEALS

    def change(self) -> Change:
        return Change(self)


class Change:
    """What one commit writes and removes; becomes the next revision of the subject."""

    def __init__(self, records: SubjectRecords) -> None:
        self._records = records
        entries = records.roster.entries
        self._entries = {table: _copied(table, rows) for table, rows in entries.items()}
        self._flags = {"restricted": records.roster.restricted, "held": records.roster.held}
        self._seals = 0
        self.revision = records.revision + 1

    def seal(self, table: str, row: str, data: bytes, at: int = 0) -> bytes:
        """Seals a record, new or changed.

        Args:
            at: when it was used, for what expires; seconds since 1970.
        """
        once = table in _ONCE
        if not once:
            if table not in self._entries:
                self._entries[table] = _copied(table, {})
            self._entries[table][row] = (self.revision, at)
        self._seals += 1
        context = _context(self._records.keys, table, row, 0 if once else self.revision)
        return self._records.keys.seal(data, context)

    def at(self, table: str, row: str) -> int:
        """When a record was used, seconds since 1970; 0 where there is none."""
        pair = self._entries.get(table, {}).get(row)
        return pair[1] if pair is not None else 0

    def remove(self, table: str, row: str) -> None:
        """Takes a record out of the roster, where it is in it."""
        self._entries.get(table, {}).pop(row, None)

    def mark(self, *, restricted: bool | None = None, held: bool | None = None) -> None:
        """Changes what may be done with the subject's records."""
        if restricted is not None:
            self._flags["restricted"] = restricted
        if held is not None:
            self._flags["held"] = held

    def sealed_roster(self) -> bytes:
        """The roster of the next revision, sealed; to be written with the records."""
        roster = Roster(self._entries, self._records.roster.seals + self._seals + 1, **self._flags)
        keys = self._records.keys
        return keys.seal(roster.encode(), _context(keys, _ROSTER, keys.subject, self.revision))

    @property
    def key_id(self) -> bytes:
        return self._records.keys.current.id


def _context(keys: SubjectKeys, table: str, row: str, version: int) -> Context:
    purpose = _PURPOSES.get(table, table)
    return Context(keys.tenant, keys.subject, purpose, table, "sealed", row, version)
