"""The root key in Azure Key Vault or Managed HSM."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NoReturn
from urllib.parse import urlsplit

from metier.crypto._root import KeyringError
from metier.crypto.roots._service import ServiceRoot, Unanswered, sdk

_URL: Final = re.compile(
    r"https://[a-z0-9][a-z0-9.-]*(?::\d+)?/keys/[A-Za-z0-9-]+/[A-Za-z0-9]+", re.ASCII
)


class AzureKeyVaultRoot(ServiceRoot):
    """A key of Azure Key Vault, named by its identifier with its version.

    Key Vault wraps without a context; the seal under the inner key binds it here.

    Args:
        url: "https://NAME.vault.azure.net/keys/KEY/VERSION".
        credential: of `azure.identity`; its `DefaultAzureCredential` where None.
        algorithm: "RSA-OAEP-256" for an RSA key, "A256KW" for a symmetric one of Managed HSM.
        ca_file: certificates to trust instead of the bundled ones.
        timeout: seconds to connect, and to wait for an answer.
        tries: how often a request is sent where no answer comes.

    Raises:
        ValueError: where an argument is malformed.
        KeyringError: where `metier[azure]` is not installed.
    """

    kind: ClassVar[str] = "azure"
    loggers: ClassVar[tuple[str, ...]] = ("azure", "msal", "urllib3")

    def __init__(
        self,
        url: str,
        *,
        credential: Any = None,
        algorithm: Literal["RSA-OAEP-256", "A256KW"] = "RSA-OAEP-256",
        ca_file: Path | None = None,
        timeout: float = 5.0,
        tries: int = 3,
    ) -> None:
        if not _URL.fullmatch(url):
            raise ValueError(
                "`key` of an Azure root is the identifier of a key with its version: "
                "https://NAME.vault.azure.net/keys/KEY/VERSION"
            )
        super().__init__(f"azure:{url}", tries)
        keys = sdk("azure.keyvault.keys", "azure")
        self._errors = sdk("azure.core.exceptions", "azure")
        self._request = sdk("azure.core.rest", "azure").HttpRequest
        if credential is None:
            credential = sdk("azure.identity", "azure").DefaultAzureCredential()
        self._url, self._algorithm = url, algorithm
        parts = urlsplit(url)
        self._path = parts.path
        self._client = keys.KeyClient(
            f"https://{parts.netloc}",
            credential,
            connection_timeout=timeout,
            read_timeout=timeout,
            retry_total=0,
            permit_redirects=False,
            **({} if ca_file is None else {"connection_verify": str(ca_file)}),
        )

    def _encrypt(self, plain: bytes, label: bytes) -> bytes:
        return self._call("wrapkey", plain)

    def _decrypt(self, blob: bytes, label: bytes) -> bytes:
        return self._call("unwrapkey", blob)

    def _call(self, operation: str, data: bytes) -> bytes:
        # Not by the SDK's CryptographyClient: for a symmetric key, whose bytes never leave the
        # HSM, its release 4.11.3 wraps under a random key of its own making, which no other
        # process can open.
        value = urlsafe_b64encode(data).rstrip(b"=").decode()
        request = self._request(
            "POST", f"{self._path}/{operation}", json={"alg": self._algorithm, "value": value}
        )
        try:
            response = self._client.send_request(request)
        except self._errors.ClientAuthenticationError as error:
            self._denied(f"no valid credentials ({type(error).__name__})")
        except self._errors.AzureError as error:
            raise Unanswered(f"no answer ({type(error).__name__})") from None
        except ValueError:
            self._unavailable(
                "who answers asks for a token of another domain, so it is no key vault. Check "
                "the host of `key`."
            )
        if response.status_code != 200:
            self._refused(response.status_code, operation)
        try:
            answer = response.json()
            kid, made = str(answer["kid"]), str(answer["value"])
            result = urlsafe_b64decode(made + "=" * (-len(made) % 4))
        except (ValueError, KeyError, TypeError):
            raise Unanswered("its answer is not what Key Vault says") from None
        if kid.lower() != self._url.lower():
            raise Unanswered("its answer names another key")
        return result

    def _refused(self, status: int, operation: str) -> NoReturn:
        if status in (401, 403):
            self._denied(f"status {status}; a missing role, a firewall, or a disabled key")
        if status == 404:
            self._missing("status 404")
        if status == 400 and operation == "unwrapkey":
            self._wrong()
        if status in (408, 429) or status >= 500:
            raise Unanswered(f"status {status}")
        raise KeyringError(
            f"Azure Key Vault refused the root key {self.id} with status {status}. Check that the "
            "key may wrap and unwrap with this algorithm. Nothing was changed."
        ) from None
