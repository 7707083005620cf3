"""The installed distributions, what they need of each other, and their licences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from metier.compliance._findings import Dependency
from metier.model import MetierError
from metier.plugins import GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence

_CORE = "metier"
_NOT_STATED = "not stated"

_WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "mit license": "MIT",
    "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
"""What packages write where they mean a licence of the SPDX list. "BSD" alone is none: there are
several."""

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

Locked = Mapping[tuple[str, str], "Sequence[str]"]


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a distribution needs: always, or with one of its extras."""

    distribution: Distribution
    requirements: tuple[Requirement, ...]

    def met(self, extra: str) -> Iterable[Requirement]:
        for requirement in self.requirements:
            marker = requirement.marker
            if marker is None or marker.evaluate({"extra": extra}):
                yield requirement


def installed(
    lock: Path | None = None, found: Iterable[Distribution] | None = None
) -> tuple[Dependency, ...]:
    """Every installed distribution, by name.

    Args:
        lock: a requirements file with hashes, such as `requirements.lock`.
        found: the distributions; those of this Python where None.

    Raises:
        MetierError: where the lock file can't be read or holds no hashes.
    """
    locked: Locked = read_lock(lock) if lock else {}
    every = _by_name(distributions() if found is None else found)
    needed, edges = _needed(every)
    result = []
    for name, needs in sorted(every.items()):
        metadata = needs.distribution.metadata
        licence, spdx = licence_of(needs.distribution)
        result.append(
            Dependency(
                name=metadata["Name"],
                version=needs.distribution.version,
                licence=licence,
                spdx=spdx,
                runtime=name in needed,
                requires=tuple(sorted(every[n].distribution.metadata["Name"] for n in edges[name])),
                hashes=tuple(locked.get((name, needs.distribution.version), ())),
            )
        )
    return tuple(result)


def _by_name(found: Iterable[Distribution]) -> dict[str, _Needs]:
    """By canonical name; of two with one name the first on the path is the one imported."""
    every: dict[str, _Needs] = {}
    for distribution in found:
        name = distribution.metadata["Name"]
        if not name:
            continue  # a folder of a broken removal
        every.setdefault(
            canonicalize_name(name),
            _Needs(distribution, tuple(_parsed(distribution.requires or []))),
        )
    return every


def _parsed(lines: Iterable[str]) -> Iterable[Requirement]:
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:  # pip could not have followed it either
            continue


def _needed(every: Mapping[str, _Needs]) -> tuple[set[str], dict[str, set[str]]]:
    """What the core and its plugins need, and who needs whom."""
    edges: dict[str, set[str]] = {
        name: {
            canonicalize_name(r.name)
            for r in needs.met("")
            if canonicalize_name(r.name) in every and canonicalize_name(r.name) != name
        }
        for name, needs in every.items()
    }
    roots = [
        name
        for name, needs in every.items()
        if name == _CORE or any(e.group == GROUP for e in needs.distribution.entry_points)
    ]
    seen: set[tuple[str, str]] = set()
    ahead = [(name, "") for name in roots]
    while ahead:
        name, extra = ahead.pop()
        if (name, extra) in seen or name not in every:
            continue
        seen.add((name, extra))
        for requirement in every[name].met(extra):
            other = canonicalize_name(requirement.name)
            ahead += [(other, wanted) for wanted in ("", *sorted(requirement.extras))]
            if other in every and other != name:
                edges[name].add(other)
    return {name for name, _ in seen}, edges


def licence_of(distribution: Distribution) -> tuple[str, bool]:
    """The licence a distribution declares, and whether it is an SPDX expression.

    `License-Expression` (PEP 639) comes first, then the field `License`, then the
    classifiers where they name one licence.
    """
    from cyclonedx.spdx import fixup_id, is_expression

    metadata = distribution.metadata
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: ") and "::" in line.removeprefix("License :: ")
    ]
    stated = [
        _first_line((metadata.get_all(field) or [""])[0])
        for field in ("License-Expression", "License")
    ]
    said = [line for line in stated if line and line.upper() != "UNKNOWN"]
    alone = classifiers if len(set(classifiers)) == 1 else []
    for line in (*said, *alone):
        known = _WORDS.get(line.lower()) or fixup_id(line)
        if known or is_expression(line):
            return known or line, True
    words = next(
        (line for line in (*said, *classifiers) if not line.lower().startswith("copyright")),
        _NOT_STATED,
    )
    return words, False


def _first_line(text: str) -> str:
    """Some packages put the whole text of their licence there."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:120]


def read_lock(path: Path) -> Locked:
    """The hashes of a requirements file, by canonical name and version.

    Raises:
        MetierError: where it can't be read, or no requirement in it has a hash.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MetierError(
            f"The lock file {path.name} can't be read ({type(error).__name__}).", code="bad_lock"
        ) from None
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    name: tuple[str, str] | None = None
    for line in text.splitlines():
        if pin := _PIN.match(line):
            name = (canonicalize_name(pin[1]), pin[2])
        if name is not None and (hashes := _HASH.findall(line)):
            found[name] = (*found.get(name, ()), *hashes)
    if not found:
        raise MetierError(
            f"The lock file {path.name} has no requirement with a hash. Give the file that "
            "`uv export` or `pip-compile --generate-hashes` wrote.",
            code="bad_lock",
        )
    return found
