"""Somebody changes the files and has no key: what is read is true, or refused, or says so.

A few hundred changes by default; METIER_TRIALS=10000 are those of the mark, and
`python -m benchmarks.trials` prints what they come to. See docs/trials.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from trials.run import tamper
from trials.tamper import CHANGES, Done, judge, one_trial
from trials.town import Seen, build

TRIALS = int(os.environ.get("METIER_TRIALS", "150"))
WAITS_FOR_THE_PIPELINE = {"turn_record.at", "turn_record.domain", "turn_record.conversation"}


@pytest.mark.timeout(120 + TRIALS)
async def test_no_change_of_the_files_makes_a_reading_wrong(tmp_path: Path) -> None:
    town = await build(tmp_path)
    found = await tamper(tmp_path, range(TRIALS), town)
    assert [(number, trial) for number, trial in found.bad if not _waits(trial.done)] == []
    assert found.verdicts["refused"] > TRIALS / 5 and found.verdicts["told"] > TRIALS / 20
    for place, (change, _) in enumerate(CHANGES):  # each at least once, however the dice fell
        trial = await one_trial(100_000 + place, town, tmp_path, change)
        assert trial.verdict not in ("wrong", "crashed") or _waits(trial.done), trial
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


def _waits(done: Done) -> bool:
    return done.what in WAITS_FOR_THE_PIPELINE or (done.kind, done.what) == (
        "row moved", "turn_record",
    )  # fmt: skip
