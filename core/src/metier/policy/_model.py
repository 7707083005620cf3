"""The shape of a policy file; `policy.schema.json` of metier-policies is made from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Action = Literal[
    "keep", "generalise", "shift", "surrogate", "pseudonymise", "hash", "redact", "drop", "block"
]
Review = Literal["pass", "sentence", "whole"]
Detection = Literal["precision", "balanced", "recall"]
Consent = Literal["none", "given", "explicit"]
Level = Literal["wal", "commit"]
Below = Literal["no_profile", "refuse"]
Role = Literal["member", "author", "operator", "privacy_officer", "auditor"]
Right = Literal[
    "read_profile", "read_turns", "export", "correct", "erase", "restrict", "hold", "read_audit",
    "export_audit", "manage_keys", "manage_policy", "manage_access", "ingest", "backup", "report",
    "break_glass",
]  # fmt: skip

Name = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z][A-Za-z0-9_-]{0,63})$")]
Plain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
"""A name where `*` would mean nothing."""
Days = Annotated[int, Field(ge=1, le=36_525)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Filled = Annotated[str, StringConstraints(min_length=1)]
Path = Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)*$")]


class Strict(BaseModel):
    """Nothing that is not known, and nothing of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TargetModel(Strict):
    """A declared place text may be sent."""

    operator: str
    """Who runs it."""
    region: str
    """Where it stands, such as "EU" or "on premises"."""
    agreement: str = ""
    """The contract that covers it."""
    base_url: str = ""
    """The only address the engine of this target may use."""
    base_urls: tuple[str, ...] = ()
    """Further addresses, of servers that stand with the first and are run by the same."""
    private: bool = False
    """Whether it stands in a private network; else HTTPS and public addresses only."""


class CollectModel(Strict):
    """May facts of a category be learned? In these domains and for these purposes only."""

    allow: bool
    """Whether facts of the category may be learned at all."""
    domains: tuple[Name, ...] = ("*",)
    """The only domains that may."""
    purposes: tuple[str, ...] = ("*",)
    """The only purposes they may be learned for."""
    reason: str = ""
    """The reason, for those who read the file."""


class ShowModel(Strict):
    """Which domains see facts of a category, and for which purposes."""

    domains: tuple[Name, ...] = ("*",)
    """The only domains that see them."""
    purposes: tuple[str, ...] = ("*",)
    """The only purposes they are shown for."""
    reason: str = ""
    """The reason, for those who read the file."""


class ConsentModel(Strict):
    """What a person must have said before facts of a category are kept or used."""

    kind: Consent
    """`explicit` is a statement about this category; `given` any affirmative act; `none` nothing.
    """
    text_version: str = ""
    """The version of the text that must have been shown; consent to another counts as none."""
    domains: tuple[Name, ...] = ("*",)
    """Where the rule holds; elsewhere the file says nothing of this category."""
    reason: str = ""
    """The reason, for those who read the file."""


class CrossModel(Strict):
    """May a fact learnt in one domain be used in another? The person must agree besides."""

    allow: bool
    """Whether policy allows it; without the person it still is not."""
    domains: tuple[Name, ...] = ("*",)
    """Both the domain it was learnt in and the one that uses it must be among these."""
    reason: str = ""
    """The reason, for those who read the file."""


class RoleModel(Strict):
    """What is taken away from a role; nothing can be given to it."""

    deny: tuple[Right, ...] = ()
    """Actions on other people's data that the role may not perform."""
    categories: tuple[Name, ...] | None = None
    """The only categories of facts the role may read, export, correct or erase."""


class TextModel(Strict):
    """A text that people read, in English and Chinese."""

    en: Filled
    """In English."""
    zh: str = ""
    """In Chinese; people who read Chinese get the English where it is missing."""


class ContactModel(Strict):
    """Whom to turn to."""

    name: Filled
    """Of the person or the office."""
    how: Filled
    """A telephone number, an address, a page."""


