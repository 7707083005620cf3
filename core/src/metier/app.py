"""`Metier`: builds everything from configuration; what Python users hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from metier import config, rights
from metier._building import (
    Lazy,
    check_given,
    consent_texts,
    find_plugins,
    hold_policies,
    make_engine,
    make_personalizers,
    plugin_configs,
)
from metier._chores import Chores
from metier._clock import SteadyClock
from metier._home import after_erasure, make_keys, open_keyring, open_store
from metier._packs import Packs, importers, tenants
from metier._ready import Readiness, Ready, warm
from metier._reload import Reloaded, read_anew
from metier.audit import AuditEvent, AuditLog, Keeper, Verification, sinks_of
from metier.learning import ClauseHeads
from metier.model import (
    Actor,
    Answer,
    Document,
    Engine,
    Event,
    Fact,
    Feedback,
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
from metier.pipeline import (
    Explanation,
    GroupBook,
    Known,
    Origin,
    Parts,
    Pipeline,
    Purged,
    Undo,
    Watch,
    around,
    explain,
    note_refusal,
    profile,
    purge,
    searched_for,
    tidy,
)
from metier.plugins import BreakerState
from metier.policy import PolicyChange, PolicyHolder
from metier.store import Store

if TYPE_CHECKING:
    from metier.knowledge import Read

__all__ = ["Metier", "make_keys"]

_log = logging.getLogger("metier")


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
        self._readiness = Readiness(self)
        self._chores = Chores(self)
        self._reloaded: Callable[[str], None] = lambda _: None

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
            plugins: plugin objects besides the installed ones, each under a name of its own; one
                that is installed may be among them.
            engine: used instead of the configured one.
            clock: the time source, UTC; where None the system's, which never goes back.

        Raises:
            MetierError: where the configuration, a policy, the root key or one of `plugins`
                can't be used.
        """
        from metier.privacy import unsafe_patterns  # loads Presidio's recognizers

        home = home or config.home()
        settings = settings or config.load(home)
        reader = ClauseHeads(lambda: lazy.encoder)
        registry = find_plugins(home, settings, plugins, unsafe_patterns, reader)
        check_given(registry, len(plugins))
        policies = hold_policies(registry, settings)
        policy = policies.current
        keyring = open_keyring(home, settings)
        chosen = settings.durability
        durability = policy.durability.level if chosen == "policy" else chosen
        store = open_store(home, settings, durability)
        lazy = Lazy(home, settings, registry, policy)
        now = clock or SteadyClock()
        audit = AuditLog(store, keyring, now)
        parts = Parts(
            registry=registry,
            policy=policy,
            keyring=keyring,
            store=store,
            audit=audit,
            index=lambda: lazy.index,
            encoder=lambda: lazy.encoder,
            reader=reader,
            terms=lambda: lazy.terms,
            engine=engine or make_engine(settings, policy),
            detector=lazy.detector,
            clock=now,
            extensions=settings.extensions,
            configs=plugin_configs(registry, settings),
            consent_texts=consent_texts(registry),
            groups=GroupBook.load(home / "cohorts.yaml", policy.groups()),
            personalizers=make_personalizers(home),
            after_erasure=after_erasure(home, settings, keyring, audit),
        )
        app = cls(home, settings, parts, store)
        app._lazy = lazy
        app._policies = policies
        return app

    _lazy: Lazy
    _policies: PolicyHolder
    _keeper: Keeper | None = None

    async def __aenter__(self) -> Self:
        sinks = sinks_of(self.settings.audit, self.home, self.parts.clock)
        self._keeper = Keeper(
            self.parts.audit, self.settings.audit, sinks, self.home / "store.lock"
        )
        await asyncio.to_thread(self._keeper.hold)
        await self._store.migrate()
        await rights.resume_erasures(self.parts)
        self.parts.registry.on_refusal(partial(note_refusal, self.parts.audit))
        await self.purge()
        await self._keeper.start()
        self._chores.begin()
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
        await self._chores.end()
        if self._keeper is not None:
            await self._keeper.close()
            self._keeper = None
        await self.parts.engine.close()
        self.parts.registry.close()
        self._lazy.close()
        await self._store.close()
        self.parts.keyring.close()

    async def purge(self) -> Purged:
        """Deletes what the policy no longer keeps: conversations, turns, feedback, facts.

        Runs when the app is entered, and every hour after that.

        Raises:
            StoreUnavailable: where the store can't be read.
        """
        return await purge(self.parts)

    async def tidy(self) -> int:
        """Joins the memories of single turns of whoever has many; how many rows there are fewer.

        Raises:
            MetierError: somebody's records can't be opened.
        """
        fewer, waiting = 0, self.parts.memories.untidy
        while waiting:
            fewer += await tidy(self.parts, *waiting.pop())
        return fewer

    async def refresh_groups(self) -> dict[str, dict[str, str]]:
        """Makes the figures of groups anew, where it is time and the budget allows; by tenant.

        Raises:
            MetierError: the noise can't be made (the extra `groups` is not installed).
        """
        if not self.parts.groups.learns:
            return {}
        tenants = await self._store.tenants()
        return {name: await self.parts.groups.refresh(self.parts, name) for name in tenants}

    async def follow_policies(self) -> PolicyChange | None:
        """Puts changed policy files in force, for the turns that begin from now on.

        Looked for every few seconds. The change is an audit event, and is in force once that
        is written; a file that can't be used is one as well, and leaves the policies as they were.

        Raises:
            MetierError: a file can't be used, or the change can't be audited yet.
        """
        if await asyncio.to_thread(self._policies.changed):
            try:
                await asyncio.to_thread(self._policies.reload)
            except MetierError as error:
                self._reloaded("refused")
                await self._installation_event("policy-refused", {"code": error.code})
                raise
        policy, change = self._policies.current, self._policies.since(self.parts.policy)
        if change is None:
            return None
        names = " ".join(file.name for file in change.files)
        await self._installation_event(
            "policy-changed",
            {"from": change.old_version, "to": change.new_version, "policies": names[:200]},
        )
        self._lazy.follow(policy)
        self._put(replace(self.parts, policy=policy))
        self._reloaded("changed")
        _log.info("The policies of version %s are in force now.", policy.version)
        return change

    async def reload(self, flags: Sequence[str] = ()) -> Reloaded:
        """Reads `metier.toml` and the policies anew, for the turns that begin from now on.

        What can't change while metier runs is told. See `metier._reload`.

        Raises:
            MetierError: something of it can't be used; then all stays as it was.
        """
        before = self.parts.policy
        try:
            fresh = await asyncio.to_thread(
                read_anew, self.settings, self.home, self.parts.registry, flags
            )
        except MetierError as error:
            await self._installation_event("policy-refused", {"code": error.code})
            raise
        policy = fresh.policies.current
        changed = fresh.reloaded.changed
        if policy.version != before.version:
            changed = (*changed, "policy")
            detail = {"from": before.version, "to": policy.version}
            await self._installation_event("policy-changed", detail)
        self.settings, self._policies = fresh.settings, fresh.policies
        self._lazy.follow(policy)
        self._put(replace(self.parts, policy=policy, configs=fresh.configs))
        return replace(fresh.reloaded, changed=changed)

    async def _installation_event(self, kind: str, detail: Mapping[str, str]) -> None:
        await self.parts.audit.append(AuditEvent(kind, "metier", "", "", detail))

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
        async for item in self.stream(replace(request, whole=True)):
            if isinstance(item, Answer):
                answer = item
        assert answer is not None, "a turn ends with its answer"
        return answer

    def stream(self, request: Request) -> AsyncGenerator[Event | Answer]:
        """Runs one turn; yields its events and, last, the `Answer`."""
        return self._pipeline.run(request)

    def batches(self, request: Request) -> AsyncGenerator[Sequence[Event | Answer]]:
        """As `stream`, but events that came together are yielded together, which costs less."""
        return self._pipeline.batches(request)

    async def why(
        self, actor: Actor, answer: str, *, without: Sequence[str] = (), each: bool = False
    ) -> Explanation:
        """Why an answer came out as it did, and what would change without a cause.

        Args:
            answer: the id of an answer that is kept.
            without: what to leave out together: "fact:ID", "memory:ID", "cohort:NAME",
                "passage:ID".
            each: try every cause that is named, one by one.

        Raises:
            MetierError: 400 for what is no cause, 403 where the actor may not read the turn,
                404 where there is no such answer.
        """
        return await explain(self.parts, actor, answer, without=without, each=each)

    # --- around the turn -----------------------------------------------------

    def domains(self) -> list[Manifest]:
        return sorted(self.parts.registry.domains.values(), key=lambda m: m.name)

    async def profile(self, actor: Actor, subject: str | None = None) -> list[Fact]:
        """What is believed of a person now."""
        return list((await profile.known(self.parts, actor, subject)).facts)

    async def set_fact(
        self, actor: Actor, subject: str | None, slot: str, value: str, category: str
    ) -> Fact:
        """Stores what a person states of themselves; it beats what was inferred."""
        return await profile.set_fact(self.parts, actor, subject, slot, value, category)

    async def forget_fact(self, actor: Actor, subject: str | None, fact_id: str) -> str:
        """Forgets a fact as if it had never been said; returns what to take it back with."""
        return await profile.forget_fact(self.parts, actor, subject, fact_id)

    async def known(self, actor: Actor, subject: str | None = None) -> Known:
        """What is believed of a person now, and the revision to change just that."""
        return await profile.known(self.parts, actor, subject)

    async def patch_profile(
        self,
        actor: Actor,
        subject: str | None,
        changes: Mapping[str, Json],
        categories: Mapping[str, str] = MappingProxyType({}),
        revision: int | None = None,
    ) -> Known:
        """Changes several slots at once, as RFC 7396 merges; see `docs/profile.md`."""
        return await profile.patch(self.parts, actor, subject, changes, categories, revision)

    async def profile_history(
        self,
        actor: Actor,
        subject: str | None = None,
        *,
        valid: datetime | None = None,
        believed: datetime | None = None,
    ) -> list[Fact]:
        """What was ever known of a person, or what held or was believed at a moment."""
        return await profile.history(self.parts, actor, subject, valid=valid, believed=believed)

    async def fact_origin(self, actor: Actor, subject: str | None, fact_id: str) -> Origin:
        """Where a fact is from, and what it replaced."""
        return await profile.origin(self.parts, actor, subject, fact_id)

    async def undoable(self, actor: Actor, subject: str | None = None) -> list[Undo]:
        """Changes of the profile that can be taken back, newest first."""
        return await profile.undoable(self.parts, actor, subject)

    async def undo(self, actor: Actor, subject: str | None, undo_id: str) -> Known:
        """Takes a change of the profile back."""
        return await profile.undo(self.parts, actor, subject, undo_id)

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
        """Searches the domain's knowledge of the actor's tenant.

        Who somebody is, is left out of the query, as it is in a turn; see `searched_for`.
        """

        def found() -> list[Passage]:
            wanted = searched_for(self.parts, actor.tenant, domain, query)
            return (
                self.parts.index().search(actor.tenant, domain, [wanted], limit) if wanted else []
            )

        # Searching computes; the loop has other turns to serve meanwhile.
        return await asyncio.to_thread(found)

    # --- knowledge -----------------------------------------------------------

    def read_documents(self, domain: str, paths: Sequence[Path]) -> Read:
        """Reads files, and the files of folders, with the domain's importers.

        Raises:
            MetierError: for an unknown domain, and for the first file that can't be
                read, with the reason.
        """
        from metier.knowledge import read_paths

        return read_paths(paths, importers(self.parts, self.settings, domain))

    def ingest(
        self,
        domain: str,
        documents: Sequence[Document],
        progress: Callable[[int, int], None] | None = None,
        *,
        tenant: str = "",
    ) -> int:
        """Indexes documents for a domain of a tenant; returns the number of passages.

        Args:
            tenant: this installation's where empty.
        """
        return self.parts.index().add(tenant or self.settings.tenant, domain, documents, progress)

    def tenants(self) -> list[str]:
        """The tenants that the settings name or that have keys, the installation's own first."""
        return tenants(self.settings, self.parts.keyring.store.tenants())

    def changed_packs(self, tenant: str = "") -> dict[str, list[KnowledgePack]]:
        """The domains' knowledge packs that are not indexed as they are now for a tenant."""
        return self._packs(tenant).changed()

    def index_packs(
        self,
        packs: Mapping[str, Sequence[KnowledgePack]],
        progress: Callable[[int, int], None] | None = None,
        *,
        tenant: str = "",
    ) -> None:
        """Indexes packs, takes out what they no longer hold, and remembers how they are.

        Raises:
            MetierError: for the first file of a pack that can't be read.
        """
        self._packs(tenant).index(packs, progress)

    def _packs(self, tenant: str) -> Packs:
        return Packs(self.home, self.settings, self.parts, tenant or self.settings.tenant)

    async def ready(self) -> Ready:
        """Which parts can serve: store, keys, index, domains, engine."""
        return await self._readiness.look()

    def watched_by(self, watch: Watch, reloaded: Callable[[str], None] | None = None) -> None:
        """Has `watch` told of each turn that ends from now on.

        Args:
            reloaded: told "changed" or "refused" of policies that changed by themselves.
        """
        self._reloaded = reloaded or self._reloaded
        self._put(replace(self.parts, watch=watch))

    def _put(self, parts: Parts) -> None:
        """Puts parts in force for the turns that begin from now on."""
        self.parts = parts
        self._pipeline = Pipeline(parts)

    def warm(self) -> None:
        """Loads what the first turn of each domain would wait for: models, word lists, the index.

        An index server that is away is waited for by `ready`, not here.

        Raises:
            MetierError: one of them can't be loaded.
        """
        warm(self.parts, self.settings.tenant)

    def switched_off(self) -> list[BreakerState]:
        """Hooks, routes and views of plugins that failed too often and are not called for now."""
        return [state for state in self.parts.registry.breakers() if state.open]

    async def verify_audit(self) -> Verification:
        """Checks the audit log's hash chain."""
        return await self.parts.audit.verify()
