"""YAML as policies use it: nothing but data, and no setting twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from metier.model import MetierError

_Model = TypeVar("_Model", bound=BaseModel)

CASES = ".cases.yaml"
"""How the name of a file with a policy's cases ends."""


def policy_files(folder: Path) -> list[Path]:
    """The policy files of a folder, without their cases."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.endswith(CASES))


def read_yaml(data: bytes) -> Any:
    """Reads YAML.

    Raises:
        ValueError: it is not YAML, or a mapping has a key twice, of which YAML would
            keep the last and drop the other without a word. Says the line, never the text.
    """
    import yaml

    # The one in C reads ten times as fast; not every build of PyYAML has it.
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (base,), {})

    def mapping(self: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ValueError(f"line {key.start_mark.line + 1} repeats a setting of above")
            seen.add(key.value)
        self.flatten_mapping(node)
        return self.construct_mapping(node, deep=True)

    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(data, loader)  # noqa: S506 - a safe loader that sees repeated keys
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"not valid YAML (line {mark.line + 1 if mark else '?'})") from None
    except RecursionError:
        raise ValueError("not valid YAML (it is nested too deeply)") from None


def validated(model: type[_Model], raw: object, renamed: Mapping[str, str]) -> _Model:
    """Checks what was read.

    Raises:
        ValueError: naming the setting at fault and never its value.
    """
    try:
        # Lists of YAML become tuples only where the model is read as JSON is.
        return model.model_validate(raw, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        said = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise ValueError(f"`{where}`: {renamed.get(where, said)}") from None


def bad(path: Path, problem: str) -> MetierError:
    """The error for a policy file that can't be used."""
    return MetierError(
        f"The policy {path.name} can't be used: {problem}. Mend the file; nothing is served "
        "under a policy that isn't understood.",
        code="bad_policy",
    )
