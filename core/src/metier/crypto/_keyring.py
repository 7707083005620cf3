"""The keys of an installation: root -> tenant -> subject -> record.

The root wraps two keys of each tenant: one that wraps the subjects' keys and
can be changed at any time, and one from which keys for a purpose are derived
(digests, the audit log), which stays, so that what was digested is found again.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from threading import RLock

from metier.crypto._envelope import Context, RecordKey, derive
from metier.crypto._keystore import KeyStore, RootReplaced, TenantKeyReplaced, now
from metier.crypto._keytables import Erasure, SubjectKeyRow, TenantKeyRow
from metier.crypto._records import SubjectKeys, SubjectRecords
from metier.crypto._root import KeyringError, Root

_CACHED = 2000
"""Subjects whose keys are kept in memory."""
_DERIVED = 4000


class Keyring:
    """Opens and makes keys. Its repr and pickles hold nothing.

    Args:
        root: what wraps the tenants' keys.
        store: where the wrapped keys are.
        reopen: opens the root key that is in force by now, where another process has put a
            new one in its place.
        max_age: after so many seconds a subject gets a newer key; None for never.
    """

    __slots__ = (
        "_lock", "_max_age", "_purposes", "_reopen", "_subjects", "_wrapping", "root", "store",
    )  # fmt: skip

    def __init__(
        self,
        root: Root,
        store: KeyStore,
        *,
        reopen: Callable[[], Root] | None = None,
        max_age: int | None = None,
    ) -> None:
        self.root = root
        self._reopen = reopen
        self._max_age = max_age
        self.store = store
        self._lock = RLock()
        self._wrapping: dict[str, dict[bytes, RecordKey]] = {}
        self._purposes: dict[str, _Purposes] = {}
        self._subjects: OrderedDict[tuple[str, str], SubjectKeys] = OrderedDict()

    # --- keys for a purpose ----------------------------------------------------------

    def purpose_key(self, tenant: str, purpose: str) -> bytes:
        """A 32-byte key of a tenant for one purpose, always the same.

        Raises:
            KeyringError: the tenant's keys can't be opened.
        """
        return self._purposes_of(tenant).key(purpose)

    def seal_tenant(self, tenant: str, record: str, revision: int, data: bytes) -> bytes:
        """Seals a record of a tenant that is of no subject, bound to its place and revision."""
        return self._tenant_record_key(tenant).seal(data, _record_context(tenant, record, revision))

    def open_tenant(self, tenant: str, record: str, revision: int, sealed: bytes) -> bytes:
        """Opens such a record.

        Raises:
            SealBroken: it was changed, moved, or is of another revision.
        """
        context = _record_context(tenant, record, revision)
        return self._tenant_record_key(tenant).open(sealed, context, "tenant_record")

    def _tenant_record_key(self, tenant: str) -> RecordKey:
        return RecordKey(self.purpose_key(tenant, "tenant-records"))

    def digest(self, tenant: str, field: str, *parts: str) -> str:
        """A blind index: HMAC-SHA256 of `parts` in hex, with a key for each tenant and field."""
        mac = self._purposes_of(tenant).mac(field).copy()
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass")
            mac.update(len(raw).to_bytes(8, "big") + raw)
        return mac.hexdigest()

    def _purposes_of(self, tenant: str) -> _Purposes:
        found = self._purposes.get(tenant)
        if found is None:
            self.read_tenant(tenant)
            found = self._purposes[tenant]
        return found

    # --- keys of subjects ------------------------------------------------------------

    def subject_keys(self, tenant: str, subject: str, wanted: bytes | None = None) -> SubjectKeys:
        """The subject's keys; made where there are none.

        Args:
            wanted: the id of the key that the subject's roster names; keys in memory that
                lack it are read anew.

        Raises:
            KeyringError: where they can't be opened, or the wanted one is not there.
        """
        with self._lock:
            place = (tenant, subject)
            known = self._subjects.get(place)
            if known is None or (wanted is not None and wanted not in known.ids):
                known = self._read_subject(tenant, subject, make=wanted is None)
                self._subjects[place] = known
            self._subjects.move_to_end(place)
            while len(self._subjects) > _CACHED:
                self._subjects.popitem(last=False)
        if wanted is not None and wanted not in known.ids:
            raise _no_key()
        return known

    def known(self, tenant: str, subject: str) -> SubjectKeys | None:
        """The subject's keys, where they are in memory."""
        with self._lock:
            return self._subjects.get((tenant, subject))

    def knows(self, tenant: str) -> bool:
        """Whether the tenant's keys are in memory."""
        return tenant in self._purposes

    def due(self, records: SubjectRecords) -> bool:
        """Whether the subject should get a newer key: the newest is worn, or old."""
        made = records.keys.made
        old = self._max_age is not None and made > 0 and now() - made > self._max_age
        return bool(records.revision) and (records.worn or old)

    def renewed(self, records: SubjectRecords) -> SubjectRecords:
        """The same records, with a newer key that seals from the next commit on."""
        keys = records.keys
        self.renew_subjects(keys.tenant, [keys.subject])
        newer = self.subject_keys(keys.tenant, keys.subject, keys.current.id)
        return SubjectRecords(newer, records.revision, replace(records.roster, seals=0))

    def renew_subjects(self, tenant: str, subjects: Sequence[str], at: int | None = None) -> None:
        """Adds a newer key of each subject, which seals from now on; the older ones still open.

        Args:
            at: when they are said to be made; now where None.
        """
        there = self.store.keys_of(tenant, subjects)
        self._add(tenant, [(name, keys[-1].generation + 1) for name, keys in there.items()], at)
        for name in there:
            self.forget(tenant, name)

    def make_subjects(self, tenant: str, subjects: Sequence[str]) -> None:
        """Makes the first key of each subject that has none, in one commit of the key store."""
        self._add(tenant, [(subject, 1) for subject in subjects])

    def destroy_subject(self, erasure: Erasure) -> Erasure:
        """Destroys a subject's keys, here and in the key store; returns the ledger's line."""
        line = self.store.destroy(erasure)
        self.forget(erasure.tenant, erasure.subject)
        return line

    def is_erased(self, tenant: str, subject: str, key_id: bytes) -> bool:
        """Whether the erasure ledger says that this key, and of this subject, was destroyed."""
        tag = erasure_tag(self, tenant, subject)
        return any(
            key_id in line.keys and (line.tenant, line.tag) == (tenant, tag)
            for line in self.store.erasures()
        )

    def forget(self, tenant: str | None = None, subject: str | None = None) -> None:
        """Drops keys from memory: a subject's, a tenant's, or all."""
        with self._lock:
            if tenant is not None and subject is not None:  # in every turn of somebody new
                self._subjects.pop((tenant, subject), None)
                return
            for place in list(self._subjects):
                if tenant in (None, place[0]) and subject in (None, place[1]):
                    del self._subjects[place]
            if subject is None:
                for name in list(self._wrapping):
                    if tenant in (None, name):
                        del self._wrapping[name], self._purposes[name]

    def _read_subject(self, tenant: str, subject: str, *, make: bool) -> SubjectKeys:
        rows = self.store.subject_keys(tenant, subject)
        if not rows:
            if not make:
                raise _no_key()
            self._add(tenant, [(subject, 1)])
            rows = self.store.subject_keys(tenant, subject)
        keys = [RecordKey(self.unwrap(row)) for row in rows]
        return SubjectKeys(tenant, subject, keys, rows[-1].made)

    def _add(self, tenant: str, wanted: Sequence[tuple[str, int]], at: int | None = None) -> None:
        """Makes keys of subjects, each of the generation that is wanted."""
        made = now() if at is None else at
        fresh = [(name, generation, secrets.token_bytes(32)) for name, generation in wanted]

        def rows() -> list[SubjectKeyRow]:
            return [
                self.wrap(SubjectKeyRow(RecordKey(k).id, tenant, n, g, b"", b"", made), k)
                for n, g, k in fresh
            ]

        try:
            self.store.add_subject_keys(rows())
        except TenantKeyReplaced:
            self.read_tenant(tenant)
            self.store.add_subject_keys(rows())

    def wrap(self, row: SubjectKeyRow, key: bytes) -> SubjectKeyRow:
        """The row with `key` wrapped by the tenant's newest key."""
        parent = list(self._wrapping_of(row.tenant).values())[-1]
        return SubjectKeyRow(
            row.id, row.tenant, row.subject, row.generation, parent.id,
            parent.seal(key, _subject_context(row)), row.made,
        )  # fmt: skip

    def unwrap(self, row: SubjectKeyRow) -> bytes:
        """The key of a row.

        Raises:
            KeyringError: it was changed or moved, or its tenant's key is not there.
        """
        parent = self._wrapping_of(row.tenant).get(row.parent)
        if parent is None:
            self.read_tenant(row.tenant)  # another process may have made a newer one
            parent = self._wrapping_of(row.tenant).get(row.parent)
        if parent is None:
            raise _damaged("a key of a subject names a tenant key that is not there")
        key = parent.open(row.wrapped, _subject_context(row), "subject_key")
        if RecordKey(key).id != row.id:
            raise _damaged("a key of a subject is not the one that its row names")
        return key

    # --- keys of tenants ---------------------------------------------------------------

    def _wrapping_of(self, tenant: str) -> dict[bytes, RecordKey]:
        if tenant not in self._wrapping:
            self.read_tenant(tenant)
        return self._wrapping[tenant]

    def read_tenant(self, tenant: str) -> None:
        """Reads a tenant's keys from the key store; makes them on first use."""
        with self._lock:
            rows = self.store.tenant_keys(tenant)
            if not rows:
                self._make_tenant(tenant)
                rows = self.store.tenant_keys(tenant)
            if any(row.root != self.root.id for row in rows):
                self._follow_root()
            keys = {row.id: self.unwrap_tenant_key(row) for row in rows}
            purpose = [row for row in rows if row.use == "purpose"]
            wrap = [row for row in rows if row.use == "wrap"]
            if len(purpose) != 1 or not wrap:
                raise _damaged("a tenant's keys are not complete")
            self._purposes[tenant] = _Purposes(keys[purpose[0].id])
            self._wrapping[tenant] = {row.id: RecordKey(keys[row.id]) for row in wrap}

    def _make_tenant(self, tenant: str) -> None:
        try:
            self.store.add_tenant_keys([self.fresh_tenant_key(tenant, u, 1) for u in _USES])
        except RootReplaced:
            self._follow_root()
            self.store.add_tenant_keys([self.fresh_tenant_key(tenant, u, 1) for u in _USES])

    def _follow_root(self) -> None:
        """Opens the root key that another process may have put in the place of ours."""
        if self._reopen is not None:
            self.root = self._reopen()

    def fresh_tenant_key(self, tenant: str, use: str, generation: int) -> TenantKeyRow:
        """A new key of a tenant, wrapped by the root."""
        key, made = secrets.token_bytes(32), now()
        row = TenantKeyRow(RecordKey(key).id, tenant, use, generation, self.root.id, b"", made)
        return wrap_tenant_key(row, key, self.root)

    def unwrap_tenant_key(self, row: TenantKeyRow) -> bytes:
        """The key of a row.

        Raises:
            KeyringError: another root wrapped it, or it was changed.
        """
        if row.root != self.root.id:
            raise RootReplaced
        key = self.root.unwrap(row.wrapped, _tenant_context(row))
        if RecordKey(key).id != row.id:
            raise _damaged("a key of a tenant is not the one that its row names")
        return key

    def close(self) -> None:
        self.forget()
        self.store.close()

    def __repr__(self) -> str:
        return "Keyring(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A keyring is never pickled.")


