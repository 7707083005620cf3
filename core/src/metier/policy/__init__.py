"""Policies: YAML a compliance officer reviews; what may be collected, shown and sent where."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.policy._consent_text import ConsentText, load_consent_text
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
    Detecting,
    Durability,
    Explanation,
    Minors,
    Retention,
    Reviewed,
    Said,
)
from metier.policy._groups import Groups
from metier.policy._holder import FileChange, PolicyChange, PolicyHolder
from metier.policy._load import Policy, load, read_all
from metier.policy._model import PolicyModel
from metier.policy._personalize import Personalizing
from metier.policy._read import policy_files, read_yaml, validated
from metier.policy._set import ACTIONS, Declared, PolicySet, Target, compose
from metier.policy._sign import new_key, read_public_keys, sign_policy

if TYPE_CHECKING:
    from metier.policy._cases import (
        Case,
        CasesModel,
        Finder,
        Result,
        cases_beside,
        load_cases,
        run_case,
    )
    from metier.policy._check import Finding, Known, find_faults
    from metier.policy._diff import EVERY, Change, difference
    from metier.policy._rules import Rule, rules_of
    from metier.policy._schema import json_schema

BUILT_IN = Path(__file__).parent / "built-in.yaml"
"""In force where no other policy is."""

_LATER = {
    "Case": "_cases",
    "CasesModel": "_cases",
    "Finder": "_cases",
    "Result": "_cases",
    "cases_beside": "_cases",
    "load_cases": "_cases",
    "run_case": "_cases",
    "Finding": "_check",
    "Known": "_check",
    "find_faults": "_check",
    "EVERY": "_diff",
    "Change": "_diff",
    "difference": "_diff",
    "Rule": "_rules",
    "rules_of": "_rules",
    "json_schema": "_schema",
}
"""What no server needs, by the module that has it."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        module = import_module(f"metier.policy.{_LATER[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ACTIONS",
    "BUILT_IN",
    "EVERY",
    "KEPT",
    "LOCAL",
    "MATRIX",
    "RIGHTS",
    "ROLES",
    "SPECIAL_CATEGORIES",
    "Case",
    "CasesModel",
    "Change",
    "ConsentRule",
    "ConsentText",
    "Contact",
    "Decided",
    "Declared",
    "Detecting",
    "Durability",
    "Explanation",
    "FileChange",
    "Finder",
    "Finding",
    "Groups",
    "Known",
    "Minors",
    "Personalizing",
    "Policy",
    "PolicyChange",
    "PolicyHolder",
    "PolicyModel",
    "PolicySet",
    "Result",
    "Retention",
    "Reviewed",
    "Rule",
    "Said",
    "Target",
    "cases_beside",
    "compose",
    "difference",
    "find_faults",
    "json_schema",
    "load",
    "load_cases",
    "load_consent_text",
    "new_key",
    "policy_files",
    "read_all",
    "read_public_keys",
    "read_yaml",
    "rules_of",
    "run_case",
    "sign_policy",
    "validated",
]
