"""`metier eval`: suites of plugins leave nobody behind, and what fails or is lacking is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from plugin_kit import SECRET, install

from metier.app import Metier, make_keys
from metier.cli import main
from metier.cli._evaluate import eval as command
from metier.config import EngineSettings, KeysSettings, Settings
from metier.evaluation import core_suites
from metier.evaluation._scratch import scratch
from metier.knowledge import IndexSettings
from metier.model import MetierError

SUITE = """
import json
import os
import yaml
from metier.model import EvaluationSuite, Mark

HOMES = []

async def talks(ask, data):
    HOMES.append(os.environ["METIER_HOME"])
    answers = await ask("toy", ["My name is Ada Lovell.", "Hello"])
    return len(answers), {"echoed": Mark(float("Hello" in answers[-1].text))}

async def reads(ask, data):
    return read(BROKEN)

def read(text):
    return yaml.safe_load(text) if text[0] != "{" else json.loads(text)

BROKEN = '''BROKEN_DATA'''

class Toy:
    @hookimpl
    def domain(self):
        return manifest()

    @hookimpl
    def compose(self, turn):
        return Composition("You said: " + turn.message)

    @hookimpl
    def evaluation_suites(self):
        both = {"talks": talks, "reads": reads}
        return [EvaluationSuite(name, name.title(), run) for name, run in both.items()]

plugin = Toy()
"""
NO_SUITES = f"""
class Toy:
    @hookimpl
    def domain(self):
        return manifest()

    @hookimpl
    def evaluation_suites(self):
        raise ValueError("{SECRET}")

plugin = Toy()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def failed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *said: str) -> str:
    """What the whole command says on standard error."""
    monkeypatch.setattr("sys.argv", ["metier", "eval", *said])
    with pytest.raises(SystemExit) as stop:
        main()
    shown = capsys.readouterr()
    assert (stop.value.code, shown.out) == (1, "")
    assert "Anna" not in shown.err
    return shown.err


# --- where suites of plugins run ---------------------------------------------------


def test_a_plugin_s_suite_leaves_nothing_in_the_home(home: Path, site: Path) -> None:
    install(site, SUITE)
    make_keys(home)
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    done = run("talks", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["metrics"]["echoed"]["value"] == 1.0
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


@pytest.mark.parametrize("asked", [[], ["writing"]], ids=["own", "another"])
def test_a_suite_waits_for_the_articles_of_no_domain_that_it_does_not_ask(
    home: Path, site: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    indexed: list[str] = []
    monkeypatch.setattr(Metier, "index_packs", lambda app, packs: indexed.extend(packs))
    more = "".join(f'await ask("{domain}", ["Hi"]); ' for domain in asked)
    install(site, SUITE.replace("answers = await", f"{more}answers = await"))
    assert run("talks").exit_code == 0
    assert indexed == asked


def test_a_plugin_s_suite_needs_no_prepared_home(home: Path, site: Path) -> None:
    install(site, SUITE)
    assert run("talks").exit_code == 0
    assert "talks" in run().stdout
    assert [path.name for path in home.iterdir()] == ["metier.toml"]


async def test_a_scratch_home_shares_no_keys_and_no_index_with_servers(tmp_path: Path) -> None:
    shared = Settings(
        embeddings="none",
        keys=KeysSettings(url_env="NOT_SET_ANYWHERE"),
        index=IndexSettings(url="http://127.0.0.1:9"),
    )
    async with scratch(tmp_path, shared) as app:
        assert (app.settings.keys, app.settings.index) == (KeysSettings(), IndexSettings())


@pytest.mark.parametrize("own", [False, True])
async def test_the_engine_is_the_installation_s_where_a_suite_measures_it(
    tmp_path: Path, own: bool
) -> None:
    engine = EngineSettings(kind="openai", model="m", base_url="http://127.0.0.1:9/v1")
    settings = Settings(embeddings="none", engine=engine)
    async with scratch(tmp_path, settings, own_engine=own) as app:
        assert app.settings.engine == (engine if own else EngineSettings())


async def test_the_operator_s_rules_hold_in_a_scratch_home(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text("nonsense: true\n")
    with pytest.raises(MetierError, match=r"own\.yaml"):
        async with scratch(tmp_path, Settings(embeddings="none")):
            pass


# --- what fails, and where ---------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error", "place"),
    [
        ("name: Anna Smith\nlist: [1\n", "ParserError", "line 3, column 1"),
        ('{"name": "Anna Smith",\n "list": }', "JSONDecodeError", "line 2, column 10"),
    ],
)
def test_data_that_cannot_be_read_names_the_suite_the_place_and_the_plugin_s_line(
    home: Path,
    site: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    data: str,
    error: str,
    place: str,
) -> None:
    install(site, SUITE.replace("BROKEN_DATA", data))
    said = failed(capsys, monkeypatch, "reads")
    assert "The suite 'reads' of the plugin 'toy' failed" in said
    assert f"{error} at {place} of what it read" in said
    line = SUITE.replace("BROKEN_DATA", data).split("\n").index("def read(text):") + 2
    head = 8  # lines of HEAD before it
    assert f"line {line + head}" in said and ", in toy_module_" in said
    assert "METIER_TRACEBACK=1" in said


def test_suites_that_a_plugin_fails_to_give_are_named(
    home: Path, site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, NO_SUITES)
    said = failed(capsys, monkeypatch, "toy")
    assert "The plugin 'toy' failed to give its suites (ValueError)" in said
    assert "The plugin 'toy' failed to give its suites (ValueError)" in run().stderr


def test_an_unknown_suite_is_told_all_that_there_are(
    home: Path, site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, SUITE)
    said = failed(capsys, monkeypatch, "nope")
    assert all(f" {name}" in said for name in ("talks", "reads", *core_suites()))


# --- the encoder -------------------------------------------------------------------


def measured_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The core's suite runs at once: what is said of it is looked at, not its marks."""
    suite = core_suites()[name]
    quick: Any = replace(suite, run=lambda options: ("sample", 0, {}))
    monkeypatch.setattr("metier.evaluation._core._SUITES", (quick,))


@pytest.mark.parametrize("name", ["memory", "profile", "text", "fairness"])
@pytest.mark.parametrize(
    ("settings", "reason"),
    [('embeddings = "none"\n', 'say `embeddings = "none"`'), ("", "metier models fetch")],
)
def test_a_suite_that_lacks_the_encoder_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, settings: str, reason: str
) -> None:
    (home / "metier.toml").write_text(settings)
    measured_nothing(monkeypatch, name)
    done = run(name, "--json")
    assert json.loads(done.stdout)["encoder"] is False
    assert reason in done.stderr and str(home) in done.stderr


def test_a_suite_that_uses_no_encoder_says_nothing_of_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured_nothing(monkeypatch, "personalization")
    done = run("personalization", "--json")
    assert (json.loads(done.stdout)["encoder"], done.stderr) == (None, "")


async def test_a_scratch_home_without_the_encoder_it_wants_names_the_real_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(MetierError, match=str(tmp_path / "model")):
        async with scratch(tmp_path, Settings()):
            pass


def test_a_suite_that_cannot_run_without_the_encoder_says_that_alone(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "metier.toml").write_text("")
    (line,) = failed(capsys, monkeypatch, "text").splitlines()
    assert str(home / "model") in line and "metier models fetch" in line
