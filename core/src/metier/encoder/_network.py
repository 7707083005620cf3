"""The built model in memory: word pieces in, vectors of length 1 out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.encoder._files import GRAPH, TOKENIZER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Network:
    """MiniLM and its tokenizer; safe to use from several threads.

    Args:
        folder: with the files that `build_model` wrote, already verified.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self._begin, self._end, self._padding = (
            _number(self.tokenizer, mark) for mark in ("[CLS]", "[SEP]", "[PAD]")
        )
        options = onnxruntime.SessionOptions()
        # One thread a call: calls of several requests share the cores better than one splits them.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH),
            options,
            providers=["CPUExecutionProvider"],
            # On processors it is several times slower than the two steps that it joins.
            disabled_optimizers=["SkipLayerNormFusion"],
        )

    def vectors(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The mean of what the network says of each piece, of length 1: shape (n, dimensions).

        Args:
            texts: the pieces of each text, without the marks of its beginning and end.
        """
        import numpy as np

        longest = 2 + max(map(len, texts))
        pieces = np.full((len(texts), longest), self._padding, np.int64)
        there = np.zeros((len(texts), longest), np.int64)
        for row, text in enumerate(texts):
            pieces[row, : len(text) + 2] = [self._begin, *text, self._end]
            there[row, : len(text) + 2] = 1
        feed = {
            "input_ids": pieces,
            "attention_mask": there,
            "token_type_ids": np.zeros_like(pieces),
        }
        states: NDArray[np.float32] = self._session.run(None, feed)[0]
        weights = there.astype(np.float32)
        weights /= weights.sum(1, keepdims=True)
        means: NDArray[np.float32] = np.matmul(weights[:, None, :], states)[:, 0]
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        return means


def _number(tokenizer: Any, piece: str) -> int:
    return int(tokenizer.token_to_id(piece))
