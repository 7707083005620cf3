"""What forgetting took out of the states of plugins, and how it is put back.

A state is the plugin's own, in a form that the core doesn't know, and it goes on changing. So
what was there is put back only where its surroundings are as forgetting left them: an entry of
a record whose place is empty still, an item of a list to which things were only added since.
Everything else stays as it is now, and the person is told of which plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from metier.model import Json

_NOTHING: Final = object()
"""In the place of what is not there; JSON's null is something."""


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What forgetting took out of the state of one plugin.

    Args:
        version: of the plugin then; another may keep its state in another form.
        before, left: the entries that were changed, as they were and as they were left.
    """

    plugin: str
    version: str
    before: Mapping[str, Json]
    left: Mapping[str, Json]


def taken_out(
    plugin: str, version: str, before: Mapping[str, Json], left: Mapping[str, Json]
) -> TakenOut:
    """The entries in which two states differ."""
    differ = {k: old for k, old in before.items() if left.get(k, _NOTHING) != old}
    return TakenOut(plugin, version, differ, {k: left[k] for k in differ if k in left})


def put_back(taken: TakenOut, now: Mapping[str, Json]) -> tuple[dict[str, Json], bool]:
    """The state of a plugin with what was taken out of it.

    Returns:
        The state, and whether all of it is there again.
    """
    return _merged(taken.before, taken.left, now)


def _back(before: Any, left: Any, now: Any) -> tuple[Any, bool]:
    """A value that was there, was left so, and is so now: put back where nothing else came."""
    if now is _NOTHING or left is _NOTHING:
        return (before, True) if now is left else (now, False)
    if now == left:
        return before, True
    if isinstance(before, Mapping) and isinstance(left, Mapping) and isinstance(now, Mapping):
        return _merged(before, left, now)
    if isinstance(before, list) and isinstance(left, list) and isinstance(now, list):
        added = now[len(left) :]
        return ([*before, *added], True) if now[: len(left)] == left else (now, False)
    return now, False


def _merged(
    before: Mapping[str, Any], left: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    found, whole = dict(now), True
    for key, old in before.items():
        kept = left.get(key, _NOTHING)
        if kept == old:
            continue  # it was not touched, and may have changed since
        value, done = _back(old, kept, now.get(key, _NOTHING))
        whole = whole and done
        if value is not _NOTHING:
            found[key] = value
    return found, whole
