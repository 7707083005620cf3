"""Vectors of the texts that were encoded last."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_MOST = 256
"""Vectors that are kept: about as many as the turns that a process has under way ask for."""
_FEW = 16
"""Texts of one call that are kept; an import of thousands would push out all others."""


class Recent:
    """A small map from texts to vectors that keeps no text and writes nothing down.

    The key is a keyed BLAKE2b digest under a random key of this process, so what a vector is of
    can't be looked up from outside. A vector gives away something of its text, so few are kept,
    and the one not asked for longest goes first. Used by several threads at once.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def all_of(self, texts: Sequence[str]) -> dict[str, Vector]:
        """The vectors of those texts that are known."""
        if len(texts) > _FEW:
            return {}
        keys = {text: self._digest(text) for text in texts}
        found: dict[str, Vector] = {}
        with self._lock:
            for text, key in keys.items():
                vector = self._vectors.get(key)
                if vector is not None:
                    self._vectors.move_to_end(key)
                    found[text] = vector
        return found

    def keep(self, made: Mapping[str, Vector]) -> None:
        """Keeps the vectors of few texts."""
        if len(made) > _FEW:
            return
        keys = {self._digest(text): vector.copy() for text, vector in made.items()}
        with self._lock:
            self._vectors.update(keys)
            while len(self._vectors) > _MOST:
                self._vectors.popitem(last=False)

    def _digest(self, text: str) -> bytes:
        content = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, digest_size=16, key=self._key).digest()
