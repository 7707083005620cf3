"""Where the knowledge index is, as it is configured."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class IndexSettings(BaseModel):
    """Where the knowledge index is: in the home, or on a Qdrant server that servers share.

    Args:
        url: the address of the Qdrant server, such as "https://qdrant.example:6333"; in
            the home where empty. It sees passages, and words and vectors of what people
            ask, so a policy must declare the address for the target `local`.
        name: begins the names of its collections; another name is another index.
        api_key_env: environment variable with its API key.
        timeout_seconds: for each request.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""
    name: str = Field(default="metier", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    api_key_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    timeout_seconds: float = Field(default=5.0, gt=0, le=60)
