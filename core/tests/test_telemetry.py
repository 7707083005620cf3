"""Nothing that metier brings along reports to its maker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_RUN = """
import metier
import onnxruntime
from onnx import TensorProto, helper

x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in "xy")
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": [1.0]})
"""


def test_onnxruntime_keeps_no_device_id_and_no_events(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", _RUN], env={**env, "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert [f for f in tmp_path.rglob("*") if f.is_file()] == []
