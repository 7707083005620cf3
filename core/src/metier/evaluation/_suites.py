"""Running a suite."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from metier.app import Metier
from metier.model import Answer, BadRequest, EvaluationSuite


def suites(app: Metier) -> dict[str, EvaluationSuite]:
    """Every suite that an installed plugin brings, by name."""
    return {
        suite.name: suite
        for domain in app.domains()
        for contribution in app.parts.registry.host(domain.name).collect("evaluation_suites")
        for suite in contribution.value
    }


async def run_suite(app: Metier, name: str, data: Path | None = None) -> dict[str, Any]:
    """Runs one suite on fresh subjects and conversations.

    Returns: `{"suite", "dataset", "n", "seconds", "metrics"}` as `metier eval --json` prints it.

    Raises:
        BadRequest: where there is no such suite, naming those there are.
    """
    known = suites(app)
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise BadRequest(f"There is no suite of that name. Known: {there}.", status=404)

    async def ask(domain: str, messages: Sequence[str]) -> Sequence[Answer]:
        conversation, subject = secrets.token_hex(8), f"eval-{secrets.token_hex(8)}"
        return [
            await app.respond(
                app.request(domain, message, subject=subject, conversation=conversation)
            )
            for message in messages
        ]

    started = time.perf_counter()
    count, marks = await known[name].run(ask, data)
    return {
        "suite": name,
        "dataset": data.name if data else "sample",
        "n": count,
        "seconds": round(time.perf_counter() - started, 3),
        "metrics": {key: asdict(mark) for key, mark in marks.items()},
    }
