"""Changed policies of a running server: audited before they are in force, counted and logged."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from served import audited
from toy import Gardening

from metier._chores import now_and_then
from metier.app import Metier
from metier.model import MetierError
from metier.server._operate import Operated
from metier.store import StoreUnavailable

POLICY = 'name: own\nversion: "1"\ndescription: Ours.\nretention: {"*": DAYS}\n'


def write(home: Path, days: str) -> Path:
    file = home / "own.yaml"
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(POLICY.replace("DAYS", days))
    os.utime(file, ns=(before + 1_000_000, before + 1_000_000))  # whatever the clock's steps are
    return file


def days(app: Metier) -> int | None:
    return app.parts.policy.retention("turns").days


async def opened(open_metier: Any, home: Path) -> Metier:
    app: Metier = await open_metier(Gardening(), policies=(write(home, "90"),))
    return app


def operated(app: Metier) -> Operated:
    async def nothing(*_: object) -> None:
        """No request comes."""

    return Operated(app, nothing)


def counted(around: Operated) -> set[str]:
    page = around.meters.page().decode()
    return {line for line in page.splitlines() if line.startswith("metier_reloads_total{")}


async def test_a_change_that_can_not_be_audited_comes_into_force_once_it_can_be(
    open_metier: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await opened(open_metier, home)

    async def away(*_: object) -> None:
        raise StoreUnavailable("its server can't be reached", "Check that it runs.")

    write(home, "30")
    with monkeypatch.context() as patch:
        patch.setattr(type(app.parts.audit), "append", away)
        for follow in (app.follow_policies, app.reload):
            with pytest.raises(StoreUnavailable):
                await follow()
    assert days(app) == 90
    change = await app.follow_policies()
    assert change is not None and [file.name for file in change.files] == ["own"]
    assert days(app) == 30 and await app.follow_policies() is None
    told = [event["detail"] for event in audited(home) if event["kind"] == "policy-changed"]
    assert told == [{"from": change.old_version, "to": change.new_version, "policies": "own"}]
    assert change.new_version == app.parts.policy.version


async def test_a_change_found_in_the_files_is_counted_and_logged(
    open_metier: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "metier")
    app = await opened(open_metier, home)
    around = operated(app)
    write(home, "30")
    await app.follow_policies()
    assert counted(around) == {'metier_reloads_total{result="changed"} 1.0'}
    assert app.parts.policy.version in caplog.text
    write(home, "[oops")
    with pytest.raises(MetierError):
        await app.follow_policies()
    assert 'metier_reloads_total{result="refused"} 1.0' in counted(around)


async def test_the_page_tells_which_policies_are_in_force_so_that_replicas_can_be_compared(
    open_metier: Any, home: Path
) -> None:
    app = await opened(open_metier, home)
    around = operated(app)
    before = app.parts.policy.version
    assert f'metier_policies{{version="{before}"}} 1.0' in around.meters.page().decode()
    write(home, "30")
    await app.follow_policies()
    page = around.meters.page().decode()
    assert f'metier_policies{{version="{app.parts.policy.version}"}} 1.0' in page
    assert before not in page


async def test_work_in_the_background_goes_on_after_a_fault_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = asyncio.Event()
    faults = iter((KeyError("Zebulon"), MetierError("A part is away."), None))

    async def chore() -> None:
        if (fault := next(faults)) is not None:
            raise fault
        done.set()
        await asyncio.Event().wait()

    working = asyncio.create_task(now_and_then(0.0, chore))
    await done.wait()
    working.cancel()
    assert "KeyError" in caplog.text and "A part is away." in caplog.text
    assert "Zebulon" not in caplog.text
