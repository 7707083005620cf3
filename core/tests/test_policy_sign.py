"""Policies that are vouched for: signed by a trusted key, or pinned by their digest."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from policy_kit import written

from metier.model import MetierError
from metier.policy import load, new_key, read_all, read_public_keys, sign_policy

PASSPHRASE = "correct horse battery"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    new_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def public(key: Path) -> list[bytes]:
    return read_public_keys([key.with_suffix(".pub.pem")])


def refused(path: Path, trusted: list[bytes], pins: dict[str, str] | None = None) -> str:
    with pytest.raises(MetierError) as error:
        load(path, trusted=trusted, pins=pins)
    assert "one.yaml can't be used" in error.value.message
    return error.value.message


def test_a_signed_policy_loads_and_names_its_signer(tmp_path: Path, key: Path) -> None:
    path = written(tmp_path)
    signature, signer = sign_policy(path, load(path).digest, key)
    assert signature == tmp_path / "one.yaml.sig"
    policy = load(path, trusted=public(key))
    assert policy.signer == signer == public(key)[0].hex()
    assert load(path).signer == ""  # nobody asked


def test_where_keys_are_trusted_an_unsigned_policy_is_refused(tmp_path: Path, key: Path) -> None:
    assert "neither signed (one.yaml.sig is missing) nor pinned" in refused(
        written(tmp_path), public(key)
    )


def test_a_policy_that_was_changed_after_it_was_signed_is_refused(
    tmp_path: Path, key: Path
) -> None:
    path = written(tmp_path, "entities: {PERSON: {'*': block}}\n")
    sign_policy(path, load(path).digest, key)
    path.write_text(path.read_text().replace("block", "keep"))
    assert "was changed after it was signed" in refused(path, public(key))


def test_a_signature_covers_the_dictionaries(tmp_path: Path, key: Path) -> None:
    (tmp_path / "words.txt").write_text("Blue Heron\n")
    path = written(tmp_path, "declare: {dictionaries: {PROJECT: {file: words.txt}}}\n")
    sign_policy(path, load(path).digest, key)
    assert load(path, trusted=public(key)).signer
    (tmp_path / "words.txt").write_text("Nothing\n")
    assert "was changed after it was signed" in refused(path, public(key))


def test_a_signature_by_a_key_that_is_not_trusted_is_refused(tmp_path: Path, key: Path) -> None:
    path = written(tmp_path)
    new_key(tmp_path / "other.pem")
    sign_policy(path, load(path).digest, tmp_path / "other.pem")
    assert "by a key that `policy_keys` does not list" in refused(path, public(key))
    assert load(path, trusted=[*public(key), *public(tmp_path / "other.pem")]).signer


def test_a_signature_of_another_policy_is_refused(tmp_path: Path, key: Path) -> None:
    other, path = written(tmp_path, "", "two"), written(tmp_path)
    signature, _ = sign_policy(other, load(other).digest, key)
    signature.rename(tmp_path / "one.yaml.sig")
    assert "does not match" in refused(path, public(key))


@pytest.mark.parametrize(
    "content",
    [b"", b"ed25519", b"rsa aa bb", b"ed25519 zz zz", b"ed25519 aabb ccdd", b"\xff\xfe\x00",
     b"ed25519 " + b"a" * 5000],
)  # fmt: skip
def test_what_is_no_signature_is_refused(tmp_path: Path, key: Path, content: bytes) -> None:
    path = written(tmp_path)
    (tmp_path / "one.yaml.sig").write_bytes(content)
    assert "one.yaml.sig is not a signature" in refused(path, public(key))


def test_every_flipped_bit_of_a_signature_is_refused(tmp_path: Path, key: Path) -> None:
    path = written(tmp_path)
    signature, _ = sign_policy(path, load(path).digest, key)
    kind, signer, signed = signature.read_text().split()
    for bit in range(0, 512, 7):
        flipped = bytearray.fromhex(signed)
        flipped[bit // 8] ^= 1 << bit % 8
        signature.write_text(f"{kind} {signer} {flipped.hex()}\n")
        refused(path, public(key))


# --- pins ------------------------------------------------------------------------------------


def test_a_pin_is_the_files_sha256_and_another_file_of_the_name_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load(path, pins={"one": digest.upper()}).digest == digest
    path.write_text(path.read_text() + "# a comment\n")
    message = refused(path, [], {"one": digest})
    assert "the configuration pins another for 'one'" in message
    assert load(path, pins={"two": digest})


def test_a_pin_vouches_for_a_file_that_is_not_signed(tmp_path: Path, key: Path) -> None:
    path = written(tmp_path)
    assert load(path, trusted=public(key), pins={"one": load(path).digest})


def test_a_pin_does_not_excuse_a_wrong_signature(tmp_path: Path, key: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "one.yaml.sig").write_text("ed25519 aa bb")
    assert "not a signature" in refused(path, public(key), {"one": load(path).digest})


def test_a_pin_of_a_policy_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    path = written(tmp_path)
    pins = {"one": load(path).digest, "gone": "00"}
    with pytest.raises(MetierError, match="pins gone, and no policy file of that name"):
        read_all([path], pins=pins)


# --- keys -------------------------------------------------------------------------------------


def test_a_private_key_is_for_its_owner_alone_and_never_overwritten(
    tmp_path: Path, key: Path
) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    with pytest.raises(MetierError, match="never overwritten"):
        new_key(key)
    assert key.read_bytes() == before


def test_a_key_with_a_passphrase_needs_it(tmp_path: Path) -> None:
    path, key = written(tmp_path), tmp_path / "locked.pem"
    new_key(key, PASSPHRASE)
    digest = load(path).digest
    for passphrase, words in ((None, "needs its passphrase"), ("wrong", "passphrase is wrong")):
        with pytest.raises(MetierError, match=words) as error:
            sign_policy(path, digest, key, passphrase)
        assert PASSPHRASE not in error.value.message
    sign_policy(path, digest, key, PASSPHRASE)
    assert load(path, trusted=public(key)).signer
    with pytest.raises(MetierError, match="has no passphrase"):
        new_key(tmp_path / "open.pem")
        sign_policy(path, digest, tmp_path / "open.pem", PASSPHRASE)


def test_what_is_no_key_is_refused(tmp_path: Path, key: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    path = written(tmp_path)
    other = generate_private_key(SECP256R1())
    (tmp_path / "ec.pem").write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    cases = {"ec.pem": "is not an Ed25519 key", "one.yaml": "is not a private key",
             "gone.pem": "No such file"}  # fmt: skip
    for name, words in cases.items():
        with pytest.raises(MetierError, match=words):
            sign_policy(path, load(path).digest, tmp_path / name)
    for name in (*cases, "key.pem"):
        with pytest.raises(MetierError) as error:
            read_public_keys([tmp_path / name])
        assert error.value.code == "bad_key"
