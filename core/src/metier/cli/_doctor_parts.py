"""The parts of an installation, looked at one by one; nothing is changed and nothing is made."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from metier import config
from metier.cli._doctor_access import check_platforms
from metier.cli._doctor_config import PAGE, check_config
from metier.cli._doctor_serving import check_addresses, check_collector, check_names
from metier.cli._findings import Finding, State, failed, fine, guarded
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.server import Door

_T = TypeVar("_T")
_LITTLE, _NONE = 2 << 30, 256 << 20
"""Free bytes below which there is a warning, and below which nothing can be promised."""
_AHEAD = 5 * 60
"""Seconds by which what is stored may be ahead of the clock."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine(home: Path, flags: Sequence[str] = ()) -> list[Finding]:
    """Looks at every part. What rests on a part that failed is left out, for it would fail too."""
    found = check_config(home, flags)
    usable = home.is_dir() and not any(each.state == "failed" for each in found)
    found += guarded("home", PAGE, lambda: _home(home))
    if not usable:
        return found
    settings = config.load(home, flags)
    found += guarded("disk", PAGE, lambda: _disk(home, settings))
    found += guarded("keys", "docs/keys.md", lambda: _keys(home, settings))
    found += guarded("store", "docs/postgresql.md", lambda: _store(home, settings))
    if settings.access.platforms:
        found += guarded("access", "docs/access.md", lambda: check_platforms(home, settings))
    found += guarded("model", PAGE, lambda: _model(home, settings))
    found += guarded("index", PAGE, lambda: _index(home))
    if settings.index.url:
        found += guarded("index", "docs/operations.md", lambda: _index_server(home, settings))
    found += guarded("plugins", "docs/plugin.md", lambda: _plugins(home, settings))
    found += guarded("policies", "docs/policies.md", lambda: _policies(home, settings))
    found += guarded("privacy", "docs/privacy.md", lambda: check_names(settings))
    if settings.telemetry.otlp_endpoint:
        found += guarded("telemetry", "docs/operations.md", lambda: check_collector(settings))
    return found + guarded("server", PAGE, lambda: check_addresses(settings))


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(work)


# --- files -------------------------------------------------------------------------------


def _home(home: Path) -> list[Finding]:
    if not home.is_dir():
        return [Finding("home", "failed", f"There is no home at {home}.",
                        "Run `metier setup`, or set METIER_HOME to the folder.")]  # fmt: skip
    found = []
    for path in (home, *sorted(home.iterdir())):
        facts = path.lstat()
        own = path == home or path.name in _SECRETS
        if facts.st_uid != os.geteuid() and os.geteuid() != 0:
            found.append(Finding("home", "failed", f"{path} belongs to another user.",
                                 f"Run metier as that user, or `chown` {path}."))  # fmt: skip
        elif own and facts.st_mode & _OTHERS:
            mode = "700" if path.is_dir() else "600"
            found.append(Finding("home", "failed", f"Others than its owner can use {path}.",
                                 f"Run `chmod {mode} {path}`."))  # fmt: skip
    if not os.access(home, os.W_OK | os.X_OK):
        found.append(Finding("home", "failed", f"{home} can't be written.",
                             "Check its owner, and that it is not mounted read-only."))  # fmt: skip
    return found or [fine("home", f"{home} and the secrets in it are their owner's alone.")]


_SECRETS = frozenset({"root.key", "keys.db", "store.db", "api-key", "server.json"})


def _disk(home: Path, settings: config.Settings) -> list[Finding]:
    found = []
    folders = [home] + ([settings.escrow] if settings.escrow else [])
    for folder in folders:
        free = shutil.disk_usage(folder).free
        says = f"{free / (1 << 30):.1f} GB are free at {folder}."
        mend = "Free some space: a full disk refuses every turn, and loses none that was answered."
        state: State = "failed" if free < _NONE else "warning" if free < _LITTLE else "ok"
        found.append(Finding("disk", state, says, "" if state == "ok" else mend))
    return found


# --- keys and store ------------------------------------------------------------------------


def _keys(home: Path, settings: config.Settings) -> list[Finding]:
    from metier._home import open_keyring

    keyring = open_keyring(home, settings)
    try:
        tenants = keyring.store.tenants()
        for tenant in tenants:
            keyring.purpose_key(tenant, "doctor")
    finally:
        keyring.close()
    return [fine("keys", f"The root key opens the keys of {len(tenants)} tenants.")]


def _store(home: Path, settings: config.Settings) -> list[Finding]:
    from metier._home import open_store

    file = home / "store.db"
    if not settings.store.url_env and not file.exists():
        mend = "Run `metier setup`; if this home has been used, `metier restore`."
        return [Finding("store", "failed", f"There is no store at {file}.", mend)]

    async def look() -> tuple[bool, int]:
        store = open_store(home, settings)
        try:
            await store.check_schema()
            newest = 0
            for tenant in await store.audit_tenants():
                newest = max(newest, await store.audit_newest_at(tenant))
            return await store.whole(), newest
        finally:
            await store.close()

    whole, newest = _run(look())
    where = "PostgreSQL" if settings.store.url_env else str(file)
    found = [fine("store", f"{where} answers, and its schema fits this version.")]
    if not whole:
        found.append(Finding("store", "failed", f"{where} is damaged.",
                             "Put a backup back: `metier restore`."))  # fmt: skip
    return [*found, _clock(newest)]


