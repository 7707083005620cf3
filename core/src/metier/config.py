"""Configuration: one TOML file in metier's home, each value with a safe default.

The home is `$METIER_HOME`, else `~/.metier`. It holds `metier.toml`, the root
key, the store, the index and the built embedding model. Secrets are never in
the file: it names environment variables that hold them.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metier.model import MetierError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(_Strict):
    """Which engine answers.

    `grounded` composes from sources without a model. `openai` is any server of
    that API, vLLM among them. `langchain` builds a chat model from `model`,
    such as "openai:gpt-4o-mini", with langchain's `init_chat_model`.
    """

    kind: Literal["grounded", "openai", "langchain"] = "grounded"
    target: str = "local"
    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    options: dict[str, Any] = Field(default_factory=dict)


class ServerSettings(_Strict):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_body_bytes: int = 4 * 1024 * 1024


class ActorSettings(_Strict):
    """One API key: the SHA-256 of the key in hex, and who it stands for."""

    key_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    id: str
    tenant: str = ""
    roles: tuple[str, ...] = ("user",)
    may_act_for: tuple[str, ...] = ()


class Settings(_Strict):
    """Everything that can be configured.

    Args:
        tenant: the tenant of the CLI and of keys that name none.
        extensions: names of extension plugins that join every domain.
        policies: policy files, besides those that plugins bring.
        embeddings: "minilm" (built by `metier models fetch`) or "none".
        passphrase_env: environment variable with the root key's passphrase.
        plugins: a table per plugin, checked against the plugin's own model.
    """

    tenant: str = "default"
    extensions: tuple[str, ...] = ()
    policies: tuple[Path, ...] = ()
    embeddings: Literal["minilm", "none"] = "minilm"
    passphrase_env: str = "METIER_PASSPHRASE"  # noqa: S105 - a variable's name
    engine: EngineSettings = Field(default_factory=EngineSettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    actors: tuple[ActorSettings, ...] = ()
    plugins: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @property
    def passphrase(self) -> str | None:
        return os.environ.get(self.passphrase_env) or None


def home() -> Path:
    """The folder of this installation's state."""
    return Path(os.environ.get("METIER_HOME") or Path.home() / ".metier")


def load(path: Path) -> Settings:
    """Reads `metier.toml` in `path`; defaults where there is none.

    Raises:
        MetierError: naming the file and the setting at fault.
    """
    file = path / "metier.toml"
    if not file.exists():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MetierError(f"{file} is not valid TOML: {error}", code="bad_config") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MetierError(f"{file}: `{where}`: {first['msg']}", code="bad_config") from None
