"""Text classification heads: what kind of text this is, how sure that is, or that it is neither."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.learning._container import broken, pack, unpack
from metier.learning._features import FEATURES, joined, rows_of
from metier.learning._fit import softmax

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

    Rows = NDArray[np.float32]

ENCODER = "all-minilm-l6-v2-int8"
"""Whose vectors the heads were fitted on."""
SHIPPED = Path(__file__).parent / "heads"
"""Where the heads are that metier ships."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a head says of a text.

    Args:
        label: the likeliest; "" where it isn't sure enough, or the text is of another kind.
        probability: of the likeliest label, calibrated.
        likeliest: the label even where the head abstains.
        probabilities: of every label.
    """

    label: str
    probability: float
    likeliest: str
    probabilities: Mapping[str, float]


class Head:
    """A multinomial logistic regression over n-grams and the encoder's vector.

    Safe to use from several threads. The vectors are optional at every call: a head says how
    good it is with and without them. `outside` is the label of texts that are of none, where it
    was fitted on such; the head abstains for those too.
    """

    def __init__(self, header: dict[str, Any], arrays: dict[str, Rows]) -> None:
        try:
            features = header["features"]
            self.name: str = header["name"]
            self.version: str = header["version"]
            self.labels: tuple[str, ...] = tuple(header["labels"])
            self.languages: tuple[str, ...] = tuple(header["languages"])
            self.temperature = float(header["temperature"])
            self.threshold = float(header["threshold"])
            self.metrics: Mapping[str, Any] = header["metrics"]
            self.licence: str = header["licence"]
            self.outside = str(header.get("outside", ""))
            columns = int(features["columns"])
            grams = arrays["grams"] * arrays["scale"]
            dense, mean = arrays["dense"], arrays["mean"]
            bias, rarity = arrays["bias"], arrays["rarity"]
        except (KeyError, TypeError, ValueError):
            raise broken("something is missing in its header") from None
        if features.get("version") != FEATURES or features.get("encoder") != ENCODER:
            raise broken("it was fitted on other features than these")
        sides = {
            grams.shape == (columns, len(self.labels)), rarity.shape == (columns,),
            dense.shape == (len(mean), len(self.labels)), bias.shape == (len(self.labels),),
        }  # fmt: skip
        if sides != {True} or self.temperature <= 0:
            raise broken("its arrays don't fit together")
        self._columns, self._rarity, self._mean, self._bias = columns, rarity, mean, bias
        self._grams, self._dense = grams, dense

    @classmethod
    def open(cls, path: Path, sha256: str = "") -> Self:
        """Reads a head.

        Args:
            path: the file.
            sha256: that of the file, in hex, where it must be a certain one.

        Raises:
            MetierError: it can't be read, isn't what was written, or not the certain one.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise broken(error.strerror or type(error).__name__) from None
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            raise broken("it is not the file that was asked for")
        return cls.read(data)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """As `open`, from bytes."""
        return cls(*unpack("head", data))

    def predict(
        self,
        texts: Sequence[str],
        encoder: Encoder | None = None,
        vectors: Rows | None = None,
    ) -> tuple[Prediction, ...]:
        """What kind of text each is.

        Args:
            encoder: for vectors of those texts that it knows; without it n-grams alone serve.
            vectors: where they have been computed already; rows of zeros for texts that the
                encoder doesn't know.
        """
        import numpy as np

        if not texts:
            return ()
        if vectors is None and encoder is not None:
            vectors = vectors_of(texts, encoder)
        sparse = rows_of(texts, self._columns, self._rarity)
        rows = joined(sparse, vectors, self._mean)
        logits = rows[:, : self._columns] @ self._grams + rows[:, self._columns :] @ self._dense
        shares = softmax(logits + self._bias, self.temperature)
        found = []
        for row in shares:
            best = int(np.argmax(row))
            sure = float(row[best])
            likeliest = self.labels[best]
            found.append(
                Prediction(
                    likeliest if self._answers(likeliest, sure) else "", sure, likeliest,
                    {label: float(p) for label, p in zip(self.labels, row, strict=True)},
                )
            )  # fmt: skip
        return tuple(found)

    def _answers(self, likeliest: str, sure: float) -> bool:
        return sure >= self.threshold and likeliest != self.outside


def vectors_of(texts: Sequence[str], encoder: Encoder) -> Rows:
    """The encoder's vectors; rows of zeros for texts that it doesn't know."""
    import numpy as np

    known = [n for n, text in enumerate(texts) if encoder.supports(text)]
    found = np.zeros((len(texts), encoder.dimensions), np.float32)
    if known:
        found[known] = encoder.encode([texts[n] for n in known])
    return found


def write_head(
    header: Mapping[str, Any], coefficients: Rows, bias: Rows, rarity: Rows, mean: Rows
) -> bytes:
    """The bytes of a head; coefficients of n-grams are rounded to one byte each.

    Args:
        header: name, version, labels, languages, temperature, threshold, metrics, licence, and
            `outside` where one of the labels means none of them.
        coefficients: those of the n-grams, then those of the vector.
        rarity: what each n-gram column counts.
        mean: of the vectors.
    """
    import numpy as np

    columns = len(rarity)
    grams, dense = coefficients[:columns], coefficients[columns:]
    scale = np.maximum(np.abs(grams).max(0), 1e-9) / 127
    arrays = {
        "grams": np.round(grams / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "dense": dense.astype(np.float16),
        "bias": bias.astype(np.float32),
        "rarity": rarity.astype(np.float16),
        "mean": mean.astype(np.float16),
    }
    features = {"version": FEATURES, "columns": columns, "encoder": ENCODER}
    return pack("head", {**header, "features": features}, arrays)
