"""All recognizers of the core."""

from __future__ import annotations

from metier.privacy import _identifiers, _names_en, _names_zh, _places, _secrets
from metier.privacy._presidio import EntityRecognizer
from metier.privacy._rules import Recognizer

__all__ = ["Recognizer", "default_recognizers"]


def default_recognizers() -> list[EntityRecognizer]:
    """The core's recognizers, new instances each time."""
    modules = (_identifiers, _secrets, _places, _names_en, _names_zh)
    return [recognizer for module in modules for recognizer in module.recognizers()]
