"""Heads: fitted as they should be, calibrated, kept in a file that nothing else passes for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.learning import SHIPPED, Head, write_head
from metier.learning._container import pack, unpack
from metier.learning._features import grams, hashed
from metier.learning.training import (
    calibration_error,
    fit,
    rarity,
    rows_of,
    softmax,
    temperature_of,
)
from metier.model import MetierError

TEXTS = {
    "fruit": ["an apple a day", "ripe pears and apples", "apple pie",
              "苹果和梨", "吃苹果", "梨很甜"],
    "tools": ["a hammer and nails", "turn the screw", "sharp saw",
              "锤子和钉子", "拧螺丝", "锯木头"],
}  # fmt: skip
ABOUT: dict[str, Any] = {
    "name": "things", "version": "1", "labels": ["fruit", "tools"], "languages": ["en", "zh"],
    "temperature": 0.5, "threshold": 0.6, "metrics": {}, "licence": "Apache-2.0",
}  # fmt: skip


def made(**more: Any) -> bytes:
    texts = [t for each in TEXTS.values() for t in each]
    labels = np.repeat([0, 1], 6)
    raw = rows_of(texts, 1024, None)
    weights = rarity(raw)
    rows = np.concatenate([rows_of(texts, 1024, weights), np.zeros((12, 384), np.float32)], 1)
    linear = fit(rows, labels, 2, penalty=0.05)
    mean = np.zeros(384, np.float32)
    return write_head({**ABOUT, **more}, linear.coefficients, linear.bias, weights, mean)


DATA = made()


# --- features ----------------------------------------------------------------------------------


def test_n_grams_are_the_same_whatever_the_capitals_and_the_width_of_letters() -> None:
    assert grams("Apple PIE") == grams("ａｐｐｌｅ pie")
    assert "=apple" in grams("Apple") and "=apple pie" in grams("Apple, pie")
    assert {"苹", "苹果", "<苹"} <= set(grams("苹果 pie"))


@given(st.text(max_size=200))
def test_any_text_has_a_row_of_length_one_or_none(text: str) -> None:
    (row,) = rows_of([text], 256, None)
    length = float(np.linalg.norm(row))
    assert length == pytest.approx(1.0, abs=1e-4) or not np.any(row)
    assert all(0 <= column < 256 for column in hashed(text, 256))


def test_a_long_text_is_read_to_where_its_wish_is_said() -> None:
    assert grams("apple " * 200_000) == grams("apple " * 2_000)


# --- fitting -----------------------------------------------------------------------------------


def test_the_fit_is_where_no_small_step_makes_the_loss_smaller() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(60, 4)).astype(np.float32)
    labels = draw.integers(0, 3, 60)

    def loss(coefficients: Any, bias: Any) -> float:
        shares = softmax(rows @ coefficients + bias)
        return float(-np.log(shares[np.arange(60), labels]).sum()) + 0.5 * float(
            (np.asarray(coefficients, np.float64) ** 2).sum()
        )

    found = fit(rows, labels, 3, penalty=1.0)
    best = loss(found.coefficients, found.bias)
    for _ in range(50):
        step = draw.normal(size=(5, 3)).astype(np.float32) * 0.05
        assert loss(found.coefficients + step[:4], found.bias + step[4]) >= best - 1e-3


def test_weights_count_as_repeated_examples_do() -> None:
    rows = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    labels = np.array([0, 1, 1])
    once = fit(rows, labels, 2, weights=np.array([3, 1, 2], np.float32))
    often = fit(rows[[0, 0, 0, 1, 2, 2]], labels[[0, 0, 0, 1, 2, 2]], 2)
    assert np.allclose(once.coefficients, often.coefficients, atol=5e-3)


def test_the_temperature_of_logits_that_are_three_times_too_large_is_three() -> None:
    draw = np.random.default_rng(0)
    logits = draw.normal(size=(4000, 3)) * 2
    shares = softmax(logits.astype(np.float32))
    labels = np.array([draw.choice(3, p=row) for row in shares])
    assert temperature_of((3 * logits).astype(np.float32), labels) == pytest.approx(3, rel=0.08)
    calibrated = softmax((3 * logits).astype(np.float32), 3.0)
    right = calibrated.argmax(1) == labels
    assert calibration_error(calibrated.max(1), right) < 0.03
    wild = softmax((3 * logits).astype(np.float32))
    assert calibration_error(wild.max(1), right) > 0.1


def test_the_calibration_error_is_the_gap_between_sure_and_right() -> None:
    sure = np.array([0.9] * 10 + [0.6] * 10)
    right = np.array([True] * 5 + [False] * 5 + [True] * 6 + [False] * 4)
    assert calibration_error(sure, right) == pytest.approx(0.2)
    assert calibration_error(sure[:0], right[:0]) == 0.0


# --- using -------------------------------------------------------------------------------------


def test_a_head_tells_its_labels_apart_in_both_languages() -> None:
    head = Head.read(DATA)
    found = head.predict(["two apples", "a screw", "很甜的苹果", "锤子"])
    assert [p.likeliest for p in found] == ["fruit", "tools", "fruit", "tools"]
    for each in found:
        assert sum(each.probabilities.values()) == pytest.approx(1)
        assert each.probability == max(each.probabilities.values())
    assert head.predict([]) == ()


def test_it_abstains_where_it_is_not_sure_or_the_text_is_of_none_of_its_labels() -> None:
    for nothing in Head.read(made(threshold=0.9)).predict(["", "…"]):
        assert nothing.label == "" and nothing.likeliest and nothing.probability < 0.9
    assert Head.read(made(threshold=0.9)).predict(["apple pie"])[0].label == "fruit"
    (outside,) = Head.read(made(outside="tools")).predict(["hammer and nails"])
    assert outside.label == "" and outside.likeliest == "tools"


def test_the_rounded_file_says_the_same_as_what_was_fitted() -> None:
    head = Head.read(DATA)
    assert head.predict(["apple pie"])[0].probabilities["fruit"] > 0.8
    assert len(DATA) < 20_000


# --- keeping -----------------------------------------------------------------------------------


def test_training_twice_gives_the_same_bytes() -> None:
    assert made() == DATA


def test_a_certain_file_may_be_asked_for_by_its_hash(tmp_path: Path) -> None:
    import hashlib

    file = tmp_path / "things.head"
    file.write_bytes(DATA)
    assert Head.open(file, hashlib.sha256(DATA).hexdigest()).name == "things"
    with pytest.raises(MetierError, match="not the file that was asked for"):
        Head.open(file, "0" * 64)
    with pytest.raises(MetierError, match="No such file"):
        Head.open(tmp_path / "none.head")


@settings(max_examples=60)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed_unseen(place: int, by: int) -> None:
    wrong = DATA[:place] + bytes([DATA[place] ^ by]) + DATA[place + 1 :]
    with pytest.raises(MetierError) as caught:
        Head.read(wrong)
    assert caught.value.code == "bad_model"


def again(change: dict[str, Any], drop: str = "") -> bytes:
    header, arrays = unpack("head", DATA)
    del header["arrays"], header["kind"]
    header.update(change)
    header.pop(drop, None)
    return pack("head", header, {name: a.astype(np.float32) for name, a in arrays.items()})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (again({"features": {"version": 2, "columns": 1024, "encoder": "x"}}), "other features"),
        (again({"features": {"version": 1, "columns": 9, "encoder": "all-minilm-l6-v2-int8"}}),
         "don't fit together"),
        (again({"labels": ["a", "b", "c"]}), "don't fit together"),
        (again({"temperature": 0}), "don't fit together"),
        (again({}, drop="threshold"), "something is missing"),
        (pack("person", {}, {}), "no head"),
        (b"\x80\x04\x95pickle", "doesn't begin"),
        (b"", "doesn't begin"),
    ],
)  # fmt: skip
def test_what_was_written_for_something_else_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(MetierError, match=said):
        Head.read(data)


@pytest.mark.parametrize(
    "arrays",
    [None, 3, [{}], [{"name": "a", "type": "object", "shape": [1]}],
     [{"name": "a", "type": "int8", "shape": [1 << 40]}],
     [{"name": "a", "type": "int8", "shape": [-1]}],
     [{"name": "a", "type": "int8", "shape": ["1"]}],
     [{"name": "a", "type": "float32", "shape": [1 << 20, 1 << 20]}]],
)  # fmt: skip
def test_a_header_that_lists_nonsense_is_refused_before_memory_is_taken(arrays: Any) -> None:
    import hashlib
    import json

    text = json.dumps({"kind": "head", "arrays": arrays}).encode()
    rest = len(text).to_bytes(4, "little") + text
    with pytest.raises(MetierError):
        unpack("head", b"METIER1\n" + hashlib.sha256(rest).digest() + rest)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(MetierError, match="no number"):
        unpack("x", pack("x", {}, {"a": np.array([np.nan], np.float32)}))


# --- what metier ships ---------------------------------------------------------------------------

KINDS = Head.open(SHIPPED / "message-kind.head")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hello there", "small_talk"), ("thanks, that helps", "small_talk"),
        ("how do I return these shoes?", "request"), ("solve 3x + 4 = 19", "request"),
        ("I am allergic to cats", "about_me"), ("my favourite food is ramen", "about_me"),
        ("你好", "small_talk"), ("谢谢", "small_talk"), ("怎么退货？", "request"),
        ("解释一下勾股定理", "request"), ("我对猫过敏", "about_me"), ("我喜欢爬山", "about_me"),
    ],
)  # fmt: skip
def test_the_shipped_head_tells_kinds_of_messages_apart_without_vectors(
    text: str, label: str
) -> None:
    (found,) = KINDS.predict([text])
    assert found.label == label, found


def test_the_shipped_head_is_small_and_its_card_names_its_hash_and_figures() -> None:
    import hashlib

    data = (SHIPPED / "message-kind.head").read_bytes()
    card = (SHIPPED / "MODEL_CARD.md").read_text("utf-8")
    assert len(data) < 300_000
    assert hashlib.sha256(data).hexdigest() in card
    assert f"| accuracy | {KINDS.metrics['accuracy']:g} |" in card
    assert "CC BY 3.0" in card and "Limits" in card


def test_the_room_loads_no_heavy_library() -> None:
    code = (
        "import sys, metier.learning as l; l.load_rules(l.CORE_RULES).personalize("
        "l.PersonView('d', 'en', 'hello'));"
        "print([m for m in ('numpy', 'onnx', 'onnxruntime', 'fastembed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
