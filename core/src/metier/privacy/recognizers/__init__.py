"""All recognizers of the core, one module a family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

    from metier.privacy.recognizers._declared import DeclaredPattern, DictionaryRecognizer
    from metier.privacy.recognizers._names_model import ModelNames
    from metier.privacy.recognizers._phones import Phones
    from metier.privacy.recognizers._spacy import SpacyNames

__all__ = [
    "DeclaredPattern",
    "DictionaryRecognizer",
    "ModelNames",
    "Names",
    "Phones",
    "SpacyNames",
    "default_recognizers",
]

Names = Literal["rules", "precision", "balanced", "recall"]
"""How names are found: by rules alone, or by rules and a network at an operating point."""

_LAZY = {
    "DeclaredPattern": "_declared",
    "DictionaryRecognizer": "_declared",
    "ModelNames": "_names_model",
    "Phones": "_phones",
    "SpacyNames": "_spacy",
}


def __getattr__(name: str) -> Any:
    """Recognizers are Presidio's, which is imported only when one is asked for."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def default_recognizers(
    regions: Sequence[str] = (), names: Names = "balanced"
) -> list[EntityRecognizer]:
    """The core's recognizers, new instances each time; Presidio is imported only now.

    Args:
        regions: ISO 3166 codes of the countries whose national telephone
            formats are looked for; empty for the core's own list.
        names: the operating point of the network that finds names in English
            text, or "rules" for none.
    """
    from metier.privacy.recognizers import (
        _accounts,
        _birth,
        _blocks,
        _calendar,
        _china,
        _contacts,
        _europe,
        _europe_north,
        _names_en,
        _names_model,
        _names_zh,
        _network,
        _payment,
        _phones,
        _places,
        _regions,
        _secrets,
        _us,
        _vehicles,
        _vendors,
        _world,
    )

    modules = (
        _contacts,
        _network,
        _payment,
        _birth,
        _calendar,
        _us,
        _china,
        _europe,
        _europe_north,
        _world,
        _vehicles,
        _accounts,
        _secrets,
        _vendors,
        _places,
        _blocks,
        _regions,
        _names_en,
        _names_zh,
    )
    found = [recognizer for module in modules for recognizer in module.recognizers()]
    if names != "rules":
        found += _names_model.recognizers(names)
    return [_phones.Phones(regions or _phones.DEFAULT_REGIONS), *found]
