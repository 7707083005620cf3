"""metier access: keys that let a client in, shown once; the matrix of roles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from access_kit import AUDIENCE, ISSUER, Clock, Issuer, key_server, public_jwk
from aiohttp import web
from click.testing import CliRunner, Result

from metier.access import ROLES, SCOPES, parse_key
from metier.app import Metier, make_keys
from metier.cli._access import access
from metier.hookspecs import hookimpl
from metier.model import Manifest, MetierError
from metier.server import create_app, make_authenticator


class Toy:
    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(name="toy", title="Toy", description="Nothing.")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text(
        'embeddings = "none"\n[access]\nrecheck_seconds = 0\n', "utf-8"
    )
    (folder / "api-key").write_text("metier-of-the-home\n", "utf-8")
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(access, arguments, standalone_mode=False)


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    return result.stdout


def refused(*arguments: str) -> MetierError:
    error = run(*arguments).exception
    assert isinstance(error, MetierError), error
    return error


def test_a_key_is_shown_once_alone_on_standard_output(home: Path) -> None:
    result = run("key", "create", "anna")
    text = result.stdout.removesuffix("\n")
    key = parse_key(text)
    assert key.id in result.stderr and key.secret not in result.stderr
    listed = done("key", "list") + done("key", "list", "--json")
    assert key.id in listed and key.secret not in listed and key.digest().hex() not in listed
    for file in home.rglob("*"):
        assert not file.is_file() or key.secret.encode() not in file.read_bytes(), file.name


def test_a_key_is_listed_with_all_it_may(home: Path) -> None:
    assert "No key was made" in done("key", "list")
    made = json.loads(
        done("key", "create", "anna", "--role", "privacy_officer", "--scope", "subject",
             "--scope", "audit", "--may-act-for", "ben", "--no-expiry", "--json")
    )  # fmt: skip
    (row,) = json.loads(done("key", "list", "--json"))
    assert made.pop("key").startswith(f"metier_{row['id']}_")
    assert row == made
    assert row["roles"] == ["privacy_officer"] and row["scopes"] == ["audit", "subject"]
    assert row["may_act_for"] == ["ben"] and row["expires"] is None and row["state"] == "active"
    shown = done("key", "list")
    assert "anna: privacy_officer; audit subject, may act for ben;" in shown
    assert "has no end" in shown


def test_one_tenants_keys_are_not_listed_or_revoked_as_anothers(home: Path) -> None:
    key = parse_key(done("key", "create", "anna", "--tenant", "globex").strip())
    assert json.loads(done("key", "list", "--json")) == []
    assert refused("key", "revoke", key.id).code == "key_not_found"
    assert [k["tenant"] for k in json.loads(done("key", "list", "--tenant", "globex", "--json"))]
    assert "Revoked" in done("key", "revoke", key.id, "--tenant", "globex")
    assert refused("key", "revoke", key.id, "--tenant", "globex").code == "key_not_found"


@pytest.mark.parametrize(
    "wrong",
    [["--role", "root"], ["--scope", "all"], ["--expires-days", "0"], ["--may-act-for", ""]],
)
def test_what_a_key_cannot_be_is_refused_and_nothing_is_made(home: Path, wrong: list[str]) -> None:
    assert refused("key", "create", "anna", *wrong).status == 400
    assert json.loads(done("key", "list", "--json")) == []


def test_the_help_names_every_role_and_scope() -> None:
    shown = " ".join(done("key", "create", "--help").split())
    for name in (*ROLES, *SCOPES):
        assert name in shown


def test_the_matrix_shows_what_the_policies_say(home: Path) -> None:
    head, *lines = done("roles").splitlines()
    assert head.split() == list(ROLES)
    matrix = {line.split()[0]: dict(zip(ROLES, line.split()[1:], strict=True)) for line in lines}
    assert matrix["erase"]["privacy_officer"] == "yes" and matrix["erase"]["operator"] == "-"
    assert matrix["read_audit"]["auditor"] == "yes"
    assert set(matrix[right]["member"] for right in matrix) == {"-"}
    told = json.loads(done("roles", "--json"))
    assert len(told) == len(lines) * len(ROLES) and all(cell["rule"] for cell in told)
    (home / "strict.yaml").write_text(
        "name: strict\nversion: '1'\ndescription: Strict.\n"
        "roles: {privacy_officer: {deny: [erase]}}\n",
        "utf-8",
    )
    (home / "metier.toml").write_text('embeddings = "none"\npolicies = ["strict.yaml"]\n', "utf-8")
    erase = next(line for line in done("roles").splitlines() if line.startswith("erase"))
    assert "yes" not in erase


async def test_a_key_of_the_store_lets_in_until_it_is_revoked_and_all_is_audited(
    home: Path,
) -> None:
    import asyncio

    text = (await asyncio.to_thread(done, "key", "create", "anna", "--scope", "profile")).strip()
    async with Metier.open(plugins=[Toy()]) as app:
        asgi = create_app(app, access=make_authenticator(app))
        transport = httpx.ASGITransport(app=asgi)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

            async def status(key: str, path: str = "/v1/profile") -> int:
                answer = await client.get(path, headers={"Authorization": f"Bearer {key}"})
                return answer.status_code

            assert await status(text) == 200
            assert await status(text, "/v1/models") == 403
            assert await status("metier-of-the-home") == 200
            await asyncio.to_thread(done, "key", "revoke", parse_key(text).id)
            assert await status(text) == 401
        kinds = [
            (json.loads(row.body)["kind"], json.loads(row.body)["actor"])
            for row in await app.parts.store.audit_events(app.settings.tenant)
        ]
    assert ("api-key-created", "me") in kinds and ("api-key-revoked", "me") in kinds


async def test_a_token_lets_its_person_in_over_http_with_role_and_tenant(home: Path) -> None:
    class Now(Clock):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    clock = Now()
    clock.now = clock()
    issuer = Issuer(clock)
    listed = {"keys": [public_jwk("rsa"), public_jwk("ec")]}
    async with key_server(lambda _: web.json_response(listed)) as url:
        (home / "metier.toml").write_text(
            f"""embeddings = "none"
            [[access.issuers]]
            issuer = "{ISSUER}"
            audience = "{AUDIENCE}"
            jwks_url = "{url}"
            tenant_claim = "org"
            tenants = ["acme", "globex"]
            """,
            "utf-8",
        )
        async with Metier.open(plugins=[Toy()]) as app:
            access = make_authenticator(app)
            asgi = create_app(app, access=access)
            transport = httpx.ASGITransport(app=asgi)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

                async def asked(method: str, org: str, **body: str) -> httpx.Response:
                    token = issuer.token("ec", org=org)
                    return await client.request(
                        method, "/v1/profile", json=body or None,
                        headers={"Authorization": f"Bearer {token}"},
                    )  # fmt: skip

                done = await asked("PUT", "acme", slot="answer_language", value="zh")
                assert done.status_code == 200, done.text
                assert len((await asked("GET", "acme")).json()["data"]) == 1
                assert (await asked("GET", "globex")).json()["data"] == []
                assert (await asked("GET", "default")).status_code == 401
            await access.close()
