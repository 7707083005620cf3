"""Files as pieces: what is kept as it is, and the fields between.

Each format reads lines into batches of pieces; a piece whose field has changed
knows how it is written again. What isn't changed keeps its very characters, so
layout, quoting, line ends and the formats of numbers survive.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal, Protocol

from metier.model import BadRequest
from metier.privacy._fields import Field, Part

_BATCH_FIELDS = 500
_BATCH_CHARACTERS = 32_768
_LONGEST_PARAGRAPH = 65_536
_BOM = "\ufeff"


def _as_it_is(shown: Field) -> str:
    return shown.value


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """A stretch of a document.

    Args:
        raw: as written.
        field: the value in it, if it holds one.
        write: the text of the stretch where the field has changed.
    """

    raw: str
    field: Field | None = None
    write: Callable[[Field], str] = _as_it_is


Batch = list[Piece]


class Format(Protocol):
    """One kind of file."""

    @property
    def name(self) -> str: ...

    def read(self, lines: Iterator[str], at_once: bool = False) -> Iterator[Batch]:
        """The pieces of a document; together their `raw` is the document.

        Args:
            lines: with their ends.
            at_once: a batch for each record, for input that is still being written.

        Raises:
            BadRequest: naming the line at fault, never its content.
        """
        ...


def read_batches(form: Format, lines: Iterable[str], at_once: bool = False) -> Iterator[Batch]:
    """As `Format.read`; a byte order mark is kept apart."""
    rest = iter(lines)
    first = next(rest, "")
    if first.startswith(_BOM):
        yield [Piece(_BOM)]
        first = first[1:]
    yield from form.read(chain([first] if first else [], rest), at_once)


def write_batch(batch: Batch, shown: Iterable[Field]) -> str:
    """A batch with its fields as `shown`, in order."""
    following = iter(shown)
    texts = []
    for piece in batch:
        if piece.field is None or (new := next(following)) == piece.field:
            texts.append(piece.raw)
        else:
            texts.append(piece.write(new))
    return "".join(texts)


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; only a line feed ends one."""
    return io.StringIO(text, newline="\n").readlines()


def fields_of(batch: Batch) -> list[Field]:
    """The fields of a batch, in order."""
    return [piece.field for piece in batch if piece.field is not None]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, in paragraphs: cut at an empty line, or at a line end where none comes."""

    name: str = "text"

    def read(self, lines: Iterator[str], at_once: bool = False) -> Iterator[Batch]:
        held: list[str] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            paragraph = size >= _BATCH_CHARACTERS and not line.strip()
            if paragraph or size >= _LONGEST_PARAGRAPH:
                yield [_text("".join(held))]
                held, size = [], 0
        if held:
            yield [_text("".join(held))]


def _text(text: str) -> Piece:
    return Piece(text, Field(text))


@dataclass(frozen=True, slots=True)
class Json:
    """One JSON value."""

    name: str = "json"

    def read(self, lines: Iterator[str], at_once: bool = False) -> Iterator[Batch]:
        text = "".join(lines)
        _check_json(text, 1)
        yield from _batched(iter([_json_pieces(text)]))


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON value a line; empty lines stay."""

    name: str = "jsonl"

    def read(self, lines: Iterator[str], at_once: bool = False) -> Iterator[Batch]:
        yield from _batched(self._records(lines), at_once)

    def _records(self, lines: Iterator[str]) -> Iterator[Iterator[Piece]]:
        for number, line in enumerate(lines, 1):
            if line.strip():
                _check_json(line, number)
            yield _json_pieces(line)


def _batched(records: Iterator[Iterator[Piece]], at_once: bool = False) -> Iterator[Batch]:
    batch: Batch = []
    fields = size = 0
    for record in records:
        for piece in record:
            batch.append(piece)
            fields += piece.field is not None
            size += len(piece.raw)
            if not at_once and (fields >= _BATCH_FIELDS or size >= _BATCH_CHARACTERS):
                yield batch
                batch, fields, size = [], 0, 0
        if at_once and batch:
            yield batch
            batch, fields, size = [], 0, 0
    if batch:
        yield batch


_SYMBOL = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.S)
_NUMBER = re.compile(r"-?[0-9][0-9.eE+\-]*")


def _check_json(text: str, first_line: int) -> None:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise BadRequest(
            f"line {line}, column {error.colno}: this is not JSON. Mend it, or read the file as "
            "text with --format text",
            code="invalid_json",
        ) from None
    except RecursionError:
        raise BadRequest(
            f"line {first_line}: the JSON is nested too deeply. Read the file as text with "
            "--format text",
            code="invalid_json",
        ) from None


def _json_pieces(text: str) -> Iterator[Piece]:
    """The pieces of valid JSON. Twice the same key in one object is read twice."""
    above: list[tuple[bool, str]] = []
    """For each open bracket: whether it is an object, and the label it stands under."""
    label, key_next, at = "", False, 0
    for match in _SYMBOL.finditer(text):
        symbol = match[0]
        if match.start() > at:
            yield Piece(text[at : match.start()])
        at = match.end()
        match symbol[0]:
            case "{" | "[":
                above.append((symbol == "{", label))
                key_next = symbol == "{"
            case "}" | "]":
                _, label = above.pop()
                key_next = False
            case ",":
                key_next = above[-1][0]
            case ":":
                key_next = False
            case '"':
                value = json.loads(symbol)
                if key_next:
                    label = value
                yield Piece(symbol, _string(value, label, key_next), _json_text)
                continue
            case _ if _NUMBER.fullmatch(symbol):
                yield Piece(symbol, Field(symbol, label, number=True), _json_text)
                continue
        yield Piece(symbol)
    if at < len(text):
        yield Piece(text[at:])


