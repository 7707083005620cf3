"""Plugins: discovery, one host per domain, dispatch with deadlines, purposes, isolation."""

from metier.plugins._breaker import BreakerState
from metier.plugins._checks import LoadedPlugin
from metier.plugins._discovery import GROUP, Judge, discover
from metier.plugins._host import Contribution, Host, Outcome
from metier.plugins._isolate import Isolation
from metier.plugins._purpose import Refusal
from metier.plugins._registry import Registry

__all__ = [
    "GROUP",
    "BreakerState",
    "Contribution",
    "Host",
    "Isolation",
    "Judge",
    "LoadedPlugin",
    "Outcome",
    "Refusal",
    "Registry",
    "discover",
]
