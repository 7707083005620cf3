"""The texts to which people agree: versioned, in each language, of a file beside the policies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from metier.model import MetierError

_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Called(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    en: tuple[_Text, ...] = ()
    zh: tuple[_Text, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: _Text
    category: _Text
    en: _Text
    zh: _Text
    called: _Called = _Called()


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is shown before somebody agrees that facts of a category are kept.

    Args:
        called_en, called_zh: what people call the category, best first; its name where empty.
    """

    category: str
    version: str
    en: str
    zh: str
    called_en: tuple[str, ...] = ()
    called_zh: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def load_consent_text(path: Path) -> ConsentText:
    """Reads a text.

    Raises:
        MetierError: the file can't be read or lacks something.
    """
    import yaml

    try:
        found = _File.model_validate(yaml.safe_load(path.read_bytes()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise MetierError(
            f"The consent text {path.name} can't be used ({type(error).__name__}). It needs "
            "`version`, `category`, `en` and `zh`, and may have `called`.",
            code="bad_policy",
        ) from None
    return ConsentText(
        found.category, found.version, found.en, found.zh, found.called.en, found.called.zh
    )
