"""Policies: YAML a compliance officer reviews; what may be collected, shown and sent where."""

from pathlib import Path

from metier.policy._load import Policy, load
from metier.policy._set import Decided, Declared, PolicySet, Target, compose

BUILT_IN = Path(__file__).parent / "built-in.yaml"
"""In force where no other policy is."""

__all__ = ["BUILT_IN", "Decided", "Declared", "Policy", "PolicySet", "Target", "compose", "load"]
