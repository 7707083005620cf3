"""The application of Ray Serve: what it needs, a home for each replica, a turn over real Ray."""

from __future__ import annotations

import socket
import stat
import sys
from pathlib import Path

import httpx
import pytest

from metier import config, ray_serve
from metier.app import make_keys
from metier.model import MetierError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    (folder / "metier.toml").write_text('embeddings = "none"\npolicies = ["own.yaml"]\n')
    (folder / "own.yaml").write_text('name: own\nversion: "1"\ndescription: Ours.\n')
    (folder / "api-key").write_text("metier-key\n")
    return folder


def test_replicas_that_share_nothing_are_refused() -> None:
    alone = config.Settings()
    ray_serve.check(alone, 1)
    with pytest.raises(MetierError, match="store and keys that they share"):
        ray_serve.check(alone, 2)
    half = config.Settings(store=config.StoreSettings(url_env="A"))
    with pytest.raises(MetierError, match="store and keys that they share"):
        ray_serve.check(half, 2)
    ray_serve.check(half.model_copy(update={"keys": config.KeysSettings(url_env="B")}), 2)


def test_each_replica_has_a_home_of_its_own(home: Path) -> None:
    one, other = (ray_serve.prepare(home, name) for name in ("default#Metier#a1", "x/../../y"))
    assert one != other and one.parent == other.parent == home / "replicas"
    for own in (one, other, ray_serve.prepare(home, "default#Metier#a1")):
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert stat.S_IMODE((own / "root.key").stat().st_mode) == 0o600
        assert (own / "root.key").read_bytes() == (home / "root.key").read_bytes()
        assert config.load(own).policies[0].read_text() == (home / "own.yaml").read_text()


def test_a_replica_has_every_file_that_the_settings_name_wherever_it_is(
    home: Path, tmp_path: Path
) -> None:
    """Also a policy's signature, without which one that must be signed is refused."""
    (home / "rules").mkdir()
    for name in ("rules/own.yaml", "rules/own.yaml.sig", "signer.pem", "cohorts.yaml"):
        (home / name).write_text(name)
    (tmp_path / "outside.yaml").write_text("outside")
    (home / "metier.toml").write_text(
        f'policies = ["rules/own.yaml", "{tmp_path}/outside.yaml"]\npolicy_keys = ["signer.pem"]\n'
    )
    for _ in range(2):
        own = ray_serve.prepare(home, "a")
        found = config.load(own)
        assert [path.read_text() for path in found.policies] == ["rules/own.yaml", "outside"]
        assert [path.read_text() for path in found.policy_keys] == ["signer.pem"]
        assert (own / "rules" / "own.yaml.sig").read_text() == "rules/own.yaml.sig"
        assert (own / "cohorts.yaml").read_text() == "cohorts.yaml"  # read without being named


def test_without_ray_the_extra_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MetierError, match=r"metier\[ray\]"):
        ray_serve.build({"home": str(home)})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_turn_over_ray(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve = pytest.importorskip("ray.serve", reason="pip install 'metier[ray]'")
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    (home / "metier.toml").write_text('embeddings = "none"\n[privacy]\nnames = "rules"\n')
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        port = _free_port()
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        serve.run(ray_serve.build({"home": str(home)}), name="metier", route_prefix="/")
        said = {"model": "writing", "messages": [{"role": "user", "content": "Its a nice day."}]}
        url, key = f"http://127.0.0.1:{port}", {"Authorization": "Bearer metier-key"}
        answer = httpx.post(f"{url}/v1/chat/completions", json=said, headers=key, timeout=120)
        assert answer.status_code == 200 and answer.json()["choices"][0]["message"]["content"]
        with httpx.stream("POST", f"{url}/v1/chat/completions", json={**said, "stream": True},
                          headers=key, timeout=120) as stream:  # fmt: skip
            assert "data: [DONE]" in list(stream.iter_lines())
        assert httpx.get(f"{url}/readyz", timeout=60).status_code == 200
    finally:
        serve.shutdown()
        ray.shutdown()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
