"""The Prometheus page on a port of its own, so that a proxy in front of metier never shows it."""

from __future__ import annotations

import asyncio
import contextlib

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from metier.model import MetierError
from metier.telemetry._meters import Meters

_MOST_HEADERS = 16 * 1024
_PATIENCE = 10.0


class MetricsPage:
    """Serves `GET /metrics` and nothing else.

    Args:
        meters: what it shows.
        host, port: where; port 0 takes a free one.
    """

    def __init__(self, meters: Meters, host: str, port: int) -> None:
        self._meters = meters
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it has; that of the settings before it is started."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listens.

        Raises:
            MetierError: the address can't be had.
        """
        try:
            self._server = await asyncio.start_server(
                self._answer, self._host, self._port, limit=_MOST_HEADERS
            )
        except OSError as error:
            raise MetierError(
                f"The metrics page can't have port {self._port} on '{self._host}': "
                f"{error.strerror}. Choose others under `telemetry` in metier.toml.",
                code="address_not_usable",
            ) from None

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = self._found(head.split(b"\r\n", 1)[0])
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                    "Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    def _found(self, line: bytes) -> tuple[str, str, bytes]:
        method, _, rest = line.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        if path != b"/metrics":
            return "404 Not Found", "text/plain", b"The page is /metrics.\n"
        if method != b"GET":
            return "405 Method Not Allowed", "text/plain", b"Use GET.\n"
        return "200 OK", CONTENT_TYPE_PLAIN_0_0_4, self._meters.page()
