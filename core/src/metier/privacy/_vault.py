"""The map between values and what stands for them, of one conversation and actor."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from metier.model import MetierError
from metier.privacy._grammar import PSEUDONYM as PSEUDONYM
from metier.privacy._grammar import new_code, written
from metier.privacy._known import KnownValues
from metier.privacy._layers import Layers
from metier.privacy._needles import Needles
from metier.privacy._people import Coming, People
from metier.privacy._persons import Name, read_name

_VERSION = 2
_FORMS = 99
_CODE = re.compile(r"(?=([A-Z2-7]{5}))")
"""Everything in a text that a code could be, overlapping."""
_WINDOW = 6


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
        self._entries = Layers({e.pseudonym: e for e in entries})
        self._lost = Layers(lost)

    @classmethod
    def new(cls) -> Vault:
        """An empty vault."""
        return cls()

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Pseudonym to entry."""
        return MappingProxyType(self._entries)

    @property
    def lost(self) -> Mapping[tuple[str, str], str]:
        """(entity, value) hidden for good in this turn, and what is shown instead."""
        return MappingProxyType(self._lost)

    @cached_property
    def known(self) -> KnownValues:
        """Finds this vault's values, and parts of its names, in other texts."""
        return self._known.followed_by(self._known_lost)

    # What is built when it is first asked for; `adding` hands it on with what is added.

    @cached_property
    def _known(self) -> KnownValues:
        return KnownValues((e.entity, e.value) for e in self._entries.values())

    @cached_property
    def _known_lost(self) -> KnownValues:
        return KnownValues(self._lost)

    @cached_property
    def _places(self) -> _Places:
        return _Places(self._entries.values())

    @cached_property
    def _identities(self) -> _Identities:
        return _Identities(self._entries.values())

    @cached_property
    def bare_prefixes(self) -> frozenset[str]:
        """Every beginning of every pseudonym without its brackets, itself included."""
        bare = (e.pseudonym[1:-1] for e in self._entries.values() if not e.plain)
        return frozenset(p[:i] for p in bare for i in range(1, len(p) + 1))

    @property
    def stand_ins(self) -> Mapping[str, Entry]:
        """Entries whose pseudonym looks like a value."""
        return MappingProxyType(self._places.stand_ins)

    @cached_property
    def stand_in_prefixes(self) -> frozenset[str]:
        """Every beginning of every stand-in, itself included."""
        return frozenset(s[:i] for s in self.stand_ins for i in range(1, len(s) + 1))

    @cached_property
    def longest_stand_in(self) -> int:
        """Characters of the longest stand-in; 0 where there is none."""
        return max(map(len, self.stand_ins), default=0)

    def stand_ins_in(self, text: str, in_json: bool = False) -> Iterator[tuple[int, int, Entry]]:
        """Where stand-ins are, with their entries: sorted, the longest first, they may overlap.

        Args:
            text: any text.
            in_json: whether it is JSON, in which quotes and backslashes are escaped.
        """
        for begin, end, stand_in in self._places.needles.find(text):
            if text[begin:end] == (as_in_json(stand_in) if in_json else stand_in):
                yield begin, end, self.stand_ins[stand_in]

    def value(self, pseudonym: str) -> str | None:
        """The value behind exactly this pseudonym, or None."""
        entry = self._entries.get(pseudonym)
        return entry.value if entry else None

    def find(self, code: str, form: int) -> Entry | None:
        """The entry of a code, whatever its label.

        Where the model made up another number of a spelling, the first stands
        in: it is the same person or value.
        """
        by_code = self._places.by_code
        return by_code.get((code, form)) or by_code.get((code, 1))

    def shown(self, entity: str, value: str, number: bool = False) -> str | None:
        """What stands for a value already in the vault, or None."""
        entry = self._places.by_value.get((entity, value, number))
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
        texts = _Texts(avoid)
        names = {v.value: read_name(v.value) for v in fresh if v.entity == "PERSON"}
        coming = Coming(names.values())
        identities = self._identities.copy()
        entries: dict[str, Entry] = {}
        lost: dict[tuple[str, str], str] = {}
        # Full names first, so that a part finds the person it belongs to.
        for hidden in sorted(fresh, key=lambda v: _fullness(names.get(v.value)), reverse=True):
            if hidden.lost is not None:
                lost[hidden.entity, hidden.value] = hidden.lost
                continue
            taken = (self._entries, entries)
            pseudonym = _stand_in(hidden, taken, texts) or identities.add(hidden, coming, texts)
            entries[pseudonym] = Entry(pseudonym, hidden.entity, hidden.value, hidden.number)
        return self._grown(entries, lost, identities)

    def _grown(
        self,
        entries: Mapping[str, Entry],
        lost: Mapping[tuple[str, str], str],
        identities: _Identities,
    ) -> Vault:
        """A vault with new entries; costs no more than these, since it shares the rest."""
        vault = Vault()
        vault._entries, vault._lost = self._entries.copy(), self._lost.copy()
        vault._entries.update(entries)
        vault._lost.update(lost)
        vault._identities = identities
        vault._places = self._places.adding(entries.values())
        vault._known = self._known.adding((e.entity, e.value) for e in entries.values())
        vault._known_lost = self._known_lost.adding(lost) if lost else self._known_lost
        return vault

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
        return self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Vault({len(self)} values)"


