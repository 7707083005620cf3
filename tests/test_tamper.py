"""Somebody changes the files and has no key: what is read is true, or refused, or says so.

A few hundred changes by default; METIER_TRIALS=10000 are those of the mark, and
`python -m benchmarks.trials` prints what they come to. See docs/trials.md.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from trials.run import tamper
from trials.tamper import CHANGES, OF_SUBJECT, Done, judge, one_trial, put_back
from trials.town import Seen, build, look

TRIALS = int(os.environ.get("METIER_TRIALS", "80"))


@pytest.mark.timeout(120 + TRIALS)
async def test_no_change_of_the_files_makes_a_reading_wrong(tmp_path: Path) -> None:
    town = await build(tmp_path)
    found = await tamper(tmp_path, range(TRIALS), town)
    assert found.bad == []
    assert found.verdicts["refused"] > TRIALS / 5 and found.verdicts["told"] > TRIALS / 20
    for place, (change, _) in enumerate(CHANGES):  # each at least once, however the dice fell
        trial = await one_trial(100_000 + place, town, tmp_path, change)
        assert trial.verdict not in ("wrong", "crashed"), trial
    # The judge itself: what it must not let pass.
    export, wrong = "export of north/anna", Done("none", "none")
    fewer = dict(town.truth[export].value, facts=[])
    assert judge(wrong, town, {export: Seen(fewer)}).verdict == "wrong"
    assert judge(wrong, town, {export: Seen(dict(fewer, missing_turns=["t"]))}).verdict == "wrong"
    assert judge(wrong, town, {"start": Seen(crashed="x")}).verdict == "crashed"
    assert judge(wrong, town, {export: Seen(refused="seal_broken")}).verdict == "refused"
    other = town.truth["key north auditor"]
    assert judge(wrong, town, {"key north member": other}).verdict == "wrong"
    ended = {"key north revoked": town.truth["key north member"]}
    assert judge(wrong, town, ended).verdict == "wrong"


async def test_a_state_that_was_true_once_is_found_by_verify(tmp_path: Path) -> None:
    town = await build(tmp_path)
    whole = tmp_path / "whole"  # all of the store as it was: found against the checkpoints kept
    shutil.copytree(town.pristine, whole)
    shutil.copy(town.older[-1] / "store.db", whole / "store.db")
    seen = await look(town, whole)
    assert seen["verify"].value is False
    assert seen["export of north/anna"] != town.truth["export of north/anna"]  # and not refused
    some = tmp_path / "some"  # one person's rows, and the events since
    shutil.copytree(town.pristine, some)
    with closing(sqlite3.connect(some / "store.db")) as raw, raw:
        put_back(raw, town.history[-2], ("north", "anna"), OF_SUBJECT)
        last = max(row[1] for row in town.history[-2]["audit_event"].values() if row[0] == "north")
        raw.execute("delete from audit_event where tenant = 'north' and subject = 'anna' "
                    "and seq > ?", (last,))  # fmt: skip
    assert (await look(town, some))["verify"].value is False
