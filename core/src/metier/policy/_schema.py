"""The JSON Schema of a policy file, for editors and reviewers."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from metier.policy import _model
from metier.policy._model import PolicyModel


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) that `load` checks a file against."""
    schema = PolicyModel.model_json_schema(mode="validation")
    told = _told()
    for name, part in {**schema["$defs"], PolicyModel.__name__: schema}.items():
        for setting, about in part.get("properties", {}).items():
            if (name, setting) in told:
                about["description"] = told[name, setting]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _told() -> dict[tuple[str, str], str]:
    """What the source says of each setting, in the string below it.

    pydantic can read them too, but would do so at every start.
    """
    found = {}
    for model in ast.parse(inspect.getsource(_model)).body:
        if not isinstance(model, ast.ClassDef):
            continue
        for setting, below in zip(model.body, model.body[1:], strict=False):
            if isinstance(setting, ast.AnnAssign) and isinstance(setting.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        found[model.name, setting.target.id] = " ".join(text.split())
    return found
