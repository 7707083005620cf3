"""Settings: flags before the environment, that before metier.toml; no secret is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from metier import config
from metier._sources import secret
from metier.cli._main import cli
from metier.model import MetierError

SECRET = "hunter2"
Metier = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("METIER_HOME", str(folder))
    return folder


@pytest.fixture
def metier() -> Metier:
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "metier.toml").write_text("tenant = 'file'\n[server]\nhost = 'file'\nport = 1\n")
    monkeypatch.setenv("METIER__SERVER__HOST", "environment")
    monkeypatch.setenv("METIER__SERVER__PORT", "2")
    found = config.read(home, ["server.port=3"])
    assert found.settings.tenant == "file"
    assert (found.settings.server.host, found.settings.server.port) == ("environment", 3)
    assert found.origins == {
        "tenant": "metier.toml",
        "server.host": "METIER__SERVER__HOST",
        "server.port": "--set server.port",
    }


def test_lists_and_tables_are_json_and_join_what_the_file_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "metier.toml").write_text("[engine.options]\na = 1\nb = 2\n")
    monkeypatch.setenv("METIER__ENGINE__OPTIONS", '{"b": 3}')
    monkeypatch.setenv("METIER__POLICIES", '["own.yaml"]')
    monkeypatch.setenv("METIER__PLUGINS__SUPPORT__EXAMPLE_OWNER", "anna")
    found = config.read(home)
    assert found.settings.engine.options == {"a": 1, "b": 3}
    assert found.settings.policies == (home / "own.yaml",)
    assert found.settings.plugins == {"support": {"example_owner": "anna"}}
    assert found.origins["engine.options.b"] == "METIER__ENGINE__OPTIONS"
    assert found.origins["engine.options.a"] == "metier.toml"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("METIER__TENNANT", SECRET, "METIER__TENNANT: there is no such setting. Did you mean"),
        ("METIER__SERVER__PRT", SECRET, "METIER__SERVER__PRT: `server.prt`: there is no such"),
        ("METIER__SERVER__PORT", SECRET, "METIER__SERVER__PORT: `server.port`: Input should be"),
        ("METIER__POLICIES", SECRET, "METIER__POLICIES: it is no JSON"),
    ],
)
def test_a_variable_at_fault_is_named_and_its_value_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(MetierError) as error:
        config.load(home)
    assert reason in error.value.message and SECRET not in error.value.message
    assert error.value.__cause__ is None


def test_of_several_variables_the_one_that_is_no_json_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER__SERVER__PORT", "9000")
    monkeypatch.setenv("METIER__LAWS", "gdpr")
    monkeypatch.setenv("METIER__EXTENSIONS", '["a"]')
    with pytest.raises(MetierError) as error:
        config.load(home)
    assert error.value.message.startswith("METIER__LAWS: it is no JSON")
    assert "PORT" not in error.value.message


@pytest.mark.parametrize("flag", ["server.port", "=3", "nope=3", "server.nope=3"])
def test_a_flag_that_is_no_setting_is_refused(home: Path, flag: str) -> None:
    with pytest.raises(MetierError) as error:
        config.load(home, [flag])
    assert error.value.code == "bad_config"


def test_settings_made_in_a_program_do_not_read_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("METIER__TENANT", "elsewhere")
    assert config.Settings().tenant == "default"


def test_a_secret_is_in_a_variable_or_in_a_file_and_not_in_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret("METIER_TEST") is None
    monkeypatch.setenv("METIER_TEST_FILE", str(tmp_path / "secret"))
    with pytest.raises(MetierError, match="can't be read: No such file"):
        secret("METIER_TEST")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert secret("METIER_TEST") == SECRET
    monkeypatch.setenv("METIER_TEST", "another")
    with pytest.raises(MetierError, match="Both METIER_TEST and METIER_TEST_FILE"):
        secret("METIER_TEST")


def test_the_store_takes_its_url_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://a@b/c\n")
    monkeypatch.setenv("STORE_FILE", str(tmp_path / "url"))
    assert config.StoreSettings(url_env="STORE").url(tmp_path) == "postgresql+psycopg://a@b/c"


# --- what is shown ---------------------------------------------------------------------


def test_what_is_in_force_is_shown_with_its_place_and_without_secrets(
    home: Path, metier: Metier, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "metier.toml").write_text(
        "[engine]\nkind = 'langchain'\nmodel = 'x:y'\napi_key_env = 'TEST_KEY'\n"
        f"base_url = 'https://anna:{SECRET}@models.example'\n"
        f"[engine.options]\napi_key = '{SECRET}'\nheaders = {{Authorization = '{SECRET}'}}\n"
        "temperature = 0.5\n"
    )
    monkeypatch.setenv("TEST_KEY", SECRET)
    monkeypatch.setenv("METIER__SERVER__PORT", "9000")
    shown = metier("config", "show", "--changed").output
    assert SECRET not in shown and "default" not in shown
    assert "engine.api_key_env = TEST_KEY (is set)  [metier.toml]" in shown
    assert "engine.options.api_key = (hidden)" in shown
    assert "engine.options.headers.Authorization = (hidden)" in shown
    assert "engine.options.temperature = 0.5  [metier.toml]" in shown
    assert "server.port = 9000  [METIER__SERVER__PORT]" in shown
    for arguments in (("config", "--json"), ("config", "show", "--json")):
        printed = metier(*arguments).output
        value = json.loads(printed)
        assert SECRET not in printed
        assert value["origins"]["server.port"] == "METIER__SERVER__PORT"
        assert value["origins"]["server.host"] == "default"


def test_the_check_finds_everything_at_once_and_says_how_to_mend_it(
    home: Path, metier: Metier
) -> None:
    (home / "metier.toml").write_text("tennant = 'x'\n[server]\nport = -1\n")
    done = metier("config", "check", "--json")
    found = json.loads(done.output)
    assert done.exit_code == 1 and not found["ok"]
    assert ["`tennant`" in str(found), "`server.port`" in str(found)] == [True, True]
    assert all(f["mend"] for f in found["findings"])


def test_the_check_looks_at_what_settings_name(home: Path, metier: Metier) -> None:
    (home / "metier.toml").write_text(
        "policies = ['gone.yaml']\n[store]\nurl_env = 'METIER_TEST_NOWHERE'\n"
        "[plugins.nope]\na = 1\n"
    )
    done = metier("config", "check", "--json")
    said = {f["says"] for f in json.loads(done.output)["findings"] if f["state"] == "failed"}
    assert done.exit_code == 1
    assert any("`store.url_env` names METIER_TEST_NOWHERE" in s for s in said)
    assert any("gone.yaml, which can't be read" in s for s in said)
    assert any("[plugins.nope]: there is no plugin" in s for s in said)
    (home / "metier.toml").write_text("")
    assert metier("config", "check").exit_code == 0


def test_a_secret_whose_file_is_empty_is_told_from_one_that_nobody_gave(
    home: Path, metier: Metier, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "metier.toml").write_text("[store]\nurl_env = 'METIER_TEST_URL'\n")
    (home / "url").touch()
    monkeypatch.setenv("METIER_TEST_URL_FILE", str(home / "url"))
    found = json.loads(metier("config", "check", "--json").output)["findings"]
    (told,) = (f for f in found if f["state"] == "failed")
    assert "the file that METIER_TEST_URL_FILE names is empty" in told["says"]


def test_the_name_that_was_meant_is_how_to_mend_it(home: Path, metier: Metier) -> None:
    (home / "metier.toml").write_text("[server]\nprot = 1\n")
    (told,) = json.loads(metier("config", "check", "--json").output)["findings"]
    assert told["says"].endswith("`server.prot`: there is no such setting.")
    assert told["mend"] == "Did you mean `port`? See docs/configuration.md."


def test_the_schema_fits_what_the_program_takes(home: Path, metier: Metier) -> None:
    schema = json.loads(metier("config", "schema").output)
    jsonschema.Draft202012Validator.check_schema(schema)
    fits = jsonschema.Draft202012Validator(schema).is_valid
    assert fits({}) and fits({"server": {"port": 9000}, "plugins": {"support": {}}})
    assert not fits({"server": {"prt": 9000}})
    assert not fits({"tennant": "x"})
    assert not fits({"plugins": {"no-such-plugin": {}}})
