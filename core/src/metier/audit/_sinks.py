"""Places outside the store that checkpoints, and events where wanted, are sent to.

A sink takes a batch or raises `SinkUnavailable`; then the batch is sent again later, so the
same line can come twice. Syslog over UDP or plain TCP has no answer: what is lost on the way
is noticed by nobody here (RFC 5424, section 8.5). File, TLS and webhook are the choices where
that matters; over TLS, too, only the delivery to the other side's machine is known.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from metier.audit._event import moment
from metier.audit._settings import (
    AuditSettings,
    FileSinkSettings,
    SyslogSinkSettings,
    WebhookSinkSettings,
)
from metier.model import MetierError

_SECONDS: Final = 10.0
_PRIORITY: Final = 13 * 8 + 5
"""RFC 5424, section 6.2.1: facility 13 (log audit), severity 5 (notice)."""
_DATAGRAM: Final = 65_507
"""The most that UDP over IPv4 can carry."""


class SinkUnavailable(MetierError):
    """The batch did not get there; `message` says why, for an operator."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="audit_sink", status=503)


@dataclass(frozen=True, slots=True)
class Message:
    """One line for a sink: JSON without a line's end, the same that an export holds."""

    kind: str
    """"checkpoint" or "event"."""
    at: int
    line: bytes


class Sink(Protocol):
    """A place that takes messages."""

    name: str
    events: bool

    async def send(self, batch: Sequence[Message]) -> None:
        """Delivers a batch.

        Raises:
            SinkUnavailable: it was not delivered, or not known to be.
        """
        ...

    async def close(self) -> None: ...


