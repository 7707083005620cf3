"""The lines of a batch are turns like any other: privacy both ways, policy, audit; nothing kept."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from served import CHAT, RESPONSES, SECRET, audited, chat, engine, stored
from toy import Gardening

from metier import config
from metier.app import Metier
from metier.batch import Journal, Reply, Summary, read_batch, run_batch
from metier.cli._main import cli
from metier.inference import ServerEngine, VllmOptions
from metier.model import Actor
from metier.server import Limits, Offline
from metier_testing.upstream import RecordingUpstream

ME = Actor("default", "me")
NAME = "Anna Smith"


def line(custom_id: str, body: Any, url: str = CHAT, method: str = "POST") -> dict[str, Any]:
    return {"custom_id": custom_id, "method": method, "url": url, "body": body}


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


async def answered(app: Any, offline: Offline, *lines: Any) -> list[dict[str, Any]]:
    """The body of each answer, with its status."""
    found = []
    for each in lines:
        reply: Reply = await offline.answer(app, each, Limits(200_000))
        found.append({"status": reply.status, **json.loads(reply.body)})
    return found


async def test_a_file_goes_out_hidden_and_comes_back_restored_though_the_model_fails_for_some(
    open_metier: Any, home: Path, tmp_path: Path
) -> None:
    file = written(tmp_path / "in", *(
        line(str(n), {"model": "gardening", "input": f"I am {NAME}."}, RESPONSES)
        for n in range(6)
    ))  # fmt: skip
    batch = read_batch(file)
    journal = Journal.open(tmp_path / "out", batch, {}, False)
    async with RecordingUpstream() as upstream:
        app = await open_metier(Gardening(), engine=engine(upstream.base_url))
        upstream.fail(400, times=2)

        async def send(asked: dict[str, Any]) -> Reply:
            return await Offline(ME).answer(app, asked, Limits(200_000))

        done = await run_batch(batch, journal, send, at_once=2)
    journal.close()
    assert done == Summary(6, 2, before=0)
    assert len(upstream.requests) == 6
    assert not any(word.encode() in b"".join(upstream.requests) for word in NAME.split())
    answers = [json.loads(each) for each in (tmp_path / "out").read_text().splitlines()]
    assert [each["custom_id"] for each in answers] == [str(n) for n in range(6)]
    well = [each for each in answers if each["response"]["status_code"] == 200]
    assert len(well) == 4 and all(NAME in json.dumps(each) for each in well)
    failed = [each for each in answers if each not in well]
    assert all(each["response"]["body"]["error"]["code"] for each in failed)
    assert NAME not in json.dumps(failed)
    kinds = [event["kind"] for event in audited(home)]
    assert kinds.count("egress-intent") == 6 and kinds.count("turn") == 4
    assert not any(word in json.dumps(audited(home)) for word in NAME.split())


async def test_nothing_of_it_is_kept_unless_it_is_asked_for(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    said = {**chat(), "messages": [{"role": "user", "content": "My balcony faces north."}]}
    for offline in (Offline(ME), Offline(ME, nobodys=False), Offline(ME, store=True)):
        assert (await answered(app, offline, line("a", said)))[0]["status"] == 200
    assert await app.profile(ME) == []
    before = stored(home)
    assert (await answered(app, Offline(ME), line("a", {**said, "store": None})))[0][
        "status"
    ] == 200
    assert stored(home) == before
    asked = {**said, "store": True}
    await answered(app, Offline(ME, nobodys=False), line("a", asked))
    assert [fact.slot for fact in await app.profile(ME)] == ["light"]


async def test_nobodys_lines_read_no_profile(open_metier: Any) -> None:
    async with RecordingUpstream() as upstream:
        app = await open_metier(Gardening(), engine=engine(upstream.base_url))
        await app.set_fact(ME, None, "allergy", "penicillin", "preference")
        asked = line("a", {**chat(), "messages": [{"role": "user", "content": "Any allergy?"}]})
        await answered(app, Offline(ME), asked)
        await answered(app, Offline(ME, nobodys=False), asked)
    without, own = (body.decode() for body in upstream.requests)
    assert "penicillin" not in without and "penicillin" in own


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        (line("a", chat(stream=True)), 400, "stream"),
        (line("a", chat(), url="/v1/embeddings"), 404, "url"),
        (line("a", chat(), method="GET"), 405, "method"),
        (line("a", chat(), url=SECRET), 404, "url"),
        (line("a", [SECRET]), 400, "body"),
        (line("a", None), 400, "messages"),
        (line("a", {**chat(), SECRET: 1}), 400, None),
        (line("a", {**chat(), "model": SECRET}), 404, "model"),
        (line("a", chat(user="x" * 200_000)), 413, "body"),
        (line("a", {"a": json.loads("[" * 150 + "]" * 150)}), 400, "body"),
    ],
)
async def test_a_line_that_is_wrong_is_told_so_without_its_words(
    open_metier: Any, asked: Any, status: int, param: str | None
) -> None:
    (found,) = await answered(await open_metier(Gardening()), Offline(ME), asked)
    assert (found["status"], found["error"]["param"]) == (status, param), found
    assert not any(word in json.dumps(found) for word in SECRET.split())


async def test_a_vllm_that_has_priorities_puts_a_batch_behind_what_people_wait_for(
    open_metier: Any,
) -> None:
    async with RecordingUpstream() as upstream:
        for options in (VllmOptions(priority=3), VllmOptions()):
            to_it = ServerEngine(engine(upstream.base_url), options)
            app = await open_metier(Gardening(), engine=to_it)
            asked = {**chat(), "messages": [{"role": "user", "content": "When do I prune?"}]}
            await answered(app, Offline(ME), line("a", asked))
            await app.respond(app.request("gardening", "When do I prune?"))
            await app.close()
    assert [body.get("priority") for body in upstream.bodies] == [4, 3, None, None]


@pytest.fixture
def ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (home / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(home))
    return home


def command(*words: str) -> Any:
    return CliRunner().invoke(cli, ["batch", *words], standalone_mode=False)


def test_the_command_says_by_its_status_whether_all_went_well(ready: Path, tmp_path: Path) -> None:
    good = line("a", {"model": "writing", "messages": [{"role": "user", "content": "Its late."}]})
    file, out = written(tmp_path / "in", good), tmp_path / "out"
    found = command(str(file), "-o", str(out))
    assert (found.return_value, found.exception) == (0, None), found.output
    assert "1 request answered" in found.stdout and "1 of 1 answered" in found.stderr
    assert json.loads(out.read_text())["response"]["body"]["object"] == "chat.completion"
    assert list(asyncio.run(profile_of(ready))) == []
    written(file, good, line("b", {"model": "none"}))
    found = command(str(file), "-o", str(out), "--force", "--json")
    assert found.return_value == 1
    assert json.loads(found.stdout) == {"requests": 2, "failed": 1, "before": 0}


async def profile_of(home: Path) -> list[Any]:
    async with Metier.open(home, config.load(home)) as app:
        return await app.profile(Actor("default", "me"))


def test_where_a_server_runs_the_command_asks_it(
    ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.cli import _remote
    from metier.model import MetierError
    from metier.server import Door

    seen: list[Any] = []
    door = Door("http://127.0.0.1:9", "default", 1, "key")

    def post(_: Door, path: str, asked: Any) -> bytes:
        seen.append((path, asked["subject"], asked["store"], threading.current_thread().name))
        if asked["request"]["custom_id"] == "b":
            raise MetierError("The body is too large.", code="body_too_large", status=413)
        if asked["request"]["custom_id"] == "c":
            raise MetierError("It doesn't answer.", code="server_unavailable")
        return b'{"status": 200, "request": "r", "body": {"text": "\\u597d"}}'

    monkeypatch.setattr(_remote, "running", lambda: door)
    monkeypatch.setattr(_remote, "_post", post)
    file, out = written(tmp_path / "in", line("a", {}), line("b", {})), tmp_path / "out"
    assert command(str(file), "-o", str(out), "--as", "anna", "--store").return_value == 1
    assert [each[:3] for each in seen] == [("/local/batch", "anna", True)] * 2
    a, b = (json.loads(each)["response"] for each in out.read_text().splitlines())
    assert (a["status_code"], a["body"]) == (200, {"text": "好"})
    assert (b["status_code"], b["body"]["error"]["code"]) == (413, "body_too_large")
    written(file, line("a", {}), line("c", {}))
    found = command(str(file), "-o", str(tmp_path / "more"), "--at-once", "1")
    assert isinstance(found.exception, MetierError)
    assert (tmp_path / "more.part").exists() and not (tmp_path / "more").exists()
