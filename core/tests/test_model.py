"""The nouns are public as `metier.model.X`, wherever in the package they are written."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import get_type_hints

import pytest
from pydantic import BaseModel

from metier import model

CLASSES = [vars(model)[name] for name in model.__all__ if isinstance(vars(model)[name], type)]


@pytest.mark.parametrize("noun", [c for c in CLASSES if is_dataclass(c)], ids=lambda c: c.__name__)
def test_the_types_of_every_noun_can_be_read_where_it_is_written(noun: type) -> None:
    assert get_type_hints(noun, localns={"BaseModel": BaseModel})
