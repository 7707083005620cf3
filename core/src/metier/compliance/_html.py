"""The report as one HTML file: no scripts, nothing loaded from elsewhere, fit for print."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

from metier.compliance import _configured, _standing
from metier.compliance._findings import Findings
from metier.compliance._markup import Markup, joined, tag
from metier.compliance._tables import date


def to_html(findings: Findings) -> str:
    """The whole report as one self-contained page."""
    sections: list[tuple[str, str, str, Callable[[Findings], Markup]]] = [
        ("flows", "Data flows", "数据流向", _configured.flows),
        ("entities", "What happens to values, by target", "各目标的处理方式", _configured.entities),
        (
            "collected",
            "Collected and shown, and for what",
            "收集、展示与目的",
            _configured.collected,
        ),
        ("policies", "Policies in force", "生效的策略", _configured.policies),
        ("retention", "Retention", "保存期限", _configured.retention),
        ("consents", "Consents and requests in numbers", "同意与请求（数字）", _standing.consents),
        ("keys", "Keys and access", "密钥与访问", _standing.keys),
        ("checks", "Audit log, backup and restore", "审计日志、备份与恢复", _standing.checks),
        ("controls", "Control map", "控制项对照", _standing.controls),
        ("dependencies", "Dependencies and plugins", "依赖与插件", _standing.dependencies),
        ("unknown", "What this report can't tell", "本报告无法说明的内容", _standing.unknown),
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


def _top(findings: Findings) -> Markup:
    c = findings.configuration
    engine = c.engine + (f", model {c.model}" if c.model else "")
    at = f" at {', '.join(c.addresses)}" if c.addresses else ""
    others = f"; in its place {', '.join(c.stand_ins)}" if c.stand_ins else ""
    facts = [
        ("Tenant", c.tenant),
        ("Made", date(findings.made)),
        ("metier", f"{c.version} on Python {c.python}"),
        ("Policies", f"{len(findings.policies)} in force, together version {c.policy}"),
        ("Settings", f"SHA-256 {c.digest}"),
        ("Engine", f"{engine}; target {c.target}{at}{others}"),
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


def _foot(findings: Findings) -> Markup:
    return tag(
        "footer",
        f"Made by metier {findings.configuration.version} on {date(findings.made)} with ",
        tag("code", "metier compliance report"),
        ". The JSON document made beside it holds the same findings.",
    )
