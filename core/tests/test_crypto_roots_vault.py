"""Vault: an unknown key is never made, and each failure says what is safe to do next."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from roots_doubles import Fault, VaultDouble, certificate, led_here, nobody
from roots_server import VaultServer, vault_server

from metier.crypto.roots import KeyringError, VaultTransitRoot, _service

KEY, HERE = bytes(range(32)), b"tenant-acme"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_service.ServiceRoot, "pause", 0.0)
    monkeypatch.setenv("VAULT_TOKEN", VaultDouble.TOKEN)


@pytest.fixture
def vault() -> Iterator[VaultDouble]:
    double = VaultDouble()
    double.make("metier")
    yield double
    double.close()


def error_of(root: VaultTransitRoot, wrapped: bytes | None = None) -> KeyringError:
    with pytest.raises(KeyringError) as caught:
        root.wrap(KEY, HERE) if wrapped is None else root.unwrap(wrapped, HERE)
    assert VaultDouble.TOKEN not in str(caught.value)
    return caught.value


def test_a_key_that_is_not_there_is_not_made(vault: VaultDouble) -> None:
    assert error_of(VaultTransitRoot(vault.address, "none")).code == "root_missing"
    assert set(vault.keys) == {"metier"}


def test_the_version_is_pinned_and_named(vault: VaultDouble) -> None:
    vault.make("metier", versions=3)
    two, three = (VaultTransitRoot(vault.address, "metier", version=n) for n in (2, 3))
    wrapped = two.wrap(KEY, HERE)
    assert two.id == "vault:transit/metier:v2" and two.unwrap(wrapped, HERE) == KEY
    assert error_of(three, wrapped).code == "root_wrong"
    assert [json.loads(a.body)["key_version"] for a in vault.seen if "/encrypt/" in a.path] == [2]


def test_a_version_that_is_not_there_says_so(vault: VaultDouble) -> None:
    error = error_of(VaultTransitRoot(vault.address, "metier", version=7))
    assert error.code == "root_missing" and "no version 7" in str(error)


def test_a_retired_version_says_how_it_comes_back(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    wrapped = root.wrap(KEY, HERE)
    vault.oldest["metier"] = 2
    for error in (error_of(root, wrapped), error_of(root)):
        assert error.code == "root_unavailable" and "min_decryption_version" in str(error)


def test_another_vaults_key_of_the_same_name_is_refused(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    wrapped = root.wrap(KEY, HERE)
    vault.make("metier")
    assert error_of(root, wrapped).code == "root_wrong"


def test_a_key_that_was_deleted_is_missing_and_not_wrong(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    wrapped = root.wrap(KEY, HERE)
    vault.keys.clear()
    error = error_of(root, wrapped)
    assert error.code == "root_missing" and "bring it back" in str(error)
    assert vault.keys == {}


def test_what_is_cut_before_its_end_is_refused_without_asking(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    wrapped = root.wrap(KEY, HERE)
    vault.seen.clear()
    end = 19 + int.from_bytes(wrapped[17:19], "big")
    for cut in (wrapped[:17], wrapped[:19], wrapped[:end], wrapped[:17] + b"\0\0" + wrapped[19:]):
        assert error_of(root, cut).code == "root_wrong"
    assert vault.seen == []


def test_a_key_with_derivation_takes_the_context_into_it(vault: VaultDouble) -> None:
    vault.derived.add("metier")
    root = VaultTransitRoot(vault.address, "metier")
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY


def test_the_context_is_bound_even_where_the_service_overlooks_it(
    vault: VaultDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    monkeypatch.setattr(VaultTransitRoot, "_bound", lambda self, label: {})
    wrapped = root.wrap(KEY, HERE)
    assert root.unwrap(wrapped, HERE) == KEY
    with pytest.raises(KeyringError) as caught:
        root.unwrap(wrapped, b"tenant-other")
    assert caught.value.code == "root_wrong"


@pytest.mark.parametrize("status", [0, 408, 412, 429, 472, 473, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again_and_then_told(vault: VaultDouble, status: int) -> None:
    root = VaultTransitRoot(vault.address, "metier", tries=3)
    wrapped = root.wrap(KEY, HERE)
    vault.faults.extend([Fault(status)] * 2)
    assert root.unwrap(wrapped, HERE) == KEY
    vault.seen.clear()
    vault.faults.extend([Fault(status)] * 9)
    error = error_of(root, wrapped)
    assert error.code == "root_unavailable" and len(vault.seen) == 3
    assert "Start again once it answers" in str(error)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(403, b'{"errors":["permission denied"]}'), "root_denied"),
        (Fault(404), "root_missing"),
        (Fault(400, b'{"errors":["invalid ciphertext"]}'), "root_wrong"),
        (Fault(307, headers=(("Location", "http://127.0.0.1:1/"),)), "root_unavailable"),
        (Fault(405), "keyring"),
        (Fault(200, b"not JSON"), "root_wrong"),
        (Fault(200, b'{"data": {"plaintext": "***"}}'), "root_unavailable"),
        (Fault(200, b"[]"), "root_wrong"),
        (Fault(200, b"[" * 60000), "root_wrong"),
        (Fault(200, b'{"data": {"plaintext": "' + b"A" * 10**6 + b'"}}'), "root_wrong"),
    ],
)
def test_each_answer_has_its_code(vault: VaultDouble, fault: Fault, code: str) -> None:
    root = VaultTransitRoot(vault.address, "metier", tries=1)
    wrapped = root.wrap(KEY, HERE)
    vault.seen.clear()
    vault.faults.append(fault)
    assert error_of(root, wrapped).code == code
    assert len(vault.seen) == 1


@pytest.mark.parametrize("made", ["vault:v1:", "vault:v2:AAAA", "AAAA", 7, None])
def test_what_can_not_be_a_wrapped_key_is_not_taken(vault: VaultDouble, made: object) -> None:
    root = VaultTransitRoot(vault.address, "metier", tries=1)
    facts = Fault(200, b'{"data": {"min_decryption_version": "strange"}}')
    vault.faults.extend([facts, Fault(200, json.dumps({"data": {"ciphertext": made}}).encode())])
    assert error_of(root).code == "root_unavailable"


def test_what_the_service_says_is_not_repeated(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier", tries=1)
    vault.faults.append(Fault(400, b'{"errors":["plaintext c2VjcmV0 is bad"]}'))
    assert "c2VjcmV0" not in str(error_of(root))


def test_credentials_that_may_only_wrap_are_noticed_when_wrapping(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier")
    real = vault.answer

    def no_decrypt(asked: object) -> tuple[object, ...]:
        return (403, {}) if "/decrypt/" in vault.seen[-1].path else real(vault.seen[-1])

    vault.answer = no_decrypt
    assert error_of(root).code == "root_denied"


def test_the_token_is_read_anew_from_its_file(vault: VaultDouble, tmp_path: Path) -> None:
    file = tmp_path / "token"
    root = VaultTransitRoot(vault.address, "metier", token_file=file)
    assert error_of(root).code == "root_denied"
    file.write_text("hvs.old\n")
    assert error_of(root).code == "root_denied"
    file.write_text(VaultDouble.TOKEN + "\n")
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY
    file.write_bytes(b"\xff")
    assert error_of(root).code == "root_denied"


@pytest.mark.parametrize("token", ["", "  ", "two\nlines", "with space", "umläut"])
def test_what_is_no_token_is_not_sent_nor_shown(
    vault: VaultDouble, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("MY_TOKEN", token)
    error = error_of(VaultTransitRoot(vault.address, "metier", token_env="MY_TOKEN"))
    assert error.code == "root_denied" and "MY_TOKEN" in str(error)
    assert vault.seen == [] and (not token.strip() or token not in str(error))


def test_the_namespace_goes_with_each_request(vault: VaultDouble) -> None:
    root = VaultTransitRoot(vault.address, "metier", namespace="team/health")
    root.wrap(KEY, HERE)
    assert root.id == "vault:team/health/transit/metier:v1"
    assert {a.headers["x-vault-namespace"] for a in vault.seen} == {"team/health"}


def test_no_proxy_of_the_environment_is_used(
    vault: VaultDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody())
    root = VaultTransitRoot(vault.address, "metier", tries=1)
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY


def test_only_a_trusted_certificate_is_spoken_with(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path, "vault.example")
    double = VaultDouble(context)
    double.make("metier")
    address = f"https://vault.example:{double.port}"
    try:
        with led_here("vault.example"):
            root = VaultTransitRoot(address, "metier", ca_file=trusted)
            assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY
            double.seen.clear()
            error = error_of(VaultTransitRoot(address, "metier"))
            assert error.code == "root_unavailable" and "ca_file" in str(error)
            assert double.seen == []
    finally:
        double.close()


def test_a_file_of_certificates_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="ca_file"):
        VaultTransitRoot("https://vault.example", "metier", ca_file=tmp_path / "none.pem")


@pytest.mark.parametrize(
    "address",
    [
        "http://vault.example:8200",
        "http://10.0.0.7:8200",
        "ftp://vault.example",
        "vault.example",
        "https://",
        "https://user:secret@vault.example",
        "https://vault.example/?token=secret",
        "https://vault.example:port",
        "https://vault .example",
        "https://[::1",
    ],
)
def test_an_address_that_would_show_the_token_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        VaultTransitRoot(address, "metier")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "../sys/seal", "a/../b", "a b", "a?b", "a%2fb", "schlüssel"])
def test_a_name_can_not_lead_elsewhere(key: str) -> None:
    with pytest.raises(ValueError, match="`key`"):
        VaultTransitRoot("https://vault.example", key)
    if key:
        with pytest.raises(ValueError, match="`namespace`"):
            VaultTransitRoot("https://vault.example", "metier", namespace=key)


# --- against a real server ----------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[VaultServer]:
    with vault_server() as started:
        yield started


@pytest.mark.slow
def test_the_rights_that_the_page_lists_are_enough_and_make_no_key(
    server: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.make("few")
    monkeypatch.setenv("VAULT_TOKEN", server.token("few"))
    root = VaultTransitRoot(server.address, "few")
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY
    assert error_of(VaultTransitRoot(server.address, "other")).code == "root_denied"


@pytest.mark.slow
def test_a_real_server_makes_no_key_even_for_the_root_token(
    server: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    assert error_of(VaultTransitRoot(server.address, "none")).code == "root_missing"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        server.ask("GET", "transit/keys/none")
    error = error_of(VaultTransitRoot(server.address, "none", mount="nowhere"))
    assert error.code == "root_missing"


@pytest.mark.slow
def test_rotation_retirement_and_deletion_on_a_real_server(
    server: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    server.make("turning")
    one, two = (VaultTransitRoot(server.address, "turning", version=n) for n in (1, 2))
    wrapped = one.wrap(KEY, HERE)
    assert error_of(two).code == "root_missing"
    server.ask("POST", "transit/keys/turning/rotate")
    assert one.unwrap(wrapped, HERE) == KEY and error_of(two, wrapped).code == "root_wrong"
    assert two.unwrap(two.wrap(KEY, HERE), HERE) == KEY
    settings = {"min_decryption_version": 2, "deletion_allowed": True}
    server.ask("POST", "transit/keys/turning/config", settings)
    for error in (error_of(one, wrapped), error_of(one)):
        assert error.code == "root_unavailable" and "min_decryption_version" in str(error)
    server.ask("POST", "transit/keys/turning/config", {"min_decryption_version": 1})
    assert one.unwrap(wrapped, HERE) == KEY
    server.ask("DELETE", "transit/keys/turning")
    assert error_of(one, wrapped).code == "root_missing"
    server.make("turning")
    assert error_of(one, wrapped).code == "root_wrong"


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"derived": True}, {"type": "chacha20-poly1305"}])
def test_keys_of_other_make_serve_too(
    server: VaultServer, monkeypatch: pytest.MonkeyPatch, options: dict[str, object]
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    name = next(iter(options))
    server.make(name, **options)
    root = VaultTransitRoot(server.address, name)
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY


@pytest.mark.slow
def test_a_key_that_can_not_bind_a_context_is_refused(
    server: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    server.make("rsa", type="rsa-2048")
    error = error_of(VaultTransitRoot(server.address, "rsa"))
    assert error.code == "keyring" and "aes256-gcm96" in str(error)


@pytest.mark.slow
def test_namespaces_of_a_real_server(server: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    server.ask("POST", "sys/namespaces/team", {})
    server.ask("POST", "sys/mounts/transit", {"type": "transit"}, namespace="team")
    server.ask("POST", "transit/keys/inner", {}, namespace="team")
    root = VaultTransitRoot(server.address, "inner", namespace="team")
    assert root.unwrap(root.wrap(KEY, HERE), HERE) == KEY
    assert error_of(VaultTransitRoot(server.address, "inner")).code == "root_missing"


@pytest.mark.slow
def test_a_sealed_server_is_told_from_a_wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", VaultServer.ROOT)
    with vault_server() as server:
        server.make("metier")
        root = VaultTransitRoot(server.address, "metier")
        wrapped = root.wrap(KEY, HERE)
        server.ask("POST", "sys/seal")
        error = error_of(root, wrapped)
    assert error.code == "root_unavailable" and "it is sealed" in str(error)
