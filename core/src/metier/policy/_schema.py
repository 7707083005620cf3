"""The JSON Schema of a policy file, for editors and reviewers."""

from __future__ import annotations

from typing import Any

from metier.policy._model import PolicyModel


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) that `load` checks a file against."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyModel.model_json_schema(mode="validation"),
    }
