"""Policies: YAML a compliance officer reviews; what may be collected, shown and sent where."""

from pathlib import Path

from metier.policy._decisions import (
    KEPT,
    LOCAL,
    MATRIX,
    RIGHTS,
    ROLES,
    SPECIAL_CATEGORIES,
    ConsentRule,
    Contact,
    Decided,
    Durability,
    Explanation,
    Minors,
    Retention,
    Said,
)
from metier.policy._load import Policy, load
from metier.policy._model import PolicyModel
from metier.policy._set import Declared, PolicySet, Target, compose

BUILT_IN = Path(__file__).parent / "built-in.yaml"
"""In force where no other policy is."""

__all__ = [
    "BUILT_IN",
    "KEPT",
    "LOCAL",
    "MATRIX",
    "RIGHTS",
    "ROLES",
    "SPECIAL_CATEGORIES",
    "ConsentRule",
    "Contact",
    "Decided",
    "Declared",
    "Durability",
    "Explanation",
    "Minors",
    "Policy",
    "PolicyModel",
    "PolicySet",
    "Retention",
    "Said",
    "Target",
    "compose",
    "load",
]
