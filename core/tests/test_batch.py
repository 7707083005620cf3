"""A batch has one answer a request, in order, whatever stops it and however often."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.batch import Journal, Reply, Summary, _file, read_batch, run_batch
from metier.model import MetierError

ABOUT = {"subject": None, "store": False}
SECRET = "Featherstone"


def request(custom_id: str, **body: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return path


def answers(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]


class Answering:
    """Answers with what was asked; stops for good, or says an error, where it is told to."""

    def __init__(self, stop_after: int = -1, errors: dict[str, list[int]] | None = None) -> None:
        self.stop_after, self.errors = stop_after, errors or {}
        self.seen: list[str] = []
        self.most = self.under_way = 0

    async def __call__(self, asked: dict[str, Any]) -> Reply:
        if len(self.seen) == self.stop_after:
            raise MetierError("The server is gone.", code="server_unavailable")
        self.seen.append(asked["custom_id"])
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        statuses = self.errors.get(asked["custom_id"], [])
        status = statuses.pop(0) if statuses else 200
        return Reply(status, "r", json.dumps({"said": asked["body"]}).encode())


async def nothing(_: float) -> None:
    pass


def batched(file: Path, out: Path, send: Answering, at_once: int = 3, **how: Any) -> Summary:
    batch = read_batch(file)
    journal = Journal.open(out, batch, how.get("about", ABOUT), how.get("force", False))
    try:
        return asyncio.run(run_batch(batch, journal, send, at_once=at_once, sleep=nothing))
    finally:
        journal.close()


@given(
    ids=st.lists(st.text(min_size=1, max_size=5).filter(lambda t: t.isprintable()), unique=True,
                 min_size=1, max_size=12),
    stops=st.lists(st.integers(0, 6), max_size=4),
    at_once=st.integers(1, 5),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_each_request_has_one_answer_however_often_the_run_is_stopped(
    ids: list[str], stops: list[int], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    file, out = written(folder / "in", *(request(i, n=i) for i in ids)), folder / "out"
    for stop in [*stops, -1]:
        if not out.exists():
            try:
                batched(file, out, Answering(stop_after=stop), at_once)
            except MetierError:
                assert not out.exists()
    found = answers(out)
    assert [line["custom_id"] for line in found] == ids
    assert [line["response"]["body"]["said"]["n"] for line in found] == ids
    assert len({line["id"] for line in found}) == len(ids)
    assert sorted(p.name for p in folder.iterdir()) == ["in", "out"]


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    file = written(tmp_path / "in", *(request(str(i)) for i in range(10)))
    first = Answering(stop_after=6)
    with pytest.raises(MetierError, match="gone"):
        batched(file, tmp_path / "out", first, at_once=1)
    second = Answering()
    assert batched(file, tmp_path / "out", second, at_once=1) == Summary(10, 0, before=6)
    assert first.seen + second.seen == [str(i) for i in range(10)]


def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    file, part = written(tmp_path / "in", request("a"), request("b")), tmp_path / "out.part"
    with pytest.raises(MetierError):
        batched(file, tmp_path / "out", Answering(stop_after=1), at_once=1)
    whole = part.read_bytes()
    for end in range(len(whole)):  # a kill or a power cut may leave any beginning
        part.write_bytes(whole[:end])
        assert batched(file, tmp_path / "out", Answering()).requests == 2
        assert [line["custom_id"] for line in answers(tmp_path / "out")] == ["a", "b"]
        (tmp_path / "out").unlink()


_RUN = """
import asyncio, json, sys
from pathlib import Path
from metier.batch import Journal, Reply, read_batch, run_batch
async def send(asked):
    print("asked", flush=True)
    await asyncio.sleep(0.002)
    return Reply(200, "r", json.dumps(asked["body"]).encode())