class MinorsModel(Strict):
    """What holds for people below an age."""

    min_age: Annotated[int, Field(ge=1, le=25)]
    """In years; people below it are treated as `below` says."""
    below: Below
    """`refuse` answers nothing; `no_profile` answers, and keeps nothing of the person."""


class ExplainModel(Strict):
    """Why a rule is there, for a reader who has to sign it."""

    why: TextModel | Filled
    """In English, or in English and Chinese."""
    source: Filled
    """Publisher, title and section of what the rule follows."""


class PartsModel(Strict):
    """What may come with a message besides text."""

    image: Literal["redact", "local", "refuse"] | None = None
    """`redact` paints over what is found in its words; `local` sends it as it is to the target
    `local` and to no other; `refuse` takes none."""
    audio: Literal["local", "refuse"] | None = None
    """`local` or `refuse`; nothing in a recording can be searched."""
    file: Literal["text", "refuse"] | None = None
    """`text` sends what it says, hidden as a message is; `refuse` takes none."""


class DomainModel(Strict):
    """What one domain needs other than the rest of the file says."""

    entities: dict[Name, dict[Name, Action]] = Field(default_factory=dict)
    """As `entities` of the file, and before it for the same entity type."""
    parts: PartsModel = Field(default_factory=PartsModel)
    """As `parts` of the file, and before it."""


class GroupsModel(Strict):
    """What may be learned of groups of people and told to their other members."""

    k: Annotated[int, Field(ge=5, le=1_000_000)] | None = None
    """The fewest people a group, or a figure of one, may be of."""
    epsilon: Annotated[float, Field(gt=0, le=10)] | None = None
    """The most that all releases of one group in one period tell of a person."""
    delta: Annotated[float, Field(gt=0, le=0.001)] | None = None
    """The most that the chance of telling more may be."""
    clustering: bool | None = None
    """Whether groups may be found among people by what they have in common."""
    renew_days: Days | Literal["never"] | None = None
    """After how many days what a release told no longer counts against `epsilon`."""
    protected: tuple[Plain, ...] | None = None
    """Special categories, and attributes such as `age` or `gender`, that membership of a
    declared group may rest on."""


class PersonalizeModel(Strict):
    """What a personalizer (a rule set, a learned model, a recommender) may do in a domain."""

    allow: bool
    """Whether it may run."""
    categories: tuple[Name, ...] = ("*",)
    """The only categories of facts it may use; `*` covers no special category."""
    groups: bool = True
    """Whether it may use what is expected of the person's groups."""
    weight: float = Field(default=1.0, ge=0, le=1)
    """How much of its changes counts, from 0 to 1."""
    reason: str = ""
    """The reason, for those who read the file."""


class DictionaryModel(Strict):
    """Terms of an entity type, one a line of a file beside the policy."""

    file: Filled
    """Its name; UTF-8, empty lines and lines that begin with # are skipped."""
    match_case: bool = False
    """Tell "May" from "may"."""
    context: tuple[str, ...] = ()
    """One of these words must be near; empty for none."""


class PatternModel(Strict):
    """What values of an entity type look like, in the syntax of Python's `re`."""

    pattern: Filled
    """The expression; its group "v" is the value, where it has one."""
    ignore_case: bool = False
    """Take capitals and small letters for the same."""
    context: tuple[str, ...] = ()
    """One of these words must be near; empty for none."""
    score: float = Field(default=0.8, ge=0, le=1)
    """How sure a match is, from 0 to 1."""


