"""A small installation with tenants, people and a history, and all that can be read of it.

The truth is what is read before anybody changes a file. Reading it again after a
change tells whether a value is another one, or was refused.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from toy import Gardening

from metier import config, hookimpl, rights
from metier._home import open_keyring
from metier.app import Metier, make_keys
from metier.audit import AuditLog, Checkpoint, Wanted
from metier.backup import Restoring, Source, make_backup, restore
from metier.crypto.roots import root_from_settings
from metier.model import Actor, Composition, Feedback, Message, MetierError, Request, Role, Turn
from metier.pipeline import Parts
from metier.privacy import KeptVault, Owner, Vault, open_vault, seal_vault
from metier.rights import Certificate
from metier.server import api_keys
from metier.store import Store

SETTINGS = config.Settings(embeddings="none")
PEOPLE = (("north", "anna"), ("north", "ben"), ("south", "anna"))
GONE = ("north", "gone")
TENANTS = ("north", "south")
_BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
_NAMES = ("Wilhelmina Featherstone", "Ottokar Nimmersatt", "Persephone Quill", "Theodora Vanished")
_ALLERGIES = ("penicillin", "latex", "nickel", "aspirin")


class Recalling(Gardening):
    """Answers with all that a turn is given, so that a changed value is seen in the answer."""

    def __init__(self, name: str = "gardening") -> None:
        super().__init__(name)
        self.judged: list[str] = []

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        facts = "; ".join(f"{f.slot} is {f.value}" for f in turn.facts)
        before = " / ".join(m.content for m in turn.history if m.role is Role.USER)
        return Composition(f"Known: {facts}. State {json.dumps(dict(turn.state))}. Said: {before}")

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Any] | None:
        self.judged.append(f"{self.name} of {turn.subject}")
        return {**turn.state, "judged": feedback.rating}


class Clock:
    """A time that goes on by a minute a look, until it is stopped."""

    def __init__(self) -> None:
        self.now, self.step = _BEGIN, timedelta(minutes=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now

    def stop(self) -> None:
        self.step = timedelta()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading gave: a value as JSON, or the code by which it was refused."""

    value: Any = None
    refused: str = ""
    crashed: str = ""


@dataclass(slots=True)
class Town:
    """The installation.

    Args:
        pristine: a folder with its files, closed.
        parts: what needs not be built anew for each copy.
        turns: answers by person, of conversation "c", oldest first.
        history: the rows of every table at several times, the oldest first.
        older: copies of the files at those times.
        keys: API keys in clear.
        kept: checkpoints as they were kept elsewhere.
    """

    pristine: Path
    parts: Parts
    plugins: tuple[Recalling, ...]
    clock: Clock
    turns: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    history: list[dict[str, dict[int, tuple[Any, ...]]]] = field(default_factory=list)
    older: list[Path] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    kept: list[Checkpoint] = field(default_factory=list)
    backups: Path = Path()
    certificate: Certificate | None = None
    token: bytes = b""
    truth: dict[str, Seen] = field(default_factory=dict)


def rows_of(file: Path) -> dict[str, dict[int, tuple[Any, ...]]]:
    """Every row of every table by its number."""
    with closing(sqlite3.connect(file)) as raw:
        names = [r[0] for r in raw.execute("select name from sqlite_master where type = 'table'")]
        return {
            name: {r[0]: r[1:] for r in raw.execute(f'select rowid, * from "{name}"')}
            for name in names
        }


