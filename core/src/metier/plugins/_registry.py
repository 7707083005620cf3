"""The plugins found, and the hosts built from those that work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metier.hookspecs import HookOptions
from metier.model import Manifest, MetierError
from metier.plugins._breaker import Breaker, BreakerState
from metier.plugins._checks import MARK, LoadedPlugin, arguments_of, hooks_of
from metier.plugins._host import Contribution, Host, Implementation, ordered
from metier.plugins._isolate import RemotePlugin
from metier.plugins._order import order
from metier.plugins._purpose import Purposes, Report


class Registry:
    """The plugins found, and the hosts built from those that work."""

    def __init__(self, plugins: Sequence[LoadedPlugin], defaults: frozenset[str]) -> None:
        self.plugins = list(plugins)
        self._ok = {p.name: p for p in plugins if p.status == "ok"}
        self._defaults = defaults
        self._hosts: dict[tuple[str, frozenset[str]], Host] = {}
        self._breaker = Breaker()
        self._purposes = Purposes(p.manifest for p in self._ok.values() if p.manifest)

    @property
    def domains(self) -> dict[str, Manifest]:
        """Manifests of the domains that work, by name."""
        return {
            name: p.manifest
            for name, p in sorted(self._ok.items())
            if p.manifest is not None and p.manifest.domain
        }

    def collect(self, hook: str) -> tuple[Contribution, ...]:
        """Reads a contribution hook of every plugin that works, whatever host it joins."""
        return _build_host("", list(self._ok.values()), self._breaker, self._purposes).collect(hook)

    def on_refusal(self, report: Report) -> None:
        """Has `report` called for each refusal of what a plugin's manifest doesn't declare."""
        self._purposes.report = report

    def close(self) -> None:
        """Ends the processes of isolated plugins."""
        for plugin in self.plugins:
            if isinstance(plugin.plugin, RemotePlugin):
                plugin.plugin.process.close()

    def breakers(self) -> list[BreakerState]:
        """Hooks that have failed lately; open ones are switched off for a while."""
        return self._breaker.states()

    def host(self, domain: str, extensions: Iterable[str] = ()) -> Host:
        """The host of a domain with these extensions; built once.

        Raises:
            MetierError: where the domain or an extension is not there, is broken, or
                is not of that kind.
        """
        key = (domain, frozenset(extensions) - self._defaults)
        if key not in self._hosts:
            joined = [self._plugin(domain, domain=True)]
            joined += [self._plugin(name, domain=False) for name in sorted(key[1])]
            core = [self._ok[name] for name in sorted(self._defaults)]
            self._hosts[key] = _build_host(domain, [*core, *joined], self._breaker, self._purposes)
        return self._hosts[key]

    def _plugin(self, name: str, *, domain: bool) -> LoadedPlugin:
        """A plugin that works and is of the kind that is asked for."""
        found = self._ok.get(name)
        if found is None or found.manifest is None:
            broken = next((p for p in self.plugins if p.name == name), None)
            if broken is None:
                known = ", ".join(self.domains) or "none is installed"
                reason = f"There is no plugin '{name}'. Known domains: {known}."
            else:
                reason = f"The plugin '{name}' does not work: {broken.reason}. Mend or remove it."
            raise MetierError(reason, code="plugin_not_usable")
        if found.manifest.domain != domain:
            what, asked = (
                ("a domain", "an extension") if not domain else ("an extension", "a domain")
            )
            raise MetierError(
                f"The plugin '{name}' is {what} and can't be used as {asked}. "
                "See `extensions` in metier.toml.",
                code="plugin_not_usable",
            )
        return found


def _build_host(
    domain: str, plugins: Sequence[LoadedPlugin], breaker: Breaker, purposes: Purposes
) -> Host:
    manifests = {p.name: p.manifest for p in plugins if p.manifest is not None}
    places = order(list(manifests.values()))
    found: dict[str, list[Implementation]] = {}
    tries: dict[str, dict[str, int]] = {}
    for plugin in plugins:
        for hook, function in hooks_of(plugin.plugin).items():
            marks = getattr(function, MARK)
            options = getattr(function, "__metier_options__", HookOptions())
            found.setdefault(hook, []).append(
                Implementation(
                    plugin.name,
                    plugin.distribution,
                    hook,
                    manifests[plugin.name],
                    function,
                    arguments_of(function),
                    options,
                )
            )
            tried = -1 if marks.get("tryfirst") else 1 if marks.get("trylast") else 0
            tries.setdefault(hook, {})[plugin.name] = tried
    calls = {hook: ordered(each, tries[hook], places) for hook, each in found.items()}
    return Host(domain, calls, manifests, breaker, purposes)
