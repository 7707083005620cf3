"""A schema that a newer metier has expanded: this version works with it where that is promised."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from store_kit import commit

from metier.store import Store, StoreUnavailable
from metier.store._store import _MIGRATIONS

_BEFORE_THE_RULE = {"0003", "0004", "0005"}


def revisions() -> list[str]:
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    return [each.revision for each in ScriptDirectory.from_config(settings).walk_revisions()]


def expand(file: Path, revision: str) -> None:
    """What a newer version does: a table, a column with a default, its own revision."""
    with sqlite3.connect(file) as raw:
        raw.execute("create table later (tenant text primary key)")
        raw.execute("alter table conversation add column later text not null default 'x'")
        raw.execute("update alembic_version set version_num = ?", (revision,))


async def test_an_expanded_schema_is_read_and_written_where_that_is_promised(
    tmp_path: Path,
) -> None:
    file = tmp_path / "store.db"
    store = Store(f"sqlite:///{file}")
    await store.migrate()
    await store.close()
    own = max(revisions())[:4]
    expand(file, f"9000_since_{own}")
    again = Store(f"sqlite:///{file}")
    await again.migrate()
    await again.check_schema()
    await again.commit_turn(commit(tenant="acme", subject="s"))
    assert await again.subject("acme", "s") is not None
    await again.close()
    with sqlite3.connect(file) as raw:  # and is left as it was
        assert raw.execute("select version_num from alembic_version").fetchall() == [
            (f"9000_since_{own}",)
        ]
        assert raw.execute("select later from conversation").fetchone() == ("x",)


@pytest.mark.parametrize("revision", ["9000", "9000_since_8999", "9000_since_", "0001_since_0000"])
async def test_without_that_promise_it_is_left_alone(tmp_path: Path, revision: str) -> None:
    file = tmp_path / "store.db"
    store = Store(f"sqlite:///{file}")
    await store.migrate()
    expand(file, revision)
    for look in (store.migrate, store.check_schema):
        with pytest.raises(StoreUnavailable):
            await look()
    await store.close()


def test_each_revision_says_which_versions_may_work_with_it() -> None:
    for revision in revisions():
        assert revision in _BEFORE_THE_RULE or re.fullmatch(r"\d{4}_since_\d{4}", revision), (
            f"{revision}: name it NNNN_since_MMMM; see docs/postgresql.md, 'A newer schema'"
        )
