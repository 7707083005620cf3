"""metier doctor: a sound home has nothing to mend, and each fault is found and named."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from metier import config
from metier.app import Metier, make_keys
from metier.cli import _doctor_parts
from metier.cli._main import cli
from metier.server import api_keys

Break = Callable[[Path], object]


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that has served a turn."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text('embeddings = "none"\n[server]\nport = 0\n')
    async with Metier.open(folder, config.load(folder)) as app:
        app.parts.index()
        await app.respond(app.request("writing", "Its a nice day."))
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


def doctor(*arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The status, and the worst finding of each part."""
    done = CliRunner().invoke(cli, ("doctor", "--json", *arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    worst: dict[str, dict[str, Any]] = {}
    order = ("ok", "warning", "failed")
    for each in json.loads(done.output)["findings"]:
        known = worst.get(each["part"])
        if known is None or order.index(each["state"]) > order.index(known["state"]):
            worst[each["part"]] = each
    return done.exit_code, worst


def test_a_sound_home_has_nothing_to_mend(home: Path) -> None:
    before = {path: path.read_bytes() for path in home.iterdir() if path.is_file()}
    status, found = doctor()
    assert status == 0 and {each["state"] for each in found.values()} == {"ok"}
    assert set(found) == {
        "configuration", "home", "disk", "keys", "store", "clock", "model", "index", "plugins",
        "policies", "engine", "privacy", "server",
    }  # fmt: skip
    unchanged = {"root.key", "metier.toml", "store.db"}
    assert all(path.read_bytes() == before[path] for path in before if path.name in unchanged)


def test_a_home_that_is_not_there_is_the_finding_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "new"))
    status, found = doctor()
    assert status == 1 and "metier setup" in found["home"]["mend"]
    assert not (tmp_path / "new").exists()


def _ahead(home: Path) -> None:
    later = int((datetime.now(UTC) + timedelta(days=2)).timestamp() * 1000)
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("update audit_event set at = ?", (later,))


def _older_schema(home: Path) -> None:
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("update alembic_version set version_num = '0003'")


def _garbled(home: Path) -> None:
    (home / "index" / "index.json").write_text("{")


def _table(text: str) -> Break:
    """Ends metier.toml with a table."""
    return lambda home: (home / "metier.toml").write_text(f'embeddings = "none"\n{text}\n')


def _engine(text: str) -> Break:
    return _table(f"[engine]\n{text}")


@pytest.mark.parametrize(
    ("part", "damage", "says"),
    [
        ("home", lambda h: (h / "root.key").chmod(0o644), "can use"),
        ("keys", lambda h: (h / "root.key").unlink(), "root.key"),
        ("keys", lambda h: (h / "keys.db").unlink(), "no key store"),
        ("store", lambda h: (h / "store.db").unlink(), "no store"),
        ("store", _older_schema, "schema"),
        ("clock", _ahead, "minutes from now"),
        ("index", _garbled, "index"),
        ("configuration", lambda h: (h / "metier.toml").write_text("a = 1"), "`a`"),
        ("policies", lambda h: (h / "metier.toml").write_text(
            'embeddings = "none"\nrequired_policies = ["nope"]'), "nope"),
        ("plugins", lambda h: (h / "metier.toml").write_text(
            'embeddings = "none"\nextensions = ["nope"]'), "nope"),
        ("model", lambda h: (h / "metier.toml").write_text(""), "not built"),
        ("engine", lambda h: (h / "metier.toml").write_text(
            'embeddings = "none"\n[engine]\nkind = "openai"\nmodel = "m"\n'
            'base_url = "http://127.0.0.1:9/v1"'), "can't be reached"),
        ("engine", _engine('kind = "openai"\nmodel = "m"'), "`engine.base_url` is missing"),
        ("engine", _engine('kind = "vllm"\nbase_url = "http://127.0.0.1:9/v1"'),
         "`engine.model` is missing"),
        ("engine", _engine('kind = "langchain"\nmodel = "nobody:m"'), "makes no chat model"),
        ("privacy", _table('[privacy]\nrecognizers = ["nowhere.at_all:Names"]'), "gives no"),
        ("privacy", _table('[privacy]\nnames = "spacy:nothing_there"'), "is not installed"),
        ("server", _table('[server]\nhost = "192.0.2.1"\nport = 0'), "`server.port` 0 on"),
        ("server", _table('[telemetry]\nmetrics_host = "192.0.2.1"\nmetrics_port = 0'),
         "`telemetry.metrics_port` 0 on"),
    ],
)  # fmt: skip
def test_each_fault_is_found_and_says_how_to_mend_it(
    home: Path, part: str, damage: Break, says: str
) -> None:
    damage(home)
    status, found = doctor()
    assert (status, found[part]["state"]) == (1, "failed"), found
    assert says in found[part]["says"] and found[part]["mend"]