batch = read_batch(Path(sys.argv[1]))
journal = Journal.open(Path(sys.argv[2]), batch, {}, False)
asyncio.run(run_batch(batch, journal, send, at_once=4))
"""


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path / "in", *(request(str(i), n=i) for i in range(60)))
    command = [sys.executable, "-c", _RUN, str(file), str(tmp_path / "out")]
    for lines in (1, 9, 20):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(lines):
                assert process.stdout.readline() == "asked\n"
            process.kill()
        assert not (tmp_path / "out").exists()
    rest = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert [(x["custom_id"], x["response"]["body"]["n"]) for x in answers(tmp_path / "out")] == [
        (str(i), i) for i in range(60)
    ]
    assert rest.stdout.count("asked") < 60  # what was kept was not asked again
    assert not (tmp_path / "out.part").exists()


def test_an_error_is_the_answer_of_its_line_alone(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"), request("b"), request("c"))
    done = batched(file, tmp_path / "out", Answering(errors={"b": [502]}))
    assert done == Summary(3, 1, before=0)
    assert [x["response"]["status_code"] for x in answers(tmp_path / "out")] == [200, 502, 200]


def test_what_may_be_well_in_a_moment_is_tried_again_and_not_for_ever(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("busy"), request("never"))
    send = Answering(errors={"busy": [429, 503], "never": [503] * 9})
    assert batched(file, tmp_path / "out", send).failed == 1
    assert (send.seen.count("busy"), send.seen.count("never")) == (3, 4)


def test_errors_of_a_run_before_count(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"), request("b"))
    with pytest.raises(MetierError):
        batched(file, tmp_path / "out", Answering(stop_after=1, errors={"a": [400]}), at_once=1)
    assert batched(file, tmp_path / "out", Answering()) == Summary(2, 1, before=1)


def test_no_more_are_under_way_than_allowed(tmp_path: Path) -> None:
    file = written(tmp_path / "in", *(request(str(i)) for i in range(20)))
    send = Answering()
    batched(file, tmp_path / "out", send, at_once=4)
    assert send.most == 4


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"), request("b"))
    before = os.umask(0)
    try:
        with pytest.raises(MetierError):
            batched(file, tmp_path / "out", Answering(stop_after=1), at_once=1)
        assert stat.S_IMODE((tmp_path / "out.part").stat().st_mode) == 0o600
        batched(file, tmp_path / "out", Answering())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    file, out = written(tmp_path / "in", request("a")), tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(MetierError, match="exists already"):
        batched(file, out, Answering())
    assert (out.read_text(), list(tmp_path.glob("out.part"))) == ("mine", [])
    batched(file, out, Answering(), force=True)
    assert len(answers(out)) == 1


def test_a_file_that_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file, out = written(tmp_path / "in", request("a"), request("b")), tmp_path / "out"
    with pytest.raises(MetierError):
        batched(file, out, Answering(stop_after=1), at_once=1)
    out.write_text("mine")
    with pytest.raises(MetierError, match="exists already"):
        batched(file, out, Answering())
    assert out.read_text() == "mine"
    out.unlink()
    send = Answering()
    batched(file, out, send)
    assert (len(answers(out)), send.seen) == (2, [])


def test_a_run_that_was_ended_before_it_took_the_part_away_is_done(tmp_path: Path) -> None:
    file, out = written(tmp_path / "in", request("a")), tmp_path / "out"
    batch = read_batch(file)
    journal = Journal.open(out, batch, ABOUT, False)
    journal.add("a", b'{"custom_id":"a","response":{"status_code":200}}', False)
    journal.close()
    part = (tmp_path / "out.part").read_bytes()
    batched(file, out, Answering())
    (tmp_path / "out.part").write_bytes(part)
    batched(file, out, Answering())
    assert (len(answers(out)), (tmp_path / "out.part").exists()) == (1, False)


def test_a_run_goes_on_with_its_own_file_and_settings_only(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"), request("b"))
    with pytest.raises(MetierError):
        batched(file, tmp_path / "out", Answering(stop_after=1), at_once=1)
    with pytest.raises(MetierError, match="other settings"):
        batched(file, tmp_path / "out", Answering(), about={"subject": "anna", "store": False})
    written(file, request("a"), request("b", n=2))
    with pytest.raises(MetierError, match="another file"):
        batched(file, tmp_path / "out", Answering())


def test_two_runs_never_write_to_one_file(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"))
    journal = Journal.open(tmp_path / "out", read_batch(file), ABOUT, False)
    with pytest.raises(MetierError, match="Another process"):
        batched(file, tmp_path / "out", Answering())
    journal.close()
    assert batched(file, tmp_path / "out", Answering()).requests == 1


@pytest.mark.parametrize(
    ("record", "why"),
    [({"custom_id": SECRET, "response": {"status_code": 200}}, "of no request"),
     ({"custom_id": "a"}, "without an answer"), (["a"], "no object")],
)  # fmt: skip
def test_a_part_that_something_else_wrote_to_is_refused(
    tmp_path: Path, record: Any, why: str
) -> None:
    file = written(tmp_path / "in", request("a"))
    Journal.open(tmp_path / "out", read_batch(file), ABOUT, False).close()
    with (tmp_path / "out.part").open("a") as part:
        part.write(json.dumps(record) + "\n")
    with pytest.raises(MetierError, match="changed by something else") as error:
        batched(file, tmp_path / "out", Answering())
    assert SECRET not in error.value.message, why


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([request(SECRET), request("b"), request(SECRET)], "Line 3.*that of line 1"),
        ([request("a"), {"method": "POST", "body": {"x": SECRET}}], "Line 2.*needs a `custom_id`"),
        ([request("a") | {SECRET: 1}], "Line 1.*a field besides"),
        ([[SECRET]], "Line 1.*no JSON object"),
        ([], "no request"),
    ],
)
def test_what_leaves_an_answer_without_a_name_is_refused_at_the_start(
    tmp_path: Path, lines: list[Any], said: str
) -> None:
    with pytest.raises(MetierError, match=said) as error:
        read_batch(written(tmp_path / "in", *lines))
    assert SECRET not in error.value.message


def test_a_line_that_is_no_json_is_named_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "in").write_text(f"\n{json.dumps(request('a'))}\n{{{SECRET}\n")
    with pytest.raises(MetierError, match="Line 3 of the file: it is no JSON") as error:
        read_batch(tmp_path / "in")
    assert SECRET not in error.value.message


def test_a_file_that_is_changed_while_it_is_answered_ends_the_run(tmp_path: Path) -> None:
    file = written(tmp_path / "in", request("a"), request("b"))
    batch = read_batch(file)
    written(file, request("b"), request("a"))
    journal = Journal.open(tmp_path / "out", batch, ABOUT, False)
    with pytest.raises(MetierError, match="another than when the run began"):
        asyncio.run(run_batch(batch, journal, Answering(), at_once=1))
    journal.close()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_full_disk_ends_the_run_with_its_file_named_and_it_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """At the first answer, at the second, or where both go into their file."""
    file, out = written(tmp_path / "in", request("a"), request("b")), tmp_path / "out"
    real, calls = os.fsync, [0]

    def full(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MetierError, match="No space left on device") as error:
        batched(file, out, Answering(), at_once=1)
    assert "out" in error.value.message and "same command" in error.value.message
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    monkeypatch.setattr(os, "fsync", real)
    batched(file, out, Answering())
    assert [each["custom_id"] for each in answers(out)] == ["a", "b"]


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.write_text("\ufeff" + json.dumps(request("a")) + "\n" + json.dumps(request("b")))
    send = Answering()
    batched(file, tmp_path / "out", send)
    assert sorted(send.seen) == ["a", "b"]


def test_a_line_without_an_end_is_refused_before_all_of_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file, "MOST_BYTES", 1000)
    file = tmp_path / "in"
    file.write_text("x" * 50_000)
    taken: list[int] = []
    real = _file._custom_id

    def spied(data: bytes, place: int) -> str:
        taken.append(len(data))
        return real(data, place)

    monkeypatch.setattr(_file, "_custom_id", spied)
    with pytest.raises(MetierError, match="Line 1 of the file: it is larger than 1,000 bytes"):
        read_batch(file)
    assert taken == [1001]
