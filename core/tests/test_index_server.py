"""metier with its index on a Qdrant server: at the start, while it is away, and by policy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import index_kit
import pytest
from click.testing import CliRunner

from metier import config
from metier.app import Metier, make_keys
from metier.cli._main import cli
from metier.model import Document, MetierError

HYPHEN = [
    Document(
        "hyphens.md",
        "# Hyphens\n\nA quixotic hyphen joins the words of a compound.",
        "Hyphens",
        "H",
    )
]
SAID = "When does a quixotic hyphen join the words of a compound?"


@pytest.fixture
def double() -> Iterator[index_kit.Double]:
    found = index_kit.Double()
    yield found
    found.stop()


POLICY = """
name: own
version: "1"
description: The index is on a server of our own.
allow_targets: [local, other]
targets:
  local: {operator: ourselves, region: here, base_url: "URL"}
  other: {operator: somebody, region: EU, base_url: "http://127.0.0.1:6333", private: true}
"""


def home_for(folder: Path, url: str, index: str = "", policy: str = POLICY) -> Path:
    """A home whose index is at `url`, which its policy declares in the place of "URL"."""
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "own.yaml").write_text(policy.replace("URL", url))
    lines = ['embeddings = "none"', 'policies = ["own.yaml"]']
    lines += ["[index]", f'url = "{url}"', "timeout_seconds = 1", index]
    (folder / "metier.toml").write_text("\n".join(lines) + "\n")
    return folder


def opened(home: Path) -> Metier:
    return Metier.open(home, config.load(home))


async def code_of(app: Metier) -> str:
    return (await app.ready()).parts["index"]


async def test_a_start_without_the_server_is_told_and_it_comes_back_by_itself(
    tmp_path: Path, double: index_kit.Double
) -> None:
    double.stop()
    async with opened(home_for(tmp_path / "home", double.url)) as app:
        app.warm()
        ready = await app.ready()
        assert ready.parts["index"] == "index_unavailable" and not ready.whole
        with pytest.raises(MetierError, match="can't be reached") as error:
            await app.respond(app.request("writing", SAID))
        assert error.value.code == "index_unavailable" and error.value.status == 503
        double.start()
        assert await code_of(app) == ""
        app.ingest("writing", HYPHEN)
        answer = await app.respond(app.request("writing", SAID))
        assert "quixotic hyphen joins" in answer.text


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"broken": 500}, "index_unavailable"),
        ({"key": "another"}, "index_denied"),
        ({"version": "1.10.0"}, "index_foreign"),
    ],
)
async def test_a_server_that_fails_later_ends_turns_with_its_code_until_it_works(
    tmp_path: Path, double: index_kit.Double, fault: dict[str, Any], code: str
) -> None:
    async with opened(home_for(tmp_path / "home", double.url)) as app:
        app.ingest("writing", HYPHEN)
        before = {name: getattr(double, name) for name in fault}
        vars(double).update(fault)
        assert await code_of(app) == code
        with pytest.raises(MetierError) as error:
            await app.respond(app.request("writing", SAID))
        assert error.value.code == code and "quixotic" not in error.value.message
        vars(double).update(before)
        assert await code_of(app) == ""
        assert "quixotic hyphen joins" in (await app.respond(app.request("writing", SAID))).text


async def test_two_homes_share_what_one_of_them_has_ingested(
    tmp_path: Path, double: index_kit.Double
) -> None:
    one = opened(home_for(tmp_path / "one", double.url))
    two = opened(home_for(tmp_path / "two", double.url))
    async with one, two:
        one.ingest("writing", HYPHEN)
        one.index_packs({"writing": one.changed_packs()["writing"]})
        assert "writing" not in two.changed_packs()
        answer = await two.respond(two.request("writing", SAID))
        assert "quixotic hyphen joins" in answer.text


# --- by policy -------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [
        POLICY.replace(', base_url: "URL"}', "}"),
        POLICY.replace('"URL"', '"http://127.0.0.1:6333"'),
        POLICY.replace('"URL"', '"URL/below"'),
        POLICY.replace("[local, other]", "[other]"),
        POLICY.replace('"http://127.0.0.1:6333"', '"URL"').replace("local: {", "third: {"),
    ],
    ids=["no address", "another", "another path", "not allowed", "another target's"],
)
async def test_no_search_goes_to_a_server_that_no_policy_declares_as_local(
    tmp_path: Path, double: index_kit.Double, policy: str
) -> None:
    app = opened(home_for(tmp_path / "home", double.url, policy=policy))
    with pytest.raises(MetierError, match="List it under `base_url`") as error:
        app.parts.index()
    assert error.value.code == "target_not_allowed" and double.requests == []
    await app.close()


async def test_a_policy_that_takes_the_address_away_stops_searches_at_once(
    tmp_path: Path, double: index_kit.Double
) -> None:
    home = home_for(tmp_path / "home", double.url)
    async with opened(home) as app:
        app.ingest("writing", HYPHEN)
        (home / "own.yaml").write_text(POLICY.replace("URL", "http://127.0.0.1:1"))
        await app.reload()
        double.requests.clear()
        with pytest.raises(MetierError) as error:
            await app.respond(app.request("writing", SAID))
        assert error.value.code == "target_not_allowed" and double.requests == []


async def test_a_key_by_reference_that_is_not_set_is_told(
    tmp_path: Path, double: index_kit.Double
) -> None:
    home = home_for(tmp_path / "home", double.url, 'api_key_env = "METIER_NO_SUCH_KEY"')
    app = opened(home)
    with pytest.raises(MetierError, match="METIER_NO_SUCH_KEY, which is not set"):
        app.parts.index()
    await app.close()


async def test_the_key_is_the_one_that_the_variable_or_its_file_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = index_kit.Double(key="from-a-file")
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("METIER_INDEX_KEY_FILE", str(tmp_path / "key"))
    home = home_for(tmp_path / "home", double.url, 'api_key_env = "METIER_INDEX_KEY"')
    async with opened(home) as app:
        assert await code_of(app) == ""
    double.stop()


# --- metier doctor ---------------------------------------------------------------


def looked(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.setenv("METIER_HOME", str(home))
    done = CliRunner().invoke(cli, ("doctor", "--json"))
    return [each for each in json.loads(done.output)["findings"] if each["part"] == "index"]


def test_doctor_asks_the_index_server(
    tmp_path: Path, double: index_kit.Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_for(tmp_path / "home", double.url)

    async def serve(documents: list[Document]) -> None:
        async with opened(home) as app:
            app.parts.index()
            app.ingest("writing", documents)

    asyncio.run(serve([]))
    double.memory.delete_collection(double.memory.get_collections().collections[0].name)
    assert looked(home, monkeypatch)[-1]["state"] == "warning"
    asyncio.run(serve(HYPHEN))
    assert "answers" in looked(home, monkeypatch)[-1]["says"]
    double.broken = 500
    assert looked(home, monkeypatch)[-1]["state"] == "failed"
