"""Knowledge packs: what is in a domain's index is what its packs hold now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl
from metier.model import Actor, BadRequest, KnowledgePack, MetierError


class Library(Gardening):
    """Gardening with two packs, each in a folder called "knowledge"."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack(n, self.root / n / "knowledge") for n in ("garden", "balcony")]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for place, text in {
        "garden/knowledge/roses/readme.md": "# Roses\n\nRoses are pruned when the frost is over.",
        "garden/knowledge/lilies/readme.md": "# Lilies\n\nLilies want compost in early spring.",
        "balcony/knowledge/readme.md": "# Pots\n\nPots without drainage drown their roots.",
        "balcony/knowledge/cover.jpeg": "no importer reads this",
    }.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    return tmp_path


def ids(app: Any) -> list[str]:
    return [d.id for d in app.parts.index().documents("default", "gardening")]


async def test_files_of_one_name_in_two_folders_and_two_packs_are_all_there(
    open_metier: Any, root: Path
) -> None:
    app = await open_metier(Library(root))
    app.index_packs(app.changed_packs())
    assert ids(app) == ["balcony/readme.md", "garden/lilies/readme.md", "garden/roses/readme.md"]
    for query, title in [("frost", "Roses"), ("compost", "Lilies"), ("drainage", "Pots")]:
        found = await app.search(Actor("default", "me"), "gardening", query)
        assert [p.title for p in found] == [title]
    assert app.changed_packs() == {}


async def test_what_left_a_pack_leaves_the_index_and_nothing_else_does(
    open_metier: Any, root: Path
) -> None:
    app = await open_metier(Library(root))
    app.index_packs(app.changed_packs())
    own = root / "own.md"
    own.write_text("# Mine\n\nMy own notes about tomatoes.")
    app.ingest("gardening", app.read_documents("gardening", [own]).documents)
    (root / "garden/knowledge/lilies/readme.md").rename(root / "garden/knowledge/lilies.md")
    changed = app.changed_packs()
    assert [p.name for p in changed["gardening"]] == ["garden"]
    app.index_packs(changed)
    assert ids(app) == [
        "balcony/readme.md", "garden/lilies.md", "garden/roses/readme.md", "own.md",
    ]  # fmt: skip


async def test_documents_under_the_names_of_an_older_metier_are_replaced(
    open_metier: Any, home: Path, root: Path
) -> None:
    app = await open_metier(Library(root))
    file = root / "balcony/knowledge/readme.md"
    app.ingest("gardening", app.read_documents("gardening", [file]).documents)
    assert ids(app) == ["readme.md"]
    (home / "packs.json").write_text(json.dumps({"gardening/balcony": "0" * 64}))
    app.index_packs(app.changed_packs())
    assert "readme.md" not in ids(app) and len(ids(app)) == 3


async def test_a_pack_that_cannot_be_read_leaves_the_index_and_the_register_as_they_were(
    open_metier: Any, home: Path, root: Path
) -> None:
    app = await open_metier(Library(root))
    app.index_packs(app.changed_packs())
    before, register = ids(app), (home / "packs.json").read_bytes()
    (root / "garden/knowledge/empty.md").write_text("")
    with pytest.raises(BadRequest, match=r"knowledge/empty\.md"):
        app.index_packs(app.changed_packs())
    assert ids(app) == before and (home / "packs.json").read_bytes() == register


@pytest.mark.parametrize("content", ["{", "[]", "null"])
async def test_a_damaged_register_is_named(open_metier: Any, home: Path, content: str) -> None:
    app = await open_metier(Gardening())
    (home / "packs.json").write_text(content)
    with pytest.raises(MetierError, match=r"packs.json is damaged. Delete it"):
        app.changed_packs()


async def test_a_pack_whose_folder_is_missing_is_named_with_the_folder_and_the_mend(
    open_metier: Any, root: Path
) -> None:
    (root / "garden").rename(root / "gone")
    app = await open_metier(Library(root))
    with pytest.raises(MetierError) as error:
        app.index_packs(app.changed_packs())
    assert error.value.code == "pack_missing"
    folder = str(root / "garden" / "knowledge")
    assert "'garden'" in error.value.message and folder in error.value.message
    assert "`knowledge_packs`" in error.value.message


async def test_each_tenant_that_is_named_or_has_a_key_gets_the_packs_and_keeps_its_own(
    open_metier: Any, root: Path
) -> None:
    from metier.access import IssuerSettings
    from metier.config import AccessSettings

    issuer = IssuerSettings(
        issuer="https://id.example", audience="metier", jwks_url="https://id.example/keys",
        tenant="globex",
    )  # fmt: skip
    app = await open_metier(Library(root), access=AccessSettings(issuers=(issuer,)))
    app.parts.keyring.purpose_key("acme", "test")
    assert app.tenants() == ["default", "acme", "globex"]
    acme, globex = Actor("acme", "ann"), Actor("globex", "bob")
    app.index_packs(app.changed_packs("acme"), tenant="acme")
    assert app.changed_packs("acme") == {} and app.changed_packs("globex") != {}
    assert [p.title for p in await app.search(acme, "gardening", "frost")] == ["Roses"]
    assert await app.search(globex, "gardening", "frost") == []
    # What leaves a pack leaves the index of each tenant that has it.
    app.index_packs(app.changed_packs())
    (root / "garden/knowledge/roses/readme.md").unlink()
    app.index_packs(app.changed_packs("acme"), tenant="acme")
    assert await app.search(acme, "gardening", "frost") == []
    assert [p.title for p in await app.search(Actor("default", "me"), "gardening", "frost")] == [
        "Roses"
    ]
