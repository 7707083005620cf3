"""The bill of materials: valid, complete, and licences as far as they can be told."""

from __future__ import annotations

import json
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, cast

import pytest
from compliance_kit import findings
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from metier.compliance import installed, read_lock, to_sbom
from metier.compliance._dependencies import licence_of
from metier.model import MetierError


def problem(text: str) -> object:
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def components(text: str) -> dict[str, dict[str, Any]]:
    return {c["name"]: c for c in json.loads(text)["components"]}


def package(folder: Path, name: str, *lines: str, plugin: bool = False) -> Distribution:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n"
                                   + "".join(f"{line}\n" for line in lines), "utf-8")  # fmt: skip
    if plugin:
        (info / "entry_points.txt").write_text("[metier.plugins]\nx = x:y\n")
    return Distribution.at(info)


def test_the_bill_of_materials_is_valid_cyclonedx_1_6() -> None:
    text = to_sbom(findings(dependencies=installed()))
    assert problem(text) is None
    assert json.loads(text)["specVersion"] == "1.6"


def test_what_is_no_bill_of_materials_is_not_taken_for_one() -> None:
    made = json.loads(to_sbom(findings()))
    made["components"][0]["scope"] = "everything"
    assert problem(json.dumps(made)) is not None


def test_every_installed_distribution_is_listed_with_version_and_purl() -> None:
    found = installed()
    listed = components(to_sbom(findings(dependencies=found)))
    for dependency in found:
        if dependency.name == "metier":
            continue
        component = listed[dependency.name]
        assert component["version"] == dependency.version
        assert component["purl"].startswith("pkg:pypi/")
        assert component["licenses"]
    versions = {d.name.lower(): d.version for d in found}
    assert versions["click"] == distribution("click").version


def test_metier_is_the_subject_and_needs_its_plugins_and_dependencies() -> None:
    made = json.loads(to_sbom(findings()))
    assert made["metadata"]["component"]["name"] == "metier"
    needs = {d["ref"]: d.get("dependsOn", []) for d in made["dependencies"]}
    assert needs["pkg:pypi/metier@0.1.0"] == ["pkg:pypi/click@8.1", "pkg:pypi/metier-health@1"]


def test_the_same_findings_give_the_same_bill() -> None:
    assert to_sbom(findings()) == to_sbom(findings())


def test_what_only_stands_beside_metier_is_excluded() -> None:
    listed = components(to_sbom(findings()))
    assert listed["click"]["scope"] == "required"
    assert listed["Old_Thing"]["scope"] == "excluded"


def test_hashes_are_those_that_the_lock_file_admits(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    version = distribution("click").version
    one, two = "1" * 64, "2" * 64
    lock.write_text(
        f"click=={version} \\\n    --hash=sha256:{one} \\\n    --hash=sha256:{two}\n"
        f"orjson==0.0.1 \\\n    --hash=sha256:{one}\n"
    )
    text = to_sbom(findings(dependencies=installed(lock)))
    assert problem(text) is None
    listed = components(text)
    hashes = listed["click"]["externalReferences"][0]["hashes"]
    assert {h["content"] for h in hashes} == {one, two}
    assert "externalReferences" not in listed["orjson"]  # another version is installed


@pytest.mark.parametrize("text", ["", "click==8.1\n", "click==8.1 --hash=sha256:short\n"])
def test_a_lock_file_without_hashes_is_refused(text: str, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(text)
    with pytest.raises(MetierError, match=r"some\.lock"):
        read_lock(lock)


def test_the_projects_own_lock_file_has_a_hash_for_what_is_installed() -> None:
    lock = Path(__file__).parents[2] / "requirements.lock"
    found = {d.name.lower(): d for d in installed(lock)}
    for name in ("cryptography", "pydantic", "presidio_analyzer"):
        assert found[name].hashes


@pytest.mark.parametrize(
    ("lines", "licence", "spdx"),
    [
        (["License-Expression: Apache-2.0 OR MIT"], "Apache-2.0 OR MIT", True),
        (["License: MIT License"], "MIT", True),
        (["License: Apache 2.0"], "Apache-2.0", True),
        (["License: mit"], "MIT", True),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT", True),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"], "MIT", True),
        (["License: Ours", "Classifier: License :: OSI Approved :: MIT License"], "MIT", True),
        (["Classifier: License :: OSI Approved :: BSD License"], "BSD License", False),
        (["License: BSD"], "BSD", False),
        (["License: Copyright (c) Somebody", "Classifier: License :: OSI Approved :: BSD License"],
         "BSD License", False),
        (["Classifier: License :: OSI Approved :: MIT License",
          "Classifier: License :: OSI Approved :: Apache Software License"], "MIT License", False),
        ([], "not stated", False),
    ],
)  # fmt: skip
def test_a_licence_is_spdx_where_it_can_be_told(
    lines: list[str], licence: str, spdx: bool, tmp_path: Path
) -> None:
    assert licence_of(package(tmp_path, "thing", *lines)) == (licence, spdx)


def test_what_plugins_need_is_found_through_extras_and_markers(tmp_path: Path) -> None:
    every = [
        package(tmp_path, "metier", "Requires-Dist: base[fast]", "Requires-Dist: gone"),
        package(tmp_path, "base", "Requires-Dist: quick; extra == 'fast'",
                "Requires-Dist: slow; extra == 'other'",
                "Requires-Dist: old; python_version < '3'"),
        package(tmp_path, "quick"),
        package(tmp_path, "slow"),
        package(tmp_path, "old"),
        package(tmp_path, "trade", "Requires-Dist: Tool", plugin=True),
        package(tmp_path, "tool"),
        package(tmp_path, "editor"),
    ]  # fmt: skip
    found = {d.name: d for d in installed(found=every)}
    assert {name for name, d in found.items() if d.runtime} == {
        "metier", "base", "quick", "trade", "tool",
    }  # fmt: skip
    assert found["base"].requires == ("quick",)
    assert found["trade"].requires == ("tool",)


def test_of_two_with_one_name_the_first_on_the_path_counts(tmp_path: Path) -> None:
    first = package(tmp_path / "a", "thing", "License: MIT")
    second = package(tmp_path / "b", "Thing", "License: BSD")
    (only,) = installed(found=[first, second])
    assert only.licence == "MIT"


def test_a_folder_without_a_name_is_passed_over() -> None:
    class Nameless(Distribution):
        metadata = cast("Any", Message())

        def read_text(self, filename: str) -> str | None:
            return None

        def locate_file(self, path: object) -> Any:
            raise PackageNotFoundError

    assert installed(found=[Nameless()]) == ()
