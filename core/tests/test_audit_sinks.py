"""Checkpoints and events reach the places outside, also after those were down."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from audit_kit import Clock, Keys, event, filled, opened, tamper
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from metier.audit import (
    AuditEvent,
    AuditLog,
    AuditSettings,
    Checkpoint,
    Keeper,
    Report,
    SinkUnavailable,
    Wanted,
    read_checkpoints,
    sinks_of,
    webhook_signature,
)
from metier.audit._checkpoint import parse
from metier.audit._sinks import Message, syslog
from metier.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await opened(tmp_path / "store.db")
    yield store
    await store.close()


class Place:
    """A sink in memory that can be down."""

    def __init__(self, name: str = "place", events: bool = False) -> None:
        self.name, self.events = name, events
        self.down = False
        self.lines: list[bytes] = []
        self.batches = 0

    async def send(self, batch: Sequence[Message]) -> None:
        if self.down:
            raise SinkUnavailable("It is down.")
        self.batches += 1
        self.lines += [message.line for message in batch]

    async def close(self) -> None:
        pass

    def seqs(self, kind: str) -> list[tuple[str, int]]:
        found = [json.loads(line) for line in self.lines]
        return [(f["tenant"], f["seq"]) for f in found if f["type"] == kind]


def settings(**given: object) -> AuditSettings:
    return AuditSettings.model_validate(given)


# --- when checkpoints are made ------------------------------------------------------


async def test_a_checkpoint_follows_after_so_many_events(store: Store) -> None:
    log = await filled(store, 4)
    place = Place()
    keeper = Keeper(log, settings(checkpoint_events=5, checkpoint_minutes=1e6), [place])
    await keeper.tick()
    assert place.seqs("checkpoint") == []
    await log.append(event(5))
    await keeper.tick()
    assert place.seqs("checkpoint") == [("acme", 5)]
    for number in range(6, 10):
        await log.append(event(number))
    await keeper.tick()
    assert place.seqs("checkpoint") == [("acme", 5)]
    await log.append(event(10))
    await keeper.tick()
    assert place.seqs("checkpoint") == [("acme", 5), ("acme", 10)]


async def test_a_checkpoint_follows_when_an_event_is_old(store: Store) -> None:
    clock = Clock()
    log = AuditLog(store, Keys(), clock)
    await log.append(event(1))
    place = Place()
    keeper = Keeper(log, settings(checkpoint_minutes=10), [place])
    await keeper.tick()
    assert place.seqs("checkpoint") == []
    clock.now += timedelta(minutes=10)
    await keeper.tick()
    await keeper.tick()
    assert place.seqs("checkpoint") == [("acme", 1)]


async def test_what_was_kept_elsewhere_can_be_checked_with_the_public_key_alone(
    store: Store,
) -> None:
    log = await filled(store, 3)
    await log.checkpoint("acme")
    await log.append(event(4))
    await log.checkpoint("acme")
    place = Place()
    await Keeper(log, settings(), [place]).deliver()
    found = [parse(json.loads(line)) for line in place.lines]
    assert [c.previous for c in found if c] == [0, 3]
    key = log.public_key("acme")
    assert all(isinstance(c, Checkpoint) and c.signed_by(key) for c in found)
    assert not any(c.signed_by(log.public_key("other")) for c in found if c)
    changed = parse({**json.loads(place.lines[0]), "seq": 2})
    assert changed is not None and not changed.signed_by(key)


async def test_a_broken_chain_is_reported_once_and_the_others_go_on(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = await filled(store, 3)
    await filled(store, 3, "other")
    tamper(
        tmp_path / "store.db",
        "update audit_event set body = cast('x' as blob) where tenant = 'acme' and seq = 2",
    )
    place = Place(events=True)
    keeper = Keeper(log, settings(checkpoint_events=1), [place])
    await keeper.tick()
    await keeper.tick()
    assert place.seqs("checkpoint") == [("other", 3)]
    told = [e async for e in log.find("acme", _wanted("audit-broken"))]
    assert [dict(e.detail) for e in told] == [{"event": 2}]
    assert place.seqs("event").count(("acme", 2)) == 1  # the changed row is seen outside, too
    assert "event 2" in caplog.text


def _wanted(kind: str) -> Wanted:
    return Wanted(kind=kind)


# --- sinks that are down ------------------------------------------------------------


async def test_nothing_is_lost_while_a_sink_is_down_nor_over_a_restart(store: Store) -> None:
    log = await filled(store, 3)
    good, bad = Place("good", events=True), Place("bad", events=True)
    bad.down = True
    keeper = Keeper(log, settings(checkpoint_events=1), [good, bad])
    await keeper.tick()
    (state,) = [s for s in await keeper.states() if s.name == "bad"]
    assert (state.up, state.error) == (False, "It is down.") and state.waiting >= 4
    assert state.down_since is not None
    assert good.seqs("event")[:3] == [("acme", 1), ("acme", 2), ("acme", 3)]
    assert bad.lines == []
    await log.append(event(4))
    again = Keeper(log, settings(checkpoint_events=1), [good, bad])  # the process began anew
    await again.tick()
    bad.down = False
    await again.deliver(now=True)
    await again.deliver(now=True)
    assert sorted(set(bad.seqs("event"))) == sorted(set(good.seqs("event")))
    assert bad.seqs("event").count(("acme", 4)) == 1 and good.seqs("event").count(("acme", 1)) == 1
    assert ("acme", 3) in bad.seqs("checkpoint")
    assert all(s.up and s.waiting == 0 for s in await again.states())


async def test_an_outage_is_in_the_log(store: Store) -> None:
    log = await filled(store, 1)
    await log.checkpoint("acme")
    place = Place()
    place.down = True
    keeper = Keeper(log, settings(), [place])
    for _ in range(3):
        await keeper.deliver(now=True)
    place.down = False
    await keeper.deliver(now=True)
    told = [dict(e.detail) async for e in log.find("", _wanted("audit-sink"))]
    assert [(t["sink"], t["state"]) for t in told] == [("place", "down"), ("place", "up")]


async def test_a_sink_that_is_down_is_left_alone_for_a_while(store: Store) -> None:
    log = await filled(store, 1)
    await log.checkpoint("acme")
    place = Place()
    place.down = True
    keeper = Keeper(log, settings(), [place])
    await keeper.deliver()
    place.down = False
    await keeper.deliver()
    assert place.lines == []
    await keeper.deliver(now=True)
    assert len(place.lines) == 1


async def test_many_events_go_in_batches(store: Store) -> None:
    log = await filled(store, 250)
    place = Place(events=True)
    await Keeper(log, settings(), [place]).deliver()
    assert place.seqs("event") == [("acme", n) for n in range(1, 251)] and place.batches == 3


# --- in the background ----------------------------------------------------------------


async def test_an_end_neither_waits_for_a_sink_that_hangs_nor_writes_of_it(store: Store) -> None:
    log = await filled(store, 1)
    await log.checkpoint("acme")

    class Hanging(Place):
        async def send(self, batch: Sequence[Message]) -> None:
            await asyncio.Event().wait()

    down = Place("down")
    down.down = True
    keeper = Keeper(log, settings(), [down, Hanging("hanging")])
    await keeper.start()
    await keeper.close()
    assert [e async for e in log.find("", _wanted("audit-sink"))] == []


async def test_it_works_in_the_background_and_delivers_before_it_ends(store: Store) -> None:
    log = await filled(store, 2)
    place = Place()
    keeper = Keeper(log, settings(checkpoint_events=2), [place], interval=0.01)
    await keeper.start()
    for _ in range(500):
        if place.lines:
            break
        await asyncio.sleep(0.01)
    assert place.seqs("checkpoint") == [("acme", 2)]
    await log.append(event(3))
    await log.checkpoint("acme")
    await keeper.close()
    assert place.seqs("checkpoint")[-1] == ("acme", 3)


# --- gaps -----------------------------------------------------------------------------


def send(kind: str, turn: str, attempt: str | None = None) -> AuditEvent:
    return AuditEvent(kind, "anna", "anna", "acme", {"turn": turn, "attempt": attempt})


async def test_a_send_without_an_end_is_a_gap_and_is_reported_once(
    store: Store, tmp_path: Path
) -> None:
    log = AuditLog(store, Keys(), Clock())
    for kind, turn, attempt in (
        ("egress-intent", "t1", "a"), ("egress-outcome", "t1", "a"), ("turn", "t1", None),
        ("egress-intent", "t2", "a"), ("egress-outcome", "t2", "a"), ("egress-intent", "t2", "b"),
        ("egress-intent", "t3", "a"), ("turn-failed", "t3", None),
        ("egress-intent", "t4", "a"), ("turn-aborted", "t4", None),
        ("egress-outcome", "t5", "a"), ("egress-intent", "t5", "a"),
    ):  # fmt: skip
        await log.append(send(kind, turn, attempt))
    assert [(g.turn, g.attempt) for g in await log.gaps("acme")] == [("t2", "b"), ("t5", "a")]
    for _ in range(2):
        keeper = Keeper(log, settings(), [], tmp_path / "audit.lock")
        await keeper.start()
        await keeper.close()
        told = [e async for e in log.find("acme", _wanted("egress-gap"))]
        assert [dict(e.detail) for e in told] == [
            {"turn": "t2", "attempt": "b", "intent": 6},
            {"turn": "t5", "attempt": "a", "intent": 12},
        ]
        assert told[0].actor == told[0].subject == "anna"
    assert await log.gaps("acme") == []


async def test_each_of_several_sends_of_one_attempt_is_a_gap_of_its_own(
    store: Store, tmp_path: Path
) -> None:
    log = AuditLog(store, Keys(), Clock())
    for turn in ("t1", "t2"):
        await log.append(send("egress-intent", turn, "a"))
        await log.append(send("egress-intent", turn, "a"))  # to a further server
    await log.append(send("egress-outcome", "t1", "a"))
    assert [(g.turn, g.seq) for g in await log.gaps("acme")] == [("t2", 3), ("t2", 4)]
    await log.append((await log.gaps("acme"))[0].event())
    assert [(g.turn, g.seq) for g in await log.gaps("acme")] == [("t2", 4)]


async def test_beside_another_process_only_an_old_send_is_a_gap(
    store: Store, tmp_path: Path
) -> None:
    clock = Clock()
    log = AuditLog(store, Keys(), clock)
    lock = tmp_path / "audit.lock"
    first = Keeper(log, settings(gap_minutes=5), [], lock)
    await first.start()
    await log.append(send("egress-intent", "t1", "a"))
    second = Keeper(log, settings(gap_minutes=5), [], lock)
    await second.start()
    assert len(await log.gaps("acme")) == 1  # the first process may be sending now
    clock.now += timedelta(minutes=6)
    assert [g.turn for g in await second.report_gaps("acme", alone=False)] == ["t1"]
    assert await second.report_gaps("acme", alone=False) == []
    await first.close()
    await second.close()


# --- files ------------------------------------------------------------------------------


def message(number: int = 1) -> Message:
    line = json.dumps({"type": "checkpoint", "tenant": "t", "seq": number}).encode()
    return Message("checkpoint", 1_772_366_400_123, line)


async def test_a_file_is_added_to_and_mended_after_a_write_that_broke_off(tmp_path: Path) -> None:
    chosen = settings(sinks=[{"kind": "file", "path": "kept/points.jsonl"}])
    (sink,) = sinks_of(chosen, tmp_path)
    with pytest.raises(SinkUnavailable, match="No such file"):
        await sink.send([message()])
    (tmp_path / "kept").mkdir()
    file = tmp_path / "kept" / "points.jsonl"
    await sink.send([message(1), message(2)])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open("ab") as half:
        half.write(b'{"type":"checkpoi')
    await sink.send([message(3)])
    lines = file.read_bytes().splitlines()
    assert [json.loads(lines[n])["seq"] for n in (0, 1, 3)] == [1, 2, 3]


async def test_a_broken_line_in_a_kept_file_is_a_warning(store: Store, tmp_path: Path) -> None:
    log = await filled(store, 2)
    await log.checkpoint("acme")
    (sink,) = sinks_of(settings(sinks=[{"kind": "file", "path": "p"}]), tmp_path)
    await Keeper(log, settings(), [sink]).deliver()
    with (tmp_path / "p").open("ab") as half:
        half.write(b'{"type":"checkpoi\n')
    report = Report()
    kept = read_checkpoints(tmp_path / "p", report)
    found = await log.verify(against=kept, report=report)
    assert found.ok and found.checkpoints == 1
    assert [w.kind for w in found.warnings] == ["unread"]


# --- syslog -----------------------------------------------------------------------------

RFC5424 = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) "
    rb"([!-~]{1,128}) ([!-~]{1,32}) - \xef\xbb\xbf(.*)",
    re.S,
)


def test_a_syslog_message_is_of_the_standard_s_form() -> None:
    found = RFC5424.fullmatch(syslog(message(7)))
    assert found is not None
    assert found[1] == b"109" and found[4] == b"metier" and found[6] == b"checkpoint"
    assert found[2] == b"2026-03-01T12:00:00.123Z"
    assert json.loads(found[7])["seq"] == 7


async def test_syslog_over_udp_and_over_the_machine_s_own_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        await _send_syslog(f"udp://127.0.0.1:{udp.getsockname()[1]}", tmp_path)
        assert [_seq(udp.recv(70_000)) for _ in range(2)] == [1, 2]
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
        unix.bind(str(path))
        await _send_syslog(f"unix://{path}", tmp_path)
        assert [_seq(unix.recv(70_000)) for _ in range(2)] == [1, 2]


async def test_syslog_over_tcp_counts_octets(tmp_path: Path) -> None:
    async with _listening() as (port, received):
        await _send_syslog(f"tcp://127.0.0.1:{port}", tmp_path)
        assert [_seq(m) for m in _frames(await received)] == [1, 2]


async def test_syslog_over_tls_checks_who_is_there(tmp_path: Path) -> None:
    context = _certificate(tmp_path)
    async with _listening(context) as (port, received):
        with pytest.raises(SinkUnavailable, match="can't be reached"):
            await _send_syslog(f"tls://localhost:{port}", tmp_path)
        await _send_syslog(f"tls://localhost:{port}", tmp_path, ca=str(tmp_path / "ca.pem"))
        assert [_seq(m) for m in _frames(await received)] == [1, 2]


async def test_a_syslog_that_is_not_there_is_down(tmp_path: Path) -> None:
    for address in ("tcp://127.0.0.1:1", f"unix://{tmp_path}/nothing"):
        with pytest.raises(SinkUnavailable, match="can't be reached"):
            await _send_syslog(address, tmp_path)


async def _send_syslog(address: str, home: Path, **more: str) -> None:
    chosen = settings(sinks=[{"kind": "syslog", "address": address, **more}])
    (sink,) = sinks_of(chosen, home)
    await sink.send([message(1), message(2)])


@asynccontextmanager
async def _listening(
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[int, asyncio.Future[bytes]]]:
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read()
        if data and not received.done():
            received.set_result(data)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], received


def _frames(data: bytes) -> list[bytes]:
    """RFC 6587, section 3.4.1: the length in octets, a space, the message."""
    found = []
    while data:
        length, _, rest = data.partition(b" ")
        found.append(rest[: int(length)])
        data = rest[int(length) :]
    return found


def _seq(packet: bytes) -> int:
    found = RFC5424.fullmatch(packet)
    assert found is not None
    seq: int = json.loads(found[7])["seq"]
    return seq


def _certificate(folder: Path) -> ssl.SSLContext:
    """A self-signed certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


