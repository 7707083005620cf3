"""Writes a trained tagger as one int8 ONNX file, and its tokenizer. Usage, from the root:

python -m training.ner.export --run RUN --minilm FOLDER --out FOLDER

The same `model.pt` gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from training.ner.model import HEAD, load

from metier.privacy.ner import LABELS

GRAPH = "ner.onnx"
_MICROSOFT = "com.microsoft"
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def kept_words(vocabulary: dict[str, int]) -> list[str]:
    """The word pieces that English text in Latin script can need, in the order of their ids.

    What is dropped (placeholders, other scripts) reads as [UNK].
    """

    def latin(word: str) -> bool:
        word = word.removeprefix("##")
        return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2070 or c in "€£₹™" for c in word)

    return sorted(
        (
            word
            for word in vocabulary
            if word in _SPECIAL or (latin(word) and not word.startswith("[unused"))
        ),
        key=vocabulary.__getitem__,
    )


def small_tokenizer(whole: dict[str, Any], kept: list[str]) -> dict[str, Any]:
    """MiniLM's tokenizer with the kept pieces alone, numbered anew."""
    number = {word: i for i, word in enumerate(kept)}
    added = [{**a, "id": number[a["content"]]} for a in whole["added_tokens"]]
    model = {**whole["model"], "vocab": number}
    plain = {"truncation": None, "padding": None, "post_processor": None}
    return {**whole, **plain, "added_tokens": added, "model": model}


class Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def apply(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        node = helper.make_node(operator, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return output

    def dense(self, value: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """A product with int8 weights, one scale for each output.

        Seven bits of the eight are used: on processors without VNNI the sum of two
        products of eight bits saturates the 16-bit accumulator.
        """
        matrix = weight.T
        scale = np.maximum(np.abs(matrix).max(0), 1e-8).astype(np.float32) / 63
        whole = np.clip(np.rint(matrix / scale), -63, 63).astype(np.int8)
        inputs = [
            value,
            self.constant(f"{name}.weight", whole),
            self.constant(f"{name}.scale", scale),
            self.constant(f"{name}.zero", np.zeros_like(scale, np.int8)),
            self.constant(f"{name}.bias", bias.astype(np.float32)),
        ]
        return self.apply("DynamicQuantizeMatMul", inputs, name, domain=_MICROSOFT)

    def norm(self, value: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        inputs = [
            value,
            self.constant(f"{name}.weight", weight),
            self.constant(f"{name}.bias", bias),
        ]
        return self.apply("LayerNormalization", inputs, name, axis=-1, epsilon=1e-12)


def build(run: Path, rows: list[int]) -> Any:
    """The ONNX model of the tagger in the folder `run`; rows: the word vectors that are kept."""
    model = load(run / "model.pt")
    state = {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}
    graph = Graph()
    value = graph.norm(_embedded(graph, state, rows), "embedded", *_pair(state, "norm"))
    heads = model.settings["heads"]
    graph.constant("thirds", np.array([heads * HEAD] * 3, np.int64))
    for number in range(len(model.layers)):
        value = _layer(graph, state, value, f"layers.{number}", heads)
    graph.dense(value, "logits", *_pair(state, "head"))
    shape = ["batch", "sequence"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "shape_ids")
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, len(LABELS)])
    return helper.make_model(
        helper.make_graph(graph.nodes, "metier-ner-en", inputs, [output], graph.constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=8,
        producer_name="metier",
    )


def _pair(state: dict[str, np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray]:
    return state[f"{name}.weight"], state[f"{name}.bias"]


def _embedded(graph: Graph, state: dict[str, np.ndarray], rows: list[int]) -> str:
    words = state["words.weight"][rows]
    scale = np.abs(words).max(1, keepdims=True) / 127
    whole = np.clip(np.rint(words / scale), -127, 127).astype(np.int8)
    table = graph.constant("words", whole)
    scales = graph.constant("words.scale", scale.astype(np.float32))
    exact = graph.apply(
        "Cast", [graph.apply("Gather", [table, "input_ids"], "word.int8")], "word.float", to=1
    )
    factor = graph.apply("Gather", [scales, "input_ids"], "word.factor")
    word = graph.apply("Mul", [exact, factor], "word")
    length = graph.apply("Shape", ["input_ids"], "length", start=1, end=2)
    start = graph.constant("zero", np.array([0], np.int64))
    places = graph.constant("places", state["places.weight"])
    place = graph.apply("Slice", [places, start, length], "place")
    shapes = graph.constant("shapes", state["shapes.weight"])
    shape = graph.apply("Gather", [shapes, "shape_ids"], "shape")
    return graph.apply("Add", [graph.apply("Add", [word, shape], "both"), place], "sum")


def _layer(graph: Graph, state: dict[str, np.ndarray], value: str, own: str, heads: int) -> str:
    joint = graph.dense(value, f"{own}.qkv", *_pair(state, f"{own}.qkv"))
    parts = [f"{own}.{name}" for name in ("query", "key", "content")]
    graph.nodes.append(
        helper.make_node("Split", [joint, "thirds"], parts, name=f"{own}.split", axis=-1)
    )
    mixed = graph.apply(
        "MultiHeadAttention",
        parts,
        f"{own}.mixed",
        domain=_MICROSOFT,
        num_heads=heads,
    )
    out = graph.dense(mixed, f"{own}.out", *_pair(state, f"{own}.out"))
    # Not SkipLayerNormalization: on processors it is several times slower than these two.
    summed = graph.apply("Add", [out, value], f"{own}.sum1")
    value = graph.norm(summed, f"{own}.norm1", *_pair(state, f"{own}.norm1"))
    up = graph.dense(value, f"{own}.up", *_pair(state, f"{own}.up"))
    active = graph.apply("Gelu", [up], f"{own}.gelu", domain=_MICROSOFT)
    down = graph.dense(active, f"{own}.down", *_pair(state, f"{own}.down"))
    summed = graph.apply("Add", [down, value], f"{own}.sum2")
    return graph.norm(summed, f"{own}.norm2", *_pair(state, f"{own}.norm2"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    whole = json.loads((args.minilm / "tokenizer.json").read_text("utf-8"))
    vocabulary = whole["model"]["vocab"]
    kept = kept_words(vocabulary)
    model = build(args.run, [vocabulary[word] for word in kept])
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = json.dumps(small_tokenizer(whole, kept), ensure_ascii=False, separators=(",", ":"))
    (args.out / "tokenizer.json").write_text(tokenizer + "\n", "utf-8")
    content = model.SerializeToString(deterministic=True)
    (args.out / GRAPH).write_bytes(content)
    onnx.checker.check_model(model)
    print(f"{GRAPH}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
