"""setup: everything a home needs, done once and quick when nothing has changed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._main import run
from metier.cli._output import progress
from metier.model import KnowledgePack, MetierError

if TYPE_CHECKING:
    from metier.app import Metier


@click.command()
def setup() -> None:
    """Prepares the home: keys, store, embedding model, knowledge of the installed domains."""
    home = config.home()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MetierError(
            f"The folder {home} can't be made: {error.strerror}. Set METIER_HOME to another one.",
            code="bad_home",
        ) from None
    settings = config.load(home)
    _keys(home, settings)
    if settings.embeddings == "minilm":
        _model(home)
    _knowledge(home)


def _keys(home: Path, settings: config.Settings) -> None:
    from metier._home import make_keys

    for made in make_keys(home, settings):
        click.echo(f"Made {made}.", err=True)
    api_key = home / "api-key"
    if not api_key.exists():
        descriptor = os.open(api_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("metier-" + secrets.token_urlsafe(32) + "\n")
        click.echo("Made an API key.", err=True)


def _model(home: Path) -> None:
    from metier.encoder import build_model, is_built

    if not is_built(home / "model"):
        with progress("Building the embedding model") as step:
            build_model(home / "model", step)


def _knowledge(home: Path) -> None:
    from metier.app import Metier
    from metier.cli import _remote

    async def work() -> None:
        async with Metier.open(home) as app:
            door = _remote.running() if _lacking(app) else None
            if door is not None:
                click.echo("The running server indexes the knowledge …", err=True)
                await _remote.index_packs(door)
            for tenant, changed in _lacking(app).items():
                if door is not None:
                    raise MetierError(
                        f"The server at {door.url} was started before a plugin was installed: it "
                        f"doesn't have the articles for {', '.join(sorted(changed))}. Stop it, run "
                        "`metier setup` again, then start it.",
                        code="index_busy",
                    )
                whose = "" if tenant == app.settings.tenant else f" of the tenant '{tenant}'"
                with progress(f"Indexing knowledge{whose}") as step:
                    app.index_packs(changed, step, tenant=tenant)

    run(work)


def _lacking(app: Metier) -> dict[str, dict[str, list[KnowledgePack]]]:
    """The packs that are not indexed as they are now, by tenant."""
    found = {tenant: app.changed_packs(tenant) for tenant in app.tenants()}
    return {tenant: changed for tenant, changed in found.items() if changed}
