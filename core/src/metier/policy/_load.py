"""The shape of a policy file, and reading one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from metier.model import MetierError

Action = Literal[
    "keep", "generalise", "shift", "surrogate", "pseudonymise", "hash", "redact", "drop", "block"
]
Review = Literal["pass", "sentence", "whole"]
Detection = Literal["precision", "balanced", "recall"]
Name = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z][A-Za-z0-9_-]{0,63})$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TargetModel(_Strict):
    """A declared place text may be sent.

    Args:
        operator: who runs it.
        region: where it stands, such as "EU" or "on premises".
        agreement: the contract that covers it.
        base_url: the only address the engine of this target may use.
        private: whether it stands in a private network.
    """

    operator: str
    region: str
    agreement: str = ""
    base_url: str = ""
    private: bool = False


class CollectModel(_Strict):
    """May facts of a category be learned? In these domains only, where some are named."""

    allow: bool
    domains: tuple[Name, ...] = ("*",)
    reason: str = ""


class ShowModel(_Strict):
    """Which domains see facts of a category, and for which purposes."""

    domains: tuple[Name, ...] = ("*",)
    purposes: tuple[str, ...] = ("*",)
    reason: str = ""


class DomainModel(_Strict):
    """What one domain needs other than the rest of the file says."""

    entities: dict[Name, dict[Name, Action]] = Field(default_factory=dict)


class PolicyModel(_Strict):
    """One policy file."""

    name: Name
    version: str
    description: str
    sources: tuple[str, ...] = ()
    entities: dict[Name, dict[Name, Action]] = Field(default_factory=dict)
    collect: dict[Name, CollectModel] = Field(default_factory=dict)
    show: dict[Name, ShowModel] = Field(default_factory=dict)
    review: dict[Name, Review] = Field(default_factory=dict)
    detection: dict[Name, Detection] = Field(default_factory=dict)
    """The operating point of the name model, by domain; "recall" finds more and errs more."""
    domains: dict[Name, DomainModel] = Field(default_factory=dict)
    targets: dict[Name, TargetModel] = Field(default_factory=dict)
    allow_targets: tuple[Name, ...] | None = None
    repair: bool | None = None
    """Whether a turn that the guard stopped is mended and tried once more."""
    retention_days: int | None = Field(default=None, ge=1)


class Policy:
    """One loaded policy file and the digest of its bytes."""

    def __init__(self, model: PolicyModel, digest: str) -> None:
        self.model = model
        self.digest = digest

    @property
    def name(self) -> str:
        return self.model.name

    def rule(self, *path: str) -> str:
        """Names a rule for traces and reviewers, as "file@version:path"."""
        return f"{self.model.name}@{self.model.version}:{'.'.join(path)}"


def load(path: Path) -> Policy:
    """Reads a policy file.

    Raises:
        MetierError: the file can't be read, is not YAML, or has a setting that is
            not known or not valid. A policy is never half used.
    """
    import yaml

    try:
        data = path.read_bytes()
        raw = yaml.safe_load(data)
    except OSError as error:
        raise _bad(path, error.strerror or type(error).__name__) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _bad(path, f"not valid YAML (line {mark.line + 1 if mark else '?'})") from None
    try:
        # Lists of YAML become tuples only where the model is read as JSON is.
        model = PolicyModel.model_validate(raw, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _bad(path, f"`{where}`: {first['msg']}") from None
    return Policy(model, hashlib.sha256(data).hexdigest())


def _bad(path: Path, problem: str) -> MetierError:
    return MetierError(
        f"The policy {path.name} can't be used: {problem}. Mend the file; nothing is served "
        "under a policy that isn't understood.",
        code="bad_policy",
    )