_USES = ("wrap", "purpose")


class _Purposes:
    """Keys derived from one; the latest ones are kept."""

    __slots__ = ("key", "mac")

    def __init__(self, key: bytes) -> None:
        self.key = lru_cache(maxsize=_DERIVED)(lambda purpose: derive(key, f"purpose:{purpose}"))
        self.mac = lru_cache(maxsize=_DERIVED)(
            lambda field: hmac.new(self.key(f"digest:{field}"), digestmod="sha256")
        )

    def __repr__(self) -> str:
        return "_Purposes(hidden)"


def wrap_tenant_key(row: TenantKeyRow, key: bytes, root: Root) -> TenantKeyRow:
    """The row with `key` wrapped by `root`."""
    wrapped = root.wrap(key, _tenant_context(row))
    return TenantKeyRow(row.id, row.tenant, row.use, row.generation, root.id, wrapped, row.made)


def _tenant_context(row: TenantKeyRow) -> bytes:
    return Context(
        row.tenant, "", row.use, "tenant_key", "wrapped", row.id.hex(), row.generation
    ).encode()


def _subject_context(row: SubjectKeyRow) -> bytes:
    return Context(
        row.tenant, row.subject, "keys", "subject_key", "wrapped", row.id.hex(), row.generation
    ).encode()


def _record_context(tenant: str, record: str, revision: int) -> bytes:
    return Context(tenant, "", "groups", "tenant_record", "sealed", record, revision).encode()


def erasure_tag(keyring: Keyring, tenant: str, subject: str) -> str:
    """What stands for a subject in the erasure ledger."""
    return keyring.digest(tenant, "erasure", subject)


def _no_key() -> KeyringError:
    return KeyringError(
        "The key of this person's records is not in the key store: they were erased, or the key "
        "store is older than the store. Restore both from backups of one time.",
        code="key_missing",
    )


def _damaged(problem: str) -> KeyringError:
    return KeyringError(
        f"The key store is damaged: {problem}. Restore it from its backup; don't make a new one "
        "in its place.",
        code="key_store_unusable",
    )
