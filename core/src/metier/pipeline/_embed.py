"""Vectors of texts for whoever asks: made here, by the encoder that turns use, and kept nowhere.

What the encoder can't read gets no vector: one would look like any other and mean nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from metier.audit import AuditEvent, Detail
from metier.encoder import Encoder, Measured
from metier.model import Actor, BadRequest, MetierError
from metier.pipeline._state import Parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 8192
"""Of one text; what is longer is a document, whose passages have vectors of their own."""
_AT_A_TIME = 16
_WAITING = 64
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, repr=False)
class Embedded:
    """Vectors of texts.

    Args:
        vectors: shape (texts, dimensions), float32, each of length 1.
        measured: how much of each text the encoder has read.
    """

    vectors: NDArray[np.float32]
    measured: Sequence[Measured]


class EncoderQueue:
    """Lets one piece of work at a time run, in a thread; in the order they come.

    Args:
        most: how many callers may wait.
    """

    def __init__(self, most: int = _WAITING) -> None:
        self._most = most
        self._waiting = 0
        self._gate = asyncio.Lock()

    async def run(self, works: Sequence[Callable[[], _T]]) -> list[_T]:
        """Runs the works of one caller; those of others come in between.

        Raises:
            MetierError: 429, where too many wait.
        """
        if self._waiting >= self._most:
            raise MetierError(
                "Too many texts wait for their vectors. Try again in a moment.",
                code="embeddings_busy", status=429,
            )  # fmt: skip
        self._waiting += 1
        try:
            found = []
            for work in works:
                async with self._gate:
                    found.append(await asyncio.to_thread(work))
            return found
        finally:
            self._waiting -= 1


async def embed(parts: Parts, actor: Actor, texts: Sequence[str], queue: EncoderQueue) -> Embedded:
    """The vectors of texts; the log tells how many, and nothing of them.

    Raises:
        BadRequest: a text is empty, too long, or the encoder can't read it.
        MetierError: there is no encoder, or too many wait for it.
    """
    import numpy as np

    def read() -> tuple[Encoder, list[Measured]]:
        encoder = parts.encoder()
        if encoder is None:
            raise MetierError(
                'This server has no embedding model: `embeddings` is "none" in metier.toml. Set it '
                'to "minilm", run `metier models fetch`, and start the server again.',
                code="model_not_found", status=404, param="model",
            )  # fmt: skip
        measured = encoder.measure(texts)
        for place, (text, each) in enumerate(zip(texts, measured, strict=True)):
            _check(encoder, text, each, place)
        return encoder, measured

    ((encoder, measured),) = await queue.run([read])
    pieces = [texts[start : start + _AT_A_TIME] for start in range(0, len(texts), _AT_A_TIME)]
    made = await queue.run([partial(encoder.encode, piece) for piece in pieces])
    tokens = sum(each.tokens for each in measured)
    detail: Detail = {"model": encoder.name, "texts": len(texts), "tokens": tokens}
    await parts.audit.append(AuditEvent("texts-embedded", actor.id, "", actor.tenant, detail))
    return Embedded(np.concatenate(made), measured)


def _check(encoder: Encoder, text: str, measured: Measured, place: int) -> None:
    where = f"input[{place}]"
    if not text.strip():
        raise BadRequest(f"{where} is empty. Leave it out.", param=where)
    if measured.tokens > MOST_TOKENS:
        raise BadRequest(
            f"{where} has more than {MOST_TOKENS:,} tokens. Send its passages one by one.",
            code="text_too_long",
            param=where,
        )
    if not encoder.supports(text) or measured.unknown * 2 >= measured.tokens:
        raise BadRequest(
            f"{where} can't be read by the embedding model, which knows English. Its vector would "
            "mean nothing, so there is none. POST /v1/search finds texts in other languages by "
            "their words.",
            code="language_not_supported",
            param=where,
        )
