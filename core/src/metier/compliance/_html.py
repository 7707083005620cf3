"""The report as one HTML file: no scripts, nothing loaded from elsewhere, fit for print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from importlib.resources import files
from itertools import groupby

from metier.compliance._findings import (
    STATUSES,
    Control,
    Decision,
    Findings,
    Framework,
    Status,
    Target,
    alike,
)
from metier.compliance._markup import Markup, joined, tag
from metier.compliance._picture import WORDS, picture, seen

_LOOKS: dict[Status, tuple[str, str]] = {
    "covered": ("good", "●"),
    "partly": ("half", "◐"),
    "not covered": ("none", "○"),
}
Cell = str | tuple[str, str]
"""What stands in a cell, and its class where it has one."""


def to_html(findings: Findings) -> str:
    """The whole report as one self-contained page."""
    sections: list[tuple[str, str, str, Callable[[Findings], Markup]]] = [
        ("flows", "Data flows", "数据流向", _flows),
        ("entities", "What happens to values, by target", "各目标的处理方式", _entities),
        ("collected", "What is collected, shown and for what", "收集、展示与目的", _collected),
        ("policies", "Policies in force", "生效的策略", _policies),
        ("retention", "Retention", "保存期限", _retention),
        ("consents", "Consents in numbers", "同意（数字）", _consents),
        ("keys", "Keys and access", "密钥与访问", _keys),
        ("checks", "Audit log, backup and restore", "审计日志、备份与恢复", _checks),
        ("controls", "Control map", "控制项对照", _controls),
        ("dependencies", "Dependencies and plugins", "依赖与插件", _dependencies),
        ("unknown", "What this report can't tell", "本报告无法说明的内容", _unknown),
    ]
    contents = tag(
        "nav",
        tag("ol", *(tag("li", tag("a", title, href=f"#{key}")) for key, title, _, _ in sections)),
        aria_label="Contents",
    )
    body = [
        tag(
            "section",
            tag("h2", f"{n}. {title} ", _chinese(chinese), id=key),
            draw(findings),
            aria_labelledby=key,
        )
        for n, (key, title, chinese, draw) in enumerate(sections, 1)
    ]
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="robots", content="noindex"),
            tag("title", f"Compliance report: {findings.configuration.tenant}"),
            tag("style", Markup(_style())),
        ),
        tag(
            "body",
            tag("a", "Skip to the report", href="#flows", class_="skip"),
            _top(findings),
            contents,
            tag("main", *body),
            _foot(findings),
        ),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n"


def _style() -> str:
    return files("metier.compliance").joinpath("style.css").read_text("utf-8")


def _chinese(text: str) -> Markup:
    return tag("span", text, lang="zh-Hans")


def _date(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else "never recorded"


def _top(findings: Findings) -> Markup:
    c = findings.configuration
    engine = c.engine + (f", model {c.model}" if c.model else "")
    facts = [
        ("Tenant", c.tenant),
        ("Made", _date(findings.made)),
        ("metier", f"{c.version} on Python {c.python}"),
        ("Policies", f"{len(findings.policies)} in force, together version {c.policy}"),
        ("Settings", f"SHA-256 {c.digest}"),
        ("Engine", f"{engine}; target {c.target}" + (f" at {c.address}" if c.address else "")),
        ("Database", f"{c.database}; durability {c.durability} ({c.durability_rule})"),
        ("Names are found by", c.names),
        ("Embeddings", c.embeddings),
    ]
    return tag(
        "header",
        tag("h1", "Compliance report ", _chinese("合规报告")),
        tag(
            "p",
            "Made from the running configuration. It holds numbers and rules, and no personal "
            "data. It is no legal opinion: what an organisation must do itself is marked as such.",
            class_="soft",
        ),
        tag("dl", *(joined(tag("dt", k), tag("dd", v)) for k, v in facts), class_="facts"),
        _cards(findings),
        class_="top",
    )


def _cards(findings: Findings) -> Markup:
    allowed = sum(t.allowed and not t.local for t in findings.targets)
    runtime = [d for d in findings.dependencies if d.runtime]
    unclear = sum(not d.spdx for d in runtime)
    audit = "whole" if findings.audit.ok else "changed"
    cards = [
        (str(findings.count("covered")), "controls covered"),
        (str(findings.count("partly")), "controls partly covered"),
        (str(findings.count("not covered")), "controls not covered"),
        (str(allowed), "targets outside that text may go to"),
        (audit, f"audit log, {findings.audit.events} events checked for this report"),
        (str(len(runtime)), f"dependencies at run time; {unclear} without an SPDX licence"),
    ]
    return tag(
        "div",
        *(tag("div", tag("b", big), tag("span", small), class_="card") for big, small in cards),
        class_="cards",
    )


def _table(
    caption: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]], empty: str = "None."
) -> Markup:
    """A table whose first column is the heading of its row."""
    body = [
        tag(
            "tr",
            *(
                tag("td" if n else "th", text, class_=look, scope=None if n else "row")
                for n, (text, look) in enumerate(map(_cell, row))
            ),
        )
        for row in rows
    ]
    if not body:
        return tag("p", empty, class_="soft")
    heads = (tag("th", text, scope="col", class_=look) for text, look in map(_cell, head))
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *body),
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _cell(cell: Cell) -> tuple[str, str]:
    return cell if isinstance(cell, tuple) else (cell, "")


def _number(value: int | None) -> Cell:
    return ("not recorded" if value is None else f"{value:,}", "number")


def _chip(text: str, look: str) -> Markup:
    return tag("span", text, class_=f"chip {look}")


def _ruled(decision: Decision) -> Markup:
    return joined(decision.action, tag("span", decision.rule, class_="rule"))


# --- sections ------------------------------------------------------------------


def _flows(findings: Findings) -> Markup:
    rows = [
        (
            target.name,
            joined(
                _chip("allowed", "good") if target.allowed else _chip("not allowed", "none"),
                tag("span", target.rule, class_="rule"),
            ),
            joined(target.operator, tag("span", target.region, class_="rule")),
            target.agreement or "none named",
            joined(
                "in this process" if target.local else target.address or "no address declared",
                *([tag("span", "private network", class_="rule")] if target.private else []),
            ),
            ", ".join(target.used) or "nothing now",
            _sees(target),
        )
        for target in findings.targets
    ]
    return joined(
        tag(
            "p",
            "Words leave the trust boundary to an allowed target and to no other place. What "
            "leaves are the words of the turn, with the values of the entity types replaced as "
            "the policies say; the guard then searches the exact bytes and stops what it finds.",
        ),
        tag(
            "figure",
            tag("div", picture(findings), class_="scroll"),
            tag("figcaption", "Drawn from the configuration. A dashed card is not allowed."),
        ),
        _table(
            "Targets",
            ("Target", "Policy", "Operator, region", "Agreement", "Address", "Used by", "Sees"),
            rows,
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


def _entities(findings: Findings) -> Markup:
    targets = [target.name for target in findings.targets if target.allowed]
    groups: dict[tuple[str, tuple[Decision, ...]], list[str]] = {}
    for entity in findings.entities:
        groups.setdefault((entity.domain, entity.actions), []).append(entity.name)
    ordered = sorted(groups.items(), key=lambda g: (bool(g[0][0]), len(g[1]), g[1]))
    rows = [
        (_entity_names(names, domain), *map(_ruled, actions))
        for (domain, actions), names in ordered
    ]
    words = ", ".join(f"{action} = {said}" for action, said in WORDS.items())
    return joined(
        tag(
            "p",
            f"{len({e.name for e in findings.entities})} entity types are looked for. Below each "
            "action stands the rule that decided; types with the same rules share a row. A row "
            f"with a domain holds there instead of the others. The actions: {words}.",
        ),
        _table("Entity types and what becomes of their values", ("Entity types", *targets), rows),
    )


def _entity_names(names: Sequence[str], domain: str) -> Markup:
    listed = [joined(tag("code", name), " ") for name in names]
    return joined(*listed, tag("span", f"in {domain}", class_="rule") if domain else "")


def _collected(findings: Findings) -> Markup:
    domains = [
        (
            joined(d.title, tag("span", f"{d.distribution} {d.version}", class_="rule")),
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
            joined(
                c.name, *([tag("span", "special category", class_="rule")] if c.special else [])
            ),
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
        _table(
            "Domains and what they declare",
            ("Domain", "Languages", "Purposes", "Reads", "Writes", "Further targets", "Review"),
            domains,
        ),
        _table(
            "Categories of facts, decided for the domains that declare them",
            ("Category", "May be learnt", "May be shown", "Consent"),
            categories,
        ),
        tag("h3", "Facts of one domain in another"),
        _table(
            "Where policy allows it; the person must agree besides",
            ("Facts", "Decision", "Rule"),
            [(d.of, d.action, tag("code", d.rule)) for d in findings.crossings],
            empty="Policy allows none: what is learnt in a domain stays there.",
        ),
        tag("h3", "What people are told"),
        _table(
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
        return joined(f"{found[0].of}: ", _ruled(found[0]))
    lines = (tag("li", f"{decision.of}: ", _ruled(decision)) for decision in found)
    return tag("ul", *lines, class_="evidence")


def _policies(findings: Findings) -> Markup:
    rows = [
        (
            joined(p.name, *([tag("span", "required", class_="rule")] if p.required else [])),
            p.version,
            tag("code", p.digest),
            p.description,
            _number(len(p.rules)),
        )
        for p in findings.policies
    ]
    listed = [
        tag(
            "details",
            tag("summary", f"The rules and sources of {p.name}@{p.version}"),
            tag("ul", *(tag("li", source) for source in p.sources)) if p.sources else "",
            _table(
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
        _table(
            "Policy files",
            ("Policy", "Version", "SHA-256", "Says", ("Rules", "number")),
            rows,
            empty="No policy file is in force but the one that is built in.",
        ),
        *listed,
    )


def _retention(findings: Findings) -> Markup:
    rows = [
        (r.kind, f"{r.days} days" if r.days else "not limited by policy", tag("code", r.rule))
        for r in findings.retention
    ]
    return joined(
        tag("p", "What has expired is deleted when metier starts and every hour after that."),
        _table("How long things are kept", ("What", "For", "Rule"), rows),
    )


def _consents(findings: Findings) -> Markup:
    if findings.consents is None:
        return tag("p", "Consents could not be counted; see the last section.", class_="note")
    rows = [(c.category, _number(c.in_force), _number(c.withdrawn)) for c in findings.consents]
    return _table(
        "Consents by category; people are not named here",
        ("Category", ("In force", "number"), ("Withdrawn", "number")),
        rows,
        empty="No consent has been recorded.",
    )


def _keys(findings: Findings) -> Markup:
    now = findings.made
    keys = [
        (
            key.level,
            key.kind,
            tag("code", key.id) if key.id else "",
            _number(key.count),
            f"{(now - key.oldest).days} days, since {_date(key.oldest)}"
            if key.oldest
            else "not recorded",
        )
        for key in findings.keys
    ]
    access = [(a.kind, _number(a.count), a.note) for a in findings.access]
    head: list[Cell] = ["Right", *(role.name.replace("_", " ") for role in findings.roles)]
    rights = [
        (of[0].of.replace("_", " "), *(_right(decision) for decision in of))
        for of in zip(*(role.rights for role in findings.roles), strict=True)
    ]
    return joined(
        _table(
            "Keys in use, from the root down",
            ("Level", "Kind", "Id", ("Number", "number"), "Age of the oldest"),
            keys,
        ),
        _table("Who may come in", ("What", ("Number", "number"), "Note"), access),
        _table(
            "What each role may do with the data of other people; a person's own data is theirs",
            head,
            rights,
        ),
    )


def _right(decision: Decision) -> Markup:
    """The rule is named where a policy has taken the right away."""
    if decision.action == "allowed":
        return _chip("● yes", "good")
    built_in = decision.rule.startswith("built-in@")
    return joined("no", "" if built_in else tag("span", decision.rule, class_="rule"))


def _checks(findings: Findings) -> Markup:
    audit = findings.audit
    said = (
        _chip("whole", "good") if audit.ok else _chip("changed", "bad"),
        f" The audit log was checked on {_date(audit.at)}: {audit.events:,} events in "
        f"{audit.chains:,} chains against {audit.checkpoints:,} signed checkpoints. ",
        audit.problem,
    )
    rows = [(e.what, _date(e.at), e.outcome, tag("code", e.command)) for e in findings.exercises]
    return joined(
        tag("p", *said),
        _table("Done last", ("What", "When", "Outcome", "Command"), rows),
    )


def _controls(findings: Findings) -> Markup:
    counts = [
        (
            tag("a", f.name, href=f"#framework-{f.id}"),
            *(_number(f.count(status)) for status in STATUSES),
            _bar(f),
        )
        for f in findings.frameworks
    ]
    return joined(
        tag(
            "p",
            "Covered means that metier does what the requirement asks of software, and a test or "
            "a command shows it. Partly means that something is missing, which is said. Not "
            "covered is the rest: most of it is the duty of the organisation that runs metier.",
        ),
        _table(
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
        _table(
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
        joined(control.id, tag("span", control.title, class_="rule")),
        _chip(f"{mark} {control.status}", look),
        control.does or "nothing",
        control.missing,
        tag("ul", *evidence, class_="evidence") if evidence else "none",
    )


def _dependencies(findings: Findings) -> Markup:
    runtime = [d for d in findings.dependencies if d.runtime]
    others = [d for d in findings.dependencies if not d.runtime]
    by_licence = sorted((d.licence for d in runtime), key=str.lower)
    counted = [(licence, _number(len(list(same)))) for licence, same in groupby(by_licence)]
    rows = [
        (
            d.name,
            d.version,
            d.licence if d.spdx else joined(d.licence, " ", _chip("no SPDX", "half")),
        )
        for d in runtime
    ]
    plugins = [
        (
            p.name,
            joined(p.distribution, " ", p.version),
            _chip(p.status, "good" if p.status == "ok" else "bad"),
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
        _table("Plugins", ("Plugin", "Distribution", "Status", "Note"), plugins),
        _table("Licences at run time", ("Licence", ("Number", "number")), counted),
        tag(
            "details",
            tag("summary", f"The {len(runtime)} distributions at run time"),
            _table("Distributions", ("Name", "Version", "Licence"), rows),
        ),
    )


def _unknown(findings: Findings) -> Markup:
    if not findings.unknown:
        return tag("p", "Nothing that it looks at was missing.")
    return tag("ul", *(tag("li", line) for line in findings.unknown))


def _foot(findings: Findings) -> Markup:
    return tag(
        "footer",
        f"Made by metier {findings.configuration.version} on {_date(findings.made)} with ",
        tag("code", "metier compliance report"),
        ". The JSON document made beside it holds the same findings.",
    )
