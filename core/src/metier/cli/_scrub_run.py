"""One document through a scrubber, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from metier.cli._scrub_files import NewFile, Source, bar, print_out
from metier.model import BadRequest, Json
from metier.privacy import (
    PSEUDONYM,
    Batch,
    Decision,
    Format,
    Scrubber,
    Vault,
    fields_of,
    read_batches,
    write_batch,
)


@dataclass(frozen=True, slots=True, repr=False)
class Scrubbed:
    """What became of a document.

    Args:
        form: name of its format.
        values: different values that can be restored.
        counted: how often the policy decided what.
        text: the document itself, where it was to be held.
    """

    form: str
    values: int
    counted: Counter[Decision] = field(default_factory=Counter)
    text: str = ""

    def as_json(self) -> dict[str, Json]:
        """The report; holds nothing of any value."""
        rows: list[Json] = [
            {"entity": d.entity, "action": d.action, "rule": d.rule, "count": count}
            for d, count in sorted(self.counted.items())
        ]
        return {"format": self.form, "restorable_values": self.values, "entities": rows}

    def table(self) -> str:
        """The report as lines."""
        rows = [("entity", "action", "count", "rule")]
        rows += [(d.entity, d.action, str(n), d.rule) for d, n in sorted(self.counted.items())]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [
            f"{entity:<{widths[0]}}  {action:<{widths[1]}}  {count:>{widths[2]}}  {rule}"
            for entity, action, count, rule in rows
        ]
        return "\n".join((*lines, f"{self.values} different values can be restored"))


def scrub_document(
    scrubber: Scrubber,
    source: Source,
    form: Format,
    out: NewFile | None,
    *,
    counting: bool,
    held: bool,
) -> Scrubbed:
    """Writes a document as an outsider may see it.

    What can be read twice is: a name that only the last line gives away is then
    hidden in the first as well, and what is wrong anywhere shows before anything
    is written.

    Args:
        scrubber: hides; its vault grows.
        source, form: what is read, and how.
        out: where it is written; None for standard output.
        counting: whether the policy's decisions are counted, which takes one more search.
        held: whether the text is returned and not printed.

    Raises:
        BadRequest, PrivacyError, EgressBlocked: nothing can be scrubbed then.
    """
    counted: Counter[Decision] = Counter()
    texts: list[str] = []
    write = _writer(out, texts if held else None)
    with _bar("Scrubbing", source) as done:
        if source.again:
            for batch in read_batches(form, source.lines()):
                scrubber.hide_fields(fields_of(batch))
                done(_size(batch))
        for batch in read_batches(form, source.lines(), at_once=not source.again):
            fields = fields_of(batch)
            write(write_batch(batch, scrubber.hide_fields(fields)))
            if counting:
                counted += scrubber.decisions(fields)
            done(_size(batch))
    return Scrubbed(form.name, len(scrubber.vault), counted, "".join(texts))


def restore_document(vault: Vault, source: Source, form: Format, out: NewFile | None) -> int:
    """Writes a document with its values put back; returns how many placeholders are not known.

    Raises:
        BadRequest: the document has placeholders, and the vault knows none of them.
    """
    scrubber = Scrubber(vault=vault)
    write = _writer(out, None)
    known = unknown = 0
    with _bar("Restoring", source) as done:
        if source.again:
            for batch in read_batches(form, source.lines()):
                for found in _placeholders(batch):
                    known += found in vault.entries
                    unknown += found not in vault.entries
                done(_size(batch))
        if unknown and not known:
            raise BadRequest(
                "this vault knows none of its placeholders. Use the one that was written when "
                "the file was scrubbed",
                code="wrong_vault",
            )
        for batch in read_batches(form, source.lines(), at_once=not source.again):
            if not source.again:
                unknown += sum(found not in vault.entries for found in _placeholders(batch))
            write(write_batch(batch, scrubber.restore_fields(fields_of(batch))))
            done(_size(batch))
    return unknown


def _placeholders(batch: Batch) -> Iterator[str]:
    for each in fields_of(batch):
        yield from (match[0] for match in PSEUDONYM.finditer(each.value))


def _writer(out: NewFile | None, held: list[str] | None) -> Callable[[str], None]:
    if out is not None:
        return lambda text: out.write(text.encode())
    return print_out if held is None else held.append


def _bar(title: str, source: Source) -> AbstractContextManager[Callable[[int], None]]:
    return bar(title, source.size * 2 if source.again else 0)


def _size(batch: Batch) -> int:
    return sum(len(piece.raw.encode()) for piece in batch)
