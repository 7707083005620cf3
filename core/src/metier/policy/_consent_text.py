"""The texts to which people agree: versioned, in each language, of a file beside the policies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from metier.model import MetierError

_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: _Text
    category: _Text
    en: _Text
    zh: _Text


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is shown before somebody agrees that facts of a category are kept."""

    category: str
    version: str
    en: str
    zh: str

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
            "`version`, `category`, `en` and `zh`.",
            code="bad_policy",
        ) from None
    return ConsentText(found.category, found.version, found.en, found.zh)
