"""The policies in force, which may change while metier runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metier.model import MetierError
from metier.policy._load import Policy, read_all
from metier.policy._set import PolicySet, compose

_Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One policy that is new (no old digest), gone (no new one) or different."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What a reload changed, for the audit log."""

    old_version: str
    new_version: str
    files: tuple[FileChange, ...]


def _anything(policies: PolicySet) -> None:
    """Accepts every set."""


class PolicyHolder:
    """Holds the policies in force and reads them anew.

    A turn takes `current` once and keeps it, so that it is under one version from
    its beginning to its end.

    Args:
        files: gives the policy files; asked at each reload, so that a new one is found.
        trusted, pins: as for `load`.
        accept: raises `MetierError` for policies that must not come into force.

    Raises:
        MetierError: the files can't be used; nothing starts under them.
    """

    def __init__(
        self,
        files: Callable[[], Iterable[Path]],
        *,
        trusted: Sequence[bytes] = (),
        pins: Mapping[str, str] | None = None,
        accept: Callable[[PolicySet], None] = _anything,
    ) -> None:
        self._files = files
        self._trusted = tuple(trusted)
        self._pins = dict(pins or {})
        self._accept = accept
        self._lock = threading.Lock()
        self._error = ""
        self._dictionaries: tuple[Path, ...] = ()
        self._current, self._stamp = self._read()

    @property
    def current(self) -> PolicySet:
        """The policies in force."""
        return self._current

    @property
    def error(self) -> str:
        """Why the last reload kept the old policies; "" where it did not."""
        return self._error

    def changed(self) -> bool:
        """Whether a file looks other than when it was last read, for good or bad.

        Looks at names, times and sizes only; it reads nothing. A failed reload counts
        as read, so that a bad file is tried once and not at every look.
        """
        with self._lock:
            return self._looks_now() != self._stamp

    def since(self, old: PolicySet) -> PolicyChange | None:
        """What the policies in force change of `old`; None where nothing."""
        new = self._current
        if new.version == old.version:
            return None
        return PolicyChange(old.version, new.version, _differences(old.policies, new.policies))

    def reload(self) -> PolicyChange | None:
        """Reads all files anew and puts them in force at once; None where nothing changed.

        Raises:
            MetierError: a file can't be used. The old policies stay in force, all of them.
        """
        with self._lock:
            old = self._current
            # First the look, so that a change while reading shows at the next one.
            before = self._looks_now()
            try:
                new, self._stamp = self._read()
            except MetierError as error:
                self._stamp = before
                self._error = error.message
                raise MetierError(
                    f"{error.message} The policies of version {old.version} stay in force.",
                    code=error.code,
                ) from None
            self._current, self._error = new, ""
        return self.since(old)

    def _read(self) -> tuple[PolicySet, _Stamp]:
        try:
            files = list(self._files())
            before = self._looks(files)
            policies = read_all(files, trusted=self._trusted, pins=self._pins)
            dictionaries = tuple(file for policy in policies for file in policy.files[1:])
            if dictionaries != self._dictionaries:  # which the look must cover too
                self._dictionaries = dictionaries
                before = self._looks(files)
                policies = read_all(files, trusted=self._trusted, pins=self._pins)
        except OSError as error:
            raise MetierError(
                f"The policies can't be read: {error.strerror}.", code="bad_policy"
            ) from None
        found = compose(policies)
        self._accept(found)
        return found, before

    def _looks_now(self) -> _Stamp:
        try:
            return self._looks(self._files())
        except (MetierError, OSError):
            return ()

    def _looks(self, files: Iterable[Path]) -> _Stamp:
        """How the files look, with their signatures and the dictionaries in force."""
        files = list(files)
        signed = [file.with_name(f"{file.name}.sig") for file in files]
        found = []
        for file in (*files, *signed, *self._dictionaries):
            try:
                stat = file.stat()
            except OSError:
                continue
            found.append((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return tuple(sorted(found))


def _differences(old: Sequence[Policy], new: Sequence[Policy]) -> tuple[FileChange, ...]:
    before = {policy.name: policy.digest for policy in old}
    after = {policy.name: policy.digest for policy in new}
    return tuple(
        FileChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )
