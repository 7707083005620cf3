"""Plugins: discovery, one host per domain, dispatch with deadlines, circuit breaker."""

from metier.plugins._breaker import BreakerState
from metier.plugins._discovery import GROUP, LoadedPlugin, Registry, discover
from metier.plugins._host import Contribution, Host, Outcome

__all__ = [
    "GROUP",
    "BreakerState",
    "Contribution",
    "Host",
    "LoadedPlugin",
    "Outcome",
    "Registry",
    "discover",
]
