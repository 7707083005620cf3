"""The HTTP client over aiohttp, with the addresses checked where they are used."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from metier.egress._rules import TargetRefused, TargetRule, TargetUnavailable, permitted

# uvicorn, and so vLLM, closes idle connections after 5 seconds. Letting go
# earlier spares a request from meeting a connection that is just closing.
_KEEP_ALIVE: Final = 4.0


class _NoPermittedAddress(OSError):
    """A name has only addresses that the target's rule forbids."""


class _FilteringResolver(AbstractResolver):
    """Resolves a name and leaves only permitted addresses.

    aiohttp connects to just the addresses returned here and asks nobody again,
    so a name that changes its answer in between (DNS rebinding) gains nothing.
    """

    def __init__(self, private: bool, inner: AbstractResolver) -> None:
        self._private = private
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if permitted(each["host"], self._private)]
        if not kept:
            raise _NoPermittedAddress(0, "no permitted address")
        return kept

    async def close(self) -> None:
        await self._inner.close()


class EgressResponse:
    """An answer of a target, read piece by piece under its rule's timeouts."""

    def __init__(
        self, response: aiohttp.ClientResponse, target: str, rule: TargetRule, deadline: float
    ) -> None:
        self._response = response
        self._target = target
        self._rule = rule
        self._deadline = deadline
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers

    @property
    def content_type(self) -> str:
        """The media type, in lower case and without parameters."""
        return self._response.content_type.lower()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yields the body as it arrives, in pieces of any size.

        Raises:
            TargetUnavailable: "target_timeout" where the target is too slow,
                "target_cut" where the connection breaks before the body's end.
        """
        content = self._response.content
        loop = asyncio.get_running_loop()
        deadline = self._deadline
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    piece = await content.readany()
            except TimeoutError:
                raise _slow(self._target) from None
            except (aiohttp.ClientError, OSError):
                raise _cut(self._target) from None
            if not piece:
                return
            yield piece
            # Counted from here, so that a slow reader is not blamed on the target.
            deadline = loop.time() + self._rule.between_bytes

    async def read(self, limit: int) -> bytes:
        """Reads at most `limit` bytes of the body."""
        body = bytearray()
        async for piece in self.chunks():
            body += piece
            if len(body) >= limit:
                break
        return bytes(body[:limit])

    def abort(self) -> None:
        """Closes the connection at once, unless the body has been read to its end."""
        if self._response.content.is_eof() and self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class EgressClient:
    """Posts to declared targets and gets from them, and reaches nothing else.

    Args:
        targets: the rule of each target by name.
        resolver: makes the DNS resolver; aiohttp's threaded one where None.
            Its answers are filtered either way.

    Example:
        >>> client = EgressClient({"vllm": TargetRule("http://10.0.0.7:8000/v1", private=True)})
        >>> async with client.post("vllm", "/chat/completions", b"{}") as response:
        ...     response.status
        200
    """

    def __init__(
        self,
        targets: Mapping[str, TargetRule],
        *,
        resolver: Callable[[], AbstractResolver] | None = None,
    ) -> None:
        self._targets = MappingProxyType(dict(targets))
        self._resolver = resolver or aiohttp.ThreadedResolver
        # Private and public targets share no connection and no DNS answer.
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    @asynccontextmanager
    async def post(
        self,
        target: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        whole: bool = False,
    ) -> AsyncIterator[EgressResponse]:
        """Sends exactly `body` and yields the response.

        Leaving the context before the body's end closes the connection, which
        tells the target's server to stop working on it.

        Args:
            target: a declared target's name.
            path: goes behind the target's base URL, such as "/chat/completions".
            body: the bytes to send; its content type is JSON unless `headers` says otherwise.
            headers: more headers; those that frame the request can't be set.
            whole: the answer comes in one piece, which takes as long as making it.

        Raises:
            TargetRefused: the target is unknown, resolves to a forbidden address,
                or answers with a redirect.
            TargetUnavailable: it can't be reached, or is too slow.
        """
        asked = self._ask("POST", target, path, body, _headers(headers), whole)
        async with asked as response:
            yield response

    @asynccontextmanager
    async def get(self, target: str, path: str) -> AsyncIterator[EgressResponse]:
        """Asks for what is public at a target, such as an issuer's keys; sends no body.

        Raises:
            TargetRefused, TargetUnavailable: as `post` does.
        """
        async with self._ask("GET", target, path, None, {"Accept": "application/json"}) as response:
            yield response

    @asynccontextmanager
    async def send(
        self,
        method: str,
        target: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> AsyncIterator[EgressResponse]:
        """Sends a request of any method, as the interface of a database has them.

        Args:
            method, path, query: of the request; a query holds plain names and values.
            body: the bytes to send; None for none.
            headers: as those of `post`.

        Raises:
            TargetRefused, TargetUnavailable: as `post` does.
        """
        asked = self._ask(method, target, path, body, _headers(headers), query=query)
        async with asked as response:
            yield response

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        target: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        whole: bool = False,
        query: Mapping[str, str] | None = None,
    ) -> AsyncIterator[EgressResponse]:
        rule = self._targets.get(target)
        if rule is None:
            raise TargetRefused(
                f"'{target}' is not a declared target. Declare it in the policy and configuration."
            )
        url = rule.url(path, query)
        if _is_literal(rule.host) and not permitted(rule.host, rule.private):
            raise _forbidden(target, rule)
        response = await self._request(method, target, rule, url, body, headers, whole)
        try:
            if 300 <= response.status < 400:
                raise TargetRefused(
                    f"The target '{target}' answered with a redirect, and redirects are not "
                    "followed. Set its base_url to the final address."
                )
            yield response
        finally:
            response.abort()

    async def close(self) -> None:
        """Closes all connections. A later `post` opens new ones."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()

    async def _request(
        self,
        method: str,
        target: str,
        rule: TargetRule,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        whole: bool,
    ) -> EgressResponse:
        patience = rule.whole if whole else rule.first_byte
        started = asyncio.get_running_loop().time()
        timeout = aiohttp.ClientTimeout(total=None, connect=rule.connect)
        try:
            # Some servers send their headers only with the first byte of the body.
            async with asyncio.timeout_at(started + rule.connect + patience):
                response = await self._session(rule.private).request(
                    method, url, data=body, headers=headers, allow_redirects=False, timeout=timeout
                )
        except aiohttp.ClientConnectorDNSError as error:
            if isinstance(error.os_error, _NoPermittedAddress):
                raise _forbidden(target, rule) from None
            raise TargetUnavailable(
                f"The host '{rule.host}' of the target '{target}' has no address. "
                "Check its base_url and the name service."
            ) from None
        except TimeoutError:  # aiohttp's timeouts are TimeoutErrors too
            raise _slow(target) from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise _distrusted(target, rule, error.certificate_error) from None
        except (aiohttp.ClientError, OSError) as error:
            if whole and isinstance(error, aiohttp.ServerDisconnectedError):
                raise _cut(target) from None  # it was at work on its answer
            raise TargetUnavailable(
                f"The target '{target}' at '{rule.host}' can't be reached "
                f"({type(error).__name__}). Check that its server runs, and its base_url."
            ) from None
        return EgressResponse(response, target, rule, started + patience)

    def _session(self, private: bool) -> aiohttp.ClientSession:
        session = self._sessions.get(private)
        if session is None or session.closed:
            connector = aiohttp.TCPConnector(
                resolver=_FilteringResolver(private, self._resolver()),
                ttl_dns_cache=60,
                limit=0,
                keepalive_timeout=_KEEP_ALIVE,
            )
            session = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                raise_for_status=False,
                # No compression: it would hold back pieces of a stream.
                headers={"User-Agent": "metier", "Accept-Encoding": "identity"},
            )
            self._sessions[private] = session
        return session


