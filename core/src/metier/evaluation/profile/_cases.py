"""The hand-written cases: what was said, and what must be believed afterwards.

One YAML list a file, `dev_KIND.yaml` and `unseen_KIND.yaml`. Which half a case is in was drawn
at random when it was written. A case:

    - id: correction.en.01
      lang: en
      say:                        # messages in order, a day apart where no date is given
        - "My name is Kate."      # a string is the person's message
        - {at: 2026-03-04, user: "No, Cate with a C", files: ["text of an attached file"]}
        - {assistant: "an answer, seen by extraction as history only"}
      believed: [Cate]            # facts there must be now
      not_believed: [Kate]        # facts there must not be now
      none: true                  # no fact at all, about nobody
      asked: [Kate, Cate]         # a question that names one of these; true: any; false: none
      as_of:                      # what held on `valid`, as it was believed on `at` (default: now)
        - {valid: 2026-05-10, at: 2026-06-10, believed: [...], not_believed: [...]}

A wanted fact is a word, or `{has, about, polarity, constraint, slot}`. `has` lists words that the
fact's slot or value must all hold; `a|b` is either. A fact is about the person unless `about` says
else ("mother" is met by "mum" and "妈妈", see `_match.py`). `polarity` tells liking from
avoiding, whatever the slots are called. `slot` is named only where the same words in another slot
would be right, or wrong.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

KINDS = (
    "contradiction",
    "correction",
    "time",
    "third_party",
    "hypothetical",
    "documents",
    "statements",
)
_FIRST = datetime(2026, 3, 2, 10, tzinfo=UTC)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wanted(_Model):
    """A fact that must be there, or must not; see the module."""

    has: tuple[str, ...] = Field(min_length=1)
    about: str = ""
    polarity: Literal["", "for", "against"] = ""
    constraint: bool | None = None
    slot: tuple[str, ...] = ()


def _wanted(raw: Any) -> Any:
    return {"has": [raw]} if isinstance(raw, str) else raw


WantedFacts = tuple[Annotated[Wanted, BeforeValidator(_wanted)], ...]


def _moment(raw: Any) -> Any:
    """A date is its morning at ten; times are in UTC."""
    if isinstance(raw, str):
        raw = datetime.fromisoformat(raw)
    if isinstance(raw, datetime):
        return raw if raw.tzinfo else raw.replace(tzinfo=UTC)
    return datetime.combine(raw, time(10), UTC) if isinstance(raw, date) else raw


Moment = Annotated[datetime, BeforeValidator(_moment)]


class Said(_Model):
    """One message: the person's, or the assistant's."""

    user: str = ""
    assistant: str = ""
    files: tuple[str, ...] = ()
    at: Moment | None = None

    @model_validator(mode="after")
    def _one_speaker(self) -> Said:
        if bool(self.user) == bool(self.assistant):
            raise ValueError("a message is either the user's or the assistant's")
        return self


def _said(raw: Any) -> Any:
    return {"user": raw} if isinstance(raw, str) else raw


class AsOf(_Model):
    """A question of two times: what held on `valid`, as believed on `at`."""

    valid: Moment
    at: Moment | None = None
    believed: WantedFacts = ()
    not_believed: WantedFacts = ()


class Case(_Model):
    """One conversation and what must hold after it."""

    id: str
    lang: Literal["en", "zh"]
    say: tuple[Annotated[Said, BeforeValidator(_said)], ...] = Field(min_length=1)
    believed: WantedFacts = ()
    not_believed: WantedFacts = ()
    none: bool = False
    asked: bool | tuple[str, ...] | None = None
    as_of: tuple[AsOf, ...] = ()
    kind: str = ""
    unseen: bool = False

    @model_validator(mode="after")
    def _says_what_must_hold(self) -> Case:
        checks = (self.believed, self.not_believed, self.none, self.as_of)
        if not any(checks) and self.asked is None:
            raise ValueError(f"{self.id} checks nothing")
        return self

    def dated(self) -> tuple[tuple[datetime, Said], ...]:
        """The messages with their times."""
        found: list[tuple[datetime, Said]] = []
        clock = _FIRST
        for said in self.say:
            clock = said.at or clock
            found.append((clock, said))
            clock += timedelta(days=1) if said.user else timedelta(minutes=1)
        return tuple(found)


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of kinds, halves and files."""
    import yaml

    folder = resources.files(__package__) / "cases"
    found: list[Case] = []
    for kind in KINDS:
        for half in ("dev", "unseen"):
            raw = yaml.safe_load((folder / f"{half}_{kind}.yaml").read_text("utf-8"))
            found += [
                Case.model_validate({**each, "kind": kind, "unseen": half == "unseen"})
                for each in raw
            ]
    return tuple(found)
