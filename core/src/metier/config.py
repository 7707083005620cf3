"""Configuration: one TOML file in metier's home, each value with a safe default.

The environment and flags may say otherwise; see `metier._sources`.

The home is `$METIER_HOME`, else `~/.metier`. It holds `metier.toml`, the root
key, the store, the index and the built embedding model. Secrets are never in
the file: it names environment variables that hold them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from metier._setting_faults import setting_faults
from metier._sources import Source, from_environment, from_flags, joined, origin_of, secret
from metier.access import AccessSettings, RoleName, ScopeName, check_issuers, check_platforms
from metier.audit import AuditSettings
from metier.crypto.roots import RootSettings
from metier.knowledge import IndexSettings
from metier.model import MetierError
from metier.telemetry import TelemetrySettings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackendSettings(_Strict):
    """One server of the engine's target, among several that serve the same models.

    Args:
        name: short; `/readyz` shows it.
        base_url: one of the addresses that the policy declares for the target.
        api_key_env: environment variable with its API key; the engine's where empty.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")
    base_url: str
    api_key_env: str = ""


class TimeoutSettings(_Strict):
    """Seconds that a model server may take.

    Args:
        connect: to be reached.
        first_token: from the request to the first event.
        between_tokens: between two of them.
        whole: for all of an answer.
    """

    connect: float = Field(default=10.0, gt=0)
    first_token: float = Field(default=120.0, gt=0)
    between_tokens: float = Field(default=60.0, gt=0)
    whole: float = Field(default=900.0, gt=0)


class BreakerSettings(_Strict):
    """When a server is left alone.

    Args:
        failures: how many in a row.
        seconds: for how long; then one request tries it.
    """

    failures: int = Field(default=3, ge=1)
    seconds: float = Field(default=15.0, gt=0)


class ModelSettings(_Strict):
    """One engine.

    `grounded` composes from sources without a model. `vllm` is a vLLM, and `openai` any
    other server of that API. `langchain` builds a chat model from `model`,
    such as "openai:gpt-4o-mini", with langchain's `init_chat_model`.

    Args:
        target: where it sends to, as a policy declares it.
        backends: several servers of that target, instead of `base_url`.
        retries: to how many further servers a request moves on that nothing has come of.
        hedge_seconds: after so long without a token a second server is asked too; 0: never.
        adapters: of a vLLM: by domain the LoRA adapter that answers, with its version
            in the name, such as {"support": "support-v3"}.
        priority: of a vLLM that schedules by it: lower goes first.
        truncate_prompt_tokens: of a vLLM: reads so many tokens of a prompt's end. The
            beginning is lost then: instructions and constraints. Rather leave it out.
    """

    kind: Literal["grounded", "openai", "vllm", "langchain"] = "grounded"
    target: str = "local"
    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    backends: tuple[BackendSettings, ...] = ()
    timeouts: TimeoutSettings = Field(default_factory=TimeoutSettings)
    breaker: BreakerSettings = Field(default_factory=BreakerSettings)
    retries: int = Field(default=2, ge=0, le=10)
    hedge_seconds: float = Field(default=0.0, ge=0)
    adapters: dict[str, str] = Field(default_factory=dict)
    priority: int | None = None
    truncate_prompt_tokens: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.backends and self.base_url:
            raise ValueError("give `backends` or `base_url`, not both")
        if self.backends and self.kind not in ("openai", "vllm"):
            raise ValueError(f"an engine of kind '{self.kind}' has no `backends`")
        if len({each.name for each in self.backends}) < len(self.backends):
            raise ValueError("two of `backends` have the same name")
        given = [name for name in _VLLM_ONLY if getattr(self, name) not in (None, {})]
        if given and self.kind != "vllm":
            raise ValueError(f"`{given[0]}` is for a vLLM: set `kind` to 'vllm'")
        return self


_VLLM_ONLY = ("adapters", "priority", "truncate_prompt_tokens")


class EngineSettings(ModelSettings):
    """Which engine answers, and which stand in for it.

    Args:
        fallbacks: engines of other targets, asked in turn where the one before can't answer
            and nothing has come of it. Only one that the policies let see at least as much.
    """

    fallbacks: tuple[ModelSettings, ...] = ()

    @model_validator(mode="after")
    def _adapters_are_of_the_first(self) -> Self:
        if any(each.adapters for each in self.fallbacks):
            raise ValueError("`adapters` are of the first engine only: a fallback has none")
        return self


