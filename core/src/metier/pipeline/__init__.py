"""The way of a turn: twelve stages in one straight line. See docs/turn.md."""

from metier.pipeline import _around as around
from metier.pipeline import profile
from metier.pipeline._admit import outside_turn, permit
from metier.pipeline._asked import searched_for
from metier.pipeline._commit import retried
from metier.pipeline._consent import consent_text
from metier.pipeline._defaults import CoreDefaults
from metier.pipeline._embed import Embedded, EncoderQueue, embed
from metier.pipeline._explain import cited, explain
from metier.pipeline._explanation import Difference, Explanation
from metier.pipeline._forget import without_categories
from metier.pipeline._forget_turn import TurnForgotten, forget_turn
from metier.pipeline._groups import GroupBook
from metier.pipeline._identity import decode_past, open_conversation
from metier.pipeline._memories import open_rows
from metier.pipeline._refusals import note_refusal
from metier.pipeline._retention import Purged, oldest_kept, purge
from metier.pipeline._rows import BLOCK, ENDED, PERSON, UNDO
from metier.pipeline._seen import CallSeen, TurnSeen, Watch
from metier.pipeline._state import Parts
from metier.pipeline._subject import Stored, open_records, open_stored, open_tenant, opened
from metier.pipeline._tidy import tidy
from metier.pipeline._trace import STAGES
from metier.pipeline._turn import Pipeline
from metier.pipeline._undo import Undo
from metier.pipeline._whose_words import of_the_sender
from metier.pipeline.profile import Known, Origin

__all__ = [
    "BLOCK",
    "ENDED",
    "PERSON",
    "STAGES",
    "UNDO",
    "CallSeen",
    "CoreDefaults",
    "Difference",
    "Embedded",
    "EncoderQueue",
    "Explanation",
    "GroupBook",
    "Known",
    "Origin",
    "Parts",
    "Pipeline",
    "Purged",
    "Stored",
    "TurnForgotten",
    "TurnSeen",
    "Undo",
    "Watch",
    "around",
    "cited",
    "consent_text",
    "decode_past",
    "embed",
    "explain",
    "forget_turn",
    "note_refusal",
    "of_the_sender",
    "oldest_kept",
    "open_conversation",
    "open_records",
    "open_rows",
    "open_stored",
    "open_tenant",
    "opened",
    "outside_turn",
    "permit",
    "profile",
    "purge",
    "retried",
    "searched_for",
    "tidy",
    "without_categories",
]
