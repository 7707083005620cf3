"""AWS, Google and Azure: each answer of the service has its meaning, and tries are bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from roots_doubles import (
    Asked,
    AzureDouble,
    Fault,
    GcpDouble,
    InventedCredential,
    certificate,
    led_here,
)

from metier.crypto.roots import (
    AwsKmsRoot,
    AzureKeyVaultRoot,
    GcpKmsRoot,
    KeyringError,
    Root,
    _service,
)
from metier.crypto.roots._gcp import crc32c

KEY, HERE = bytes(range(32)), b"tenant-acme"
ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_service.ServiceRoot, "pause", 0.0)


def error_of(root: Root, wrapped: bytes | None = None) -> KeyringError:
    with pytest.raises(KeyringError) as caught:
        root.wrap(KEY, HERE) if wrapped is None else root.unwrap(wrapped, HERE)
    assert "invented text" not in str(caught.value)
    return caught.value


# --- AWS ------------------------------------------------------------------------------


def aws(code: str, status: int, times: int = 1) -> KeyringError:
    """What becomes of an error of AWS KMS."""
    stub = pytest.importorskip("botocore.stub", reason="boto3 is not installed")
    root = AwsKmsRoot(ARN, tries=times)
    with stub.Stubber(root._client) as stubber:
        for _ in range(times):
            stubber.add_client_error("encrypt", code, "invented text", status)
        error = error_of(root)
        stubber.assert_no_pending_responses()
    return error


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("AccessDeniedException", 400, "root_denied"),
        ("ExpiredTokenException", 400, "root_denied"),
        ("UnrecognizedClientException", 400, "root_denied"),
        ("NotFoundException", 400, "root_missing"),
        ("IncorrectKeyException", 400, "root_wrong"),
        ("InvalidCiphertextException", 400, "root_wrong"),
        ("DisabledException", 400, "root_unavailable"),
        ("KMSInvalidStateException", 400, "root_unavailable"),
        ("InvalidKeyUsageException", 400, "keyring"),
        ("strange text, not a code", 400, "keyring"),
    ],
)
def test_aws_errors_that_another_try_would_not_mend(code: str, status: int, meaning: str) -> None:
    error = aws(code, status)
    assert error.code == meaning and "strange text" not in str(error)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("KMSInternalException", 500),
        ("DependencyTimeoutException", 503),
        ("KeyUnavailableException", 500),
        ("SomethingNew", 502),
    ],
)
def test_aws_errors_that_pass_are_tried_so_often_and_no_more(code: str, status: int) -> None:
    assert aws(code, status, times=3).code == "root_unavailable"


def test_an_answer_of_another_aws_key_is_not_taken() -> None:
    stub = pytest.importorskip("botocore.stub", reason="boto3 is not installed")
    root = AwsKmsRoot(ARN, tries=1)
    with stub.Stubber(root._client) as stubber:
        answer = {"CiphertextBlob": b"x" * 64, "KeyId": ARN.replace("1234abcd", "00000000")}
        stubber.add_response("encrypt", answer)
        error = error_of(root)
    assert error.code == "root_unavailable" and "names another key" in str(error)


def test_aws_without_credentials_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("boto3", reason="boto3 is not installed")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert error_of(AwsKmsRoot(ARN)).code == "root_denied"
    monkeypatch.setenv("AWS_PROFILE", "none")
    with pytest.raises(KeyringError) as caught:
        AwsKmsRoot(ARN)
    assert caught.value.code == "root_denied"


@pytest.mark.parametrize(
    "arn",
    [
        "alias/metier",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-central-1:111122223333:alias/metier",
        "arn:aws:s3:eu-central-1:111122223333:key/1234abcd",
        ARN + "/",
        "",
    ],
)
def test_only_the_arn_of_a_key_names_an_aws_root(arn: str) -> None:
    with pytest.raises(ValueError, match="ARN"):
        AwsKmsRoot(arn)


# --- Google -----------------------------------------------------------------------------


@pytest.fixture
def gcp() -> Iterator[tuple[GcpDouble, GcpKmsRoot]]:
    pytest.importorskip("google.cloud.kms", reason="google-cloud-kms is not installed")
    from google.auth.credentials import AnonymousCredentials

    double = GcpDouble()
    name = double.make("metier")
    yield double, GcpKmsRoot(name, address=double.address, credentials=AnonymousCredentials())
    double.close()


def fault(code: int, status: str) -> Fault:
    return Fault(code, json.dumps(GcpDouble.error(code, status)[1]).encode())


@pytest.mark.parametrize(
    ("answer", "meaning", "asked"),
    [
        (fault(403, "PERMISSION_DENIED"), "root_denied", 1),
        (fault(401, "UNAUTHENTICATED"), "root_denied", None),
        (fault(404, "NOT_FOUND"), "root_missing", 1),
        (fault(400, "INVALID_ARGUMENT"), "root_wrong", 1),
        (fault(400, "FAILED_PRECONDITION"), "root_unavailable", 1),
        (fault(400, "OUT_OF_RANGE"), "keyring", 1),
        (Fault(400, b"<html>"), "keyring", 1),
        (fault(429, "RESOURCE_EXHAUSTED"), "root_unavailable", 3),
        (fault(503, "UNAVAILABLE"), "root_unavailable", 3),
        (fault(500, "INTERNAL"), "root_unavailable", 3),
        (Fault(502, b"<html>"), "root_unavailable", 3),
        (Fault(0), "root_unavailable", 3),
    ],
)
def test_each_answer_of_google_has_its_meaning(
    gcp: tuple[GcpDouble, GcpKmsRoot], answer: Fault, meaning: str, asked: int | None
) -> None:
    double, root = gcp
    wrapped = root.wrap(KEY, HERE)
    double.seen.clear()
    double.faults.extend([answer] * 9)
    assert error_of(root, wrapped).code == meaning
    # The library itself asks for new credentials and tries again after 401.
    assert len(double.seen) == asked or (asked is None and len(double.seen) <= 3)


def test_a_checksum_that_does_not_match_is_asked_for_again(
    gcp: tuple[GcpDouble, GcpKmsRoot],
) -> None:
    double, root = gcp
    double.wrong_sums = 2
    wrapped = root.wrap(KEY, HERE)
    assert root.unwrap(wrapped, HERE) == KEY
    double.wrong_sums = 99
    for error in (error_of(root), error_of(root, wrapped)):
        assert error.code == "root_unavailable" and "checksum" in str(error)
    assert double.wrong_sums == 99 - 6


def test_an_answer_of_another_version_or_without_the_checks_is_not_taken(
    gcp: tuple[GcpDouble, GcpKmsRoot],
) -> None:
    double, root = gcp
    real = double.answer
    for change in (
        {"name": GcpDouble.KEY.format("metier") + "/cryptoKeyVersions/2"},
        {"verifiedPlaintextCrc32c": False},
        {"verifiedAdditionalAuthenticatedDataCrc32c": False},
    ):

        def changed(asked: Asked, change: dict[str, Any] = change) -> tuple[Any, ...]:
            status, answer = real(asked)
            return status, {**answer, **change} if ":encrypt" in asked.path else answer

        double.answer = changed
        assert error_of(root).code == "root_unavailable"


def test_google_without_credentials_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("google.cloud.kms", reason="google-cloud-kms is not installed")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(KeyringError) as caught:
        GcpKmsRoot(GcpDouble.KEY.format("k") + "/cryptoKeyVersions/1")
    assert caught.value.code == "root_denied"


@pytest.mark.parametrize("name", ["", "k", GcpDouble.KEY.format("k"), "projects/a/../cryptoKeys/k"])
def test_only_the_name_of_a_version_names_a_gcp_root(name: str) -> None:
    with pytest.raises(ValueError, match="cryptoKeyVersions"):
        GcpKmsRoot(name)


def test_crc32c_as_published() -> None:
    """RFC 3720, appendix B.4, and the customary check value."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"") == 0


