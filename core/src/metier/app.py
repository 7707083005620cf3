"""`Metier`: builds everything from configuration; what Python users hold."""

from __future__ import annotations

import asyncio
import difflib
import logging
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError

from metier import config
from metier.audit import AuditLog, Verification
from metier.crypto import Keyring
from metier.model import (
    Actor,
    Answer,
    Document,
    Engine,
    Event,
    Fact,
    Feedback,
    Importer,
    Json,
    KnowledgePack,
    Manifest,
    Message,
    MetierError,
    Passage,
    Recommendation,
    Request,
    Role,
    Route,
)
from metier.pipeline import CoreDefaults, Parts, Pipeline, around, purge
from metier.plugins import BreakerState, Registry, discover
from metier.policy import BUILT_IN, PolicySet, compose
from metier.policy import load as load_policy
from metier.privacy import Detector
from metier.store import Store, StoreUnavailable

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from pydantic import BaseModel

    from metier.encoder import Encoder
    from metier.knowledge import Index, Read

_log = logging.getLogger("metier")
_PURGE_SECONDS = 3600.0


class Metier:
    """A running metier: domains, privacy, memory and one engine.

    Example:
        async with Metier.open() as app:
            answer = await app.respond(app.request("writing", "Its a nice day."))

    Use `Metier.open`; the constructor takes parts that are already built.
    """

    def __init__(self, home: Path, settings: config.Settings, parts: Parts, store: Store) -> None:
        self.home = home
        self.settings = settings
        self.parts = parts
        self._store = store
        self._pipeline = Pipeline(parts)

    @classmethod
    def open(
        cls,
        home: Path | None = None,
        settings: config.Settings | None = None,
        *,
        plugins: Sequence[object] = (),
        engine: Engine | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> Self:
        """Builds metier in a home that `metier setup` has prepared.

        Args:
            home: the folder of its state; `metier.config.home()` where None.
            settings: read from `metier.toml` in the home where None.
            plugins: plugin objects besides the installed ones, each under a name of its own.
            engine: used instead of the configured one.
            clock: the time source, UTC.

        Raises:
            MetierError: where the configuration, a policy, the root key or one of `plugins`
                can't be used.
        """
        from metier.privacy import unsafe_patterns  # loads Presidio's recognizers

        home = home or config.home()
        settings = settings or config.load(home)
        registry = discover(plugins, defaults=(CoreDefaults(),), judge=unsafe_patterns)
        _check_given(registry, len(plugins))
        policy = _policy(registry, settings)
        store = Store(f"sqlite+aiosqlite:///{home / 'store.db'}")
        lazy = _Lazy(home, settings, registry, policy)
        parts = Parts(
            registry=registry,
            policy=policy,
            keyring=Keyring.open(home / "root.key", settings.passphrase),
            store=store,
            audit=AuditLog(store),
            index=lambda: lazy.index,
            encoder=lambda: lazy.encoder,
            engine=engine or _engine(settings, policy),
            detector=lazy.detector,
            clock=clock or (lambda: datetime.now(UTC)),
            extensions=settings.extensions,
            configs=_plugin_configs(registry, settings),
        )
        app = cls(home, settings, parts, store)
        app._lazy = lazy
        return app

    _lazy: _Lazy
    _purging: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._store.migrate()
        await self.purge()
        self._purging = asyncio.create_task(self._purge_now_and_then())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the engine, the index and the store."""
        if self._purging is not None:
            self._purging.cancel()
            await asyncio.gather(self._purging, return_exceptions=True)
        await self.parts.engine.close()
        self._lazy.close()
        await self._store.close()

    async def purge(self) -> int:
        """Deletes vaults, conversations and turn records that the policy no longer keeps.

        Runs when the app is entered, and every hour after that.

        Returns:
            How many rows are gone.

        Raises:
            StoreUnavailable: where they could not be deleted.
        """
        return await purge(self.parts)

    async def _purge_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_PURGE_SECONDS)
            try:
                await self.purge()
            except StoreUnavailable as error:  # what has expired isn't loaded all the same
                _log.warning("What has expired was not purged: %s", error.message)

    # --- turns -------------------------------------------------------------

    def request(
        self, domain: str, message: str, *, subject: str = "me", conversation: str | None = None
    ) -> Request:
        """A request of the local person for one message."""
        actor = Actor(self.settings.tenant, subject)
        messages = (Message(Role.USER, message),)
        return Request(domain, messages, actor, conversation=conversation)

    async def respond(self, request: Request) -> Answer:
        """Runs one turn and returns its answer.

        Raises:
            MetierError: for anything a caller can act on.
        """
        answer: Answer | None = None
        async for item in self.stream(request):
            if isinstance(item, Answer):
                answer = item
        assert answer is not None, "a turn ends with its answer"
        return answer

    def stream(self, request: Request) -> AsyncGenerator[Event | Answer]:
        """Runs one turn; yields its events and, last, the `Answer`."""
        return self._pipeline.run(request)

    # --- around the turn -----------------------------------------------------

    def domains(self) -> list[Manifest]:
        return sorted(self.parts.registry.domains.values(), key=lambda m: m.name)

    async def profile(self, actor: Actor, subject: str | None = None) -> list[Fact]:
        return await around.profile(self.parts, actor, subject)

    async def set_fact(
        self, actor: Actor, subject: str | None, slot: str, value: str, category: str
    ) -> Fact:
        return await around.set_fact(self.parts, actor, subject, slot, value, category)

    async def forget_fact(self, actor: Actor, subject: str | None, fact_id: str) -> None:
        await around.forget_fact(self.parts, actor, subject, fact_id)

    async def feedback(self, actor: Actor, feedback: Feedback) -> None:
        await around.feedback(self.parts, actor, feedback)

    async def recommend(
        self, actor: Actor, subject: str | None, domain: str
    ) -> list[Recommendation]:
        return await around.recommend(self.parts, actor, subject, domain)

    async def view(self, actor: Actor, subject: str | None, domain: str, name: str) -> str:
        return await around.render_view(self.parts, actor, subject, domain, name)

    def routes(self) -> Mapping[tuple[str, str], Route]:
        return around.routes(self.parts)

    async def call_route(self, actor: Actor, plugin: str, path: str, body: Json) -> Json:
        return await around.call_route(self.parts, actor, plugin, path, body)

    async def search(self, actor: Actor, domain: str, query: str, limit: int = 5) -> list[Passage]:
        """Searches the domain's knowledge of the actor's tenant."""
        # Searching computes; the loop has other turns to serve meanwhile.
        index = self.parts.index()
        return await asyncio.to_thread(index.search, actor.tenant, domain, [query], limit)

    # --- knowledge -----------------------------------------------------------

    def read_documents(self, domain: str, paths: Sequence[Path]) -> Read:
        """Reads files, and the files of folders, with the domain's importers.

        Raises:
            MetierError: for an unknown domain, and for the first file that can't be
                read, with the reason.
        """
        from metier.knowledge import read_paths

        return read_paths(paths, self._importers(domain))

    def _importers(self, domain: str) -> list[Importer]:
        host = self.parts.registry.host(domain, self.settings.extensions)
        return [importer for c in host.collect("importers") for importer in c.value]

    def ingest(
        self,
        domain: str,
        documents: Sequence[Document],
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Indexes documents for a domain of this tenant; returns the number of passages."""
        return self.parts.index().add(self.settings.tenant, domain, documents, progress)

    def changed_packs(self) -> dict[str, list[KnowledgePack]]:
        """The domains' knowledge packs that are not indexed as they are now."""
        from metier.knowledge import PackRegister

        register = PackRegister(self.home / "packs.json")
        changed: dict[str, list[KnowledgePack]] = {}
        for manifest in self.domains():
            host = self.parts.registry.host(manifest.name, self.settings.extensions)
            for pack in (p for c in host.collect("knowledge_packs") for p in c.value):
                if register.changed(manifest.name, pack):
                    changed.setdefault(manifest.name, []).append(pack)
        return changed

    def index_packs(
        self,
        packs: Mapping[str, Sequence[KnowledgePack]],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Indexes packs, takes out what they no longer hold, and remembers how they are.

        Raises:
            MetierError: for the first file of a pack that can't be read.
        """
        from metier.knowledge import PackRegister, read_pack

        register = PackRegister(self.home / "packs.json")
        for domain, found in packs.items():
            for pack in found:
                documents = read_pack(pack, self._importers(domain))
                self.ingest(domain, documents, progress)
                ids = {document.id for document in documents}
                for outdated in register.outdated(domain, pack, ids):
                    self.parts.index().remove(self.settings.tenant, domain, outdated)
                register.keep(domain, pack, ids)

    async def ready(self) -> Mapping[str, bool]:
        """Whether each part can serve: the store, the index, at least one domain."""
        store = True
        try:
            await self._store.revision(self.settings.tenant, "readiness")
        except MetierError:
            store = False
        return {"store": store, "domains": bool(self.domains())}

    def warm(self) -> None:
        """Loads what the first turn of each domain would wait for: models, word lists, the index.

        Raises:
            MetierError: one of them can't be loaded.
        """
        for manifest in self.domains():
            detector = self.parts.detector(manifest.name)
            for text in _FIRST:
                detector.scan(text)
            self.parts.index().search(self.settings.tenant, manifest.name, list(_FIRST), 1)

    def switched_off(self) -> list[BreakerState]:
        """Hooks, routes and views of plugins that failed too often and are not called for now."""
        return [state for state in self.parts.registry.breakers() if state.open]

    async def verify_audit(self) -> Verification:
        """Checks the audit log's hash chain."""
        return await self.parts.audit.verify()


_FIRST = ("Hello, this is the first message.", "你好，这是第一条消息。")
"""In both languages, so that what each needs is loaded."""


class _Lazy:
    """The heavy parts, opened when first used."""

    def __init__(
        self, home: Path, settings: config.Settings, registry: Registry, policy: PolicySet
    ) -> None:
        self._policy = policy
        self._declared = _declared(policy)
        self._home = home
        self._settings = settings
        self._registry = registry
        self._detectors: dict[str, Detector] = {}
        self._opened = False

    @cached_property
    def encoder(self) -> Encoder | None:
        if self._settings.embeddings == "none":
            return None
        from metier.encoder import Encoder

        return Encoder.open(self._home / "model")

    @cached_property
    def index(self) -> Index:
        from metier.knowledge import Index

        index = Index.open(self._home / "index", self.encoder)
        self._opened = True
        return index

    def detector(self, domain: str) -> Detector:
        if domain not in self._detectors:
            host = self._registry.host(domain, self._settings.extensions)
            found = [r for c in host.collect("recognizers") for r in c.value]
            found += self._declared
            found += self._named(domain)
            self._detectors[domain] = Detector(found, allow=self._policy.allowed_values)
        return self._detectors[domain]

    def _named(self, domain: str) -> list[EntityRecognizer]:
        """What the configuration adds: the name model, and recognizers from elsewhere."""
        from metier.privacy import ModelNames, SpacyNames  # loads Presidio

        chosen = self._settings.privacy
        added = [each for place in chosen.recognizers for each in _imported(place)]
        if chosen.names == "model":
            added.append(ModelNames(self._policy.detection(domain)))
        elif chosen.names.startswith("spacy:"):
            added.append(SpacyNames(chosen.names.removeprefix("spacy:")))
        return added

    def close(self) -> None:
        if self._opened:
            self.index.close()


_OWN_POLICIES = "policies"
"""The plugin with metier's own policy files. Installed and broken, it is never just left out."""


def _declared(policy: PolicySet) -> list[EntityRecognizer]:
    """Recognizers of what the policies declare.

    Raises:
        MetierError: a term or a pattern that can't be used, with the rule that holds it.
    """
    if not (policy.declared or policy.regions):
        return []
    from metier.privacy import DeclaredPattern, DictionaryRecognizer, Phones  # loads Presidio

    found: list[EntityRecognizer] = [Phones(policy.regions)] if policy.regions else []
    for each in policy.declared:
        try:
            found.append(
                DeclaredPattern(
                    each.entity, each.pattern, name=each.rule, score=each.score,
                    ignore_case=not each.match_case, context=each.context,
                )
                if each.pattern
                else DictionaryRecognizer(
                    each.entity, each.terms, name=each.rule, score=each.score,
                    match_case=each.match_case, context=each.context,
                )
            )  # fmt: skip
        except MetierError as error:
            raise MetierError(
                f"The policy ({each.rule}): {error.message}", code="bad_policy"
            ) from None
    return found


def _imported(place: str) -> list[EntityRecognizer]:
    """The recognizers that "module:name" gives.

    Raises:
        MetierError: there is no such thing, it fails, or gives something else.
    """
    from presidio_analyzer import EntityRecognizer

    module, _, name = place.partition(":")
    try:
        given = getattr(import_module(module), name)()
    except Exception as error:
        raise MetierError(
            f"metier.toml: `privacy.recognizers`: '{place}' gives no recognizer "
            f"({type(error).__name__}). Is its package installed?",
            code="bad_config",
        ) from None
    every = [given] if isinstance(given, EntityRecognizer) else list(given)
    if not all(isinstance(each, EntityRecognizer) for each in every):
        raise MetierError(
            f"metier.toml: `privacy.recognizers`: '{place}' gives something else than Presidio "
            "recognizers.",
            code="bad_config",
        )
    return every


def _check_given(registry: Registry, count: int) -> None:
    """An installed plugin that is broken is listed; one that a program hands over is its fault.

    Raises:
        MetierError: one of the last `count` plugins does not work, or its name is taken.
    """
    for plugin in registry.plugins[len(registry.plugins) - count :]:
        if plugin.status != "ok":
            raise MetierError(
                f"The plugin '{plugin.name}' that was given does not work: {plugin.reason}.",
                code="plugin_not_usable",
            )


def _policy(registry: Registry, settings: config.Settings) -> PolicySet:
    """The policies in force; where none is, metier's own, which lets nothing be learnt.

    Raises:
        MetierError: where one can't be used, or one that should be in force is not.
    """
    for plugin in registry.plugins:
        if plugin.name == _OWN_POLICIES and plugin.status != "ok":
            raise MetierError(
                f"The plugin '{plugin.name}' does not work: {plugin.reason}. Without the policies "
                "it brings nothing is served; mend or uninstall it.",
                code="policy_missing",
            )
    files = {
        file.path for contribution in registry.collect("policies") for file in contribution.value
    }
    files.update(settings.policies)
    policy = compose([load_policy(path) for path in sorted(files) or (BUILT_IN,)])
    in_force = {each.name for each in policy.policies}
    if missing := sorted(set(settings.required_policies) - in_force):
        raise MetierError(
            f"metier.toml: `required_policies` names {', '.join(missing)}, which no plugin brings "
            "and no file under `policies` holds; nothing is served without. In force: "
            f"{', '.join(sorted(in_force)) or 'none'}.",
            code="policy_missing",
        )
    return policy


def _plugin_configs(registry: Registry, settings: config.Settings) -> dict[str, BaseModel]:
    """Each plugin's settings, checked against its own model.

    Raises:
        MetierError: naming the table that has a fault, or that no plugin reads.
    """
    installed = {plugin.name for plugin in registry.plugins}
    for name in settings.plugins:
        if name not in installed:
            near = difflib.get_close_matches(name, installed, 1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            known = ", ".join(sorted(installed))
            raise _bad_table(name, f"there is no plugin of that name; {hint}Installed: {known}.")
    configs: dict[str, BaseModel] = {}
    for plugin in registry.plugins:
        if plugin.status != "ok" or plugin.manifest is None:
            continue
        table, model = settings.plugins.get(plugin.name, {}), plugin.manifest.config
        if model is not None:
            configs[plugin.name] = _plugin_config(plugin.name, model, table)
        elif table:
            raise _bad_table(plugin.name, "the plugin takes no settings; delete the table.")
    return configs


def _plugin_config(name: str, model: type[BaseModel], table: Mapping[str, Any]) -> BaseModel:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _bad_table(name, f"`{where}`: {first['msg']}") from None
    except Exception as error:  # a plugin's own validator; its words may be a setting
        kind = type(error).__name__
        raise _bad_table(name, f"the plugin could not check its settings ({kind}).") from None


def _bad_table(name: str, problem: str) -> MetierError:
    return MetierError(f"metier.toml: [plugins.{name}]: {problem}", code="bad_config")


def _engine(settings: config.Settings, policy: PolicySet) -> Engine:
    from metier import inference

    chosen = settings.engine
    if chosen.kind == "grounded":
        return inference.GroundedEngine()
    if chosen.kind == "langchain":
        return inference.LangChainEngine(_chat_model(chosen), chosen.target)
    from metier.egress import EgressClient, TargetRule

    target = policy.target(chosen.target)
    if target is None:
        raise MetierError(
            f"No policy allows the target '{chosen.target}' of the engine. Declare it under "
            "`targets` and `allow_targets` in a policy file named in metier.toml.",
            code="target_not_allowed",
        )
    address = chosen.base_url or target.base_url
    if not address or (target.base_url and address.rstrip("/") != target.base_url.rstrip("/")):
        raise MetierError(
            f"metier.toml: `engine.base_url` must be the address that the policy declares for the "
            f"target '{chosen.target}'.",
            code="target_not_allowed",
        )
    rule = TargetRule(base_url=address, private=target.private or chosen.target == "local")
    key = os.environ.get(chosen.api_key_env) if chosen.api_key_env else None
    client = EgressClient({chosen.target: rule})
    return inference.OpenAIEngine(client, chosen.target, chosen.model, key)


def _chat_model(chosen: config.EngineSettings) -> Any:
    from langchain.chat_models import init_chat_model

    options = dict(chosen.options)
    if chosen.base_url:
        options["base_url"] = chosen.base_url
    if chosen.api_key_env:
        options["api_key"] = os.environ.get(chosen.api_key_env)
    return init_chat_model(chosen.model, **options)
