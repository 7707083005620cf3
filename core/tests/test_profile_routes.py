"""The profile over HTTP and by command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from importing_kit import Toy

from metier import config
from metier.app import Metier, make_keys
from metier.cli._profile import profile
from metier.model import Actor
from metier.server import create_app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


@pytest.fixture
async def client(home: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(
            Metier.open(home, config.Settings(embeddings="none"), plugins=[Toy(home)])
        )
        keys = {hashlib.sha256(b"key").hexdigest(): Actor("default", "ann")}
        asgi: Any = create_app(app, keys=keys)
        yield await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=asgi), base_url="http://test",
                headers={"Authorization": "Bearer key"},
            )
        )  # fmt: skip


async def test_a_profile_is_patched_from_the_revision_it_was_read_at(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get("/v1/profile")
    tag = first.headers["etag"]
    assert tag == f'"{first.json()["revision"]}"'
    body = {"facts": {"home": "Leeds", "likes": ["tea", "rain"]}, "categories": {"home": "contact"}}
    done = await client.patch("/v1/profile", json=body, headers={"If-Match": tag})
    assert done.status_code == 200 and done.headers["etag"] != tag
    late = await client.patch("/v1/profile", json=body, headers={"If-Match": tag})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "revision_conflict")
    odd = await client.patch("/v1/profile", json={"revision": 7}, headers={"If-Match": tag})
    assert odd.status_code == 400
    assert (
        await client.patch("/v1/profile", json={}, headers={"If-Match": "x"})
    ).status_code == 400
    now = (await client.get("/v1/profile")).json()
    assert {(f["slot"], f["value"], f["category"]) for f in now["data"]} == {
        ("home", "Leeds", "contact"), ("likes", "tea", "preference"),
        ("likes", "rain", "preference"),
    }  # fmt: skip
    gone = {"facts": {"likes": None}, "revision": now["revision"]}
    assert [f["slot"] for f in (await client.patch("/v1/profile", json=gone)).json()["data"]] == [
        "home"
    ]


async def test_a_fact_is_explained_forgotten_and_taken_back(client: httpx.AsyncClient) -> None:
    put = {"slot": "name", "value": "Late", "category": "identity"}
    fact = (await client.put("/v1/profile", json=put)).json()
    assert fact["value"] == "Late" and fact["times"] == 1 and fact["valid_to"] is None
    why = (await client.get(f"/v1/profile/{fact['id']}/why")).json()
    assert why["fact"]["id"] == fact["id"] and why["collected_by"] and why["consent"]
    gone = (await client.delete(f"/v1/profile/{fact['id']}")).json()
    assert gone["deleted"] and (await client.get("/v1/profile")).json()["data"] == []
    listed = (await client.get("/v1/profile/undo")).json()["data"]
    assert gone["undo"] in {each["id"] for each in listed}
    back = (await client.post(f"/v1/profile/undo/{gone['undo']}")).json()
    assert [f["id"] for f in back["data"]] == [fact["id"]]
    history = (await client.get("/v1/profile/history?believed=2020-01-01")).json()["data"]
    assert history == []
    assert len((await client.get("/v1/profile/history")).json()["data"]) == 1


def test_the_commands_say_what_is_known_and_where_from(home: Path, tmp_path: Path) -> None:
    def do(*words: str) -> Any:
        done = CliRunner().invoke(profile, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done

    do("set", "likes", "tea", "--as", "ann")
    do("set", "never", "coffee", "--as", "ann")
    fact = json.loads(
        do("set", "name", "Late", "--category", "identity", "--as", "ann", "--json").output
    )
    shown = do("show", "--as", "ann").output
    assert shown.index("never: coffee") < shown.index("name: Late") and "set by you" in shown
    assert "from: set by you" in do("why", fact["id"], "--as", "ann").output
    assert "likes: tea" in do("history", "--as", "ann").output
    assert (
        "likes"
        not in do(
            "history", "--valid", "2020-01-01", "--believed", "2020-01-01", "--as", "ann"
        ).output
    )
    for date in ("10000-01-01", "never", "9999-12-31T23:59-14:00"):
        assert CliRunner().invoke(profile, ["history", "--valid", date]).exit_code == 2
    file = tmp_path / "ann.json"
    do("export", "--out", str(file), "--as", "ann")
    do("import", str(file), "--as", "bea", "--yes")

    def known(who: str) -> set[tuple[Any, ...]]:
        raw = json.loads(do("show", "--json", "--as", who).output)
        names = ("slot", "value", "category", "constraint", "multiple")
        return {tuple(f[n] for n in names) for f in raw}

    assert known("bea") == known("ann") and len(known("ann")) == 3
    undo = json.loads(do("forget", fact["id"], "--as", "ann", "--json").output)["undo"]
    assert "name: Late" in do("undo", "--as", "ann").output
    assert "Late" not in do("show", "--as", "ann").output
    do("undo", undo, "--as", "ann")
    assert "Late" in do("show", "--as", "ann").output
