"""The map between values and what stands for them, of one conversation and actor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from metier.model import MetierError
from metier.privacy._grammar import PSEUDONYM as PSEUDONYM
from metier.privacy._grammar import new_code, written
from metier.privacy._known import KnownValues
from metier.privacy._persons import Name, read_name, same_person

_VERSION = 2
_FORMS = 99


class PrivacyError(MetierError):
    """Personal data could not be found or put back safely. Nothing was sent."""

    def __init__(self, message: str, *, code: str = "privacy_failed", status: int = 500) -> None:
        super().__init__(message, code=code, status=status)


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One hidden value and what stands for it.

    Args:
        pseudonym: what is sent instead: `<PERSON_7KQ2M>`, or a stand-in that
            looks like a value where the policy asks for one.
        entity: entity type.
        value: as written.
        number: True where it was a number in JSON, and is one again when restored.
    """

    pseudonym: str
    entity: str
    value: str
    number: bool = False

    @property
    def plain(self) -> bool:
        """Whether the pseudonym is a stand-in and not a placeholder."""
        return PSEUDONYM.fullmatch(self.pseudonym) is None

    def __repr__(self) -> str:
        return f"Entry({'a stand-in' if self.plain else self.pseudonym})"


@dataclass(frozen=True, slots=True, repr=False)
class Hidden:
    """A value that must be hidden.

    Args:
        entity, value, number: as in `Entry`.
        stand_in: proposes a stand-in, or None for a placeholder.
        lost: what is shown instead of a value that can't come back.
    """

    entity: str
    value: str
    number: bool = False
    stand_in: Callable[[], str] | None = None
    lost: str | None = None


