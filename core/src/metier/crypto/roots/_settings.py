"""Which root key an installation has."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metier._sources import secret
from metier.crypto._root import KeyringError, Root
from metier.crypto.roots._aws import AwsKmsRoot
from metier.crypto.roots._azure import AzureKeyVaultRoot
from metier.crypto.roots._file import open_root
from metier.crypto.roots._gcp import GcpKmsRoot
from metier.crypto.roots._vault import VaultTransitRoot

_COMMON: Final = frozenset(("kind", "timeout", "tries"))
_OF: Final = {
    "file": frozenset(("kind", "path")),
    "passphrase": frozenset(("kind", "path", "credentials_env")),
    "vault": _COMMON
    | {"address", "key", "version", "mount", "namespace"}
    | {"credentials_env", "credentials_file", "ca_file"},
    "aws": _COMMON | {"address", "key"},
    "gcp": _COMMON | {"address", "key"},
    "azure": _COMMON | {"key", "algorithm", "ca_file"},
}
_NEEDED: Final = {"vault": ("address", "key"), "aws": ("key",), "gcp": ("key",), "azure": ("key",)}
_ENV: Final = {
    "file": "METIER_PASSPHRASE",  # a file made with one before `root` was a setting
    "passphrase": "METIER_PASSPHRASE",
    "vault": "VAULT_TOKEN",
}


class RootSettings(BaseModel):
    """The table `[root]` of `metier.toml`. It holds no secret: at most names of variables.

    Args:
        kind: "file", "passphrase", "vault", "aws", "gcp" or "azure".
        path: of the file, for "file" and "passphrase"; relative to metier's home.
        address: of Vault; for "aws" and "gcp" an endpoint other than the provider's own.
        key: Vault's key name; the ARN of an AWS key, which names its region too; the full name
            of a GCP key version; the identifier of an Azure key version.
        version: of Vault's key.
        mount: of Vault's transit engine.
        namespace: of Vault.
        algorithm: of an Azure key.
        credentials_env: environment variable with the passphrase or Vault's token. The cloud
            SDKs look up their credentials themselves.
        credentials_file: file with Vault's token instead, as Vault Agent keeps.
        ca_file: certificates to trust instead of the system's.
        timeout: seconds for each request.
        tries: how often a request is sent where no answer comes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["file", "passphrase", "vault", "aws", "gcp", "azure"] = "file"
    path: Path = Path("root.key")
    address: str = ""
    key: str = ""
    version: int = Field(default=1, ge=1)
    mount: str = "transit"
    namespace: str = ""
    algorithm: Literal["RSA-OAEP-256", "A256KW"] = "RSA-OAEP-256"
    credentials_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    credentials_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=5.0, gt=0, le=60)
    tries: int = Field(default=3, ge=1, le=10)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if strange := sorted(self.model_fields_set - _OF[self.kind]):
            raise ValueError(f"`{strange[0]}` has no meaning for a root of kind '{self.kind}'")
        for name in _NEEDED.get(self.kind, ()):
            if not getattr(self, name):
                raise ValueError(f"a root of kind '{self.kind}' needs `{name}`")
        return self

    @property
    def secret_env(self) -> str:
        """The environment variable with the secret; empty for a kind that has none."""
        return self.credentials_env or _ENV.get(self.kind, "")


def root_from_settings(settings: RootSettings, folder: Path | None = None) -> Root:
    """Opens the root key that the settings name; makes none.

    Args:
        settings: the table `[root]`.
        folder: where relative paths start; the working directory where None.

    Raises:
        KeyringError: "keyring" where a setting, a package or the file is at fault; for a file
            also "root_wrong", where the passphrase does not open it.
    """
    base = folder or Path()
    ca_file = settings.ca_file and base / settings.ca_file
    try:
        match settings.kind:
            case "file":
                given = secret(settings.secret_env)
                return open_root(base / settings.path, given)
            case "passphrase":
                return _with_passphrase(base / settings.path, settings.secret_env)
            case "vault":
                token = settings.credentials_file and base / settings.credentials_file
                return VaultTransitRoot(
                    settings.address,
                    settings.key,
                    version=settings.version,
                    mount=settings.mount,
                    namespace=settings.namespace,
                    token_env=settings.secret_env,
                    token_file=token,
                    ca_file=ca_file,
                    timeout=settings.timeout,
                    tries=settings.tries,
                )
            case "aws":
                return AwsKmsRoot(
                    settings.key,
                    address=settings.address,
                    timeout=settings.timeout,
                    tries=settings.tries,
                )
            case "gcp":
                return GcpKmsRoot(
                    settings.key,
                    address=settings.address,
                    timeout=settings.timeout,
                    tries=settings.tries,
                )
            case "azure":
                return AzureKeyVaultRoot(
                    settings.key,
                    algorithm=settings.algorithm,
                    ca_file=ca_file,
                    timeout=settings.timeout,
                    tries=settings.tries,
                )
    except ValueError as error:
        raise KeyringError(f"The setting `root` can't be used: {error}.") from None


def _with_passphrase(path: Path, variable: str) -> Root:
    passphrase = secret(variable)
    if not passphrase:
        raise KeyringError(f"{path} needs its passphrase; set {variable}.")
    root = open_root(path, passphrase)
    if root.kind != "passphrase":
        raise KeyringError(
            f"{path} opens without a passphrase, and the setting `root` says that it has one. "
            "Someone may have put it there; compare it with its backup."
        )
    return root
