"""The index: hybrid search, relevance floor, isolation, replacement, one owner."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.knowledge import Index, default_importers, read_file
from metier.model import BadRequest, Document, MetierError

EN = [
    Document("fever.md", "# Fever\n\nDrink plenty of fluids and rest when you have a fever.",
             "Fever", "Clinic"),
    Document("return.md", "# Returns\n\nYou can send back an item within 14 days of delivery.",
             "Returns", "Shop"),
    Document("semicolon.md", "# Semicolons\n\nA semicolon joins two closely related clauses.",
             "Semicolons", "Handbook"),
]  # fmt: skip
ZH = [
    Document("发烧.md", "# 发烧\n\n发烧时要多喝水，注意休息。", "发烧", "诊所", language="zh"),
    Document(
        "退货.md", "# 退货\n\n收到商品之日起七日内可以无理由退货。", "退货", "商店", language="zh"
    ),
]


@pytest.fixture
def index(tmp_path: Path):
    found = Index.open(tmp_path / "index", None)
    yield found
    found.close()


def titles(index: Index, query: str, tenant: str = "t", domain: str = "d") -> list[str]:
    return [p.title for p in index.search(tenant, domain, [query], 5)]


def test_the_passage_with_the_words_of_the_question_comes_first(index: Index) -> None:
    index.add("t", "d", EN + ZH)
    assert titles(index, "should I rest with a fever?")[0] == "Fever"
    assert titles(index, "when do I use semicolons")[0] == "Semicolons"
    assert titles(index, "发烧了怎么办？")[0] == "发烧"
    assert titles(index, "七天无理由退货怎么操作")[0] == "退货"


@pytest.mark.parametrize(
    "query", ["quantum chromodynamics lattice", "今天股票行情", "...", "的了吗"]
)
def test_a_question_nothing_answers_finds_nothing(index: Index, query: str) -> None:
    index.add("t", "d", EN + ZH)
    assert titles(index, query) == []


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("借书证多少钱？", "借书"),
        ("星期六几点开门？", "开放时间"),
        ("周六几点开门？", "开放时间"),
        ("礼拜天开吗？", "开放时间"),
        ("有几个展厅？", "展厅"),
    ],
)
def test_words_that_ask_for_a_quantity_are_not_searched_for_and_a_day_goes_by_each_of_its_names(
    index: Index, query: str, title: str
) -> None:
    texts = {
        "借书": "每位读者可借书二十册，借书证免费。",
        "开放时间": "星期六10:00至16:00开门，周日休息。",
        "展厅": "展厅在二楼。",
        "邮票": "邮票每本十二张，可以邮寄。",
    }
    index.add("t", "d", [Document(t, text, t, "X", language="zh") for t, text in texts.items()])
    assert titles(index, query)[:1] == [title]


def test_tenants_and_domains_do_not_see_each_other(index: Index) -> None:
    index.add("t", "d", EN)
    assert titles(index, "fever", tenant="other") == []
    assert titles(index, "fever", domain="other") == []
    assert index.count("t", "d") == 3


def test_a_document_that_comes_again_replaces_its_old_passages(index: Index) -> None:
    index.add("t", "d", EN)
    index.add("t", "d", [Document("fever.md", "Paracetamol lowers it.", "Fever", "Clinic")])
    assert index.count("t", "d") == 3
    assert titles(index, "drink plenty of fluids") == []
    index.remove("t", "d", "fever.md")
    assert [d.id for d in index.documents("t", "d")] == ["return.md", "semicolon.md"]


def test_one_process_owns_the_index_and_it_survives_closing(tmp_path: Path) -> None:
    first = Index.open(tmp_path / "i", None)
    first.add("t", "d", EN)
    with pytest.raises(MetierError, match="in use"):
        Index.open(tmp_path / "i", None)
    first.close()
    second = Index.open(tmp_path / "i", None)
    assert titles(second, "semicolon") == ["Semicolons"]
    second.close()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.txt", b"ok\n\xff\xfe", "line 2"),
        ("a.txt", b"a\0b", "NUL"),
        ("a.txt", b"  ", "empty"),
        ("a.pdf", b"%PDF-1.4 broken", "PDF"),
        ("a.jsonl", b'{"text": "x"}\n{oops', "line 2"),
        ("a.csv", b"a,b\n1,2,3\n", "line 2"),
        ("a.md", b"---\ntitle: [\n---\ntext", "front matter"),
        ("a.xyz", b"text", "can't be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(name: str, data: bytes, why: str) -> None:
    with pytest.raises(BadRequest, match=why) as error:
        read_file(data, name, default_importers())
    assert "oops" not in error.value.message


def test_front_matter_rows_and_headings_become_fields_and_locators(index: Index) -> None:
    head = b"---\ntitle: Sleep\npublisher: NHS\nurl: https://x.example\ndate: 2024-01-02\n---\n"
    md = head + b"# Tips\n\nSleep early."
    (document,) = read_file(md, "s.md", default_importers())
    assert (document.source, document.date) == ("NHS", "2024-01-02")
    index.add("t", "d", [document])
    assert index.search("t", "d", ["sleep"], 1)[0].locator == "Tips"
    rows = read_file(b"plant,light\nfern,shade\n", "p.csv", default_importers())
    assert rows[0].text == "plant: fern\nlight: shade"
    html = b"<html><title>T</title><nav>menu</nav><h2>Head</h2><p>Body</p><script>x</script></html>"
    page = read_file(html, "p.html", default_importers())[0].text
    assert "## Head" in page and "menu" not in page and "x" not in page.split()


def test_whether_a_domain_holds_anything_follows_every_change(index: Index) -> None:
    assert not index.holds("t", "d")
    index.add("t", "d", EN[:1])
    assert (index.holds("t", "d"), index.holds("t", "other")) == (True, False)
    index.remove("t", "d", EN[0].id)
    assert not index.holds("t", "d")