def _distrusted(target: str, rule: TargetRule, error: Exception) -> TargetUnavailable:
    """What TLS says of a certificate: that it has expired, is for another name, or so."""
    reason = str(getattr(error, "verify_message", "") or type(error).__name__).rstrip(".")
    return TargetUnavailable(
        f"The certificate of the target '{target}' at '{rule.host}' is not trusted ({reason}). "
        "Nothing was sent. Mend it, or start metier with SSL_CERT_FILE naming a file with the "
        "authority that signed it."
    )


def _headers(given: Mapping[str, str] | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    for name, value in (given or {}).items():
        if name.lower() in ("host", "content-length", "transfer-encoding", "connection"):
            raise TargetRefused(f"The header '{name}' of a request to a target can't be set.")
        headers[name.title()] = value
    return headers


def _is_literal(host: str) -> bool:
    # aiohttp doesn't resolve what looks like an address, so the resolver never sees it.
    return ":" in host or host.replace(".", "").isdigit()


def _forbidden(target: str, rule: TargetRule) -> TargetRefused:
    return TargetRefused(
        f"The host '{rule.host}' of the target '{target}' has only addresses that are private or "
        "of a metadata service. Where it is a server of your own, mark the target as private."
    )


def _cut(target: str) -> TargetUnavailable:
    return TargetUnavailable(
        f"The target '{target}' broke off in the middle of its answer. "
        "Try again; if it stays so, look at its server's log.",
        code="target_cut",
    )


def _slow(target: str) -> TargetUnavailable:
    return TargetUnavailable(
        f"The target '{target}' did not answer in time. Try again, or raise its timeouts.",
        code="target_timeout",
        status=504,
    )
