"""A plugin's author gets an open metier without any set-up, and it leaves nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metier import hookimpl
from metier.model import Composition, KnowledgePack, Manifest, MetierError, Turn
from metier_testing import RecordingUpstream, opened

README = Path(__file__).parent.parent / "README.md"


class Frost:
    """Quotes the one article it has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "frost.md").write_text("# Frost\n\nThe last frost is in May.\n", "utf-8")

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("frost", "Frost", "Tells of frost.")

    @hookimpl
    def knowledge_packs(self) -> list[KnowledgePack]:
        return [KnowledgePack("frost", self._folder)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return Composition(f"{turn.passages[0].text} [1]") if turn.passages else None


async def test_the_articles_of_the_plugin_are_indexed_in_a_home_that_is_deleted(
    tmp_path: Path,
) -> None:
    async with opened(Frost(tmp_path)) as app:
        answer = await app.respond(app.request("frost", "When is the last frost?"))
        assert "in May" in answer.text and answer.citations
        home = app.home
        assert home.is_dir()
    assert not home.exists()


async def test_a_recording_model_shows_what_leaves_and_its_words_come_back_restored(
    tmp_path: Path,
) -> None:
    async with RecordingUpstream() as upstream, opened(Frost(tmp_path), upstream=upstream) as app:
        answer = await app.respond(app.request("frost", "I am Ada Lovell. When is the last frost?"))
        assert b"Ada Lovell" not in upstream.requests[0] and b"is in May" in upstream.requests[0]
        assert "You said: I am Ada Lovell." in answer.text


async def test_settings_are_those_of_metier_toml_and_a_plugin_that_is_none_is_named(
    tmp_path: Path,
) -> None:
    async with opened(Frost(tmp_path), tenant="acme") as app:
        assert app.request("frost", "Hello").actor.tenant == "acme"
    with pytest.raises(MetierError, match="no `domain` hook"):
        async with opened(object()):
            pass


def test_the_program_of_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    exec(compile(code, str(README), "exec"), {"__name__": "__main__"})