def test_an_address_that_another_process_has_is_a_warning_and_so_is_one_for_two(
    home: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, found = doctor("--set", f"server.port={port}")
        assert (status, found["server"]["state"]) == (0, "warning")
    flags = ("--set", f"server.port={port}", "--set", f"telemetry.metrics_port={port}")
    _, found = doctor(*flags)
    assert found["server"]["says"].startswith(f"`telemetry.metrics_port` {port} on '127.0.0.1'")
    assert found["server"]["mend"]


def test_a_part_that_fails_as_nobody_foresaw_is_a_finding_and_the_others_are_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(_doctor_parts, "_keys", fails)
    status, found = doctor()
    assert (status, found["keys"]["state"]) == (1, "failed")
    assert "an unexpected ZeroDivisionError in test_doctor.py" in found["keys"]["says"]
    assert "METIER_TRACEBACK" in found["keys"]["mend"] and "hunter2" not in str(found)
    assert {"store", "engine", "policies", "server"} <= set(found)


def test_headers_for_the_collector_that_are_no_pairs_are_found(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLECTOR_HEADERS", "hunter2")
    _table(
        '[telemetry]\notlp_endpoint = "https://collector.example"\n'
        'otlp_headers_env = "COLLECTOR_HEADERS"'
    )(home)
    status, found = doctor()
    assert (status, found["telemetry"]["state"]) == (1, "failed")
    assert "name=value" in found["telemetry"]["says"] and "hunter2" not in str(found)


def test_little_room_is_a_warning_and_none_a_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, state in ((1 << 30, "warning"), (1 << 20, "failed")):
        usage = (1 << 40, 0, free)
        monkeypatch.setattr(
            _doctor_parts.shutil, "disk_usage", lambda _, u=usage: type("U", (), {"free": u[2]})
        )
        status, found = doctor()
        assert found["disk"]["state"] == state and found["disk"]["mend"]
        assert status == int(state == "failed")


def test_beside_a_running_server_the_index_is_its_own(home: Path) -> None:
    app = Metier.open(home, config.load(home))
    app.parts.index()
    try:
        status, found = doctor()
    finally:
        app._lazy.close()
    assert status == 0 and "uses it" in found["index"]["says"]


def test_an_engine_that_stands_in_and_is_away_is_a_warning(home: Path) -> None:
    (home / "metier.toml").write_text(
        'embeddings = "none"\n[[engine.fallbacks]]\nkind = "openai"\nmodel = "m"\n'
        'base_url = "http://127.0.0.1:9/v1"\n'
    )
    status, found = doctor()
    assert (status, found["engine"]["state"]) == (0, "warning"), found
    assert "stands in" in found["engine"]["says"]


PLATFORM = """
embeddings = "none"
[[access.platforms]]
actor = "chat"
secret_env = "METIER_TEST_SIGNING"
"""


async def _key(home: Path, *subjects: str, days: int | None = 90) -> None:
    async with Metier.open(home, config.load(home)) as app:
        await api_keys(app).create(
            "default", "chat", by="me", may_act_for=subjects, expires_days=days
        )


@pytest.fixture
def platform(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a chat platform, whose secret is in a file; it has no key yet."""
    secret = tmp_path / "signing"
    secret.write_text("s" * 32 + "\n")
    monkeypatch.setenv("METIER_TEST_SIGNING_FILE", str(secret))
    (home / "metier.toml").write_text(PLATFORM)
    return home


async def test_a_platform_that_can_let_its_users_in_says_whom_and_how_old_its_keys_are(
    platform: Path,
) -> None:
    await _key(platform, "*")
    status, found = await asyncio.to_thread(doctor)
    assert (status, found["access"]["state"]) == (0, "ok"), found
    says = found["access"]["says"]
    for told in ("'chat'", "1 keys", "anybody it signs for", "HS256", "oldest key is 0 days"):
        assert told in says
    assert "file of its secret is 0 days" in says


@pytest.mark.parametrize(
    ("subjects", "says", "mend"),
    [(None, "No key", "metier access key create chat"), ((), "for nobody", "may_act_for")],
)
async def test_what_keeps_the_users_of_a_platform_out_is_found(
    platform: Path, subjects: tuple[str, ...] | None, says: str, mend: str
) -> None:
    if subjects is not None:
        await _key(platform, *subjects)
    status, found = await asyncio.to_thread(doctor)
    assert (status, found["access"]["state"]) == (1, "failed"), found
    assert says in found["access"]["says"] and mend in found["access"]["mend"]


async def test_a_secret_that_is_too_short_to_sign_with_is_found(
    platform: Path, tmp_path: Path
) -> None:
    (tmp_path / "signing").write_text("short")
    await _key(platform, "*")
    _, found = await asyncio.to_thread(doctor)
    assert found["access"]["state"] == "failed" and "32 bytes" in found["access"]["says"]
    assert "short" not in found["access"]["says"]


async def test_a_last_key_that_ends_soon_is_a_warning(platform: Path) -> None:
    await _key(platform, "*", days=3)
    status, found = await asyncio.to_thread(doctor)
    assert (status, found["access"]["state"]) == (0, "warning"), found


def test_a_variable_that_a_list_of_tables_names_has_to_be_set(home: Path) -> None:
    (home / "metier.toml").write_text(PLATFORM)
    status, found = doctor()
    assert (status, found["configuration"]["state"]) == (1, "failed")
    assert "access.platforms.0.secret_env" in found["configuration"]["says"]


def test_two_platforms_of_one_actor_are_refused() -> None:
    one = {"actor": "chat", "secret_env": "A"}
    other = {"actor": "chat", "secret_env": "B", "tenant": "default"}
    with pytest.raises(ValueError, match="one of its own"):
        config.Settings.model_validate({"access": {"platforms": [one, other]}})
