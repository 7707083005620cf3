"""Which names are one person: "Maria Gonzalez", "Ms Gonzalez" and "Maria", but not two Marias.

Two people under one pseudonym is worse than one person under two: whatever is
in doubt is somebody else. Nicknames (Bob, Robert) are therefore not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

from metier.encoder import simplified
from metier.privacy._normalise import normal
from metier.privacy.recognizers._wordlist import word_set
from metier.privacy.recognizers._zh_context import HONORIFICS
from metier.privacy.recognizers._zh_split import split_zh_name

_HAN = regex.compile(r"\p{Han}+")
_HAN_DOTTED = regex.compile(r"\p{Han}+(?: ?[·•・‧∙] ?\p{Han}+)+")
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['\-][\p{L}\p{M}]+)*")
_POSSESSIVE = regex.compile(r"'s?\s*$")

_MEN = word_set("mr sir herr señor senor monsieur lord")
_WOMEN = word_set("mrs ms miss madam madame mme frau señora senora lady dame")
_TITLES = _MEN | _WOMEN | word_set("mx dr prof professor doctor rev reverend hon")
_ADDRESS = regex.compile(rf"(?:(?:{'|'.join(sorted(_TITLES))})(?:\. ?| )(?=[\p{{L}}]))+", regex.I)
_ZH_MEN = word_set("""
先生 叔叔 伯伯 爷爷 大叔 大爷 公子 少爷 老爷 老先生 大哥 师兄 师弟 学长 哥哥 弟弟 爸爸
""")
_ZH_WOMEN = word_set("""
女士 小姐 太太 夫人 阿姨 奶奶 老太太 大姐 大妈 大娘 大婶 伯母 姑娘 老板娘 师姐 师妹 学姐 姐姐 妹妹
妈妈
""")
_GENERATIONS = {
    "jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv",
}  # fmt: skip
_DEGREES = word_set("md phd rn esq dds ba bsc ma msc mba")
_PARTICLES = word_set("""
de da do dos das del della di du la le van von der den ter ten zu bin ibn al el st
""")
_LONGEST_HONORIFIC = max(map(len, HONORIFICS))
_LONGEST_GIVEN = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared.

    Args:
        parts: given names first, surname last, folded; a surname with its
            particles is one part, an initial a part of one letter.
        split: of a Chinese name the ways to read it as surname and given name,
            either of them may be empty.
        generation: "jr", "sr", "ii"…, or empty.
        sex: "f" or "m" where a form of address in the name says so, or empty.
    """

    parts: tuple[str, ...]
    split: tuple[tuple[str, str], ...] = ()
    generation: str = ""
    sex: str = ""

    @property
    def full(self) -> bool:
        """Whether it names more than a given name or a surname."""
        return len(self.parts) > 1 or any(surname and given for surname, given in self.split)


def read_name(value: str) -> Name:
    """The parts of a name as somebody wrote it."""
    text = normal(value).strip()
    if _HAN.fullmatch(text):
        return _chinese(simplified(text))
    if _HAN_DOTTED.fullmatch(text):
        surname, given = split_zh_name(simplified(text))
        return Name((*(part.strip() for part in given.split("·")), surname))
    return _latin(text)


def _chinese(text: str) -> Name:
    surname, given = split_zh_name(text)
    split = [(surname, given)]
    bare, sex = _without_honorific(text)
    if bare == text and len(text) <= _LONGEST_GIVEN:
        split.append(("", text))  # 文静 and 小明 can be what 王文静 and 王小明 are called
    return Name((bare,), tuple(dict.fromkeys(split)), sex=sex)


def _without_honorific(text: str) -> tuple[str, str]:
    """The name without what it is addressed with, and the sex that this gives away."""
    for length in range(min(_LONGEST_HONORIFIC, len(text) - 1), 1, -1):
        address = text[-length:]
        if address in HONORIFICS:
            sex = "m" if address in _ZH_MEN else "f" if address in _ZH_WOMEN else ""
            return text[:-length], sex
    return text, ""


def _latin(text: str) -> Name:
    pieces = [_words(piece) for piece in _POSSESSIVE.sub("", text).split(",")]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return Name((text.casefold(),))
    generation = ""
    first, *others = pieces
    for other in others:
        words = [w for w in other if w.casefold() not in _DEGREES]
        if len(words) == 1 and words[0].casefold() in _GENERATIONS:
            generation = _GENERATIONS[words[0].casefold()]
        else:  # "Gonzalez, Maria": the surname came first
            first = [*words, *first]
    if len(first) > 1 and first[-1].casefold() in _GENERATIONS:
        generation = _GENERATIONS[first.pop().casefold()]
    sex = ""
    while len(first) > 1 and (title := first[0].casefold()) in _TITLES:
        sex = sex or ("m" if title in _MEN else "f" if title in _WOMEN else "")
        first = first[1:]
    return Name(_joined(first), generation=generation, sex=sex)


