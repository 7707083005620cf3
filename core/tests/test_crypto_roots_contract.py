"""Every kind of root keeps one contract."""

from __future__ import annotations

import copy
import logging
import pickle
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roots_doubles import (
    AzureDouble,
    Double,
    GcpDouble,
    InventedCredential,
    VaultDouble,
    certificate,
    led_here,
    nobody,
)
from roots_server import vault_server

from metier.crypto.roots import (
    AwsKmsRoot,
    AzureKeyVaultRoot,
    FileRoot,
    GcpKmsRoot,
    KeyringError,
    PassphraseRoot,
    Root,
    VaultTransitRoot,
    _service,
    create_root,
    open_root,
)

KEY = bytes(range(32))
HERE = b"tenant-acme"
SERVICES = [
    "vault",
    pytest.param("vault-server", marks=pytest.mark.slow),
    "aws",
    "gcp",
    "azure-rsa",
    "azure-hsm",
]


@dataclass(frozen=True)
class Case:
    """A root; the same one opened anew; one of another key; one whose service is not there."""

    kind: str
    root: Root
    again: Root
    other: Root
    away: Root | None = None
    double: Double | None = None


def of_file(stack: ExitStack, folder: Path, passphrase: str | None) -> Case:
    root = create_root(folder / "root.key", passphrase)
    again = open_root(folder / "root.key", passphrase)
    return Case("passphrase" if passphrase else "file", root, again, create_root(folder / "b.key"))


def of_vault(stack: ExitStack) -> Case:
    double = VaultDouble()
    stack.callback(double.close)
    double.make("metier")
    double.make("other")
    stack.enter_context(pytest.MonkeyPatch.context()).setenv("VAULT_TOKEN", VaultDouble.TOKEN)
    root, again, other = (
        VaultTransitRoot(double.address, name) for name in ("metier", "metier", "other")
    )
    return Case("vault", root, again, other, VaultTransitRoot(nobody(), "metier"), double)


def of_vault_server(stack: ExitStack) -> Case:
    server = stack.enter_context(vault_server())
    patch = stack.enter_context(pytest.MonkeyPatch.context())

    def root(name: str, address: str = server.address) -> Root:
        variable = f"TOKEN_OF_{name.upper()}"
        return VaultTransitRoot(address, name, token_env=variable)

    for name in ("metier", "other"):
        server.make(name)
        patch.setenv(f"TOKEN_OF_{name.upper()}", server.token(name))
    return Case("vault", root("metier"), root("metier"), root("other"), root("metier", nobody()))


def of_aws(stack: ExitStack) -> Case:
    moto = pytest.importorskip("moto", reason="moto is not installed")
    import boto3

    stack.enter_context(moto.mock_aws())
    kms = boto3.client("kms", region_name="eu-central-1")
    one, two = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    away = AwsKmsRoot(one, address=nobody())
    return Case("aws", AwsKmsRoot(one), AwsKmsRoot(one), AwsKmsRoot(two), away)


def of_gcp(stack: ExitStack) -> Case:
    pytest.importorskip("google.cloud.kms", reason="google-cloud-kms is not installed")
    from google.auth.credentials import AnonymousCredentials

    double = GcpDouble()
    stack.callback(double.close)
    one, two = double.make("metier"), double.make("other")

    def root(name: str, address: str = double.address) -> Root:
        return GcpKmsRoot(name, address=address, credentials=AnonymousCredentials())

    return Case("gcp", root(one), root(one), root(two), root(one, nobody()), double)


def of_azure(stack: ExitStack, folder: Path, hsm: bool) -> Case:
    pytest.importorskip("azure.keyvault.keys", reason="azure-keyvault-keys is not installed")
    context, trusted = certificate(folder, AzureDouble.HOST)
    double = AzureDouble(context)
    stack.callback(double.close)
    stack.enter_context(led_here(AzureDouble.HOST))
    one, two = double.make("metier", hsm), double.make("other", hsm)

    def root(url: str) -> Root:
        return AzureKeyVaultRoot(
            url,
            credential=InventedCredential(),
            algorithm="A256KW" if hsm else "RSA-OAEP-256",
            ca_file=trusted,
        )

    port = nobody().rpartition(":")[2]
    away = root(one.replace(f":{double.port}/", f":{port}/"))
    return Case("azure", root(one), root(one), root(two), away, double)


def built(kind: str, stack: ExitStack, folder: Path) -> Case:
    if kind in ("file", "passphrase"):
        return of_file(stack, folder, "correct horse" if kind == "passphrase" else None)
    if kind.startswith("azure"):
        return of_azure(stack, folder, hsm=kind == "azure-hsm")
    make = {"vault": of_vault, "vault-server": of_vault_server, "aws": of_aws, "gcp": of_gcp}
    return make[kind](stack)


