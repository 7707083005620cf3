"""What was found in texts seen before: a conversation repeats its history with every turn."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from metier.model import Span

Candidate = tuple[int, int, str, float]
"""Start, end, entity type, score."""

Seen = tuple[tuple[Candidate, ...], tuple[Candidate, ...], bool]
"""What rules found, what networks found, and whether the text reads plainly."""


class SpanCache:
    """A bounded map from texts to candidates that keeps no text.

    The key is a keyed BLAKE2b digest under a random key of this process, the
    value holds places and types alone. Used by several threads at once.

    Args:
        texts: how many texts are remembered; the one not used for longest goes first.
        spans: how many candidates in all.
    """

    def __init__(self, texts: int = 4096, spans: int = 65_536) -> None:
        self._texts = texts
        self._spans = spans
        self._key = secrets.token_bytes(32)
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def key(self, text: str, models: bool) -> bytes:
        """What a text is found by; `models` says whether networks were asked."""
        person = b"models" if models else b"rules"
        content = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, digest_size=32, key=self._key, person=person).digest()

    def get(self, key: bytes) -> Seen | None:
        """What was found before, or None."""
        with self._lock:
            seen = self._seen.get(key)
            if seen is not None:
                self._seen.move_to_end(key)
            return seen

    def put(self, key: bytes, seen: Seen) -> None:
        """Remembers what was found."""
        size = len(seen[0]) + len(seen[1])
        if size > self._spans // 8:
            return  # one huge text is not worth all the others
        with self._lock:
            old = self._seen.pop(key, None)
            self._size += size - (len(old[0]) + len(old[1]) if old else 0)
            self._seen[key] = seen
            while len(self._seen) > self._texts or self._size > self._spans:
                _, (ruled, guessed, _) = self._seen.popitem(last=False)
                self._size -= len(ruled) + len(guessed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The spans of a text beside known values, and what they depend on.

    Args:
        spans: what was found in the end.
        mark: of all values that were known.
        mention: of those of them that may be in the text; None where all of them count, since it
            doesn't read plainly.
        guessed: the entity types of which networks found something.
        kept: those of them that went out as they are.
    """

    spans: tuple[Span, ...]
    mark: bytes
    mention: bytes | None
    guessed: frozenset[str]
    kept: frozenset[str]

    def beside(self, mark: bytes) -> Outcome:
        """The same beside other values, of which the text holds the same."""
        return Outcome(self.spans, mark, self.mention, self.guessed, self.kept)


_EACH = 3
"""Outcomes of one text that are remembered: without known values, and with those of some."""


class Outcomes:
    """A bounded map from texts to outcomes; as `SpanCache`, it keeps no text.

    Args:
        texts: how many texts are remembered; the one not used for longest goes first.
    """

    def __init__(self, texts: int) -> None:
        self._texts = texts
        self._known: OrderedDict[bytes, tuple[Outcome, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, key: bytes) -> tuple[Outcome, ...]:
        """What is remembered of a text, by `SpanCache.key`; the newest first."""
        with self._lock:
            known = self._known.get(key, ())
            if known:
                self._known.move_to_end(key)
            return known

    def put(self, key: bytes, outcome: Outcome) -> None:
        """Remembers an outcome, in place of an older one for the same values."""
        with self._lock:
            same = outcome.mention
            older = (
                each
                for each in self._known.pop(key, ())
                if each.mark != outcome.mark and (same is None or each.mention != same)
            )
            self._known[key] = (outcome, *older)[:_EACH]
            while len(self._known) > self._texts:
                self._known.popitem(last=False)
