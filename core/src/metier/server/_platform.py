"""What Open WebUI says of a chat, and how it wants to be told of sources.

`X-OpenWebUI-Chat-Id` says more than which chat it is: a temporary chat is one that the person
doesn't want kept, and in a channel several people speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from metier.model import Answer, Json

HEADER: Final = "X-OpenWebUI-Chat-Id"
_TEMPORARY: Final = ("temporary:", "local:")
_CHANNEL: Final = "channel:"


@dataclass(frozen=True, slots=True)
class Chat:
    """What is said of a request's chat.

    Args:
        id: of a chat that is kept; None where there is none.
        kept: whether the turn may be remembered.
        shared: whether several people speak in it.
        open_webui: whether Open WebUI names a chat at all. Its requests bring all that was said.
    """

    id: str | None = None
    kept: bool = True
    shared: bool = False
    open_webui: bool = False


def chat_of(headers: Mapping[str, str]) -> Chat:
    """The chat that a request names."""
    given = headers.get(HEADER.lower(), "")
    if given.startswith(_TEMPORARY):
        return Chat(kept=False, open_webui=True)
    if given.startswith(_CHANNEL):
        return Chat(shared=True, open_webui=True)
    return Chat(given or None, open_webui=bool(given))


_UNCITED: Final = {"en": "Not cited: ", "zh": "未引用："}


def counted_notes(answer: Answer) -> list[Json]:
    """The sources of an answer as `url_citation` annotations that Open WebUI can count.

    What it shows at "[2]" is the second address that it was told of, whatever is cited and in
    which order, and nothing where there is none. So every passage up to the last that is cited has
    its place. A page that comes again gets a fragment, since one address has one place; a passage
    without an address, or that isn't cited, is shown by its title alone.
    """
    cited = {c.number for c in answer.citations}
    found: list[Json] = []
    known: set[str] = set()
    for number, passage in enumerate(answer.why.passages[: max(cited, default=0)], 1):
        url, title, mark = passage.url, passage.title, f"[{number}]"
        if number not in cited:
            url, title = "", _UNCITED.get(answer.language, _UNCITED["en"]) + title
        if not url or url in known:
            url += f"-{number}" if "#" in url else f"#{number}"
        known.add(url)
        at = answer.text.find(mark)
        begin, end = (at, at + len(mark)) if at >= 0 else (0, 0)
        found.append(
            {"type": "url_citation",
             "url_citation": {"start_index": begin, "end_index": end, "title": title, "url": url}}
        )  # fmt: skip
    return found
