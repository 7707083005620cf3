"""What every noun leans on: the contract's version, JSON values, an empty mapping."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

API_VERSION = 1
"""The version of the hook contract. Plugins state theirs in the manifest."""

Json = Any
"""A value that `json.dumps` accepts: None, bool, int, float, str, list or dict."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""An empty mapping nobody can write to."""


def empty() -> Mapping[str, Any]:
    return EMPTY
