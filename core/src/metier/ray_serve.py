"""metier as an application of Ray Serve: `serve run metier.ray_serve:build replicas=2`.

Needs the extra `metier[ray]`, and store and keys on PostgreSQL, which the replicas share.
Each has a home of its own below the one that `metier setup` has prepared, since an index
has one owner. Settings come from there and from variables, as for `metier serve`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metier import config
from metier.model import MetierError

_ONGOING = 1000
"""Requests that Ray gives one replica at once; `[limits]` refuses what is more."""
_SHARED = ("metier.toml", "root.key", "api-key")


def build(arguments: Mapping[str, str]) -> Any:
    """The application; Ray calls it with the arguments of `serve run`.

    Args:
        arguments: "replicas", and "home" where it is not METIER_HOME.

    Raises:
        MetierError: Ray is not installed, or the replicas would share nothing.
    """
    try:
        from ray import serve
    except ModuleNotFoundError:
        raise MetierError(
            "Ray is not installed. Run `pip install 'metier[ray]'`.", code="bad_config"
        ) from None
    home = Path(arguments.get("home") or config.home()).expanduser().resolve()
    replicas = int(arguments.get("replicas", "1"))
    check(config.load(home), replicas)

    def replica() -> Any:
        return application(home, serve.get_replica_context().replica_tag)

    settings = {"num_replicas": replicas, "max_ongoing_requests": _ONGOING}
    ingress = serve.ingress(replica)(type("Metier", (), {}))
    return serve.deployment(**settings)(ingress).bind()


def check(settings: config.Settings, replicas: int) -> None:
    """Whether so many replicas can serve with these settings.

    Raises:
        MetierError: they need a store and keys that they share.
    """
    if replicas > 1 and not (settings.store.url_env and settings.keys.url_env):
        raise MetierError(
            "Several replicas need a store and keys that they share: set `store.url_env` and "
            "`keys.url_env` to PostgreSQL databases. See docs/postgresql.md.",
            code="bad_config",
        )


def application(home: Path, replica: str) -> Any:
    """The ASGI application of one replica, in a home of its own.

    Args:
        home: prepared by `metier setup`.
        replica: its name, plain enough for a folder.
    """
    from metier.app import Metier
    from metier.server import Limits, Operated, create_app, make_authenticator
    from metier.telemetry import log_without_content

    settings = config.load(home)
    # Keys in the home's own file are one process's; then there is one replica, and it has the home.
    own = prepare(home, replica) if settings.keys.url_env else home
    settings = config.load(own)
    log_without_content(settings.telemetry.logs)
    app = Metier.open(own, settings)
    app.index_packs(app.changed_packs())
    app.warm()
    limits = Limits(max_body_bytes=settings.server.max_body_bytes)
    asgi = create_app(app, access=make_authenticator(app), limits=limits)
    return Operated(app, asgi).asgi


def prepare(home: Path, replica: str) -> Path:
    """A replica's home: settings, root key, model and what the settings name are the home's."""
    own = home / "replicas" / "".join(c if c.isalnum() else "-" for c in replica)
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _SHARED:
        if (home / name).exists():
            shutil.copy(home / name, own / name)
            os.chmod(own / name, 0o600)
    settings = config.load(home)
    own_files = (home / "model", home / "rules", home / "cohorts.yaml")
    signatures = (path.with_name(f"{path.name}.sig") for path in settings.policies)
    for path in (*own_files, *settings.policies, *signatures, *settings.policy_keys):
        if path.is_relative_to(home) and path.exists():
            link = own / path.relative_to(home)
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(path)
    return own
