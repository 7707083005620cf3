"""The table `[root]`: it opens what it names, holds no secret, and makes no key."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from roots_doubles import VaultDouble

from metier.crypto.roots import (
    AwsKmsRoot,
    FileRoot,
    KeyringError,
    PassphraseRoot,
    RootSettings,
    VaultTransitRoot,
    create_root,
    root_from_settings,
)

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VERSION = "projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
URL = "https://acme.vault.azure.net/keys/metier/0123abcd"


def test_by_default_it_is_the_file_in_the_home(tmp_path: Path) -> None:
    made = create_root(tmp_path / "root.key")
    root = root_from_settings(RootSettings(), tmp_path)
    assert isinstance(root, FileRoot) and root.id == made.id


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="metier setup"):
        root_from_settings(RootSettings(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_comes_from_the_variable_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_root(tmp_path / "locked.key", "correct horse")
    settings = RootSettings(kind="passphrase", path=Path("locked.key"), credentials_env="MY_WORDS")
    with pytest.raises(KeyringError, match="MY_WORDS"):
        root_from_settings(settings, tmp_path)
    monkeypatch.setenv("MY_WORDS", "correct horse")
    root = root_from_settings(settings, tmp_path)
    assert isinstance(root, PassphraseRoot) and root.id == made.id
    assert RootSettings(kind="passphrase").secret_env == "METIER_PASSPHRASE"


def test_a_locked_file_of_before_the_setting_opens_with_the_customary_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_root(tmp_path / "root.key", "correct horse")
    monkeypatch.delenv("METIER_PASSPHRASE", raising=False)
    with pytest.raises(KeyringError, match="METIER_PASSPHRASE"):
        root_from_settings(RootSettings(), tmp_path)
    monkeypatch.setenv("METIER_PASSPHRASE", "correct horse")
    assert root_from_settings(RootSettings(), tmp_path).id == made.id


def test_a_file_without_a_passphrase_is_refused_where_one_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_root(tmp_path / "root.key")
    monkeypatch.setenv("METIER_PASSPHRASE", "correct horse")
    with pytest.raises(KeyringError, match="opens without a passphrase"):
        root_from_settings(RootSettings(kind="passphrase"), tmp_path)


def test_vault_is_opened_with_all_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = VaultDouble()
    double.make("metier", versions=2)
    (tmp_path / "token").write_text(VaultDouble.TOKEN)
    try:
        settings = RootSettings(
            kind="vault",
            address=double.address,
            key="metier",
            version=2,
            namespace="team",
            credentials_file=Path("token"),
        )
        root = root_from_settings(settings, tmp_path)
        assert isinstance(root, VaultTransitRoot) and root.id == "vault:team/transit/metier:v2"
        assert root.unwrap(root.wrap(bytes(32), b"here"), b"here") == bytes(32)
    finally:
        double.close()


def test_a_cloud_root_is_opened_without_asking_the_service() -> None:
    pytest.importorskip("boto3", reason="boto3 is not installed")
    root = root_from_settings(RootSettings(kind="aws", key=ARN))
    assert isinstance(root, AwsKmsRoot) and root.id == f"aws:{ARN}"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('kind = "hsm"', "kind"),
        ('kind = "vault"', "needs `address`"),
        ('kind = "vault"\naddress = "https://vault.example"', "needs `key`"),
        ('kind = "aws"', "needs `key`"),
        ('kind = "file"\nkey = "x"', "`key` has no meaning"),
        ('kind = "file"\ncredentials_env = "X"', "`credentials_env` has no meaning"),
        ('kind = "aws"\nkey = "x"\ncredentials_env = "X"', "`credentials_env` has no meaning"),
        ('kind = "vault"\naddress = "https://v"\nkey = "x"\ntoken = "hvs.s3cret"', "token"),
        ('kind = "passphrase"\ncredentials_env = "correct horse"', "credentials_env"),
        ('kind = "vault"\naddress = "https://v"\nkey = "x"\nversion = 0', "version"),
        ('kind = "vault"\naddress = "https://v"\nkey = "x"\ntimeout = 0', "timeout"),
        ('kind = "vault"\naddress = "https://v"\nkey = "x"\ntries = 99', "tries"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(table: str, problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RootSettings.model_validate(tomllib.loads(table))
    assert problem in str(caught.value.errors(include_input=False))


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        ("vault", {"address": "http://vault.example", "key": "k"}, "must be https"),
        ("vault", {"address": "https://vault.example", "key": "../k"}, "`key`"),
        ("aws", {"key": "alias/k"}, "ARN"),
        ("gcp", {"key": "k"}, "cryptoKeyVersions"),
        ("azure", {"key": "https://acme.vault.azure.net/keys/k"}, "identifier"),
    ],
)
def test_a_value_that_names_no_key_is_refused(
    kind: Any, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(KeyringError, match=r"setting `root`") as caught:
        root_from_settings(RootSettings(kind=kind, **options))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "key", "package"),
    [
        ("aws", ARN, "boto3"),
        ("gcp", VERSION, "google.cloud.kms"),
        ("azure", URL, "azure.keyvault.keys"),
    ],
)
def test_a_package_that_is_not_installed_is_named_by_its_extra(
    kind: Any, key: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    if kind == "aws":
        monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(KeyringError) as caught:
        root_from_settings(RootSettings(kind=kind, key=key))
    assert f"pip install 'metier[{kind}]'" in str(caught.value)


def test_the_clouds_packages_are_loaded_only_where_they_are_used() -> None:
    import subprocess

    code = (
        "import sys, metier.crypto.roots; "
        "print([m for m in ('boto3','botocore','google.cloud','grpc','azure') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
