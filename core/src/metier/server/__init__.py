"""The HTTP server: the OpenAI wire on two hot routes, FastAPI for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.server._access import api_keys, make_authenticator
from metier.server._asgi import bound, create_app, listen, serve
from metier.server._door import Door, Ingested, ingest
from metier.server._offline import Offline
from metier.server._wire import App, Limits, error_body

if TYPE_CHECKING:
    from metier.server._operate import Operated as Operated

__all__ = [
    "App",
    "Door",
    "Ingested",
    "Limits",
    "Offline",
    "Operated",
    "api_keys",
    "bound",
    "create_app",
    "error_body",
    "ingest",
    "listen",
    "make_authenticator",
    "serve",
]


def __getattr__(name: str) -> Any:
    # Lazy, since commands that only ask a server need none of its figures.
    if name == "Operated":
        from metier.server._operate import Operated

        return Operated
    raise AttributeError(f"module 'metier.server' has no attribute {name!r}")
