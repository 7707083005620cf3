"""Faults around metier, over the wire: what the client sees, and what is kept.

The table of docs/operations.md, "Failure drills", names each of these tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from served import (
    CHAT,
    RESPONSES,
    SECRET,
    audited,
    broken_off,
    chat,
    client_of,
    engine,
    nothing_stored,
    problem,
)
from sqlalchemy import event
from toy import Gardening

from metier import config
from metier._clock import SteadyClock
from metier.app import Metier
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.rights import read_turn
from metier_testing.upstream import RecordingUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
PIECE = b'data: {"choices":[{"index":0,"delta":{"content":"Prune in "},"finish_reason":null}]}\n\n'
_STALL = b"(stall)"
LONG = [{"role": "user", "content": "When do I prune my roses? " * 1000}]
"""More than the free pages of a store hold."""


@asynccontextmanager
async def raw_server(*pieces: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that answers each request with these bytes and then breaks the connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                if piece == _STALL:
                    await reader.read()  # until the other side has had enough
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    async with server:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@dataclass(frozen=True)
class Fault:
    """What the model server does, and what has to come of it."""

    name: str
    pieces: tuple[bytes, ...]
    code: str
    status: int
    begun: bool = False
    """Whether text had gone out in a stream by then."""
    streamed: str = ""
    """The code where the answer was to be a stream, if it is another."""
    again: str | None = None
    """When the client is told to come again: what the model server said."""


def answered(status: str, more: bytes = b"") -> tuple[bytes, ...]:
    body = f'{{"error": {{"message": "{SECRET}"}}}}'.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n".encode()
    return (head + more + f"Content-Length: {len(body)}\r\n\r\n".encode() + body,)


FAULTS = [
    Fault("resets at once", (b"",), "engine_cut", 502, streamed="engine_unavailable"),
    Fault("resets mid-stream", (OK, PIECE), "engine_cut", 502, True),
    Fault("garbage instead of HTTP", (b"\x16\x03\x01 nonsense\r\n\r\n",), "engine_unavailable",
          502),
    Fault("garbage in the stream", (OK, PIECE, b"data: {nonsense\n\n"), "engine_protocol", 502,
          True),
    Fault("garbage instead of an answer", (OK, b"data: [1, 2]\n\n"), "engine_protocol", 502),
    Fault("stalls before the first byte", (_STALL,), "engine_timeout", 504),
    Fault("stalls mid-stream", (OK, PIECE, _STALL), "engine_timeout", 504, True),
    Fault("answers 429", answered("429 Too Many Requests", b"Retry-After: 7\r\n"),
          "engine_busy", 503, again="7"),
    Fault("answers 500", answered("500 Internal Server Error"), "engine_unavailable", 502),
    Fault("answers 401", answered("401 Unauthorized"), "engine_unauthorised", 502),
]  # fmt: skip
GONE = Fault("is gone", (), "engine_unavailable", 502)


def quick(url: str, seconds: float = 0.6) -> OpenAIEngine:
    """An engine that waits so long for everything."""
    rule = TargetRule(
        url, private=True, connect=2.0, first_byte=seconds, between_bytes=seconds, whole=seconds
    )
    return OpenAIEngine(EgressClient({"local": rule}), "local", "tiny")


async def asked(app: Any, fault: Fault) -> None:
    """Asks on each wire, whole and as a stream, and checks what the client sees of the fault."""
    asks = {CHAT: chat(), RESPONSES: {"model": "gardening", "input": f"I am {SECRET}. When?"}}
    async with client_of(app) as client:
        for path, body in asks.items():
            answer = await client.post(path, json=body)
            assert problem(answer, fault.status)["code"] == fault.code
            assert answer.headers.get("retry-after") == fault.again
            answer = await client.post(path, json={**body, "stream": True})
            code = fault.streamed or fault.code
            if fault.begun:
                assert "Prune in" in answer.text
                assert broken_off(answer, path)["code"] == code
            else:
                assert problem(answer, fault.status)["code"] == code


def kept_nothing(home: Path, fault: Fault) -> None:
    """Nothing of the four turns is kept but that they failed."""
    assert nothing_stored(home)
    ends = [e["detail"]["outcome"] for e in audited(home) if e["kind"] == "turn-failed"]
    assert ends == [fault.code, fault.streamed or fault.code] * 2
    assert SECRET not in str(audited(home))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
async def test_a_model_server_that_fails(open_metier: Any, home: Path, fault: Fault) -> None:
    async with raw_server(*fault.pieces) as url:
        app = await open_metier(Gardening(), engine=quick(url))
        await asked(app, fault)
        kept_nothing(home, fault)


async def test_a_model_server_that_refuses_the_connection(open_metier: Any, home: Path) -> None:
    async with raw_server() as url:
        pass
    app = await open_metier(Gardening(), engine=quick(url, 2.0))
    await asked(app, GONE)
    kept_nothing(home, GONE)


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody has signed but its own key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_model_server_whose_certificate_is_not_trusted(
    open_metier: Any, home: Path, tmp_path: Path
) -> None:
    async with raw_server(OK, PIECE, tls=own_certificate(tmp_path)) as url:
        app = await open_metier(Gardening(), engine=quick(url, 5.0))
        await asked(app, GONE)
        kept_nothing(home, GONE)
        async with client_of(app) as client:
            said = problem(await client.post(CHAT, json=chat()), 502)["message"]
    assert "is not trusted (self-signed certificate). Nothing was sent." in said
    assert "SSL_CERT_FILE" in said


async def test_a_disk_without_room_takes_the_replica_out_until_there_is_some(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await open_metier(Gardening())
    async with client_of(app) as client:
        with monkeypatch.context() as patch:
            none = shutil.disk_usage("/")._replace(free=100_000)
            patch.setattr(shutil, "disk_usage", lambda _: none)
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["reasons"] == {"store": "disk_full"}
        assert (await client.get("/readyz")).status_code == 200


async def test_a_disk_that_is_full_refuses_the_turn_and_keeps_what_was_there(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    async with client_of(app) as client:
        assert (await client.post(CHAT, json=chat())).status_code == 200
        before = (await client.get("/v1/profile")).json()
        assert SECRET in str(before)
        lift = _fill(app)
        answer = await client.post(CHAT, json=chat(messages=LONG))
        found = problem(answer, 503)
        assert found["code"] == "store_unavailable" and "disk" in found["message"]
        assert (await client.get("/v1/profile")).json() == before
        lift()
        assert (await client.post(CHAT, json=chat())).status_code == 200
    assert (await app.verify_audit()).ok


def _fill(app: Metier) -> Callable[[], None]:
    """Lets the store's file grow no more, as a full disk would; the returned call lets it again."""
    backend: Any = app.parts.store._backend  # type: ignore[attr-defined]
    bound = ["PRAGMA max_page_count = 1"]  # SQLite makes of it what is used already

    def limit(connection: Any, *_: object) -> None:
        connection.execute(bound[0])

    event.listen(backend._engine, "checkout", limit)

    def lift() -> None:
        bound[0] = "PRAGMA max_page_count = 1073741823"

    return lift


