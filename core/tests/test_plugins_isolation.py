"""`isolation: process`: what a hostile plugin tries is refused, and the host goes on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plugin_kit import HOSTILE, Isolate, install, told

from metier.hookspecs import hookimpl
from metier.model import Fact, HookFailure, Manifest, Provenance, Turn
from metier.plugins import Host, Isolation, Refusal, Registry, discover
from metier.plugins import _process as process_module
from metier.plugins import _sandbox as sandbox
from metier.plugins._isolate import RemotePlugin
from metier.plugins._process import NotRunning, ProcessEnded

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing())

WHERE = Provenance("turn", "x:y")
FACTS = (Fact("light", "north", "preference", 0.9, WHERE),
         Fact("allergy", "penicillin", "health", 0.9, WHERE))  # fmt: skip


def turn(wish: str, **more: Any) -> Turn:
    message = json.dumps({"try": wish, **more})
    return Turn("t", "acme", "anna_smith", "hostile", "c", message, datetime.now(UTC), facts=FACTS)


class Clinic:
    """Declares what `allergy` is, and says something in the same turn."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("clinic", "C", "Joins.", domain=False, slots={"allergy": "health"})

    rewrite_query = staticmethod(told("from the clinic"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """One process for everything that it survives."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("METIER_PASSPHRASE", "planted-passphrase")
        patch.setenv("https_proxy", "http://planted-proxy")
        name = install(folder, HOSTILE, entry="hostile")
        found = discover([Clinic()], isolation=Isolation(plugins=frozenset({name})))
        assert [p.reason for p in found.plugins if p.distribution == name] == [""]
    # From here on it is not on the path: other tests must not find it, least of all unisolated.
    yield found
    found.close()


async def tried(registry: Registry, wish: str, **more: Any) -> str:
    outcome = await registry.host("hostile").first("compose", lambda m: turn(wish, **more))
    assert not outcome.failures
    text: str = outcome.contributions[0].value.text
    return text


def remote(registry: Registry) -> RemotePlugin:
    (found,) = [p.plugin for p in registry.plugins if isinstance(p.plugin, RemotePlugin)]
    return found


# --- what it can't reach ---------------------------------------------------------------


@pytest.mark.parametrize(
    "wish",
    ["create", "folder", "copy", "memory file", "unix", "netlink", "pair", "listen", "name", "fork",
     "subprocess", "spawn", "shell", "exec", "kill", "trace", "parent memory", "raise a limit",
     "a new namespace", "a ring", "bpf", "old calls", "mount", "memory"],
)  # fmt: skip
async def test_processes_sockets_and_the_like_are_refused(hostile: Registry, wish: str) -> None:
    assert (await tried(hostile, wish)).startswith("refused: ")


@pytest.mark.parametrize(
    "wish",
    ["read", "read raw", "write", "append", "delete", "rename", "link", "mode"],
)  # fmt: skip
async def test_the_root_key_and_the_store_are_out_of_reach(
    hostile: Registry, wish: str, tmp_path: Path
) -> None:
    for name in ("root.key", "store.db"):
        file = tmp_path / name
        file.write_bytes(b"planted")
        assert await tried(hostile, wish, path=str(file)) == "refused: PermissionError"
        assert file.read_bytes() == b"planted"
        assert os.listdir(tmp_path) == [name]
        file.unlink()


@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/proc/1/environ", "/etc/passwd", "/dev/mem"]
)
async def test_the_systems_own_files_are_out_of_reach(hostile: Registry, path: str) -> None:
    assert (await tried(hostile, "read", path=path)).startswith("refused: ")


async def test_folders_can_not_be_looked_into(hostile: Registry, tmp_path: Path) -> None:
    for path in (tmp_path, Path.home(), Path("/proc")):
        assert await tried(hostile, "list", path=str(path)) == "refused: PermissionError"


async def test_no_address_can_be_reached_here_or_outside(hostile: Registry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "192.0.2.1"):
            for how in ("connect", "datagram"):
                assert await tried(hostile, how, host=host, port=port) == "refused: PermissionError"


async def test_the_environment_the_folder_and_the_descriptors_hold_nothing(
    hostile: Registry,
) -> None:
    environment = await tried(hostile, "environment")
    assert environment.startswith("in: ")
    assert "planted" not in environment
    assert set(json.loads(environment[4:])) <= {"LC_CTYPE", "ORT_DISABLE_TELEMETRY"}
    folder = Path((await tried(hostile, "folder it is in"))[4:])
    assert os.listdir(folder) == []
    # The channel to the host and the event loop's own three.
    assert len(json.loads((await tried(hostile, "descriptors"))[4:])) <= 4


async def test_whether_a_path_exists_can_be_found_out_which_is_a_limit(
    hostile: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "root.key"
    file.write_bytes(b"planted")
    assert await tried(hostile, "size", path=str(file)) == "in: 7"


async def test_facts_of_other_categories_are_not_there_and_reaching_is_reported(
    hostile: Registry,
) -> None:
    reports: list[Refusal] = []

    async def report(refusal: Refusal) -> None:
        reports.append(refusal)

    hostile.on_refusal(report)
    assert json.loads(await tried(hostile, "facts")) == ["north", 1, {}]
    host = hostile.host("hostile", ["clinic"])
    outcome = await host.call("rewrite_query", lambda m: turn("others' facts"))
    assert [c.plugin for c in outcome.contributions] == ["clinic"]
    assert outcome.failures == (HookFailure("hostile", "rewrite_query", "PurposeRefused"),)
    assert [(r.plugin, r.kind, r.name) for r in reports] == [("hostile", "read", "health")]


async def test_the_name_of_an_exception_carries_nothing_out(hostile: Registry) -> None:
    outcome = await hostile.host("hostile").call("rewrite_query", lambda m: turn("leak a name"))
    assert [f.error for f in outcome.failures] == ["PluginError"]


# --- what it does to itself ---------------------------------------------------------------


async def until_well(host: Host) -> None:
    """Calls until the plugin answers again."""
    for _ in range(200):
        outcome = await host.call("rewrite_query", lambda m: turn("nothing"))
        if ("hostile", ("well",)) in [(c.plugin, c.value) for c in outcome.contributions]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(outcome)


@pytest.mark.parametrize(
    ("wish", "more"),
    [
        ("exit", {}),
        ("segfault", {}),
        ("garbage", {"bytes": "ff" * 64}),  # a length beyond all bounds
        ("garbage", {"bytes": "00000003" + b"{]}".hex()}),
        ("garbage", {"bytes": "00000002" + b"[]".hex()}),
        ("garbage", {"bytes": "00000016" + b'{"id":9999,"result":1}'.hex()}),
        ("garbage", {"bytes": "00000010" + b'{"id":1,"result"'.hex()}),
    ],
)
async def test_a_process_that_ends_or_talks_garbage_fails_its_call_and_is_started_again(
    isolate: Isolate, caplog: pytest.LogCaptureFixture, wish: str, more: dict[str, Any]
) -> None:
    _, found = isolate(HOSTILE, Clinic())
    host = found.host("hostile", ["clinic"])
    with caplog.at_level(logging.WARNING, "metier"):
        outcome = await host.call("rewrite_query", lambda m: turn(wish, **more))
    assert [c.plugin for c in outcome.contributions] == ["clinic"]
    assert outcome.failures == (HookFailure("hostile", "rewrite_query", "ProcessEnded"),)
    assert "process of the plugin 'hostile'" in caplog.text
    assert "anna" not in caplog.text
    await until_well(host)


@pytest.mark.parametrize("wish", ["sleep", "spin"])
async def test_a_hook_that_holds_its_process_is_late_and_its_process_is_ended(
    isolate: Isolate, wish: str
) -> None:
    _, found = isolate(HOSTILE)
    host = found.host("hostile")
    first = remote(found).process._life
    outcome = await host.call("check_output", lambda m: turn(wish), answer="")
    assert outcome.failures == (HookFailure("hostile", "check_output", "Late"),)
    assert outcome.failed_closed
    await until_well(host)
    assert first._process.returncode is not None
    assert remote(found).process._life is not first


async def test_a_hook_that_stops_when_told_keeps_its_process(isolate: Isolate) -> None:
    _, found = isolate(HOSTILE)
    host = found.host("hostile")
    first = remote(found).process._life
    outcome = await host.call("check_output", lambda m: turn("wait"), answer="")
    assert [f.error for f in outcome.failures] == ["Late"]
    await until_well(host)
    for _ in range(1000):  # until it has said that it stopped
        if not first._given_up:
            break
        await asyncio.sleep(0.01)
    assert remote(found).process._life is first
    assert first._process.poll() is None


async def test_a_process_is_started_again_so_often_and_not_more(
    isolate: Isolate, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, found = isolate(HOSTILE)
    process = remote(found).process
    now = 0.0
    process._clock = lambda: now
    monkeypatch.setattr(process_module, "RESTARTS", 2)
    question = {"hook": "rewrite_query", "arguments": {"turn": turn("exit")}}
    for _ in range(3):  # the first start, and two more
        with pytest.raises(ProcessEnded):
            await process.ask(question)
    with pytest.raises(NotRunning):
        await process.ask(question)
    now = process_module.WINDOW
    with pytest.raises(ProcessEnded):
        await process.ask(question)


async def test_a_plugin_that_tells_something_else_at_its_next_start_is_not_used_any_more(
    isolate: Isolate,
) -> None:
    _, found = isolate(HOSTILE.replace('"Tries."', 'f"Tries {os.getpid()}."'))
    process = remote(found).process
    with pytest.raises(ProcessEnded):
        await process.ask({"hook": "rewrite_query", "arguments": {"turn": turn("exit")}})
    for _ in range(2):
        with pytest.raises(NotRunning):
            await process.ask({"hook": "rewrite_query", "arguments": {"turn": turn("nothing")}})


async def test_a_process_near_the_end_of_its_time_is_started_anew_between_calls(
    isolate: Isolate,
) -> None:
    _, found = isolate(HOSTILE)
    process = remote(found).process
    first = process._life
    first._cpu = 0.9 * first._most_cpu
    await until_well(found.host("hostile"))
    assert process._life is not first
    assert not process._restarts


async def test_closing_the_registry_ends_the_process_and_its_folder(isolate: Isolate) -> None:
    _, found = isolate(HOSTILE)
    life = remote(found).process._life
    assert life._folder.exists()
    found.close()
    assert life._process.returncode is not None
    assert not life._folder.exists()
    outcome = await found.host("hostile").call("rewrite_query", lambda m: turn("nothing"))
    assert [f.error for f in outcome.failures] == ["NotRunning"]
