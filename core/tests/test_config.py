"""metier.toml: safe defaults, and errors that name the file and the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import config
from metier.model import MetierError

SECRET = "hunter2"
KEY = "a" * 64


def write(folder: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    (folder / "metier.toml").write_bytes(data)
    return folder


def test_without_a_file_every_setting_has_a_safe_default(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        found = config.load(folder)
        assert (found.engine.kind, found.engine.target) == ("grounded", "local")
        assert found.server.host == "127.0.0.1"
        assert found == config.Settings()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tenant = \n", "not valid TOML: at line 1"),
        (f'[engine]\nmodel = "a"\nkey = {SECRET}\n', "not valid TOML: at line 3"),
        (b"tenant = '\xff\xfe'", "not UTF-8"),
        ("tennant = 'x'", "`tennant`: there is no such setting"),
        ("tennant = 'x'", "Did you mean `tenant`?"),
        ("[sever]\nport = 1", "`sever`: there is no such setting. Did you mean `server`?"),
        ("[engine]\napi_key = 'hunter2'", "`engine.api_key`: there is no such setting"),
        (
            "[[engine.backends]]\nname = 'a'\nbase_url = 'b'\napi_key = 'hunter2'",
            "Did you mean `api_key_env`?",
        ),
        (f"[[actors]]\nid = 'a'\nkey_sha256 = '{KEY}'\nrole = ['a']", "Did you mean `roles`?"),
        (f"[[actors]]\nkey_sha256 = '{KEY}'", "`actors.0.id`: it has to be given"),
        ("server = 'hunter2'", "`server`: it has to be a table with settings of its own"),
        ("[root]\nkind = 'vault'", "`root`: a root of kind 'vault' needs `address`"),
        (
            "[telemetry]\notlp_endpoint = 'http://collector:4318'",
            "`telemetry`: `otlp_endpoint` is plain http to another machine; use https",
        ),
        ("[engine]\nkind = 'hunter2'", "`engine.kind`: Input should be 'grounded'"),
        ("[server]\nport = 99999", "`server.port`: Input should be less than"),
        ("[server]\nport = 'hunter2'", "`server.port`: Input should be a valid integer"),
        ("[server]\nmax_body_bytes = 0", "`server.max_body_bytes`"),
        ("tenant = ''", "`tenant`"),
        ("tenant = 5", "`tenant`: Input should be a valid string"),
        ("extensions = 'one'", "`extensions`: it has to be a list"),
        ("[plugins]\nsupport = 5", "`plugins.support`: it has to be a table"),
        ("embeddings = 'gpt'", "`embeddings`"),
        ("[[actors]]\nid = 'a'\nkey_sha256 = 'hunter2'", "`actors.0.key_sha256`"),
        (f"[[actors]]\nid = ''\nkey_sha256 = '{KEY}'", "`actors.0.id`"),
        (
            f"[[actors]]\nid = 'a'\nkey_sha256 = '{KEY}'\n"
            f"[[actors]]\nid = 'b'\nkey_sha256 = '{KEY}'",
            "`actors`: two actors have the same key",
        ),
    ],
)
def test_a_setting_at_fault_is_named_and_its_value_is_not(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    with pytest.raises(MetierError) as error:
        config.load(write(tmp_path, text))
    message = error.value.message
    assert message.startswith(str(tmp_path / "metier.toml")) and reason in message
    assert SECRET not in message and error.value.code == "bad_config"
    assert error.value.__cause__ is None


def test_a_file_that_cannot_be_read_is_an_error_and_not_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "metier.toml").mkdir()
    with pytest.raises(MetierError, match="can't be read: Is a directory"):
        config.load(tmp_path)


def test_policy_files_are_found_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    found = config.load(
        write(tmp_path, "policies = ['strict.yaml', '/etc/metier/all.yaml', '~/own.yaml']")
    )
    assert found.policies == (
        tmp_path / "strict.yaml",
        Path("/etc/metier/all.yaml"),
        Path("/home/anna/own.yaml"),
    )


def test_the_home_is_the_variable_or_a_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    for value, folder in [
        ("/srv/metier", "/srv/metier"), ("~/m", "/home/anna/m"), ("", "/home/anna/.metier")
    ]:  # fmt: skip
        monkeypatch.setenv("METIER_HOME", value)
        assert config.home() == Path(folder)
    monkeypatch.delenv("METIER_HOME")
    assert config.home() == Path("/home/anna/.metier")
