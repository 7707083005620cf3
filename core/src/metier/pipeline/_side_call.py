"""Side calls: what a chat platform asks for itself, beside a conversation: a title, tags, queries.

Open WebUI sends such a task to the same model as one user message: an instruction around a copy of
the chat. These aren't words of a person to the domain. Nothing is learnt from them, nothing is
stored, and they belong to no conversation.

How they are told from what a person writes:

- The platform says so: the header `X-Metier-Side-Call` names the task. Where it is there and empty,
  the message is a person's, whatever it looks like.
- Without the header, by the form of the platform's own templates, all of it: the only message
  beside system messages, from the first line ("### Task:") over the form of the output, named by
  one of the known keys, to the copy of the chat, after which nothing more comes. A message that
  merely begins so, talks about such a template, or goes on after it, is a person's: to learn
  nothing from a person is the worse mistake, since nobody notices it. Who pastes a whole template
  as the first message of a chat is taken for the platform, and loses that one message.

What a model answers must have the form that the task asks for, within bounds: so nobody gets a free
text that the domain's own instructions have not shaped by passing a message off as a side call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from metier.model import BadRequest, Json, Manifest, Message, Request, Role

HEADER: Final = "X-Metier-Side-Call"
_MERGE: Final = "moa_response_generation"
_SHORTEN: Final = "context_compaction"
_EMOJI: Final = "emoji_generation"
_CALLS: Final = "function_calling"
_REVIEW: Final = "memory_review"
_LISTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    _CALLS: ("tool_calls", ("name", "parameters")),
    _REVIEW: ("operations", ("action",)),
}
"""Answers that are a list of objects: its key, and what each object must have."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What an answer has to be: an object with one key, of a text or of several.

    Args:
        most: how many texts; 0 for one that isn't in a list.
        longest: characters of one text.
    """

    key: str
    most: int
    longest: int


_FORMS: Final[Mapping[str, _Form]] = {
    "title_generation": _Form("title", 0, 200),
    "tags_generation": _Form("tags", 8, 100),
    "follow_up_generation": _Form("follow_ups", 5, 400),
    "query_generation": _Form("queries", 5, 400),
    "autocomplete_generation": _Form("text", 0, 400),
    "image_prompt_generation": _Form("prompt", 0, 4_000),
}
_KINDS: Final = (*_FORMS, *_LISTS, _EMOJI, _MERGE, _SHORTEN)
_BY_KEY: Final = {form.key: kind for kind, form in _FORMS.items()}

_TASK: Final = "### Task:\n"
_BEGIN, _END = "\n<chat_history>\n", "\n</chat_history>"
_OUTPUT: Final = re.compile(r"^#{3,4} (?:\*\*)?Output(?: Rules)?(?:\*\*)?:", re.MULTILINE)
_KEY: Final = re.compile(r'\{\s*"([a-z_]{1,20})"\s*:')
_AFTER: Final = re.compile(
    r"\s*(?:<type>[^<>]*</type>\s*<text>.*</text>\s*#{3,4} Output:\s*)?", re.DOTALL
)
_SAID: Final = re.compile(r"^([A-Z]+): ", re.MULTILINE)
_MERGED: Final = re.compile(
    r'You have been provided with a set of responses .*: ".*"\n.*\nResponses from models: """.*"""',
    re.DOTALL,
)
_SHORTENED: Final = re.compile(
    r"\n### Messages Being Compacted:\n.*\n### Recent Messages Kept In Context:\n", re.DOTALL
)
_REVIEWED: Final = re.compile(
    r"Review the completed conversation turn and .*\"operations\".*\nConversation:\n.*", re.DOTALL
)
_FACE: Final = re.compile(
    r"Your task is to reflect the speaker's likely facial expression.*\nMessage: ```.*```\s*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SideCall:
    """A task of a platform.

    Args:
        kind: the platform's name of it.
        said: what the person said in the chat that the task is about, oldest first.
    """

    kind: str
    said: tuple[str, ...] = ()

    @property
    def has_form(self) -> bool:
        """Whether its answer is of a fixed form; else the domain answers it as a message."""
        return self.kind not in (_MERGE, _SHORTEN)


def find_side_call(request: Request) -> SideCall | None:
    """The task that a request is, None where it is a message of a person.

    Raises:
        BadRequest: the header names a task that isn't known here.
    """
    spoken = [m for m in request.messages if m.role not in (Role.SYSTEM, Role.DEVELOPER)]
    last = spoken[-1] if spoken else None
    if request.side_call is not None:
        kind = request.side_call
        if kind and kind not in _KINDS:
            raise BadRequest(
                f"`{HEADER}` names a task that isn't known here. Known: {', '.join(_KINDS)}; "
                "or leave it empty for a message of a person.",
                param=HEADER,
            )
        return SideCall(kind, _said(last.content)) if kind and last else None
    if last is None or len(spoken) > 1 or last.role is not Role.USER:
        return None
    if last.attachments or request.tools or request.previous:
        return None
    kind = _kind(last.content, request.messages)
    return SideCall(kind, _said(last.content)) if kind else None


def _kind(text: str, messages: tuple[Message, ...]) -> str:
    """The task whose template a message is, "" where it is none's."""
    if text.startswith(_TASK):
        if _SHORTENED.search(text):
            return _SHORTEN
        begin, end = text.find(_BEGIN), text.rfind(_END)
        output = _OUTPUT.search(text, 0, max(begin, 0))
        if output is None or end < begin or not _AFTER.fullmatch(text, end + len(_END)):
            return ""
        key = _KEY.search(text, output.end(), begin)
        return _BY_KEY.get(key[1], "") if key else ""
    if text.startswith("You have been") and _MERGED.fullmatch(text):
        return _MERGE
    if text.startswith("Your task is") and _FACE.fullmatch(text):
        return _EMOJI
    if text.startswith("Review the") and _REVIEWED.fullmatch(text):
        return _REVIEW
    if text.startswith(("Query: ", "History:\n")):
        first = messages[0].content
        if first.startswith("Available Tools: ") and '"tool_calls"' in first:
            return _CALLS
    return ""