# --- webhooks ---------------------------------------------------------------------------


async def test_a_webhook_gets_signed_bodies_and_what_it_refuses_comes_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    answers = [500, 200]
    seen: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.Response(status=answers.pop(0))

    log = await filled(store, 2)
    await log.checkpoint("acme")
    async with _serving(take) as port:
        url = f"http://127.0.0.1:{port}/siem/in"
        chosen = settings(
            sinks=[{"kind": "webhook", "url": url, "secret_env": "HOOK_SECRET", "private": True}]
        )
        sinks = sinks_of(chosen, tmp_path)
        keeper = Keeper(log, chosen, sinks)
        await keeper.deliver()
        assert [s.error for s in await keeper.states()] == [
            "The webhook 'webhook' answered with status 500."
        ]
        await keeper.deliver(now=True)
        await keeper.close()
    (first, body), (second, again) = seen
    assert body == again and first["X-Metier-Delivery"] == second["X-Metier-Delivery"]
    expected = webhook_signature("s3cret", second["X-Metier-Timestamp"], again)
    assert second["X-Metier-Signature"] == f"sha256={expected}"
    assert second["Content-Type"] == "application/json"
    (entry,) = json.loads(again)["entries"]
    kept = parse(entry)
    assert kept is not None and kept.signed_by(log.public_key("acme"))


