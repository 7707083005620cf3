"""The control map: data in `controls/`, one file a framework, read and checked."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from metier.compliance._findings import Control, Evidence, Framework, Status

_ORDER = ("hipaa", "gdpr", "pipl", "nist-ai-rmf", "owasp-asvs", "owasp-llm")

_Text = Annotated[str, StringConstraints(strip_whitespace=True)]
_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Evidence = Annotated[str, StringConstraints(pattern=r"^(metier [a-z -]+|[\w/.-]+\.py::test_\w+)$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ControlModel(_Strict):
    id: _Said
    title: _Said
    status: Status
    does: _Text = ""
    missing: _Text = ""
    evidence: tuple[_Evidence, ...] = ()

    @model_validator(mode="after")
    def _honest(self) -> Self:
        """A status says what it says everywhere."""
        if self.status != "not covered" and not (self.does and self.evidence):
            raise ValueError(f"{self.id}: what is covered needs words and evidence")
        if (self.status == "covered") == bool(self.missing):
            raise ValueError(f"{self.id}: something is missing exactly where it is not covered")
        return self


class _FrameworkModel(_Strict):
    name: _Said
    edition: _Said
    publisher: _Said
    source: Annotated[str, StringConstraints(pattern="^https://")]
    scope: _Said
    controls: tuple[_ControlModel, ...]


def controls() -> tuple[Framework, ...]:
    """The control map that this version of metier ships.

    A test of the repository proves that each test and command it names exists.
    """
    return tuple(_read(name) for name in _ORDER)


def _read(name: str) -> Framework:
    import yaml

    text = files("metier.compliance").joinpath("controls", f"{name}.yaml").read_text("utf-8")
    model = _FrameworkModel.model_validate(yaml.safe_load(text))
    return Framework(
        id=name,
        name=model.name,
        edition=model.edition,
        publisher=model.publisher,
        source=model.source,
        scope=model.scope,
        controls=tuple(
            Control(
                id=c.id,
                title=c.title,
                status=c.status,
                does=c.does,
                missing=c.missing,
                evidence=tuple(
                    Evidence("test" if "::" in name else "command", name) for name in c.evidence
                ),
            )
            for c in model.controls
        ),
    )