@pytest.mark.parametrize(
    "jump", [dt.timedelta(days=-400), dt.timedelta(days=-1), dt.timedelta(days=10)],
    ids=["a year back", "a day back", "ten days on"],
)  # fmt: skip
async def test_a_clock_that_jumps_breaks_no_chain_and_loses_no_conversation(
    home: Path, jump: dt.timedelta
) -> None:
    now = [dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)]
    clock = SteadyClock(lambda: now[0])
    settings = config.Settings(embeddings="none")
    async with RecordingUpstream() as upstream:
        model = engine(upstream.base_url)
        async with Metier.open(
            home, settings, plugins=(Gardening(),), engine=model, clock=clock
        ) as app:
            said = app.request("gardening", f"I am {SECRET}. When do I prune?", conversation="c")
            first = await app.respond(said)
            known = {fact.value for fact in await app.profile(said.actor)}
            assert SECRET in known
            now[0] += jump
            again = await app.respond(app.request("gardening", "And my roses?", conversation="c"))
            assert SECRET in again.text  # the model was sent what was said before, and answered
            told = [message["content"] for message in upstream.bodies[-1]["messages"]]
            assert any("When do I prune?" in words for words in told[:-1])
            assert known <= {fact.value for fact in await app.profile(said.actor)}
            await app.purge()
            for answer in (first, again):
                assert (await read_turn(app.parts, said.actor, None, answer.id)).answer
            times = [event["time"] for event in audited(home)]
            assert times == sorted(times) and (await app.verify_audit()).ok


@pytest.mark.parametrize("behind", [dt.timedelta(minutes=1), dt.timedelta(days=30)])
async def test_a_start_with_a_clock_that_is_behind_hides_nothing_that_was_said(
    home: Path, behind: dt.timedelta
) -> None:
    settings, now = config.Settings(embeddings="none"), dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    async with Metier.open(home, settings, plugins=(Gardening(),), clock=lambda: now) as app:
        said = app.request("gardening", f"I am {SECRET}. When do I prune?")
        await app.respond(said)
    late = now - behind
    async with Metier.open(home, settings, plugins=(Gardening(),), clock=lambda: late) as app:
        assert SECRET in {fact.value for fact in await app.profile(said.actor)}
        answer = await app.respond(app.request("gardening", "What is my name?"))
        assert SECRET in answer.text


async def test_a_client_that_goes_away_stops_the_model_and_its_answer_is_not_kept(
    open_metier: Any, home: Path
) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(["One ", "two ", "three "])
        upstream.delay(0.0, 300.0)
        app = await open_metier(Gardening(), engine=engine(upstream.base_url, 600.0))
        stream = app.stream(app.request("gardening", f"I am {SECRET}. When do I prune?"))
        await anext(stream)
        await stream.aclose()
        await upstream.until_aborted()
    assert nothing_stored(home)
    assert audited(home)[-1]["kind"] == "turn-aborted"
