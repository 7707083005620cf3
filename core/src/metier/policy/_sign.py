"""Signatures of policy files: Ed25519, detached, in `NAME.yaml.sig`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metier.model import MetierError
from metier.policy._read import bad

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KIND = "ed25519"
_KEY, _SIGNATURE = 32, 64
_LONGEST = 4096


def new_key(path: Path, passphrase: str | None = None) -> tuple[Path, str]:
    """Writes a new private key (PEM, PKCS #8) that only its owner can read, and its public key.

    Args:
        path: must not exist; a key that is overwritten is lost.
        passphrase: encrypts the file.

    Returns:
        The file of the public key (PEM), for `policy_keys`, and the key in hex.

    Raises:
        MetierError: the file is there already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
    )  # fmt: skip
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = path.with_suffix(".pub.pem")
    for file, content, mode in ((path, pem, 0o600), (beside, public, 0o644)):
        try:
            opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise MetierError(
                f"{file} exists; a key is never overwritten. Choose another file.",
                code="key_exists",
            ) from None
        with os.fdopen(opened, "wb") as written:
            written.write(content)
    return beside, key.public_key().public_bytes_raw().hex()


def read_public_keys(paths: Iterable[Path]) -> list[bytes]:
    """The public keys of PEM files, as `load` takes them.

    Raises:
        MetierError: a file can't be read, or holds no public Ed25519 key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = []
    for path in paths:
        try:
            key = serialization.load_pem_public_key(path.read_bytes())
        except OSError as error:
            raise MetierError(f"{path}: {error.strerror}.", code="bad_key") from None
        except (ValueError, UnsupportedAlgorithm):
            key = None  # told below
        if not isinstance(key, Ed25519PublicKey):
            raise MetierError(
                f"{path} is no public Ed25519 key in PEM; `metier policy keygen` writes one beside "
                "the private key.",
                code="bad_key",
            )
        found.append(key.public_bytes_raw())
    return found


def sign_policy(
    path: Path, digest: str, key: Path, passphrase: str | None = None
) -> tuple[Path, str]:
    """Signs a policy file.

    Args:
        path: the policy file; the signature is written beside it.
        digest: of the file, as `load` gives it.
        key: the private key, as `new_key` writes it.
        passphrase: of the key, where it has one.

    Returns:
        The signature's file, and the public key in hex.

    Raises:
        MetierError: the key can't be used.
    """
    private = _private(key, passphrase)
    public = private.public_key().public_bytes_raw().hex()
    target = path.with_name(f"{path.name}.sig")
    text = f"{_KIND} {public} {private.sign(_message(digest)).hex()}\n"
    fresh = target.with_name(f"{target.name}.new")
    fresh.write_text(text, "ascii")
    fresh.replace(target)
    return target, public


def signature_of(path: Path) -> bytes | None:
    """The content of the signature beside a policy file; None where there is none.

    Raises:
        MetierError: it is there and can't be read.
    """
    file = path.with_name(f"{path.name}.sig")
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise bad(path, f"{file.name}: {error.strerror}") from None


def check_signature(path: Path, signature: bytes, digest: str, trusted: Sequence[bytes]) -> str:
    """Checks a signature; returns the public key in hex.

    Raises:
        MetierError: it is none, is of a key that is not trusted, or of other content.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name = f"{path.name}.sig"
    try:
        kind, public_hex, signed_hex = signature.decode("ascii").split()
        public, signed = bytes.fromhex(public_hex), bytes.fromhex(signed_hex)
    except ValueError:
        raise bad(path, f"{name} is not a signature") from None
    if kind != _KIND or len(public) != _KEY or len(signed) != _SIGNATURE:
        raise bad(path, f"{name} is not a signature")
    if public not in trusted:
        raise bad(path, f"{name} is by a key that `policy_keys` does not list ({public.hex()})")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, _message(digest))
    except InvalidSignature:
        raise bad(
            path, f"{name} does not match: the file was changed after it was signed"
        ) from None
    return public.hex()


def _message(digest: str) -> bytes:
    return f"metier policy signature 1\n{digest}\n".encode("ascii")


def _private(path: Path, passphrase: str | None) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key(
            path.read_bytes(), passphrase.encode() if passphrase else None
        )
    except OSError as error:
        raise MetierError(f"{path}: {error.strerror}.", code="bad_key") from None
    except TypeError:
        needs = "has no passphrase" if passphrase else "needs its passphrase (--passphrase-env)"
        raise MetierError(f"The key {path.name} {needs}.", code="bad_key") from None
    except (ValueError, UnsupportedAlgorithm):
        raise MetierError(
            f"{path.name} is not a private key in PEM, or its passphrase is wrong.", code="bad_key"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise MetierError(
            f"{path.name} is not an Ed25519 key; `metier policy keygen` makes one.", code="bad_key"
        )
    return key