def _said(text: str) -> tuple[str, ...]:
    """What the person said in the copy of the chat."""
    begin, end = text.find(_BEGIN), text.rfind(_END)
    if begin < 0 or end < begin:
        return ()
    history = text[begin + len(_BEGIN) : end]
    marks = list(_SAID.finditer(history))
    ends = [*(m.start() for m in marks[1:]), len(history)]
    return tuple(
        history[mark.end() : until].strip()
        for mark, until in zip(marks, ends, strict=True)
        if mark[1] == "USER"
    )


# --- answers --------------------------------------------------------------------------


def in_form(call: SideCall, text: str) -> str:
    """A model's answer in the form that the task asks for; "" where it isn't of that form."""
    if call.kind == _EMOJI:
        face = text.strip()
        return face if len(face) <= 16 and not any(c.isascii() or c.isalpha() for c in face) else ""
    try:
        found = orjson.loads(text[text.find("{") : text.rfind("}") + 1])
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(found, dict):
        return ""
    if call.kind in _LISTS:
        key, value = _LISTS[call.kind][0], _objects(call.kind, found)
    else:
        key, value = _FORMS[call.kind].key, _texts(_FORMS[call.kind], found)
    return "" if value is None else orjson.dumps({key: value}).decode()


def _texts(form: _Form, found: Mapping[str, Any]) -> Json:
    """The one text or the list of texts; None where it is none."""
    value = found.get(form.key)
    if isinstance(value, list) and form.most:
        return value[: form.most] if all(_text(text, form) for text in value) else None
    return value if _text(value, form) and not form.most else None


def _text(value: Any, form: _Form) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= form.longest


def _objects(kind: str, found: Mapping[str, Any]) -> Json:
    """The list of objects; None where it is none."""
    key, needed = _LISTS[kind]
    value = found.get(key)
    if not isinstance(value, list):
        return None
    return value if all(isinstance(o, dict) and o.keys() >= set(needed) for o in value) else None


def own_answer(call: SideCall, manifest: Manifest) -> str:
    """What is said without a model: only what the chat itself says, and the domain's title.

    A title is the beginning of the person's first message, a tag the domain. Nothing is made up:
    there are no follow-ups, queries, completions, calls and operations.
    """
    if call.kind == _EMOJI:
        return ""
    if call.kind in _LISTS:
        return orjson.dumps({_LISTS[call.kind][0]: []}).decode()
    form = _FORMS[call.kind]
    value: Json = [] if form.most else ""
    if form.key == "title":
        value = _beginning(call.said[0]) if call.said and call.said[0] else manifest.title
    elif form.key == "prompt":
        value = call.said[-1][: form.longest] if call.said else ""
    elif form.key == "tags":
        value = [manifest.title]
    return orjson.dumps({form.key: value}).decode()


_TITLE: Final = 60
_SENTENCE: Final = re.compile(r"(.+?[.!?。！？])(?:\s|(?<=[。！？])|$)", re.DOTALL)


def _beginning(text: str) -> str:
    """The first sentence of a text, or as many of its words as fit into a title."""
    line = " ".join(text.split())
    sentence = _SENTENCE.match(line)
    line = sentence[1].rstrip(".。") if sentence else line
    if len(line) <= _TITLE:
        return line
    cut = line.rfind(" ", _TITLE // 2, _TITLE)
    return line[: cut if cut > 0 else _TITLE].rstrip(" ,;:，、；：") + "…"
