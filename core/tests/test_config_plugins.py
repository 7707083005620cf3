"""Tables of plugins in metier.toml: one that nothing reads is an error, never silence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from metier import config, hookimpl
from metier._building import plugin_configs
from metier.app import Metier, make_keys
from metier.model import Manifest, MetierError
from metier.plugins import discover

SECRET = "hunter2"


class Numbers(BaseModel):
    hotline: str = "112"

    @field_validator("hotline")
    @classmethod
    def _known(cls, hotline: str) -> str:
        return {"112": "112", "120": "120"}[hotline]


class Toy:
    def __init__(self, name: str, model: type[BaseModel] | None = None, api: int = 1) -> None:
        self.manifest = Manifest(name, "Toy", "Echoes.", config=model, api=api)

    @hookimpl
    def domain(self) -> Manifest:
        return self.manifest


class Broken(Toy):
    """Broken whatever the api: it marks no hook of ours."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Numbers)

    @hookimpl
    def no_such_hook(self) -> None: ...


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_keys(tmp_path)
    return tmp_path


def opened(home: Path, tables: dict[str, dict[str, Any]], *plugins: object) -> Metier:
    return Metier.open(home, config.Settings(embeddings="none", plugins=tables), plugins=plugins)


def refused(home: Path, tables: dict[str, dict[str, Any]], *plugins: object) -> str:
    with pytest.raises(MetierError) as error:
        opened(home, tables, *plugins)
    assert error.value.code == "bad_config" and SECRET not in error.value.message
    return error.value.message


def test_a_table_of_no_plugin_is_named_with_the_plugins_there_are(home: Path) -> None:
    message = refused(home, {"toys": {"hotline": SECRET}}, Toy("toy", Numbers), Toy("plain"))
    assert message.startswith("metier.toml: [plugins.toys]: there is no plugin of that name")
    assert "Did you mean 'toy'?" in message
    assert "plain" in message.split("Installed: ")[1]


def test_a_table_of_a_plugin_that_takes_no_settings_is_named(home: Path) -> None:
    message = refused(home, {"plain": {"hotline": SECRET}}, Toy("plain"))
    assert (
        message == "metier.toml: [plugins.plain]: the plugin takes no settings; delete the table."
    )
    assert "plain" not in opened(home, {"plain": {}}, Toy("plain")).parts.configs


def installed(tables: dict[str, dict[str, Any]], *plugins: object) -> Mapping[str, BaseModel]:
    """The settings of plugins that are there without having been handed over to `Metier.open`."""
    return plugin_configs(discover(plugins), config.Settings(plugins=tables))


def test_a_table_of_a_plugin_that_does_not_work_is_fine() -> None:
    configs = installed({"late": {"hotline": "120"}}, Broken("late"), Toy("toy", Numbers))
    assert "toy" in configs and "late" not in configs


def test_a_table_is_not_read_by_a_plugin_that_lost_its_name_to_another() -> None:
    class Other(BaseModel):
        model_config = {"extra": "forbid"}

    configs = installed({"toy": {"hotline": "120"}}, Toy("toy", Numbers), Toy("toy", Other))
    assert configs["toy"] == Numbers(hotline="120")


def test_a_model_that_fails_to_judge_its_table_is_one_line_without_the_value(home: Path) -> None:
    message = refused(home, {"toy": {"hotline": SECRET}}, Toy("toy", Numbers))
    assert message == (
        "metier.toml: [plugins.toy]: the plugin could not check its settings (KeyError)."
    )
