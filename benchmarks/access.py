"""What letting one request in costs: `python -m benchmarks.access`.

Keys lie in a store on disk; the issuer's key set is in memory, as it is between fetches.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from metier import config
from metier.access import AccessError, Attempts, Authenticator, IssuerSettings, TokenVerifier
from metier.app import Metier, make_keys
from metier.model import Actor
from metier.server import api_keys

ROUNDS = 2000
ISSUER = IssuerSettings(
    issuer="https://id.example", audience="metier", jwks_url="https://id.example/keys"
)
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
}


async def key_set(_: IssuerSettings) -> bytes:
    listed = [
        jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)
        | {"kid": name, "use": "sig", "key_ops": ["verify"]}
        for name, key in KEYS.items()
    ]
    return json.dumps({"keys": listed}).encode()


def token(algorithm: str) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER.issuer, "aud": ISSUER.audience, "sub": "anna", "iat": now, "exp": now + 3600,
        "name": "Anna", "email": "anna@id.example", "groups": ["staff", "ward-3"],
    }  # fmt: skip
    return jwt.encode(claims, KEYS[algorithm], algorithm, headers={"kid": algorithm})


async def timed(access: Authenticator, credential: str) -> Sequence[float]:
    """Microseconds of each round."""
    headers, found = {"authorization": f"Bearer {credential}"}, []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with suppress(AccessError):
            await access.actor(headers, "10.0.0.1")
        found.append((time.perf_counter() - started) * 1e6)
    return sorted(found[ROUNDS // 10 :])


async def measure(home: Path) -> None:
    make_keys(home)
    async with Metier.open(home, config.Settings(embeddings="none")) as app:
        keys = api_keys(app)
        _, key = await keys.create("default", "anna", by="me")
        tokens = TokenVerifier([ISSUER], "default", key_set)

        def access(recheck: float) -> Authenticator:
            fixed = {f"{i:064x}": Actor("default", str(i)) for i in range(100)}
            return Authenticator(
                fixed, keys=keys, tokens=tokens, attempts=Attempts(10**9), recheck=recheck
            )

        for name, credential, recheck in (
            ("key, remembered", key, 3600),
            ("key, looked up in the store", key, 0),
            ("token, remembered", token("RS256"), 3600),
            ("token RS256, checked", token("RS256"), 0),
            ("token ES256, checked", token("ES256"), 0),
            ("wrong key, refused", "wrong", 0),
            ("mistyped key, refused", key[:-1] + "!", 0),
            ("token of another issuer's key, refused", token("RS256")[:-8] + "AAAAAAAA", 0),
        ):
            found = await timed(access(recheck), credential)
            print(
                f"{name:40} p50 {statistics.median(found):7.1f} us   "
                f"p95 {found[int(len(found) * 0.95)]:7.1f} us"
            )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
