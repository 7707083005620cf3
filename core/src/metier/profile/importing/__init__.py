"""Reading what people bring: exports of chats, tables, cards, profiles.

Pure: nothing here knows a person, a policy or a store. `open_source` looks at a file and gives
its items, one by one and in bounded memory, however large it is.
"""

from metier.profile.importing._files import Upload
from metier.profile.importing._given import CATEGORIES
from metier.profile.importing._item import (
    ASSISTANT,
    FORMATS,
    UNNAMED,
    USER,
    DateOrder,
    FormatName,
    Given,
    Imported,
    Item,
    Limits,
    Options,
    need_me,
)
from metier.profile.importing._source import Source, open_source

__all__ = [
    "ASSISTANT",
    "CATEGORIES",
    "FORMATS",
    "UNNAMED",
    "USER",
    "DateOrder",
    "FormatName",
    "Given",
    "Imported",
    "Item",
    "Limits",
    "Options",
    "Source",
    "Upload",
    "need_me",
    "open_source",
]
