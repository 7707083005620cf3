"""Two servers on one PostgreSQL: any of them serves any turn, and each may be started anew."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres_kit import APP, OWNER, Server, running

from metier import config
from metier.app import Metier, make_keys
from metier.crypto import KeyringError, KeyStore
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Actor, Engine, Message, MetierError, Request, Role, TextDelta
from metier.rights import erase, read_turn
from metier_testing.upstream import RecordingUpstream

pytestmark = pytest.mark.slow
NAME = "Zebulon Quartermain"
ANNA = Actor("default", "anna")
_NUMBERS = iter(range(1000))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        page = Path(__file__).parents[2] / "docs" / "postgresql.md"
        (block,) = re.findall(
            r"```text\n(CREATE ROLE metier_keys.*?)```", page.read_text("utf-8"), re.S
        )
        found.admin("postgres", block.splitlines()[0])
        yield found


class Site:
    """A database with its keys beside it, and the homes of the servers that share both."""

    def __init__(self, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.folder = folder
        self.name = f"site{next(_NUMBERS)}"
        server.database(self.name)
        server.admin("postgres", f"CREATE DATABASE {self.name}_keys OWNER metier_keys")
        monkeypatch.setenv("TEST_STORE", server.url(self.name, APP))
        monkeypatch.setenv("TEST_OWNER", server.url(self.name, OWNER))
        monkeypatch.setenv("TEST_KEYS", server.url(f"{self.name}_keys", "metier_keys"))
        self.home("first", owner=True)

    def home(self, name: str, *, owner: bool = False) -> Path:
        """A home of one server; the root key is the first's, as a secret of a cluster would be."""
        home = self.folder / name
        if home.exists():
            return home
        home.mkdir(mode=0o700)
        text = 'embeddings = "none"\n[privacy]\nnames = "rules"\n[keys]\nurl_env = "TEST_KEYS"\n'
        text = 'durability = "commit"\n' + text + '[store]\nurl_env = "TEST_STORE"\n'
        (home / "metier.toml").write_text(
            text + ('owner_url_env = "TEST_OWNER"\n' if owner else "")
        )
        if owner:
            assert make_keys(home) == ("the root key", "the key store")
        else:
            shutil.copy(self.folder / "first" / "root.key", home)
            assert make_keys(home) == ()
        return home

    @asynccontextmanager
    async def replica(
        self, name: str, engine: Engine | None = None, behind: float = 0.0
    ) -> AsyncIterator[Metier]:
        """A server, with a clock that is so many seconds behind."""
        home, late = self.home(name), timedelta(seconds=behind)
        async with Metier.open(
            home, config.load(home), engine=engine, clock=lambda: datetime.now(UTC) - late
        ) as app:
            yield app


