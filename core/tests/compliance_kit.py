"""Findings made up for the renderers, with what a careless renderer would get wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import click

from metier.cli._main import cli
from metier.compliance import (
    Category,
    Configuration,
    Consent,
    Count,
    Decision,
    Dependency,
    Domain,
    Entity,
    Exercise,
    Findings,
    Key,
    Platform,
    Plugin,
    Policy,
    Retention,
    Role,
    Target,
    Verified,
    controls,
)

NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script> & \"quoted\" | piped"


def target(name: str, **changes: Any) -> Target:
    made = Target(
        name=name, operator="Example Ltd", region="EU", agreement="DPA 7", address="https://a.example",
        private=False, local=False, allowed=True, rule="house@1:allow_targets", used=("engine",),
        sees={"pseudonymise": 2, "block": 1}, parts={"image": "redact"},
    )  # fmt: skip
    return replace(made, **changes)


def findings(**changes: Any) -> Findings:
    """A whole report; `changes` replace what is said."""
    here = target("local", operator="this installation", region="here", local=True, used=(),
                  agreement="", address="")  # fmt: skip
    hidden = Decision("cloud", "pseudonymise", "baseline@1:entities.*.*")
    made = Findings(
        made=NOW,
        configuration=Configuration(
            tenant="clinic", version="0.1.0", python="3.11.7", policy="abc", digest="d" * 64,
            engine="openai", model="m", target="cloud", addresses=("https://a.example",),
            stand_ins=(),
            embeddings="none", names="rules", database="SQLite", durability="commit",
            durability_rule="hipaa@1:regulated",
        ),
        targets=(here, target("cloud"), target("other", allowed=False, used=())),
        connections=(),
        entities=(Entity("PERSON", "", (hidden,)), Entity("US_SSN", "", (hidden,))),
        domains=(
            Domain("health", "Health", "1", "metier-health", ("en", "zh"), ("answering",),
                   ("health",), ("health",), (), "whole", "recall"),
        ),
        categories=(
            Category("health", True, (Decision("health", "allowed", "b@1:collect.health"),),
                     (Decision("health", "allowed", "b@1:show.health"),),
                     (Decision("health", "explicit", "built-in@1:consent.special"),)),
        ),
        crossings=(),
        roles=(Role("auditor", (Decision("export_audit", "allowed", "built-in@1:roles"),)),),
        notices=(Decision("Minors", "below 14: refuse", "pipl@1:minors"),),
        policies=(
            Policy("baseline", "1", "e" * 64, HOSTILE, ("GDPR, Article 5",), True, "ab" * 32,
                   (("entities.*.*", "pseudonymise"),)),
        ),
        retention=(Retention("turns", 90, "baseline@1:retention.*"),
                   Retention("audit", None, "built-in@1:retention")),
        consents=(Consent("health", "remember", 12, 3),),
        keys=(Key("root", "file", "k1", 1, None),
              Key("tenant", "AES-256", "", 2, datetime(2026, 11, 1, tzinfo=UTC))),
        access=(Count("API keys in force", 4),),
        platforms=(
            Platform("chat", "clinic", "anybody it signs for", "HS256", 2,
                     datetime(2026, 11, 1, tzinfo=UTC), None, ()),
            Platform("other", "clinic", "nobody", "HS256", 0, None, None, (HOSTILE,)),
        ),
        rights=(Count("Exports", 5),),
        events=(Count("subject-export", 5, HOSTILE),),
        audit=Verified(NOW, True, 1234, 1, 2),
        exercises=(Exercise("Restore", "metier restore", None, "none so far"),),
        plugins=(Plugin("health", "metier-health", "1", "ok", ""),),
        dependencies=(
            Dependency("metier", "0.1.0", "Apache-2.0", True, True, ("click",)),
            Dependency("click", "8.1", "BSD-3-Clause", True, True, (), ("a" * 64, "b" * 64)),
            Dependency("metier-health", "1", "Apache-2.0", True, True, ("metier",)),
            Dependency("Old_Thing", "2.0", HOSTILE, False, False),
        ),
        frameworks=controls(),
        unknown=("What a target does with the words.",),
    )  # fmt: skip
    return replace(made, **changes)


@cache
def commands() -> frozenset[str]:
    """Every command and subcommand of the command line, by its words."""
    found: set[str] = set()

    def add(words: str, command: click.Command) -> None:
        found.add(words)
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                add(f"{words} {name}", child)

    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        add(f"metier {name}", command)
    return frozenset(found)
