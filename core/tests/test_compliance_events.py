"""The kinds of audit events: each is explained, each is written, and the report counts them."""

from __future__ import annotations

from pathlib import Path

import audit_kinds
import pytest

from metier import config
from metier.app import Metier, make_keys
from metier.audit import AuditEvent
from metier.audit._export import _ACTIVITIES
from metier.compliance import EVENTS, gather, to_html
from metier.model import Actor
from metier.rights import restrict

DOCS = Path(__file__).resolve().parents[2] / "docs" / "compliance.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_keys(tmp_path, config.load(tmp_path))
    return tmp_path


def test_every_kind_that_is_written_is_explained_and_none_besides() -> None:
    written = audit_kinds.kinds()
    assert {"turn", "subject-restriction", "restore-dropped", "consent-withdrawn"} <= set(written)
    assert set(EVENTS) == set(written)


def test_the_page_explains_every_kind_in_the_words_of_the_table() -> None:
    lines = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert lines == [f"| `{kind}` | {event.means} |" for kind, event in EVENTS.items()]


def test_the_export_names_no_kind_that_nothing_writes() -> None:
    assert set(_ACTIVITIES) <= set(EVENTS)


async def test_a_restriction_stands_in_the_report(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        person = Actor(app.settings.tenant, "one")
        await app.set_fact(person, None, "name", "Ada", "identity")
        await restrict(app.parts, person, None, True, "the facts are disputed")
        await restrict(app.parts, person, None, False, "they were checked")
        found = await gather(app)
    assert {r.of: r.count for r in found.rights or ()}["Restrictions set or lifted"] == 2
    counted = {e.of: (e.count, e.note) for e in found.events or ()}
    assert counted["subject-restriction"] == (2, EVENTS["subject-restriction"].means)
    assert "subject-hold" not in counted  # none was set
    assert "subject-restriction" in to_html(found)


async def test_a_kind_of_an_older_version_is_counted_too(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        await app.set_fact(Actor(app.settings.tenant, "one"), None, "name", "Ada", "identity")
        await app.parts.audit.append(AuditEvent("long-gone", "one", "one", "default"))
        found = await gather(app)
    counted = {e.of: (e.count, e.note) for e in found.events or ()}
    assert counted["long-gone"] == (1, "written by another version of metier")
