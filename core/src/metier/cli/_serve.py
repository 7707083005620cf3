"""serve."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from metier.cli._config import set_option
from metier.cli._main import run
from metier.knowledge import IndexBusy
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.app import Metier


_log = logging.getLogger("metier")


@click.command()
@click.option("--host", help="Overrides metier.toml.")
@click.option("--port", type=click.IntRange(0, 65535), help="Overrides metier.toml; 0 is any.")
@set_option
def serve(host: str | None, port: int | None, flags: Sequence[str]) -> None:
    """Serves every domain over the OpenAI wire.

    SIGTERM lets what is under way finish; SIGHUP reads policies and settings anew.
    """
    from metier import config, server
    from metier.app import Metier
    from metier.telemetry import log_without_content

    home = config.home()
    wanted = config.load(home, flags)
    log_without_content(wanted.telemetry.logs)
    _leave_no_core()
    app = Metier.open(home, wanted)
    settings = app.settings
    _check(app)
    app.warm()
    listener = server.listen(
        host or settings.server.host, port if port is not None else settings.server.port
    )
    bound_host, bound_port = listener.getsockname()[:2]
    door = server.Door.make(_reach(bound_host, bound_port), settings.tenant)
    limits = server.Limits(max_body_bytes=settings.server.max_body_bytes)
    asgi = server.create_app(app, access=server.make_authenticator(app), limits=limits, door=door)
    operated = server.Operated(app, asgi, flags)
    # The server raises the signal again once it has closed; the door is still to be removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    door.write(app.home)
    try:
        _announce(app, _url(bound_host, bound_port))
        server.serve(operated.asgi, listener, operated.drain)
    finally:
        door.remove(app.home)


def _leave_no_core() -> None:
    """Has a crash leave no dump of memory, which holds keys and what people said."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    with suppress(OSError, ValueError):  # somebody forbids it: then the limit is theirs
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _check(app: Metier) -> None:
    """Finds at the start what would fail every request, and takes the index.

    Raises:
        MetierError: where no domain works, an extension or the store can't be used,
            or another process serves this home.
    """
    for plugin in app.parts.registry.plugins:
        if plugin.status != "ok":
            _tell(app, f"The plugin '{plugin.name}' does not work: {plugin.reason}.")
    domains = app.domains()
    if not domains:
        raise MetierError("No domain is installed that works. See `metier plugins`.")
    for manifest in domains:
        app.parts.registry.host(manifest.name, app.parts.extensions)

    async def store() -> None:
        await app.parts.store.migrate()
        await app.parts.store.close()  # its connections belong to this loop

    run(store)
    try:
        app.parts.index()
    except IndexBusy as busy:
        raise MetierError(
            f"Process {busy.owner or '?'} uses the home {app.home} already: another `metier "
            "serve`, or a command that is at work. Stop it or wait for it, or set METIER_HOME "
            "to another folder.",
            code="index_busy",
        ) from None


def _announce(app: Metier, url: str) -> None:
    names = ", ".join(m.name for m in app.domains())
    _tell(app, f"metier serves {names} with the engine '{app.parts.engine.name}'")
    _tell(app, f"  base URL  {url}/v1")
    local = app.home / "api-key"
    if local.exists():
        _tell(app, f"  API key   in {local}")
    sys.stderr.flush()


def _tell(app: Metier, line: str) -> None:
    """Says a line where the server's log goes, and in its form."""
    if app.settings.telemetry.logs == "json":
        _log.info("%s", line.strip())
    else:
        click.echo(line, err=True)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reach(host: str, port: int) -> str:
    """Where the commands of this machine reach a server that listens everywhere."""
    return _url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104