def as_in_json(value: str) -> str:
    """A value as it is written between the quotes of JSON."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


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


def _stand_in(hidden: Hidden, taken: Iterable[Container[str]], avoid: _Texts) -> str | None:
    if hidden.stand_in is None:
        return None
    person = hidden.entity == "PERSON"
    parts = read_name(hidden.value).parts if person else (hidden.value.casefold(),)
    for _ in range(50):
        proposed = hidden.stand_in()
        telling = any(part in proposed.casefold() for part in parts)
        if not proposed or telling:
            continue
        if not any(proposed in one for one in taken) and not avoid.hold(proposed):
            return proposed
    return None  # a placeholder is always free


class _Texts:
    """Texts in which nothing new may occur."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)
        self._windows: dict[int, set[str]] = {}

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(code for text in self._texts for code in _CODE.findall(text))

    def hold_code(self, code: str) -> bool:
        """Whether a code occurs in one of the texts."""
        return code in self._codes

    def hold(self, wanted: str) -> bool:
        """Whether a string occurs in one of the texts.

        Few strings have all their windows in the texts; only for these the texts are read.
        """
        size = min(len(wanted), _WINDOW)
        windows = self._windows.get(size)
        if windows is None:
            windows = self._windows[size] = {
                text[at : at + size] for text in self._texts for at in range(len(text) - size + 1)
            }
        starts = range(len(wanted) - size + 1)
        return all(wanted[at : at + size] in windows for at in starts) and any(
            wanted in text for text in self._texts
        )


class _Places:
    """Where entries are found, but for their pseudonyms."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.by_value: Layers[tuple[str, str, bool], Entry] = Layers()
        self.by_code: Layers[tuple[str, int], Entry] = Layers()
        self.stand_ins: Layers[str, Entry] = Layers()
        self.needles = Needles()
        """The stand-ins, also as JSON writes them."""
        self._add(entries)

    def _add(self, entries: Iterable[Entry]) -> None:
        new: dict[str, str] = {}
        for entry in entries:
            self.by_value[entry.entity, entry.value, entry.number] = entry
            if entry.plain:
                self.stand_ins[entry.pseudonym] = entry
                new[entry.pseudonym] = new[as_in_json(entry.pseudonym)] = entry.pseudonym
            else:
                self.by_code[_place(entry.pseudonym)] = entry
        self.needles = self.needles.adding(new)

    def adding(self, entries: Iterable[Entry]) -> _Places:
        """These with more entries."""
        places = _Places()
        places.by_value = self.by_value.copy()
        places.by_code = self.by_code.copy()
        places.stand_ins, places.needles = self.stand_ins.copy(), self.needles
        places._add(entries)
        return places


class _Identities:
    """Which code a value gets: that of the same value or person, or a new one."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._codes: Layers[tuple[str, str], str] = Layers()
        self._people = People()
        self._forms: Layers[str, int] = Layers()
        for entry in entries:
            if not entry.plain:
                code, form = _place(entry.pseudonym)
                self._keep(entry.entity, entry.value, code, form)

    def copy(self) -> _Identities:
        """The same, to which values can be added."""
        twin = _Identities()
        twin._codes, twin._forms = self._codes.copy(), self._forms.copy()
        twin._people = self._people.copy()
        return twin

    def _keep(self, entity: str, value: str, code: str, form: int) -> None:
        self._forms[code] = max(form, self._forms.get(code, 0))
        if entity == "PERSON":
            self._people.add(code, read_name(value))
        else:
            self._codes.setdefault(_canonical(entity, value), code)

    def add(self, hidden: Hidden, coming: Coming, avoid: _Texts) -> str:
        """The pseudonym of a new value."""
        if hidden.entity == "PERSON":
            code = self._people.owner(read_name(hidden.value), coming)
        else:
            code = self._codes.get(_canonical(hidden.entity, hidden.value))
        if code is None or self._forms[code] >= _FORMS:
            code = self._fresh(avoid)
        form = self._forms.get(code, 0) + 1
        self._keep(hidden.entity, hidden.value, code, form)
        return written(hidden.entity, code, form)

    def _fresh(self, avoid: _Texts) -> str:
        try:
            return new_code(lambda c: c in self._forms or avoid.hold_code(c))
        except RuntimeError:
            raise PrivacyError("The vault has no free pseudonym left") from None