@pytest.fixture(scope="module", params=["file", "passphrase", *SERVICES])
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(_service.ServiceRoot, "pause", 0.0)
        yield built(request.param, stack, tmp_path_factory.mktemp("root"))


def refused(root: Root, wrapped: bytes, context: bytes = HERE) -> KeyringError:
    with pytest.raises(KeyringError) as caught:
        root.unwrap(wrapped, context)
    return caught.value


def test_what_was_wrapped_opens_also_in_another_process(case: Case) -> None:
    wrapped = case.root.wrap(KEY, HERE)
    assert case.root.unwrap(wrapped, HERE) == case.again.unwrap(wrapped, HERE) == KEY
    assert KEY not in wrapped


def test_its_id_is_stable_and_another_keys_is_another(case: Case) -> None:
    assert case.root.kind == case.kind
    assert case.root.id == case.again.id != case.other.id


def test_no_two_wrappings_are_alike(case: Case) -> None:
    assert case.root.wrap(KEY, HERE) != case.root.wrap(KEY, HERE)


@pytest.mark.parametrize("context", [b"", b"tenant-acmf", b"tenant-acme\0", b"tenant-acm"])
def test_another_context_is_refused(case: Case, context: bytes) -> None:
    assert refused(case.root, case.root.wrap(KEY, HERE), context).code == "root_wrong"


def test_another_key_is_refused(case: Case) -> None:
    assert refused(case.other, case.root.wrap(KEY, HERE)).code == "root_wrong"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_flipped_bit_is_refused(case: Case, data: st.DataObject) -> None:
    wrapped = bytearray(case.root.wrap(KEY, HERE))
    bit = data.draw(st.integers(0, len(wrapped) * 8 - 1))
    wrapped[bit // 8] ^= 1 << bit % 8
    assert refused(case.root, bytes(wrapped)).code in ("root_wrong", "root_denied")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_was_cut_or_lengthened_is_refused(case: Case, data: st.DataObject) -> None:
    wrapped = case.root.wrap(KEY, HERE)
    end = data.draw(st.integers(0, len(wrapped) - 1))
    more = data.draw(st.binary(min_size=1, max_size=8))
    assert refused(case.root, wrapped[:end]).code in ("root_wrong", "root_denied")
    assert refused(case.root, wrapped + more).code == "root_wrong"


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
def test_noise_is_refused(case: Case, noise: bytes) -> None:
    assert refused(case.root, noise).code == "root_wrong"


def test_two_wrappings_put_together_are_refused(case: Case) -> None:
    one, two = case.root.wrap(KEY, HERE), case.root.wrap(KEY[::-1], HERE)
    mixed = {one[:-cut] + two[-cut:] for cut in (16, 30, 50, 93)} - {one, two}
    assert len(mixed) >= 3
    for wrapped in mixed:
        assert refused(case.root, wrapped).code == "root_wrong"


def test_its_repr_shows_nothing_and_it_is_neither_pickled_nor_copied(case: Case) -> None:
    assert repr(case.root) == f"{type(case.root).__name__}(hidden)"
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(case.root)


def test_an_error_names_neither_key_nor_context(case: Case) -> None:
    said = str(refused(case.root, case.root.wrap(KEY, HERE), b"tenant-secret"))
    assert "tenant-secret" not in said and "acme" not in said.replace(case.root.id, "")
    assert "Never set up a new root key" in said or "never" in said


def test_a_service_that_is_not_there_is_told_from_a_wrong_key(case: Case) -> None:
    if case.away is None:
        assert isinstance(case.root, FileRoot | PassphraseRoot)
        return
    wrapped = case.root.wrap(KEY, HERE)
    assert case.away.id == case.root.id or case.kind == "azure"
    with pytest.raises(KeyringError) as caught:
        case.away.wrap(KEY, HERE)
    assert caught.value.code == "root_unavailable"
    if case.away.id == case.root.id:
        error = refused(case.away, wrapped)
        assert error.code == "root_unavailable" and "Never set up a new root key" in str(error)


def test_the_service_and_the_logs_see_neither_key_nor_context_nor_inner_key(
    case: Case, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = b"inner key, 32 bytes, all known!!"
    monkeypatch.setattr(_service.secrets, "token_bytes", lambda size: inner[:size])
    with caplog.at_level(logging.DEBUG):
        wrapped = case.root.wrap(KEY, HERE)
        assert case.root.unwrap(wrapped, HERE) == KEY
    for secret in (inner, KEY, HERE):
        for form in (str(secret), secret.hex(), b64encode(secret).decode().rstrip("=")[:-1]):
            assert form not in caplog.text
    if case.double is not None:
        sent = b"".join(asked.path.encode() + asked.body for asked in case.double.seen)
        for secret in (KEY, HERE):
            for raw in (secret, secret.hex().encode(), b64encode(secret).rstrip(b"=")[:-1]):
                assert raw not in sent
