"""metier: vertical assistants with typed hooks, personal profiles and a privacy layer.

`hookimpl` and `hookspecs` are the contract with plugins, the nouns are in
`metier.model`, and `Metier` builds and runs everything.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metier import hookspecs as hookspecs
    from metier import model as model
    from metier.app import Metier as Metier
    from metier.hookspecs import hookimpl as hookimpl

# onnxruntime's wheels keep a device id and send its maker what runs, from their first load on;
# its own function to switch that off comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = ["Metier", "hookimpl", "hookspecs", "model"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Lazy, so that `metier --help` loads no heavy library.
    import importlib

    if name == "Metier":
        return importlib.import_module("metier.app").Metier
    if name == "hookimpl":
        return importlib.import_module("metier.hookspecs").hookimpl
    if name in ("hookspecs", "model"):
        return importlib.import_module(f"metier.{name}")
    raise AttributeError(f"module 'metier' has no attribute {name!r}")
