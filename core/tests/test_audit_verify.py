"""Whatever is changed in the log is found, and at the right place."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

import pytest
from audit_kit import Clock, Keys, append_many, event, filled, opened, tamper
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.audit import AuditBroken, AuditEvent, AuditLog, BadEvent, Report, Verification
from metier.audit._chain import Chain, link
from metier.audit._checkpoint import Marks
from metier.audit._event import MAX_TEXT, decode, encode
from metier.store import AuditIndex, AuditRow, Store

Row = dict[str, object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    store = await opened(file)
    yield store
    await store.close()


# --- what goes in ----------------------------------------------------------------


def test_the_same_event_has_the_same_bytes_whatever_the_order_of_its_detail() -> None:
    one = AuditEvent("turn", "a", "s", "t", {"b": 1, "a": "x"})
    two = AuditEvent("turn", "a", "s", "t", {"a": "x", "b": 1})
    assert encode(one, 1, 0) == encode(two, 1, 0)
    assert b'"revision"' not in encode(one, 1, 0)
    changed = AuditEvent("turn", "a", "s", "t", revision=4)
    assert decode(encode(changed, 7, 1234)).revision == 4


@pytest.mark.parametrize(
    "value",
    ["x" * (MAX_TEXT + 1), "two\nlines", float("nan"), float("inf"), 2**63, ["x"], {"a": 1}, b"x"],
)
def test_a_detail_holds_short_texts_numbers_and_truth_values_only(value: object) -> None:
    with pytest.raises(BadEvent, match="`what`") as caught:
        AuditEvent("turn", "a", "s", "t", {"what": value})  # type: ignore[dict-item]
    assert "xxx" not in caught.value.message and "lines" not in caught.value.message


@pytest.mark.parametrize("kind", ["", "Turn", "turn failed", "x" * 65, "turn\n"])
def test_a_kind_is_a_plain_name(kind: str) -> None:
    with pytest.raises(BadEvent):
        AuditEvent(kind, "a", "s", "t")


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True),
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=MAX_TEXT).filter(str.isprintable).filter(lambda t: t.encode()),
    ),
    st.integers(1, 10**9),
    st.integers(0, 4 * 10**12),
)
def test_what_is_written_is_read_back(
    detail: dict[str, str | int | float | bool | None], seq: int, at: int
) -> None:
    given_ = AuditEvent("turn", "演员", "s", "t", detail, revision=3)
    found = decode(encode(given_, seq, at))
    assert (found.seq, found.at, found.actor, dict(found.detail)) == (seq, at, "演员", detail)


# --- what is found ---------------------------------------------------------------


async def test_an_untouched_log_is_whole(store: Store) -> None:
    log = await filled(store, 5)
    await log.append(AuditEvent("purge", "metier", "", "", {"rows": 3}))
    await log.checkpoint("acme")
    found = await log.verify()
    assert found == Verification(True, 6, 2, 1)
    assert await log.verify("acme") == Verification(True, 5, 1, 1)


NAMES = ("tenant", "seq", "previous", "hash", "mac", "body", "kind", "actor", "subject", "at",
         "revision")  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "seq", "kind"),
    [
        ("update audit_event set body = replace(body, 't3', 't8') where seq = 3", 3, "damaged"),
        ("update audit_event set body = cast(replace(body, 't3', 't8') as blob) where seq = 3",
         3, "edited"),
        ("update audit_event set hash = zeroblob(32) where seq = 3", 3, "edited"),
        ("update audit_event set previous = zeroblob(32) where seq = 3", 3, "edited"),
        ("update audit_event set mac = zeroblob(32) where seq = 3", 3, "forged"),
        ("update audit_event set mac = '' where seq = 3", 3, "damaged"),
        ("delete from audit_event where seq = 3", 3, "missing"),
        ("delete from audit_event where seq < 3", 1, "missing"),
        ("update audit_event set seq = seq + 100 where seq = 3", 3, "missing"),
        ("update audit_event set seq = -3 where seq = 3", -3, "order"),
        ("update audit_event set seq = 'x' where seq = 3", 3, "missing"),
        ("update audit_event set subject = 'other' where seq = 3", 3, "index"),
        ("update audit_event set actor = 'other' where seq = 3", 3, "index"),
        ("update audit_event set kind = 'other' where seq = 3", 3, "index"),
        ("update audit_event set at = at + 1 where seq = 3", 3, "index"),
        ("update audit_event set revision = 9 where seq = 3", 3, "index"),
        ("delete from audit_event where seq > 3", 4, "truncated"),
        ("delete from audit_event", 1, "truncated"),
        ("update audit_checkpoint set signature = zeroblob(64)", 5, "checkpoint"),
        ("update audit_checkpoint set public_key = zeroblob(32)", 5, "checkpoint"),
        ("update audit_checkpoint set hash = zeroblob(32)", 5, "checkpoint"),
        ("update audit_checkpoint set at = at + 1", 5, "checkpoint"),
        ("update audit_checkpoint set at = 'x'", 5, "checkpoint"),
        ("update audit_checkpoint set signature = 'x'", 5, "checkpoint"),
    ],
)  # fmt: skip
async def test_a_change_is_found_where_it_is(
    store: Store, file: Path, statement: str, seq: int, kind: str
) -> None:
    log = await filled(store, 5)
    await log.checkpoint("acme")
    tamper(file, statement)
    found = await log.verify()
    assert not found.ok and found.first_bad == seq
    assert (found.findings[0].tenant, found.findings[0].kind) == ("acme", kind)


async def test_an_event_of_another_tenant_is_not_taken_for_one_of_this(
    store: Store, file: Path
) -> None:
    log = await filled(store, 2)
    await filled(store, 3, "other")
    tamper(file, "update audit_event set tenant = 'acme' where tenant = 'other' and seq = 3")
    found = await log.verify()
    assert [(f.tenant, f.seq, f.kind) for f in found.findings] == [("acme", 3, "forged")]
    tamper(file, "update audit_event set tenant = 'new' where tenant = 'acme'")
    assert {f.tenant for f in (await log.verify()).findings} == {"new"}


async def test_without_the_key_a_chain_can_t_be_recomputed(store: Store, file: Path) -> None:
    log = await filled(store, 4)
    with sqlite3.connect(file) as raw:
        previous = bytes(32)
        rows = raw.execute("select seq, body from audit_event order by seq").fetchall()
        for seq, body in rows:
            body = body.replace(b"t2", b"t9")
            digest = link(previous, body)
            raw.execute(
                "update audit_event set previous=?, hash=?, body=? where seq=?",
                (previous, digest, body, seq),
            )
            previous = digest
    found = await log.verify()
    assert [(f.seq, f.kind) for f in found.findings] == [(2, "forged"), (3, "forged"),
                                                        (4, "forged")]  # fmt: skip


async def test_a_log_of_other_keys_is_not_ours(store: Store) -> None:
    await filled(store, 2)
    found = await AuditLog(store, Keys("other")).verify()
    assert {f.kind for f in found.findings} == {"forged"}


async def test_a_checkpoint_that_was_removed_is_missed_by_the_next(
    store: Store, file: Path
) -> None:
    log = await filled(store, 2)
    for number in range(3):
        await log.checkpoint("acme")
        await log.append(event(number))
    assert (await log.verify()).checkpoints == 3
    tamper(file, "delete from audit_checkpoint where seq = 3")
    found = await log.verify()
    assert [(f.seq, f.kind) for f in found.findings] == [(4, "checkpoint")]


async def test_the_end_is_missed_though_its_checkpoints_went_with_it(
    store: Store, file: Path
) -> None:
    log = await filled(store, 6)
    kept = await log.checkpoint("acme")
    assert kept is not None
    tamper(file, "delete from audit_event where seq > 2", "delete from audit_checkpoint")
    assert (await log.verify()).ok
    found = await log.verify(against=[kept])
    assert [(f.seq, f.kind) for f in found.findings] == [(3, "truncated")]
    tamper(file, "delete from audit_event")
    assert (await log.verify(against=[kept])).first_bad == 1


async def test_events_written_after_a_cut_contradict_the_checkpoint(
    store: Store, file: Path
) -> None:
    log = await filled(store, 3)
    kept = await log.checkpoint("acme")
    assert kept is not None
    tamper(file, "delete from audit_event where seq = 3", "delete from audit_checkpoint")
    await log.append(event(7))
    assert (await log.verify()).ok
    found = await log.verify(against=[kept])
    assert [(f.seq, f.kind) for f in found.findings] == [(3, "rewritten")]


async def test_nothing_is_signed_over_a_chain_that_does_not_hold(store: Store, file: Path) -> None:
    log = await filled(store, 3)
    await log.checkpoint("acme")
    await log.append(event(1))
    await log.append(event(2))
    tamper(file, "update audit_event set mac = zeroblob(32) where seq = 5")
    with pytest.raises(AuditBroken, match="event 5"):
        await log.checkpoint("acme")
    tamper(file, "delete from audit_event where seq >= 3")
    with pytest.raises(AuditBroken, match="event 3"):
        await log.checkpoint("acme")


async def test_a_clock_that_went_back_is_a_warning(store: Store) -> None:
    clock = Clock()
    log = AuditLog(store, Keys(), clock)
    await log.append(event(1))
    clock.now -= timedelta(hours=1)
    await log.append(event(2))
    found = await log.verify()
    assert found.ok and [(w.seq, w.kind) for w in found.warnings] == [(2, "clock")]
    assert "3599" in found.warnings[0].what


async def test_a_single_row_is_checked_by_itself(store: Store, file: Path) -> None:
    log = await filled(store, 3)
    row = (await store.audit_events("acme"))[1]
    assert log.genuine(row).detail == {"turn": "t2"}
    tamper(file, "update audit_event set mac = zeroblob(32) where seq = 2")
    with pytest.raises(AuditBroken, match="event 2"):
        log.genuine((await store.audit_events("acme"))[1])


async def test_findings_do_not_fill_the_memory(store: Store, file: Path) -> None:
    log = await filled(store, 150)
    tamper(file, "update audit_event set mac = zeroblob(32)")
    found = await log.verify()
    assert not found.ok and found.events == 150 and len(found.findings) == 100


# --- whatever is done to the rows ---------------------------------------------------

COUNT = 12


def rows_of(file: Path) -> list[Row]:
    with sqlite3.connect(file) as raw:
        found = raw.execute(f"select {', '.join(NAMES)} from audit_event order by seq").fetchall()
    return [dict(zip(NAMES, row, strict=True)) for row in found]


def put(file: Path, rows: list[Row]) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute("delete from audit_event")
        marks = ", ".join("?" * len(NAMES))
        for row in rows:
            raw.execute(
                f"insert into audit_event ({', '.join(NAMES)}) values ({marks})",
                tuple(row[name] for name in NAMES),
            )


def flip(value: object, chance: random.Random) -> object:
    """The value with one bit or character changed."""
    if isinstance(value, bytes):
        place = chance.randrange(len(value))
        return (
            value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
        )
    if isinstance(value, int):
        return value + chance.choice([-1, 1])
    return f"{value}x" if value is not None else 1


def change(rows: list[Row], what: str, chance: random.Random) -> None:
    """Does one thing to the rows."""
    place = chance.randrange(COUNT)
    if what == "edit":
        name = chance.choice([n for n in NAMES if n not in ("tenant", "seq")])
        rows[place] = {**rows[place], name: flip(rows[place][name], chance)}
    elif what == "delete":
        del rows[place]
    elif what == "truncate":
        del rows[place:]
    elif what == "insert":
        copy = dict(rows[chance.randrange(COUNT)])
        if chance.random() < 0.5:
            copy["body"] = flip(copy["body"], chance)
        rows.insert(place, copy)
        for seq, row in enumerate(rows, 1):
            row["seq"] = seq
    else:
        other = chance.choice([p for p in range(COUNT) if p != place])
        rows[place], rows[other] = rows[other], rows[place]
        for seq, row in enumerate(rows, 1):
            row["seq"] = seq


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["edit", "delete", "insert", "reorder", "truncate"]),
    st.randoms(use_true_random=False),
)
def test_any_change_of_rows_is_found_there_or_before(kind: str, chance: random.Random) -> None:
    async def run(file: Path) -> None:
        store = await opened(file)
        log = await filled(store, COUNT)
        await log.checkpoint("acme")
        before = rows_of(file)
        rows = [dict(row) for row in before]
        change(rows, kind, chance)
        put(file, rows)
        found = await log.verify()
        pairs = zip_longest(before, rows_of(file))
        changed = next((n for n, (old, new) in enumerate(pairs, 1) if old != new), None)
        assert found.first_bad == changed and found.ok == (changed is None)
        await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "store.db"))


@pytest.mark.slow
async def test_ten_thousand_changes_are_found(store: Store, file: Path) -> None:
    """The same without a database for each: the rows as a list, the verifier as it is."""
    log = await filled(store, COUNT)
    kept = await log.checkpoint("acme")
    assert kept is not None
    before = rows_of(file)
    key, public = Keys().purpose_key("acme", "audit-mac"), log.public_key("acme")
    signed = await store.checkpoints("acme")
    chance = random.Random(20260301)
    kinds = ["edit", "delete", "insert", "reorder", "truncate"]
    missed = 0
    for trial in range(10_000):
        rows = [dict(row) for row in before]
        change(rows, kinds[trial % len(kinds)], chance)
        report = Report()
        marks, chain = Marks("acme", report), Chain("acme", report, key)
        marks.add_rows(signed, public)
        for row in rows:
            parts = {name: row[name] for name in NAMES[:6]}
            columns = {name: row[name] for name in ("seq", *NAMES[6:])}
            chain.step(AuditRow(**parts), AuditIndex(**columns))  # type: ignore[arg-type]
            marks.passing(chain)
        marks.end(chain.seq)
        pairs = zip_longest(before, rows)
        changed = next((n for n, (old, new) in enumerate(pairs, 1) if old != new), None)
        missed += report.done().first_bad != changed
    assert missed == 0


# --- killed -----------------------------------------------------------------------

WRITER = """
import asyncio, sys
from pathlib import Path
from audit_kit import Keys, event
from metier.audit import AuditLog
from metier.store import AuditIndex, AuditRow, Store

