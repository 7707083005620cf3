"""What people type and pipe in."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from metier.model import MetierError


def given(text: str) -> str:
    """An argument, or all of standard input where it is `-`.

    Raises:
        MetierError: where standard input is not UTF-8.
    """
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MetierError(
            "Standard input is not UTF-8. Convert it first, as with `iconv -f GB18030 -t UTF-8`.",
            code="not_utf8",
        ) from None


def given_line(text: str) -> str:
    """As `given`, for a value: without the end of the line that a pipe leaves.

    Raises:
        MetierError: where standard input is not UTF-8.
    """
    return given(text).rstrip("\r\n") if text == "-" else text


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuses bytes that are no text of the system's encoding: they can't be stored or sent.

    Raises:
        MetierError: naming the place of the argument.
    """
    for place, argument in enumerate(arguments, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise MetierError(
                f"Argument {place} is not UTF-8. Set the terminal to UTF-8, or pipe the text in "
                "and write `-`.",
                code="not_utf8",
            ) from None
