"""The root key in the transit engine of HashiCorp Vault or OpenBao.

Spoken over HTTPS with the standard library. Two requests of JSON need no client package, and
so nothing follows a redirect with the token, reads `.netrc`, or takes a proxy from the
environment.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from metier.crypto._root import KeyringError
from metier.crypto.roots._service import ServiceRoot, Unanswered, checked_address

_LARGEST: Final = 64 * 1024
_TRANSIENT: Final = frozenset((408, 412, 429, 472, 473, 500, 502, 503, 504))
"""Sealed, a standby, behind on replication, over its quota, or broken for the moment."""


class VaultTransitRoot(ServiceRoot):
    """A key of Vault's transit engine, pinned to one version.

    The key must be there: Vault makes an unknown one when it is asked to encrypt, so it is
    looked up first.

    Args:
        address: such as "https://vault.example:8200".
        key: the key's name; its type must bind associated data, as aes256-gcm96 does.
        version: the version that wraps and unwraps; another one is another root.
        mount: where the engine is mounted.
        namespace: of Vault Enterprise or OpenBao; empty for the top one.
        token_env: environment variable with the token.
        token_file: a file with the token instead, as Vault Agent keeps; read at each request.
        ca_file: certificates to trust instead of the system's.
        timeout: seconds for each step of a request.
        tries: how often a request is sent where no answer comes.

    Raises:
        ValueError: where an argument is malformed.
        KeyringError: where `ca_file` can't be read.
    """

    kind: ClassVar[str] = "vault"

    def __init__(
        self,
        address: str,
        key: str,
        *,
        version: int = 1,
        mount: str = "transit",
        namespace: str = "",
        token_env: str = "VAULT_TOKEN",  # noqa: S107 - a variable's name
        token_file: Path | None = None,
        ca_file: Path | None = None,
        timeout: float = 5.0,
        tries: int = 3,
    ) -> None:
        self._base = checked_address(address)
        for name, value in (("key", key), ("mount", mount), ("namespace", namespace or "top")):
            if not re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", value, re.ASCII):
                raise ValueError(f"`{name}` of a Vault root may hold letters, digits, _ . - and /")
        if version < 1:
            raise ValueError("`version` of a Vault root is counted from 1")
        place = "/".join(part for part in (namespace, mount, key) if part)
        super().__init__(f"vault:{place}:v{version}", tries)
        self._key, self._mount, self._version = key, mount, version
        self._namespace = namespace
        self._token_env, self._token_file = token_env, token_file
        self._timeout = timeout
        try:
            self._tls = ssl.create_default_context(cafile=ca_file)
        except OSError:
            raise KeyringError(
                f"The certificates at {ca_file} can't be read; `ca_file` names a PEM file."
            ) from None

    def _encrypt(self, plain: bytes, label: bytes) -> bytes:
        status, answer = self._request("GET", f"keys/{self._key}")
        if status != 200:
            self._refused(status, answer)
        oldest = _data(answer).get("min_decryption_version")
        if isinstance(oldest, int) and oldest > self._version:
            self._retired()
        body = {**self._bound(label), "plaintext": _text(plain), "key_version": self._version}
        status, answer = self._request("POST", f"encrypt/{self._key}", body)
        ciphertext = str(_data(answer).get("ciphertext", "")) if status == 200 else ""
        prefix = f"vault:v{self._version}:"
        if status != 200:
            self._refused(status, answer)
        if not ciphertext.startswith(prefix):
            raise Unanswered("its answer names another version of the key")
        return _raw(ciphertext.removeprefix(prefix))

    def _decrypt(self, blob: bytes, label: bytes) -> bytes:
        ciphertext = f"vault:v{self._version}:{_text(blob)}"
        body = {**self._bound(label), "ciphertext": ciphertext}
        status, answer = self._request("POST", f"decrypt/{self._key}", body)
        if status != 200:
            if status == 400 and "too old" in _errors(answer):
                self._retired()
            if status == 400 and "not found" not in _errors(answer):
                self._wrong()
            self._refused(status, answer)
        return _raw(str(_data(answer).get("plaintext", "")))

    def _bound(self, label: bytes) -> dict[str, Any]:
        # A key made with `derived` takes the context into its derivation; others leave it out.
        return {"associated_data": _text(label), "context": _text(label)}

    def _refused(self, status: int, answer: object) -> None:
        """Raises what any answer but 200 means."""
        said = _errors(answer)
        if status == 403:
            self._denied("status 403; the token is not valid or lacks a policy")
        if status == 404 or "encryption key not found" in said:
            self._missing(f"status {status}; the engine or the key is not where it is looked for")
        if 300 <= status < 400:
            self._unavailable(
                "it answered with a redirect, which is not followed with a token. Set `address` "
                "to the active server."
            )
        if "higher than the latest" in said:
            self._missing(f"the key has no version {self._version}")
        if status in _TRANSIENT:
            raise Unanswered(f"status {status}{'; it is sealed' if 'sealed' in said else ''}")
        raise KeyringError(
            f"Vault refused the root key {self.id} with status {status}. Check that the key is of "
            "type aes256-gcm96 and may encrypt. Nothing was changed."
        )

    def _retired(self) -> None:
        self._unavailable(
            "this version lies below the key's `min_decryption_version`. Lower it in Vault, then "
            "rotate metier's root to a newer version."
        )

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, object]:
        parts = urlsplit(self._base)
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if self._namespace:
            headers["X-Vault-Namespace"] = self._namespace
        sent = None if body is None else json.dumps(body)
        connection = (
            http.client.HTTPSConnection(
                str(parts.hostname), parts.port, timeout=self._timeout, context=self._tls
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=self._timeout)
        )
        try:
            connection.request(method, f"{parts.path}/v1/{self._mount}/{path}", sent, headers)
            response = connection.getresponse()
            raw = response.read(_LARGEST)
        except ssl.SSLCertVerificationError:
            self._unavailable("its certificate is not trusted. Set `ca_file` to the one it is of.")
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(f"no answer ({type(error).__name__})") from None
        finally:
            connection.close()
        try:
            return response.status, json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
            return response.status, {}

    def _token(self) -> str:
        if self._token_file is not None:
            try:
                token = self._token_file.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                self._denied(f"the token file can't be read ({type(error).__name__})")
        else:
            token = os.environ.get(self._token_env, "").strip()
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            where = "its file" if self._token_file else f"the variable {self._token_env}"
            self._denied(f"there is no token in {where}")
        return token


def _data(answer: object) -> dict[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def _errors(answer: object) -> str:
    """What Vault says; to be looked at, never to be repeated."""
    said = answer.get("errors") if isinstance(answer, dict) else None
    return " ".join(map(str, said)) if isinstance(said, list) else ""


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _raw(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Unanswered("its answer is not what Vault says") from None
