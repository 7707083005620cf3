"""Slack's JSON export: members, channels, and a folder a channel with a file a day.

As Slack Help describes it ("How to read Slack data exports": `users.json` or `org_users.json`,
`channels.json`, `groups.json`, `dms.json`, `mpims.json`, a folder for each conversation), with
messages as its API has them: `user`, `text`, `ts`, `subtype`, `bot_id`, and "&", "<" and ">"
escaped, so that what is left between "<" and ">" is Slack's own (Slack API, "Formatting text
for app surfaces", section "Escaping text").
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from metier.profile.importing._elements import elements
from metier.profile.importing._files import Files, utf8
from metier.profile.importing._item import (
    USER,
    Imported,
    Options,
    clean,
    epoch,
    name_of,
    need_me,
    speaker_of,
    unreadable,
)

DAY: Final = re.compile(r"(?:.*/)?(?P<folder>[^/]+)/\d{4}-\d{2}-\d{2}\.json")
_SAID: Final = (None, "", "thread_broadcast", "me_message", "file_share", "bot_message")
"""Subtypes of what a person says; the others are what the app tells."""
_LINK: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Members:
    """Who is who in a workspace.

    Args:
        names: by id, what a member is called.
        alike: by every name, the ids of those who go by it.
    """

    names: Mapping[str, str]
    alike: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, me: str) -> str:
        """The id of the person.

        Raises:
            BadRequest: nobody goes by that name, or several do, since anybody may choose
                another's name there.
        """
        if me in self.names:
            return me
        found = self.alike.get(name_of(me).casefold(), frozenset())
        if len(found) == 1:
            return next(iter(found))
        if not found:
            raise need_me(
                "No member of the workspace goes by that name. Give the member's name, e-mail "
                "address or id with `--me`, as `users.json` has it."
            )
        raise need_me(
            f"{len(found)} members of the workspace go by that name. Give the member's id with "
            "`--me`, as `users.json` has it."
        )


def members(files: Files, options: Options) -> Members:
    """Reads the members.

    Raises:
        BadRequest: the export has no list of members.
    """
    found = files.named("users.json", "org_users.json")
    if not found:
        raise unreadable("the export", "has no users.json")
    names: dict[str, str] = {}
    alike: dict[str, set[str]] = {}
    for raw in elements(utf8(files, found[0]), options.limits, "users.json"):
        member = raw.get("id")
        if not isinstance(member, str):
            raise unreadable("users.json", "has a member without `id`")
        profile = raw.get("profile") if isinstance(raw.get("profile"), dict) else {}
        assert isinstance(profile, dict)
        called = [
            name_of(each)
            for each in (
                profile.get("display_name"), profile.get("real_name"), raw.get("real_name"),
                raw.get("name"), profile.get("email"),
            )
            if isinstance(each, str) and name_of(each)
        ]  # fmt: skip
        names[member] = called[0] if called else member
        for each in called:
            alike.setdefault(each.casefold(), set()).add(member)
    return Members(names, {name: frozenset(ids) for name, ids in alike.items()})


def days(files: Files) -> list[str]:
    """The files of days, channel by channel, in the order of their time."""
    return sorted(n for n in files.names if DAY.fullmatch(n))


def messages(files: Files, options: Options, people: Members) -> Iterator[Imported]:
    """The messages of all channels.

    Raises:
        BadRequest: a file of a day is not what it should be.
    """
    me = people.find(options.me) if options.me else ""
    channels: dict[str, int] = {}
    for name in days(files):
        found = DAY.fullmatch(name)
        assert found is not None
        folder = found["folder"]
        channel = channels.setdefault(folder, len(channels) + 1)
        where = f"channel {channel}, file {name.rsplit('/', 1)[-1]}"
        pieces = utf8(files, name)
        for number, raw in enumerate(elements(pieces, options.limits, where), 1):
            said = _said(raw, people)
            if said is not None:
                speaker = USER if me and raw.get("user") == me else said[0]
                at = epoch(_seconds(raw.get("ts")))
                yield Imported(clean(folder), at, speaker, said[1], f"{where}, message {number}")


def _said(raw: Mapping[str, Any], people: Members) -> tuple[str, str] | None:
    """A speaker's name and words; None for what the app tells."""
    if raw.get("type", "message") != "message" or raw.get("subtype") not in _SAID:
        return None
    text = raw.get("text")
    if not isinstance(text, str) or not (plain := plain_text(text, people.names)):
        return None
    user = raw.get("user")
    named = people.names.get(user, user) if isinstance(user, str) else raw.get("username")
    name = speaker_of(named if isinstance(named, str) else "", "")
    machine = raw.get("bot_id") or raw.get("subtype") == "bot_message"
    return (f"~{name.removeprefix('~')}" if machine else name), plain


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Slack's text as it was shown."""

    def shown(found: re.Match[str]) -> str:
        sign, target, label = found.groups()
        if sign == "@":
            return f"@{label or names.get(target, target)}"
        if sign == "#":
            return f"#{label or target}"
        if sign == "!":
            return f"@{label or target}"
        return label or target.removeprefix("mailto:")

    return clean(html.unescape(_LINK.sub(shown, text)))


def _seconds(value: object) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        return None
