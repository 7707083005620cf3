"""The encoder: what it reads, what it refuses, and that nobody swaps its files."""

from __future__ import annotations

import json
import pickle
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from metier import config
from metier.encoder import (
    Encoder,
    ModelBroken,
    ModelMissing,
    build_model,
    detect_language,
    han_share,
    is_built,
)
from metier.encoder._files import BUILT
from metier.encoder._recent import Recent

CHINESE = "发烧时要多喝水，注意休息。"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the prepared home, else one built here."""
    prepared = config.home() / "model"
    if is_built(prepared):
        return prepared
    folder = tmp_path_factory.mktemp("encoder") / "model"
    build_model(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(built: Path) -> Encoder:
    return Encoder.open(built)


def cosine(encoder: Encoder, one: str, other: str) -> float:
    left, right = encoder.encode([one, other])
    return float(left @ right)


# --- what it declares --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("How do I prune roses?", True),
        ("Où est ma commande?", True),
        (CHINESE, False),
        ("什么是 machine learning", False),
        ("Please translate the word 好 into English for me", True),
        ("Привет, как дела?", False),
        ("12345 !?", False),
        ("", False),
    ],
)
def test_it_says_which_texts_its_vectors_mean_something_for(
    encoder: Encoder, text: str, readable: bool
) -> None:
    assert encoder.supports(text) is readable
    assert encoder.languages == ("en",)


def test_vectors_have_length_one_and_related_texts_are_near(encoder: Encoder) -> None:
    vectors = encoder.encode(["a", "I want my money back", "x" * 5000, "1 2 3"])
    assert vectors.shape == (4, Encoder.dimensions) and vectors.dtype == "float32"
    assert all(abs(float(v @ v) - 1) < 1e-4 for v in vectors)
    related = cosine(encoder, "I want my money back", "How can I get a refund?")
    unrelated = cosine(encoder, "I want my money back", "Roses are pruned in spring.")
    assert related > unrelated + 0.2


def test_a_text_has_nearly_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    texts = ["Prune roses when the frost is over.", "A word.", "frost " * 400]
    together = encoder.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        # Not equal: the ranges of its int8 numbers come from all that is encoded together.
        assert float(encoder.encode([text])[0] @ vector) > 0.95


def test_the_end_of_a_long_text_counts(encoder: Encoder) -> None:
    filler = "The weather was fine and people walked by the river. " * 60
    end = "Penicillin caused a severe allergic reaction. " * 10
    question = "penicillin allergy"
    assert cosine(encoder, question, filler + end) > cosine(encoder, question, filler) + 0.1


def test_nothing_to_encode_gives_nothing(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, Encoder.dimensions)


def test_several_threads_may_use_it_at_once(built: Path) -> None:
    fresh = Encoder.open(built)
    expected = Encoder.open(built).encode(["Prune roses."])[0]
    found: list[float] = []

    def encode() -> None:
        found.append(float(fresh.encode(["Prune roses."])[0] @ expected))

    threads = [threading.Thread(target=encode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(value > 0.999 for value in found)


def test_it_loads_no_torch_and_opens_no_connection(built: Path) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from pathlib import Path\n"
        "from metier.encoder import Encoder\n"
        "Encoder.open(Path(sys.argv[1])).encode(['hello'])\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(built)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[]\n", done.stderr


# --- its files ---------------------------------------------------------------------


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "model"))


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_file_that_is_not_the_one_that_was_built_is_refused_by_name(
    copy: Path, name: str, how: str
) -> None:
    file = copy / name
    if how == "gone":
        file.unlink()
    else:
        with file.open("r+b") as opened:
            opened.seek(-1, 2)
            last = opened.read(1)
            opened.seek(-1, 2)
            opened.write(bytes([last[0] ^ 1]))
    with pytest.raises(ModelBroken, match=f"{name} is not the file that was built") as error:
        Encoder.open(copy)
    assert "metier models fetch" in error.value.message


def test_a_tokenizer_that_was_swapped_together_with_its_hash_is_refused(copy: Path) -> None:
    import hashlib

    (copy / "tokenizer.json").write_text("{}")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["tokenizer.json"] = hashlib.sha256(b"{}").hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelBroken, match=r"tokenizer\.json"):
        Encoder.open(copy)


@pytest.mark.parametrize(
    ("manifest", "kind"),
    [
        (None, ModelMissing),
        ("{oops", ModelBroken),
        ("[]", ModelMissing),
        ('{"format": 99, "files": {}}', ModelMissing),
        ('{"format": 1, "files": {}}', ModelBroken),
        ('{"format": 1, "files": {"../../etc/passwd": "x"}}', ModelBroken),
    ],
)
def test_a_folder_without_a_model_of_this_version_says_what_to_do(
    copy: Path, manifest: str | None, kind: type[Exception]
) -> None:
    if manifest is None:
        (copy / "manifest.json").unlink()
    else:
        (copy / "manifest.json").write_text(manifest)
    with pytest.raises(kind, match="metier models fetch"):
        Encoder.open(copy)
    assert not is_built(copy)


def test_weights_that_are_not_the_published_ones_build_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.encoder import _build
    from metier.encoder._files import SOURCE_HASHES

    source = tmp_path / "source"
    source.mkdir()
    for name in SOURCE_HASHES:
        (source / name).write_bytes(b"other weights")
    monkeypatch.setattr(_build, "_source", lambda: source)
    with pytest.raises(ModelBroken, match="is not the published file"):
        build_model(tmp_path / "model")
    assert not (tmp_path / "model").exists()


class _Zeros(dict[str, Any]):
    """Weights of the right shapes."""

    def __missing__(self, name: str) -> NDArray[np.float32]:
        wide = "intermediate" in name, ".output.dense" in name and "attention" not in name
        shape: tuple[int, ...] = {(True, False): (1536, 384), (False, True): (384, 1536)}.get(
            wide, (384, 384)
        )
        if "embeddings" in name and "LayerNorm" not in name:
            shape = (8, 384)
        elif name.endswith("bias") or "LayerNorm" in name:
            shape = shape[:1]
        return np.zeros(shape, np.float32)


def test_no_step_of_the_graph_becomes_the_one_that_is_slow_on_processors(tmp_path: Path) -> None:
    import onnx
    import onnxruntime

    from metier.encoder._build import _bert

    graph = onnx.shape_inference.infer_shapes(_bert(_Zeros()))
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "as_it_runs.onnx")
    onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    steps = {node.op_type for node in onnx.load(tmp_path / "as_it_runs.onnx").graph.node}
    assert "LayerNormalization" in steps
    assert "SkipLayerNormalization" not in steps


# --- language ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("12345", "en"),
        ("hello", "en"),
        ("你好", "zh"),
        ("我想退货", "zh"),
        ("訂單在哪裡", "zh"),
        ("把 learning rate 改成 0.1", "zh"),
        ("这个 bug 怎么 fix", "zh"),
        ("What does 你好 mean?", "en"),
        ("How do I say “我想退货” in English?", "en"),
        ("Please explain the difference between 的 and 得 to me", "en"),
        ("「Good morning」是什么意思？", "zh"),
        ("𠮷野家在哪", "zh"),
        ("OK", "en"),
    ],
)
def test_the_language_of_a_text_is_the_one_it_is_written_in(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_the_share_of_han_counts_words_and_not_letters() -> None:
    assert han_share("") == han_share("word") == 0.0
    assert han_share("你好") == 1.0
    assert han_share("internationalisation 你") == 0.5


# --- words -------------------------------------------------------------------------


def test_the_dictionary_of_chinese_words_lies_in_the_private_folder_and_nowhere_else(
    one_dictionary: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    words = one_dictionary(tmp_path / "terms").lcut(CHINESE)
    assert "注意" in words
    assert stat.S_IMODE((tmp_path / "terms").stat().st_mode) == 0o700
    assert list((tmp_path / "terms").iterdir()) and not list(shared.iterdir())


# --- what it remembers ---------------------------------------------------------------


def test_a_text_that_was_encoded_a_moment_ago_is_not_encoded_again(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    work = encoder._made

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        made.extend(texts)
        return work(texts)

    monkeypatch.setattr(encoder, "_made", counted)
    first = encoder.encode(["Where is my blue parcel?", "and the green one"])
    first[0, 0] = 9.0  # what a caller does with its own vectors changes nobody else's
    again = encoder.encode(["and the green one", "Where is my blue parcel?"])
    assert made == ["Where is my blue parcel?", "and the green one"]
    assert again[1, 0] != 9.0 and (again[0] == first[1]).all()


def test_of_the_texts_that_were_encoded_only_few_vectors_are_kept_and_no_text() -> None:
    kept = Recent()
    for number in range(600):
        kept.keep({f"Zaphod {number}": np.zeros(4, np.float32)})
    kept.keep({f"one of many {number}": np.zeros(4, np.float32) for number in range(100)})
    assert len(kept) == 256
    assert not kept.all_of(["Zaphod 1"]) and kept.all_of(["Zaphod 599"])
    assert b"Zaphod" not in pickle.dumps((kept._key, kept._vectors))
    assert not Recent().all_of(["Zaphod 599"])


def test_texts_of_several_batches_come_back_in_their_order(encoder: Encoder) -> None:
    texts = [f"Parcel number {number} is late" for number in range(40)]
    many = encoder.encode(texts)
    for place in (0, 17, 39):
        (alone,) = encoder.encode([texts[place]])
        assert int((many @ alone).argmax()) == place
