"""Which part of a Chinese name is the surname: 王丽华, 王女士 and 丽华 can be one person."""

from __future__ import annotations

from metier.encoder import simplified
from metier.privacy.recognizers import _zh_context as context
from metier.privacy.recognizers._gazetteer_zh import COMPOUND_SURNAMES, SURNAME_COST
from metier.privacy.recognizers._zh_foreign import JAPANESE_SURNAMES, STANDALONE

_DOTS = "·•・‧∙"
_LONGEST_GIVEN = 2
_FREQUENT = 57
_LONGEST_HONORIFIC = max(len(each) for each in context.HONORIFICS)


def _without_honorific(name: str, read: str) -> str:
    """The name without what it is addressed with; never empty."""
    for length in range(min(_LONGEST_HONORIFIC, len(read) - 1), 1, -1):
        if read[-length:] in context.HONORIFICS:
            return name[:-length]
    if len(read) == 2 and read[1] in context.SHORT_HONORIFICS and read[0] in SURNAME_COST:
        return name[:1]
    return name


def split_zh_name(name: str) -> tuple[str, str]:
    """Splits a name into surname and given name; either may be empty.

    王丽华 is ("王", "丽华"), 王女士 and 小王 are ("王", ""), 丽华 and 阿强 are
    ("", "丽华") and ("", "强"). Names with dots end with the surname: 约翰·史密斯 is
    ("史密斯", "约翰"). Simplified and traditional characters are kept as they are.

    Args:
        name: a name alone, without other text.
    """
    name = name.strip()
    for dot in _DOTS:
        name = name.replace(dot, "·")
    if "·" in name:
        given, _, surname = name.rpartition("·")
        return surname.strip(), given.strip()
    name = _without_honorific(name, simplified(name))
    read = simplified(name)
    if len(read) == 2 and read[0] in "小老阿大":
        alone = read[0] != "阿" and SURNAME_COST.get(read[1], _FREQUENT + 1) <= _FREQUENT
        return (name[1:], "") if alone else ("", name[1:])
    if read in STANDALONE:
        return "", name
    size = _surname_size(read)
    return name[:size], name[size:]


def _surname_size(read: str) -> int:
    """How many characters are the surname; 0 if there is none."""
    if read[:2] in COMPOUND_SURNAMES:
        return 2
    for size in (3, 2):
        if len(read) > size and read[:size] in JAPANESE_SURNAMES:
            return size
    if read[:1] not in SURNAME_COST or len(read) > 2 + _LONGEST_GIVEN:
        return 0
    if len(read) == 2 + _LONGEST_GIVEN:  # two surnames: 陈方安生
        return 2 if read[1] in SURNAME_COST else 0
    return 1