class FileSink:
    """Adds lines to a file and waits until they are on the disk."""

    def __init__(self, settings: FileSinkSettings, home: Path) -> None:
        self.name = settings.name
        self.events = settings.events
        self._path = home / settings.path.expanduser()

    async def send(self, batch: Sequence[Message]) -> None:
        try:
            await asyncio.to_thread(self._append, b"".join(m.line + b"\n" for m in batch))
        except OSError as error:
            raise SinkUnavailable(f"{self._path} can't be written: {error.strerror}.") from None

    async def close(self) -> None:
        pass

    def _append(self, lines: bytes) -> None:
        new = not self._path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                lines = b"\n" + lines  # a write that broke off; its lines come again
            while lines:
                lines = lines[os.write(descriptor, lines) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            _sync_folder(self._path.parent)


def _sync_folder(folder: Path) -> None:
    """A new file is there after a power cut only once its folder has been written."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SyslogSink:
    """Sends RFC 5424 messages: over UDP (RFC 5426), TCP (RFC 6587, octet counting), TLS
    (RFC 5425), or to the socket of the machine's own syslog."""

    def __init__(self, settings: SyslogSinkSettings) -> None:
        self.name = settings.name
        self.events = settings.events
        parts = urlsplit(settings.address)
        self._scheme, self._path = parts.scheme, parts.path
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._ca = settings.ca

    async def send(self, batch: Sequence[Message]) -> None:
        packets = [syslog(message) for message in batch]
        try:
            async with asyncio.timeout(_SECONDS):
                if self._scheme in ("tcp", "tls"):
                    await self._stream(packets)
                else:
                    await asyncio.to_thread(self._datagrams, packets)
        except TimeoutError:
            raise SinkUnavailable(f"{self._where} did not answer in time.") from None
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or type(error).__name__
            raise SinkUnavailable(f"{self._where} can't be reached: {why}.") from None

    async def close(self) -> None:
        pass

    @property
    def _where(self) -> str:
        return self._path if self._scheme == "unix" else f"{self._host}, port {self._port},"

    async def _stream(self, packets: Sequence[bytes]) -> None:
        tls: ssl.SSLContext | None = None
        if self._scheme == "tls":
            tls = ssl.create_default_context()
            if self._ca is not None:
                tls.load_verify_locations(self._ca)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
        _, writer = await asyncio.open_connection(self._host, self._port, ssl=tls)
        try:
            writer.write(b"".join(b"%d %s" % (len(packet), packet) for packet in packets))
            await writer.drain()
        finally:
            writer.close()
        await writer.wait_closed()

    def _datagrams(self, packets: Sequence[bytes]) -> None:
        if self._scheme == "unix":
            family, address = socket.AF_UNIX, self._path
            with socket.socket(family, socket.SOCK_DGRAM) as unix:
                unix.settimeout(_SECONDS)
                unix.connect(address)
                for packet in packets:
                    unix.send(packet)
            return
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(found[0], socket.SOCK_DGRAM) as udp:
            udp.settimeout(_SECONDS)
            udp.connect(found[4])
            for packet in packets:
                if len(packet) > _DATAGRAM:
                    raise SinkUnavailable("An event is too long for UDP. Use tcp:// or tls://.")
                udp.send(packet)


def syslog(message: Message) -> bytes:
    """A message in the format of RFC 5424, section 6: no structured data, JSON as its text."""
    time = moment(message.at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    host = "".join(c for c in socket.gethostname() if "!" <= c <= "~")[:255] or "-"
    header = f"<{_PRIORITY}>1 {time} {host} metier {os.getpid()} {message.kind} - "
    return header.encode("ascii") + b"\xef\xbb\xbf" + message.line


class WebhookSink:
    """Posts a batch as one JSON object to an address that the egress rules allow.

    Headers: `X-Metier-Timestamp` (seconds since 1970), `X-Metier-Delivery` (the SHA-256 of the
    body: the same batch sent again has the same one), and `X-Metier-Signature`,
    "sha256=" and the HMAC-SHA256 in hex of the timestamp, a full stop and the body.
    """

    def __init__(self, settings: WebhookSinkSettings, clock: Callable[[], datetime]) -> None:
        self.name = settings.name
        self.events = settings.events
        self._clock = clock
        self._secret_env = settings.secret_env
        from metier.egress import EgressClient, TargetRule  # loads aiohttp, which few need here

        base, _, path = settings.url.rstrip("/").rpartition("/")
        self._path = f"/{path}"
        rule = TargetRule(base, private=settings.private, first_byte=_SECONDS, connect=_SECONDS)
        self._client = EgressClient({self.name: rule})

    async def send(self, batch: Sequence[Message]) -> None:
        secret = os.environ.get(self._secret_env)
        if not secret:
            raise SinkUnavailable(f"The variable {self._secret_env} holds no secret.")
        body = b'{"entries":[' + b",".join(m.line for m in batch) + b'],"version":1}'
        stamp = str(int(self._clock().timestamp()))
        headers = {
            "X-Metier-Timestamp": stamp,
            "X-Metier-Delivery": hashlib.sha256(body).hexdigest(),
            "X-Metier-Signature": f"sha256={webhook_signature(secret, stamp, body)}",
        }
        try:
            async with self._client.post(self.name, self._path, body, headers) as response:
                status = response.status
                with suppress(MetierError):  # the status is the answer
                    await response.read(65_536)
        except MetierError as error:
            raise SinkUnavailable(error.message) from None
        if not 200 <= status < 300:
            raise SinkUnavailable(f"The webhook '{self.name}' answered with status {status}.")

    async def close(self) -> None:
        await self._client.close()


def webhook_signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver compares the header with."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def sinks_of(
    settings: AuditSettings, home: Path, clock: Callable[[], datetime] | None = None
) -> list[Sink]:
    """The sinks that the configuration names.

    Args:
        home: where a relative path of a file starts.
        clock: the time, UTC.

    Raises:
        TargetRefused: the address of a webhook is not one that may be reached.
    """
    clock = clock or (lambda: datetime.now(UTC))
    made: list[Sink] = []
    for each in settings.sinks:
        if isinstance(each, FileSinkSettings):
            made.append(FileSink(each, home))
        elif isinstance(each, SyslogSinkSettings):
            made.append(SyslogSink(each))
        else:
            made.append(WebhookSink(each, clock))
    return made
