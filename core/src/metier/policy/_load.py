"""Reading a policy file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from metier.model import MetierError
from metier.policy._model import PolicyModel

_RENAMED = {"retention_days": 'write it as `retention: {"*": DAYS}`'}
"""Settings of earlier versions, and how they are written now."""


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
        raise _bad(path, f"`{where}`: {_RENAMED.get(where, first['msg'])}") from None
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
