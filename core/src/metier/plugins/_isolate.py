"""Plugins that run in a process of their own, and what stands for them in the host.

`docs/isolation.md` says what this protects and what it does not.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier import hookspecs
from metier.hookspecs import hookimpl
from metier.model import Manifest, PurposeRefused, Turn
from metier.plugins._checks import Broken, LoadedPlugin, check, guard
from metier.plugins._codec import Codec, hints_of
from metier.plugins._process import Process
from metier.plugins._results import WrongType
from metier.plugins._sandbox import CannotIsolate, missing, python_files
from metier.plugins._wire import CALLS, READ_ONCE, Hello, HookMark, Start

if TYPE_CHECKING:
    from pydantic import BaseModel


_METIER = Path(hookspecs.__file__).resolve().parent


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Isolation:
    """Which plugins run in a process of their own, and within what limits.

    Args:
        plugins: names of entry points or of distributions.
        trusted: where not None, every distribution but these is isolated. An entry point's
            name counts for nothing here, since a distribution chooses it.
        secrets: files and folders that no isolated plugin may be able to read; a plugin from
            whose folders one could be reached is refused.
        memory: bytes of address space. cpu: processor seconds, after which it starts anew.
    """

    plugins: frozenset[str] = frozenset()
    trusted: frozenset[str] | None = None
    secrets: tuple[Path, ...] = ()
    memory: int = 1 << 30
    cpu: int = 300

    def wants(self, entry: str, distribution: str) -> bool:
        """Whether the plugin of this entry point is to be isolated."""
        asked = {_normal(name) for name in self.plugins}
        if not asked.isdisjoint({_normal(entry), _normal(distribution)}):
            return True
        return self.trusted is not None and _normal(distribution) not in map(_normal, self.trusted)

    def unknown(self, names: Sequence[str]) -> list[str]:
        """What is to be isolated and is not there."""
        known = {_normal(name) for name in names}
        return sorted(name for name in self.plugins if _normal(name) not in known)


def isolated(
    entry: metadata.EntryPoint, distribution: str, version: str, isolation: Isolation
) -> LoadedPlugin:
    """Starts the plugin of an entry point in its process; broken where that can't be done.

    Nothing of the plugin is imported here.
    """
    process: Process | None = None
    try:
        with guard("starting its process"):
            try:
                start, own = _start(entry, distribution, version, isolation)
                process = Process(start)
                plugin = RemotePlugin(process, own)
            except CannotIsolate as problem:
                raise Broken(f"can't be isolated here: {problem}") from None
            except WrongType:
                raise Broken("its process told something else than what it is") from None
    except Broken as problem:
        if process is not None:
            process.close()
        return LoadedPlugin(
            entry.name, distribution, version, None, "broken", str(problem), isolated=True
        )
    found = check(plugin, distribution, version, entry.name)
    if found.status != "ok":
        process.close()
    return replace(found, isolated=True, warnings=plugin.hello.warnings)


def _start(
    entry: metadata.EntryPoint, distribution: str, version: str, isolation: Isolation
) -> tuple[Start, list[Path]]:
    """What its process is told, and the plugin's own files."""
    if lacking := missing():
        raise CannotIsolate(lacking)
    top = entry.module.partition(".")[0]
    spec = importlib.util.find_spec(top)  # of a top-level module; it imports nothing
    if spec is None:
        raise Broken(f"there is no module '{top}'")
    own = [Path(p) for p in spec.submodule_search_locations or () if p]
    if not own and spec.origin is not None:
        own = [Path(spec.origin)]
    own = [path.resolve() for path in own]
    readable = [*python_files(), _METIER, *own]
    for secret in isolation.secrets:
        open_to = next((r for r in readable if secret.resolve().is_relative_to(r.resolve())), None)
        if open_to is not None:
            raise Broken(f"can't be isolated here: {secret} lies in {open_to}, which it can read")
    start = Start(
        entry=entry.value.partition("[")[0].strip(),
        name=entry.name,
        distribution=distribution,
        version=version,
        generation=0,
        search=tuple(dict.fromkeys(str(path.parent) for path in own)),
        readable=tuple(map(str, readable)),
        forbidden="",
        memory=isolation.memory,
        cpu=isolation.cpu,
    )
    return start, own