@pytest.fixture
def site(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(server, tmp_path, monkeypatch)


def said(text: str, conversation: str = "c", actor: Actor = ANNA) -> Request:
    return Request("writing", (Message(Role.USER, text),), actor, conversation=conversation)


async def test_any_server_serves_any_turn_of_a_conversation(site: Site) -> None:
    async with site.replica("first") as first, site.replica("second") as second:
        await first.respond(said(f"My name is {NAME}. I am allergic to peanuts."))
        answer = await second.respond(said("What is my name?"))
        assert NAME in answer.text
        here = {(f.slot, f.value) for f in await first.profile(ANNA)}
        assert here and here == {(f.slot, f.value) for f in await second.profile(ANNA)}
        assert (await second.verify_audit()).ok
        assert not (site.folder / "second" / "keys.db").exists()


@pytest.mark.parametrize("behind", [100.0, 3600.0])
async def test_what_one_has_learned_is_known_to_one_whose_clock_is_behind(
    site: Site, behind: float
) -> None:
    async with site.replica("first") as first, site.replica("second", behind=behind) as second:
        await first.respond(said(f"My name is {NAME}. I prefer British spelling."))
        here = {(f.slot, f.value) for f in await first.profile(ANNA)}
        assert here and here == {(f.slot, f.value) for f in await second.profile(ANNA)}
        assert NAME in (await second.respond(said("What is my name?"))).text
        if behind < 300:  # one that is further behind is wrong, which `metier doctor` finds
            await second.respond(said("I prefer American spelling now."))
            for app in (first, second):
                told = {f.value for f in await app.profile(ANNA) if f.slot == "spelling"}
                assert told == {"American"}
        assert (await first.verify_audit()).ok


async def test_turns_of_one_person_on_both_at_once_are_all_kept(site: Site) -> None:
    async with site.replica("first") as first, site.replica("second") as second:
        turns = [
            app.respond(said(f"Please note number {n}. I like tea{n}.", f"c{n}"))
            for n in range(6)
            for app in (first, second)
        ]
        answers = await asyncio.gather(*turns, return_exceptions=True)
        assert not [a for a in answers if isinstance(a, BaseException)]
        assert (await first.verify_audit()).ok


async def test_who_is_erased_on_one_is_gone_on_the_other(site: Site) -> None:
    async with site.replica("first") as first, site.replica("second") as second:
        await first.respond(said(f"My name is {NAME}."))
        await second.respond(said("Its a nice day."))
        assert await second.profile(ANNA)
        await erase(first.parts, ANNA, None)
        assert await second.profile(ANNA) == []
        answer = await second.respond(said("What is my name?", "d"))
        assert NAME not in answer.text


async def test_a_rolling_restart_loses_nothing(site: Site) -> None:
    facts = 0
    for n in range(3):
        async with site.replica("first") as old, site.replica("second") as other:
            await old.respond(said(f"I like number{n} tea.", f"c{n}"))
            await old.close()  # it is stopped, and the other goes on
            await other.respond(said(f"I like number{n} bread.", f"c{n}"))
            found = len(await other.profile(ANNA))
            assert found >= facts
            facts = found
    assert facts


async def test_a_schema_is_expanded_while_the_old_version_serves(site: Site) -> None:
    async with site.replica("first") as first:
        await first.respond(said("I like tea."))
        with site.server.session(site.name, OWNER) as owner:
            (own,) = owner.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
            owner.execute("CREATE TABLE later (tenant text PRIMARY KEY)")
            owner.execute("ALTER TABLE conversation ADD COLUMN later text NOT NULL DEFAULT 'x'")
            revision = f"9000_since_{own[:4]}"
            owner.execute("UPDATE alembic_version SET version_num = %s", (revision,))
        await first.respond(said("I like bread.", "d"))  # it goes on
        async with site.replica("second") as second:  # and one of its version starts
            await second.respond(said("I like cake.", "e"))
            assert len(await second.profile(ANNA)) >= 3
            assert (await second.verify_audit()).ok


async def test_without_its_servers_nothing_is_said_and_afterwards_all_goes_on(site: Site) -> None:
    async with site.replica("first") as app:
        await app.respond(said("I like tea."))
        before = len(await app.profile(ANNA))
        site.server.stop(signal.SIGQUIT)
        with pytest.raises(MetierError) as error:
            await app.respond(said("I like bread."))
        assert error.value.status == 503
        ready = await app.ready()
        assert not ready.whole
        assert ready.parts["store"] == "store_unavailable"
        assert ready.parts["keys"] == "key_store_unusable"
        site.server.start()
        assert len(await app.profile(ANNA)) == before
        await app.respond(said("I like bread."))
        assert (await app.ready()).whole and (await app.verify_audit()).ok


async def test_a_stream_whose_store_goes_away_ends_with_its_code_and_is_not_kept(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with RecordingUpstream() as upstream:
        rule = TargetRule(upstream.base_url, private=True)
        model = OpenAIEngine(EgressClient({"local": rule}), "local", "tiny")
        async with site.replica("first", model) as app:
            kept = await app.respond(said("I like tea."))
            upstream.reply_with(["One ", "two."])
            upstream.delay(0.0, 1.0)
            stream = app.stream(said("I like bread."))
            assert isinstance(await anext(stream), TextDelta)
            site.server.stop(signal.SIGQUIT)
            with pytest.raises(MetierError) as error:
                async for _ in stream:
                    pass
            assert error.value.code == "store_unavailable" and error.value.status == 503
            assert "Auditing turn-failed failed: StoreUnavailable (store_unavail" in caplog.text
            site.server.start()
            upstream.reply_with(None)
            upstream.delay(0.0)
            await app.respond(said("I like cake."))
            told = [message["content"] for message in upstream.bodies[-1]["messages"]]
            assert any("tea" in words for words in told)
            assert not any("bread" in words for words in told)
            assert (await read_turn(app.parts, ANNA, None, kept.id)).message == "I like tea."
            assert (await app.verify_audit()).ok


# --- the shared key store -----------------------------------------------------------------


def test_a_shared_key_store_is_made_once_and_named_where_it_is_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = os.environ["TEST_KEYS"]
    store = KeyStore.shared(url)
    version = store.version
    store.close()
    assert make_keys(site.home("first")) == ()
    with pytest.raises(KeyringError, match="There is no key store"):
        KeyStore.shared(site.server.url(site.name, APP))
    monkeypatch.delenv("TEST_KEYS")
    with pytest.raises(MetierError, match="TEST_KEYS, which is not set"):
        make_keys(site.home("first"))
    again = KeyStore.shared(url)
    assert again.version == version
    again.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://a@b/c", "postgresql+psycopg://a:secret@127.0.0.1:9/c"]
)
def test_a_url_that_can_not_be_used_is_an_error_without_it(url: str) -> None:
    with pytest.raises(KeyringError) as error:
        KeyStore.shared(url)
    assert "secret" not in error.value.message and error.value.__cause__ is None