async def build(folder: Path) -> Town:
    """Makes the installation and its truth below `folder`, which is empty."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    clock = Clock()
    plugins = (Recalling(), Recalling("orchard"))
    async with Metier.open(home, SETTINGS, plugins=plugins, clock=clock) as app:
        town = Town(folder / "pristine", app.parts, plugins, clock)

        async def keep() -> None:
            town.history.append(rows_of(home / "store.db"))
            await app.parts.store.compact()
            copy = folder / f"older-{len(town.older)}"
            shutil.copytree(home, copy)
            town.older.append(copy)

        await _live(app, Actor(*GONE), town, len(PEOPLE))
        await keep()
        for number, person in enumerate(PEOPLE):
            await _live(app, Actor(*person), town, number)
            await keep()
        town.certificate = await rights.erase(app.parts, Actor(*GONE), None)
        for tenant in TENANTS:
            made = await app.parts.audit.checkpoint(tenant)
            assert made is not None
            town.kept.append(made)
            await _keys(app, town, tenant)
        await keep()
        for person in PEOPLE:
            await _live_on(app, Actor(*person), town)
        for tenant in ("", *TENANTS):
            made = await app.parts.audit.checkpoint(tenant)
            if made is not None:
                town.kept.append(made)
        town.backups = folder / "backups"
        source = Source(home, app.parts.keyring, app.parts.audit, "test")
        await make_backup(source, town.backups)
        kept = KeptVault(Vault.new(), {"shift": 5, "ends": 0})
        town.token = seal_vault(kept, app.parts.keyring, Owner("north", "token", "anna"))
        town.history.append(rows_of(home / "store.db"))
        await app.parts.store.compact()
    clock.stop()
    shutil.copytree(home, town.pristine)
    shared = folder / "shared"  # its index and detectors serve every copy
    shared.mkdir(mode=0o700)
    make_keys(shared)
    town.parts = Metier.open(shared, SETTINGS, plugins=plugins, clock=clock).parts
    # Read from a copy, as every trial does: reading is written to the log.
    copy = folder / "truth"
    shutil.copytree(town.pristine, copy)
    town.truth = await look(town, copy)
    ended = {f"key {tenant} {name}" for tenant in TENANTS for name in ("revoked", "expired")}
    assert {name for name, seen in town.truth.items() if seen.refused or seen.crashed} == ended
    return town


async def _say(app: Metier, actor: Actor, domain: str, text: str, conversation: str) -> str:
    asked = app.request(domain, text, conversation=conversation)
    return (await app.respond(replace(asked, actor=actor))).id


async def _live(app: Metier, me: Actor, town: Town, number: int) -> None:
    """Consents, facts of several categories, conversations in several domains, feedback."""
    parts = app.parts
    await rights.consent(parts, me, None, "health", "1")
    await _say(app, me, "healthcare", f"I am allergic to {_ALLERGIES[number]}.", "h")
    first = await _say(app, me, "gardening", f"I am {_NAMES[number]}. My balcony faces north.", "c")
    second = await _say(app, me, "gardening", f"When is rose {number} pruned?", "c")
    town.turns[me.tenant, me.id] = [first, second]
    await _say(app, me, "orchard", f"I like pears of year {number}.", "o")
    await app.feedback(me, Feedback(first, 1, f"good, says {number}"))
    await app.set_fact(me, None, "likes", f"dahlia {number}", "preference")
    await app.set_fact(me, None, "likes", f"tulip {number}", "preference")


async def _live_on(app: Metier, me: Actor, town: Town) -> None:
    """Changes of mind: what came before is older than what is true now."""
    parts = app.parts
    await rights.withdraw(parts, me, None, "health")
    if me.id == "anna":
        await rights.consent(parts, me, None, "health", "1")
        await app.set_fact(me, None, "allergy", "cobalt", "health")
    fact = next(f for f in await app.profile(me) if f.value.startswith("dahlia"))
    await rights.correct(parts, me, None, fact.id, "aster")
    town.turns[me.tenant, me.id].append(await _say(app, me, "gardening", "And thyme?", "c"))
    await rights.restrict(parts, me, None, True, "to be checked")
    await rights.restrict(parts, me, None, False, "was checked")


async def _keys(app: Metier, town: Town, tenant: str) -> None:
    """One key in force, one with a role, one revoked, one expired."""
    keys = api_keys(app)
    made = (("member", "member", 90), ("auditor", "auditor", 90), ("revoked", "operator", 90),
            ("expired", "operator", 1))  # fmt: skip
    for name, role, days in made:
        row, text = await keys.create(
            tenant, f"{name}-actor", by="test", roles=(role,), expires_days=days
        )
        town.keys[f"{tenant} {name}"] = text
        if name == "revoked":
            await keys.revoke(tenant, row.id, by="test")
    town.clock.now += timedelta(days=2)


def open_copy(town: Town, home: Path) -> Metier:
    """An app on the files in `home`; the parts that read no file of it are the town's.

    Raises:
        MetierError: the keys can't be opened.
    """
    keyring = open_keyring(home, SETTINGS)
    store = Store(f"sqlite:///{home / 'store.db'}", durability="wal")
    audit = AuditLog(store, keyring, town.clock)
    parts = replace(town.parts, store=store, keyring=keyring, audit=audit)
    return Metier(home, SETTINGS, parts, store)


async def look(
    town: Town, home: Path, *, talk: Sequence[tuple[str, str]] = PEOPLE, start: bool = True
) -> dict[str, Seen]:
    """Everything that can be read of the files in `home`, by what was asked.

    Args:
        talk: whose consents are read and whose conversations are continued as well.
        start: also do what the app does when it starts.
    """
    found: dict[str, Seen] = {}
    try:
        app = open_copy(town, home)
    except MetierError as error:
        return {"open": Seen(refused=error.code)}
    except Exception as error:
        return {"open": Seen(crashed=repr(error))}
    try:
        if start:
            found["start"] = await _seen(lambda: _start(app))
        if not (found.get("start") and found["start"].refused):
            await _look(town, app, found, talk)
    finally:
        await app._store.close()
        app.parts.keyring.close()
    return found


async def _start(app: Metier) -> Any:
    await app._store.migrate()
    await rights.resume_erasures(app.parts)
    await app.purge()
    return "started"


async def _seen(work: Callable[[], Awaitable[Any]]) -> Seen:
    try:
        return Seen(json.loads(json.dumps(await work(), default=str, ensure_ascii=False)))
    except MetierError as error:
        return Seen(refused=error.code)
    except Exception as error:
        return Seen(crashed=f"{type(error).__name__}: {error}"[:300])


async def _look(
    town: Town, app: Metier, found: dict[str, Seen], talk: Sequence[tuple[str, str]]
) -> None:
    parts = app.parts
    for tenant, name in (*PEOPLE, GONE):
        me, who = Actor(tenant, name), f"{tenant}/{name}"

        async def export(me: Actor = me) -> Any:
            return await rights.export(parts, me, None)

        async def profile(me: Actor = me) -> Any:
            return [asdict(fact) for fact in await app.profile(me)]

        async def standing(me: Actor = me) -> Any:
            return asdict(await rights.standing(parts, me, None))

        async def consents(me: Actor = me) -> Any:
            return [asdict(each) for each in await rights.consents_of(parts, me, None)]

        near = (tenant, name) in talk
        for what in (export, profile, *((standing, consents) if near else ())):
            found[f"{what.__name__} of {who}"] = await _seen(what)
        turns = _turns(town, app, me) if near else {}
        for what, work in turns.items():
            found[f"{what} of {who}"] = await _seen(work)
    for tenant in TENANTS:
        found[f"keys of {tenant}"] = await _seen(lambda t=tenant: _listed(app, t))  # type: ignore[misc]
        found[f"log of {tenant}"] = await _seen(lambda t=tenant: _log(town, app, t))  # type: ignore[misc]
    for name, text in town.keys.items():
        found[f"key {name}"] = await _seen(lambda t=text: _actor(app, t))  # type: ignore[misc]
    if not town.truth or (app.home / "backups").exists():
        found["backup"] = await _seen(lambda: _restored(town, app.home))
    found["certificate"] = await _seen(lambda: _certificate(town, app))
    found["token"] = await _seen(lambda: _token(town, app))
    found["verify"] = await _seen(lambda: _verify(town, app))


def _turns(town: Town, app: Metier, me: Actor) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Conversations continued in each of the ways there are; none where there is no answer."""
    answers = town.turns[me.tenant, me.id]

    async def turn(domain: str, text: str, **named: Any) -> Any:
        asked = Request(domain, (Message(Role.USER, text),), me, store=False, **named)
        answer = await app.respond(asked)
        used = [[f.slot, f.value] for f in answer.why.used]
        return [answer.text, used]

    async def judged() -> Any:
        for plugin in town.plugins:
            plugin.judged.clear()
        await app.feedback(me, Feedback(answers[0], -1, "not so good"))
        return [line for plugin in town.plugins for line in plugin.judged]

    return {
        "previous": lambda: turn("gardening", "What is new?", previous=answers[-1]),
        "branch": lambda: turn("gardening", "What else is new?", previous=answers[0]),
        "conversation": lambda: turn("gardening", "What did I say?", conversation="c"),
        "elsewhere": lambda: turn("orchard", "And here?", conversation="o"),
        "feedback": judged,
    }


