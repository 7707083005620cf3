"""The single values of a document, each with what a reader sees before it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from metier.model import BadRequest, EntityAction
from metier.privacy._actions import Means
from metier.privacy._detector import Detector
from metier.privacy._replace import (
    PolicyAction,
    acted,
    key_words,
    pseudonymise,
    pseudonymise_json,
)
from metier.privacy._restore import restore
from metier.privacy._vault import Vault


class Part(StrEnum):
    """What a field is in its document."""

    VALUE = "value"
    KEY = "key"
    """A key of JSON: only what has a form or a checksum, and what is known, is hidden in it."""
    HEADING = "heading"
    """The name of a column: kept; one that holds personal data is refused."""


@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """One value of a document.

    Args:
        value: as a reader sees it, without quotes and escapes.
        label: the key or the column it stands under, "" where there is none.
        number: it is a number of JSON, which is hidden whole or not at all.
        part: what it is in the document.
    """

    value: str
    label: str = ""
    number: bool = False
    part: Part = Part.VALUE


@dataclass(frozen=True, slots=True, order=True)
class Decision:
    """What the policy said of one entity type; holds nothing of any value."""

    entity: str
    action: str
    rule: str


def hide_fields(
    fields: Sequence[Field],
    detector: Detector,
    vault: Vault,
    policy_action: PolicyAction,
    means: Means,
) -> tuple[list[Field], Vault]:
    """The fields as an outsider may see them; a name found in one is hidden in all.

    Raises:
        BadRequest: a heading holds personal data.
        PrivacyError, EgressBlocked: as `pseudonymise`.
    """
    for field in fields:
        if field.part is Part.HEADING:
            _check_heading(field, detector, policy_action)
    keys = {f.value: f.value for f in fields if f.part is Part.KEY}

    def hide_keys(known: Vault) -> Vault:
        for key in keys:
            keys[key], known = pseudonymise(key, detector.certain, known, policy_action, means)
        return known

    before = vault = hide_keys(vault)
    values = [f for f in fields if f.part is Part.VALUE]
    shown: list[Field] = []
    if values:
        # As one JSON array, so that all are settled together, each read with its label.
        hidden, vault = pseudonymise_json(_array(values), detector, vault, policy_action, means)
        written = json.loads(hidden, parse_int=str, parse_float=str)
        for field, pair in zip(values, written, strict=True):
            (value,) = pair.values()
            shown.append(replace(field, value=value, number=field.number and value == field.value))
    if vault is not before:
        vault = hide_keys(vault)
    following = iter(shown)
    result = [
        next(following) if f.part is Part.VALUE
        else replace(f, value=keys[f.value]) if f.part is Part.KEY
        else f
        for f in fields
    ]  # fmt: skip
    return result, vault


def _array(fields: Iterable[Field]) -> str:
    pairs = (
        f"{{{json.dumps(f.label)}: {f.value if f.number else json.dumps(f.value)}}}" for f in fields
    )
    return f"[{', '.join(pairs)}]"


def _check_heading(field: Field, detector: Detector, policy_action: PolicyAction) -> None:
    found = acted(detector.scan(field.value), policy_action)
    if found:
        raise BadRequest(
            f"the first row should name the columns, but holds {found[0][0].entity}. If the file "
            "has no heading, say --no-header; if these are the names of its columns, say --header",
            code="heading_holds_values",
        )


def restore_fields(fields: Iterable[Field], vault: Vault, language: str) -> list[Field]:
    """The fields with their values put back; what was a number is one again."""
    restored = []
    for field in fields:
        entry = vault.entries.get(field.value)
        if entry is not None:
            restored.append(replace(field, value=entry.value, number=entry.number))
        else:
            restored.append(replace(field, value=restore(field.value, vault, language)))
    return restored


def decisions(
    fields: Iterable[Field], detector: Detector, vault: Vault, policy_action: PolicyAction
) -> Counter[Decision]:
    """How often each entity type occurs in fields as they came, and what becomes of it."""
    counted: Counter[Decision] = Counter()

    def kept(entity: str) -> bool:
        return policy_action(entity).action == "keep"

    for field in fields:
        if field.part is Part.HEADING:
            continue
        searched = detector.certain if field.part is Part.KEY else detector
        label = key_words(field.label)
        head = f"{label}: " if label else ""
        found = [
            span.entity
            for span in searched.detect(head + field.value, vault.known, kept)
            if span.end > len(head) and span.entity != "PLACEHOLDER"
        ]
        for entity in found[:1] if field.number else found:
            action: EntityAction = policy_action(entity)
            counted[Decision(entity, action.action, action.rule)] += 1
    return counted
