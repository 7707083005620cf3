"""The files of deploy/ are real: units are hard, flags are the tested ones, the example serves."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from vllm_server import FLAGS, LOGGING, QUIET

from metier import config
from metier._index_server import refused_index
from metier.app import Metier
from metier.model import MetierError
from metier.policy import compose, load
from metier_testing.upstream import RecordingUpstream

DEPLOY = Path(__file__).parent.parent / "deploy"
README = (DEPLOY / "README.md").read_text("utf-8")
EXAMPLE = DEPLOY / "example"
ADDRESS = "http://127.0.0.1:8000/v1"

Unit = Mapping[str, Sequence[str]]


def unit(name: str) -> Unit:
    """The [Service] settings of a unit; one may be given several times."""
    text = (DEPLOY / name).read_text("utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def variables(service: Unit) -> dict[str, str]:
    pairs = [pair for line in service["Environment"] for pair in shlex.split(line)]
    return {name: value for name, _, value in (p.partition("=") for p in pairs)}


BOTH = {
    "UMask": "0077", "LimitCORE": "0", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "",
    "AmbientCapabilities": "", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes", "IPAddressDeny": "any", "IPAddressAllow": "localhost",
    "StateDirectoryMode": "0700",
}  # fmt: skip
METIER = {
    "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes",
    "SystemCallFilter": "@system-service landlock_create_ruleset landlock_add_rule "
    "landlock_restrict_self", "SystemCallArchitectures": "native",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "settings"), [("metier.service", BOTH | METIER), ("vllm.service", BOTH)]
)
def test_a_unit_gives_no_rights_away(name: str, settings: Mapping[str, str]) -> None:
    service = unit(name)
    assert {key: service.get(key) for key in settings} == {k: [v] for k, v in settings.items()}
    assert service["User"] != ["root"] and service["User"] == service["Group"]


def test_metier_keeps_its_home_in_its_state_directory_and_no_secret_in_the_unit() -> None:
    service = unit("metier.service")
    assert variables(service) == {"METIER_HOME": f"/var/lib/{service['StateDirectory'][0]}"}
    assert service["EnvironmentFile"] == ["-/etc/metier/environment"]
    assert [c.split("/bin/")[1] for c in service["ExecStartPre"] + service["ExecStart"]] == [
        "metier setup", "metier serve",
    ]  # fmt: skip


def test_flags_and_variables_of_vllm_are_the_tested_ones() -> None:
    service = unit("vllm.service")
    command = shlex.split(service["ExecStart"][0])
    assert command[:3] == ["/opt/vllm/bin/vllm", "serve", "/srv/models/assistant"]
    own = ("--served-model-name", "--host", "--port", "--shutdown-timeout")
    flags = [a for a in command if a.startswith("--") and a.partition("=")[0] not in own]
    assert tuple(flags) == FLAGS
    set_here = variables(service)
    assert {k: v for k, v in set_here.items() if k in QUIET} == QUIET
    assert Path(set_here["VLLM_LOGGING_CONFIG_PATH"]).name == LOGGING.name
    assert "--host=127.0.0.1" in command and "--port=8000" in command
    assert service["EnvironmentFile"] == ["-/etc/vllm/environment"]  # the API key
    assert drained(command) < int(service["TimeoutStopSec"][0])


def drained(command: Sequence[str]) -> int:
    """Seconds that vLLM lets answers finish; without them it breaks them off at once."""
    (found,) = (each for each in command if each.startswith("--shutdown-timeout="))
    return int(found.partition("=")[2])


def test_the_page_names_each_flag_with_a_reason_and_each_variable() -> None:
    listed, set_here = re.findall(r"```text\n(.*?)```", README, re.S)
    assert tuple(listed.split()) == FLAGS
    for flag in FLAGS:
        assert re.search(rf"^\| `{re.escape(flag)}` \| \S", README, re.M), flag
    named = dict(line.split("=", 1) for line in set_here.split())
    assert {k: v for k, v in named.items() if k in QUIET} == QUIET
    assert set(named) == {*QUIET, "VLLM_LOGGING_CONFIG_PATH"}


def test_links_of_the_page_point_at_files() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert {p.name for p in DEPLOY.iterdir()} - {"README.md", "example"} <= set(links)
    assert all((DEPLOY / link).exists() for link in links)


# --- containers --------------------------------------------------------------------------

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_has_no_right_that_it_does_not_need(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"] and "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name != "chat")
    assert not service["image"].endswith(":latest")
    for value in service.get("environment", {}).values():
        assert "://" not in value or "@" not in value  # no password in an address
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_only_the_chat_is_reached_and_the_model_reaches_nothing() -> None:
    published = [name for name, s in COMPOSE["services"].items() if "ports" in s]
    assert published == ["chat"]
    outside = {name for name, network in COMPOSE["networks"].items() if not network}
    reaching = {n for n, s in COMPOSE["services"].items() if outside & set(s["networks"])}
    assert reaching == {"chat"}
    owner = {n for n, s in COMPOSE["services"].items() if "owner_url" in s.get("secrets", [])}
    assert owner == {"setup"}


def test_what_compose_sets_are_settings_and_flags_are_the_tested_ones(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = COMPOSE["services"]
    for name, value in services["metier"]["environment"].items():
        monkeypatch.setenv(name, value)
    found = config.load(home)
    assert (found.engine.target, found.keys.url_env) == ("vllm", "METIER_KEYS_URL")
    (platform,) = found.access.platforms  # or all who chat would be one person
    assert f"{platform.secret_env}_FILE" in services["metier"]["environment"]
    assert "FORWARD_USER_INFO_HEADER_JWT_SECRET" in services["chat"]["entrypoint"][-1]
    model, *flags = services["vllm"]["command"]
    assert model == "/models/assistant"
    assert tuple(f for f in flags if not f.startswith(("--served", "--shutdown"))) == FLAGS
    assert drained(flags) < int(services["vllm"]["stop_grace_period"].removesuffix("s"))
    assert services["vllm"]["tmpfs"] == ["/tmp:exec"]  # by default nothing there can be loaded
    # As `openai` it would get no salt: what one tenant asked could be told from how long it takes.
    assert (found.engine.kind, found.engine.priority) == ("vllm", 0)
    assert services["vllm"]["environment"].items() >= QUIET.items()
    policy = yaml.safe_load((EXAMPLE / "compose-policy.yaml").read_text("utf-8"))
    assert policy["targets"]["vllm"]["base_url"] == "http://vllm:8000/v1"
    grace = int(services["metier"]["stop_grace_period"].removesuffix("s"))
    assert grace > found.server.drain_seconds + found.server.drain_notice_seconds


QDRANT = yaml.safe_load((EXAMPLE / "compose-qdrant.yaml").read_text("utf-8"))


def test_the_index_server_has_few_rights_and_only_metier_reaches_it() -> None:
    server = QDRANT["services"]["qdrant"]
    assert server["cap_drop"] == ["ALL"] and server["read_only"] is True
    assert server["security_opt"] == ["no-new-privileges:true"] and "ports" not in server
    assert server["networks"] == ["data"] and COMPOSE["networks"]["data"] == {"internal": True}
    assert server["environment"]["QDRANT__TELEMETRY_DISABLED"] == "true"
    assert not server["image"].endswith(":latest")
    reaching = {n for n, s in COMPOSE["services"].items() if "data" in s["networks"]}
    assert reaching == {"setup", "metier", "database"}


def test_its_policy_declares_the_address_that_metier_is_given(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ("setup", "metier"):
        changed = QDRANT["services"][service]
        before = COMPOSE["services"][service]["volumes"]
        (mount,) = changed["volumes"]
        file, _, place = mount.partition(":")
        assert any(each.endswith(place) for each in before)  # so it stands in for that one
        assert (DEPLOY / file).is_file()
    for name, value in QDRANT["services"]["metier"]["environment"].items():
        if not name.endswith("_FILE"):
            monkeypatch.setenv(name, value)
    found = config.load(home)
    assert found.index.api_key_env == "METIER_INDEX_KEY"
    policy = compose([load(EXAMPLE / "qdrant-policy.yaml")])
    assert refused_index(found, policy) is None
    old = compose([load(EXAMPLE / "compose-policy.yaml")])
    assert refused_index(found, old) is not None


def test_the_roles_of_the_container_are_those_of_the_page() -> None:
    page = (DEPLOY.parent / "docs" / "postgresql.md").read_text("utf-8")
    (sql,) = re.findall(r"```sql\n(.*?)```", page, re.S)
    made = (EXAMPLE / "roles.sh").read_text("utf-8")
    for line in str(sql).splitlines():
        assert line in made, line
    assert "CREATE DATABASE metier_keys OWNER metier_keys" in made


def test_the_image_is_built_from_the_lock_and_runs_without_root() -> None:
    installs = re.findall(r"uv pip install .*?(?=&&|$)", CONTAINERFILE, re.M)
    assert installs
    for install in installs:
        assert "--verify-hashes" in install and "--constraint requirements.lock" in install
    assert re.search(r"^USER 10001:10001$", CONTAINERFILE, re.M)
    assert "curl" not in CONTAINERFILE and "ADD " not in CONTAINERFILE
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.M):
        assert all((DEPLOY.parent / name).exists() for name in copied.split())


@pytest.fixture
def example(home: Path) -> Path:
    """A home with the example's files in it."""
    for file in EXAMPLE.iterdir():
        shutil.copy(file, home)
    toml = home / "metier.toml"
    toml.write_text('embeddings = "none"\n' + toml.read_text("utf-8"), "utf-8")
    return home


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Zebulon Quartermain", "My name is Zebulon Quartermain. Its a example."),
        ("诸葛明亮", "我叫诸葛明亮。他跑的快。"),
    ],
)
async def test_the_example_serves_a_turn_over_its_target_without_names(
    example: Path, name: str, said: str
) -> None:
    async with RecordingUpstream() as upstream:
        policy = example / "vllm-policy.yaml"
        text = policy.read_text("utf-8")
        assert ADDRESS in text
        policy.write_text(text.replace(ADDRESS, upstream.base_url), "utf-8")
        async with Metier.open(example) as app:
            assert (app.parts.engine.name, app.parts.engine.target) == ("openai", "vllm")
            answer = await app.respond(app.request("writing", said))
    assert answer.why.target == "vllm" and upstream.requests
    assert b'"model":"assistant"' in upstream.requests[0]
    assert name.encode() not in b"".join(upstream.requests)


def test_the_example_allows_no_other_target_and_no_other_address(example: Path) -> None:
    settings = config.load(example)
    app = Metier.open(example)
    assert app.parts.policy.target("vllm") is not None
    assert app.parts.policy.target("local") is None
    elsewhere = settings.engine.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(MetierError) as refused:
        Metier.open(example, settings.model_copy(update={"engine": elsewhere}))
    assert refused.value.code == "target_not_allowed"
