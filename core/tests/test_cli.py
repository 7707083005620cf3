"""The command line: quick help, one line for every error, one JSON value with --json."""

from __future__ import annotations

import functools
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from metier.app import make_keys
from metier.cli import main
from metier.cli._main import COMMANDS
from metier.crypto import KeyringError
from metier.crypto.roots import create_root

SECRET = "Zebulon Quartermain"
HEAVY = (
    "torch", "transformers", "spacy", "presidio_analyzer", "qdrant_edge", "onnxruntime", "onnx",
    "fastembed", "sqlalchemy", "sqlmodel", "alembic", "fastapi", "starlette", "uvicorn", "aiohttp",
    "langchain", "langchain_core", "pydantic", "numpy", "jieba", "rich", "pypdf", "bs4",
    "cryptography", "opentelemetry",
)  # fmt: skip
TOY = f"""
from metier import hookimpl
from metier.model import Command, Composition, Manifest, View

class Toy:
    @hookimpl
    def domain(self):
        return Manifest(name="toy", title="Toy", description="Echoes.")
    @hookimpl
    def compose(self, turn):
        return Composition("You said: " + turn.message)
    @hookimpl
    def views(self):
        return [View("said", "Said", lambda turn: "# Said")]
    @hookimpl
    def commands(self):
        def shout(arguments):
            print(" ".join(arguments).upper())
            return 3
        def fail(arguments):
            raise RuntimeError("{SECRET}")
        return [
            Command("shout", "Shouts.", shout),
            Command("fail", "Fails.", fail),
            Command("ask", "Never reached.", fail),
        ]

plugin = Toy()
"""


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What a failed command said: one line on standard error, and nothing else."""
        assert self.status == 1 and self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("metier: ") and SECRET not in line
        return line


Run = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A prepared home without embeddings, and the toy domain installed."""
    site = tmp_path / "site"
    about = site / "metier_toy-1.dist-info"
    about.mkdir(parents=True)
    (site / "metier_toy_cli.py").write_text(TOY)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metier-toy\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\ntoy = metier_toy_cli:plugin\n")
    monkeypatch.syspath_prepend(str(site))
    sys.modules.pop("metier_toy_cli", None)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("ask", "toy", "…", stdin=…)`: the command, in this process."""

    def call(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["metier", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        shown = capsys.readouterr()
        code = stop.value.code
        return Done(code if isinstance(code, int) else 0, shown.out, shown.err)

    return call


# --- help ------------------------------------------------------------------------

MODULES = """
import sys
from metier.cli import main
sys.argv = ["metier", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("MODULES", *sorted(sys.modules))
"""


def modules(*arguments: str, home: Path) -> tuple[str, set[str]]:
    """What a command prints in a process of its own, and the modules it has loaded."""
    path = os.pathsep.join([str(home.parent / "site"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *arguments], capture_output=True, text=True, timeout=60,
        env={**os.environ, "METIER_HOME": str(home), "PYTHONPATH": path.rstrip(os.pathsep)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    out, _, loaded = done.stdout.rpartition("MODULES")
    return out, set(loaded.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("ask", "--help")])
def test_help_loads_no_heavy_library(arguments: tuple[str, ...], tmp_path: Path) -> None:
    out, loaded = modules(*arguments, home=tmp_path)
    assert out
    assert not loaded & set(HEAVY)
    assert not {m for m in loaded if m.startswith("metier_")}


def test_a_turn_loads_neither_torch_nor_what_it_does_not_need(home: Path) -> None:
    out, loaded = modules("ask", "toy", "hello", home=home)
    assert out
    unneeded = {"torch", "transformers", "spacy", "langchain", "langchain_core", "uvicorn",
                "fastapi", "aiohttp", "onnx", "pypdf", "bs4"}  # fmt: skip
    assert not loaded & unneeded


def test_every_command_and_subcommand_has_help(run: Run) -> None:
    overview = run("--help")
    assert overview.status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in overview.out
        shown = run(name, "--help")
        assert shown.status == 0 and shown.out.startswith("Usage: ")
        for sub in {"profile": ("show", "set", "forget"), "models": ("fetch", "list"),
                    "audit": ("verify",)}.get(name, ()):  # fmt: skip
            shown = run(name, sub, "--help")
            assert shown.status == 0 and shown.out.startswith("Usage: ")


# --- asking ------------------------------------------------------------------------


def test_ask_answers_on_standard_output(run: Run, home: Path) -> None:
    done = run("ask", "toy", "Hello there")
    assert (done.status, done.out, done.err) == (0, "You said: Hello there\n", "")
    assert run("ask", "toy", "你好，世界").out == "You said: 你好，世界\n"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_dash_reads_the_message_from_standard_input(run: Run, home: Path, mark: bytes) -> None:
    done = run("ask", "toy", "-", stdin=mark + "多行\nmessage".encode())
    assert done.out == "You said: 多行\nmessage\n"


def test_json_output_is_one_value(run: Run, home: Path) -> None:
    answer = json.loads(run("ask", "toy", "hello", "--json").out)
    assert answer["text"] == "You said: hello" and answer["why"]["outgoing"] == ""
    assert json.loads(run("ask", "toy", "hello", "--json", "--explain").out)["why"]["outgoing"]
    kinds: list[tuple[tuple[str, ...], type]] = [
        (("search", "toy", "frost"), list),
        (("recommend", "toy"), list),
        (("profile", "show"), list),
        (("plugins",), list),
        (("models", "list"), list),
        (("audit", "verify"), dict),
        (("config",), dict),
        (("scrub", "-"), dict),
        (("profile", "show", "--view", "toy:said"), str),
    ]
    for arguments, kind in kinds:
        done = run(*arguments, "--json")
        assert done.status == 0, (arguments, done.err)
        assert isinstance(json.loads(done.out), kind), arguments


def test_explain_shows_what_the_engine_was_given(run: Run, home: Path) -> None:
    done = run("ask", "toy", f"My name is {SECRET}.", "--explain")
    assert f"You said: My name is {SECRET}." in done.out
    given = done.out[done.out.index("Given to the engine") :]
    assert SECRET not in given and "<PERSON_" in given


def test_explain_shows_what_would_change_without_a_cause(run: Run, home: Path) -> None:
    fact = run("profile", "set", "pet", "moss").out.split()[0]
    done = run("ask", "writing", "Its a example.", "--explain")
    assert "pet: moss (set by the person on" in done.out and f"fact:{fact}" in done.out
    assert "would not be taken into account: pet: moss" in done.out
    done = run("ask", "writing", "Its a example.", "--explain", "--without", f"fact:{fact}")
    assert "Without “pet: moss”" in done.out and "What would change without" not in done.out
    line = run("ask", "writing", "Its a example.", "--explain", "--without", "moss").line
    assert "fact:ID, memory:ID, cohort:NAME, passage:ID" in line
    assert run("ask", "writing", "Its a example.", "--without", f"fact:{fact}").status == 2


def test_what_is_stated_of_a_person_can_be_piped_in_and_is_then_in_no_argument(
    run: Run, home: Path
) -> None:
    """Arguments are seen by everybody on the machine (`ps`), and stay in a shell's history."""
    fact = run("profile", "set", "pet", "-", stdin=b"moss\n").out
    assert fact.endswith("  pet: moss\n")
    said = run("subject", "correct", "me", fact.split()[0], "-", stdin="小草\n".encode()).out
    assert said.endswith("  pet: 小草\n")
    held = run("subject", "hold", "me", "--reason", "-", stdin=b"court case 12\n")
    assert "court case 12" in held.out and "reason: -" not in held.out
    for arguments in (("profile", "set"), ("subject", "correct"), ("subject", "hold")):
        assert "standard input" in " ".join(run(*arguments, "--help").out.split())


def test_the_commands_of_a_plugin_run_with_their_own_status(run: Run, home: Path) -> None:
    assert run("shout", "a", "--loud") == Done(3, "A --LOUD\n", "")
    assert run("shout", "--help").status == 0
    assert "`metier plugins`" in run("--help").out
    listed = run("plugins").out
    assert "        metier shout: Shouts." in listed
    assert "warning: its command 'ask' is not reached: metier has one of that name" in listed
    given = next(p for p in json.loads(run("plugins", "--json").out) if p["name"] == "toy")
    assert given["commands"] == ["shout", "fail"]
    line = run("fail").line
    assert "'fail' of the plugin 'toy' failed (RuntimeError)" in line


# --- errors ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("ask", "nope", SECRET), "no domain of that name. Known: "),
        (("ask", "toy", ""), "message is empty"),
        (("ask", "toy", SECRET * 3000), "longer than 32,000 characters"),
        (("ask", "toy", f"{SECRET}\udcff"), "Argument 3 is not UTF-8"),
        (("ask", "toy", "hi", "--as", "a\udc80"), "Argument 5 is not UTF-8"),
        (("search", "nope", SECRET), "no plugin 'nope'"),
        (("recommend", "nope"), "no domain of that name"),
        (("scrub", "-", "--domain", "nope"), "no plugin 'nope'"),
        (("profile", "forget", "unknown"), "no such fact"),
        (("profile", "set", "likes", " "), "a value"),
        (("profile", "set", "accessibility", SECRET), "the category 'health'"),
        (("profile", "set", "likes", SECRET, "--category", "x"), "the category 'x'"),
        (("profile", "show", "--view", "toy:nope"), "no such view. It has: said"),
        (("eval", "nope"), "no suite of that name"),
    ],
)
def test_what_cannot_be_done_is_one_line_without_content(
    run: Run, home: Path, arguments: tuple[str, ...], reason: str
) -> None:
    assert reason in run(*arguments).line


@pytest.mark.parametrize("data", [b"\xff\xfe", SECRET.encode("utf-16"), "你好".encode("gb18030")])
def test_standard_input_that_is_no_utf8_says_how_to_convert_it(
    run: Run, home: Path, data: bytes
) -> None:
    for command in ("ask", "search"):
        assert "iconv" in run(command, "toy", "-", stdin=data).line


def test_usage_errors_are_click_s_own(run: Run, home: Path) -> None:
    for arguments in (("nope",), ("ask",), ("ask", "toy", "x", "--nope"), ("serve", "--port", "x"),
                      ("ingest", "toy", "/nowhere/at/all")):  # fmt: skip
        done = run(*arguments)
        assert (done.status, done.out) == (2, "") and "Error: " in done.err
        assert "Traceback" not in done.err


def test_a_home_that_was_not_prepared_says_how_to(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "new"))
    for arguments in (("ask", "writing", "x"), ("serve",), ("profile", "show"), ("models", "list")):
        assert "run `metier setup`" in run(*arguments).line.replace("Run", "run")


def test_a_home_that_is_a_file_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "file"))
    for arguments in (("ask", "writing", "x"), ("config",)):
        assert "is not a folder. Set METIER_HOME" in run(*arguments).line
    for place in ("file", "file/below"):
        monkeypatch.setenv("METIER_HOME", str(tmp_path / place))
        assert "can't be made" in run("setup").line


def test_a_configuration_that_is_not_valid_names_file_and_setting(run: Run, home: Path) -> None:
    (home / "metier.toml").write_text("embedings = 'none'")
    for arguments in (("ask", "toy", "x"), ("config",), ("setup",), ("serve",)):
        line = run(*arguments).line
        assert "metier.toml" in line and "`embedings`: there is no such setting" in line


def test_an_extension_that_does_not_work_stops_every_start(run: Run, home: Path) -> None:
    (home / "metier.toml").write_text('embeddings = "none"\nextensions = ["nope"]')
    (home / "api-key").write_text("key\n")
    for arguments in (("ask", "toy", "x"), ("serve", "--port", "0")):
        assert "There is no plugin 'nope'" in run(*arguments).line


def test_a_key_with_a_passphrase_opens_only_with_it(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "root.key").unlink()
    (home / "keys.db").unlink()
    (home / "metier.toml").write_text('embeddings = "none"\n[root]\nkind = "passphrase"\n')
    with pytest.raises(KeyringError, match="set METIER_PASSPHRASE"):
        make_keys(home)
    monkeypatch.setenv("METIER_PASSPHRASE", "the right words")
    assert make_keys(home) == ("the root key", "the key store")
    monkeypatch.delenv("METIER_PASSPHRASE")
    (home / "metier.toml").write_text('embeddings = "none"\n')  # the file knows its kind
    assert "needs its passphrase; set METIER_PASSPHRASE" in run("ask", "toy", "x").line
    monkeypatch.setenv("METIER_PASSPHRASE", SECRET)
    assert "passphrase does not open" in run("ask", "toy", "x").line
    monkeypatch.setenv("METIER_PASSPHRASE", "the right words")
    assert run("ask", "toy", "x").status == 0


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("others", "Run `chmod 600`"),
        ("text", "damaged; restore it"),
        ("other key", "made with another root key than the one that is configured"),
        ("no root key", "There is no root key"),
        ("no key store", "There is no key store"),
        ("store", "its file is damaged. Restore a backup"),
        ("newer", "a newer metier wrote it"),
    ],
)
def test_a_home_that_is_damaged_says_what_to_do(
    run: Run, home: Path, damage: str, reason: str
) -> None:
    assert run("ask", "toy", f"My name is {SECRET}.").status == 0
    match damage:
        case "others":
            (home / "root.key").chmod(0o644)
        case "text":
            (home / "root.key").write_text("{}")
        case "other key":
            (home / "root.key").unlink()
            create_root(home / "root.key")
        case "no root key":
            (home / "root.key").unlink()
        case "no key store":
            (home / "keys.db").unlink()
        case "store":
            for file in home.glob("store.db*"):
                file.write_bytes(b"hello" * 5000)
        case "newer":
            with sqlite3.connect(home / "store.db") as raw:
                raw.execute("update alembic_version set version_num = '9999'")
    assert reason in run("ask", "toy", "x").line


@pytest.mark.parametrize("lost", ["root.key", "keys.db"])
def test_setup_makes_no_new_key_over_what_an_old_one_has_sealed(
    run: Run, home: Path, lost: str
) -> None:
    assert run("ask", "toy", f"My name is {SECRET}.").status == 0
    (home / lost).unlink()
    line = run("setup").line
    assert lost in line and "is missing, and this home has been used" in line
    assert not (home / lost).exists()


def test_an_error_nobody_foresaw_is_one_line_without_its_words(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("metier.app.Metier.respond", fail)
    line = run("ask", "toy", "x").line
    assert "an unexpected ValueError in test_cli.py" in line and "METIER_TRACEBACK=1" in line
    monkeypatch.setenv("METIER_TRACEBACK", "1")
    assert "Traceback" in run("ask", "toy", "x").err


def test_a_disk_that_is_full_is_one_line(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(home / "packs.json"))

    monkeypatch.setattr("metier.app.Metier.respond", full)
    assert run("ask", "toy", "x").line.endswith("packs.json: No space left on device.")


def test_a_model_server_that_is_down_is_one_line_and_nothing_is_kept(run: Run, home: Path) -> None:
    (home / "metier.toml").write_text(
        'embeddings = "none"\n[engine]\nkind = "openai"\nmodel = "m"\n'
        'base_url = "http://127.0.0.1:9/v1"\n'
    )
    line = run("ask", "toy", f"My name is {SECRET}.").line
    assert "can't be reached" in line and "Check that its server runs" in line
    assert run("profile", "show").out == "Nothing is known.\n"


def test_a_store_that_another_process_holds_is_one_line(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.store import Store

    assert run("ask", "toy", "Hello").status == 0
    monkeypatch.setattr("metier.app.Store", functools.partial(Store, busy_seconds=0.1))
    other = sqlite3.connect(home / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for arguments in (("ask", "toy", SECRET), ("profile", "show"), ("profile", "set", "a", "b")):
        assert "another process holds its lock. Try again" in run(*arguments).line
    other.close()
    assert run("ask", "toy", "Hello").status == 0


# --- ingesting -----------------------------------------------------------------------


def test_a_folder_is_ingested_and_what_was_left_out_is_named(
    run: Run, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "roses.md").write_text("# Roses\n\nPrune roses when the frost is over.")
    (folder / "退货.md").write_text("# 退货\n\n收到商品之日起七日内可以无理由退货。")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    done = run("ingest", "toy", str(folder))
    assert done.out == "2 documents, 2 passages indexed for toy.\n"
    assert "left out: docs/photo.png" in done.err
    assert "Roses" in run("search", "toy", "prune roses").out
    assert "退货" in run("search", "toy", "七天无理由退货").out
    assert run("search", "toy", "quantum chromodynamics").out == "Nothing relevant was found.\n"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"%PDF-1.4 " + SECRET.encode(), "a.pdf: this is not a PDF"),
        ("a.csv", "问题,答案\n怎么退,七天\n".encode("gb18030"), "iconv -f GB18030"),
        ("a.jsonl", b'{"text": "x"}\n{' + SECRET.encode(), "a.jsonl, line 2: this is not JSON"),
        ("a.md", b"", "a.md: the file is empty"),
        ("a.png", b"\x89PNG", "files ending in '.png' can't be read"),
    ],
)
def test_a_file_that_cannot_be_ingested_is_one_line_and_nothing_is_indexed(
    run: Run, home: Path, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    good, bad = tmp_path / "roses.md", tmp_path / name
    good.write_text("# Roses\n\nPrune roses when the frost is over.")
    bad.write_bytes(data)
    assert reason in run("ingest", "toy", str(good), str(bad)).line
    assert run("search", "toy", "prune roses").out == "Nothing relevant was found.\n"
