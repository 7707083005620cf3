"""What of the audit log can be configured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sink(_Strict):
    name: str = Field(default="", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """Names the sink in reports and in the file that remembers how far it has come."""
    events: bool = False
    """Every event goes there too, with the ids of actors and subjects; else checkpoints only."""


class FileSinkSettings(_Sink):
    """A file to which lines of JSON are added; a relative path starts at the home."""

    kind: Literal["file"]
    name: str = Field(default="file", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    path: Path


class SyslogSinkSettings(_Sink):
    """A syslog server (RFC 5424).

    Args:
        address: "udp://HOST:PORT", "tcp://HOST:PORT", "tls://HOST:PORT" or "unix:///dev/log".
        ca: a file of certificates to trust besides the system's, for "tls".
    """

    kind: Literal["syslog"]
    name: str = Field(default="syslog", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    address: str = "unix:///dev/log"
    ca: Path | None = None

    @field_validator("address")
    @classmethod
    def _known(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme == "unix" and parts.path and not parts.netloc:
            return address
        try:
            placed = bool(parts.hostname and parts.port)
        except ValueError:
            placed = False
        if parts.scheme not in ("udp", "tcp", "tls") or not placed or parts.path or parts.query:
            raise ValueError(
                "must be udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:///PATH"
            )
        return address


class WebhookSinkSettings(_Sink):
    """An address that takes POST requests.

    Args:
        url: where to, with a path, such as "https://siem.example/metier".
        secret_env: the variable that holds the secret with which each body is signed.
        private: the address may be of a private network, and may use plain http.
    """

    kind: Literal["webhook"]
    name: str = Field(default="webhook", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    url: str
    secret_env: str = Field(min_length=1)
    private: bool = False

    @field_validator("url")
    @classmethod
    def _with_path(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or not parts.path.strip("/"):
            raise ValueError("must be an http(s) URL with a path, such as https://siem.example/in")
        return url


SinkSettings = Annotated[
    FileSinkSettings | SyslogSinkSettings | WebhookSinkSettings, Field(discriminator="kind")
]


class AuditSettings(_Strict):
    """When checkpoints are made, and where they go.

    Args:
        checkpoint_events: a checkpoint follows after so many events of a tenant.
        checkpoint_minutes: and when the oldest event after the last one is this old.
        gap_minutes: where other processes use the same store, an announced send without an
            outcome counts as a gap after this time; where there are none, at once.
    """

    checkpoint_events: int = Field(default=1000, ge=1)
    checkpoint_minutes: float = Field(default=60.0, gt=0)
    gap_minutes: float = Field(default=10.0, gt=0)
    sinks: tuple[SinkSettings, ...] = ()

    @field_validator("sinks")
    @classmethod
    def _own_names(cls, sinks: tuple[SinkSettings, ...]) -> tuple[SinkSettings, ...]:
        if len({sink.name for sink in sinks}) < len(sinks):
            raise ValueError("two sinks have the same name; give each its own `name`")
        return sinks
