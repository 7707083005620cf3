"""What of a message the person wrote, where Open WebUI has put texts of files and pages before it.

It does so in one message, in a form of its own: a task, the texts in `<context>`, and after them
what was typed. Nobody learns from those texts: they aren't the person's. Checks see all of it.
"""

from __future__ import annotations

from typing import Final

_TASK: Final = "### Task:\n"
_BEGIN, _END = "\n<context>\n", "\n</context>\n"


def own_words(message: str) -> str:
    """The person's part of a message; all of it where nothing was put before.

    The last end counts: a text that holds one itself must not pass for the person's words, and
    what a person writes before one of their own is the less to lose.
    """
    if not message.startswith(_TASK):
        return message
    begin, end = message.find(_BEGIN), message.rfind(_END)
    return message[end + len(_END) :].strip() if 0 <= begin < end else message
