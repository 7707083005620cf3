"""Memory of conversations: what was said in passing, found when it matters.

Pure: no store, no keys, no model. The caller seals blocks, keeps them, and hands
in the vectors of texts. numpy comes in when a block is packed or opened.
"""

from metier.profile.memory._block import IN_CONTEXT, Block, pack, unpack
from metier.profile.memory._consolidate import Changes, consolidate, forget
from metier.profile.memory._index import MemoryIndex
from metier.profile.memory._memory import SUMMARY, Memory, Recalled, contexts, pieces

__all__ = [
    "IN_CONTEXT",
    "SUMMARY",
    "Block",
    "Changes",
    "Memory",
    "MemoryIndex",
    "Recalled",
    "consolidate",
    "contexts",
    "forget",
    "pack",
    "pieces",
    "unpack",
]
