"""The profile outside a turn: shown, set, forgotten, taken back, and where each line is from.

Daily use; legal rights are in `metier.rights`. All of it is authorised, needs the same
consent as a turn, and is audited without content.
"""

from metier.pipeline.profile._change import forget_fact, patch, set_fact
from metier.pipeline.profile._see import Known, Origin, history, known, origin
from metier.pipeline.profile._undo import undo, undoable

__all__ = [
    "Known",
    "Origin",
    "forget_fact",
    "history",
    "known",
    "origin",
    "patch",
    "set_fact",
    "undo",
    "undoable",
]
