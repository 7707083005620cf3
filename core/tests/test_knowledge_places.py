"""The index keeps the same promises in files and on a Qdrant server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import index_kit
import numpy as np
import pytest

from metier.knowledge import Index, PackRegister, QdrantServer
from metier.knowledge._server import Collection
from metier.model import Document, KnowledgePack, MetierError

EN = [
    Document("fever.md", "# Fever\n\nDrink plenty of fluids and rest when you have a fever.",
             "Fever", "Clinic"),
    Document("return.md", "# Returns\n\nYou can send back an item within 14 days of delivery.",
             "Returns", "Shop"),
    Document("semicolon.md", "# Semicolons\n\nA semicolon joins two closely related clauses.",
             "Semicolons", "Handbook"),
    Document("cold.md", "# Colds\n\nA cold passes. Rest, and drink what you like.", "Cold",
             "Clinic"),
]  # fmt: skip
ZH = [
    Document("发烧.md", "# 发烧\n\n发烧时要多喝水，注意休息。", "发烧", "诊所", language="zh"),
    Document("退货.md", "# 退货\n\n收到商品之日起七日内可以无理由退货。", "退货", "商店",
             language="zh"),
]  # fmt: skip
QUERIES = [
    "should I rest with a fever?", "when do I use semicolons", "drink fluids", "发烧了怎么办？",
    "quantum chromodynamics lattice", "send back an item",
]  # fmt: skip


class Letters:
    """An encoder whose vectors are counts of letters: cheap, and near for similar words."""

    dimensions = 384
    calls = 0

    def supports(self, text: str) -> bool:
        return text.isascii()

    def encode(self, texts: Sequence[str]) -> Any:
        self.calls += len(texts)
        found = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in enumerate(texts):
            for a, b in zip(text.lower(), text.lower()[1:], strict=False):
                found[row, (ord(a) * 31 + ord(b)) % 384] += 1.0
        return found / np.linalg.norm(found, axis=1, keepdims=True)


KINDS = [
    "files",
    "server",
    pytest.param("real", marks=pytest.mark.slow),
]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[QdrantServer | None]:
    """None for files in the home."""
    if request.param == "files":
        yield None
    elif request.param == "server":
        yield index_kit.server(index_kit.in_memory())
    elif not index_kit.REAL:
        pytest.skip("METIER_QDRANT_URL is not set")
    else:
        with index_kit.real() as server:
            yield server


@pytest.fixture(params=[True, False], ids=["vectors", "words"])
def encoder(request: pytest.FixtureRequest) -> Any:
    return Letters() if request.param else None


@pytest.fixture
def index(tmp_path: Path, place: QdrantServer | None, encoder: Any) -> Iterator[Index]:
    found = Index.open(tmp_path / "index", encoder, place=place)
    yield found
    found.close()


def titles(index: Index, query: str, tenant: str = "t", domain: str = "d") -> list[str]:
    return [p.title for p in index.search(tenant, domain, [query], 5)]


def test_every_place_finds_the_same_in_the_same_order_with_the_same_scores(
    tmp_path: Path, index: Index, encoder: Any
) -> None:
    reference = Index.open(tmp_path / "reference", encoder)
    for each in (reference, index):
        each.add("t", "d", EN + ZH)
        # What another domain holds says nothing about how rare a word is in this one.
        each.add("t", "other", EN[:1])
    found = 0
    for query in QUERIES:
        wanted = reference.search("t", "d", [query], 5)
        got = index.search("t", "d", [query], 5)
        assert [p.id for p in got] == [p.id for p in wanted], query
        assert [p.score for p in got] == pytest.approx([p.score for p in wanted], abs=1e-4)
        assert [(p.text, p.metadata) for p in got] == [(p.text, p.metadata) for p in wanted]
        found += len(wanted)
    assert found >= 4
    reference.close()


def test_tenants_and_domains_do_not_see_each_other(index: Index) -> None:
    index.add("t", "d", EN)
    for tenant, domain in (("other", "d"), ("t", "other"), ("T", "d"), ("", "d")):
        assert titles(index, "fever", tenant, domain) == []
        assert index.count(tenant, domain) == 0 and index.documents(tenant, domain) == []
        assert not index.holds(tenant, domain) and index.remove(tenant, domain, "fever.md") == 0
    index.add("other", "d", EN[1:2])
    assert titles(index, "fever", "other") == [] and index.count("t", "d") == 4


def test_a_document_that_comes_again_replaces_its_old_passages(index: Index) -> None:
    index.add("t", "d", EN)
    index.add("t", "d", [Document("fever.md", "Paracetamol lowers it.", "Fever", "Clinic")])
    assert index.count("t", "d") == 4
    assert "plenty of fluids" not in " ".join(
        p.text for p in index.search("t", "d", ["drink plenty of fluids"], 5)
    )


def test_what_is_deleted_is_gone(index: Index) -> None:
    index.add("t", "d", EN)
    assert index.remove("t", "d", "fever.md") == 1 and index.remove("t", "d", "fever.md") == 0
    assert [d.id for d in index.documents("t", "d")] == ["cold.md", "return.md", "semicolon.md"]
    assert [d.title for d in index.documents("t", "d")] == ["Cold", "Returns", "Semicolons"]
    assert "Fever" not in titles(index, "should I rest with a fever?")


def test_what_has_not_changed_is_not_encoded_again(index: Index, encoder: Any) -> None:
    index.add("t", "d", EN)
    before = encoder.calls if encoder else 0
    assert index.add("t", "d", EN) == 4 and index.count("t", "d") == 4
    assert encoder is None or encoder.calls == before > 0


def test_packs_are_noted_with_the_index(index: Index, tmp_path: Path) -> None:
    pack = KnowledgePack("articles", tmp_path / "pack", "1")
    pack.path.mkdir()
    assert index.packs("t").changed("d", pack)
    index.packs("t").keep("d", pack, ["articles/a.md"])
    assert not index.packs("t").changed("d", pack)
    assert index.packs("t").outdated("d", pack, []) == ["articles/a.md"]


def test_a_closed_index_says_so(index: Index) -> None:
    index.add("t", "d", EN)
    index.close()
    index.close()
    with pytest.raises(MetierError) as error:
        index.search("t", "d", ["fever"], 1)
    assert error.value.code == "index_closed"


# --- several servers of metier and one of Qdrant -----------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """The indexes of two servers of metier on one of Qdrant."""
    client = index_kit.in_memory()
    found = [
        Index.open(tmp_path / name, Letters(), place=index_kit.server(client))  # type: ignore[arg-type]
        for name in ("one", "two")
    ]
    yield found[0], found[1]
    for each in found:
        each._owner.release()


def test_what_one_server_ingests_another_finds_at_once(two: tuple[Index, Index]) -> None:
    one, other = two
    assert not other.holds("t", "d") and titles(other, "semicolon joins clauses") == []
    one.add("t", "d", EN)
    assert other.holds("t", "d") and titles(other, "semicolon joins clauses")[0] == "Semicolons"
    assert other.add("t", "d", EN) == 4 and one.count("t", "d") == 4


def test_packs_that_one_server_has_indexed_are_not_indexed_by_another(
    two: tuple[Index, Index], tmp_path: Path
) -> None:
    pack = KnowledgePack("articles", tmp_path, "1")
    two[0].packs("t").keep("d", pack, ["articles/a.md"])
    register: PackRegister = two[1].packs("t")
    assert not register.changed("d", pack)
    assert register.outdated("d", pack, []) == ["articles/a.md"]


def test_others_search_while_one_builds(two: tuple[Index, Index]) -> None:
    one, other = two
    one.add("t", "d", EN)
    seen: list[list[str]] = []
    newer = [Document(d.id, d.text + " It is newer.", d.title, d.source) for d in EN]
    one.add("t", "d", newer, progress=lambda *_: seen.append(titles(other, "semicolon clauses")))
    assert seen and all("Semicolons" in found for found in seen)
    assert other.count("t", "d") == 4


def test_versions_of_a_document_that_cross_are_told_and_never_lost_in_silence(
    two: tuple[Index, Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    first = [Document("a.md", "The first version is about roses.", "A", "S")]
    second = [Document("a.md", "The second version is about tulips.", "A", "S")]
    remove = Collection.remove

    def crossing(self: Any, *args: Any, **options: Any) -> int:
        monkeypatch.setattr(Collection, "remove", remove)
        other.add("t", "d", second)  # between the first one's writing and its tidying up
        self._client.delete(self._name, _everything())
        return 0

    monkeypatch.setattr(Collection, "remove", crossing)
    with pytest.raises(MetierError, match="Ingest the documents again") as error:
        one.add("t", "d", first)
    assert error.value.code == "index_conflict"
    assert one.add("t", "d", first) == 1 and titles(other, "version about roses") == ["A"]


def _everything() -> Any:
    from qdrant_client import models

    return models.FilterSelector(filter=models.Filter())


def test_a_collection_of_another_model_is_refused_with_how_to_mend_it(tmp_path: Path) -> None:
    client = index_kit.in_memory()
    first = Index.open(tmp_path / "one", None, place=index_kit.server(client, "none"))
    first.add("t", "d", EN)
    other = Index.open(tmp_path / "two", None, place=index_kit.server(client, "another"))
    for call in (
        lambda: other.search("t", "d", ["fever"], 1),
        lambda: other.add("t", "d", EN),
        lambda: other.packs("t"),
    ):
        with pytest.raises(MetierError, match=r"another model.*Set `index.name`") as error:
            call()
        assert error.value.code == "index_foreign" and error.value.status == 503
    assert first.count("t", "d") == 4
    renamed = index_kit.server(client, "another", name="metier-2")
    third = Index.open(tmp_path / "three", None, place=renamed)
    assert third.add("t", "d", EN) == 4 and first.count("t", "d") == 4


def test_a_collection_that_something_else_made_is_refused(tmp_path: Path) -> None:
    client = index_kit.in_memory()
    place = index_kit.server(client)
    client.create_collection(place._of("t"), vectors_config={})
    index = Index.open(tmp_path, None, place=place)
    with pytest.raises(MetierError, match="made by something else"):
        index.search("t", "d", ["fever"], 1)
