"""Failed authentications by address, in memory and bounded."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable


class Attempts:
    """Counts failures per client address within a window of time.

    Of an IPv6 address the first 64 bits count, since a client commonly has all the
    rest. Where too many addresses fail, those that failed longest ago are forgotten.

    Args:
        most: failures of one address within a window; after that it has to wait.
        seconds: the length of the window, which starts at the first failure.
        addresses: how many are remembered.
    """

    def __init__(
        self,
        most: int = 30,
        seconds: float = 60.0,
        addresses: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._addresses = addresses
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until the address may try again; 0 where it may now."""
        count, ends = self._failed.get(_network(client), (0, 0.0))
        return max(0.0, ends - self._clock()) if count >= self._most else 0.0

    def failed(self, client: str) -> None:
        """Notes a failure."""
        name, now = _network(client), self._clock()
        count, ends = self._failed.pop(name, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + self._seconds
        self._failed[name] = (count + 1, ends)
        if len(self._failed) > self._addresses:
            self._failed.popitem(last=False)

    def __len__(self) -> int:
        return len(self._failed)


def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