async def _listed(app: Metier, tenant: str) -> Any:
    return [asdict(info) for info in await api_keys(app).list(tenant)]


async def _actor(app: Metier, text: str) -> Any:
    """What a key stands for; one that ended is refused, and that is its truth."""
    actor = (await api_keys(app).verify(text)).actor
    return [actor.tenant, actor.id, sorted(actor.roles), sorted(actor.scopes),
            sorted(actor.may_act_for)]  # fmt: skip


async def _log(town: Town, app: Metier, tenant: str) -> Any:
    """The events of before the trial, as they are shown."""
    until = town.clock.now
    shown = await app.parts.audit.show(tenant, Wanted(until=until, limit=10_000), "test")
    return [[e.event.seq, e.event.kind, e.event.actor, e.event.subject, dict(e.event.detail)]
            for e in shown]  # fmt: skip


async def _restored(town: Town, home: Path) -> Any:
    """What is known of everybody once the backup was restored to a home of its own."""
    there = home / "backups"
    folder = there if there.exists() else town.backups
    target = home / "restored"
    target.mkdir(mode=0o700)
    shutil.copy(home / "root.key", target)
    root = root_from_settings(SETTINGS.root, target)
    await restore(Restoring(next(folder.glob("*.backup")), target, root, "test"))
    app = open_copy(town, target)
    try:
        facts = {
            f"{tenant}/{name}": [asdict(fact) for fact in await app.profile(Actor(tenant, name))]
            for tenant, name in (*PEOPLE, GONE)
        }
        return [facts, (await app.parts.audit.verify(against=town.kept)).ok]
    finally:
        await app._store.close()
        app.parts.keyring.close()


async def _certificate(town: Town, app: Metier) -> Any:
    assert town.certificate is not None
    return await rights.check(app.parts, Actor(*GONE), None, town.certificate)


async def _token(town: Town, app: Metier) -> Any:
    kept = app.home / "token"
    data = kept.read_bytes() if kept.exists() else town.token
    return dict(open_vault(data, app.parts.keyring, Owner("north", "token", "anna")).about)


async def _verify(town: Town, app: Metier) -> Any:
    return (await app.parts.audit.verify(against=town.kept)).ok
