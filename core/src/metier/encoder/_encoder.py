"""Text to vectors with all-MiniLM-L6-v2, through fastembed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.encoder._build import MAX_TOKENS
from metier.encoder._files import GRAPH, SOURCE_HASHES, TOKENIZER, ModelBroken, verify
from metier.encoder._language import han_share
from metier.encoder._recent import Recent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "Encoder", "Measured", "ModelBroken"]

DIMENSIONS = 384
_NAME = "metier/all-minilm-l6-v2-int8"
_SPECIAL = 2  # [CLS] and [SEP]
_UNKNOWN = "[UNK]"
_OVERLAP = 32
_BATCH = 16
_LATIN = 0.8
_HAN = 0.2
_register = threading.Lock()


@dataclass(frozen=True, slots=True)
class Measured:
    """How much of a text the model reads.

    Args:
        tokens: of the text.
        unknown: those of them that it knows nothing of.
    """

    tokens: int
    unknown: int


class Encoder:
    """The embedding model; safe to use from several threads.

    It knows uncased English. Ask `supports` first: for other text its vectors
    are noise (72 % of Han characters are unknown to it), and what rests on
    words has to serve.
    """

    name = "all-minilm-l6-v2"
    languages = ("en",)
    dimensions = DIMENSIONS
    max_tokens = MAX_TOKENS
    fingerprint = f"{_NAME}@{SOURCE_HASHES['model.safetensors'][:16]}"
    """Vectors of one fingerprint can be compared, on whichever machine they were made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._model: Any = None
        self._tokenizer: Any = None
        self._recent = Recent()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens the model in the folder that `build_model` wrote.

        Every file is checked against its hash here; the model itself is read
        into memory at the first `encode`.

        Raises:
            ModelMissing: where no model is there.
            ModelBroken: where a file is not the one that was built.
        """
        verify(path)
        return cls(path)

    def supports(self, text: str) -> bool:
        """Whether the model's vector of `text` means something: English-like text."""
        letters = [c for c in text if c.isalpha()]
        if not letters:
            return False
        latin = sum(1 for c in letters if c < "\u0250")
        return latin / len(letters) >= _LATIN and han_share(text) < _HAN

    def measure(self, texts: Sequence[str]) -> list[Measured]:
        """How many tokens the texts have, and how many of those the model doesn't know."""
        self._loaded()
        unknown = self._tokenizer.token_to_id(_UNKNOWN)
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Measured(len(each.ids), each.ids.count(unknown)) for each in found]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`: shape (n, 384), float32, of length 1.

        A text of more than `max_tokens` tokens is cut into overlapping windows
        and gets the mean of their vectors, weighted by their tokens. What was
        encoded a moment ago is not encoded again: stages of a turn ask for the
        same texts, and so do turns for the queries of plugins.
        """
        import numpy as np

        known = self._recent.all_of(texts)
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            made = dict(zip(fresh, self._made(fresh), strict=True))
            self._recent.keep(made)
            known |= made
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([known[text] for text in texts])

    def _made(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, by the network."""
        import numpy as np

        model = self._loaded()
        windows: list[str] = []
        owners: list[int] = []
        weights: list[int] = []
        for number, text in enumerate(texts):
            for window, tokens in self._windows(text):
                windows.append(window)
                owners.append(number)
                weights.append(tokens)
        result = np.zeros((len(texts), DIMENSIONS), np.float32)
        # Texts of like length share a batch: padding costs as much as text.
        order = sorted(range(len(windows)), key=lambda i: weights[i])
        vectors = _embedded(model, [windows[i] for i in order])
        for i, vector in zip(order, vectors, strict=True):
            result[owners[i]] += vector * max(1, weights[i])
        norms = np.linalg.norm(result, axis=1, keepdims=True)
        scaled: NDArray[np.float32] = result / np.maximum(norms, 1e-12)
        return scaled

    def _windows(self, text: str) -> list[tuple[str, int]]:
        """The pieces of `text` the model can take, each with its number of tokens."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        count, room = len(encoding.ids), MAX_TOKENS - _SPECIAL
        if count <= room:
            return [(text, count)]
        offsets = encoding.offsets
        pieces = []
        for start in range(0, count - _OVERLAP, room - _OVERLAP):
            end = min(start + room, count)
            pieces.append((text[offsets[start][0] : offsets[end - 1][1]], end - start))
        return pieces

    def _loaded(self) -> Any:
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._tokenizer = self._load_tokenizer()
                    self._model = self._load()
        return self._model

    def _load_tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._path / TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _load(self) -> Any:
        # Nothing here needs a network; these keep the hub's client from trying.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from fastembed import TextEmbedding
        from fastembed.common.model_description import ModelSource, PoolingType

        with _register:
            if all(m["model"] != _NAME for m in TextEmbedding.list_supported_models()):
                TextEmbedding.add_custom_model(
                    model=_NAME,
                    pooling=PoolingType.MEAN,
                    normalization=True,
                    sources=ModelSource(url="local"),
                    dim=DIMENSIONS,
                    model_file=GRAPH,
                )
        return TextEmbedding(
            model_name=_NAME,
            cache_dir=str(self._path),
            specific_model_path=str(self._path),
            threads=1,
            providers=["CPUExecutionProvider"],
            local_files_only=True,
        )


def _embedded(model: Any, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
    """The vector of each text that the network can take whole; batches share the cores."""
    batches = [texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
    if len(batches) <= 1:
        yield from model.embed(list(texts), batch_size=_BATCH)
        return
    with ThreadPoolExecutor(min(_cores(), len(batches))) as pool:
        for vectors in pool.map(lambda batch: list(model.embed(batch)), batches):
            yield from vectors


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