async def main():
    log = AuditLog(Store(f"sqlite:///{sys.argv[1]}", busy_seconds=30), Keys())
    async def work():
        while True:
            row = await log.append(event(1))
            print(row.seq, flush=True)
    await asyncio.gather(*(work() for _ in range(8)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_is_there_after_a_kill(store: Store, file: Path) -> None:
    acknowledged: set[int] = set()
    for round_ in range(4):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(file), stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        )  # fmt: skip
        assert writer.stdout is not None
        for _ in range(20 + 13 * round_):
            acknowledged.add(int(await writer.stdout.readline()))
        writer.kill()
        rest = await writer.stdout.read()
        acknowledged |= {int(line) for line in rest.split(b"\n")[:-1]}
        await writer.wait()
    found = await AuditLog(store, Keys()).verify()
    assert found.ok and found.events >= max(acknowledged)
    there = {row.seq for row in await store.audit_events("acme", limit=100_000)}
    assert acknowledged <= there


# --- several writers --------------------------------------------------------------


async def test_two_stores_on_one_file_write_one_chain(store: Store, file: Path) -> None:
    other = Store(f"sqlite:///{file}")
    logs = [AuditLog(store, Keys()), AuditLog(other, Keys())]
    await asyncio.gather(*(logs[n % 2].append(event(n)) for n in range(60)))
    assert await logs[0].verify() == Verification(True, 60, 1)
    assert {row.seq for row in await other.audit_events("acme")} == set(range(1, 61))
    await other.close()


async def test_two_stores_may_make_checkpoints_at_the_same_time(store: Store, file: Path) -> None:
    other = Store(f"sqlite:///{file}", busy_seconds=30)
    logs = [AuditLog(store, Keys()), AuditLog(other, Keys())]

    async def work(log: AuditLog) -> None:
        for number in range(10):
            await log.append(event(number))
            await log.checkpoint("acme")

    await asyncio.gather(*map(work, logs))
    found = await logs[0].verify()
    assert found.ok and found.events == 20
    await other.close()


async def test_two_processes_write_one_chain(store: Store, file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(file, 40)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        await asyncio.to_thread(writer.join)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert await AuditLog(store, Keys()).verify() == Verification(True, 80, 1)
