"""All recognizers of the core, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

__all__ = ["default_recognizers"]


def default_recognizers() -> list[EntityRecognizer]:
    """The core's recognizers, new instances each time; Presidio is imported only now."""
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
        _phones,
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
    return [recognizer for module in modules for recognizer in module.recognizers()]
