"""JSON: what metier itself exports of a person, and plain lists of messages or facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from metier.profile.importing._elements import elements
from metier.profile.importing._files import Files, utf8
from metier.profile.importing._given import exported, given
from metier.profile.importing._item import (
    Given,
    Imported,
    Item,
    Options,
    clean,
    epoch,
    iso,
    speaker_of,
    unreadable,
)
from metier.profile.importing._times import Order, OrderVote, moment

_OURS: Final = ("metier-subject-", "metier-profile-")
_DATE: Final = ("date", "at", "time", "timestamp", "created_at", "datetime")
_AUTHOR: Final = ("author", "from", "sender", "speaker", "name", "user", "role")
_TEXT: Final = ("text", "message", "content", "body")


def objects(files: Files, name: str, options: Options) -> Iterator[dict[str, Any]]:
    """The objects of a file, one at a time."""
    yield from elements(utf8(files, name, options.encoding), options.limits, "the file")


def is_ours(raw: Mapping[str, Any]) -> bool:
    """Whether an object is what metier exports of a person."""
    return str(raw.get("format", "")).startswith(_OURS)


def is_ours_or_plain(raw: Mapping[str, Any]) -> bool:
    """Whether it is that, or a message or a fact."""
    return is_ours(raw) or "slot" in raw or any(isinstance(raw.get(n), str) for n in _TEXT)


def order_of_dates(files: Files, name: str, options: Options) -> tuple[Order, bool]:
    """The order of the dates that aren't ISO 8601, by all of them."""
    vote = OrderVote()
    for raw in objects(files, name, options):
        found = moment(str(_first(raw, _DATE) or ""))
        if found is not None:
            vote.add(found)
    order, sure = vote.decide()
    return options.dates or order, sure or bool(options.dates)


def items(files: Files, name: str, options: Options, order: Order) -> Iterator[Item]:
    """The messages and facts of a file.

    Raises:
        BadRequest: an element is neither.
    """
    for number, raw in enumerate(objects(files, name, options), 1):
        where = f"element {number}"
        if is_ours(raw):
            yield from _profile(raw)
        elif "slot" in raw:
            fact = given(raw["slot"], raw.get("value"), "core:json", where, raw.get("category"))
            yield Given(fact, _at(raw, options, order), where)
        else:
            text = _first(raw, _TEXT)
            if not isinstance(text, str):
                raise unreadable(where, "has neither `text` nor `slot`")
            if clean(text):
                author = _first(raw, _AUTHOR)
                speaker = speaker_of(author if isinstance(author, str) else "", options.me)
                conversation = raw.get("conversation")
                talk = clean(conversation) if isinstance(conversation, str) else ""
                at = _at(raw, options, order)
                yield Imported(talk or "list", at, speaker, clean(text), where)


def _profile(raw: Mapping[str, Any]) -> Iterator[Given]:
    facts = raw.get("facts")
    if not isinstance(facts, list):
        raise unreadable("the export", "has no list `facts`")
    for number, each in enumerate(facts, 1):
        where = f"fact {number}"
        if not isinstance(each, dict):
            raise unreadable(where, "is not an object")
        fact, at = exported(each, where)
        yield Given(fact, at, where)


def _first(raw: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((raw[n] for n in names if raw.get(n) not in (None, "")), None)


def _at(raw: Mapping[str, Any], options: Options, order: Order) -> Any:
    written = _first(raw, _DATE)
    if isinstance(written, int | float) and not isinstance(written, bool):
        return epoch(written / 1000 if written > 1e11 else written)
    found = iso(written, options.zone)
    if found is None and isinstance(written, str):
        parts = moment(written)
        found = parts.at(order, options.zone) if parts else None
    return found