class PrivacySettings(_Strict):
    """What finds names, and what else is looked for.

    Args:
        names: "model" joins metier's own network for English to the rules, "rules"
            leaves it out, "spacy:PIPELINE" takes an installed spaCy pipeline instead.
        recognizers: further Presidio recognizers, each as "module:name" of a class or
            function that gives one or several when called without arguments, such as
            "presidio_analyzer.predefined_recognizers:GLiNERRecognizer".
    """

    names: str = Field(default="model", pattern=r"^(model|rules|spacy:\S+)$")
    recognizers: tuple[Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")], ...] = ()


class IsolationSettings(_Strict):
    """Which plugins run in a process of their own; `docs/isolation.md` says what that protects.

    Args:
        plugins: names of plugins or of distributions.
        trusted: where given, every distribution but these is isolated.
        memory_mb: address space of each process.
        cpu_seconds: processor time, after which a process is started anew.
    """

    plugins: tuple[str, ...] = ()
    trusted: tuple[str, ...] | None = None
    memory_mb: int = Field(default=1024, ge=128)
    cpu_seconds: int = Field(default=300, ge=10)


class StoreSettings(_Strict):
    """Where the store is: `store.db` in the home, or a PostgreSQL database.

    Args:
        url_env: environment variable with the URL of the application's role, such as
            "METIER_STORE_URL"; see docs/postgresql.md.
        owner_url_env: the same of the role that owns the tables, for `metier setup`.
    """

    url_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    owner_url_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")

    def url(self, home: Path) -> str:
        """The URL of the store.

        Raises:
            MetierError: the variable is empty.
        """
        return self._of(self.url_env) if self.url_env else f"sqlite:///{home / 'store.db'}"

    @property
    def owner_url(self) -> str | None:
        """The owner's URL; None where there is none.

        Raises:
            MetierError: the variable is empty.
        """
        return self._of(self.owner_url_env) if self.owner_url_env else None

    def _of(self, variable: str) -> str:
        found = secret(variable)
        if not found:
            raise MetierError(
                f"metier.toml: `store` names the variable {variable}, which is not set. Set it to "
                "the URL of the database; nothing is stored elsewhere instead.",
                code="bad_config",
            )
        return found


class ServerSettings(_Strict):
    """The server.

    Args:
        host, port: where it listens.
        max_body_bytes: of one request.
        ready_needs_engine: whether `/readyz` says 503 where the engine's server can't be
            reached. Not by default: all replicas share it, and one error that says so is
            better than no replica at all.
        drain_seconds: how long answers that are under way may take after SIGTERM.
        drain_notice_seconds: how long requests are still taken after SIGTERM, while
            `/readyz` says 503 already, for proxies that have yet to ask.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_body_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    ready_needs_engine: bool = False
    drain_seconds: float = Field(default=25.0, ge=0, le=3600)
    drain_notice_seconds: float = Field(default=0.0, ge=0, le=600)


class KeysSettings(_Strict):
    """Where the wrapped keys are: `keys.db` in the home, or a database that servers share.

    Args:
        url_env: environment variable with the URL of a PostgreSQL database of its own, never
            the store's: a backup of the store must hold no key. See docs/postgresql.md.
    """

    url_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")

    @property
    def url(self) -> str | None:
        """The URL; None where the keys are in the home.

        Raises:
            MetierError: the variable is empty.
        """
        if not self.url_env:
            return None
        found = secret(self.url_env)
        if not found:
            raise MetierError(
                f"metier.toml: `keys` names the variable {self.url_env}, which is not set. Set it "
                "to the URL of the database; no keys are made elsewhere instead.",
                code="bad_config",
            )
        return found


class LimitSettings(_Strict):
    """What is refused with 429 before it costs memory; 0 is no limit.

    Args:
        requests: under way at once.
        requests_a_key: under way at once with one API key or token.
        requests_a_minute: that one actor may begin; see `burst`.
        burst: how many of them may come together.
        memory_mb: resident memory of the process, above which nothing new begins.
    """

    requests: int = Field(default=1000, ge=0)
    requests_a_key: int = Field(default=0, ge=0)
    requests_a_minute: int = Field(default=0, ge=0)
    burst: int = Field(default=20, ge=1)
    memory_mb: int = Field(default=0, ge=0)


class ActorSettings(_Strict):
    """One API key: the SHA-256 of the key in hex, and who it stands for."""

    key_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    id: str = Field(min_length=1)
    tenant: str = ""
    roles: tuple[RoleName, ...] = ("member",)
    scopes: tuple[ScopeName, ...] = ("*",)
    may_act_for: tuple[str, ...] = ()


class Settings(_Strict):
    """Everything that can be configured.

    Args:
        tenant: the tenant of the CLI and of keys that name none.
        extensions: names of extension plugins that join every domain.
        policies: policy files, besides those that plugins bring; a relative path
            starts at the folder of `metier.toml`.
        required_policies: names of policies; where one is not in force, nothing starts.
        embeddings: "minilm" (built by `metier models fetch`) or "none".
        laws: names of the policies of laws that `metier-policies` brings, such as "gdpr".
        policy_keys: public keys (PEM files) of who may sign policies; where one is given,
            every policy file must be signed or pinned.
        policy_pins: SHA-256 of policy files by name; another file of that name is refused.
        durability: when a write is safe: "commit" (from a power cut too), "wal" (from the end
            of the process; a power cut may take the last moments), or "policy", which is what
            the policies in force ask for.
        store: where the store is; a file in the home where nothing is said.
        index: where the knowledge index is; in the home where nothing is said.
        root: the root key; a file in the home where nothing is said.
        keys: the key store; a file in the home where nothing is said.
        key_days: how old a person's key may get before a newer one seals; any age where
            nothing is said.
        escrow: a folder with the copy of the key store that `metier backup` keeps; it is
            made anew after each erasure.
        audit: checkpoints of the audit log and where they go.
        access: issuers whose tokens are taken, and how failures are limited.
        limits: what is refused before it costs memory.
        telemetry: figures, spans and logs; nothing is served or sent where nothing is said.
        plugins: a table per plugin, checked against the plugin's own model.
        isolation: which plugins run in a process of their own.
    """

    tenant: str = Field(default="default", min_length=1)
    extensions: tuple[str, ...] = ()
    policies: tuple[Path, ...] = ()
    required_policies: tuple[str, ...] = ()
    embeddings: Literal["minilm", "none"] = "minilm"
    laws: tuple[str, ...] = ()
    policy_keys: tuple[Path, ...] = ()
    policy_pins: dict[str, str] = Field(default_factory=dict)
    durability: Literal["policy", "commit", "wal"] = "policy"
    store: StoreSettings = Field(default_factory=StoreSettings)
    index: IndexSettings = Field(default_factory=IndexSettings)
    root: RootSettings = Field(default_factory=RootSettings)
    keys: KeysSettings = Field(default_factory=KeysSettings)
    key_days: int | None = Field(default=None, ge=1)
    escrow: Path | None = None
    audit: AuditSettings = Field(default_factory=AuditSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    actors: tuple[ActorSettings, ...] = ()
    access: AccessSettings = Field(default_factory=AccessSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    plugins: dict[str, dict[str, Any]] = Field(default_factory=dict)
    isolation: IsolationSettings = Field(default_factory=IsolationSettings)

    @field_validator("actors")
    @classmethod
    def _one_actor_a_key(cls, actors: tuple[ActorSettings, ...]) -> tuple[ActorSettings, ...]:
        if len({a.key_sha256 for a in actors}) < len(actors):
            raise ValueError("two actors have the same key")
        return actors

    @model_validator(mode="after")
    def _nobody_has_two_names(self) -> Self:
        check_issuers(self.access.issuers, self.tenant)
        check_platforms(self.access.platforms, self.tenant)
        return self


def home() -> Path:
    """The folder of this installation's state."""
    return Path(os.environ.get("METIER_HOME") or "~/.metier").expanduser()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and by its dotted path what gave each; a default is not among them."""

    settings: Settings
    origins: Mapping[str, str]


def load(path: Path, flags: Sequence[str] = ()) -> Settings:
    """Reads the settings of the home `path`; defaults where nothing is said.

    Flags go before the environment, and that before `metier.toml`.

    Args:
        flags: each as "server.port=9000".

    Raises:
        MetierError: naming the place and the setting at fault, never its value.
    """
    return read(path, flags).settings


def read(path: Path, flags: Sequence[str] = ()) -> Loaded:
    """Reads the settings as `load` does, and tells where each is from.

    Raises:
        MetierError: as `load`; the first of what is wrong.
    """
    values, origins = joined(_sources(path, flags))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _faults(path, error, origins)[0] from None
    policies = tuple(path / policy.expanduser() for policy in settings.policies)
    keys = tuple(path / key.expanduser() for key in settings.policy_keys)
    escrow = settings.escrow and path / settings.escrow.expanduser()
    changed = {"policies": policies, "policy_keys": keys, "escrow": escrow}
    return Loaded(settings.model_copy(update=changed), origins)


def faults(path: Path, flags: Sequence[str] = ()) -> list[MetierError]:
    """Everything that is wrong with the settings of a home; none where `load` works."""
    try:
        values, origins = joined(_sources(path, flags))
        Settings.model_validate(values)
    except MetierError as error:
        return [error]
    except ValidationError as error:
        return _faults(path, error, origins)
    return []


def _sources(path: Path, flags: Sequence[str]) -> list[Source]:
    return [
        Source("metier.toml", _file(path), {}),
        from_environment(Settings, os.environ),
        from_flags(Settings, flags),
    ]


def _file(path: Path) -> dict[str, Any]:
    file = path / "metier.toml"
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise MetierError(
            f"{path} is not a folder. Set METIER_HOME to one.", code="bad_home"
        ) from None
    except OSError as error:
        raise _bad(file, f"it can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _bad(file, "it is not UTF-8; save it as UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise _bad(file, f"it is not valid TOML: {_place(error)}") from None


def _faults(path: Path, error: ValidationError, origins: Mapping[str, str]) -> list[MetierError]:
    """Each fault with the place that it is in."""
    found = []
    for where, wrong in setting_faults(error, Settings):
        place = origin_of(where, origins)
        file = path / "metier.toml" if place in (None, "metier.toml") else place
        found.append(_bad(file, f"`{where}`: {wrong}" if where else wrong))
    return found


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Where in the file; the words before it can repeat a character of a value."""
    return str(error).rpartition("(")[2].rstrip(")") or "somewhere"


def _bad(file: Path | str | None, problem: str) -> MetierError:
    end = "" if problem.endswith("?") else "."
    return MetierError(f"{file}: {problem}{end} See docs/configuration.md.", code="bad_config")
