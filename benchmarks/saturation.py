"""What of a saturated model's speed is left through metier: `python -m benchmarks.saturation`.

A model server that is up (`--upstream`, a vLLM on a GPU say) is asked by many clients at once,
directly and through metier in turn, in one run: with answers in one piece, and with streams. What
counts is tokens a second, as the model server itself counts them in its usage. metier runs in
`--processes` processes, each with a store of its own, among which clients are spread; the clients
run in processes of their own as well, so that they are not what is measured. The mark is 97 % of
what is had directly. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks._serving.load import Target, asked, headers_of
from benchmarks._serving.process import ready, started
from benchmarks._serving.served import KEY
from benchmarks.serving import KINDS

MARK = 0.97


@dataclass(frozen=True)
class Load:
    """What one process of clients asks, and for how long.

    Args:
        lanes: clients of this process, each of which asks again when it is answered.
        first: the number of its first lane, so that no two ask the same.
        warm: seconds that are not counted, in which the model's batch fills.
    """

    targets: tuple[Target, ...]
    lanes: int
    first: int
    stream: bool
    tokens: int
    warm: float
    seconds: float


@dataclass(frozen=True)
class Came:
    """What came within the counted time: tokens, answers, and answers that were wrong."""

    tokens: float
    answers: int
    wrong: int


def clients(load: Load) -> Came:
    """Runs one process's clients; a function of a module, so that it can be sent to a process."""
    return asyncio.run(_clients(load))


async def _clients(load: Load) -> Came:
    began = time.perf_counter()
    opens, ends = began + load.warm, began + load.warm + load.seconds
    tokens, answers, wrong = 0.0, 0, 0
    limit, patience = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(connector=limit, timeout=patience) as session:

        async def lane(number: int) -> None:
            nonlocal tokens, answers, wrong
            target, turn = load.targets[number % len(load.targets)], number * 100_000
            while (left := time.perf_counter()) < ends:
                turn += 1
                body, _ = asked(target, turn, load.stream, load.tokens)
                body |= {"temperature": 1.0}
                if load.stream:
                    body |= {"stream_options": {"include_usage": True}}
                try:
                    headers = headers_of(target, turn)
                    url = f"{target.base}/chat/completions"
                    async with session.post(url, json=body, headers=headers) as answer:
                        made = completion(await answer.read(), load.stream)
                except aiohttp.ClientError:
                    made = 0
                done = time.perf_counter()
                if not made:
                    wrong += 1
                    await asyncio.sleep(0.01)
                    continue
                # Of an answer that began or ended outside of the counted time, that part counts.
                within = max(0.0, min(done, ends) - max(left, opens))
                tokens += made * within / (done - left)
                answers += opens <= done <= ends

        await asyncio.gather(*(lane(load.first + n) for n in range(load.lanes)))
    return Came(tokens, answers, wrong)


def completion(raw: bytes, stream: bool) -> int:
    """The tokens that the model made, as the answer's usage says; 0 of what is no whole answer."""
    try:
        if not stream:
            return int(json.loads(raw)["usage"]["completion_tokens"])
        if not raw.endswith(b"data: [DONE]\n\n"):
            return 0
        for event in reversed(raw.split(b"\n\n")[:-2]):
            usage = json.loads(event.removeprefix(b"data: ")).get("usage")
            if usage:
                return int(usage["completion_tokens"])
    except (ValueError, KeyError, TypeError):
        return 0
    return 0


def many(pool: ProcessPoolExecutor, load: Load, processes: int) -> tuple[float, Came]:
    """Tokens a second of all processes of clients, and all that came."""
    parts = [
        replace(load, lanes=len(range(n, load.lanes, processes)), first=n * load.lanes)
        for n in range(processes)
    ]
    came = list(pool.map(clients, [part for part in parts if part.lanes]))
    whole = Came(
        sum(c.tokens for c in came), sum(c.answers for c in came), sum(c.wrong for c in came)
    )
    return whole.tokens / load.seconds, whole


def compared(
    pool: ProcessPoolExecutor, direct: Target, through: Sequence[Target], given: argparse.Namespace,
    stream: bool, at_once: int,
) -> dict[str, Any]:  # fmt: skip
    """Rounds of both in turn, and their medians."""
    seen: dict[str, list[float]] = {"direct": [], "through": []}
    wrong = 0
    for _ in range(given.rounds):
        for name, targets in (("direct", (direct,)), ("through", tuple(through))):
            load = Load(targets, at_once, 0, stream, given.tokens, given.warm, given.seconds)
            rate, came = many(pool, load, given.clients)
            seen[name].append(rate)
            wrong += came.wrong
    medians = {name: statistics.median(rates) for name, rates in seen.items()}
    ratio = medians["through"] / medians["direct"] if medians["direct"] else 0.0
    row = {
        "stream": stream, "at_once": at_once, "ratio": round(ratio, 4), "wrong": wrong,
        **{f"{name}_tokens_s": round(rate) for name, rate in medians.items()},
        "rounds": {name: [round(rate) for rate in rates] for name, rates in seen.items()},
    }  # fmt: skip
    kind = "streams" if stream else "whole answers"
    print(
        f"  {kind:14} {at_once:4} at once: {medians['direct']:9,.0f} tokens/s directly, "
        f"{medians['through']:9,.0f} through metier, {ratio:6.1%}, wrong {wrong}  "
        f"{'met' if ratio >= MARK and not wrong else 'MISSED'}",
        flush=True,
    )
    return row


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--upstream", required=True, help="base URL of the model, ends in /v1")
    parser.add_argument("--model", required=True)
    parser.add_argument("--kind", choices=KINDS, default="rules", help="what metier does")
    parser.add_argument("--at-once", type=int, nargs="+", default=[256], metavar="N")
    parser.add_argument("--tokens", type=int, default=200, help="of an answer, at most")
    parser.add_argument("--seconds", type=float, default=15.0, help="counted of each round")
    parser.add_argument("--warm", type=float, default=4.0, help="not counted of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4, help="of metier")
    parser.add_argument("--clients", type=int, default=2, help="processes of clients")
    parser.add_argument("--core", type=int, default=1, help="the first of metier's cores")
    parser.add_argument("--modes", nargs="+", choices=("whole", "stream"),
                        default=["whole", "stream"])  # fmt: skip
    return parser.parse_args()


def main() -> int:
    """Measures and prints."""
    given = _given()
    direct = Target(given.upstream, given.model, people=0, restores=False)
    rows: list[dict[str, Any]] = []
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ExitStack() as stack,
        ProcessPoolExecutor(given.clients, mp_context=spawn) as pool,
    ):
        through = []
        for number in range(given.processes):
            port, _ = stack.enter_context(
                started(given.core + number, "benchmarks._serving.served",
                        str(Path(folder) / f"home{number}"), given.kind, given.upstream,
                        given.model)
            )  # fmt: skip
            asyncio.run(ready(f"http://127.0.0.1:{port}/healthz"))
            base = f"http://127.0.0.1:{port}/v1"
            model = "support" if given.kind == "all" else "plain"
            through.append(Target(base, model, KEY, 200, restores=False))
        print(f"{KINDS[given.kind]}; {given.processes} processes of metier, a core each")
        for at_once in given.at_once:
            for mode in given.modes:
                rows.append(compared(pool, direct, through, given, mode == "stream", at_once))
    print(json.dumps({"benchmark": "saturation", "mark": MARK, "kind": given.kind,
                      "processes": given.processes, "rows": rows}))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