async def test_a_webhook_without_a_secret_or_at_a_private_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    hook = {"kind": "webhook", "url": "https://127.0.0.1:9/in", "secret_env": "HOOK_SECRET"}
    (sink,) = sinks_of(settings(sinks=[hook]), tmp_path)
    with pytest.raises(SinkUnavailable, match="HOOK_SECRET holds no secret"):
        await sink.send([message()])
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    with pytest.raises(SinkUnavailable, match="private"):
        await sink.send([message()])
    await sink.close()


@asynccontextmanager
async def _serving(handler: object) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/siem/in", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


# --- configuration ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sink",
    [
        {"kind": "pigeon"},
        {"kind": "file"},
        {"kind": "file", "path": "p", "name": "../x"},
        {"kind": "syslog", "address": "http://h:1"},
        {"kind": "syslog", "address": "udp://h"},
        {"kind": "syslog", "address": "tcp://h:99999"},
        {"kind": "syslog", "address": "unix://h/x"},
        {"kind": "webhook", "url": "https://h", "secret_env": "S"},
        {"kind": "webhook", "url": "https://h/x"},
        {"kind": "webhook", "url": "ftp://h/x", "secret_env": "S"},
    ],
)
def test_a_sink_that_can_t_work_is_refused_in_the_configuration(sink: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(sinks=[sink])


def test_two_sinks_have_two_names() -> None:
    two = [{"kind": "file", "path": "a"}, {"kind": "file", "path": "b"}]
    with pytest.raises(ValidationError, match="same name"):
        settings(sinks=two)
    assert len(settings(sinks=[two[0], {**two[1], "name": "second"}]).sinks) == 2
