"""Where else a forgotten fact may stand: what plugins keep, journals of imports, older changes.

A plugin's state is its own, in a form that the core doesn't know. So whole entries go: a
text, a record or a key that says the fact, and never half of a record. What a plugin has
counted or measured without naming the fact stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from metier.crypto import Change
from metier.model import Fact, Json
from metier.pipeline._import_rows import ImportState, Journal
from metier.pipeline._rows import IMPORT
from metier.pipeline._undo_states import TakenOut, taken_out
from metier.profile import same_value
from metier.store import AgedRow, SealedRow

OPEN: Final = frozenset({"preference", "goal", "level", "style", "language"})
"""Categories of which a key alone ("algebra": 0.7) is a subject and says nothing of a person."""
_GONE: Final = object()

Says = Callable[[str], bool]
Cleaned = Callable[[Mapping[str, Json]], Mapping[str, Json]]


def cleaner(fact: Fact, says: Says, states_it: Says) -> Cleaned:
    """Takes a fact out of the state of a plugin.

    Args:
        says: whether a text has the fact's value in it.
        states_it: whether a text is a statement of the fact.
    """

    def told(key: str) -> bool:
        return states_it(key) or (fact.category not in OPEN and says(key))

    def tells(text: str) -> bool:
        return says(text) or states_it(text)

    def cleaned(state: Mapping[str, Json]) -> dict[str, Json]:
        return {k: v for k, old in state.items()
                if not told(k) and (v := _left(old, tells, told)) is not _GONE}  # fmt: skip

    return cleaned


def plugin_states(
    change: Change,
    states: Mapping[str, Mapping[str, Json]],
    versions: Mapping[str, str],
    cleaned: Cleaned,
) -> tuple[tuple[SealedRow, ...], tuple[TakenOut, ...]]:
    """The states of plugins that say the fact, without what says it; and what was taken out.

    Args:
        versions: of the plugins, by their names.
    """
    rows, out = [], []
    for plugin, state in states.items():
        left = cleaned(state)
        if left != state:
            rows.append(SealedRow(plugin, change.seal("plugin_state", plugin, orjson.dumps(left))))
            out.append(taken_out(plugin, versions.get(plugin, ""), state, left))
    return tuple(rows), tuple(out)


def _left(value: Any, says: Says, told: Says) -> Any:
    """What is left of an entry; `_GONE` where it says the fact itself."""
    if isinstance(value, str):
        return _GONE if says(value) else value
    if isinstance(value, list):
        return [left for each in value if (left := _left(each, says, told)) is not _GONE]
    if isinstance(value, Mapping):
        if any(isinstance(v, str) and says(v) for v in value.values()):
            return _GONE
        return {
            k: left
            for k, each in value.items()
            if not told(k) and (left := _left(each, says, told)) is not _GONE
        }
    return value


def import_row(
    change: Change, row: str, data: bytes, fact: Fact, gone: frozenset[str], says: Says
) -> AgedRow | None:
    """A row of an import without what it tells of the fact; None where it tells nothing.

    Args:
        gone: ids of the facts that are forgotten.
    """
    at = change.at("memory", row)
    if row.removeprefix(IMPORT).count("/"):
        journal = Journal.decode(data)
        left = replace(
            journal,
            before={
                i: b for i, b in journal.before.items()
                if i not in gone and not (b.value is not None and same_value(b.value, fact.value))
            },
            after={i: a for i, a in journal.after.items() if i not in gone},
            new=tuple(i for i in journal.new if i not in gone),
            ended=tuple(i for i in journal.ended if i not in gone),
            told=tuple(i for i in journal.told if i not in gone),
        )  # fmt: skip
        if left == journal:
            return None
        encoded = left.encode()
    else:
        did = ImportState.decode(data)
        if not says(did.name):
            return None
        encoded = replace(did, name="").encode()
    return AgedRow(row, change.seal("memory", row, encoded, at), at)