def _clock(newest: int) -> Finding:
    """The clock against the newest event of the audit log, in milliseconds since 1970."""
    ahead = newest / 1000 - datetime.now(UTC).timestamp()
    if ahead > _AHEAD:
        return Finding(
            "clock", "failed", f"The newest audit event is {ahead / 60:.0f} minutes from now.",
            "Set the clock (`timedatectl`): keeping, expiry and audit go by it.",
        )  # fmt: skip
    return fine("clock", "It is not behind what is stored.")


# --- what answers ------------------------------------------------------------------------------


def _model(home: Path, settings: config.Settings) -> list[Finding]:
    from metier.encoder import verify

    found = []
    if settings.embeddings != "none":
        verify(home / "model")
        found.append(fine("model", "The files of the embedding model have their hashes."))
    if settings.privacy.names == "model":
        from metier.privacy.ner import ModelError, packaged

        try:
            packaged()
        except ModelError as error:
            return [*found, failed("model", error, "docs/privacy.md")]
        found.append(fine("model", "The files of the name model have their hashes."))
    return found


def _index(home: Path) -> list[Finding]:
    from metier.cli import _remote
    from metier.knowledge import Index, IndexBusy

    if not (home / "index").is_dir():
        return [Finding("index", "warning", "There is no index.",
                        "Run `metier setup`, which indexes what the domains bring.")]  # fmt: skip
    try:
        Index.open(home / "index", None).close()
    except IndexBusy as busy:
        door = _remote.running()
        if door is None:
            return [fine("index", f"Process {busy.owner or '?'} uses it; not looked into.")]
        return [fine("index", f"The server, process {door.pid}, uses it."), _server(door)]
    return [fine("index", "It can be opened.")]


def _index_server(home: Path, settings: config.Settings) -> list[Finding]:
    """The Qdrant server that holds the index of several servers."""
    from metier._building import find_plugins, hold_policies
    from metier._index_server import index_server

    registry = find_plugins(home, settings)
    try:
        policy = hold_policies(registry, settings).current
    finally:
        registry.close()
    place = index_server(settings, policy)
    assert place is not None, "its address is set"
    try:
        place.check()
        if place.passages(settings.tenant, create=False) is None:
            nothing = "The index server holds nothing of this tenant."
            mend = "Run `metier setup`, which indexes what the domains bring."
            return [Finding("index", "warning", nothing, mend)]
    finally:
        place.close()
    return [fine("index", "The index server answers, and its collection fits the model.")]


def _server(door: Door) -> Finding:
    """What the running server says of itself."""
    from metier.cli import _remote

    bad = sorted(name for name, well in _remote.ready(door).items() if not well)
    if bad:
        return Finding("server", "failed", f"The server is not ready: {', '.join(bad)}.",
                       "See what is said of that part here.")  # fmt: skip
    return fine("server", f"The server at {door.url} is ready.")


def _plugins(home: Path, settings: config.Settings) -> list[Finding]:
    from metier._building import find_plugins
    from metier.privacy import unsafe_patterns

    registry = find_plugins(home, settings, judge=unsafe_patterns)
    try:
        found = []
        for plugin in registry.plugins:
            if plugin.status != "ok":
                found.append(
                    Finding("plugins", "failed", f"'{plugin.name}' does not work: {plugin.reason}.",
                            f"Mend it, or `pip uninstall {plugin.distribution}`.")
                )  # fmt: skip
            found += [
                Finding("plugins", "warning", f"'{plugin.name}': {said}.", "Tell its author.")
                for said in plugin.warnings
            ]
        domains = ", ".join(registry.domains)
        if not domains:
            found.append(Finding("plugins", "failed", "No domain is there to serve.",
                                 "Install one, such as metier-writing."))  # fmt: skip
        for name in registry.domains:
            registry.host(name, settings.extensions)
        return found or [fine("plugins", f"All work. Domains: {domains}.")]
    finally:
        registry.close()


def _policies(home: Path, settings: config.Settings) -> list[Finding]:
    from metier._building import find_plugins, hold_policies, make_engine

    registry = find_plugins(home, settings)
    try:
        policy = hold_policies(registry, settings).current
    finally:
        registry.close()
    names = ", ".join(sorted(each.name for each in policy.policies))
    found = [fine("policies", f"In force, version {policy.version}: {names}.")]
    try:
        engine = make_engine(settings, policy)
    except MetierError as error:
        return [*found, failed("engine", error, PAGE)]
    return found + _run(_reached(engine, settings))


async def _reached(engine: Any, settings: config.Settings) -> list[Finding]:
    try:
        found = []
        for place, each in enumerate(getattr(engine, "engines", (engine,))):
            chosen = settings.engine.fallbacks[place - 1] if place else settings.engine
            found += await _stands(each, chosen, first=not place)
        return found
    finally:
        await engine.close()


async def _stands(engine: Any, chosen: config.ModelSettings, *, first: bool) -> list[Finding]:
    """How one engine stands: of several servers each that is away is a warning."""
    from metier._ready import reach

    if chosen.kind == "grounded":
        return [fine("engine", "'grounded' answers by itself, with no model.")]
    what = f"The target '{chosen.target}'{'' if first else ', which stands in,'}"
    try:
        await reach(engine)
    except MetierError as error:
        if first:
            return [failed("engine", error, PAGE)]
        return [Finding("engine", "warning", f"{what} can't be reached.", PAGE)]
    away = await engine.faults() if hasattr(engine, "faults") else {}
    return [
        fine("engine", f"{what} can be reached."),
        *(
            Finding("engine", "warning", f"Its server '{name}' can't be reached.", PAGE)
            for name in away
        ),
    ]
