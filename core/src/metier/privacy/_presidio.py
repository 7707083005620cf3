"""Presidio's recognizer interface without the cost of all of Presidio.

`import presidio_analyzer` also imports spaCy, which takes about two seconds
and which nothing here uses. The six small modules that define recognizers
need none of it. So the package is entered into `sys.modules` with these six
loaded, and the rest of its `__init__` runs when somebody asks for a name or a
submodule that is not there yet. The classes are Presidio's own: a plugin that
says `from presidio_analyzer import PatternRecognizer` gets the same ones.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

_PACKAGE = "presidio_analyzer"
_PARTS = (
    ("analysis_explanation", "AnalysisExplanation"),
    ("recognizer_result", "RecognizerResult"),
    ("entity_recognizer", "EntityRecognizer"),
    ("local_recognizer", "LocalRecognizer"),
    ("pattern", "Pattern"),
    ("pattern_recognizer", "PatternRecognizer"),
)
_lock = threading.RLock()


class _Found(Loader):
    """Hands out a module that is already loaded."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


class _Deferred(MetaPathFinder):
    """Completes the package before any further submodule of it is imported.

    Presidio's submodules import each other in a circle, which only works in
    the order of the package's own `__init__`.
    """

    def __init__(self, package: ModuleType, loader: Loader) -> None:
        self._package = package
        self._loader = loader
        self._complete = False

    def complete(self) -> None:
        with _lock:
            if not self._complete:
                self._complete = True
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                self._loader.exec_module(self._package)

    def attribute(self, name: str) -> Any:
        """The package's `__getattr__` (PEP 562)."""
        if not name.startswith("__"):
            self.complete()
            if name in vars(self._package):
                return vars(self._package)[name]
        raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PACKAGE + "."):
            return None
        self.complete()
        module = sys.modules.get(fullname)
        return ModuleSpec(fullname, _Found(module)) if module else None


def _narrow() -> ModuleType:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.loader is None:
        raise ImportError(f"{_PACKAGE} is not installed; install metier with its dependencies")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    try:
        for module, name in _PARTS:
            part = importlib.import_module(f"{_PACKAGE}.{module}")
            setattr(package, name, getattr(part, name))
    except (ImportError, AttributeError):
        for name in [n for n in sys.modules if n == _PACKAGE or n.startswith(_PACKAGE + ".")]:
            del sys.modules[name]
        raise
    deferred = _Deferred(package, spec.loader)
    package.__getattr__ = deferred.attribute  # type: ignore[method-assign]
    sys.meta_path.insert(0, deferred)
    return package


def presidio() -> ModuleType:
    """Presidio's package, loaded as far as recognizers need it.

    Where another release of Presidio is laid out differently, this is the
    ordinary, slower import.
    """
    with _lock:
        if _PACKAGE in sys.modules:
            return sys.modules[_PACKAGE]
        try:
            return _narrow()
        except (ImportError, AttributeError):
            return importlib.import_module(_PACKAGE)


if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, PatternRecognizer, RecognizerResult
else:
    _package = presidio()
    EntityRecognizer = _package.EntityRecognizer
    PatternRecognizer = _package.PatternRecognizer
    RecognizerResult = _package.RecognizerResult

__all__ = ["EntityRecognizer", "PatternRecognizer", "RecognizerResult", "presidio"]
