"""Makes the environments of the peers: `python -m benchmarks.peers.install`."""

from __future__ import annotations

import subprocess
import sys
import venv

from benchmarks.peers import home, litellm


def main() -> None:
    """Installs what is missing."""
    for name, requirement in ((litellm.NAME, litellm.REQUIREMENT),):
        place = home(name)
        if not (place / "bin" / "python").exists():
            venv.create(place, with_pip=True)
        done = subprocess.run(
            [place / "bin" / "python", "-m", "pip", "install", "--quiet", requirement], check=False
        )
        if done.returncode:
            sys.exit(f"{requirement} could not be installed")
        print(f"{requirement} is in {place}")


if __name__ == "__main__":
    main()
