"""The trials of docs/trials.md at full size, and the table of their marks.

    python -m benchmarks.trials [--trials 10000] [--kills 200] [--first 0]

Takes about an hour on two cores. The trials are those of the tests, with the same numbers: each
trial's number is its seed, so that one that fails is run again alone with `--first N --trials 1`.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))


async def tampered(first: int, count: int) -> bool:
    """Prints what changes of the files came to; False where a reading was wrong."""
    from trials.run import tamper

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tally = await tamper(Path(folder), range(first, first + count))
    seconds = time.perf_counter() - started
    print(f"\nChanges of the files: {count} in {seconds:.0f} s")
    columns = ("no effect", "refused", "told", "told by verify", "wrong", "crashed")
    print(f"{'':26}" + "".join(f"{name:>16}" for name in columns))
    for kind in sorted({kind for kind, _ in tally.kinds}):
        print(f"{kind:26}" + "".join(f"{tally.kinds[kind, name]:16}" for name in columns))
    print(f"{'all':26}" + "".join(f"{tally.verdicts[name]:16}" for name in columns))
    for number, trial in tally.bad:
        print(f"trial {number}: {trial.verdict}: {trial.done}: {trial.readings}")
    return not tally.bad


async def killed(count: int) -> bool:
    """Prints what kills have left; False where something was lost, half or broken."""
    from trials.killed import kill

    from metier.app import make_keys

    well = True
    plan = (("commit", count * 9 // 20, False), ("wal", count * 9 // 20, False),
            ("commit", count // 10, True))  # fmt: skip
    print(f"\n{'killed':26}{'kills':>8}{'at work':>9}{'promises':>10}{'lost':>6}{'half':>6}"
          f"{'broken':>8}")  # fmt: skip
    for durability, kills, migration in plan:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            home.mkdir(mode=0o700)
            make_keys(home)
            found = await kill(home, durability, kills, migration=migration)
        what = "making the store" if migration else f"writing, {durability}"
        print(f"{what:26}{found.kills:8}{found.at_work:9}{found.promised:10}"
              f"{len(found.lost):6}{len(found.half):6}{len(found.broken):8}",
              flush=True)  # fmt: skip
        for line in (*found.lost, *found.half, *found.broken):
            print(f"  {line}")
        well = well and not (found.lost or found.half or found.broken)
    return well


def tested(*names: str) -> bool:
    """Runs the tests that are of one size."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow",
               *(str(TESTS / name) for name in names)]  # fmt: skip
    print(f"\n{' '.join(names)}")
    return subprocess.run(command, cwd=TESTS.parent, check=False).returncode == 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--trials", type=int, default=10_000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--kills", type=int, default=200)
    chosen = options.parse_args()
    marks = {
        "no change of the files makes a reading wrong": (
            asyncio.run(tampered(chosen.first, chosen.trials)) if chosen.trials else None
        ),
        "nothing promised is lost by a kill, nobody half erased": (
            asyncio.run(killed(chosen.kills)) if chosen.kills else None
        ),
        "no route or command gives another's data": tested("test_cross_tenant.py"),
        "no planted value in any file, log or trace": tested("test_planted.py"),
    }
    print()
    for what, held in marks.items():
        print(f"{'not run' if held is None else 'yes' if held else 'NO':8}{what}")
    return 0 if all(held is not False for held in marks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
