"""serve."""

from __future__ import annotations

import hashlib
import sys

import click

from metier.model import Actor, MetierError


@click.command()
@click.option("--host", help="Overrides metier.toml.")
@click.option("--port", type=int, help="Overrides metier.toml.")
def serve(host: str | None, port: int | None) -> None:
    """Serves every domain over the OpenAI wire."""
    from metier.app import Metier
    from metier.server import Limits
    from metier.server import serve as run_server

    app = Metier.open()
    settings = app.settings
    keys = {
        a.key_sha256: Actor(
            a.tenant or settings.tenant, a.id, frozenset(a.roles), frozenset(a.may_act_for)
        )
        for a in settings.actors
    }
    local = app.home / "api-key"
    if local.exists():
        digest = hashlib.sha256(local.read_text("utf-8").strip().encode()).hexdigest()
        keys[digest] = Actor(settings.tenant, "me")
    if not keys:
        raise MetierError(
            "No API key is configured. Run `metier setup`, or name actors in metier.toml."
        )
    bound_host, bound_port = (
        host or settings.server.host,
        port if port is not None else settings.server.port,
    )
    click.echo(
        f"metier serves {', '.join(m.name for m in app.domains())} "
        f"with the engine '{app.parts.engine.name}'",
        err=True,
    )
    click.echo(f"  base URL  http://{bound_host}:{bound_port}/v1", err=True)
    if local.exists():
        click.echo(f"  API key   in {local}", err=True)
    sys.stderr.flush()
    run_server(
        app,
        bound_host,
        bound_port,
        keys=keys,
        limits=Limits(max_body_bytes=settings.server.max_body_bytes),
    )
