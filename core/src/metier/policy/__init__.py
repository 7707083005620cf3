"""Policies: YAML a compliance officer reviews; what may be collected, shown and sent where."""

from metier.policy._load import Policy, load
from metier.policy._set import Decided, Declared, PolicySet, Target, compose

__all__ = ["Decided", "Declared", "Policy", "PolicySet", "Target", "compose", "load"]
