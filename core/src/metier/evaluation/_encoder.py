"""The embedding model that suites measure with: that of the home in force."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from metier import config
from metier.encoder import Encoder, is_built


def home_encoder() -> Encoder | None:
    """The home's encoder; None where none is built there, or its settings want none.

    Raises:
        MetierError: the settings can't be used, or a file of the model is broken.
    """
    home = config.home()
    return None if lacks_encoder(home) else _opened(home / "model")


@cache
def lacks_encoder(home: Path) -> str:
    """Why suites run without an encoder in a home, and the mend; "" where there is one.

    Raises:
        MetierError: the settings can't be used.
    """
    if config.load(home).embeddings == "none":
        return f'The settings of {home} say `embeddings = "none"`.'
    if not is_built(home / "model"):
        return (
            f"No embedding model is built in {home}. Build it with `metier models fetch`, or set "
            "METIER_HOME to the home that has one."
        )
    return ""


@cache
def _opened(path: Path) -> Encoder:
    return Encoder.open(path)
