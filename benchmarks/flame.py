"""Where the time of serving goes: `python -m benchmarks.flame [--out docs/images/serving.svg]`.

Runs the load of `benchmarks.serving` against a metier of one core and samples it with py-spy, which
is no dependency of ours (`uvx py-spy`, or `--py-spy PATH`). Draws the stacks that hold the
interpreter, from the first frame of metier's own, as a small SVG without scripts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from benchmarks._serving.load import run, warm
from benchmarks._serving.process import started
from benchmarks.serving import KINDS, LOAD, SERVER, serving

WIDTH, ROW, LEAST = 1200, 17, 0.004
"""Pixels, and the least share of the samples that is drawn."""
_FRAME = re.compile(r"(?P<name>.+) \((?P<file>[^:()]+)(?::\d+)?\)$")
_IDLE = ("_worker (", "select (", "wait (", "main (benchmarks")
_COLOURS = ("#e8a33d", "#dd7c4f", "#e3bb58", "#d9694a", "#eac77b")


@dataclass
class Frame:
    """A frame, the samples in it and below it, and what it called."""

    samples: int = 0
    calls: dict[str, Frame] = field(default_factory=dict)

    def add(self, stack: list[str], samples: int) -> None:
        self.samples += samples
        if stack:
            self.calls.setdefault(stack[0], Frame()).add(stack[1:], samples)


def _place(frame: str) -> str:
    """A frame as "function room/file"."""
    found = _FRAME.match(frame)
    if not found:
        return frame
    path = Path(found["file"])
    return f"{found['name']} {path.parent.name}/{path.stem}"


def read(lines: Iterator[str]) -> Frame:
    """The stacks that py-spy wrote, without the loops and threads around them."""
    root = Frame()
    for line in lines:
        stack, _, count = line.rstrip().rpartition(" ")
        frames = stack.split(";")
        first = next((i for i, f in enumerate(frames) if "(metier/" in f and "serve (" not in f), 0)
        if any(frames[-1].startswith(idle) for idle in _IDLE):
            continue
        root.add([_place(f) for f in frames[first:]], int(count))
    return root


def draw(root: Frame, title: str) -> str:
    """The flame graph: the wider, the longer; below a frame stands what it called."""
    boxes: list[str] = []
    deepest = 0

    def put(name: str, frame: Frame, left: float, depth: int) -> None:
        nonlocal deepest
        width = WIDTH * frame.samples / root.samples
        if frame.samples < LEAST * root.samples:
            return
        deepest = max(deepest, depth)
        share = f"{100 * frame.samples / root.samples:.1f} %"
        colour = _COLOURS[sum(map(ord, name)) % len(_COLOURS)]
        letters = int(width / 6.2)
        shown = name if len(name) <= letters else name[: max(0, letters - 1)] + "…"
        text = f'<text x="{left + 2:.1f}" y="{30 + depth * ROW + 12}">{escape(shown)}</text>'
        boxes.append(
            f'<g><title>{escape(name)}: {share}</title><rect x="{left:.1f}" y="{30 + depth * ROW}" '
            f'width="{width:.1f}" height="{ROW - 1}" fill="{colour}"/>'
            f"{text if letters > 3 else ''}</g>"
        )
        at = left
        for called, below in sorted(frame.calls.items(), key=lambda c: -c[1].samples):
            put(called, below, at, depth + 1)
            at += WIDTH * below.samples / root.samples

    put(title, root, 0, 0)
    height = 30 + (deepest + 1) * ROW + 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="monospace" font-size="10"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="4" y="18" font-size="13">{escape(title)}: {root.samples} samples</text>'
        f"{''.join(boxes)}</svg>\n"
    )


def main() -> None:
    """Samples and draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/serving.svg"))
    parser.add_argument("--kind", choices=KINDS, default="rules")
    parser.add_argument("--stream", action="store_true", help="answers as streams")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--py-spy", default="py-spy", help="the program")
    given = parser.parse_args()
    os.sched_setaffinity(0, {LOAD})
    with (
        tempfile.TemporaryDirectory() as name,
        started(LOAD, "benchmarks._serving.upstream") as (model, _),
        serving(given.kind, f"http://127.0.0.1:{model}/v1", Path(name)) as server,
    ):
        asyncio.run(warm(server.through))
        raw = Path(name) / "stacks"
        spy = subprocess.Popen(
            [given.py_spy, "record", "--pid", str(server.process.pid), "--duration",
             str(given.seconds), "--rate", "300", "--gil", "--nonblocking", "--format", "raw",
             "--output", str(raw)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        asyncio.run(
            run(server.through, at_once=32, seconds=given.seconds + 1.0, stream=given.stream)
        )
        spy.wait()
        root = read(iter(raw.read_text("utf-8").splitlines()))
    what = "streams" if given.stream else "answers"
    title = f"{given.kind}: {KINDS[given.kind]}; 32 {what} at once on core {SERVER}"
    given.out.write_text(draw(root, title), "utf-8")
    print(f"{given.out}: {root.samples} samples")


if __name__ == "__main__":
    main()
