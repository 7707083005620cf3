"""Changes of an installation's files, as somebody makes them who has the disk and no key."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials.town import GONE, PEOPLE, Seen, Town, look

OF_SUBJECT = ("subject", "fact", "plugin_state", "ledger", "feedback", "conversation", "vault",
              "chain", "turn_record")  # fmt: skip
STORE = (*OF_SUBJECT, "audit_event", "audit_checkpoint", "api_key", "alembic_version",
         "audit_cursor")  # fmt: skip
KEYS = ("meta", "tenant_key", "subject_key", "erasure", "rotation")
_PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "tenant": ("north", "south", ""),
    "subject": ("anna", "ben", "gone", None),
    "actor": ("anna", "ben", "member-actor"),
    "domain": ("gardening", "orchard", "healthcare"),
    "roles": ('["privacy_officer"]', '["operator"]', "[]", "no list"),
    "scopes": ('["*"]', "[]"),
    "may_act_for": ('["*"]',),
    "expires": (None, 2**40, 2**62, 0),
    "revoked": (None, 0),
    "at": (0, 1, -1, 2**40, 2**62),
    "made": (0, 2**40),
    "place": (0, -5, 99),
    "revision": (None, 0, 1, 5, 99),
    "kind": ("turn", "subject-erase", "api-key-created"),
    "done": (None, 0),
    "use": ("wrap", "purpose"),
    "generation": (1, 2, 7),
    "keys": ("", "zz", "00" * 32),
    "version_num": ("0003", "0001", "9999"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """What was changed, and whose records it hit, where that is one person's."""

    kind: str
    what: str
    who: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change had as its consequence.

    Args:
        verdict: "no effect", "refused" (some reading was, and the others were true), "told"
            (a reading lacks something and says so, or the audit log's check does), "wrong"
            or "crashed".
        readings: the readings that were not as they should be.
    """

    done: Done
    verdict: str
    readings: tuple[str, ...] = ()


Change = Callable[[random.Random, Town, Path], Done | None]


def _rows(raw: sqlite3.Connection, table: str) -> list[int]:
    return [r[0] for r in raw.execute(f'select rowid from "{table}"')]


def _columns(raw: sqlite3.Connection, table: str) -> list[str]:
    return [r[1] for r in raw.execute(f'pragma table_info("{table}")')]


def _pick(rng: random.Random, raw: sqlite3.Connection, tables: Sequence[str]) -> tuple[str, int]:
    """A row of a table that has any."""
    filled = [t for t in tables if raw.execute(f'select 1 from "{t}" limit 1').fetchone()]
    table = rng.choice(filled)
    return table, rng.choice(_rows(raw, table))


def _whose(raw: sqlite3.Connection, table: str, row: int) -> tuple[str, str] | None:
    columns = _columns(raw, table)
    if table not in (*OF_SUBJECT, "subject_key", "audit_event") or "subject" not in columns:
        return None
    found = raw.execute(f'select tenant, subject from "{table}" where rowid = ?', (row,)).fetchone()
    return tuple(found) if found and tuple(found) in PEOPLE else None


def _set(raw: sqlite3.Connection, table: str, row: int, column: str, value: Any) -> bool:
    """Sets a cell; False where a constraint of the schema is against it."""
    try:
        raw.execute(f'update "{table}" set "{column}" = ? where rowid = ?', (value, row))
    except (sqlite3.IntegrityError, OverflowError):
        return False
    return True


def _flipped(rng: random.Random, value: Any) -> Any:
    if isinstance(value, bytes) and value:
        data = bytearray(value)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(data)
    if isinstance(value, str) and value:
        place = rng.randrange(len(value))
        return value[:place] + chr(ord(value[place]) ^ (1 << rng.randrange(7))) + value[place + 1 :]
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(48))
    return rng.choice((1, "x", b"x"))


def _database(rng: random.Random, home: Path) -> tuple[sqlite3.Connection, Sequence[str]]:
    name, tables = rng.choice((("store.db", STORE),) * 5 + (("keys.db", KEYS),))
    return sqlite3.connect(home / name), tables


def flip_cell(rng: random.Random, town: Town, home: Path) -> Done | None:
    """One bit of one cell."""
    raw, tables = _database(rng, home)
    with closing(raw), raw:
        table, row = _pick(rng, raw, tables)
        column = rng.choice(_columns(raw, table))
        who = _whose(raw, table, row)
        (value,) = raw.execute(
            f'select "{column}" from "{table}" where rowid = ?', (row,)
        ).fetchone()
        done = _set(raw, table, row, column, _flipped(rng, value))
    return Done("bit of a cell", f"{table}.{column}", who) if done else None


def other_value(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A plausible other value, or one of another type, in a plain column."""
    raw, tables = _database(rng, home)
    with closing(raw), raw:
        table, row = _pick(rng, raw, tables)
        column = rng.choice(_columns(raw, table))
        who = _whose(raw, table, row)
        others = [r[0] for r in raw.execute(f'select "{column}" from "{table}"')]
        odd = (None, "", b"", 0, "x", b"\xff\xfe", -1, 3.5, 2**62)
        value = rng.choice(
            _PLAUSIBLE.get(column) or odd if rng.random() < 0.6 else rng.choice((others, odd))
        )
        done = _set(raw, table, row, column, value)
    return Done("value of a cell", f"{table}.{column}", who) if done else None


def cut_cell(rng: random.Random, town: Town, home: Path) -> Done | None:
    """The end, or all, of a sealed cell is gone, or something is behind it."""
    raw, tables = _database(rng, home)
    with closing(raw), raw:
        table, row = _pick(rng, raw, tables)
        cells = raw.execute(f'select * from "{table}" where rowid = ?', (row,)).fetchone()
        places = [n for n, value in enumerate(cells) if isinstance(value, bytes)]
        if not places:
            return None
        place = rng.choice(places)
        column, value, who = _columns(raw, table)[place], cells[place], _whose(raw, table, row)
        cut = value[: rng.randrange(len(value) + 1)] if rng.random() < 0.8 else value + b"\0"
        done = _set(raw, table, row, column, cut)
    return Done("sealed cell cut", f"{table}.{column}", who) if done else None


def swap_cells(rng: random.Random, town: Town, home: Path) -> Done | None:
    """Two rows of a table exchange a cell."""
    raw, tables = _database(rng, home)
    with closing(raw), raw:
        table, one = _pick(rng, raw, tables)
        other = rng.choice(_rows(raw, table))
        column = rng.choice(_columns(raw, table))
        query = f'select "{column}" from "{table}" where rowid = ?'
        a, b = (raw.execute(query, (row,)).fetchone()[0] for row in (one, other))
        who = _whose(raw, table, one)
        if a == b or not (_set(raw, table, one, column, b) and _set(raw, table, other, column, a)):
            raw.rollback()
            return None
    return Done("cells exchanged", f"{table}.{column}", who)


def move_row(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A row is given to another person, tenant, conversation or actor."""
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        table, row = _pick(rng, raw, (*OF_SUBJECT, "api_key", "audit_event"))
        who = _whose(raw, table, row)
        movable = {"tenant", "subject", "conversation", "actor", "id", "turn"}
        columns = [c for c in _columns(raw, table) if c in movable]
        for column in rng.sample(columns, rng.randint(1, min(2, len(columns)))):
            values = [r[0] for r in raw.execute(f'select distinct "{column}" from "{table}"')]
            if not _set(raw, table, row, column, rng.choice(values)):
                raw.rollback()
                return None
    return Done("row moved", table, who)


def delete_row(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A row is gone."""
    raw, tables = _database(rng, home)
    with closing(raw), raw:
        table, row = _pick(rng, raw, tables)
        who = _whose(raw, table, row)
        raw.execute(f'delete from "{table}" where rowid = ?', (row,))
    return Done("row deleted", table, who)


def copy_row(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A row is there twice, under another key."""
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        table, row = _pick(rng, raw, (*OF_SUBJECT, "api_key", "audit_event", "audit_checkpoint"))
        cells = list(raw.execute(f'select * from "{table}" where rowid = ?', (row,)).fetchone())
        columns = _columns(raw, table)
        naming = {"id", "turn", "seq", "tenant", "subject", "digest", "actor"}
        name = rng.choice([c for c in columns if c in naming])
        place = columns.index(name)
        values = [r[0] for r in raw.execute(f'select "{name}" from "{table}"')]
        cells[place] = rng.choice((*values, _flipped(rng, cells[place])))
        try:
            marks = ", ".join("?" * len(cells))
            raw.execute(f'insert into "{table}" values ({marks})', cells)
        except sqlite3.IntegrityError:
            return None
    return Done("row copied", table)


def _replace(raw: sqlite3.Connection, table: str, row: int, cells: Sequence[Any]) -> None:
    marks = ", ".join("?" * (len(cells) + 1))
    names = ", ".join(f'"{c}"' for c in _columns(raw, table))
    raw.execute(
        f'insert or replace into "{table}" (rowid, {names}) values ({marks})', (row, *cells)
    )


def older_row(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A row as it was before, whether it is there still or not."""
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        past = rng.choice(town.history[:-1])
        table = rng.choice([t for t in STORE if past.get(t)])
        row, cells = rng.choice(list(past[table].items()))
        found = raw.execute(f'select * from "{table}" where rowid = ?', (row,)).fetchone()
        if found == cells:
            return None
        _replace(raw, table, row, cells)
        who = _whose(raw, table, row)
    return Done("older row put back", table, who)


def _person(rng: random.Random) -> tuple[str, str]:
    return rng.choice((*PEOPLE, GONE))


def older_subject(rng: random.Random, town: Town, home: Path) -> Done | None:
    """All rows of a person as they were before, or those of some tables."""
    who, past = _person(rng), rng.choice(town.history[:-1])
    tables = OF_SUBJECT if rng.random() < 0.5 else rng.sample(OF_SUBJECT, rng.randint(2, 6))
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        before = rows_of_person(raw, who)
        put_back(raw, past, who, tables)
        if rows_of_person(raw, who) == before:
            return None
    return Done("a person's older rows", "all" if tables is OF_SUBJECT else "some tables", who)


def rows_of_person(raw: sqlite3.Connection, who: tuple[str, str]) -> list[Any]:
    return [
        raw.execute(f'select * from "{t}" where tenant = ? and subject = ?', who).fetchall()
        for t in OF_SUBJECT
    ]


def put_back(
    raw: sqlite3.Connection, past: dict[str, dict[int, tuple[Any, ...]]], who: tuple[str, str],
    tables: Sequence[str],
) -> None:  # fmt: skip
    """Puts the rows that a person had in some tables in the place of those they have."""
    for table in tables:
        raw.execute(f'delete from "{table}" where tenant = ? and subject = ?', who)
        columns = _columns(raw, table)
        at = columns.index("tenant"), columns.index("subject")
        marks = ", ".join("?" * len(columns))
        for cells in past[table].values():
            if (cells[at[0]], cells[at[1]]) == who:
                with suppress(sqlite3.IntegrityError):
                    raw.execute(f'insert into "{table}" values ({marks})', cells)


def older_table(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A whole table as it was before."""
    past, table = rng.choice(town.history[:-1]), rng.choice(STORE[:-2])
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        now = dict((r[0], r[1:]) for r in raw.execute(f'select rowid, * from "{table}"'))
        if now == past[table]:
            return None
        raw.execute(f'delete from "{table}"')
        for row, cells in past[table].items():
            _replace(raw, table, row, cells)
    return Done("older table put back", table)


def edit_log(rng: random.Random, town: Town, home: Path) -> Done | None:
    """Events of the audit log are cut off, taken out, exchanged, renumbered or rewritten."""
    with closing(sqlite3.connect(home / "store.db")) as raw, raw:
        tenant = rng.choice(("north", "south"))
        seqs = [r[0] for r in raw.execute(
            "select seq from audit_event where tenant = ? order by seq", (tenant,))]  # fmt: skip
        how = rng.choice(("cut", "take out", "exchange", "rewrite", "renumber", "cut all"))
        first = rng.choice(seqs[1:])
        some = (tenant, first)
        if how == "cut":
            raw.execute("delete from audit_event where tenant = ? and seq >= ?", some)
            if rng.random() < 0.5:
                raw.execute("delete from audit_checkpoint where tenant = ? and seq >= ?", some)
        elif how == "cut all":
            raw.execute("delete from audit_event where tenant = ?", (tenant,))
        elif how == "take out":
            last = first + rng.randint(0, 3)
            raw.execute("delete from audit_event where tenant = ? and seq between ? and ?",
                        (*some, last))  # fmt: skip
        elif how == "exchange":
            other = rng.choice(seqs)
            steps = ((first, -1), (other, first), (-1, other))
            for old, new in steps if other != first else ():
                raw.execute("update audit_event set seq = ? where tenant = ? and seq = ?",
                            (new, tenant, old))  # fmt: skip
        elif how == "renumber":
            raw.execute("delete from audit_event where tenant = ? and seq = ?", some)
            for seq in seqs[seqs.index(first) + 1 :]:
                raw.execute("update audit_event set seq = ? where tenant = ? and seq = ?",
                            (seq - 1, tenant, seq))  # fmt: skip
        else:
            change = "replace(replace(cast(body as text), 'anna', 'anne'), '\"turn\"', '\"torn\"')"
            raw.execute(f"update audit_event set body = cast({change} as blob) "
                        "where tenant = ? and seq = ?", some)  # fmt: skip
    return Done("audit log edited", how)


def flip_file(rng: random.Random, town: Town, home: Path) -> Done | None:
    """Bits of a file, wherever they are."""
    name = rng.choice(("store.db",) * 6 + ("keys.db", "keys.db", "root.key"))
    data = bytearray((home / name).read_bytes())
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    (home / name).write_bytes(data)
    return Done("bits of a file", name)


def cut_file(rng: random.Random, town: Town, home: Path) -> Done | None:
    """The end of a file is gone, or a page of it is another."""
    name = rng.choice(("store.db", "store.db", "keys.db", "root.key"))
    data = (home / name).read_bytes()
    if rng.random() < 0.5:
        data = data[: rng.randrange(len(data))]
    else:
        page = 4096 if name != "root.key" else 16
        one, other = (rng.randrange(len(data) // page) * page for _ in range(2))
        if one == other:
            return None
        data = data[:one] + data[other : other + page] + data[one + page :]
    (home / name).write_bytes(data)
    return Done("file cut or pages mixed", name)


def other_file(rng: random.Random, town: Town, home: Path) -> Done | None:
    """The keys of another installation, or none."""
    name = rng.choice(("root.key", "keys.db"))
    if rng.random() < 0.3:
        (home / name).unlink()
        return Done("keys gone", name)
    shutil.copy(town.pristine.parent / "shared" / name, home / name)
    return Done("keys of another home", name)


def older_keys(rng: random.Random, town: Town, home: Path) -> Done | None:
    """The key store as it was before, erased keys included."""
    place = rng.randrange(len(town.older))
    shutil.copy(town.older[place] / "keys.db", home / "keys.db")
    return Done("older key store", f"{place}")


def seal_token(rng: random.Random, town: Town, home: Path) -> Done | None:
    """The sealed vault that a caller keeps is changed."""
    token = town.token
    if rng.random() < 0.5:
        changed = _flipped(rng, token)
    else:
        changed = token[: rng.randrange(len(token))] if rng.random() < 0.7 else token + b"x"
    (home / "token").write_bytes(changed)
    return Done("vault token", "bit" if len(changed) == len(token) else "length")


def edit_backup(rng: random.Random, town: Town, home: Path) -> Done | None:
    """A backup, or the copy of the keys beside it, is changed, cut, or mixed up."""
    shutil.copytree(town.backups, home / "backups")
    file = rng.choice(sorted((home / "backups").iterdir()))
    data = file.read_bytes()
    if rng.random() < 0.6:
        changed = _flipped(rng, data)
    elif rng.random() < 0.6:
        changed = data[: rng.randrange(len(data))]
    else:
        one, other = sorted(rng.sample(range(len(data) - 64), 2))
        changed = data[:one] + data[other : other + 64] + data[one + 64 :]
    if changed == data:
        return None
    file.write_bytes(changed)
    return Done("backup changed", file.suffix)


CHANGES: tuple[tuple[Change, int], ...] = (
    (flip_cell, 16), (other_value, 14), (cut_cell, 5), (swap_cells, 9), (move_row, 8),
    (delete_row, 8), (copy_row, 4), (older_row, 9), (older_subject, 6), (older_table, 3),
    (edit_log, 6), (flip_file, 8), (cut_file, 2), (other_file, 1), (older_keys, 1), (seal_token, 1),
    (edit_backup, 2),
)  # fmt: skip


def one_change(rng: random.Random, town: Town, home: Path) -> Done:
    """Makes one change, which really is one."""
    changes, weights = zip(*CHANGES, strict=True)
    while True:
        change: Change = rng.choices(changes, weights)[0]
        done = change(rng, town, home)
        if done is not None:
            return done


async def one_trial(number: int, town: Town, folder: Path, change: Change | None = None) -> Trial:
    """Changes a copy of the files, reads everything, and judges what was read."""
    rng = random.Random(f"trial {number}")
    home = folder / f"trial-{number}"
    shutil.copytree(town.pristine, home)
    done = (change(rng, town, home) if change else one_change(rng, town, home)) or Done("none", "")
    hit = [done.who] if done.who in PEOPLE else []
    talk = hit or [PEOPLE[number % 3]] * (number % 2)
    seen = await look(town, home, talk=talk, start=number % 4 == 0)
    shutil.rmtree(home)
    return judge(done, town, seen)


def judge(done: Done, town: Town, seen: dict[str, Seen]) -> Trial:
    """Compares what was read with the truth."""
    crashed = [f"{name}: {s.crashed}" for name, s in seen.items() if s.crashed]
    if crashed:
        return Trial(done, "crashed", tuple(crashed))
    refused = [n for n, s in seen.items() if s.refused and not town.truth.get(n, Seen()).refused]
    other = [n for n, s in seen.items() if not s.refused and s != town.truth[n]]
    wrong = [name for name in other if not _told(name, town.truth[name].value, seen[name].value)]
    verified = "verify" in seen and seen["verify"].value is not True
    for name in wrong if verified else ():
        # A list of events can't tell which were taken out of it; the log's check does.
        if not _only_fewer_events(name, town.truth[name].value, seen[name].value):
            break
    else:
        if wrong:
            return (
                Trial(done, "told by verify", tuple(wrong))
                if verified
                else Trial(done, "wrong", tuple(wrong))
            )
    if wrong:
        return Trial(done, "wrong", tuple(wrong))
    if other:
        return Trial(done, "told", tuple(other))
    return Trial(done, "refused" if refused else "no effect", tuple(refused))


def _only_fewer_events(name: str, truth: Any, value: Any) -> bool:
    if name.startswith("log of"):
        return all(event in truth for event in value)
    if name.startswith("export of"):
        same = all(value[key] == truth[key] for key in truth if key != "events")
        return same and all(event in truth["events"] for event in value["events"])
    return False


def _told(name: str, truth: Any, value: Any) -> bool:
    """Whether a reading itself says that something is not as it was, and is true otherwise."""
    if name == "verify":
        return value is False
    if name == "certificate":
        return all(value[what] is False or value[what] == truth[what] for what in truth)
    if name.startswith("keys of"):
        ended = [info["id"] for info in value if info["state"] in ("gone", "damaged")]
        return [i for i in value if i["id"] not in ended] == [
            i for i in truth if i["id"] not in ended
        ]
    if name.startswith("export of") and (value["missing_turns"] or value["missing_events"]):
        # What retention did meanwhile, misled by a time, is told as well: a revision, an event.
        told = {"missing_turns", "missing_events", "turns", "events", "revision"}
        same = all(value[key] == truth[key] for key in truth if key not in told)
        last = max((event["seq"] for event in truth["events"]), default=0)
        events = [event for event in value["events"] if event["seq"] <= last]
        return (
            same
            and all(e in truth["events"] for e in events)
            and all(turn in truth["turns"] for turn in value["turns"])
        )
    return False
