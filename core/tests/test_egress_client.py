"""Nothing leaves except to declared targets at permitted addresses."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from metier.egress import (
    EgressClient,
    EgressTransport,
    TargetRefused,
    TargetRule,
    TargetUnavailable,
    permitted,
)

SECRET = b'{"messages":"the secret of Ann"}'
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client_for(
    rule: TargetRule, resolver: Callable[[], AbstractResolver] | None = None
) -> AsyncIterator[EgressClient]:
    client = EgressClient({"t": rule}, resolver=resolver)
    try:
        yield client
    finally:
        await client.close()


def local(port: int) -> TargetRule:
    return TargetRule(f"http://127.0.0.1:{port}", private=True)


class FakeDns(AbstractResolver):
    """Gives the next list of addresses at each question, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for each in found
        ]

    async def close(self) -> None:
        self.answers.clear()


async def ok(request: web.Request) -> web.StreamResponse:
    return web.Response(body=await request.read(), headers={"X-Path": request.path})


# --- addresses -----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "2001:db8::1",
    ],
)
def test_addresses_that_are_not_public_are_blocked(address: str) -> None:
    assert not permitted(address, private=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_permitted(address: str) -> None:
    assert permitted(address, private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12::1"])
def test_private_rules_permit_private_addresses(address: str) -> None:
    assert permitted(address, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "ff02::1",
        "not an address",
    ],
)
@pytest.mark.parametrize("private", [False, True])
def test_metadata_services_and_multicast_are_never_permitted(address: str, private: bool) -> None:
    assert not permitted(address, private)


@given(st.ip_addresses(v=4), st.booleans())
def test_a_mapped_address_is_never_permitted_where_the_plain_one_is_not(
    address: ipaddress.IPv4Address, private: bool
) -> None:
    mapped = f"::ffff:{address}"
    nat64 = str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)))
    assert permitted(mapped, private) == permitted(str(address), private)
    assert not permitted(nat64, private) or permitted(str(address), private)


# --- rules ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "models.example",
        "ftp://models.example",
        "https://",
        "https://user:pass@models.example",
        "https://models.example/v1?key=1",
        "https://models.example/v1#x",
        "https://models.example:notaport/",
        "https://models.example/../x",
        "https://models.example/%2e%2e",
        "https://models.example\\@evil.example",
        "https://models .example",
        "https://[::1",
    ],
)
def test_malformed_base_urls_are_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        TargetRule(url)


def test_plain_http_is_for_private_targets_only() -> None:
    with pytest.raises(TargetRefused, match="plain http"):
        TargetRule("http://models.example/v1")
    assert TargetRule("http://10.0.0.7:8000/v1", private=True).host == "10.0.0.7"


@pytest.mark.parametrize(
    ("base", "allowed", "fits"),
    [
        ("https://a.example/v1", "https://a.example", True),
        ("https://a.example/v1", "https://a.example/v1/", True),
        ("https://a.example:443/v1", "https://a.example/v1", True),
        ("https://a.example/v10", "https://a.example/v1", False),
        ("https://a.example.evil/v1", "https://a.example", False),
        ("https://a.example:8443/v1", "https://a.example", False),
        ("https://b.example", "https://a.example", False),
    ],
)
def test_a_base_url_must_be_on_the_allow_list(base: str, allowed: str, fits: bool) -> None:
    if fits:
        assert TargetRule(base, allowed=("https://other.example", allowed)).base_url == base
    else:
        with pytest.raises(TargetRefused, match="policy"):
            TargetRule(base, allowed=(allowed,))


@pytest.mark.parametrize(
    "path", ["", "x", "//", "//evil.example", "/..", "/a/../b", "/a?b", "/a#b", "/%2e", "/a\r\nb"]
)
def test_a_path_cannot_leave_the_base_url(path: str) -> None:
    with pytest.raises(TargetRefused):
        TargetRule("https://models.example/v1").url(path)


def test_timeouts_must_be_positive() -> None:
    with pytest.raises(TargetRefused, match="first_byte"):
        TargetRule("https://models.example", first_byte=0)


