"""The primitives that seal, derive and authenticate, against published test vectors.

Wycheproof's files are not kept here: METIER_DATA names the folder that has them in
`crypto/wycheproof`; without it, `shared/data` in or beside the working directory.
"""

from __future__ import annotations

import hmac
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def folder() -> Path | None:
    here = Path.cwd()
    named = [Path(os.environ["METIER_DATA"])] if "METIER_DATA" in os.environ else []
    for data in (*named, here / "shared" / "data", here.parent / "shared" / "data"):
        if (data / "crypto" / "wycheproof").is_dir():
            return data / "crypto" / "wycheproof"
    return None


def vectors(name: str) -> tuple[int, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """The number that the file says it has, and its vectors, each with its group."""
    found = folder()
    if found is None:
        pytest.skip("Wycheproof's vectors are not here; METIER_DATA names the folder with them")
    file = found / name
    if not file.is_file():
        pytest.skip(f"{name} is not among the vectors here")
    content = json.loads(file.read_text("utf-8"))
    return content["numberOfTests"], [(g, t) for g in content["testGroups"] for t in g["tests"]]


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def test_aes_gcm() -> None:
    said, tests = vectors("aes_gcm_test.json")
    judged = unusual = ours = 0
    for group, test in tests:
        assert group["tagSize"] == 128
        key, nonce, bound = raw(test["key"]), raw(test["iv"]), raw(test["aad"])
        plain, sealed = raw(test["msg"]), raw(test["ct"]) + raw(test["tag"])
        aead = AESGCM(key)
        try:
            opened = aead.decrypt(nonce, sealed, bound)
        except (InvalidTag, ValueError) as error:
            if test["result"] == "valid":
                # The library takes nonces of 8 to 128 bytes; metier's have 12.
                assert isinstance(error, ValueError) and not 8 <= len(nonce) <= 128, test["tcId"]
                unusual += 1
            else:
                judged += 1
            continue
        assert test["result"] == "valid", test["tcId"]
        assert opened == plain and aead.encrypt(nonce, plain, bound) == sealed, test["tcId"]
        judged += 1
        ours += len(key) == 32 and len(nonce) == 12
    assert judged + unusual == said == len(tests) and ours > 0
    print(
        f"aes_gcm_test.json: {judged} passed, {unusual} of a nonce that is not supported; "
        f"{ours} valid ones of metier's key and nonce size"
    )


def test_hkdf_sha256() -> None:
    said, tests = vectors("hkdf_sha256_test.json")
    for _, test in tests:
        try:
            made = HKDF(SHA256(), test["size"], raw(test["salt"]), raw(test["info"])).derive(
                raw(test["ikm"])
            )
        except ValueError:
            assert test["result"] == "invalid", test["tcId"]
            continue
        assert test["result"] == "valid" and made == raw(test["okm"]), test["tcId"]
    assert said == len(tests) > 0
    print(f"hkdf_sha256_test.json: {len(tests)} passed")


def test_hmac_sha256() -> None:
    said, tests = vectors("hmac_sha256_test.json")
    for group, test in tests:
        made = hmac.new(raw(test["key"]), raw(test["msg"]), sha256).digest()
        same = hmac.compare_digest(made[: group["tagSize"] // 8], raw(test["tag"]))
        assert same == (test["result"] == "valid"), test["tcId"]
    assert said == len(tests) > 0
    print(f"hmac_sha256_test.json: {len(tests)} passed")


def test_ed25519() -> None:
    said, tests = vectors("ed25519_test.json")
    for group, test in tests:
        key = group.get("publicKey") or group["key"]
        try:
            Ed25519PublicKey.from_public_bytes(raw(key["pk"])).verify(
                raw(test["sig"]), raw(test["msg"])
            )
            valid = True
        except InvalidSignature:
            valid = False
        assert valid == (test["result"] == "valid"), test["tcId"]
    assert said == len(tests) > 0
    print(f"ed25519_test.json: {len(tests)} passed")


@pytest.mark.parametrize(
    ("seed", "public", "message", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
            "39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
            "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_ed25519_as_in_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    """RFC 8032, section 7.1, tests 1 and 2."""
    key = Ed25519PrivateKey.from_private_bytes(raw(seed))
    assert key.public_key().public_bytes_raw() == raw(public)
    assert key.sign(raw(message)) == raw(signature)
    with pytest.raises(InvalidSignature):
        key.public_key().verify(raw(signature), raw(message) + b"!")


def test_argon2id_as_in_rfc_9106() -> None:
    """RFC 9106, section 5.3."""
    argon = Argon2id(
        salt=b"\x02" * 16,
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=b"\x04" * 12,
        secret=b"\x03" * 8,
    )
    assert argon.derive(b"\x01" * 32) == raw(
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    )