class Vault:
    """Values and their pseudonyms; adding returns a new vault.

    Codes are random, never derived from the value, and stay the same all
    through a conversation. Each spelling has a pseudonym of its own, because
    restoring must give back the very spelling; spellings of one value, and
    names of one person, share the code.

    Args:
        entries: what is known already.
        lost: values that were hidden for good, with what was shown instead.
            They are looked for while the turn lasts and never stored.
    """

    def __init__(
        self, entries: Iterable[Entry] = (), lost: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self._entries = MappingProxyType({e.pseudonym: e for e in entries})
        self._lost = MappingProxyType(dict(lost or {}))

    @classmethod
    def new(cls) -> Vault:
        """An empty vault."""
        return cls()

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Pseudonym to entry."""
        return self._entries

    @property
    def lost(self) -> Mapping[tuple[str, str], str]:
        """(entity, value) hidden for good in this turn, and what is shown instead."""
        return self._lost

    @cached_property
    def known(self) -> KnownValues:
        """Finds this vault's values, and parts of its names, in other texts."""
        values = [(e.entity, e.value) for e in self._entries.values()]
        return KnownValues((*values, *self._lost))

    @cached_property
    def _by_value(self) -> Mapping[tuple[str, str, bool], Entry]:
        return {(e.entity, e.value, e.number): e for e in self._entries.values()}

    @cached_property
    def _by_code(self) -> Mapping[tuple[str, int], Entry]:
        return {_place(e.pseudonym): e for e in self._entries.values() if not e.plain}

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Every pseudonym without its brackets."""
        return frozenset(e.pseudonym[1:-1] for e in self._entries.values() if not e.plain)

    @cached_property
    def bare_prefixes(self) -> frozenset[str]:
        """Every beginning of every pseudonym without its brackets, itself included."""
        return frozenset(p[:i] for p in self.labelled for i in range(1, len(p) + 1))

    @cached_property
    def stand_ins(self) -> Mapping[str, Entry]:
        """Entries whose pseudonym looks like a value."""
        return {e.pseudonym: e for e in self._entries.values() if e.plain}

    def value(self, pseudonym: str) -> str | None:
        """The value behind exactly this pseudonym, or None."""
        entry = self._entries.get(pseudonym)
        return entry.value if entry else None

    def find(self, code: str, form: int) -> Entry | None:
        """The entry of a code, whatever its label.

        Where the model made up another number of a spelling, the first stands
        in: it is the same person or value.
        """
        entry = self._by_code.get((code, form))
        return entry or self._by_code.get((code, 1))

    def shown(self, entity: str, value: str, number: bool = False) -> str | None:
        """What stands for a value already in the vault, or None."""
        entry = self._by_value.get((entity, value, number))
        return entry.pseudonym if entry else self._lost.get((entity, value))

    def adding(self, values: Iterable[Hidden], avoid: Iterable[str] = ()) -> Vault:
        """A vault that also knows these values; self if it knows them all.

        Args:
            values: what must be hidden.
            avoid: texts in which no new code or stand-in may occur.

        Raises:
            PrivacyError: no free code is left.
        """
        wanted = {(v.entity, v.value, v.number): v for v in values}
        fresh = [v for key, v in wanted.items() if self.shown(*key) is None]
        if not fresh:
            return self
        texts = tuple(avoid)
        entries, lost = dict(self._entries), dict(self._lost)
        names = {v.value: read_name(v.value) for v in fresh if v.entity == "PERSON"}
        index = _Identities(self._entries.values(), names.values())
        # Full names first, so that a part finds the person it belongs to.
        for hidden in sorted(fresh, key=lambda v: _fullness(names.get(v.value)), reverse=True):
            if hidden.lost is not None:
                lost[hidden.entity, hidden.value] = hidden.lost
                continue
            pseudonym = _stand_in(hidden, entries, texts) or index.add(hidden, texts)
            entries[pseudonym] = Entry(pseudonym, hidden.entity, hidden.value, hidden.number)
        return Vault(entries.values(), lost)

    def joined(self, other: Vault) -> Vault:
        """A vault with the entries of both; codes are random, so none is in both by chance."""
        return Vault({**other.entries, **self._entries}.values(), {**other.lost, **self._lost})

    def dumps(self) -> bytes:
        """The vault as bytes, in clear: seal them with the subject's key.

        Values hidden for good aren't part of it.
        """
        rows = [[e.pseudonym, e.entity, e.value, e.number] for e in self._entries.values()]
        return json.dumps({"version": _VERSION, "entries": rows}, separators=(",", ":")).encode()

    @classmethod
    def loads(cls, data: bytes) -> Vault:
        """The vault that `dumps` wrote.

        Raises:
            PrivacyError: the bytes are not a vault of this version.
        """
        try:
            body = json.loads(data)
            if body["version"] != _VERSION:
                raise ValueError
            entries = [Entry(str(p), str(e), str(v), bool(n)) for p, e, v, n in body["entries"]]
            if not all(e.pseudonym for e in entries):
                raise ValueError
        except (ValueError, KeyError, TypeError, UnicodeDecodeError):
            raise PrivacyError(
                "The stored vault cannot be read: it is damaged or of another version; "
                "restore it from a backup or start a new conversation",
                code="vault_broken",
            ) from None
        return cls(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vault):
            return NotImplemented
        return dict(self._entries) == dict(other._entries)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Vault({len(self)} values)"


def _place(pseudonym: str) -> tuple[str, int]:
    """The code and the form number of a pseudonym."""
    body = pseudonym[1:-1]
    head, _, tail = body.rpartition("_")
    if tail.isdigit() and len(tail) <= 2:
        return head.rpartition("_")[2], int(tail)
    return tail, 1


def _fullness(name: Name | None) -> tuple[bool, int, bool, int]:
    """How much a name says; what is no name comes last."""
    if name is None:
        return False, 0, False, 0
    told = bool(name.generation or name.sex)
    return name.full, len(name.parts), told, sum(map(len, name.parts))


def _canonical(entity: str, value: str) -> tuple[str, str]:
    """What is the same in all spellings of a value: its letters and digits."""
    plain = "".join(c for c in value.casefold() if c.isalnum())
    return entity, plain or value


def _stand_in(hidden: Hidden, entries: Mapping[str, Entry], avoid: tuple[str, ...]) -> str | None:
    if hidden.stand_in is None:
        return None
    person = hidden.entity == "PERSON"
    parts = read_name(hidden.value).parts if person else (hidden.value.casefold(),)
    for _ in range(50):
        proposed = hidden.stand_in()
        telling = any(part in proposed.casefold() for part in parts)
        if not telling and proposed not in entries and not any(proposed in text for text in avoid):
            return proposed
    return None  # a placeholder is always free


class _Identities:
    """Which code a value gets: that of the same value or person, or a new one."""

    def __init__(self, entries: Iterable[Entry], coming: Iterable[Name]) -> None:
        self._coming = tuple(coming)
        self._codes: dict[tuple[str, str], str] = {}
        self._persons: dict[str, list[Name]] = {}
        self._forms: dict[str, int] = {}
        for entry in entries:
            if not entry.plain:
                code, form = _place(entry.pseudonym)
                self._keep(entry.entity, entry.value, code, form)

    def _keep(self, entity: str, value: str, code: str, form: int) -> None:
        self._forms[code] = max(form, self._forms.get(code, 0))
        if entity == "PERSON":
            self._persons.setdefault(code, []).append(read_name(value))
        else:
            self._codes.setdefault(_canonical(entity, value), code)

    def add(self, hidden: Hidden, avoid: tuple[str, ...]) -> str:
        """The pseudonym of a new value."""
        if hidden.entity == "PERSON":
            code = same_person(read_name(hidden.value), self._persons, self._coming)
        else:
            code = self._codes.get(_canonical(hidden.entity, hidden.value))
        if code is None or self._forms[code] >= _FORMS:
            code = self._fresh(avoid)
        form = self._forms.get(code, 0) + 1
        self._keep(hidden.entity, hidden.value, code, form)
        return written(hidden.entity, code, form)

    def _fresh(self, avoid: tuple[str, ...]) -> str:
        try:
            return new_code(lambda c: c in self._forms or any(c in text for text in avoid))
        except RuntimeError:
            raise PrivacyError("The vault has no free pseudonym left") from None