# --- Azure ------------------------------------------------------------------------------


class Azure:
    """A key vault on this machine, and roots of its key."""

    def __init__(self, folder: Path) -> None:
        context, self.trusted = certificate(folder, AzureDouble.HOST)
        self.double = AzureDouble(context)
        self.url = self.double.make("metier", hsm=True)

    def root(self, credential: Any = None, **options: Any) -> AzureKeyVaultRoot:
        return AzureKeyVaultRoot(
            self.url,
            credential=credential or InventedCredential(),
            algorithm="A256KW",
            **{"ca_file": self.trusted, **options},
        )


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    pytest.importorskip("azure.keyvault.keys", reason="azure-keyvault-keys is not installed")
    made = Azure(tmp_path)
    with led_here(AzureDouble.HOST):
        yield made
    made.double.close()


@pytest.mark.parametrize(
    ("answer", "meaning", "asked"),
    [
        (Fault(403), "root_denied", 1),
        (Fault(401), "root_denied", 1),
        (Fault(404), "root_missing", 1),
        (Fault(400), "root_wrong", 1),
        (Fault(405), "keyring", 1),
        (Fault(307, headers=(("Location", "https://elsewhere.example/"),)), "keyring", 1),
        (Fault(429), "root_unavailable", 3),
        (Fault(503), "root_unavailable", 3),
        (Fault(0), "root_unavailable", 3),
        (Fault(200, b"not JSON"), "root_unavailable", 3),
        (Fault(200, b'{"kid": "https://acme.vault.azure.net/keys/x/1"}'), "root_unavailable", 3),
        (Fault(200, b'{"kid": "x", "value": "AAAA"}'), "root_unavailable", 3),
    ],
)
def test_each_answer_of_azure_has_its_meaning(
    azure: Azure, answer: Fault, meaning: str, asked: int
) -> None:
    root = azure.root()
    wrapped = root.wrap(KEY, HERE)
    azure.double.seen.clear()
    azure.double.faults.extend([answer] * 9)
    assert error_of(root, wrapped).code == meaning
    assert len(azure.double.seen) == asked