def _string(value: str, label: str, key: bool) -> Field:
    return Field(value, part=Part.KEY) if key else Field(value, label)


def _json_text(shown: Field) -> str:
    if shown.number:
        return shown.value
    text = json.dumps(shown.value, ensure_ascii=False)
    # Half a character can be escaped in JSON, but not be written in UTF-8.
    return text if text.isascii() or _encodable(text) else json.dumps(shown.value)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Csv:
    """A table. A cell's column is its label, as a key is in JSON.

    Args:
        delimiter: None for the one that is most frequent in the first line.
        header: whether the first row names the columns; None for yes, unless it
            holds personal data, which is an error then.
    """

    delimiter: str | None = None
    header: bool | None = None
    name: str = "csv"

    def read(self, lines: Iterator[str], at_once: bool = False) -> Iterator[Batch]:
        yield from _batched(self._records(lines), at_once)

    def _records(self, lines: Iterator[str]) -> Iterator[Iterator[Piece]]:
        first = next(lines, "")
        delimiter = self.delimiter or likely_delimiter(first)
        consumed: list[str] = []

        def watched() -> Iterator[str]:
            for line in chain([first], lines):
                consumed.append(line)
                yield line

        rows = csv.reader(watched(), delimiter=delimiter, strict=True)
        columns: list[str] | None = None
        while True:
            begins = rows.line_num + 1
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise BadRequest(
                    f"line {begins}: this is not CSV ({error}). Mend the row, or read the file as "
                    "text with --format text",
                    code="invalid_csv",
                ) from None
            raw = "".join(consumed)
            consumed.clear()
            if row is None:
                return
            if not row:
                yield iter([Piece(raw)])
                continue
            if columns is None:
                columns = [""] * len(row) if self.header is False else row
                heading = self.header is not False
            else:
                heading = False
            if len(row) != len(columns):
                raise BadRequest(
                    f"line {begins}: the row has {len(row)} cells and the first row "
                    f"{len(columns)}. Mend the row, or read the file as text with --format text",
                    code="ragged_csv",
                )
            cells = _cells(raw, row, delimiter, begins)
            if heading:
                yield self._heading(cells, row)
            else:
                yield _row(cells, row, columns, delimiter)

    def _heading(self, cells: Iterable[tuple[str, str]], row: Iterable[str]) -> Iterator[Piece]:
        for (raw, end), value in zip(cells, row, strict=True):
            yield Piece(raw, Field(value, part=Part.HEADING) if self.header is None else None)
            yield Piece(end)

    def seen(self, first: str) -> Csv:
        """The same with the delimiter that the first line shows."""
        return replace(self, delimiter=self.delimiter or likely_delimiter(first))


def _row(
    cells: Iterable[tuple[str, str]], row: Iterable[str], columns: Iterable[str], delimiter: str
) -> Iterator[Piece]:
    for (raw, end), value, column in zip(cells, row, columns, strict=True):
        write = partial(_cell_text, delimiter, raw.startswith('"'))
        yield Piece(raw, Field(value, column), write)
        yield Piece(end)


def _cell_text(delimiter: str, quoted: bool, shown: Field) -> str:
    cell = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    # Named, the line end's characters are quoted where a value holds them.
    row = csv.writer(cell, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
    row.writerow([shown.value])
    return cell.getvalue().removesuffix("\r\n")


def likely_delimiter(line: str) -> str:
    """Comma, semicolon, tab or bar: the most frequent outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(",;\t|", key=bare.count)


def _cells(raw: str, row: list[str], delimiter: str, line: int) -> list[tuple[str, str]]:
    """Each cell of a record as written, and what ends it."""
    end = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]|"")*"|(?:[^"{end}\r\n][^{end}\r\n]*)?)({end}|\r?\n|\r|\Z)')
    found: list[tuple[str, str]] = []
    at = 0
    while len(found) < len(row) and (match := cell.match(raw, at)):
        found.append((match[1], match[2]))
        at = match.end()
    read = [c[1:-1].replace('""', '"') if c.startswith('"') else c for c, _ in found]
    if read != row or at != len(raw):
        raise BadRequest(
            f"line {line}: the quotes of this row can be read in two ways. Mend the row, or read "
            "the file as text with --format text",
            code="invalid_csv",
        )
    return found


FORMATS: Mapping[str, Format] = MappingProxyType(
    {form.name: form for form in (Text(), Json(), JsonLines(), Csv())}
)
"""The formats by their names."""


def format_for(name: str) -> Format:
    """The format of a file, by its suffix; text where that says nothing."""
    match PurePath(name).suffix.lower():
        case ".json":
            return FORMATS["json"]
        case ".jsonl" | ".ndjson":
            return FORMATS["jsonl"]
        case ".csv":
            return FORMATS["csv"]
        case ".tsv" | ".tab":
            return Csv(delimiter="\t")
        case _:
            return FORMATS["text"]
