"""What `metier doctor` and `metier config check` find, and how it is shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import click

from metier.cli._output import TRACEBACK, emit_json, unforeseen
from metier.model import MetierError

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        part: what it is of, such as "store".
        state: "failed" is what keeps metier from serving, or from keeping its promises.
        says: what was found; never content, never a secret.
        mend: what to do about it; empty where all is well.
    """

    part: str
    state: State
    says: str
    mend: str = ""


def fine(part: str, says: str) -> Finding:
    return Finding(part, "ok", says)


def failed(part: str, error: MetierError, page: str) -> Finding:
    """An error as a finding: its first sentence is what is wrong, the others how to mend it."""
    says, dot, mend = error.message.partition(". ")
    return Finding(part, "failed", says + dot.strip(), mend or f"See {page}.")


def guarded(part: str, page: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What `look` finds. An error of metier is a finding; a fault of another kind is one too.

    Of a fault that nobody foresaw, type and place: the other parts are still to be looked at.
    """
    try:
        return look()
    except MetierError as error:
        return [failed(part, error, page)]
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return [Finding(part, "failed", f"{where}{error.strerror or type(error).__name__}.",
                        f"Check the file's owner and permissions; see {page}.")]  # fmt: skip
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        more = f"{TRACEBACK}=1 shows more, which may hold personal data; see {page}."
        return [Finding(part, "failed", f"Looking at it failed: {unforeseen(error)}.", more)]


def report(findings: Sequence[Finding], as_json: bool) -> int:
    """Shows findings; 1 where one has failed, else 0."""
    ill = any(each.state == "failed" for each in findings)
    if as_json:
        emit_json({"ok": not ill, "findings": findings})
        return int(ill)
    for each in findings:
        click.echo(f"{each.state:8} {each.part:14} {each.says}")
        if each.mend:
            click.echo(f"{'':24}{each.mend}")
    counts = {state: sum(f.state == state for f in findings) for state in ("failed", "warning")}
    click.echo(
        f"{len(findings)} looked at, {counts['failed']} failed, {counts['warning']} with a warning."
    )
    return int(ill)
