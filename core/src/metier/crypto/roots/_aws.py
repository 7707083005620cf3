"""The root key in AWS KMS."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from metier.crypto._root import KeyringError
from metier.crypto.roots._service import ServiceRoot, Unanswered, checked_address, plain, sdk

_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key/[\w-]+", re.ASCII)
_WRONG: Final = frozenset(("InvalidCiphertextException", "IncorrectKeyException"))
_DENIED: Final = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "UnrecognizedClientException",
    )
)
_TRANSIENT: Final = frozenset(
    (
        "DependencyTimeoutException",
        "KMSInternalException",
        "KeyUnavailableException",
        "LimitExceededException",
        "RequestTimeout",
        "ThrottlingException",
    )
)
_STATE: Final = frozenset(("DisabledException", "KMSInvalidStateException"))


class AwsKmsRoot(ServiceRoot):
    """A symmetric key of AWS KMS, named by its ARN.

    Credentials come from where the AWS SDK looks for them: environment, profile, role.

    Args:
        arn: of the key itself; an alias can be pointed at another key, so none is taken.
        address: an endpoint other than the region's own, such as one of a private network.
        timeout: seconds to connect, and to wait for an answer.
        tries: how often a request is sent where no answer comes.

    Raises:
        ValueError: where an argument is malformed.
        KeyringError: where `metier[aws]` is not installed, or the SDK finds a broken profile.
    """

    kind: ClassVar[str] = "aws"
    loggers: ClassVar[tuple[str, ...]] = ("botocore", "boto3", "urllib3")

    def __init__(
        self, arn: str, *, address: str = "", timeout: float = 5.0, tries: int = 3
    ) -> None:
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ValueError(
                "`key` of an AWS root is the ARN of a key, not of an alias, such as "
                "'arn:aws:kms:eu-central-1:111122223333:key/…'"
            )
        super().__init__(f"aws:{arn}", tries)
        self._arn = arn
        self._errors = sdk("botocore.exceptions", "aws")
        config = sdk("botocore.config", "aws").Config(
            connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}
        )
        try:
            self._client = (
                sdk("boto3", "aws")
                .session.Session()
                .client(
                    "kms",
                    region_name=found[1],
                    endpoint_url=checked_address(address) if address else None,
                    config=config,
                )
            )
        except self._errors.BotoCoreError as error:
            self._denied(f"the AWS SDK's configuration is broken ({type(error).__name__})")

    def _encrypt(self, plain: bytes, label: bytes) -> bytes:
        answer = self._call(
            "encrypt", KeyId=self._arn, Plaintext=plain, EncryptionContext=_context(label)
        )
        return bytes(answer["CiphertextBlob"])

    def _decrypt(self, blob: bytes, label: bytes) -> bytes:
        answer = self._call(
            "decrypt", KeyId=self._arn, CiphertextBlob=blob, EncryptionContext=_context(label)
        )
        return bytes(answer["Plaintext"])

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        except self._errors.ClientError as error:
            self._refused(error.response)
        except (
            self._errors.NoCredentialsError,
            self._errors.PartialCredentialsError,
            self._errors.CredentialRetrievalError,
            self._errors.TokenRetrievalError,
        ) as error:
            self._denied(f"the AWS SDK has no credentials ({type(error).__name__})")
        except self._errors.BotoCoreError as error:
            raise Unanswered(f"no answer ({type(error).__name__})") from None
        if answer.get("KeyId") != self._arn:
            raise Unanswered("its answer names another key")
        return answer

    def _refused(self, response: dict[str, Any]) -> None:
        code = plain(response.get("Error", {}).get("Code"))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _WRONG:
            self._wrong()
        if code in _DENIED:
            self._denied(code)
        if code == "NotFoundException":
            self._missing(code)
        if code in _STATE:
            self._unavailable(
                f"{code}. Enable the key again, or cancel its deletion while that can be done."
            )
        if code in _TRANSIENT or status >= 500:
            raise Unanswered(code)
        raise KeyringError(
            f"AWS KMS refused the root key {self.id} ({code}). Check that it is a symmetric key "
            "for encryption. Nothing was changed."
        ) from None


def _context(label: bytes) -> dict[str, str]:
    return {"metier-context": label.hex()}
