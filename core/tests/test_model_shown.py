"""`python -m metier.model`: every noun of plugins can be read as it is written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from metier import model


def shown(*names: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "metier.model", *names], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_without_a_name_every_public_name_is_listed_with_what_it_is() -> None:
    status, out, _ = shown()
    told = {line.split()[0]: line.split(maxsplit=1)[1:] for line in out.splitlines()}
    assert status == 0 and set(told) == set(model.__all__)
    assert all(told.values())


def test_a_noun_is_shown_with_its_fields_and_what_they_mean() -> None:
    status, out, _ = shown("Fact", "FAIRNESS_ATTRIBUTES", "Event")
    assert status == 0
    assert out.startswith("class Fact:")
    assert "    retracts: bool = False\n" in out and "I am no longer" in out
    assert "FAIRNESS_ATTRIBUTES = (" in out and "What a person may be" in out
    assert "Event = TextDelta" in out
    assert "__init__" not in out


@pytest.mark.parametrize(("name", "near"), [("Facts", "Fact"), ("manifest", "Manifest")])
def test_an_unknown_name_is_told_what_is_near(name: str, near: str) -> None:
    status, out, err = shown(name)
    assert (status, out) == (1, "") and f"'{near}'" in err
