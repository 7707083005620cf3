"""Makes the environments of the peers: `python -m benchmarks.peers.install`."""

from __future__ import annotations

import subprocess
import sys
import venv

from benchmarks.peers import home, litellm


def main() -> None:
    """Installs what is missing."""
    for name, requirements in ((litellm.NAME, litellm.REQUIREMENTS),):
        place = home(name)
        if not (place / "bin" / "python").exists():
            venv.create(place, with_pip=True)
        done = subprocess.run(
            [place / "bin" / "python", "-m", "pip", "install", "--quiet", *requirements],
            check=False,
        )
        if done.returncode:
            sys.exit(f"{', '.join(requirements)} could not be installed")
        print(f"{', '.join(requirements)}: in {place}")


if __name__ == "__main__":
    main()
