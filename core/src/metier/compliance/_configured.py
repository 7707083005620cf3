"""The sections of the report on what is configured."""

from __future__ import annotations

from collections.abc import Sequence

from metier.compliance._findings import Decision, Findings, Target, alike
from metier.compliance._markup import Markup, joined, tag
from metier.compliance._picture import WORDS, picture, seen
from metier.compliance._tables import chip, number, ruled, table


def flows(findings: Findings) -> Markup:
    rows = [
        (
            target.name,
            joined(
                chip("allowed", "good") if target.allowed else chip("not allowed", "none"),
                tag("span", target.rule, class_="rule"),
            ),
            joined(target.operator, tag("span", target.region, class_="sub")),
            target.agreement or "none named",
            joined(
                target.address or ("in this process" if target.local else "no address declared"),
                *([tag("span", "private network", class_="sub")] if target.private else []),
            ),
            ", ".join(target.used) or "nothing now",
            _sees(target),
        )
        for target in findings.targets
    ]
    return joined(
        tag(
            "p",
            "The words of a turn leave the trust boundary to an allowed target and to no other "
            "place, with the values of the entity types replaced as the policies say; the guard "
            "then searches the exact bytes and stops what it finds. What a target sees is counted "
            "by the domain that hides least; section 2 tells them apart.",
        ),
        tag(
            "figure",
            tag("div", picture(findings), class_="scroll"),
            tag("figcaption", "Drawn from the configuration. A dashed card is not allowed."),
        ),
        table(
            "Targets",
            ("Target", "Policy", "Operator, region", "Agreement", "Address", "Used by", "Sees"),
            rows,
        ),
        table(
            "What else metier connects to",
            ("For", "Kind", "Address", "Gets"),
            [(c.what, c.kind, c.address, c.gets) for c in findings.connections],
            empty="Nothing by its settings: store, keys, index and logs are on this machine.",
        ),
    )


def _sees(target: Target) -> Markup:
    if not target.allowed:
        return joined("nothing")
    parts = "; ".join(f"{kind}: {handling}" for kind, handling in target.parts.items())
    return joined(
        f"The words, with {seen(target)}.",
        tag("span", parts, class_="rule"),
    )


def entities(findings: Findings) -> Markup:
    targets = [target.name for target in findings.targets if target.allowed]
    groups: dict[tuple[str, tuple[Decision, ...]], list[str]] = {}
    for entity in findings.entities:
        groups.setdefault((entity.domain, entity.actions), []).append(entity.name)
    ordered = sorted(groups.items(), key=lambda g: (bool(g[0][0]), len(g[1]), g[1]))
    rows = [
        (_entity_names(names, domain), *map(ruled, actions)) for (domain, actions), names in ordered
    ]
    words = ", ".join(f"{action} = {said}" for action, said in WORDS.items())
    return joined(
        tag(
            "p",
            f"{len({e.name for e in findings.entities})} entity types are looked for. Below each "
            "action stands the rule that decided; types with the same rules share a row. A row "
            f"with a domain holds there instead of the others. The actions: {words}.",
        ),
        table("Entity types and what becomes of their values", ("Entity types", *targets), rows),
    )


def _entity_names(names: Sequence[str], domain: str) -> Markup:
    listed = [joined(tag("code", name), " ") for name in names]
    return joined(*listed, tag("span", f"in {domain}", class_="sub") if domain else "")


def collected(findings: Findings) -> Markup:
    domains = [
        (
            joined(d.title, tag("span", f"{d.distribution} {d.version}", class_="sub")),
            ", ".join(d.languages),
            ", ".join(d.purposes) or "none",
            ", ".join(d.reads) or "none",
            ", ".join(d.writes) or "none",
            ", ".join(d.targets) or "none",
            f"answers: {d.review}; names: {d.detection}",
        )
        for d in findings.domains
    ]
    categories = [
        (
            joined(c.name, *([tag("span", "special category", class_="sub")] if c.special else [])),
            _decided(c.learnt),
            _decided(c.shown),
            _decided(c.consent),
        )
        for c in findings.categories
    ]
    return joined(
        tag(
            "p",
            "A plugin declares what it reads and writes and why; it is handed nothing else. What "
            "it declares the policies must allow besides.",
        ),
        table(
            "Domains and what they declare",
            ("Domain", "Languages", "Purposes", "Reads", "Writes", "Further targets", "Review"),
            domains,
        ),
        table(
            "Categories of facts, decided for the domains that declare them",
            ("Category", "May be learnt", "May be shown", "Consent"),
            categories,
        ),
        tag("h3", "Facts of one domain in another"),
        table(
            "Where policy allows it; the person must agree besides",
            ("Facts", "Decision", "Rule"),
            [(d.of, d.action, tag("code", d.rule)) for d in findings.crossings],
            empty="Policy allows none: what is learnt in a domain stays there.",
        ),
        tag("h3", "What people are told"),
        table(
            "Disclosures, contacts and minors, by rule; words and names are in the policies",
            ("What", "Decision", "Rule"),
            [(d.of, d.action, tag("code", d.rule)) for d in findings.notices],
        ),
    )


def _decided(decisions: Sequence[Decision]) -> Markup:
    if not decisions:
        return joined("no domain declares it")
    found = alike(decisions)
    if len(found) == 1:
        return joined(f"{found[0].of}: ", ruled(found[0]))
    lines = (tag("li", f"{decision.of}: ", ruled(decision)) for decision in found)
    return tag("ul", *lines, class_="evidence")


def policies(findings: Findings) -> Markup:
    rows = [
        (
            joined(p.name, *([tag("span", "required", class_="sub")] if p.required else [])),
            p.version,
            joined(
                tag("code", p.digest),
                tag(
                    "span", f"signed by {p.signer[:16]}" if p.signer else "not signed", class_="sub"
                ),
            ),
            p.description,
            number(len(p.rules)),
        )
        for p in findings.policies
    ]
    listed = [
        tag(
            "details",
            tag("summary", f"The rules and sources of {p.name}@{p.version}"),
            tag("ul", *(tag("li", source) for source in p.sources)) if p.sources else "",
            table(
                f"Rules of {p.name}",
                ("Rule", "Says"),
                [(tag("code", name), says) for name, says in p.rules],
            ),
        )
        for p in findings.policies
    ]
    return joined(
        tag(
            "p",
            "Of several policies the most restrictive rule wins, and every decision names the "
            "file, the version and the rule.",
        ),
        table(
            "Policy files",
            ("Policy", "Version", "SHA-256", "Says", ("Rules", "number")),
            rows,
            empty="No policy file is in force but the one that is built in.",
        ),
        *listed,
    )


def retention(findings: Findings) -> Markup:
    rows = [
        (r.kind, f"{r.days} days" if r.days else "not limited by policy", tag("code", r.rule))
        for r in findings.retention
    ]
    return joined(
        tag("p", "What has expired is deleted when metier starts and every hour after that."),
        table("How long things are kept", ("What", "For", "Rule"), rows),
    )
