"""The way of a turn: twelve stages in one straight line. See docs/turn.md."""

from metier.pipeline import _around as around
from metier.pipeline._admit import authorise, open_subject
from metier.pipeline._defaults import CoreDefaults
from metier.pipeline._expiry import purge
from metier.pipeline._state import Parts
from metier.pipeline._trace import STAGES
from metier.pipeline._turn import Pipeline

__all__ = [
    "STAGES",
    "CoreDefaults",
    "Parts",
    "Pipeline",
    "around",
    "authorise",
    "open_subject",
    "purge",
]