@pytest.mark.parametrize("query", [{"a b": "c"}, {"a": "b&c=d"}, {"a": "b#c"}, {"a": ""}])
def test_a_query_holds_plain_names_and_values(query: dict[str, str]) -> None:
    rule = TargetRule("https://models.example/v1")
    assert rule.url("/points", {"wait": "true", "n": "1"}).endswith("/v1/points?wait=true&n=1")
    with pytest.raises(TargetRefused):
        rule.url("/points", query)


# --- the client ------------------------------------------------------------------


async def test_exactly_the_body_is_posted_below_the_base_url() -> None:
    async with serving(ok) as port:
        rule = TargetRule(f"http://127.0.0.1:{port}/v1/", private=True)
        async with client_for(rule) as client, client.post("t", "/chat", SECRET) as response:
            assert response.status == 200
            assert response.headers["X-Path"] == "/v1/chat"
            assert await response.read(1000) == SECRET


async def test_a_library_that_speaks_httpx_reaches_the_target_whatever_address_it_names() -> None:
    """Method, path, query and body are the library's; the host is the rule's alone."""
    seen: list[tuple[str, str, str, bytes]] = []

    async def note(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        seen.append((request.method, request.path_qs, request.headers.get("api-key", ""), body))
        return web.json_response({"fine": True}, status=202)

    def ask(rule: TargetRule) -> None:
        with httpx.Client(transport=EgressTransport("t", rule, {"api-key": "k"})) as client:
            for address in ("https://elsewhere.invalid", "http://127.0.0.1:9"):
                answer = client.put(f"{address}/points?wait=true", content=b"{}")
                assert answer.status_code == 202 and answer.json() == {"fine": True}
            with pytest.raises(TargetRefused):
                client.get("https://elsewhere.invalid/a b")

    async with serving(note) as port:
        rule = TargetRule(f"http://127.0.0.1:{port}/base", private=True)
        await asyncio.to_thread(ask, rule)
    assert seen == [("PUT", "/base/points?wait=true", "k", b"{}")] * 2


async def test_what_is_public_is_got_without_a_body_under_the_same_rules() -> None:
    seen: list[tuple[str, str, bytes]] = []

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path_qs, await request.read()))
        return web.Response(text="keys", status=302 if request.path == "/moved" else 200)

    async with serving(note) as port, client_for(local(port)) as client:
        async with client.get("t", "/keys") as response:
            assert (response.status, await response.read(1000)) == (200, b"keys")
        for target, path in (("t", "/moved"), ("t", "/a?b"), ("other", "/keys")):
            with pytest.raises(TargetRefused):
                async with client.get(target, path):
                    pass
    assert seen == [("GET", "/keys", b""), ("GET", "/moved", b"")]


async def test_unknown_targets_are_refused() -> None:
    client = EgressClient({})
    with pytest.raises(TargetRefused, match="not a declared target"):
        async with client.post("t", "/x", SECRET):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "127.1", "2130706433"])
async def test_literal_private_addresses_are_refused_before_anything_is_sent(host: str) -> None:
    async with client_for(TargetRule(f"https://{host}/v1")) as client:
        with pytest.raises(TargetRefused, match="private"):
            async with client.post("t", "/x", SECRET):
                pass


@pytest.mark.parametrize("host", ["localhost", "0x7f.1"])
async def test_names_that_resolve_to_private_addresses_are_refused(host: str) -> None:
    async with client_for(TargetRule(f"https://{host}/v1")) as client:
        with pytest.raises(TargetRefused, match="private"):
            async with client.post("t", "/x", SECRET):
                pass


async def test_the_metadata_service_is_refused_to_private_targets_by_name_too() -> None:
    dns = FakeDns(["169.254.169.254"])
    rule = TargetRule("http://metadata.example", private=True)
    async with client_for(rule, lambda: dns) as client:
        with pytest.raises(TargetRefused, match="metadata"):
            async with client.post("t", "/x", SECRET):
                pass


async def test_a_name_is_resolved_once_and_its_checked_address_used() -> None:
    """DNS rebinding: a second question would get another answer, so none is asked."""
    async with serving(ok) as port:
        dns = FakeDns(["169.254.169.254", "127.0.0.1"], ["169.254.169.254"])
        rule = TargetRule(f"http://model.example:{port}/v1", private=True)
        async with client_for(rule, lambda: dns) as client:
            for _ in range(3):
                async with client.post("t", "/x", SECRET) as response:
                    assert await response.read(1000) == SECRET
        assert dns.asked == 1


