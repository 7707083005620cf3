"""Every importer: what it reads, where it says a thing stands, and what it can't read."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from metier.knowledge import default_importers, read_file, read_paths
from metier.model import BadRequest, Document, Importer

SECRET = "Zebulon Quartermain"
IMPORTERS = default_importers()


def read(name: str, data: str | bytes) -> list[Document]:
    return read_file(data.encode() if isinstance(data, str) else data, name, IMPORTERS)


def refused(name: str, data: str | bytes, importers: Sequence[Importer] = IMPORTERS) -> str:
    with pytest.raises(BadRequest) as error:
        read_file(data.encode() if isinstance(data, str) else data, name, importers)
    message = error.value.message
    assert message.startswith(name) and SECRET not in message
    assert error.value.code == "unreadable_file" and error.value.__cause__ is None
    return message


def pdf(pages: Sequence[str], **about: str) -> bytes:
    """A PDF whose font maps codes to any character, as word processors write them."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    characters = sorted(set("".join(pages)))

    def name(**entries: Any) -> DictionaryObject:
        return DictionaryObject({NameObject(f"/{k}"): v for k, v in entries.items()})

    lines = [
        f"<{n:04x}> <{c.encode('utf-16-be').hex()}>" for n, c in enumerate(characters, 1)
    ]  # fmt: skip
    cmap = DecodedStreamObject()
    cmap.set_data(
        b"begincmap\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        + f"{len(lines)} beginbfchar\n".encode() + "\n".join(lines).encode()
        + b"\nendbfchar\nendcmap\n"
    )  # fmt: skip
    child = name(
        Type=NameObject("/Font"), Subtype=NameObject("/CIDFontType2"), BaseFont=NameObject("/F")
    )
    font = name(
        Type=NameObject("/Font"), Subtype=NameObject("/Type0"), BaseFont=NameObject("/F"),
        Encoding=NameObject("/Identity-H"), DescendantFonts=ArrayObject([child]),
        ToUnicode=writer._add_object(cmap),
    )  # fmt: skip
    for text in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = name(Font=name(F1=writer._add_object(font)))
        content = DecodedStreamObject()
        shown = []
        for place, line in enumerate(text.split("\n")):
            codes = "".join(f"{characters.index(c) + 1:04x}" for c in line)
            shown.append(f"1 0 0 1 10 {280 - 20 * place} Tm <{codes}> Tj")
        content.set_data(f"BT /F1 12 Tf {' '.join(shown)} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    if about:
        writer.add_metadata({f"/{k.title()}": v for k, v in about.items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# --- what is read ------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_markdown_keeps_its_text_and_its_front_matter_becomes_fields(ends: str, mark: str) -> None:
    text = (
        "---\ntitle: 感冒\npublisher: 国家卫健委\nurl: https://x.example/a\ndate: 2024-03-01\n"
        "licence: CC BY 4.0\nlanguage: zh\ntags: [发烧, 咳嗽]\nlevel: 3\nempty:\n---\n"
        "# 感冒\n\n多喝水，注意休息。\n"
    )
    (found,) = read("health/感冒.md", mark + text.replace("\n", ends))
    assert found == Document(
        "health/感冒.md", "# 感冒\n\n多喝水，注意休息。\n", "感冒", "国家卫健委", "",
        "https://x.example/a", "2024-03-01", "CC BY 4.0", "zh",
        {"tags": "发烧, 咳嗽", "level": "3", "empty": ""},
    )  # fmt: skip


def test_without_front_matter_the_heading_or_the_name_is_the_title() -> None:
    assert read("a.md", "intro\n\n# 退货 #\n\ntext")[0].title == "退货"
    assert read("docs/return-policy.markdown", "just text")[0].title == "return-policy"
    (found,) = read("a.md", "--- not front matter\ntext")
    assert found.text.startswith("--- not") and found.source == "a.md"


def test_plain_text_has_no_headings() -> None:
    (found,) = read("笔记.txt", "# not a heading\n收到商品之日起七日内可以退货。")
    assert found.text.startswith("\\# not a heading")
    assert (found.id, found.title, found.language) == ("笔记.txt", "笔记", "zh")


def test_html_gives_the_words_of_the_page_and_not_its_furniture() -> None:
    page = f"""<!doctype html><html lang="zh-CN"><head><title> 发烧
    怎么办 </title><meta name="author" content="李医生">
    <meta name="date" content="2024-05-06T10:00">
    <link rel="canonical" href="https://x.example/fever"><style>p {{color: red}}</style></head>
    <body><nav>{SECRET}</nav><!-- {SECRET} --><script>{SECRET}</script><div hidden>{SECRET}</div>
    <h1>发烧</h1><p>体温超过 <b>38.5</b> 度时&nbsp;多喝水。</p><ul><li>休息<li>补液</ul>
    <table><tr><th>药</th><th>量</th></tr><tr><td>布洛芬</td><td>200 mg</td></tr></table>
    <pre>a  b
      c</pre><footer>{SECRET}</footer></body></html>"""
    (found,) = read("f.html", page)
    assert (found.title, found.source, found.language) == ("发烧 怎么办", "李医生", "zh")
    assert (found.url, found.date) == ("https://x.example/fever", "2024-05-06")
    for line in ("# 发烧", "体温超过 38.5 度时 多喝水。", "- 休息", "药 | 量", "布洛芬 | 200 mg"):
        assert line in found.text.split("\n")
    assert "a  b\n      c" in found.text and SECRET not in found.text


def test_csv_rows_keep_their_column_names_and_say_their_line() -> None:
    rows = read("faq.csv", '\ufeff标题,问题,答案\n退货,怎么退,七天内\n,,\n换货,"怎么,换","a\nb"\n')
    assert [r.title for r in rows] == ["退货", "换货"]
    assert rows[0].text == "标题: 退货\n问题: 怎么退\n答案: 七天内" and rows[0].language == "zh"
    assert "问题: 怎么,换" in rows[1].text
    assert [r.locator for r in rows] == ["row 2", "row 5"]
    assert {r.id for r in rows} == {"faq.csv"}
    (row,) = read("a.csv", "name,source,url,text\nFern,Kew,https://k.example,Likes shade\n")
    assert (row.title, row.source, row.url) == ("Fern", "Kew", "https://k.example")


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_of_spreadsheets_of_other_countries_is_read_too(between: str) -> None:
    rows = read("a.csv", f"plant{between}light\nfern{between}shade\n")
    assert rows[0].text == "plant: fern\nlight: shade"


def test_jsonl_is_a_document_a_line() -> None:
    lines = [
        {
            "text": "收到商品之日起七日内可以退货。",
            "title": "退货",
            "publisher": "商店",
            "tags": ["a", 1],
        },
        {"text": "Second.", "date": "2024-01-02", "language": "en"},
    ]
    data = "\n\n".join(json.dumps(x) for x in lines) + "\r\n"
    first, second = read("d/faq.jsonl", data)
    assert (first.title, first.source, first.locator) == ("退货", "商店", "line 1")
    assert (first.language, first.metadata) == ("zh", {"tags": "a, 1"})
    assert (second.title, second.locator, second.date) == ("faq 3", "line 3", "2024-01-02")
    assert {first.id, second.id} == {"d/faq.jsonl"}


def test_pdf_is_a_document_a_page() -> None:
    data = pdf(
        ["Prune roses when the\nfrost is over.", "", "发烧时要多喝水。\n# 休息"],
        title="Garten 园艺", author="Ada Lovell",
    )  # fmt: skip
    first, third = read("g.pdf", data)
    assert first.text.split() == ["Prune", "roses", "when", "the", "frost", "is", "over."]
    assert (first.title, first.source, first.locator) == ("Garten 园艺", "Ada Lovell", "page 1")
    assert (third.locator, third.language) == ("page 3", "zh")
    assert third.text == "发烧时要多喝水。\n\\# 休息"
    assert {first.id, third.id} == {"g.pdf"}


def test_suffixes_count_without_their_case() -> None:
    assert read("A.MD", "# T\nx")[0].title == "T"


def test_an_importer_of_a_plugin_replaces_one_of_the_core() -> None:
    own = Importer("own", (".txt",), lambda data, name: [Document(name, "own", "t", "s")])
    assert read_file(b"x", "a.txt", [*IMPORTERS, own])[0].text == "own"


# --- what is not read --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", b"", "the file is empty"),
        ("a.md", b" \n\t\n", "the file is empty"),
        ("a.md", "---\ntitle: x\n---\n", "no text in it"),
        ("a.md", f"---\ntitle: [{SECRET}\n---\nx", "front matter is not YAML"),
        ("a.md", f"---\n- {SECRET}\n---\nx", "line 2: the front matter is not a list of"),
        ("a.md", f"---\ntitle: {{a: {SECRET}}}\n---\nx", "`title` must be text"),
        ("a.md", "---\ndate: 2024-13-45\n---\nx", "a value of the front matter can't be read"),
        ("a.md", f"---\nx: {'[' * 1200}\n---\nx", "a value of the front matter can't be read"),
        ("a.md", '---\ntitle: "\\ud800"\n---\nx', "half of a surrogate pair"),
        ("a.md", f"---\nx: !!python/name:os.system {SECRET}\n---\nx", "not YAML"),
        ("a.txt", f"{SECRET}\nb\0c", "line 2: a NUL byte"),
        ("a.txt", SECRET.encode() + b"\n\n\xff", "line 3: a byte that is not UTF-8"),
        ("退货.txt", "收到商品之日起七日内可以退货。".encode("gb18030"), "iconv -f GB18030"),
        ("退货.csv", "问题,答案\n怎么退,七天\n".encode("gb18030"), "iconv -f GB18030"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "line 1: a"),
        ("a.csv", "a,b\n", "no text in it"),
        ("a.csv", f"a,b\n1,2\n{SECRET},2,3\n", "line 3: 3 values under 2 column names"),
        ("a.csv", f'a,b\n1,"{SECRET}\n', "line 2: this is not CSV"),
        ("a.csv", f'a,b\n1,"x"{SECRET}\n', "line 2: this is not CSV"),
        ("a.csv", "a,b\n1," + "x" * 200_000, "line 2: this is not CSV"),
        ("a.jsonl", '{"text": "x"}\n{"text": ' + SECRET, "line 2: this is not JSON"),
        ("a.jsonl", '{"text": "x"}\n\n["' + SECRET + '"]', "line 3: no object with a `text`"),
        ("a.jsonl", '{"text": 5, "x": "' + SECRET + '"}', "line 1: no object with a `text`"),
        ("a.jsonl", '{"text": " "}', "line 1: `text` is empty"),
        ("a.jsonl", '{"text": "x", "title": {"a": 1}}', "line 1: `title` must be text"),
        ("a.jsonl", '{"text": "x"}\n{"text": "\\ud800"}', "line 2: a NUL character, or half"),
        ("a.jsonl", '{"text": "a\\u0000b"}', "line 1: a NUL character"),
        ("a.jsonl", '{"text": "x", "t": "\\udc00"}', "line 1: a NUL character, or half"),
        ("a.jsonl", "[" * 100_000, "line 1: this is not JSON"),
        ("a.jsonl", '{"text": "x", "n": ' + "9" * 5000 + "}", "line 1: this is not JSON"),
        ("a.html", f"<script>{SECRET}</script>", "no text in it"),
        ("a.html", f"<!doctype html><![CDATA[<![ {SECRET}", "not HTML that can be read"),
        ("a.pdf", SECRET, "not a PDF that can be read"),
        ("a.pdf", b"%PDF-1.7\n" + b"\x93\xff" * 500, "not a PDF that can be read"),
        ("a.pdf", pdf([SECRET])[:-400], "not a PDF that can be read"),
        ("a.pdf", pdf(["", ""]), "pages 1 to 2: no page has text; it may be scanned"),
        ("a.docx", b"PK\x03\x04", "files ending in '.docx' can't be read. Convert it to one of"),
        ("README", SECRET, "files without a suffix can't be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_why_and_what_to_do(
    name: str, data: str | bytes, reason: str
) -> None:
    assert reason in refused(name, data)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf_says_so(algorithm: str, caplog: pytest.LogCaptureFixture) -> None:
    from pypdf import PdfReader, PdfWriter

    for password, readable in (("secret", False), ("", True)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([SECRET]))))
        writer.encrypt(password, "owner", algorithm=algorithm)
        out = io.BytesIO()
        writer.write(out)
        if readable:  # it is only locked against changes
            assert read("a.pdf", out.getvalue())[0].text == SECRET
        else:
            assert "the PDF is encrypted. Save a copy without a password" in refused(
                "a.pdf", out.getvalue()
            )
    assert SECRET not in caplog.text


def test_an_importer_that_fails_is_named_and_its_words_are_not() -> None:
    def fails(data: bytes, name: str) -> list[Document]:
        raise KeyError(SECRET)

    own = Importer("seeds", (".seeds",), fails)
    assert "the importer 'seeds' failed on it (KeyError)" in refused("a.seeds", b"x", [own])


# --- folders -----------------------------------------------------------------------


def test_a_folder_is_read_without_what_nobody_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    for name in ("a.md", "sub/a.md", "sub/图.png", ".DS_Store", ".git/x.md", "notes"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n\ntext")
    found = read_paths([folder], IMPORTERS)
    assert [d.id for d in found.documents] == ["docs/a.md", "docs/sub/a.md"]
    assert found.skipped == ("docs/.DS_Store", "docs/.git/x.md", "docs/notes", "docs/sub/图.png")


def test_a_hidden_folder_that_is_named_itself_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ".notes"
    folder.mkdir()
    (folder / "a.md").write_text("text")
    assert [d.id for d in read_paths([folder], IMPORTERS).documents] == [".notes/a.md"]
    assert read_paths([folder / "a.md"], IMPORTERS).documents[0].id == "a.md"


@pytest.mark.parametrize(
    ("files", "named", "reason"),
    [
        (["docs/a.png"], ["docs"], "docs: there is no file in it that can be read"),
        ([], ["docs"], "docs: there is no file in it that can be read"),
        (["docs/a.png"], ["docs/a.png"], "a.png: files ending in '.png'"),
        (["docs/a.md", "docs/b.jsonl"], ["docs"], "docs/b.jsonl, line 1: this is not JSON"),
        (["x/a.md", "y/a.md"], ["x/a.md", "y/a.md"], "a.md: two files have this name"),
        ([], ["gone.md"], "gone.md: it can't be opened (no such file"),
    ],
)
def test_paths_that_cannot_be_read_say_why(
    tmp_path: Path, files: list[str], named: list[str], reason: str
) -> None:
    (tmp_path / "docs").mkdir()
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SECRET)
    with pytest.raises(BadRequest) as error:
        read_paths([tmp_path / name for name in named], IMPORTERS)
    assert error.value.message.startswith(reason) and SECRET not in error.value.message


def test_a_name_that_is_no_utf8_can_be_stored(tmp_path: Path) -> None:
    file = tmp_path / "a\udcff.md"
    file.write_text("text")
    (document,) = read_paths([file], IMPORTERS).documents
    assert document.id == "a\ufffd.md"
