"""Policies: YAML a compliance officer reviews; what may be collected, shown and sent where."""

from pathlib import Path

from metier.policy._cases import (
    Case,
    CasesModel,
    Finder,
    Result,
    cases_beside,
    load_cases,
    run_case,
)
from metier.policy._check import Finding, Known, check
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
from metier.policy._diff import Change, difference
from metier.policy._holder import FileChange, PolicyChange, PolicyHolder
from metier.policy._load import Policy, load, read_all
from metier.policy._model import PolicyModel
from metier.policy._read import policy_files
from metier.policy._rules import Rule, rules_of
from metier.policy._schema import json_schema
from metier.policy._set import Declared, PolicySet, Target, compose
from metier.policy._sign import new_key, sign

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
    "Case",
    "CasesModel",
    "Change",
    "ConsentRule",
    "Contact",
    "Decided",
    "Declared",
    "Durability",
    "Explanation",
    "FileChange",
    "Finder",
    "Finding",
    "Known",
    "Minors",
    "Policy",
    "PolicyChange",
    "PolicyHolder",
    "PolicyModel",
    "PolicySet",
    "Result",
    "Retention",
    "Rule",
    "Said",
    "Target",
    "cases_beside",
    "check",
    "compose",
    "difference",
    "json_schema",
    "load",
    "load_cases",
    "new_key",
    "policy_files",
    "read_all",
    "rules_of",
    "run_case",
    "sign",
]
