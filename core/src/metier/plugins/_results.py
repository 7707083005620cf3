"""What hooks give back, checked against the contract before anything relies on it.

The types are read from `metier.hookspecs` and `metier.model`, so there is one
place that says what a hook returns.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cache
from typing import (
    Any,
    Literal,
    Protocol,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

import orjson

from metier import hookspecs


class WrongType(TypeError):
    """A hook gave back something else than its contract says."""


class BadToolName(WrongType):
    """A tool has a name that model servers refuse."""


_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@runtime_checkable
class _Recognizer(Protocol):
    """Presidio's `EntityRecognizer`, without loading Presidio to know it."""

    supported_entities: Any

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any) -> Any: ...


_HEAVY: Mapping[str, Any] = {"EntityRecognizer": _Recognizer, "BaseModel": object}
"""Names that the contract imports for type checkers alone."""


def checked(hook: str, value: Any) -> Any:
    """The value as the host hands it on: sequences as tuples, state as plain JSON values.

    Args:
        hook: the hook that gave it.
        value: None stands for no contribution and is always allowed.

    Raises:
        WrongType: where it is not what the hook's contract says.
        BadToolName: a tool can't be offered under its name.
    """
    if value is None:
        return None
    for hint in _alternatives(_hints(getattr(hookspecs, hook))["return"]):
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Sequence and _is_list(value):
            value = tuple(value)
            if all(_fits(item, inner[0]) for item in value):
                if hook == "tools":
                    _check_tool_names(value)
                return value
        elif origin is Mapping and _fits(value, hint):
            return _plain(value) if inner[1] is Any else dict(value)
        elif origin is None and _fits(value, hint):
            return value
    raise WrongType


def promised(hook: str) -> str:
    """What the contract says that a hook gives, as it is written there."""
    return str(getattr(hookspecs, hook).__annotations__["return"])


def _check_tool_names(tools: Iterable[Any]) -> None:
    for tool in tools:
        if not _TOOL_NAME.fullmatch(tool.name):
            raise BadToolName(
                f"it offers the tool '{tool.name}'; model servers take names of 1 to 64 letters "
                "of a to z, digits, _ and - only"
            )


def misfit(value: Any) -> str:
    """The first field of a dataclass that doesn't hold what it declares; "" where all do."""
    kind: Any = type(value)
    hints = _hints(kind)
    return next(
        (f.name for f in fields(value) if not _fits(getattr(value, f.name), hints[f.name])), ""
    )


@cache
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of, localns=dict(_HEAVY))


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _is_list(value: Any) -> bool:
    """Something ordered to go through; a text or a mapping is no list of what it holds."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | Set)


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, inner[0]) for item in value)
    if origin is Mapping:
        return (
            isinstance(value, Mapping)
            and all(_fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items())
            and (inner[1] is not Any or _is_json(value))
        )
    if origin is type:
        return isinstance(value, type)
    if origin is Callable:
        return callable(value)
    return _is_a(value, hint)


def _is_a(value: Any, kind: Any) -> bool:
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is str:
        return isinstance(value, str) and _is_unicode(value)
    if not isinstance(value, kind):
        return False
    return not is_dataclass(value) or not misfit(value)


def _is_unicode(text: str) -> bool:
    """False where a half of a surrogate pair stands alone: no such text can be stored or sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(value: Any) -> bool:
    try:
        _dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _plain(value: Any) -> Any:
    """A copy in plain dicts and lists, which the plugin no longer holds."""
    return orjson.loads(_dumps(value))


def _dumps(value: Any) -> bytes:
    def other(item: Any) -> Any:
        if isinstance(item, Mapping):
            return dict(item)
        raise TypeError

    return orjson.dumps(value, default=other)
