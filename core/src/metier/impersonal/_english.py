"""Who somebody is, as English says it."""

# ruff: noqa: E501  (patterns)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metier.impersonal._edits import Edit
from metier.impersonal._english_forms import CALLED, CAME, ORIGIN, SUDDEN
from metier.impersonal._english_words import (
    BE,
    DECADES,
    DET,
    ENDS,
    FILLERS,
    FUNCTION,
    GENDERED,
    I_AM,
    LINKS,
    NAME,
    NO_NAMES,
    OF,
    OF_WORDS,
    OFTEN,
    OPENERS,
    PERSONS,
    RELATED,
    SPEAKS,
    TEACHING,
    TITLES,
    UNITS,
    USES,
    WE,
)
from metier.impersonal._lexicon import English, english

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|\n|[^\w\s]")
_AGE_OF = re.compile(r"\d{1,3}[- ]?(?:years?|yrs?|yo|y)(?:[- ]?olds?)?|\d{1,3}s")
_PRONOUNS = {
    "he": "they", "she": "they", "him": "their", "her": "their", "his": "their", "hers": "their",
    "himself": "themselves", "herself": "themselves", "he's": "they are", "she's": "they are",
    "he'll": "they will", "she'll": "they will", "he'd": "they would", "she'd": "they would",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    low: str
    start: int
    end: int


def edits(text: str, people: Sequence[tuple[int, int]], allowed: frozenset[str]) -> Iterator[Edit]:
    """What of an English text says who somebody is.

    Args:
        people: spans of names.
        allowed: attributes that stay.
    """
    reading = _Reading(text, people, allowed)
    yield from reading.introductions()
    yield from reading.origins()
    at = 0
    while at < len(reading.tokens):
        found, at = reading.at(at)
        yield from found


class _Reading:
    """One text, token by token."""

    def __init__(
        self, text: str, people: Sequence[tuple[int, int]], allowed: frozenset[str]
    ) -> None:
        self.text = text
        self.allowed = allowed
        self.words: English = english()
        self.tokens = _tokens(text, people, self.words)

    # --- clauses by their form -----------------------------------------------------------

    def introductions(self) -> Iterator[Edit]:
        """My name is …, call me …, this is …, I'm … with a name."""
        if "name" in self.allowed:
            return
        for match in CALLED.finditer(self.text):
            name = match["name"] or match["called"] or match["this"] or match["am"]
            if match["am"] and self._attributes(name):
                continue
            if self._named(match) or match["name"] or match["called"]:
                yield Edit(match.start(), match.end(), clause=True)

    def _named(self, match: re.Match[str]) -> bool:
        """Whether "I'm …" or "this is …" has a name: no word that is written with a capital for
        another reason."""
        words = (match["this"] or match["am"] or "").split()
        return bool(words) and words[0].casefold() not in NO_NAMES

    def origins(self) -> Iterator[Edit]:
        """I come from Sweden; my parents grew up in Somalia; I came here with my guide dog."""
        yield from self._arrivals()
        if "nationality" in self.allowed:
            return
        for match in ORIGIN.finditer(self.text):
            start = self._subject_before(match.start())
            if start is not None:
                yield Edit(start, match.end(), clause=True)

    def _arrivals(self) -> Iterator[Edit]:
        """I came here with my bicycle: how somebody came asks nothing."""
        for match in CAME.finditer(self.text):
            yield Edit(match.start(), match.end(), clause=True)

    def _subject_before(self, place: int) -> int | None:
        """Where the subject of a verb at `place` begins, if it is a person."""
        before = [t for t in self.tokens if t.end <= place][-4:]
        while before and before[-1].low in OFTEN | {"have", "has", "had"}:
            before.pop()
        if not before:
            # "I'm from": the verb is a part of the subject's token.
            return next((t.start for t in self.tokens if t.start < place < t.end), None)
        last = before[-1]
        if last.low in WE | I_AM:
            return last.start
        inside = next((t for t in self.tokens if t.start < place < t.end), None)
        if inside and inside.low in I_AM:
            return inside.start
        if last.low in RELATED or last.low in self.words.kin or last.low == NAME:
            for token in reversed(before[:-1]):
                if token.low in DET:
                    return token.start
        return None

    # --- token by token ------------------------------------------------------------------

    def at(self, i: int) -> tuple[list[Edit], int]:
        """The edits that begin at a token, and the token to go on with."""
        verb = self._verb(i)
        if verb is not None:
            found = self._clause(i, verb) or self._uses(i, verb)
            if found is not None:
                return found
        for rule in (
            self._as_a,
            self._described,
            self._kin,
            self._name,
            self._place,
            self._pronoun,
        ):
            edited = rule(i)
            if edited is not None:
                return edited
        return [], i + 1

    def _opens(self, i: int) -> bool:
        """Whether a clause may begin at a token."""
        before = self._low(i - 1)
        return before in ENDS or before in OPENERS

    def _low(self, i: int) -> str:
        return self.tokens[i].low if 0 <= i < len(self.tokens) else "\n"

    def _verb(self, i: int) -> int | None:
        """Behind the subject that begins here and its "am" or "is"; None where there is none."""
        low = self._low(i)
        if low in I_AM:
            return i + 1
        j = i
        if low in WE:
            j = i + 1
        elif low in DET:
            j = i + 1
            while self._phrase(j)[1]:
                j += self._phrase(j)[1]
            if not self._related(j):
                return None
            j += 1
            while self._low(j) == NAME:
                j += 1
        else:
            return None
        while self._low(j) in OFTEN or self._low(j) in ("have", "has", "had"):
            j += 1
        return j

    def _related(self, i: int) -> bool:
        return self._low(i) in RELATED or self._low(i) in self.words.kin

    def _phrase(self, i: int) -> tuple[str, int]:
        """The attribute of the words at a token that describe somebody, and how many; ("", 0)."""
        for size in range(min(self.words.longest, len(self.tokens) - i), 0, -1):
            joined = " ".join(t.low.replace("-", " ") for t in self.tokens[i : i + size])
            attribute = self.words.describes.get(joined) or self.words.nouns.get(joined)
            if attribute:
                return attribute, size
        return self._american(i)

    def _american(self, i: int) -> tuple[str, int]:
        """Mexican-American, Afro-Caribbean."""
        head, _, tail = self._low(i).partition("-")
        known = self.words.describes
        if (
            tail
            and (tail in known or tail == "born")
            and (head in known or head in ("afro", "anglo"))
        ):
            return "ethnicity", 1
        return "", 0

    def _attributes(self, text: str) -> bool:
        words = text.casefold().replace("-", " ")
        return words in self.words.describes or words in self.words.nouns

    def _age(self, i: int) -> int:
        """How many tokens at `i` tell an age: "45-year-old", "45 years old", "in my forties"."""
        low = self._low(i)
        if (_AGE_OF.fullmatch(low) and not low.endswith("s")) or low.endswith(
            ("-year-old", "-years-old", "-year-olds")
        ):
            return 1
        if low in ("aged", "age") and self._low(i + 1).isdigit():
            return 2
        if low == "in" and self._low(i + 1) in OF | {"the"}:
            late = self._low(i + 2) in ("early", "mid", "late", "mid-")
            decade = (
                self._low(i + 2 + late)
                .removeprefix("mid-")
                .removeprefix("late-")
                .removeprefix("early-")
            )
            return 3 + late if decade in DECADES or re.fullmatch(r"\d0s", decade) else 0
        if low.isdigit() and len(low) < 4:
            year = self._low(i + 1)
            if year in ("year-old", "yo", "y/o", "years-old", "year-olds"):
                return 2
            if year in ("years", "year", "yrs") and self._low(i + 2) in (
                "old",
                "olds",
                "young",
                "of",
            ):
                return 3 + (self._low(i + 3) == "age") * (self._low(i + 2) == "of")
        return 0

    def _run(self, i: int, ages: bool) -> tuple[int, list[tuple[str, int, int]], int]:
        """The words from `i` on that only describe somebody.

        Returns: the token behind them, what describes (attribute, first, behind), and the token
        behind the last of those.
        """
        described: list[tuple[str, int, int]] = []
        j, last = i, i
        while j < len(self.tokens):
            attribute, size = self._phrase(j)
            age = self._age(j)
            if age:
                attribute, size = "age", age
            elif not size and ages and self._low(j).isdigit() and len(self._low(j)) < 4:
                unit = self._low(j + 1)
                attribute, size = ("age", 1) if unit not in UNITS else ("", 0)
            elif not size and self._low(j) in self.words.kin and described:
                attribute, size = self.words.kin[self._low(j)][0], 1
            if size:
                described.append((attribute, j, j + size))
                j += size
                last = j
            elif self._low(j) in FILLERS or (
                self._low(j) == "," and described and self._more(j + 1)
            ):
                j += 1
            else:
                break
        while j > last and self._low(j - 1) in LINKS | {",", "a", "an", "the", "of", "from", "by"}:
            j -= 1
        return j, described, last

    def _more(self, i: int) -> bool:
        return bool(
            self._phrase(i)[1]
            or self._age(i)
            or (self._low(i) in FILLERS - {"and", "but", "or"} and self._phrase(i + 1)[1])
        )

    def _clean(self, j: int) -> bool:
        """Whether a clause may end before the token `j`."""
        return j >= len(self.tokens) or self._low(j) in ENDS or self._low(j) in LINKS

    def _clause(self, i: int, verb: int) -> tuple[list[Edit], int] | None:
        """I am …, my family is …, he turned …: with nothing but who somebody is behind it."""
        if not self._opens(i):
            return None
        j = verb
        combined = self._low(i) in I_AM
        turned = self._low(j) in ("turned", "turn", "identify", "identifies", "consider")
        if self._low(j) in BE or turned:
            j += 1
            while self._low(j) in BE | OFTEN | {"as", "myself", "himself", "herself", "themselves"}:
                j += 1
        elif not combined:
            return None
        end, described, last = self._run(j, ages=True)
        if not described:
            return None
        if turned and self._low(end) in ("last", "this", "in", "yesterday", "recently"):
            while not self._clean(end):
                end += 1
        if any(a == "disability" for a, *_ in described) and self._sudden(i):
            return None
        if self._clean(end):
            if all(a not in self.allowed for a, *_ in described):
                return [self._cut(i, end)], end
            return self._dropped(described), end
        # "I am a Nigerian nurse": the noun stays.
        article = self._low(j) in ("a", "an", "the", "one")
        if article and self._low(last) not in FUNCTION | TEACHING and self._low(last).isalpha():
            return self._dropped([d for d in described if d[2] <= last]), last
        return None

    def _sudden(self, i: int) -> bool:
        """Whether the sentence around a token tells of a change."""
        place = self.tokens[i].start
        start = max(self.text.rfind(mark, 0, place) for mark in ".!?\n") + 1
        ends = [e for mark in ".!?\n" if (e := self.text.find(mark, place)) >= 0]
        return bool(SUDDEN.search(self.text, start, min(ends, default=len(self.text))))

    def _dropped(self, described: Sequence[tuple[str, int, int]]) -> list[Edit]:
        """Without the words whose attribute is not allowed, and with "a" for "an" before them."""
        found = []
        for attribute, first, behind in described:
            if attribute in self.allowed:
                continue
            put = ""
            if self._low(first - 1) in ("a", "an"):
                found.append(Edit(self.tokens[first - 1].start, self.tokens[first - 1].end, "a"))
                put = (
                    ""
                    if self._low(behind).isalpha() and self._low(behind) not in FUNCTION
                    else "person"
                )
            found.append(Edit(self.tokens[first].start, self.tokens[behind - 1].end, put))
        return found

    def _cut(self, i: int, end: int) -> Edit:
        return Edit(self.tokens[i].start, self.tokens[end - 1].end, clause=True)

    def _uses(self, i: int, verb: int) -> tuple[list[Edit], int] | None:
        """I use a wheelchair."""
        if "disability" in self.allowed:
            return None
        j = verb
        while self._low(j) in USES:
            j += 1
        size = self._in(self.words.devices, j)
        if size and self._clean(j + size):
            return [self._cut(i, j + size)], j + size
        return None

    def _in(self, words: frozenset[str], i: int) -> int:
        for size in range(min(self.words.longest, len(self.tokens) - i), 0, -1):
            if " ".join(t.low.replace("-", " ") for t in self.tokens[i : i + size]) in words:
                return size
        return 0

    def _as_a(self, i: int) -> tuple[list[Edit], int] | None:
        """As a woman, …; speaking as a Muslim."""
        if self._low(i) not in ("as", "being") or self._low(i + 1) not in (
            "a",
            "an",
            "somebody",
            "someone",
        ):
            return None
        end, described, _ = self._run(i + 1, ages=True)
        if described and self._clean(end) and all(a not in self.allowed for a, *_ in described):
            return [self._cut(i, end)], end
        return None

    def _described(self, i: int) -> tuple[list[Edit], int] | None:
        """A deaf man, the Muslim, my 45-year-old Turkish neighbour."""
        low = self._low(i)
        age = self._age(i)
        attribute, size = self._phrase(i)
        if not (age or size) or (size == 1 and low in ("hearing", "expecting", "secular")):
            return None
        _, described, last = self._run(i, ages=False)
        if not described:
            return None
        following, before = self._low(last), self._low(i - 1)
        person = following in PERSONS or following in self.words.kin or following == NAME
        noun = before in DET and (self._clean(last) or following in FUNCTION)
        if described[-1][0] == "age" and before in OF | {"the"}:
            noun = False  # the elderly, my teenager: whom the question is about
        if low in GENDERED and following in ("'", "’"):
            noun = False
        if following in TEACHING and described[-1][0] == "nationality":
            return [], last  # a French teacher teaches French
        if not (person or noun):
            return [], max(last, i + 1)
        if not noun:
            return self._dropped(described), last
        found = self._dropped(described[:-1])
        attribute, first, behind = described[-1]
        if attribute in self.allowed:
            return found, last
        if before in ("a", "an"):
            found.append(Edit(self.tokens[i - 1].start, self.tokens[i - 1].end, "a"))
        found.append(Edit(self.tokens[first].start, self.tokens[behind - 1].end, "person"))
        return found, last

    def _kin(self, i: int) -> tuple[list[Edit], int] | None:
        """My husband is my partner, to the search."""
        attribute, put = self.words.kin.get(self._low(i), ("", ""))
        if not attribute or attribute in self.allowed:
            return None
        if self._low(i - 1) not in DET and not self._phrase(i - 1)[1]:
            return None
        token = self.tokens[i]
        return [Edit(token.start, token.end, put)], i + 1

    def _name(self, i: int) -> tuple[list[Edit], int] | None:
        """A name of somebody: my friend Anne, Anne told me, Mrs Young, hello Anne."""
        token, before = self.tokens[i], self._low(i - 1)
        end = i
        if token.low != NAME:
            if not (token.text[0].isupper() and self._introduces_name(i - 1)):
                return None
            while end < len(self.tokens) and self.tokens[end].text[0].isupper():
                end += 1
            return [Edit(token.start, self.tokens[end - 1].end)], end
        while self._low(end) == NAME:
            end += 1
        start = i - 1 if before in TITLES else i
        greeted = before in ("hi", "hello", "hey", "dear", "regards", "thanks", "\n")
        telling = self._low(end) in SPEAKS
        if before in RELATED | TITLES | self.words.kin.keys() or greeted or telling:
            return [Edit(self.tokens[start].start, self.tokens[end - 1].end)], end
        return [], end

    def _introduces_name(self, i: int) -> bool:
        """Whether a name may follow: my friend Anne, and not Family Health or friends I have."""
        word, near = self._low(i), self._low(i - 1)
        person = word in RELATED or word in self.words.kin
        written = i >= 0 and self.tokens[i].text.islower()
        return person and written and not word.endswith("s") and near in DET

    def _place(self, i: int) -> tuple[list[Edit], int] | None:
        """To the mosque: a place."""
        size = self._in(self.words.places, i)
        if not size or "religion" in self.allowed:
            return None
        near = {self._low(i - 1), self._low(i - 2)}
        if not near & {"to", "at", "in", "from", "attend", "attends"} or self._low(i - 1) not in DET | {
            "to", "at", "in", "from", "attend", "attends", "local", "nearby"
        }:  # fmt: skip
            return None
        return [Edit(self.tokens[i].start, self.tokens[i + size - 1].end, "place")], i + size

    def _pronoun(self, i: int) -> tuple[list[Edit], int] | None:
        put = _PRONOUNS.get(self._low(i))
        if self.tokens[i].text[0].isupper() and not self._opens(i):
            return None  # the bundle of His
        if (
            put is None
            or "pronoun" in self.allowed
            or not OF_WORDS.isdisjoint(self._low(k) for k in range(i - 3, i))
        ):
            return None
        token = self.tokens[i]
        return [Edit(token.start, token.end, put)], i + 1


def _tokens(text: str, people: Sequence[tuple[int, int]], words: English) -> list[_Token]:
    """The tokens; those of a name count as `NAME`. A people or a faith is no name, though a
    recognizer may take one for it."""
    named = bytearray(len(text))
    for start, end in people:
        named[start:end] = b"\1" * (end - start)
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        low = match.group().casefold().replace("’", "'")
        known = low in words.describes or low in words.nouns
        goes_on = bool(found) and found[-1].low == NAME
        if named[match.start()] and match.group()[0].isalpha() and (goes_on or not known):
            low = NAME
        found.append(_Token(match.group(), low, *match.span()))
    return found
