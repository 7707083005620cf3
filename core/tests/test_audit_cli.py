"""`metier audit`: what people and scripts see of the log."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from audit_kit import event, tamper

from metier import config
from metier._home import make_keys, open_keyring
from metier.audit import AuditEvent, AuditLog
from metier.cli import main
from metier.store import Store

TOML = """
embeddings = "none"
[[audit.sinks]]
kind = "file"
path = "kept.jsonl"
"""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "metier.toml").write_text(TOML)
    make_keys(folder)
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


@pytest.fixture
def run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """The command, in this process."""

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["metier", "audit", *arguments])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        sys.stdout.flush()
        shown = capfdbinary.readouterr()
        code = stop.value.code
        return Done(code if isinstance(code, int) else 0, shown.out.decode(), shown.err.decode())

    return call


def fill(home: Path, *events: AuditEvent) -> None:
    async def work() -> None:
        keyring = open_keyring(home, config.load(home))
        store = Store(f"sqlite:///{home / 'store.db'}")
        await store.migrate()
        log = AuditLog(store, keyring)
        for each in events:
            await log.append(each)
        await store.close()
        keyring.close()

    asyncio.run(work())


def of_default(count: int) -> list[AuditEvent]:
    return [event(n, "default") for n in range(1, count + 1)]


def test_a_whole_log_says_so_and_what_it_can_t_tell(run: Run, home: Path) -> None:
    fill(home, *of_default(3), AuditEvent("purge", "metier", "", "", {"rows": 1}))
    done = run("verify")
    assert done.status == 0
    assert "The log is whole: 4 events of 2 chains, 0 checkpoints." in done.out
    assert "Without a checkpoint" in done.out
    run("checkpoint")
    done = run("verify", "--json")
    found = json.loads(done.out)
    assert (found["ok"], found["events"], found["checkpoints"]) == (True, 4, 2)


def test_a_change_is_named_with_its_place_and_status_1(run: Run, home: Path) -> None:
    fill(home, *of_default(3))
    tamper(home / "store.db", "delete from audit_event where seq = 2")
    done = run("verify")
    assert done.status == 1 and done.out == ""
    assert "missing: default, event 2: event 2 is not there" in done.err
    found = json.loads(run("verify", "--json").out)
    assert found["findings"][0] == {
        "tenant": "default", "seq": 2, "kind": "missing", "what": "event 2 is not there",
    }  # fmt: skip


def test_a_cut_end_is_found_with_what_the_sink_kept(run: Run, home: Path) -> None:
    fill(home, *of_default(3))
    done = run("checkpoint")
    assert "default: event 3" in done.out and "sink file: has everything" in done.out
    tamper(
        home / "store.db",
        "delete from audit_event where seq = 3",
        "delete from audit_checkpoint",
    )
    assert run("verify").status == 0
    done = run("verify", "--against", str(home / "kept.jsonl"))
    assert done.status == 1 and "truncated: default, event 3" in done.err


def test_an_export_is_verified_where_there_is_no_home(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, *of_default(3))
    run("checkpoint")
    file, keys = tmp_path / "log.jsonl", tmp_path / "keys"
    file.write_text(run("export").out)
    keys.write_text(run("public-key").out)
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "nowhere"))
    for trusted in (str(keys), keys.read_text().split()[0]):
        done = run("verify", "--export", str(file), "--public-key", trusted)
        assert (done.status, done.err) == (0, "")
        assert "4 events of 1 chain, 1 checkpoint" in done.out
    done = run("verify", "--export", str(file))
    assert done.status == 0 and "no public key was given" in done.err
    file.write_text(file.read_text().replace("actor1", "actor7"))
    assert "edited: default, event 1" in run("verify", "--export", str(file)).err
    assert not (tmp_path / "nowhere").exists()


def test_events_are_shown_and_that_is_an_event(run: Run, home: Path) -> None:
    fill(home, *of_default(6))
    done = run("show", "--subject", "s1", "--limit", "1")
    (line,) = done.out.splitlines()
    assert "turn" in line and "actor0 about s1" in line and "turn=t4" in line
    found = json.loads(run("show", "--actor", "actor0", "--json").out)
    assert [e["seq"] for e in found] == [2, 4, 6] and "content" not in found[0]
    (read, _) = json.loads(run("show", "--kind", "audit-read", "--json").out)
    assert read["actor"].startswith("cli:") and read["subject"] == "s1"
    assert read["detail"]["chosen_by"] == "subject"
    told = run("show", "--since", "2100-01-01").err
    assert told == "No event of the tenant 'default' fits; `--tenant ''` has the installation's.\n"
    told = run("show", "--since", "2100-01-01", "--tenant", "default").err
    assert told == "No event of the tenant 'default' fits.\n"


@pytest.mark.parametrize("format_", ["jsonl", "ocsf", "cef"])
def test_each_format_is_one_event_a_line(run: Run, home: Path, format_: str) -> None:
    fill(home, *of_default(3))
    lines = run("export", "--format", format_, "--since", "2020-01-01").out.splitlines()
    if format_ == "cef":
        assert len(lines) == 4 and all(line.startswith("CEF:0|metier|") for line in lines)
    else:
        assert len(lines) == (5 if format_ == "jsonl" else 4)
        assert all(isinstance(json.loads(line), dict) for line in lines)


def test_each_tenant_has_its_own_key(run: Run, home: Path) -> None:
    fill(home, *of_default(1), event(1, "other"))
    keys = json.loads(run("public-key", "--json").out)
    assert set(keys) == {"default", "other"} and len(set(keys.values())) == 2
    assert run("public-key", "--tenant", "other").out == f"{keys['other']}  other\n"


def test_mistakes_are_one_line(run: Run, home: Path) -> None:
    fill(home, *of_default(1))
    for arguments, said in (
        (("verify", "--tenant", "nobody"), "no log of tenant 'nobody'. There are: default."),
        (("verify", "--public-key", "ab"), "--public-key goes with --export"),
        (("show", "--since", "yesterday"), "must be such as 2026-03-01"),
        (("show", "--content", " "), "only with a reason"),
    ):  # fmt: skip
        done = run(*arguments)
        assert done.status in (1, 2) and said in done.err and done.out == ""
    export = home / "export"
    export.write_text(run("export").out)
    done = run("verify", "--export", str(export), "--public-key", "abcd")
    assert done.status == 1 and "64 hexadecimal digits" in done.err


def test_a_broken_chain_is_not_signed(run: Run, home: Path) -> None:
    fill(home, *of_default(2))
    tamper(home / "store.db", "update audit_event set mac = zeroblob(32) where seq = 1")
    done = run("checkpoint")
    assert done.status == 1 and "changed at event 1" in done.err
    assert not (home / "kept.jsonl").exists()


def test_content_is_joined_for_a_reason_that_the_log_keeps(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.app import Metier

    async def talk() -> None:
        async with Metier.open(home) as app:
            await app.respond(app.request("writing", "Its a nice day in Paris."))

    asyncio.run(talk())
    shown = json.loads(run("show", "--kind", "turn", "--content", "case 7", "--json").out)
    assert "nice day" in json.dumps(shown[-1]["content"])
    assert "nice day" not in run("show", "--kind", "turn", "--json").out
    (read, *_) = json.loads(run("show", "--kind", "audit-read", "--json").out)
    assert (read["detail"]["content"], read["detail"]["reason"]) == (True, "case 7")
