"""vCard: versions 2.1 (versit, 1996), 3.0 (RFC 2426) and 4.0 (RFC 6350).

Lines are unfolded (RFC 6350, section 3.2; in 2.1 quoted-printable goes on after "="), values
unescaped (section 3.4), and the properties that say something about the person become facts.
Photographs, keys, notes, related people and what is nobody's business here are left out, as is
GENDER, on which no advice may rest.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from metier.profile.importing._files import Files, lines
from metier.profile.importing._given import given
from metier.profile.importing._item import Given, Options, name_of, need_me, unreadable

_SLOTS: Final[Mapping[str, str]] = {
    "FN": "name", "NICKNAME": "nickname", "BDAY": "birthday", "ADR": "home", "LANG": "speaks",
    "ORG": "employer", "TITLE": "occupation", "TEL": "phone", "EMAIL": "email", "URL": "website",
    "TZ": "time_zone",
}  # fmt: skip
_LINE: Final = re.compile(
    r"(?:[A-Za-z0-9\-]+\.)?(?P<name>[A-Za-z0-9\-]+)"
    r"(?P<with>(?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(?P<value>.*)",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_DATE: Final = re.compile(r"(?P<y>\d{4}|--)-?(?P<m>\d{2})(?:-?(?P<d>\d{2}))?(?:T.*)?")
_CARDS: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    options: Mapping[str, str]
    value: str
    line: int


def cards(files: Files, name: str, options: Options) -> Iterator[list[_Property]]:
    """The cards of a file, each with its properties.

    Raises:
        BadRequest: a line is none of a card, or a card doesn't end.
    """
    card: list[_Property] | None = None
    for number, line in _unfolded(files, name, options):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise unreadable(f"line {number}", "is no line of a vCard")
        kind, value = found["name"].upper(), found["value"].strip()
        if kind == "BEGIN" and value.upper() == "VCARD":
            if card is not None:
                raise unreadable(f"line {number}", "begins a card within another")
            card = []
        elif kind == "END" and value.upper() == "VCARD" and card is not None:
            yield card
            card = None
        elif card is None:
            raise unreadable(f"line {number}", "stands outside a card")
        elif kind in _SLOTS:
            card.append(_Property(kind, _options(found["with"]), found["value"], number))
    if card is not None:
        raise unreadable("the file", "ends within a card: it is cut off")


def _unfolded(files: Files, name: str, options: Options) -> Iterator[tuple[int, str]]:
    held, start, soft = "", 1, False
    for number, line in lines(files, name, options.encoding, "the file"):
        if soft:
            held = f"{held[:-1]}{line}"
        elif line[:1] in (" ", "\t"):
            held += line[1:]
        else:
            if held:
                yield start, held
            held, start = line, number
        if len(held) > options.limits.line * 32:
            raise unreadable(f"line {start}", "goes on for too long")
        soft = held.endswith("=") and "QUOTED-PRINTABLE" in held[:200].upper()
    if held:
        yield start, held


def _options(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in written.split(";"):
        key, sign, value = each.partition("=")
        if not sign:  # as 2.1 writes it: ";HOME;QUOTED-PRINTABLE"
            key, value = "TYPE", each
        key, value = key.strip().upper(), value.strip().strip('"')
        if key and value:
            found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _decoded(each: _Property) -> str:
    """The value as text."""
    how = f"{each.options.get('ENCODING', '')},{each.options.get('TYPE', '')}".upper().split(",")
    charset = each.options.get("CHARSET", "utf-8")
    try:
        if "QUOTED-PRINTABLE" in how:
            return quopri.decodestring(each.value.encode()).decode(charset)
        if "B" in how or "BASE64" in how:
            return base64.b64decode(each.value, validate=True).decode(charset)
    except (ValueError, LookupError, binascii.Error):
        raise unreadable(f"line {each.line}", "is not in the encoding that it names") from None
    return each.value


def _split(value: str, sign: str) -> list[str]:
    """The parts of a value between signs that are not escaped, unescaped."""
    parts = re.split(rf"(?<!\\)((?:\\\\)*){sign}", value)
    joined = [
        parts[i] + (parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)
    ]
    return [_ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], part).strip() for part in joined]


def _values(each: _Property) -> list[str]:
    value = _decoded(each)
    match each.name:
        case "ADR":  # po box; extended; street; city; region; code; country
            parts = [part.replace("\n", ", ") for part in _split(value, ";")]
            return [", ".join(part for part in parts if part)]
        case "ORG":
            return [", ".join(part for part in _split(value, ";") if part)]
        case "NICKNAME":
            return _split(value, ",")
        case "BDAY":
            found = _DATE.fullmatch(value.strip())
            if found is None:
                return _split(value, "\0") if each.options.get("VALUE") == "text" else []
            year = "-" if found["y"] == "--" else found["y"]
            return ["-".join(part for part in (year, found["m"], found["d"]) if part)]
        case "TEL" | "EMAIL" | "URL":
            return [re.sub(r"^(?:tel|mailto):", "", value.strip(), flags=re.IGNORECASE)]
        case _:
            return [_split(value, "\0")[0]]


def _names(card: list[_Property]) -> set[str]:
    who = ("FN", "NICKNAME", "EMAIL")
    return {name_of(v).casefold() for p in card if p.name in who for v in _values(p)}


def facts(files: Files, name: str, options: Options) -> Iterator[Given]:
    """The facts of the person's card: of the only one, or of the one that bears their name.

    Raises:
        BadRequest: several cards, and none or more than one of the person.
    """
    mine = _mine(files, name, options)
    for each in mine:
        for value in _values(each):
            if value:
                place = f"line {each.line}"
                fact = given(_SLOTS[each.name], value[:500], "core:vcard", place)
                yield Given(fact, None, place)


def _mine(files: Files, name: str, options: Options) -> list[_Property]:
    wanted = name_of(options.me).casefold()
    found: list[list[_Property]] = []
    count = 0
    for card in cards(files, name, options):
        count += 1
        if count > _CARDS:
            raise unreadable("the file", f"holds more than {_CARDS:,} cards")
        if not wanted or wanted in _names(card):
            found.append(card)
        if len(found) > 1:
            break
    if len(found) == 1:
        return found[0]
    if not count:
        raise unreadable("the file", "holds no card")
    if not wanted:
        raise need_me(
            "The file holds several cards. Say which is yours with `--me NAME`: the name, "
            "nickname or e-mail address on it."
        )
    raise need_me(
        "No card bears that name."
        if not found
        else "Several cards bear that name; give the e-mail address on yours."
    )
