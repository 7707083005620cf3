"""JSON Schemas of what comes in and goes out; of frozen dataclasses, made from their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from metier.server._fields import Fate, Table

Schema = dict[str, Any]

ANY: Final[Schema] = {}
TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
OBJECT: Final[Schema] = {"type": "object"}
_PLAIN: Final[Mapping[Any, Schema]] = {
    str: TEXT, bool: FLAG, int: WHOLE, float: NUMBER, NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"}, Any: ANY,
}  # fmt: skip


def short(most: int, words: str = "") -> Schema:
    """A text of at most so many characters."""
    return {"type": "string", "maxLength": most} | ({"description": words} if words else {})


def within(low: float, high: float, kind: str = "number") -> Schema:
    """A number between two."""
    return {"type": kind, "minimum": low, "maximum": high}


def one_of(*values: str) -> Schema:
    """One of some texts."""
    return {"type": "string", "enum": list(values)}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """A list of it."""
    return {"type": "array", "items": schema}


def named(name: str) -> Schema:
    """One of the document's schemas, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def shape(fields: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object that has all of `fields`, and may have others."""
    return {
        "type": "object",
        "required": list(fields),
        "properties": {**fields, **optional},
    }


def body(needed: Mapping[str, Schema] | None = None, **optional: Schema) -> Schema:
    """An object that is sent; a field that may be left out may be null as well."""
    needed = needed or {}
    fields = {**needed, **{name: or_null(each) for name, each in optional.items()}}
    return {"type": "object", "required": list(needed), "properties": fields}


def page(schema: Schema) -> Schema:
    """A list as the OpenAI wire has it."""
    return shape({"object": {"const": "list"}, "data": listed(schema)})


def of_table(table: Table, types: Mapping[str, Schema], needed: Sequence[str]) -> Schema:
    """A body by the table of its fields; nothing that isn't in it is taken.

    Args:
        types: schemas of fields; one that isn't there is described in words alone.
        needed: fields that can't be left out.
    """
    fields = {
        name: (
            types[name] if name in needed else or_null(types[name])
        ) | {"description": field.note}
        if name in types
        else {"description": field.note}
        for name, field in table.items()
        if field.fate is not Fate.REFUSED
    }  # fmt: skip
    return {
        "type": "object",
        "required": list(needed),
        "properties": fields,
        "additionalProperties": False,
    }


def of(kind: Any) -> Schema:
    """The schema of a type, as its value is written in JSON.

    Raises:
        TypeError: a type that has no such form.
    """
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return {"anyOf": [of(each) for each in inner]}
    if origin is tuple and inner[1:] == (...,):
        return listed(of(inner[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of(inner[1])}
    if is_dataclass(kind):
        return shape({name: of(each) for name, each in get_type_hints(kind).items()})
    raise TypeError(f"{kind} has no schema")
