"""The command line. Heavy libraries are loaded by the command that needs them."""

from metier.cli._main import main

__all__ = ["main"]
