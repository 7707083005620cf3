"""The HTTP server: the OpenAI wire on two hot routes, FastAPI for the rest."""

from metier.server._access import api_keys, make_authenticator
from metier.server._asgi import create_app, listen, serve
from metier.server._door import Door, Ingested, ingest
from metier.server._ready import Readiness, reach
from metier.server._wire import App, Limits

__all__ = [
    "App",
    "Door",
    "Ingested",
    "Limits",
    "Readiness",
    "api_keys",
    "create_app",
    "ingest",
    "listen",
    "make_authenticator",
    "reach",
    "serve",
]
