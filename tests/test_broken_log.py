"""A log that somebody has edited keeps nobody from working, and is not passed over."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening


async def test_an_edited_log_is_reported_at_the_start_and_turns_go_on(
    open_metier: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = await open_metier(Gardening())
    await app.respond(app.request("gardening", "When are roses pruned?", subject="ada"))
    await app.respond(app.request("gardening", "When are roses pruned?", subject="bea"))
    await app.close()
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("update audit_event set body = x'7b7d' where seq = 1")
    with caplog.at_level(logging.ERROR):
        again = await open_metier(Gardening())
    assert "was changed at event 1" in caplog.text
    answer = await again.respond(again.request("gardening", "And now?", subject="bea"))
    assert answer.text
    found = await again.verify_audit()
    assert not found.ok and found.first_bad == 1
    with sqlite3.connect(home / "store.db") as raw:
        kinds = {k for (k,) in raw.execute("select kind from audit_event")}
    assert "audit-broken" in kinds
