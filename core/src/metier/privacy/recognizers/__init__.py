"""All recognizers of the core, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

__all__ = ["default_recognizers"]


def default_recognizers() -> list[EntityRecognizer]:
    """The core's recognizers, new instances each time; Presidio is imported only now."""
    from metier.privacy.recognizers import _identifiers, _names_en, _names_zh, _places, _secrets

    modules = (_identifiers, _secrets, _places, _names_en, _names_zh)
    return [recognizer for module in modules for recognizer in module.recognizers()]
