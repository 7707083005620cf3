"""Policies that should be in force and are not stop the start; nothing is served without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import config
from metier.app import Metier, make_keys
from metier.model import MetierError
from metier.plugins import LoadedPlugin, Registry

STRICT = "name: strict\nversion: '1'\ndescription: Ours.\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_keys(tmp_path)
    (tmp_path / "strict.yaml").write_text(STRICT)
    return tmp_path


def opened(home: Path, *required: str, files: tuple[Path, ...] = ()) -> Metier:
    settings = config.Settings(embeddings="none", policies=files, required_policies=required)
    return Metier.open(home, settings)


def test_a_required_policy_that_is_not_in_force_stops_the_start(home: Path) -> None:
    with pytest.raises(MetierError) as error:
        opened(home, "baseline", "strict", "stricter")
    assert error.value.code == "policy_missing"
    assert "`required_policies` names strict, stricter, which no" in error.value.message
    assert "In force: baseline, " in error.value.message


def test_required_policies_that_are_in_force_are_fine(home: Path) -> None:
    app = opened(home, "baseline", "strict", files=(home / "strict.yaml",))
    assert {"baseline", "strict"} <= {p.name for p in app.parts.policy.policies}


def test_metiers_own_policies_are_never_skipped_where_their_plugin_is_broken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "importing metier_policies:plugin raised ImportError"
    broken = LoadedPlugin("policies", "metier-policies", "0", None, "broken", reason)
    other = LoadedPlugin("other", "metier-other", "0", None, "broken", reason)

    def found(*plugins: LoadedPlugin) -> None:
        monkeypatch.setattr(
            "metier._building.discover", lambda *_, **__: Registry(plugins, frozenset())
        )

    found(other)  # a broken plugin stops nobody else
    assert len(opened(home, files=(home / "strict.yaml",)).parts.policy.policies) == 1
    found(broken)
    with pytest.raises(MetierError) as error:
        opened(home)
    assert error.value.code == "policy_missing" and reason in error.value.message
    assert "nothing is served" in error.value.message


def test_where_no_policy_is_in_force_nothing_is_learnt_and_all_is_hidden(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metier._building.discover", lambda *_, **__: Registry((), frozenset()))
    policy = opened(home).parts.policy
    assert [each.name for each in policy.policies] == ["built-in"]
    assert not policy.may_learn("identity", "education").allowed
    assert policy.entity_action("PERSON", "local").action == "pseudonymise"
    assert policy.entity_action("SECRET", "local").action == "redact"
