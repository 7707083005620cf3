"""Values that cross to an isolated process and back: JSON, decoded strictly by type hints.

Never pickle: what comes from the other side is data that makes frozen model values or is
refused. A field too many, one that is missing or one of another type is refused.
"""

from __future__ import annotations

import base64
import binascii
import math
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson

from metier.plugins._results import WrongType

Decoder = Callable[[Any], Any]
_LISTS = (Sequence, Iterable, tuple, frozenset, list)


class Config:
    """Stands in type hints for a plugin's pydantic model of its settings."""


@cache
def hints_of(of: Any) -> dict[str, Any]:
    """The type hints of a model class or a hook, without loading heavy libraries for it."""
    return get_type_hints(of, localns={"BaseModel": Config, "EntityRecognizer": object})


def encode(value: Any, register: Callable[[Callable[..., Any]], str] | None = None) -> bytes:
    """The value as JSON.

    Args:
        value: model values, JSON values and collections of them.
        register: gives a callable a name under which the other side can have it called;
            where None, a callable is refused.

    Raises:
        WrongType: where it holds something else.
    """

    def other(item: Any) -> Any:
        if isinstance(item, Mapping):
            return dict(item)
        if isinstance(item, AbstractSet):
            return sorted(item)
        if isinstance(item, bytes):
            return base64.b64encode(item).decode()
        if isinstance(item, Path):
            return str(item)
        if isinstance(item, type):
            return True  # a model of settings: that there is one
        if hasattr(item, "model_dump"):
            return item.model_dump(mode="json")
        if register is not None and callable(item):
            return register(item)
        raise TypeError

    try:
        return orjson.dumps(value, default=other)
    except (TypeError, ValueError, RecursionError):
        raise WrongType from None


class Codec:
    """Decodes by type hints.

    Args:
        remote: makes what stands here for a callable of the other side, from the field it
            is in ("Tool.call") and its name there; where None, callables are refused.
        config: makes a plugin's settings from JSON.
        config_type: stands for the model of a plugin's settings.
    """

    def __init__(
        self,
        remote: Callable[[str, str], Any] | None = None,
        config: Decoder | None = None,
        config_type: type | None = None,
    ) -> None:
        self._remote = remote
        self._config = config
        self._config_type = config_type
        self._decoders: dict[tuple[Any, str], Decoder] = {}

    def decode(self, hint: Any, value: Any) -> Any:
        """The value that JSON `value` stands for.

        Raises:
            WrongType: where it is not what `hint` says.
        """
        try:
            return self._decoder(hint, "")(value)
        except WrongType:
            raise
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
            raise WrongType from None

    def _decoder(self, hint: Any, field: str) -> Decoder:
        # Where a callable is decides what it is; of other values the place says nothing.
        key = (hint, field if get_origin(hint) is Callable or _optional(hint) else "")
        found = self._decoders.get(key)
        if found is None:
            found = self._decoders[key] = self._made(hint, field)
        return found

    def _made(self, hint: Any, field: str) -> Decoder:
        origin, inner = get_origin(hint), get_args(hint)
        if hint is Any:
            return lambda value: value
        if origin in (Union, types.UnionType):
            none_first = sorted(inner, key=lambda each: each is not type(None))
            return _one_of([self._decoder(each, field) for each in none_first])
        if origin is Literal:
            return lambda value: _among(inner, value)
        if origin is Callable:
            return lambda value: self._called(field, value)
        if origin is Mapping:
            key, item = self._decoder(inner[0], ""), self._decoder(inner[1], "")
            return lambda value: {key(k): item(v) for k, v in _a(dict, value).items()}
        if origin in _LISTS:
            item = self._decoder(inner[0], "")
            make = origin if origin in (frozenset, list) else tuple
            return lambda value: make(item(v) for v in _a(list, value))
        if origin is type:
            return self._settings
        if hint is Config:
            return self._configured
        if is_dataclass(hint):
            return self._dataclass(hint)
        return _plain(hint)

    def _dataclass(self, kind: Any) -> Decoder:
        hints = hints_of(kind)
        names = [f.name for f in fields(kind)]
        parts: list[tuple[str, Decoder]] = []

        def decode(value: Any) -> Any:
            if not parts:  # made late, since classes name one another
                parts.extend(
                    (n, self._decoder(hints[n], f"{kind.__name__}.{n}")) for n in names
                )  # fmt: skip
            given = _a(dict, value)
            if given.keys() != set(names):
                raise WrongType
            return kind(**{name: part(given[name]) for name, part in parts})

        return decode

    def _called(self, field: str, value: Any) -> Any:
        if self._remote is None:
            raise WrongType
        return self._remote(field, _a(str, value))

    def _settings(self, value: Any) -> Any:
        if value is not True or self._config_type is None:
            raise WrongType
        return self._config_type

    def _configured(self, value: Any) -> Any:
        if self._config is None:
            raise WrongType
        return self._config(value)


def _optional(hint: Any) -> bool:
    union = get_origin(hint) in (Union, types.UnionType)
    return union and any(get_origin(each) is Callable for each in get_args(hint))


def _one_of(decoders: Sequence[Decoder]) -> Decoder:
    def decode(value: Any) -> Any:
        for each in decoders:
            try:
                return each(value)
            except (TypeError, ValueError, KeyError):
                continue
        raise WrongType

    return decode


def _a(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise WrongType
    return value


def _among(choices: Sequence[Any], value: Any) -> Any:
    if type(value) is not str or value not in choices:
        raise WrongType
    return value


def _plain(hint: Any) -> Decoder:
    if hint in (str, bool, int, type(None)):
        return lambda value: _a(hint, value)
    if hint is float:
        return _float
    if hint is bytes:
        return _bytes
    if hint is datetime:
        return lambda value: datetime.fromisoformat(_a(str, value))
    if hint is Path:
        return lambda value: Path(_a(str, value))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: hint(value)
    raise WrongType


def _float(value: Any) -> Any:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise WrongType
    return value


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(_a(str, value), validate=True)
    except binascii.Error:
        raise WrongType from None
