"""The root key in Google Cloud KMS."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final, NoReturn

from metier.crypto._root import KeyringError
from metier.crypto.roots._service import ServiceRoot, Unanswered, checked_address, plain, sdk

_NAME: Final = re.compile(
    r"(projects/[\w.:-]+/locations/[\w-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+)/cryptoKeyVersions/\d+",
    re.ASCII,
)
_DENIED: Final = frozenset(("PERMISSION_DENIED", "UNAUTHENTICATED"))
_TRANSIENT: Final = frozenset(
    ("ABORTED", "CANCELLED", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE")
)


class GcpKmsRoot(ServiceRoot):
    """A symmetric key of Google Cloud KMS, pinned to one version.

    Both ways each piece goes with its CRC32C, as Google advises; one that does not match is
    asked for again. Credentials are the application default ones.

    Args:
        name: "projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/N".
        address: an endpoint other than Google's own, such as one of a private network.
        credentials: of `google.auth`; the application default ones where None.
        timeout: seconds for a request.
        tries: how often a request is sent where no answer comes.

    Raises:
        ValueError: where an argument is malformed.
        KeyringError: where `metier[gcp]` is not installed or no credentials are found.
    """

    kind: ClassVar[str] = "gcp"
    loggers: ClassVar[tuple[str, ...]] = ("google", "urllib3")

    def __init__(
        self,
        name: str,
        *,
        address: str = "",
        credentials: Any = None,
        timeout: float = 5.0,
        tries: int = 3,
    ) -> None:
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(
                "`key` of a GCP root is the full name of a key's version: projects/…/locations/…/"
                "keyRings/…/cryptoKeys/…/cryptoKeyVersions/N"
            )
        super().__init__(f"gcp:{name}", tries)
        self._name, self._key, self._timeout = name, found[1], timeout
        kms = sdk("google.cloud.kms", "gcp")
        self._api = sdk("google.api_core.exceptions", "gcp")
        self._auth = sdk("google.auth.exceptions", "gcp")
        self._http = sdk("requests.exceptions", "gcp")
        options = {"api_endpoint": checked_address(address)} if address else None
        try:
            # Over HTTP and not gRPC: no threads of its own, so a server may fork after it.
            self._client = kms.KeyManagementServiceClient(
                credentials=credentials, transport="rest", client_options=options
            )
        except self._auth.GoogleAuthError as error:
            self._denied(f"Google's library has no credentials ({type(error).__name__})")

    def _encrypt(self, plain: bytes, label: bytes) -> bytes:
        answer = self._call(
            "encrypt",
            name=self._name,
            plaintext=plain,
            plaintext_crc32c=crc32c(plain),
            **_bound(label),
        )
        if answer.name != self._name:
            raise Unanswered("its answer names another key")
        received = (
            answer.verified_plaintext_crc32c
            and answer.verified_additional_authenticated_data_crc32c
        )
        ciphertext = bytes(answer.ciphertext)
        if not received or answer.ciphertext_crc32c != crc32c(ciphertext):
            raise Unanswered("a checksum does not match")
        return ciphertext

    def _decrypt(self, blob: bytes, label: bytes) -> bytes:
        answer = self._call(
            "decrypt",
            name=self._key,
            ciphertext=blob,
            ciphertext_crc32c=crc32c(blob),
            **_bound(label),
        )
        opened = bytes(answer.plaintext)
        if answer.plaintext_crc32c != crc32c(opened):
            raise Unanswered("a checksum does not match")
        return opened

    def _call(self, operation: str, **request: Any) -> Any:
        call = getattr(self._client, operation)
        try:
            return call(request=request, retry=None, timeout=self._timeout)
        except self._api.GoogleAPICallError as error:
            self._refused(_status(error), operation)
        except self._auth.TransportError:
            raise Unanswered("no answer (TransportError)") from None
        except self._auth.GoogleAuthError as error:
            self._denied(type(error).__name__)
        except (self._http.RequestException, self._api.GoogleAPIError) as error:
            raise Unanswered(f"no answer ({type(error).__name__})") from None

    def _refused(self, status: str, operation: str) -> NoReturn:
        if status in _DENIED:
            self._denied(status)
        if status == "NOT_FOUND":
            self._missing(status)
        if status == "INVALID_ARGUMENT" and operation == "decrypt":
            self._wrong()
        if status == "FAILED_PRECONDITION":
            self._unavailable(
                "its version is disabled or to be destroyed. Enable or restore it while that "
                "can be done."
            )
        if status in _TRANSIENT:
            raise Unanswered(status)
        raise KeyringError(
            f"Google Cloud KMS refused the root key {self.id} ({status}). Check that it is a key "
            "with the purpose ENCRYPT_DECRYPT. Nothing was changed."
        ) from None


def _bound(label: bytes) -> dict[str, Any]:
    return {
        "additional_authenticated_data": label,
        "additional_authenticated_data_crc32c": crc32c(label),
    }


def _status(error: Any) -> str:
    """The canonical name of an error. The HTTP code says less: 400 stands for two of them."""
    try:
        body = error.response.json()
    except (AttributeError, ValueError):
        body = None
    inner = body.get("error") if isinstance(body, dict) else None
    status = plain(inner.get("status") if isinstance(inner, dict) else None)
    if status == "no code" and isinstance(error.code, int) and error.code >= 500:
        return "UNAVAILABLE"  # a proxy on the way answers in words of its own
    return status


def crc32c(data: bytes) -> int:
    """The CRC-32C checksum (Castagnoli; RFC 3720, appendix B.4)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
