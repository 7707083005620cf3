"""scrub: structure stays, one person has one pseudonym, and the vault brings everything back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier._building import Lazy
from metier.app import make_keys
from metier.cli import main
from metier.privacy import (
    FORMATS,
    PSEUDONYM,
    Csv,
    Detector,
    Format,
    Scrubber,
    format_for,
)

SECRET = "Zebulon Quartermain"
DETECTOR = Detector()
BUILT: dict[str, Detector] = {}
"""Detectors are the same in every home, and take their time to build."""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What a failed command said: one line on standard error, and nothing else."""
        assert self.status == 1 and self.out == "", self
        (line,) = self.err.splitlines()
        assert line.startswith("metier: ") and SECRET not in line and "王丽华" not in line
        return line


Run = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture) -> Run:  # type: ignore[type-arg]
    """`run("scrub", "-", stdin=…)`: the command, in this process."""
    build = Lazy.detector

    def built_once(lazy: Lazy, domain: str) -> Detector:
        if domain not in BUILT:
            BUILT[domain] = build(lazy, domain)
        return BUILT[domain]

    monkeypatch.setattr(Lazy, "detector", built_once)

    def call(*arguments: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["metier", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        shown = capsysbinary.readouterr()
        code = stop.value.code
        return Done(code if isinstance(code, int) else 0, shown.out.decode(), shown.err.decode())

    return call


TEXT = "I am Anna Smith, anna@mail.example.\r\nAnna called. 我叫王丽华，电话13812345678。\n"
TABLE = '姓名,电话,备注\r\n王丽华,13812345678,"你好, ""朋友"""\r\n李明强,13912345678,王丽华来电\r\n'
OBJECT = (
    '{\n  "患者姓名": "王丽华",\n  "phone": 13812345678,\n  "ratio": 1.50,\n'
    '  "contacts": {"anna@mail.example": ["Anna Smith", null, "\\u738b丽华"]}\n}\n'
)
LINES = '{"note": "Smith called"}\n\n{"name": "Anna Smith", "n": 1e2}\r\n{"姓名": "王丽华"}'
SAMPLES = [("a.txt", TEXT), ("a.csv", TABLE), ("a.json", OBJECT), ("a.jsonl", LINES)]


# --- there and back -------------------------------------------------------------------


@pytest.mark.parametrize(("name", "content"), SAMPLES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_scrubbed_with_a_vault_comes_back_exactly(
    run: Run, tmp_path: Path, name: str, content: str, mark: str
) -> None:
    file, out, vault = tmp_path / name, tmp_path / f"out-{name}", tmp_path / "vault"
    file.write_bytes((mark + content).encode())
    assert run("scrub", file, "--output", out, "--vault", vault) == Done(0, "", "")
    hidden = out.read_bytes().decode()
    for value in ("Anna", "Smith", "mail.example", "王丽华", "13812345678"):
        assert value not in hidden
    done = run("scrub", "--restore", "--vault", vault, out)
    restored = done.out.replace('"王丽华"', '"\\u738b丽华"') if "\\u" in content else done.out
    assert (done.status, done.err) == (0, "")
    if name == "a.json":
        assert json.loads(done.out.removeprefix("\ufeff")) == json.loads(content)
        assert len(restored.splitlines()) == len(content.splitlines()) and "1.50" in restored
    else:
        assert done.out == mark + content
    assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o600 for path in (out, vault))


def test_one_person_has_one_pseudonym_throughout_and_the_last_line_hides_the_first(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"note": "丽华来电"}\n' * 700 + '{"姓名": "王丽华"}\n{"name": "王丽华"}\n')
    out = run("scrub", file).out
    *notes, first, second = out.splitlines()
    assert first.removeprefix('{"姓名": ') == second.removeprefix('{"name": ')
    code = PSEUDONYM.findall(first)[0][1:-1]
    assert all(code in note and "丽华" not in note for note in notes)


def test_a_table_keeps_its_columns_and_a_heading_labels_its_column(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text('id;患者姓名;note\n7;罗丝;"a; b"\n8;玛丽;c\n', "utf-8")
    rows = list(csv.reader(io.StringIO(run("scrub", file).out), delimiter=";"))
    assert rows[0] == ["id", "患者姓名", "note"]
    assert [(r[0], r[2]) for r in rows[1:]] == [("7", "a; b"), ("8", "c")]
    assert all(PSEUDONYM.fullmatch(r[1]) for r in rows[1:])


def test_a_table_without_a_heading_is_not_taken_for_one_with(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("王丽华,13812345678\n李明强,13912345678\n", "utf-8")
    assert "a.csv: the first row should name the columns, but holds" in run("scrub", file).line
    assert "王丽华" not in run("scrub", file, "--no-header").out
    assert run("scrub", file, "--header").out.startswith("王丽华,13812345678\n<PERSON_")


def test_numbers_of_json_come_back_as_numbers(run: Run, tmp_path: Path) -> None:
    file, out, vault = tmp_path / "a.json", tmp_path / "o.json", tmp_path / "v"
    file.write_text('{"phone": 13812345678, "n": 3}')
    run("scrub", file, "--output", out, "--vault", vault)
    assert isinstance(json.loads(out.read_text())["phone"], str)
    assert run("scrub", out, "--restore", "--vault", vault).out == file.read_text()


def test_identifiers_in_keys_are_hidden_and_the_words_of_keys_stay(run: Run) -> None:
    data = '{"Rose": {"anna@mail.example": 1, "姓名": "王丽华"}, "王丽华": 2, "姓名": "李明强"}'
    hidden = run("scrub", "-", "--format", "json", stdin=data.encode()).out
    assert '"Rose"' in hidden and hidden.count('"姓名"') == 2
    assert "anna@" not in hidden and "王丽华" not in hidden


def test_a_key_given_twice_loses_nothing(run: Run) -> None:
    data = b'{"name": "Anna Smith", "name": "Ben Jones"}'
    hidden = run("scrub", "-", "--format", "json", stdin=data).out
    assert len(set(PSEUDONYM.findall(hidden))) == 2


def test_lines_from_a_pipe_are_scrubbed_as_they_come(
    run: Run,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture,  # type: ignore[type-arg]
) -> None:
    seen: list[bytes] = []

    class Growing(io.BytesIO):
        def __next__(self) -> bytes:
            seen.append(capsysbinary.readouterr().out)
            return super().__next__()

    lines = Growing(b'{"name": "Anna Smith"}\n{"name": "Anna Smith"}\n')
    monkeypatch.setattr(sys, "argv", ["metier", "scrub", "-", "--format", "jsonl"])
    monkeypatch.setattr(sys, "stdin", type("In", (), {"buffer": lines}))
    with pytest.raises(SystemExit):
        main()
    assert seen[0] == b"" and seen[1].startswith(b'{"name": "<PERSON_') and seen[1] == seen[2]


def test_an_empty_file_stays_empty(run: Run, tmp_path: Path) -> None:
    for name in ("a.txt", "a.jsonl", "a.csv"):
        (tmp_path / name).write_bytes(b"")
        assert run("scrub", tmp_path / name) == Done(0, "", "")


@pytest.mark.timeout(600)
def test_the_commands_of_the_documentation_do_what_it_says(home: Path, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "privacy-alone.md").read_text("utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, re.S)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", commands], cwd=tmp_path, env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "PERSON" in done.stdout and done.stdout.rpartition("\n")[2].startswith("I am <PERSON_")
    hidden = (tmp_path / "hidden.csv").read_text("utf-8")
    assert hidden.startswith("姓名,电话,备注\n<PERSON_") and "王丽华" not in hidden


# --- the report -----------------------------------------------------------------------


def test_the_report_counts_what_the_policy_decided_and_shows_no_value(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TABLE, "utf-8")
    done = run("scrub", file, "--report")
    assert "王丽华" not in done.out + done.err and "PERSON" in done.err
    report = json.loads(run("scrub", file, "--json", "--output", tmp_path / "out").out)
    assert report["format"] == "csv" and "text" not in report
    counted = {(e["entity"], e["action"]): e["count"] for e in report["entities"]}
    assert counted == {("PERSON", "pseudonymise"): 3, ("PHONE_NUMBER", "pseudonymise"): 2}
    assert all(e["rule"] for e in report["entities"])
    assert "13812345678" not in json.dumps(report)


def test_the_report_counts_every_place_of_a_value_and_what_stays(run: Run) -> None:
    data = "姓名,到期\n" + "王丽华,2026-05-01\n" * 3
    done = run("scrub", "-", "--format", "csv", "--json", stdin=data.encode())
    report = json.loads(done.out)
    counted = {(e["entity"], e["action"]): e["count"] for e in report["entities"]}
    assert counted[("PERSON", "pseudonymise")] == 3
    assert counted.get(("DATE_TIME", "keep"), 3) == 3
    assert report["restorable_values"] == 1 and "王丽华" not in report["text"]


# --- vaults -----------------------------------------------------------------------------


@pytest.fixture
def scrubbed(run: Run, tmp_path: Path) -> tuple[Path, Path]:
    file, out, vault = tmp_path / "a.txt", tmp_path / "o.txt", tmp_path / "v"
    file.write_text(f"My name is {SECRET}.\n")
    assert run("scrub", file, "--output", out, "--vault", vault).status == 0
    return out, vault


def test_a_vault_is_sealed(scrubbed: tuple[Path, Path]) -> None:
    data = scrubbed[1].read_bytes()
    assert b"Zebulon" not in data and b"PERSON" not in data


def test_a_vault_that_was_changed_anywhere_does_not_open(
    run: Run, scrubbed: tuple[Path, Path]
) -> None:
    out, vault = scrubbed
    whole = vault.read_bytes()
    damaged = [whole[:-1], b"", whole[:40], whole + b"x"]
    damaged += [
        whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(0, len(whole), 23)
    ]
    for data in damaged:
        vault.write_bytes(data)
        assert "Nothing can be restored" in run("scrub", "--restore", "--vault", vault, out).line


def test_a_vault_of_another_installation_or_tenant_does_not_open(
    run: Run, home: Path, scrubbed: tuple[Path, Path]
) -> None:
    out, vault = scrubbed
    (home / "metier.toml").write_text('embeddings = "none"\ntenant = "other"\n')
    assert "another installation" in run("scrub", "--restore", "--vault", vault, out).line
    (home / "metier.toml").write_text('embeddings = "none"\n')
    for key in ("root.key", "keys.db", "store.db"):
        (home / key).unlink(missing_ok=True)
    make_keys(home)
    assert "another installation" in run("scrub", "--restore", "--vault", vault, out).line


def test_the_vault_of_another_file_is_refused(
    run: Run, tmp_path: Path, scrubbed: tuple[Path, Path]
) -> None:
    out, _ = scrubbed
    other = tmp_path / "other"
    run("scrub", "-", "--vault", other, stdin=b"I am Anna Smith.")
    line = run("scrub", "--restore", "--vault", other, out).line
    assert "o.txt: this vault knows none of its placeholders" in line


def test_a_placeholder_that_somebody_made_up_is_counted(
    run: Run, scrubbed: tuple[Path, Path]
) -> None:
    out, vault = scrubbed
    out.write_text(out.read_text() + "<PERSON_ZZZZ7> too.\n")
    done = run("scrub", "--restore", "--vault", vault, out)
    assert done.out == f"My name is {SECRET}.\nsomeone too.\n"
    assert done.err.startswith("1 placeholders are not in this vault")


def test_what_is_there_is_never_overwritten_without_force(
    run: Run, tmp_path: Path, scrubbed: tuple[Path, Path]
) -> None:
    out, vault = scrubbed
    before = out.read_bytes(), vault.read_bytes()
    assert "exists already" in run("scrub", "-", "--output", out, stdin=b"x").line
    assert "exists already" in run("scrub", "-", "--vault", vault, stdin=b"x").line
    assert (out.read_bytes(), vault.read_bytes()) == before
    assert run("scrub", "-", "--output", out, "--force", stdin=b"new").status == 0
    assert out.read_bytes() == b"new" and stat.S_IMODE(os.stat(out).st_mode) == 0o600


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", b'{\n"a": ' + SECRET.encode(), "a.json, line 2, column 6: this is not JSON"),
        ("a.json", b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        ("a.jsonl", b'{"a": 1}\n{' + SECRET.encode(), "a.jsonl, line 2, column 2: this is not"),
        ("a.csv", b"name,b\nx,y\n" + SECRET.encode() + b"\n", "a.csv, line 3: the row has 1 cells"),
        ("a.csv", b'name,b\n"' + SECRET.encode(), "a.csv, line 2: this is not CSV"),
        ("a.txt", "你好\n王丽华".encode("gb18030"), "a.txt, line 1: this is not UTF-8"),
        ("a.txt", SECRET.encode("utf-16"), "a.txt: it is UTF-16"),
        ("a.xlsx", b"PK\3\4\0\0" + SECRET.encode(), "a.xlsx, line 1: this is no text"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_nothing_is_written(
    run: Run, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    file, out, vault = tmp_path / name, tmp_path / "out", tmp_path / "vault"
    file.write_bytes(data)
    assert reason in run("scrub", file).line
    assert reason in run("scrub", file, "--output", out, "--vault", vault).line
    assert not [p for p in tmp_path.iterdir() if p not in (file, tmp_path / "home")]


@pytest.mark.parametrize("argument", [SECRET, SECRET * 300])
def test_a_text_as_argument_says_how_to_pipe_it(run: Run, argument: str) -> None:
    assert "pipe it in" in run("scrub", argument).line


def test_folders_and_unknown_names_are_refused(run: Run, tmp_path: Path) -> None:
    assert "folder" in run("scrub", tmp_path).line
    assert "no plugin 'nope'" in run("scrub", "-", "--domain", "nope").line
    assert "No policy allows the target 'nope'" in run("scrub", "-", "--target", "nope").line


@pytest.mark.parametrize(
    "arguments",
    [("--restore",), ("--restore", "--vault", "v", "--report"), ("--format", "xml"), ("--header",)],
)
def test_options_that_do_not_fit_are_usage_errors(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("scrub", "-", *arguments)
    assert (done.status, done.out) == (2, "") and "Error: " in done.err


# --- properties: restore(scrub(x)) == x ------------------------------------------------------

NAMES = st.sampled_from(
    ["Anna Smith", "王丽华", "anna@mail.example", "13812345678", "<PERSON_7KQ22>", "欧阳娜娜",
     "4111 1111 1111 1111", "PERSON_ABCD2", "我叫李明强。", "Ms Smith", "\"", "a\\", ",", "\r\n"]
)  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
TEXTS = st.lists(st.one_of(NAMES, WORDS), max_size=5).map(" ".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEEP_TIME = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def there_and_back(form: Format, content: str) -> tuple[str, str]:
    scrubber = Scrubber(DETECTOR)
    hidden = scrubber.hide_document(content, form)
    return hidden, scrubber.restore_document(hidden, form)


@KEEP_TIME
@given(TEXTS)
def test_text_comes_back(text: str) -> None:
    assert there_and_back(FORMATS["text"], text)[1] == text


@KEEP_TIME
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_json_comes_back_with_its_layout(value: object, indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    hidden, restored = there_and_back(FORMATS["json"], text)
    assert json.loads(restored) == value
    assert ascii or restored == text
    assert hidden.count("\n") == text.count("\n")


@KEEP_TIME
@given(st.lists(VALUES, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_json_lines_come_back(values: list[object], end: str) -> None:
    text = "".join(json.dumps(value, ensure_ascii=False) + end for value in values)
    assert there_and_back(FORMATS["jsonl"], text)[1] == text


@KEEP_TIME
@given(
    st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(TEXTS, min_size=n, max_size=n), min_size=1, max_size=4)
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_tables_come_back_with_their_quotes(
    rows: list[list[str]], quoting: int, delimiter: str, end: str
) -> None:
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # the csv module leaves these bare
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    form = Csv(delimiter, header=False)
    hidden, restored = there_and_back(form, file.getvalue())
    assert restored == file.getvalue()
    shape = [len(row) for row in csv.reader(io.StringIO(hidden, newline=""), delimiter=delimiter)]
    assert shape == [len(row) for row in rows]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.JSON", "json"), ("a.ndjson", "jsonl"), ("a.tsv", "csv"), ("a.md", "text"), ("-", "text")],
)
def test_the_suffix_tells_the_format(name: str, form: str) -> None:
    assert format_for(name).name == form
