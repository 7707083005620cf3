"""How many tokens a text takes of a model's window, counted so that it isn't too few.

No tokenizer is loaded: which one counts depends on the model behind, and it may
be none. A Latin word is taken to be one token for every four letters begun,
since byte-pair vocabularies hold most common words whole; a digit, a sign and a
Han character one each; any other letter two, as such vocabularies hold few of
them. Spaces belong to the word that follows, as they do in those vocabularies.
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"[A-Za-zÀ-ɏ]+|\S|\n")


def tokens(text: str) -> int:
    """An upper estimate of the tokens of a text; 0 for an empty one."""
    return sum(_of(piece) for piece in _PIECE.findall(text))


def _of(piece: str) -> int:
    if piece[0].isalpha() and piece[0] < "ɐ":
        plain = piece.isascii()
        return -(-len(piece) // 4) if plain else -(-len(piece) // 2)
    if piece < "\u0300" or "\u3000" <= piece[0] <= "\u9fff" or piece[0] in "–—‘’“”…·":
        return 1
    return 2 if piece[0] < "\U00010000" else 4
