"""Settings of the plugin."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HealthcareConfig(BaseModel):
    """What an operator can set under `plugins.healthcare`.

    Args:
        region: whose numbers emergency messages name. "auto" takes the Chinese
            ones for answers in Chinese, and names several for English.
        emergency_number: overrides the emergency number of the region.
        crisis_line: overrides the crisis line, in the words to be shown.
        poison_line: a poison centre to be named beside the emergency number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Literal["auto", "cn", "uk", "us", "eu"] = "auto"
    emergency_number: str | None = Field(default=None, min_length=2, max_length=40)
    crisis_line: str | None = Field(default=None, min_length=2, max_length=200)
    poison_line: str | None = Field(default=None, min_length=2, max_length=200)
