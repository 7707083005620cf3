"""The HTTP server: the OpenAI wire on two hot routes, FastAPI for the rest."""

from metier.server._asgi import create_app, serve
from metier.server._wire import App, Limits

__all__ = ["App", "Limits", "create_app", "serve"]
