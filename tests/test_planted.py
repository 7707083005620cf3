"""Planted values after a busy session: in no file, in no log line, in no telemetry, in no form."""

from __future__ import annotations

import base64
import logging
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from served import client_of
from toy import Gardening

from metier import rights
from metier.backup import Source, make_backup
from metier.cli._main import cli
from metier.model import Actor, Feedback, MetierError

ME = Actor("default", "me")
NAME, MAIL, ALLERGY, COMMENT, REASON, CHINESE = (
    "Wilhelmina Featherstone", "w.featherstone@zanzibar.example", "penicillin-xyz",
    "Zanzibarian judgement", "disputed Quatermain matter", "王丽华住在武汉东湖",
)  # fmt: skip
PLANTED = (NAME, MAIL, ALLERGY, COMMENT, REASON, CHINESE)


def forms(value: str) -> Iterator[bytes]:
    """A value as it is and as programs write it."""
    raw = value.encode()
    yield from (raw, raw.hex().encode(), raw.hex().upper().encode())
    yield from (value.encode("utf-16-le"), value.encode("utf-16-be"), quote(value).encode())
    yield quote(value, safe="").replace("%20", "+").encode()
    yield value.encode("unicode_escape").replace(b"\\x", b"\\u00")
    yield value.casefold().encode()
    for cut in range(3):  # wherever it stands in a longer text
        whole = raw[cut : cut + (len(raw) - cut) // 3 * 3]
        yield from (base64.b64encode(whole), base64.urlsafe_b64encode(whole))


def bytes_of(file: Path) -> Iterator[bytes]:
    """A file's bytes, and those of every compressed stream in it."""
    data = file.read_bytes()
    yield data
    for head in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b\x08"):
        place = data.find(head)
        while place >= 0:
            stream = zlib.decompressobj(47)
            with suppress(zlib.error):  # no stream after all
                yield stream.decompress(data[place:])
            place = data.find(head, place + 1)


def hits(*folders: Path) -> list[str]:
    """Planted values in the files below some folders, by file."""
    return [
        f"{file.name}: {value}"
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
        for data in bytes_of(file)
        for value in PLANTED
        if any(form in data for form in forms(value))
    ]


async def busy(app: Any) -> None:
    """Turns in two languages, consent, feedback, rights, and errors of every kind."""
    await rights.consent(app.parts, ME, None, "health", "1")
    said = (("healthcare", f"I am allergic to {ALLERGY}."), ("gardening", f"I am {NAME}, {MAIL}."),
            ("gardening", f"我叫{CHINESE}。月季什么时候修剪？"))  # fmt: skip
    for domain, text in said:
        answer = await app.respond(app.request(domain, text, conversation="c"))
    await app.feedback(ME, Feedback(answer.id, -1, COMMENT))
    await app.set_fact(ME, None, "likes", COMMENT, "preference")
    await rights.restrict(app.parts, ME, None, True, REASON)
    await rights.restrict(app.parts, ME, None, False, REASON)
    await rights.export(app.parts, ME, None)
    for wrong in (
        lambda: app.set_fact(ME, None, "religion", NAME, "religion"),
        lambda: app.respond(app.request("nowhere", NAME)),
        lambda: app.respond(app.request("gardening", NAME + "\0")),
        lambda: rights.correct(app.parts, ME, None, "none", NAME),
        lambda: app.feedback(ME, Feedback("none", 1, COMMENT)),
    ):
        with pytest.raises(MetierError) as error:
            await wrong()
        assert not any(value in error.value.message for value in PLANTED)


async def test_no_planted_value_is_in_a_file_a_log_or_telemetry(
    open_metier: Any, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    simple = pytest.importorskip("opentelemetry.sdk.trace.export")
    from opentelemetry import trace as api

    spans, provider = export.InMemorySpanExporter(), trace.TracerProvider()
    provider.add_span_processor(simple.SimpleSpanProcessor(spans))
    monkeypatch.setattr(api, "get_tracer", lambda *a, **k: provider.get_tracer("test"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    caplog.set_level(logging.DEBUG)
    plugin = Gardening()
    app = await open_metier(plugin)
    await busy(app)
    plugin.broken = {"retrieve", "compose", "remember"}
    with pytest.raises(MetierError):
        await app.respond(app.request("gardening", f"I am {NAME}.", conversation="d"))
    async with client_of(app, {"k": ME}) as client:
        for body in (f'{{"model": "{NAME}"}}', f"{{{NAME}", f'{{"input": "{MAIL}"}}'):
            for path in ("/v1/chat/completions", "/v1/responses", "/v1/feedback"):
                await client.post(path, content=body.encode())
    assert hits(home, temporary) == []  # with the write-ahead log as it is now
    source = Source(home, app.parts.keyring, app.parts.audit, "test")
    await make_backup(source, tmp_path / "backups")
    facts = {fact.value for fact in await app.profile(ME)}
    assert {COMMENT} <= facts and any(ALLERGY.startswith(v) or v == ALLERGY for v in facts)
    await app.close()
    letter = tmp_path / "letter.txt"
    letter.write_text(f"I am {NAME}, {MAIL}.")
    (home / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(home))
    vault, out = tmp_path / "sealed" / "vault", tmp_path / "sealed" / "out.txt"
    vault.parent.mkdir()
    told = scrubbed(letter, vault, out)
    assert vault.exists(), told
    sealed = [each for each in hits(vault.parent) if each.startswith("vault")]
    assert hits(home, temporary, tmp_path / "backups") == [] and sealed == []
    told += caplog.text + repr([(s.name, dict(s.attributes or {}), s.events)
                                for s in spans.get_finished_spans()])  # fmt: skip
    assert not [value for value in PLANTED for form in forms(value) if form in told.encode()]


def scrubbed(letter: Path, vault: Path, out: Path) -> str:
    """Scrubs a file in a process's own event loop, and returns what was printed."""
    from concurrent.futures import ThreadPoolExecutor

    arguments = ["scrub", str(letter), "--vault", str(vault), "--output", str(out)]
    with ThreadPoolExecutor(1) as other:
        found = other.submit(CliRunner().invoke, cli, arguments).result()
    return str(found.output)


@pytest.mark.parametrize("value", PLANTED)
def test_the_search_finds_each_form(tmp_path: Path, value: str) -> None:
    for form in forms(value):
        file = tmp_path / "file"
        for data in (b"before" + form + b"after", b"x" + zlib.compress(b"a" + form + b"b") + b"y"):
            file.write_bytes(data)
            assert f"file: {value}" in hits(tmp_path)