def _words(text: str) -> list[str]:
    return [_POSSESSIVE.sub("", word) for word in _WORD.findall(text)]


def _is_particle(words: Sequence[str], place: int) -> bool:
    """Whether a word belongs to the surname after it; Al Pacino begins with none."""
    if words[place].casefold() not in _PARTICLES or place == len(words) - 1:
        return False
    return place > 0 or words[0].islower() or words[1].casefold() in _PARTICLES


def _joined(words: Sequence[str]) -> tuple[str, ...]:
    """Folded words, particles joined to the surname that they stand before."""
    parts: list[str] = []
    held: list[str] = []
    for place, word in enumerate(words):
        held.append(word.casefold())
        if not _is_particle(words, place):
            parts.append(" ".join(held))
            held = []
    return tuple(parts)


def surname_with_particles(value: str) -> str | None:
    """ "van der Berg" of "Jan van der Berg", as it is written; None where there is none."""
    words = _words(normal(value).split(",")[0])
    parts = _joined(words)
    if not parts or " " not in parts[-1]:
        return None
    return " ".join(words[-len(parts[-1].split()) :])


def address_length(value: str) -> int:
    """How many characters of `value` are a form of address before the name: "Ms " of "Ms Berg".

    It should stay outside what is hidden, since an answer reads better with it.
    """
    found = _ADDRESS.match(value)
    return found.end() if found else 0


def standing_alone(value: str) -> list[str]:
    """The words of a name in Latin script that can stand for the person, as written.

    Titles, particles, degrees and "Jr" cannot.
    """
    words = _words(normal(value))
    never = _TITLES | _GENERATIONS.keys() | _DEGREES
    kept = [
        word
        for place, word in enumerate(words)
        if word.casefold() not in never and not _is_particle(words, place)
    ]
    return kept or words


def _same(part: str, other: str) -> bool:
    """Whether two parts are one, where one may lack its particles or half of a double name."""
    if part == other:
        return True
    short, long = sorted((part, other), key=len)
    if " " in short or "-" in short:
        return False
    return short in (long.rpartition(" ")[2], *long.split("-"))


def _fits(part: str, other: str) -> bool:
    """Whether two parts can be one: the same, or one the initial of the other."""
    if _same(part, other):
        return True
    short, long = sorted((part, other), key=len)
    return len(short) == 1 and short.isascii() and long.startswith(short)


def compatible(one: Name, other: Name) -> bool:
    """Whether two names can belong to one person.

    The parts of the shorter must appear in the longer, in order, an initial
    standing for what begins with it; a single part must be the first or the
    last, and more than an initial. Chinese names must not differ in surname or
    given name and have one of them in common. Forms of address of two sexes,
    or "Jr" and "Sr", are two people.
    """
    if _contradicts(one, other):
        return False
    if one.split and other.split:
        return any(_agree(a, b) for a in one.split for b in other.split)
    short, long = sorted((one.parts, other.parts), key=len)
    if len(short) == 1:
        return (len(short[0]) > 1 or not short[0].isascii()) and any(
            _fits(short[0], part) for part in (long[0], long[-1])
        )
    rest = iter(long)
    return all(any(_fits(part, each) for each in rest) for part in short)


def _agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return bool(pairs) and all(a == b for a, b in pairs)


def _share_a_part(one: Name, other: Name) -> bool:
    """Whether more than initials make the two one."""
    if one.split and other.split:
        return True
    return any(len(a) > 1 and _same(a, b) for a in one.parts for b in other.parts)


def same_person(
    name: Name, known: Mapping[str, Sequence[Name]], coming: Iterable[Name] = ()
) -> str | None:
    """The one known person this name can belong to, or None where there is none or several.

    Args:
        name: what `read_name` gives.
        known: for each person the names they go by.
        coming: names that are new together with this one. Where "Maria" is
            known, and "Maria Gonzalez" and "Maria Lopez" come, she is neither.
    """
    exact = [who for who, names in known.items() if name in names]
    if len(exact) == 1:
        return exact[0]
    found = [who for who, names in known.items() if _belongs(name, names)]
    if len(found) != 1:
        return None
    rivals = name.full and any(
        other.full and not compatible(name, other) and _belongs(other, known[found[0]])
        for other in coming
    )
    return None if rivals else found[0]


def _belongs(name: Name, names: Iterable[Name]) -> bool:
    """Whether a name fits a person's full names, and shares a part with one as it is.

    Where no full name is known, the parts that are known count. Sex and
    generation must fit every name.
    """
    everything = tuple(names)
    full = [other for other in everything if other.full] or everything
    return (
        all(compatible(name, other) for other in full)
        and any(_share_a_part(name, other) for other in full)
        and not any(_contradicts(name, other) for other in everything)
    )


def _contradicts(one: Name, other: Name) -> bool:
    return bool(
        (one.sex and other.sex and one.sex != other.sex)
        or (one.generation and other.generation and one.generation != other.generation)
    )