class RemotePlugin:
    """Stands in the host for a plugin that runs elsewhere: the same hooks, each a question."""

    def __init__(self, process: Process, own: Sequence[Path]) -> None:
        self.process = process
        self._codec = Codec(self._remote, config_type=_settings(process))
        self.hello: Hello = self._codec.decode(Hello, process.hello)
        for name, mark in self.hello.hooks.items():
            setattr(self, name, self._hook(name, mark))
        for pack in (*(self.hello.knowledge_packs or ()), *(self.hello.policies or ())):
            _check_own(pack.path, own)

    def _hook(self, name: str, mark: HookMark) -> Any:
        spec = getattr(hookspecs, name, None)
        if spec is None or not hasattr(spec, f"{hookspecs.PROJECT}_spec"):
            raise WrongType
        marked = hookimpl(
            tryfirst=mark.tryfirst, trylast=mark.trylast, deadline=mark.deadline, needs=mark.needs
        )
        if name == "domain" or name in READ_ONCE:
            value = self.hello.manifest if name == "domain" else getattr(self.hello, name)
            return marked(lambda: value)
        gives = hints_of(spec)["return"]

        async def ask(**arguments: Any) -> Any:
            turns = [a for a in arguments.values() if isinstance(a, Turn)]
            answer = await self.process.ask({"hook": name, "arguments": arguments})
            return self._taken(gives, answer, turns)

        ask.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(a, inspect.Parameter.KEYWORD_ONLY) for a in mark.arguments]
        )
        return marked(ask)

    def _remote(self, kind: str, name: str) -> Any:
        """What stands here for a callable of the plugin."""
        if kind not in CALLS:
            raise WrongType
        _, gives = CALLS[kind]

        async def call(*arguments: Any) -> Any:
            turns = [a for a in arguments if isinstance(a, Turn)]
            answer = await self.process.ask(
                {"call": kind, "name": name, "arguments": list(arguments)}
            )
            return self._taken(gives, answer, turns)

        return call

    def _taken(self, gives: Any, answer: Mapping[str, Any], turns: Sequence[Turn]) -> Any:
        """The result, with what the plugin reached for noted in the turns it was given."""
        for turn in turns:
            if turn.scope is not None:
                turn.scope.reached.extend(answer["reached"])
                for slot in answer["asked"]:
                    turn.scope.note(slot)
        if answer["reached"] and self.hello.manifest is not None:
            raise PurposeRefused(self.hello.manifest.name, answer["reached"][0])
        self.process.check(answer)
        return self._codec.decode(gives, answer["result"])


def _settings(process: Process) -> type[BaseModel]:
    """Stands for the model of the plugin's settings: the plugin itself checks them."""
    from pydantic import BaseModel, ConfigDict, model_validator

    class Settings(BaseModel):
        model_config = ConfigDict(extra="allow", frozen=True)

        @model_validator(mode="before")
        @classmethod
        def _checked(cls, table: Any) -> Any:
            answer = process.ask_now({"config": table})
            process.check(answer)
            given = answer["result"]
            if not isinstance(given, dict) or not isinstance(given.get("settings"), dict):
                problem = given.get("problem") if isinstance(given, dict) else None
                raise ValueError(problem if isinstance(problem, str) else "it can't be read")
            return given["settings"]

    return Settings


def _check_own(path: Path, own: Sequence[Path]) -> None:
    """Refuses a folder or file that isn't the plugin's: the host would read it for it."""
    inside = any(path.resolve().is_relative_to(root) for root in own if root.is_dir())
    if not inside or any(p.is_symlink() for p in (path, *path.rglob("*"))):
        raise Broken("it names a folder or a file that is not its own")


def manifest_asks(manifest: Manifest | None) -> bool:
    """Whether a plugin asks to be isolated."""
    return manifest is not None and manifest.isolation == "process"
