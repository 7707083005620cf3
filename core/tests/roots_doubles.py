"""Local stand-ins for key services that really encrypt, spoken with over real connections."""

from __future__ import annotations

import datetime
import json
import re
import secrets
import socket
import ssl
import threading
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from metier.crypto.roots._gcp import crc32c


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Fault:
    """What is answered instead: a status with a body, or a broken connection (status 0)."""

    status: int
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, as one that trusts no certificate does, is no news."""


class Double:
    """A service on this machine. `faults` come first, one a request; `seen` keeps all requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Asked] = []
        self.faults: deque[Fault] = deque()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: with two, each waits for the other's receipt

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, body)
                double.seen.append(asked)
                if double.faults:
                    fault = double.faults.popleft()
                else:
                    status, answer, *more = double.answer(asked)
                    fault = Fault(status, json.dumps(answer).encode(), tuple(more))
                if fault.status == 0:
                    self.close_connection = True
                    return
                self.send_response(fault.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(fault.body)))
                for name, value in fault.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(fault.body)

            do_GET = do_POST = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, asked: Asked) -> tuple[Any, ...]:
        """A status, a JSON body, and headers after them."""
        raise NotImplementedError

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class VaultDouble(Double):
    """Vault's transit engine, as OpenBao 2.7.2 was seen to answer; an unknown key is made, too."""

    TOKEN = "hvs.invented-token"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.keys: dict[str, dict[int, bytes]] = {}
        self.derived: set[str] = set()
        self.oldest: dict[str, int] = {}
        super().__init__(tls)

    def make(self, name: str, versions: int = 1) -> None:
        self.keys[name] = {n: secrets.token_bytes(32) for n in range(1, versions + 1)}

    def answer(self, asked: Asked) -> tuple[Any, ...]:
        if asked.headers.get("x-vault-token") != self.TOKEN:
            return 403, {"errors": ["permission denied"]}
        found = re.fullmatch(r"/v1/transit/(keys|encrypt|decrypt)/([\w.-]+)", asked.path)
        if found is None:
            return 404, {"errors": ["no handler for route"]}
        operation, name = found.groups()
        if operation == "keys":
            if name not in self.keys:
                return 404, {"errors": []}
            oldest = self.oldest.get(name, 1)
            facts = {"latest_version": len(self.keys[name]), "min_decryption_version": oldest}
            return 200, {"data": {**facts, "type": "aes256-gcm96"}}
        body = json.loads(asked.body)
        bound = b64decode(body.get("associated_data", ""))
        try:
            if operation == "encrypt":
                return self._encrypt(name, body, bound)
            return self._decrypt(name, body, bound)
        except (ValueError, InvalidTag):
            return 400, {"errors": ["cipher: message authentication failed"]}

    def _encrypt(self, name: str, body: dict[str, Any], bound: bytes) -> tuple[Any, ...]:
        if name not in self.keys:
            self.make(name)
        version = body.get("key_version") or len(self.keys[name])
        if version not in self.keys[name]:
            said = "requested version for encryption is higher than the latest key version"
            return 400, {"errors": [said]}
        nonce = secrets.token_bytes(12)
        aead = AESGCM(self._key(name, version, body))
        sealed = nonce + aead.encrypt(nonce, b64decode(body["plaintext"]), bound)
        ciphertext = f"vault:v{version}:{b64encode(sealed).decode()}"
        return 200, {"data": {"ciphertext": ciphertext, "key_version": version}}

    def _decrypt(self, name: str, body: dict[str, Any], bound: bytes) -> tuple[Any, ...]:
        if name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        _, version_, text = body["ciphertext"].split(":")
        version, sealed = int(version_[1:]), b64decode(text)
        if version < self.oldest.get(name, 1):
            said = "ciphertext or signature version is disallowed by policy (too old)"
            return 400, {"errors": [said]}
        if version not in self.keys[name]:
            return 400, {"errors": ["invalid ciphertext: version is too new"]}
        aead = AESGCM(self._key(name, version, body))
        opened = aead.decrypt(sealed[:12], sealed[12:], bound)
        return 200, {"data": {"plaintext": b64encode(opened).decode()}}

    def _key(self, name: str, version: int, body: dict[str, Any]) -> bytes:
        key = self.keys[name][version]
        if name in self.derived:
            return HKDF(SHA256(), 32, None, b64decode(body["context"])).derive(key)
        return key