def test_a_symmetric_key_is_never_replaced_by_one_made_here(azure: Azure) -> None:
    """The SDK's own client does so where the service keeps the key's bytes to itself."""
    wrapped = azure.root().wrap(KEY, HERE)
    assert azure.root().unwrap(wrapped, HERE) == KEY
    assert [a.path.partition("?")[0].rpartition("/")[2] for a in azure.double.seen].count(
        "wrapkey"
    ) >= 1


def test_no_token_goes_to_who_is_no_key_vault(azure: Azure) -> None:
    azure.double.resource = "https://evil.example"
    error = error_of(azure.root())
    assert error.code == "root_unavailable" and "no key vault" in str(error)
    assert all("authorization" not in asked.headers for asked in azure.double.seen)


def test_azure_without_credentials_says_so(azure: Azure) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    class Failing:
        def get_token(self, *scopes: str, **options: Any) -> Any:
            raise ClientAuthenticationError("invented text")

    assert error_of(azure.root(Failing())).code == "root_denied"


def test_a_certificate_that_is_not_trusted_is_not_spoken_with(azure: Azure) -> None:
    error = error_of(azure.root(ca_file=None))
    assert error.code == "root_unavailable" and azure.double.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.vault.azure.net/keys/metier",
        "http://acme.vault.azure.net/keys/metier/0123",
        "https://user:pw@acme.vault.azure.net/keys/metier/0123",
        "https://acme.vault.azure.net/keys/metier/0123?x=1",
        "https://acme.vault.azure.net/secrets/metier/0123",
        "",
    ],
)
def test_only_an_identifier_with_its_version_names_an_azure_root(url: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        AzureKeyVaultRoot(url)
