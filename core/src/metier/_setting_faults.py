"""What is wrong with a setting, in the words of the file that it stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_TABLES = ("model_type", "model_attributes_type", "dict_type")
_LISTS = ("tuple_type", "list_type", "set_type", "frozen_set_type")


def setting_faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Each fault as the dotted path of the setting and what is wrong; never its value."""
    return [
        (".".join(map(str, each["loc"])), _words(each, model))
        for each in error.errors(include_input=False, include_url=False)
    ]


def no_such(name: str, names: Sequence[str]) -> str:
    """Says that there is no such setting, and which one may be meant."""
    near = get_close_matches(name, names, 1)
    return "there is no such setting" + (f". Did you mean `{near[0]}`?" if near else "")


def _words(fault: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, place, said = fault["type"], fault["loc"], str(fault["msg"])
    if kind == "extra_forbidden":
        return no_such(str(place[-1]), _beside(place, model))
    if kind == "missing":
        return "it has to be given"
    if kind in _TABLES:
        return "it has to be a table with settings of its own"
    if kind in _LISTS:
        return 'it has to be a list, such as ["a", "b"]'
    return said.removeprefix("Value error, ")


def _beside(place: Sequence[str | int], model: type[BaseModel]) -> list[str]:
    """The settings that there are in the table of one."""
    here: type[BaseModel] | None = model
    for part in place[:-1]:
        if here is None:
            return []
        if isinstance(part, str):
            field = here.model_fields.get(part)
            here = _model_in(field.annotation) if field else None
    return list(here.model_fields) if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table that a setting holds, or a list of it."""
    inner = get_args(annotation)
    if inner:
        return next((found for each in inner if (found := _model_in(each))), None)
    is_table = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_table else None