class GcpDouble(Double):
    """Cloud KMS's REST face: encrypt by version, decrypt by key, checksums both ways."""

    KEY = "projects/acme/locations/europe-west3/keyRings/metier/cryptoKeys/{}"

    def __init__(self) -> None:
        self.keys: dict[str, dict[int, bytes]] = {}
        self.wrong_sums = 0
        super().__init__()

    def make(self, name: str) -> str:
        """A key of one version; the version's full name."""
        self.keys[self.KEY.format(name)] = {1: secrets.token_bytes(32)}
        return f"{self.KEY.format(name)}/cryptoKeyVersions/1"

    def answer(self, asked: Asked) -> tuple[Any, ...]:
        found = re.fullmatch(
            r"/v1/(projects/.+?/cryptoKeys/[\w-]+)(?:/cryptoKeyVersions/(\d+))?:(\w+)",
            asked.path.partition("?")[0],
        )
        if found is None or found[1] not in self.keys:
            return self.error(404, "NOT_FOUND")
        body = json.loads(asked.body)
        bound = b64decode(body["additionalAuthenticatedData"])
        data = b64decode(body["plaintext" if found[3] == "encrypt" else "ciphertext"])
        sums = {name: int(value) for name, value in body.items() if name.endswith("Crc32c")}
        sum_of_data = sums["plaintextCrc32c" if found[3] == "encrypt" else "ciphertextCrc32c"]
        if sum_of_data != crc32c(data) or sums["additionalAuthenticatedDataCrc32c"] != crc32c(
            bound
        ):
            return self.error(400, "INVALID_ARGUMENT")
        if found[3] == "encrypt":
            version, nonce = int(found[2] or 1), secrets.token_bytes(12)
            aead = AESGCM(self.keys[found[1]][version])
            made = version.to_bytes(4, "big") + nonce + aead.encrypt(nonce, data, bound)
            return 200, {
                "name": f"{found[1]}/cryptoKeyVersions/{version}",
                "ciphertext": b64encode(made).decode(),
                "ciphertextCrc32c": self._sum(made),
                "verifiedPlaintextCrc32c": True,
                "verifiedAdditionalAuthenticatedDataCrc32c": True,
            }
        try:
            aead = AESGCM(self.keys[found[1]][int.from_bytes(data[:4], "big")])
            opened = aead.decrypt(data[4:16], data[16:], bound)
        except (KeyError, ValueError, InvalidTag):
            return self.error(400, "INVALID_ARGUMENT")
        return 200, {
            "plaintext": b64encode(opened).decode(),
            "plaintextCrc32c": self._sum(opened),
            "usedPrimary": True,
        }

    def _sum(self, data: bytes) -> str:
        if self.wrong_sums:
            self.wrong_sums -= 1
            return str(crc32c(data) ^ 1)
        return str(crc32c(data))

    @staticmethod
    def error(code: int, status: str) -> tuple[int, dict[str, Any]]:
        return code, {"error": {"code": code, "message": "invented text", "status": status}}


class AzureDouble(Double):
    """Key Vault's REST face behind its own certificate, with the challenge for a token."""

    HOST = "acme.vault.azure.net"

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey | bytes] = {}
        super().__init__(tls)
        self.resource = f"https://vault.azure.net:{self.port}"
        self.address = f"https://{self.HOST}:{self.port}"

    def make(self, name: str, hsm: bool = False) -> str:
        """An RSA key, or a symmetric one; its identifier."""
        path = f"/keys/{name}/{secrets.token_hex(16)}"
        self.keys[path] = secrets.token_bytes(32) if hsm else rsa.generate_private_key(65537, 2048)
        return self.address + path

    def answer(self, asked: Asked) -> tuple[Any, ...]:
        if asked.headers.get("authorization") != "Bearer invented-token":
            challenge = (
                'Bearer authorization="https://login.microsoftonline.com/invented", '
                f'resource="{self.resource}"'
            )
            return 401, {"error": {"code": "Unauthorized"}}, ("WWW-Authenticate", challenge)
        path = asked.path.partition("?")[0]
        if path in self.keys:
            return self._describe(path, self.keys[path])
        where, _, operation = path.rpartition("/")
        if where not in self.keys:
            return 404, {"error": {"code": "KeyNotFound", "message": "invented text"}}
        key, value = self.keys[where], _from_url(json.loads(asked.body)["value"])
        try:
            made = self._wrapped(key, operation, value)
        except (ValueError, keywrap.InvalidUnwrap):
            return 400, {"error": {"code": "BadParameter", "message": "invented text"}}
        return 200, {"kid": self.address + where, "value": _to_url(made)}

    @staticmethod
    def _wrapped(key: rsa.RSAPrivateKey | bytes, operation: str, value: bytes) -> bytes:
        if isinstance(key, bytes):
            if operation == "wrapkey":
                return keywrap.aes_key_wrap(key, value)
            return keywrap.aes_key_unwrap(key, value)
        oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        if operation == "wrapkey":
            return key.public_key().encrypt(value, oaep)
        return key.decrypt(value, oaep)

    def _describe(self, path: str, key: rsa.RSAPrivateKey | bytes) -> tuple[Any, ...]:
        facts: dict[str, Any] = {"kid": self.address + path, "key_ops": ["wrapKey", "unwrapKey"]}
        if isinstance(key, bytes):
            facts["kty"] = "oct-HSM"
        else:
            numbers = key.public_key().public_numbers()
            facts |= {"kty": "RSA", "n": _to_url(_big(numbers.n)), "e": _to_url(_big(numbers.e))}
        return 200, {"key": facts, "attributes": {"enabled": True}}


class InventedCredential:
    """Stands in for azure-identity."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        from azure.core.credentials import AccessToken

        assert len(scopes) == 1 and scopes[0].startswith("https://vault.azure.net:")
        return AccessToken("invented-token", 2**33)


@contextmanager
def led_here(host: str) -> Iterator[None]:
    """Lets a name lead to this machine, as an entry of its hosts file would."""
    real = socket.getaddrinfo

    def lookup(asked: Any, *args: Any, **options: Any) -> Any:
        return real("127.0.0.1" if asked == host else asked, *args, **options)

    with mock.patch("socket.getaddrinfo", lookup):
        yield


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    trusted, private = folder / "ca.pem", folder / "key.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def nobody() -> str:
    """An address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def _big(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _to_url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
