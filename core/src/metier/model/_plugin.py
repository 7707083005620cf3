"""What a plugin declares and contributes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from metier.model._answer import Answer
from metier.model._base import API_VERSION, Json, empty
from metier.model._turn import Turn

if TYPE_CHECKING:  # a heavy library; only its name is needed here
    from pydantic import BaseModel


FAIRNESS_ATTRIBUTES = (
    "name", "pronoun", "sex", "pregnancy", "nationality", "ethnicity", "age", "religion",
    "disability", "orientation", "weight", "appearance",
)  # fmt: skip
"""What a person may be, by which an answer must not differ unless the domain says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin is and what it needs; the API hands it nothing else.

    Args:
        name: `[a-z][a-z0-9-]*`; for a domain, the model name clients use.
        title: for people.
        description: one sentence.
        domain: False for an extension that joins other domains' hosts.
        reads, writes: fact categories.
        purposes: why, in the words of the policy files.
        targets: targets its tools send data to, besides the engine's.
        config: a pydantic model of its configuration, or None.
        review: least review granularity: "pass", "sentence" or "whole". Only with "pass" does
            a model's thinking go out, since no check reads it.
        before, after: names of plugins whose hooks run after or before this one's.
        slots: the slots of its facts, each with its category. Other plugins that ask for one
            without reading its category are refused.
        fairness_exceptions: attributes by which the domain treats people differently, each of
            `FAIRNESS_ATTRIBUTES`, with the reason in a sentence ("age": "Doses depend on age.").
            By no other attribute does its search see who somebody is, and `metier eval fairness`
            counts any other difference as unfair.
        isolation: "process" to run in a process of its own, without keys, store or network;
            "none" leaves it to the configuration.
    """

    name: str
    title: str
    description: str
    version: str = "0"
    api: int = API_VERSION
    domain: bool = True
    languages: tuple[str, ...] = ("en",)
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ("answering",)
    targets: tuple[str, ...] = ()
    config: type[BaseModel] | None = None
    review: str = "pass"
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=empty)
    isolation: str = "none"
    fairness_exceptions: Mapping[str, str] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class KnowledgePack:
    """A folder of articles that belongs to a domain; indexed at set-up."""

    name: str
    path: Path
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Document:
    """One document on its way into the index."""

    id: str
    text: str
    title: str
    source: str
    locator: str = ""
    url: str = ""
    date: str = ""
    licence: str = ""
    language: str = "en"
    metadata: Mapping[str, str] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class Importer:
    """Reads one file format into documents.

    `read` takes the file's bytes and its name; it raises `BadRequest` with the
    reason for a file it cannot read.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, str], Iterable[Document]]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something worth doing next, with the reason in the person's language."""

    id: str
    title: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's judgement of an answer. `rating` is -1, 0 or 1."""

    answer: str
    rating: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A page about one subject that a plugin renders from its state and facts.

    `render` receives the narrowed turn (message empty) and returns Markdown.
    """

    name: str
    title: str
    render: Callable[[Turn], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One measured figure with its 95 % interval; None where none applies."""

    value: float
    low: float | None = None
    high: float | None = None
    target: float | None = None


Ask = Callable[[str, Sequence[str]], Awaitable[Sequence[Answer]]]
"""`await ask(domain, messages)` runs a fresh conversation and returns its answers."""


@dataclass(frozen=True, slots=True)
class EvaluationSuite:
    """A suite for `metier eval NAME`.

    `run` gets `ask` and the path given by --data (None for the sample that
    ships with the suite), and returns (number of cases, marks by dotted name).
    """

    name: str
    description: str
    run: Callable[[Ask, Path | None], Awaitable[tuple[int, Mapping[str, Mark]]]]


@dataclass(frozen=True, slots=True)
class Command:
    """A CLI command of a plugin, reached as `metier NAME`. `run` gets the arguments."""

    name: str
    help: str
    run: Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTP route of a plugin below `/v1/plugins/PLUGIN/`; JSON in, JSON out.

    `handle` gets the narrowed turn of the authenticated subject (message empty)
    and the request's JSON body.
    """

    path: str
    handle: Callable[[Turn, Json], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy a plugin brings; composed with the others, most restrictive wins.

    Args:
        kind: "policy" is in force where the plugin is installed; "law" where the
            configuration names it under `laws`; "consent" is no policy but the text
            that a person agrees to.
    """

    name: str
    path: Path
    kind: Literal["policy", "law", "consent"] = "policy"
