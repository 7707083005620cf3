"""The sections of the report on how the installation stands, and on the control map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from metier.compliance._findings import (
    STATUSES,
    Control,
    Decision,
    Findings,
    Framework,
    Status,
)
from metier.compliance._markup import Markup, joined, tag
from metier.compliance._tables import Cell, chip, date, number, table

_LOOKS: dict[Status, tuple[str, str]] = {
    "covered": ("good", "●"),
    "partly": ("half", "◐"),
    "not covered": ("none", "○"),
}


def consents(findings: Findings) -> Markup:
    if findings.consents is None or findings.rights is None:
        return tag("p", "They could not be counted; see the last section.", class_="note")
    rows = [
        (c.category, c.purpose, number(c.in_force), number(c.withdrawn)) for c in findings.consents
    ]
    rights = [(r.of, number(r.count)) for r in findings.rights]
    return joined(
        table(
            "People by what they said last: remember facts, or share them with other domains",
            ("Category", "Purpose", ("In force", "number"), ("Withdrawn or refused", "number")),
            rows,
            empty="No consent has been recorded.",
        ),
        table("Requests about people's data, so far", ("What", ("Number", "number")), rights),
    )


def keys(findings: Findings) -> Markup:
    now = findings.made
    keys = [
        (
            key.level,
            key.kind,
            tag("code", key.id) if key.id else "",
            number(key.count),
            _age(now, key.oldest),
        )
        for key in findings.keys
    ]
    platforms = [
        (
            p.actor,
            p.tenant,
            p.acts_for,
            p.signature,
            number(p.keys),
            _age(now, p.oldest),
            _age(now, p.secret_written),
            chip("● lets them in", "good")
            if not p.missing
            else joined(chip("○ keeps them out", "bad"), " ".join(p.missing)),
        )
        for p in findings.platforms
    ]
    access = [(a.of, number(a.count), a.note) for a in findings.access]
    head: list[Cell] = ["Right", *(role.name.replace("_", " ") for role in findings.roles)]
    rights = [
        (of[0].of.replace("_", " "), *(_right(decision) for decision in of))
        for of in zip(*(role.rights for role in findings.roles), strict=True)
    ]
    return joined(
        table(
            "Keys in use, from the root down",
            ("Level", "Kind", "Id", ("Number", "number"), "Age of the oldest"),
            keys,
        ),
        table("Who may come in", ("What", ("Number", "number"), "Note"), access),
        table(
            "Chat platforms whose keys act for users that they sign for, and for nobody else",
            (
                "Platform",
                "Tenant",
                "Acts for",
                "Signed by",
                ("Keys", "number"),
                "Age of the oldest key",
                "Age of the secret's file",
                "Its users",
            ),
            platforms,
            empty="No key acts for the signed users of a chat platform.",
        ),
        table(
            "What each role may do with the data of other people; a person's own data is theirs",
            head,
            rights,
        ),
    )


def _age(now: datetime, since: datetime | None) -> str:
    return f"{(now - since).days} days, since {date(since)}" if since else "not recorded"


def _right(decision: Decision) -> Markup:
    """The rule is named where a policy has taken the right away."""
    if decision.action == "allowed":
        return chip("● yes", "good")
    built_in = decision.rule.startswith("built-in@")
    return joined("no", "" if built_in else tag("span", decision.rule, class_="rule"))


def checks(findings: Findings) -> Markup:
    audit = findings.audit
    said = (
        chip("whole", "good") if audit.ok else chip("changed", "bad"),
        f" The audit log was checked on {date(audit.at)}: {audit.events:,} events in "
        f"{audit.chains:,} chains against {audit.checkpoints:,} signed checkpoints. ",
        audit.problem,
    )
    rows = [
        (
            e.what,
            date(e.at),
            e.outcome,
            tag("code", e.command),
        )
        for e in findings.exercises
    ]
    events = [(tag("code", e.of), number(e.count), e.note) for e in findings.events or ()]
    return joined(
        tag("p", *said),
        table("Events in the log", ("Kind", ("Number", "number"), "What happened"), events)
        if findings.events is not None
        else tag("p", "Its events could not be counted; see the last section.", class_="note"),
        table("Done last", ("What", "When", "Outcome", "Command"), rows),
    )


def controls(findings: Findings) -> Markup:
    counts = [
        (
            tag("a", f.name, href=f"#framework-{f.id}"),
            *(number(f.count(status)) for status in STATUSES),
            _bar(f),
        )
        for f in findings.frameworks
    ]
    return joined(
        tag(
            "p",
            "Covered means that metier does what the requirement asks, that a test shows it, and "
            "that nothing of it is left to do. Partly means that something is left, and what: most "
            "often the organisation's share. Not covered is the rest; what metier gives towards it "
            "is said. A test is a place in metier's repository, to be run; a command is to be run "
            "here.",
        ),
        table(
            "Frameworks",
            ("Framework", *((s.capitalize(), "number") for s in STATUSES), "Share"),
            counts,
        ),
        *(_framework(f) for f in findings.frameworks),
    )


def _bar(framework: Framework) -> Markup:
    total = max(1, len(framework.controls))
    said = ", ".join(f"{framework.count(s)} {s}" for s in STATUSES)
    return tag(
        "div",
        *(
            tag("i", class_=_LOOKS[s][0], style=f"width:{framework.count(s) * 100 / total:.2f}%")
            for s in STATUSES
        ),
        class_="bar",
        role="img",
        aria_label=said,
    )


def _framework(framework: Framework) -> Markup:
    return joined(
        tag("h3", f"{framework.name}, {framework.edition}", id=f"framework-{framework.id}"),
        tag(
            "p",
            f"{framework.scope} Source: {framework.publisher}, ",
            tag("a", framework.source, href=framework.source),
            ".",
            class_="soft",
        ),
        table(
            framework.name,
            ("Control", "Status", "What metier does", "What is missing", "Evidence"),
            [_control(c) for c in framework.controls],
        ),
    )


_BREAKS = re.compile(r"(::|/|_)")
"""Where a long name may be broken: a zero-width space follows."""


def _control(control: Control) -> Sequence[Cell]:
    look, mark = _LOOKS[control.status]
    evidence = [
        tag(
            "li",
            f"{e.kind} ",
            tag("code", e.name.replace("::", "::\u200b").replace("/", "/\u200b")),
        )
        for e in control.evidence
    ]
    return (
        joined(control.id, tag("span", control.title, class_="sub")),
        chip(f"{mark} {control.status}", look),
        control.does or "nothing",
        control.missing,
        tag("ul", *evidence, class_="evidence") if evidence else "none",
    )


def dependencies(findings: Findings) -> Markup:
    runtime = [d for d in findings.dependencies if d.runtime]
    others = [d for d in findings.dependencies if not d.runtime]
    by_licence = sorted((d.licence for d in runtime), key=str.lower)
    counted = [(licence, number(len(list(same)))) for licence, same in groupby(by_licence)]
    rows = [
        (
            d.name,
            d.version,
            d.licence if d.spdx else joined(d.licence, " ", chip("no SPDX", "half")),
        )
        for d in runtime
    ]
    plugins = [
        (
            p.name,
            joined(p.distribution, " ", p.version),
            chip(p.status, "good" if p.status == "ok" else "bad"),
            "; ".join(
                (
                    *filter(None, [p.reason, "runs in a process of its own" if p.isolated else ""]),
                    *(f"{hook} is switched off" for hook in p.off),
                )
            ),
        )
        for p in findings.plugins
    ]
    return joined(
        tag(
            "p",
            f"{len(runtime)} installed distributions are needed by metier or its plugins; "
            f"{len(others)} more are installed beside them. The whole list with hashes and who "
            "needs whom is in the bill of materials: ",
            tag("code", "metier compliance sbom"),
            ".",
        ),
        table("Plugins", ("Plugin", "Distribution", "Status", "Note"), plugins),
        table("Licences at run time", ("Licence", ("Number", "number")), counted),
        tag(
            "details",
            tag("summary", f"The {len(runtime)} distributions at run time"),
            table("Distributions", ("Name", "Version", "Licence"), rows),
        ),
    )


def unknown(findings: Findings) -> Markup:
    if not findings.unknown:
        return tag("p", "Nothing that it looks at was missing.")
    return tag("ul", *(tag("li", line) for line in findings.unknown))
