"""What leaves the log can be read back, by us and by others, and shows what was changed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from audit_kit import START, Clock, Keys, event, filled, opened, tamper
from hypothesis import given
from hypothesis import strategies as st

from metier.audit import (
    AuditEvent,
    AuditLog,
    Checkpoint,
    Format,
    Report,
    Verification,
    Wanted,
    plain,
    read_checkpoints,
    verify_export,
)
from metier.audit._event import decode, encode
from metier.audit._export import cef, ocsf
from metier.model import Json, MetierError
from metier.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await opened(tmp_path / "store.db")
    yield store
    await store.close()


async def exported(log: AuditLog, tenant: str = "acme", format_: Format = "jsonl") -> list[bytes]:
    return [line async for line in log.export(tenant, format_, "anna")]


async def written(log: AuditLog, file: Path, *tenants: str) -> Path:
    lines = [line for tenant in tenants for line in await exported(log, tenant)]
    await asyncio.to_thread(file.write_bytes, b"\n".join(lines) + b"\n")
    return file


def offline(file: Path, *keys: bytes, against: tuple[Checkpoint, ...] = ()) -> Verification:
    return verify_export(file, against, keys, Report())


# --- exports that can be verified ------------------------------------------------------


async def test_an_export_is_verified_without_any_secret(store: Store, tmp_path: Path) -> None:
    log = await filled(store, 3)
    await filled(store, 2, "other")
    await log.checkpoint("acme")
    file = await written(log, tmp_path / "log.jsonl", "acme", "other")
    keys = log.public_key("acme"), log.public_key("other")
    assert offline(file, *keys) == Verification(True, 7, 2, 1)
    unsure = offline(file)
    assert unsure.ok and [w.kind for w in unsure.warnings] == ["key"]
    foreign = offline(file, log.public_key("other"))
    assert [(f.seq, f.kind) for f in foreign.findings] == [(3, "checkpoint")]


async def test_an_export_tells_of_itself(store: Store) -> None:
    log = await filled(store, 1)
    lines = [json.loads(line) for line in await exported(log)]
    assert [line["type"] for line in lines] == ["export", "event", "event"]
    last = json.loads(lines[-1]["body"])
    assert (last["kind"], last["actor"], last["detail"]["format"]) == (
        "audit-export", "anna", "jsonl",
    )  # fmt: skip


def _edit(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b"t3", b"t9")


def _delete(lines: list[bytes]) -> None:
    del lines[3]


def _reorder(lines: list[bytes]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def _repeat(lines: list[bytes]) -> None:
    lines.insert(4, lines[3])


def _garbage(lines: list[bytes]) -> None:
    lines[3] = b"{"


def _cut(lines: list[bytes]) -> None:
    del lines[3:6]


@pytest.mark.parametrize(
    ("change", "seq"),
    [(_edit, 3), (_delete, 3), (_reorder, 3), (_repeat, 3), (_garbage, 0), (_cut, 3)],
)
async def test_a_change_of_an_export_is_found(
    store: Store, tmp_path: Path, change: object, seq: int
) -> None:
    log = await filled(store, 5)
    await log.checkpoint("acme")
    lines = await exported(log)
    assert callable(change)
    change(lines)
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"\n".join(lines))
    found = offline(file, log.public_key("acme"))
    assert not found.ok and found.first_bad == seq


async def test_a_cut_export_contradicts_its_checkpoints(store: Store, tmp_path: Path) -> None:
    log = await filled(store, 5)
    kept = await log.checkpoint("acme")
    assert kept is not None
    lines = [line for line in await exported(log) if json.loads(line).get("seq", 0) < 3]
    (tmp_path / "log").write_bytes(b"\n".join(lines))
    assert offline(tmp_path / "log").ok  # nothing in it tells of more
    found = offline(tmp_path / "log", log.public_key("acme"), against=(kept,))
    assert [(f.seq, f.kind) for f in found.findings] == [(3, "truncated")]


async def test_an_export_from_a_time_on_starts_in_the_middle_and_says_so(
    store: Store, tmp_path: Path
) -> None:
    log = AuditLog(store, Keys(), Clock(START))
    for number in range(1, 9):  # one a second
        await log.append(event(number))
        if number == 4:
            await log.checkpoint("acme")
    since = START + timedelta(seconds=6)
    lines = [line async for line in log.export("acme", "jsonl", "anna", since=since)]
    (tmp_path / "log").write_bytes(b"\n".join(lines))
    seqs = [json.loads(line)["seq"] for line in lines[1:]]
    assert seqs == list(range(seqs[0], 10)) and 4 < seqs[0] < 7
    found = offline(tmp_path / "log")
    assert found.ok and [(w.kind, w.seq) for w in found.warnings] == [("partial", seqs[0])]


async def test_a_changed_row_leaves_with_the_export_and_is_found_there(
    store: Store, tmp_path: Path
) -> None:
    log = await filled(store, 3)
    tamper(
        tmp_path / "store.db",
        "update audit_event set body = cast(replace(body, 't2', 't9') as blob) where seq = 2",
    )
    found = offline(await written(log, tmp_path / "log", "acme"))
    assert [(f.seq, f.kind) for f in found.findings] == [(2, "edited")]


def test_files_that_hold_nothing_say_so(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(MetierError, match="no event"):
        offline(tmp_path / "empty")
    with pytest.raises(MetierError, match="no checkpoint"):
        read_checkpoints(tmp_path / "empty", Report())
    with pytest.raises(MetierError, match="can't be read"):
        offline(tmp_path / "missing")


# --- OCSF ------------------------------------------------------------------------------

REQUIRED = ("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time",
            "type_uid", "actor", "api", "src_endpoint")  # fmt: skip
"""Of base_event and api_activity, OCSF 1.8.0."""


@pytest.mark.parametrize(
    ("kind", "activity", "status"),
    [("turn", 1, 1), ("profile-read", 2, 1), ("retention", 4, 1), ("egress-intent", 99, 1),
     ("turn-failed", 99, 2), ("egress-gap", 99, 2)],
)  # fmt: skip
async def test_an_ocsf_event_has_what_its_class_requires(
    store: Store, kind: str, activity: int, status: int
) -> None:
    log = AuditLog(store, Keys(), Clock())
    await log.append(AuditEvent(kind, "anna", "bob", "acme", {"turn": "t1"}, revision=2))
    (line, _) = await exported(log, format_="ocsf")
    found = json.loads(line)
    assert all(name in found for name in REQUIRED)
    assert (found["class_uid"], found["category_uid"]) == (6003, 6)
    assert found["activity_id"] == activity and found["type_uid"] == 600300 + activity
    assert found["status_id"] == status
    assert found["metadata"]["version"] == "1.8.0" and found["metadata"]["product"]["name"]
    assert found["api"]["operation"] == kind and found["actor"]["user"]["uid"] == "anna"
    assert found["resources"] == [{"uid": "bob", "type": "subject"}]
    assert found["time"] == int((START + timedelta(seconds=1)).timestamp() * 1000)
    assert found["unmapped"]["detail"] == {"turn": "t1"}
    if activity == 99:
        assert found["activity_name"] == kind  # "must be populated with the source's label"


async def test_an_event_about_nobody_has_no_resource(store: Store) -> None:
    log = AuditLog(store, Keys(), Clock())
    await log.append(AuditEvent("purge", "metier", "", "", {"rows": 3}))
    (line, _) = await exported(log, "", "ocsf")
    assert "resources" not in json.loads(line)
    assert json.loads(ocsf(decode(encode(AuditEvent("x", "", "", ""), 1, 0))))["actor"]["user"]


# --- CEF -------------------------------------------------------------------------------


def read_cef(line: str) -> tuple[list[str], dict[str, str]]:
    """A reader of CEF by the published rules, written apart from what writes it."""
    header, rest = [], line
    for _ in range(7):
        found = re.match(r"((?:[^\\|]|\\.)*)\|", rest, re.S)
        assert found is not None
        header.append(re.sub(r"\\(.)", r"\1", found[1]))
        rest = rest[found.end() :]
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9_.]+)(?<!\\)=", rest))
    values: dict[str, str] = {}
    for key, after in zip(keys, [*keys[1:], None], strict=True):
        raw = rest[key.end() : after.start() if after else len(rest)]
        values[key[1]] = re.sub(r"\\(.)", _unescaped, raw)
    return header, values


def _unescaped(mark: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r"}.get(mark[1], mark[1])


NASTY = st.text(alphabet="ab=|\\ \n\r\t\"'é中", min_size=1, max_size=12).filter(
    lambda t: t == t.strip()
)


@given(NASTY, NASTY, NASTY)
def test_whatever_is_in_an_event_its_cef_line_is_one_line_and_reads_back(
    actor: str, subject: str, tenant: str
) -> None:
    detail: dict[str, str | int | float | bool | None] = {"turn": "a=b|c\\d", "n": 3}
    body = encode(AuditEvent("turn", actor, subject, tenant, detail), 5, 1_772_366_400_123)
    line = cef(decode(body)).decode()
    assert "\n" not in line and "\r" not in line
    header, values = read_cef(line)
    assert header[0] == "CEF:0" and header[4:6] == ["turn", "turn"]
    assert (values["suid"], values["duid"], values["cs1"]) == (actor, subject, tenant)
    assert json.loads(values["cs3"]) == detail and values["cs3Label"] == "detail"
    assert values["rt"] == "1772366400123" and values["externalId"] == "5"


def test_a_cef_header_escapes_pipes_and_backslashes() -> None:
    from metier.audit._export import _field

    assert _field("a|b\\c\nd") == "a\\|b\\\\c d"


@pytest.mark.parametrize(("kind", "severity"), [("turn", 2), ("turn-failed", 5), ("egress-gap", 8)])
def test_a_cef_severity_is_of_the_published_scale(kind: str, severity: int) -> None:
    line = cef(decode(encode(AuditEvent(kind, "a", "s", "t"), 1, 0))).decode()
    assert read_cef(line)[0][6] == str(severity)


# --- showing ---------------------------------------------------------------------------


async def test_events_are_found_by_subject_actor_kind_and_time(store: Store) -> None:
    log = AuditLog(store, Keys(), Clock(START))
    for number in range(1, 7):
        await log.append(event(number, kind="turn" if number % 2 else "feedback"))

    async def seqs(**given_: object) -> list[int]:
        return [e.seq async for e in log.find("acme", Wanted(**given_))]  # type: ignore[arg-type]

    assert await seqs(subject="s0") == [3, 6]
    assert await seqs(actor="actor0") == [2, 4, 6]
    assert await seqs(kind="turn", subject="s1") == [1]
    assert await seqs(since=START + timedelta(seconds=3), until=START + timedelta(seconds=5)) == [
        3, 4,
    ]  # fmt: skip
    assert await seqs(subject="nobody") == []
    assert [e.seq async for e in log.find("other", Wanted())] == []


async def test_showing_is_an_event_and_shows_the_newest(store: Store) -> None:
    log = await filled(store, 9)
    shown = await log.show("acme", Wanted(subject="s1", limit=2), "auditor")
    assert [plain(s)["seq"] for s in shown] == [4, 7]
    (told,) = [e async for e in log.find("acme", Wanted(kind="audit-read"))]
    assert (told.actor, told.subject) == ("auditor", "s1")
    assert dict(told.detail) == {
        "chosen_by": "subject", "events": 2, "content": False, "reason": "",
    }  # fmt: skip


async def test_content_needs_a_reason_and_goes_through_the_reader(store: Store) -> None:
    log = await filled(store, 2)

    async def reader(tenant: str, turn: str) -> Json:
        return {"said": f"{tenant}/{turn}"} if turn == "t2" else None

    with pytest.raises(MetierError, match="reason"):
        await log.show("acme", Wanted(), "auditor", reader=reader, reason=" ")
    assert [e async for e in log.find("acme", Wanted(kind="audit-read"))] == []
    shown = await log.show("acme", Wanted(), "auditor", reader=reader, reason="case 7")
    assert [plain(s).get("content") for s in shown] == [None, {"said": "acme/t2"}]
    (told,) = [e async for e in log.find("acme", Wanted(kind="audit-read"))]
    assert told.detail["content"] is True and told.detail["reason"] == "case 7"
