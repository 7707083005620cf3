"""What a change of the profile can be taken back with, for thirty days."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from metier.crypto import Change
from metier.learning import Outcome
from metier.model import Fact
from metier.pipeline._person import decode_outcomes, encode_outcomes
from metier.pipeline._rows import UNDO
from metier.pipeline._undo_states import TakenOut
from metier.profile import decode_fact, encode_fact
from metier.store import AgedRow

UNDO_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Undo:
    """A change of the profile, as it has to be known to be taken back.

    Args:
        kind: "set" or "forget".
        at: seconds since 1970.
        facts: what was current and is not any more.
        ended: what was history and is not any more.
        added: ids of facts that the change brought.
        memories: a packed block of the memories as they were; empty for none.
        line: the ledger's line about forgotten sentences; "" for none.
        states: what was taken out of the states of plugins.
        outcomes: how answers were received whose kind says what was forgotten.
    """

    id: str
    kind: str
    at: int
    facts: tuple[Fact, ...] = ()
    ended: tuple[Fact, ...] = ()
    added: tuple[str, ...] = ()
    memories: bytes = b""
    line: str = ""
    states: tuple[TakenOut, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def row(self, change: Change) -> AgedRow:
        """The sealed row that keeps it."""
        name = f"{UNDO}{self.id}"
        data = orjson.dumps(
            {
                "kind": self.kind,
                "at": self.at,
                "facts": [encode_fact(f).decode() for f in self.facts],
                "ended": [encode_fact(f).decode() for f in self.ended],
                "added": self.added,
                "memories": self.memories.hex(),
                "line": self.line,
                "states": [[s.plugin, s.version, s.before, s.left] for s in self.states],
                "outcomes": encode_outcomes(self.outcomes).decode(),
            }
        )
        return AgedRow(name, change.seal("memory", name, data, self.at), self.at)


def new_id() -> str:
    return secrets.token_hex(8)


def decode_undo(row: str, data: bytes) -> Undo:
    """Reads what `Undo.row` wrote."""
    raw = orjson.loads(data)
    return Undo(
        row.removeprefix(UNDO), raw["kind"], raw["at"], _facts(raw["facts"]), _facts(raw["ended"]),
        tuple(raw["added"]), bytes.fromhex(raw["memories"]), raw["line"],
        tuple(TakenOut(*each) for each in raw.get("states", ())),
        decode_outcomes(raw.get("outcomes", "[]")),
    )  # fmt: skip


def _facts(encoded: Sequence[str]) -> tuple[Fact, ...]:
    return tuple(decode_fact(each.encode()) for each in encoded)
