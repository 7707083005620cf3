"""Configuration and policies read anew while metier runs: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metier import config
from metier._building import hold_policies, plugin_configs

if TYPE_CHECKING:
    from pydantic import BaseModel

    from metier.plugins import Registry
    from metier.policy import PolicyHolder

LIVE = frozenset({"policies", "policy_keys", "policy_pins", "required_policies", "laws", "plugins"})
"""Settings that come into force at once; the others are read at the start alone."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What reading anew changed.

    Args:
        changed: settings that are in force now, and "policy" where a policy file changed.
        restart: settings that differ in the file and need a restart.
    """

    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()

    def words(self) -> str:
        """One line for a log."""
        said = f"now in force: {', '.join(self.changed) or 'nothing new'}"
        return said + (f"; needs a restart: {', '.join(self.restart)}" if self.restart else "")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Everything that a reload puts in force, built and checked before any of it is."""

    settings: config.Settings
    policies: PolicyHolder
    configs: Mapping[str, BaseModel]
    reloaded: Reloaded


def read_anew(
    running: config.Settings, home: Path, registry: Registry, flags: Sequence[str] = ()
) -> Fresh:
    """Reads and checks settings and policies; changes nothing.

    Args:
        running: the settings in force.
        flags: those that metier was started with.

    Raises:
        MetierError: something of it can't be used.
    """
    found = config.load(home, flags)
    differing = {
        name
        for name in config.Settings.model_fields
        if getattr(found, name) != getattr(running, name)
    }
    live, restart = differing & LIVE, differing - LIVE
    settings = running.model_copy(update={name: getattr(found, name) for name in live})
    return Fresh(
        settings,
        hold_policies(registry, settings),
        plugin_configs(registry, settings),
        Reloaded(tuple(sorted(live)), tuple(sorted(restart))),
    )
