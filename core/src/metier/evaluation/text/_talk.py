"""Conversations of people who don't exist, and what of their answers is compared."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from metier import rights
from metier.app import Metier
from metier.model import Actor, Answer
from metier.pipeline import consent_text

_LED = re.compile(r"[:：]\s*\n\s*\n(?P<body>.+?)(?:\n\s*\n|\Z)", re.DOTALL)


class Person:
    """Somebody new, with conversations of their own."""

    def __init__(self, app: Metier) -> None:
        self._app = app
        self._subject = f"eval-{secrets.token_hex(8)}"

    async def agree(self, category: str) -> None:
        """Agrees to facts of a category that needs it."""
        actor = Actor(self._app.settings.tenant, self._subject)
        version = consent_text(self._app.parts, category).version
        await rights.consent(self._app.parts, actor, None, category, version)

    async def says(self, domain: str, *messages: str) -> list[Answer]:
        """The answers of one new conversation."""
        conversation = secrets.token_hex(8)
        return [
            await self._app.respond(
                self._app.request(domain, message, subject=self._subject, conversation=conversation)
            )
            for message in messages
        ]


async def ask(app: Metier, domain: str, question: str) -> Answer:
    """The answer to a stranger's only message."""
    return (await Person(app).says(domain, question))[0]


def revision(answer: Answer, text: str) -> str:
    """The revised text in an answer: what stands alone after a line with a colon.

    An answer that has none left the text as it was.
    """
    found = _LED.search(answer.text)
    return found["body"].strip() if found else text


def untokenised(line: str) -> str:
    """A line of a set whose words and marks are spaced apart, as people write it."""
    plain = re.sub(r"\s+([,.;:!?%)\]])", r"\1", line.strip())
    plain = re.sub(r"([(\[])\s+", r"\1", plain)
    plain = re.sub(r"\s+(n't|'s|'m|'re|'ve|'ll|'d)\b", r"\1", plain)
    return re.sub(r"\s{2,}", " ", plain)


def others(items: Sequence[str]) -> list[str]:
    """Everybody gets what is somebody else's: the list turned by half its length."""
    middle = max(1, len(items) // 2)
    return [*items[middle:], *items[:middle]]