class DeclareModel(Strict):
    """What is sensitive here besides what the recognizers know, and what is not."""

    dictionaries: dict[Plain, DictionaryModel] = Field(default_factory=dict)
    """Lists of terms, by entity type."""
    patterns: dict[Plain, PatternModel] = Field(default_factory=dict)
    """Forms of values, by entity type."""
    allow: tuple[str, ...] = ()
    """Values that are never hidden, whatever finds them."""
    regions: tuple[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")], ...] = ()
    """ISO 3166 codes of countries whose national telephone formats are looked for besides."""


class PolicyModel(Strict):
    """A metier policy. Of several in force, the most restrictive rule wins."""

    name: Plain
    """How rules, pins and cases name the file; each has its own."""
    version: str
    """Part of the name of every rule; raise it with each change."""
    description: str
    """What the file is for, in a sentence or two."""
    sources: tuple[str, ...] = ()
    """The laws and standards the file follows."""
    regulated: bool = False
    """Whether a law asks for durable records: writes then reach the disk at each commit."""
    durability: Level | None = None
    """`commit` writes through to the disk at each commit; `wal` leaves that to the system."""
    entities: dict[Name, dict[Name, Action]] = Field(default_factory=dict)
    """What happens to values of an entity type on their way to a target; `*` for all."""
    collect: dict[Name, CollectModel] = Field(default_factory=dict)
    """By category of facts."""
    show: dict[Name, ShowModel] = Field(default_factory=dict)
    """By category of facts."""
    consent: dict[Name, ConsentModel] = Field(default_factory=dict)
    """By category of facts. A special category keeps `explicit` unless a file names it."""
    cross_domain: dict[Name, CrossModel] = Field(default_factory=dict)
    """By category of facts. `*` does not cover the special categories."""
    retention: dict[Name, Days] = Field(default_factory=dict)
    """Days, by category of facts, or for `conversations`, `turns`, `feedback`, `memories` (what was
    said, for later conversations), `consents` and `audit`; `*` is the first four where they are
    not named."""
    roles: dict[Role, RoleModel] = Field(default_factory=dict)
    """What is taken away from roles."""
    review: dict[Name, Review] = Field(default_factory=dict)
    """The least granularity at which answers are reviewed, by domain."""
    detection: dict[Name, Detection] = Field(default_factory=dict)
    """The operating point of the name model, by domain; "recall" finds more and errs more."""
    declare: DeclareModel = Field(default_factory=DeclareModel)
    """What is sensitive here, and what is not."""
    parts: PartsModel = Field(default_factory=PartsModel)
    """What becomes of pictures, sound and files."""
    domains: dict[Plain, DomainModel] = Field(default_factory=dict)
    """What single domains need otherwise."""
    targets: dict[Plain, TargetModel] = Field(default_factory=dict)
    """Places that text may be sent, by name."""
    allow_targets: tuple[Plain, ...] | None = None
    """The only targets that text is sent to; `local` is this installation."""
    allow_regions: tuple[Filled, ...] | None = None
    """The only regions a target may stand in, in the words of the targets."""
    require_agreement: bool = False
    """Whether a target needs an agreement; `local` needs none."""
    prompt_cache: Literal["tenant", "subject"] | None = None
    """Among whom a model server may share what it has computed of a prompt's beginning: the people
    of a tenant, which is built in, or nobody else than the one person."""
    disclosures: dict[Name, TextModel] = Field(default_factory=dict)
    """What is said to the person, by domain."""
    languages: dict[Name, tuple[Language, ...]] = Field(default_factory=dict)
    """The only languages a domain answers in."""
    contacts: dict[Plain, dict[Name, ContactModel]] = Field(default_factory=dict)
    """By kind (`privacy`, `escalation`, ...) and domain."""
    minors: MinorsModel | None = None
    """What holds for the young."""
    groups: GroupsModel = Field(default_factory=GroupsModel)
    """What may be learned of groups of people."""
    personalize: dict[Name, dict[Name, PersonalizeModel]] = Field(default_factory=dict)
    """Which personalizers may run, by domain and by name; those named first are trusted most."""
    repair: bool | None = None
    """Whether a turn that the guard stopped is mended and tried once more."""
    explain: dict[Path, ExplainModel] = Field(default_factory=dict)
    """Why the rules are there, by their path or its beginning, such as `entities.DATE_TIME`."""
