"""What can be configured of telemetry, as it stands in metier.toml."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class TelemetrySettings(BaseModel):
    """The table `[telemetry]`. With none of it, nothing is served and nothing is sent.

    Args:
        metrics_port: where the Prometheus page is, on a port of its own; 0 is any. No page
            where nothing is said.
        metrics_host: its address; this machine alone by default, for it needs no key.
        otlp_endpoint: the collector that spans and metrics are sent to by OTLP over HTTP,
            such as "http://127.0.0.1:4318"; https, or http on this machine or with `otlp_plain`.
        otlp_plain: the collector may be reached by plain http elsewhere too.
        otlp_headers_env: variable with headers for it, as "name=value,name=value".
        otlp_seconds: how often metrics are sent.
        service: the name under which both appear.
        logs: "text" for people, "json" for one object a line; neither holds content.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    otlp_endpoint: str = ""
    otlp_plain: bool = False
    otlp_headers_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    otlp_seconds: float = Field(default=30.0, ge=1)
    service: str = Field(default="metier", min_length=1)
    logs: Literal["text", "json"] = "text"

    @field_validator("otlp_endpoint")
    @classmethod
    def _an_address(cls, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        if endpoint and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("it must be an http or https URL, such as http://127.0.0.1:4318")
        if parts.username or parts.password:
            raise ValueError("it must hold no user or password; name them in otlp_headers_env")
        return endpoint.rstrip("/")

    @model_validator(mode="after")
    def _nothing_in_clear(self) -> Self:
        parts = urlsplit(self.otlp_endpoint)
        near = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme == "http" and not near and not self.otlp_plain:
            raise ValueError(
                "`otlp_endpoint` is plain http to another machine; use https, or set `otlp_plain`"
            )
        return self
