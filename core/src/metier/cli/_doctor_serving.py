"""What only a server uses: its addresses, the collector, and what finds names."""

from __future__ import annotations

import errno
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from metier.cli._findings import Finding, fine

if TYPE_CHECKING:
    from metier import config


def check_addresses(settings: config.Settings) -> list[Finding]:
    """Whether the addresses can be had; none is tried beside a server of this home, which has them.

    Another process that has one may be a server that this one is to replace: a warning.
    """
    from metier.cli import _remote
    from metier.server import bound

    if _remote.running() is not None:
        return []
    wanted = [("server.host", settings.server.host, "server.port", settings.server.port)]
    page = settings.telemetry
    if page.metrics_port is not None:
        wanted.append(
            ("telemetry.metrics_host", page.metrics_host, "telemetry.metrics_port",
             page.metrics_port)
        )  # fmt: skip
    found = []
    with ExitStack() as held:  # so that two settings with one address are found
        for host_name, host, port_name, port in wanted:
            try:
                held.enter_context(closing(bound(host, port)))
            except OSError as error:
                busy = error.errno == errno.EADDRINUSE
                says = f"`{port_name}` {port} on '{host}' can't be had: {error.strerror}."
                mend = f"Set `{port_name}` to another, or stop what uses it."
                if not busy:
                    mend = (
                        f"Set `{host_name}` to an address of this machine, or the port above 1023."
                    )
                found.append(Finding("server", "warning" if busy else "failed", says, mend))
    return found or [fine("server", "The addresses it listens on can be had.")]


def check_collector(settings: config.Settings) -> list[Finding]:
    """Whether spans and metrics can be sent; nothing is."""
    from metier._sources import secret
    from metier.telemetry import check_export

    variable = settings.telemetry.otlp_headers_env
    check_export(settings.telemetry, (secret(variable) if variable else None) or "")
    return [fine("telemetry", "What sends spans and metrics is installed.")]


def check_names(settings: config.Settings) -> list[Finding]:
    """Whether what the configuration adds to the rules for names can be loaded."""
    from metier._building import imported
    from metier.privacy import SpacyNames

    chosen = settings.privacy
    count = sum(len(imported(place)) for place in chosen.recognizers)
    if chosen.names.startswith("spacy:"):
        SpacyNames(chosen.names.removeprefix("spacy:"))
    added = f" {count} recognizers from elsewhere are loaded." if count else ""
    return [fine("privacy", f"Names are found by '{chosen.names}'.{added}")]
