"""Reading policy files: whole, understood, and vouched for where that is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from metier.model import MetierError
from metier.policy._model import PolicyModel
from metier.policy._read import bad, read_yaml, validated
from metier.policy._sign import check_signature, signature_of

_RENAMED = {"retention_days": 'write it as `retention: {"*": DAYS}`'}
"""Settings of earlier versions, and how they are written now."""


class Policy:
    """One loaded policy file.

    Args:
        model: what it says.
        digest: SHA-256 of its bytes; where it has dictionaries, of theirs too.
        terms: the terms of its dictionaries, by entity type.
        files: the files it was read from, itself first.
        signer: the public key whose signature was checked, in hex; "" where none was.
    """

    def __init__(
        self,
        model: PolicyModel,
        digest: str,
        terms: Mapping[str, tuple[str, ...]] | None = None,
        files: tuple[Path, ...] = (),
        signer: str = "",
    ) -> None:
        self.model = model
        self.digest = digest
        self.terms = terms or {}
        self.files = files
        self.signer = signer

    @property
    def name(self) -> str:
        return self.model.name

    def rule(self, *path: str) -> str:
        """Names a rule for traces and reviewers, as "file@version:path"."""
        return f"{self.model.name}@{self.model.version}:{'.'.join(path)}"


def load(
    path: Path, *, trusted: Sequence[bytes] = (), pins: Mapping[str, str] | None = None
) -> Policy:
    """Reads a policy file.

    Args:
        path: the file.
        trusted: public Ed25519 keys, 32 bytes each. Where any are given, the file must
            be signed by one of them (`NAME.yaml.sig` beside it) or be pinned.
        pins: the digest that a policy of a name must have. A digest fixes one version
            for good, where a signature lets an older signed one pass.

    Raises:
        MetierError: the file can't be read, is not YAML, has a setting that is not
            known or not valid, or isn't vouched for. A policy is never half used.
    """
    data, terms, files, digests = _bytes(path), {}, [path], []
    try:
        model = validated(PolicyModel, read_yaml(data), _RENAMED)
    except ValueError as error:
        raise bad(path, str(error)) from None
    for entity, dictionary in model.declare.dictionaries.items():
        file = path.parent / dictionary.file
        try:
            content = file.read_bytes()
            lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
        except OSError as error:
            raise bad(path, f"{dictionary.file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise bad(path, f"{dictionary.file} is not UTF-8 text") from None
        terms[entity] = tuple(line for line in lines if line and not line.startswith("#"))
        files.append(file)
        digests.append(hashlib.sha256(content).digest())
    digest = _digest(data, digests)
    pinned = (pins or {}).get(model.name)
    if pinned is not None and pinned.lower() != digest:
        raise bad(
            path,
            f"its digest is {digest}, and the configuration pins another for '{model.name}'. "
            "Review the change and pin the new digest, or put the reviewed file back",
        )
    signer = ""
    if trusted:
        signature = signature_of(path)
        if signature is not None:
            signer = check_signature(path, signature, digest, trusted)
        elif pinned is None:
            raise bad(
                path,
                f"it is neither signed ({path.name}.sig is missing) nor pinned. Sign it with "
                "`metier policy sign`, or pin its digest",
            )
    return Policy(model, digest, terms, tuple(files), signer)


def read_all(
    paths: Iterable[Path], *, trusted: Sequence[bytes] = (), pins: Mapping[str, str] | None = None
) -> list[Policy]:
    """Reads policy files as `load` does, and checks that every pin has its policy.

    Raises:
        MetierError: as `load`; or no file has the name of a pin.
    """
    pins = pins or {}
    found = [load(path, trusted=trusted, pins=pins) for path in paths]
    if lacking := sorted(set(pins) - {policy.name for policy in found}):
        raise MetierError(
            f"The configuration pins {', '.join(lacking)}, and no policy file of that name is in "
            "force. Take the pin out, or add the file; nothing is served without it.",
            code="policy_missing",
        )
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise bad(path, error.strerror or type(error).__name__) from None


def _digest(data: bytes, dictionaries: list[bytes]) -> str:
    """That of `sha256sum`, except where dictionaries count too."""
    own = hashlib.sha256(data)
    if not dictionaries:
        return own.hexdigest()
    whole = hashlib.sha256(b"metier policy with dictionaries\0" + own.digest())
    for each in dictionaries:
        whole.update(each)
    return whole.hexdigest()
