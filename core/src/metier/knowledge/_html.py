"""HTML into Markdown-like text: headings, paragraphs, lists and tables stay apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from metier._text_files import decode, unreadable
from metier.encoder import detect_language
from metier.model import Document

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_DROP = (
    "script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template", "svg",
    "iframe", "button", "select", "dialog",
)  # fmt: skip
_BLOCKS = ("p", "div", "section", "article", "main", "ul", "ol", "dl", "blockquote", "figure",
           "table", "pre", "hr", "body", "dd", "dt", "address")  # fmt: skip
_SPACE = re.compile(r"[ \t\r\f\v\u00a0\n]+")


def read_html(data: bytes, name: str) -> Iterator[Document]:
    """One document: the page's words without scripts, navigation and forms."""
    from bs4 import BeautifulSoup, Comment
    from bs4.exceptions import ParserRejectedMarkup

    text = decode(data, name)
    try:
        page = BeautifulSoup(text, "html.parser")
        title = _words(page.title.get_text()) if page.title else ""
        fields = _meta(page)
        for comment in page.find_all(string=lambda s: isinstance(s, Comment)):
            comment.extract()
        for tag in page.find_all(_DROP):
            tag.decompose()
        for tag in page.find_all(None, {"hidden": True}):
            tag.decompose()
        if page.title:
            page.title.decompose()
        body = _markdown(page)
    except ParserRejectedMarkup:
        raise unreadable(
            name, "this is not HTML that can be read", "Save the page again, or as plain text."
        ) from None
    except RecursionError:
        raise unreadable(
            name, "its elements are nested too deeply", "Save it as plain text or Markdown."
        ) from None
    if not body.strip():
        raise unreadable(name, "there is no text in it", "Leave it out or give it content.")
    heading = re.search(r"^# (.+)$", body, re.MULTILINE)
    yield Document(
        id=name,
        text=body,
        title=title or (heading.group(1) if heading else PurePath(name).stem),
        source=fields.get("publisher")
        or fields.get("og:site_name")
        or fields.get("author")
        or name,
        url=fields.get("canonical", ""),
        date=fields.get("date", "")[:10],
        licence=fields.get("licence") or fields.get("license", ""),
        language=fields.get("lang", "")[:2].lower() or detect_language(body),
    )


def _words(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _meta(page: BeautifulSoup) -> dict[str, str]:
    fields: dict[str, str] = {}
    for tag in page.find_all("meta"):
        key = str(tag.get("name") or tag.get("property") or "").lower()
        if key and tag.get("content"):
            fields.setdefault(key, _words(str(tag["content"])))
    link = page.find("link", rel="canonical")
    if link is not None and link.get("href"):
        fields["canonical"] = str(link["href"])
    root = page.find("html")
    if root is not None and root.get("lang"):
        fields["lang"] = str(root["lang"])
    return fields


def _markdown(page: BeautifulSoup) -> str:
    """Rewrites the tree in place so that its plain text reads as Markdown."""
    for tag in page.find_all("pre"):
        fenced = "\n\n```\n" + tag.get_text().strip("\n") + "\n```\n\n"
        tag.replace_with(fenced.replace(" ", "\u2007").replace("\n", "\u2028"))
    for string in page.find_all(string=True):
        string.replace_with(_SPACE.sub(" ", str(string)))
    for tag in page.find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        _put(tag, f"\n\n{'#' * int(tag.name[1])} {_words(tag.get_text())}\n\n")
    for tag in page.find_all("br"):
        tag.replace_with("\n")
    for tag in page.find_all("tr"):
        cells = [_words(cell.get_text()) for cell in tag.find_all(["td", "th"])]
        _put(tag, "\n" + " | ".join(cells) + "\n")
    for tag in page.find_all("li"):
        tag.insert_before("\n- ")
        tag.insert_after("\n")
    for tag in page.find_all(_BLOCKS):
        tag.insert_before("\n\n")
        tag.insert_after("\n\n")
    text = page.get_text().replace("\u2007", " ").replace("\u2028", "\n")
    lines = [line.rstrip() if "  " in line else line.strip() for line in text.split("\n")]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return re.sub(r"^- *\n+(?=\S)", "- ", joined, flags=re.MULTILINE).strip()


def _put(tag: Tag, text: str) -> None:
    tag.replace_with(text)
