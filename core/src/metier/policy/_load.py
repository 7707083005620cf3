"""The shape of a policy file, and reading one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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


class PartsModel(_Strict):
    """What may come with a message besides text.

    Args:
        image: `redact` paints over what is found in its words; `local` sends it as
            it is to the target `local` and to no other; `refuse` takes none.
        audio: `local` or `refuse`; nothing in a recording can be searched.
        file: `text` sends what it says, hidden as a message is; `refuse` takes none.
    """

    image: Literal["redact", "local", "refuse"] | None = None
    audio: Literal["local", "refuse"] | None = None
    file: Literal["text", "refuse"] | None = None


class DomainModel(_Strict):
    """What one domain needs other than the rest of the file says."""

    entities: dict[Name, dict[Name, Action]] = Field(default_factory=dict)
    parts: PartsModel = Field(default_factory=PartsModel)


class DictionaryModel(_Strict):
    """Terms of an entity type, one a line of a file beside the policy.

    Args:
        file: its name; UTF-8, empty lines and lines that begin with # are skipped.
        match_case: tell "May" from "may".
        context: one of these words must be near; empty for none.
    """

    file: Annotated[str, StringConstraints(min_length=1)]
    match_case: bool = False
    context: tuple[str, ...] = ()


class PatternModel(_Strict):
    """What values of an entity type look like, in the syntax of Python's `re`.

    Args:
        pattern: the expression; its group "v" is the value, where it has one.
        ignore_case: as it says.
        context: one of these words must be near; empty for none.
        score: 0 to 1.
    """

    pattern: Annotated[str, StringConstraints(min_length=1)]
    ignore_case: bool = False
    context: tuple[str, ...] = ()
    score: float = Field(default=0.8, ge=0, le=1)


class DeclareModel(_Strict):
    """What is sensitive here besides what the recognizers know, and what is not.

    Args:
        dictionaries, patterns: by entity type.
        allow: values that are never hidden, whatever finds them.
        regions: ISO 3166 codes of countries whose national telephone formats are
            looked for besides those of the core.
    """

    dictionaries: dict[Name, DictionaryModel] = Field(default_factory=dict)
    patterns: dict[Name, PatternModel] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    regions: tuple[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")], ...] = ()


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
    declare: DeclareModel = Field(default_factory=DeclareModel)
    parts: PartsModel = Field(default_factory=PartsModel)
    domains: dict[Name, DomainModel] = Field(default_factory=dict)
    targets: dict[Name, TargetModel] = Field(default_factory=dict)
    allow_targets: tuple[Name, ...] | None = None
    repair: bool | None = None
    """Whether a turn that the guard stopped is mended and tried once more."""
    retention_days: int | None = Field(default=None, ge=1)


class Policy:
    """One loaded policy file.

    Args:
        model: what it says.
        digest: of its bytes and of those of its dictionaries.
        terms: the terms of its dictionaries, by entity type.
    """

    def __init__(
        self, model: PolicyModel, digest: str, terms: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.model = model
        self.digest = digest
        self.terms = terms or {}

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
    digest = hashlib.sha256(data)
    terms = {}
    for entity, dictionary in model.declare.dictionaries.items():
        file = path.parent / dictionary.file
        try:
            content = file.read_bytes()
            lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
        except OSError as error:
            raise _bad(path, f"{dictionary.file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise _bad(path, f"{dictionary.file} is not UTF-8 text") from None
        terms[entity] = tuple(line for line in lines if line and not line.startswith("#"))
        digest.update(hashlib.sha256(content).digest())
    return Policy(model, digest.hexdigest(), terms)


def _bad(path: Path, problem: str) -> MetierError:
    return MetierError(
        f"The policy {path.name} can't be used: {problem}. Mend the file; nothing is served "
        "under a policy that isn't understood.",
        code="bad_policy",
    )
