"""What a target is and which addresses it may have. Pure: no I/O."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from metier.model import MetierError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(MetierError):
    """The target is not declared, or its address or path is not permitted. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="target_refused", status=500)


class TargetUnavailable(MetierError):
    """The target can't be reached, or broke off, or was too slow (status 504).

    `code` is "target_unavailable", "target_cut" or "target_timeout".
    """

    def __init__(
        self, message: str, *, code: str = "target_unavailable", status: int = 502
    ) -> None:
        super().__init__(message, code=code, status=status)


# Instance metadata services hand out credentials of the machine they run on.
# No model is served there, so they are refused even to private targets.
_METADATA: Final = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254",  # AWS, Azure, Google, and most others
        "169.254.170.2",  # AWS containers
        "169.254.170.23",  # AWS EKS pods
        "fd00:ec2::254",  # AWS over IPv6
        "fd00:ec2::23",  # AWS EKS pods over IPv6
        "fd20:ce::254",  # Google over IPv6
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's platform address, which is a public one
        "192.0.0.192",  # Oracle, older images
    )
)
_NAT64: Final = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~:-]+")


@dataclass(frozen=True, slots=True)
class TargetRule:
    """Where a target is and how it may be reached.

    Args:
        base_url: what every path is put behind, such as "https://models.example/v1".
        private: it may have a private, loopback or link-local address, and may
            use plain http. Metadata services stay refused.
        allowed: base URLs the policy permits; `base_url` must be one of them or
            lie below one. Empty: `base_url` itself is the reviewed one.
        connect: seconds to resolve the name and connect.
        first_byte: seconds from the request to the first byte of the answer's body.
        between_bytes: seconds between two pieces of the answer.
        whole: seconds from the request to the first byte of an answer that comes in one
            piece, when all of it is made.

    Raises:
        TargetRefused: where `base_url` is malformed or not allowed.
    """

    base_url: str
    private: bool = False
    allowed: tuple[str, ...] = ()
    connect: float = 10.0
    first_byte: float = 120.0
    between_bytes: float = 60.0
    whole: float = 600.0

    def __post_init__(self) -> None:
        base = _checked(self.base_url, "base_url")
        if self.allowed and not any(_below(base, _checked(a, "allowed")) for a in self.allowed):
            raise TargetRefused(
                f"The base URL at '{_host(base)}' is not among those the policy allows for this "
                "target. Correct `base_url`, or have the policy's list reviewed and extended."
            )
        if not self.private and not base.startswith("https:"):
            raise TargetRefused(
                f"The target at '{_host(base)}' uses plain http, which anyone on the way can "
                "read. Use https, or mark the target as private where it is one of your own."
            )
        for name in ("connect", "first_byte", "between_bytes", "whole"):
            if not getattr(self, name) > 0:
                raise TargetRefused(f"The timeout `{name}` of a target must be above 0 seconds.")

    @property
    def host(self) -> str:
        """The host of `base_url`, for messages."""
        return _host(self.base_url)

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The full URL of `path`, which must be plain and can't climb out of `base_url`.

        Raises:
            TargetRefused: for a path with "..", a query, escapes or the like, and for a
                `query` with anything but plain names and values.
        """
        segments = path.split("/")
        plain = path == "/" or (
            segments[0] == ""
            and len(segments) > 1
            and all(_SEGMENT.fullmatch(s) and s not in (".", "..") for s in segments[1:])
        )
        if not plain:
            raise TargetRefused(
                "The path of a request to a target must start with '/' and hold only letters, "
                "digits and . _ ~ : - between slashes."
            )
        asked = list((query or {}).items())
        if not all(_SEGMENT.fullmatch(part) for pair in asked for part in pair):
            raise TargetRefused(
                "Names and values of a query to a target must hold only letters, digits and "
                ". _ ~ : -."
            )
        behind = "&".join(f"{name}={value}" for name, value in asked)
        return self.base_url.rstrip("/") + path + (f"?{behind}" if behind else "")


def permitted(address: str, private: bool) -> bool:
    """Says whether a target may have this IP address.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are
    judged by both. Public means what the IANA special-purpose registries
    (RFC 6890) call globally reachable.

    Args:
        address: an IPv4 or IPv6 address, with or without a zone.
        private: whether the target's rule says private.

    Example:
        >>> permitted("10.0.0.7", private=False), permitted("10.0.0.7", private=True)
        (False, True)
        >>> permitted("169.254.169.254", private=True)
        False
    """
    try:
        parsed: Address = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    return all(_reachable(each, private) for each in (parsed, *_embedded(parsed)))


def _reachable(address: Address, private: bool) -> bool:
    if address in _METADATA or address.is_multicast:
        return False
    if private:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or any(address in net for net in _NAT64):
            return True  # the embedded address decides
        if address.is_site_local:
            return False
    return address.is_global and not address.is_reserved


def _embedded(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in net for net in _NAT64):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if int(address) >> 32 == 0 and int(address) > 1:  # "IPv4-compatible", long deprecated
        found.append(ipaddress.IPv4Address(int(address)))
    return tuple(each for each in found if each is not None)


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    bare = not (parts.query or parts.fragment or parts.username or parts.password)
    strange = any(ord(c) <= 32 or c in "\\%?#@" for c in url) or "/../" in f"{parts.path}/"
    if parts.scheme not in ("http", "https") or not host or not bare or strange:
        raise TargetRefused(
            f"`{name}` of a target must be an http(s) URL with a host and a plain path, without "
            "user, password, query or fragment, such as 'https://models.example/v1'."
        )
    return url.rstrip("/")


def _below(url: str, allowed: str) -> bool:
    ours, theirs = urlsplit(url), urlsplit(allowed)
    same = (ours.scheme, ours.hostname, _port(url)) == (
        theirs.scheme,
        theirs.hostname,
        _port(allowed),
    )
    return same and f"{ours.path}/".startswith(f"{theirs.path}/")


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
