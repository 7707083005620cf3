"""BERTScore-like: token vectors of two texts matched greedily.

Zhang et al., "BERTScore: Evaluating Text Generation with BERT", ICLR 2020, section 3: the
cosine of each token with its nearest in the other text, averaged to precision and recall.
Ours takes the last layer of the shared encoder (all-MiniLM-L6-v2, int8) and no idf weights,
so that figures compare among themselves and not with published ones. English only: the model
doesn't know Han characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.encoder import Encoder
from metier.encoder._build import MAX_TOKENS
from metier.encoder._files import GRAPH, TOKENIZER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


class TokenVectors:
    """The vectors of a text's tokens, of length 1, without those of [CLS] and [SEP].

    Meant to become a method of the encoder, whose files it reads.
    """

    def __init__(self, path: Path) -> None:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        self._encoder = Encoder.open(path)
        options = SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = InferenceSession(
            str(path / GRAPH), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = Tokenizer.from_file(str(path / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._known: dict[str, Vectors] = {}

    @classmethod
    def of(cls, home: Path) -> Self | None:
        """From the model in a home; None where there is none.

        Raises:
            ModelBroken: a file of the model is not the one that was built.
        """
        path = home / "model"
        return cls(path) if path.is_dir() else None

    def supports(self, text: str) -> bool:
        return self._encoder.supports(text)

    def __call__(self, text: str) -> Vectors:
        """Shape (tokens, 384); of a text over the model's limit only what it reads."""
        import numpy as np

        if text not in self._known:
            encoding = self._tokenizer.encode(text)
            ids = np.array([encoding.ids], np.int64)
            states = self._session.run(
                ["last_hidden_state"],
                {
                    "input_ids": ids,
                    "attention_mask": np.ones_like(ids),
                    "token_type_ids": np.zeros_like(ids),
                },
            )[0][0, 1:-1]
            norms = np.linalg.norm(states, axis=1, keepdims=True)
            self._known[text] = (states / np.maximum(norms, 1e-12)).astype(np.float32)
        return self._known[text]


def greedy_f1(candidate: Vectors, reference: Vectors) -> float:
    """F1 of greedy matching, for vectors of length 1; 0 where a text has no token."""
    if not len(candidate) or not len(reference):
        return 0.0
    similar = candidate @ reference.T
    precision = float(similar.max(axis=1).mean())
    recall = float(similar.max(axis=0).mean())
    return max(0.0, 2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def matched(vectors: TokenVectors, candidate: str, references: Sequence[str]) -> float | None:
    """The best reference's score; None where the encoder can't read one of the texts."""
    if not all(vectors.supports(text) for text in (candidate, *references)):
        return None
    own = vectors(candidate)
    return max(greedy_f1(own, vectors(reference)) for reference in references)
