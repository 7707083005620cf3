"""Every rule that a policy file states, by the path that decisions name it with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from metier.policy._load import Policy

_BY_NAME = ("collect", "show", "consent", "cross_domain", "retention", "review", "detection",
            "targets", "disclosures", "languages")  # fmt: skip
_WHOLE = ("regulated", "durability", "allow_targets", "allow_regions", "require_agreement",
          "minors", "prompt_cache", "repair")  # fmt: skip


class Rule(NamedTuple):
    """One rule: its path in the file, and what it says in a few words."""

    path: str
    says: str


def rules_of(policy: Policy) -> list[Rule]:
    """The rules of a file, in the order of the schema."""
    return [Rule(path, _words(value)) for path, value in _rules(policy)]


def _rules(policy: Policy) -> Iterator[tuple[str, object]]:
    model = policy.model
    yield from _entities("entities", model.entities)
    for domain, own in model.domains.items():
        yield from _entities(f"domains.{domain}.entities", own.entities)
        yield from _set(f"domains.{domain}.parts", own.parts)
    yield from _set("parts", model.parts)
    yield from _set("groups", model.groups)
    yield from _entities("personalize", model.personalize)
    for section in _BY_NAME:
        for key, value in getattr(model, section).items():
            yield f"{section}.{key}", value
    for role, taken in model.roles.items():
        if taken.deny:
            yield f"roles.{role}.deny", taken.deny
        if taken.categories is not None:
            yield f"roles.{role}.categories", taken.categories
    for kind, by_domain in model.contacts.items():
        for domain, contact in by_domain.items():
            yield f"contacts.{kind}.{domain}", contact
    declare = model.declare
    for entity, words in declare.dictionaries.items():
        yield f"declare.dictionaries.{entity}", words
    for entity, form in declare.patterns.items():
        yield f"declare.patterns.{entity}", form
    if declare.allow:
        yield "declare.allow", declare.allow
    if declare.regions:
        yield "declare.regions", declare.regions
    for section in _WHOLE:
        value = getattr(model, section)
        if value is not None and value is not False:
            yield section, value
    if model.repair is False:
        yield "repair", False


def _entities(path: str, entities: object) -> Iterator[tuple[str, object]]:
    assert isinstance(entities, dict)
    for entity, by_target in entities.items():
        for target, action in by_target.items():
            yield f"{path}.{entity}.{target}", action


def _set(path: str, model: BaseModel) -> Iterator[tuple[str, object]]:
    for key, value in model:
        if value is not None:
            yield f"{path}.{key}", value


def _words(value: object) -> str:
    if isinstance(value, BaseModel):
        said = value.model_dump(exclude_defaults=True, exclude={"reason"})
        return ", ".join(f"{key}: {_words(each)}" for key, each in said.items())
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_words(each) for each in value) + "]"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