async def test_redirects_are_not_followed() -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with serving(redirect) as port, client_for(local(port)) as client:
        with pytest.raises(TargetRefused, match="redirect"):
            async with client.post("t", "/x", SECRET):
                pass
    assert seen == ["/x"]


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with (
        serving(ok) as port,
        client_for(local(port)) as client,
        client.post("t", "/x", SECRET) as response,
    ):
        assert response.status == 200


async def test_cookies_are_not_kept() -> None:
    cookies: list[str | None] = []

    async def baking(request: web.Request) -> web.StreamResponse:
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "a=b"})

    async with serving(baking) as port:
        rule = TargetRule(f"http://model.example:{port}", private=True)
        async with client_for(rule, lambda: FakeDns(["127.0.0.1"])) as client:
            for _ in range(2):
                async with client.post("t", "/x", SECRET):
                    pass
    assert cookies == [None, None]


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding"])
async def test_headers_that_frame_the_request_cannot_be_set(name: str) -> None:
    client = EgressClient({"t": TargetRule("https://models.example")})
    with pytest.raises(TargetRefused, match="header"):
        async with client.post("t", "/x", SECRET, {name: "x"}):
            pass


async def test_no_server_is_unavailable_and_nothing_of_the_body_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    caplog.set_level(logging.DEBUG)
    async with client_for(TargetRule(f"http://127.0.0.1:{port}", private=True)) as client:
        with pytest.raises(TargetUnavailable) as caught:
            async with client.post("t", "/x", SECRET):
                pass
    assert caught.value.code == "target_unavailable"
    assert "Ann" not in str(caught.value) + repr(caught.value) + caplog.text


async def test_a_server_that_never_answers_times_out() -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with serving(silent) as port:
        rule = TargetRule(f"http://127.0.0.1:{port}", private=True, connect=0.05, first_byte=0.05)
        async with client_for(rule) as client:
            with pytest.raises(TargetUnavailable) as caught:
                async with client.post("t", "/x", SECRET):
                    pass
    assert (caught.value.code, caught.value.status) == ("target_timeout", 504)


@pytest.mark.parametrize("pieces", [0, 1])
async def test_both_the_first_byte_and_the_pause_between_bytes_have_a_timeout(pieces: int) -> None:
    async def stalling(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(pieces):
            await response.write(b"piece")
        await asyncio.sleep(30)
        return response

    async with serving(stalling) as port:
        # Only the timeout under test is short.
        rule = local(port)
        rule = replace(rule, between_bytes=0.05) if pieces else replace(rule, first_byte=0.3)
        got: list[bytes] = []
        async with client_for(rule) as client:
            with pytest.raises(TargetUnavailable) as caught:
                async with client.post("t", "/x", SECRET) as response:
                    async for piece in response.chunks():
                        got.append(piece)
    assert caught.value.code == "target_timeout"
    assert b"".join(got) == b"piece" * pieces


async def test_leaving_early_closes_the_connection_so_that_the_server_stops() -> None:
    stopped = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"more")
                await asyncio.sleep(0.01)
        except (asyncio.CancelledError, ConnectionResetError):
            stopped.set()
            raise

    async with serving(endless) as port, client_for(local(port)) as client:
        async with client.post("t", "/x", SECRET) as response:
            assert await response.read(4) == b"more"
        async with asyncio.timeout(10):
            await stopped.wait()


async def test_a_body_that_breaks_off_is_told_as_cut() -> None:
    async def breaking(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(breaking) as port, client_for(local(port)) as client:
        with pytest.raises(TargetUnavailable) as caught:
            async with client.post("t", "/x", SECRET) as response:
                await response.read(1000)
    assert caught.value.code == "target_cut"


async def test_a_closed_client_opens_again_on_use() -> None:
    async with serving(ok) as port, client_for(local(port)) as client:
        await client.close()
        async with client.post("t", "/x", SECRET) as response:
            assert response.status == 200
