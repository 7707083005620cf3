"""The data protection impact assessment: a template, filled as far as the configuration tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metier.compliance._findings import Decision, Findings, alike
from metier.compliance._picture import index_of, seen

_OPEN = "**To be filled in by the controller:**"


def to_dpia(findings: Findings) -> str:
    """The assessment in Markdown: the parts of Article 35(7) GDPR.

    What the configuration tells is filled in; what only the controller can know is
    marked "To be filled in by the controller".

    Source: Regulation (EU) 2016/679 (GDPR), Article 35(2), (7), (9) and (11), and
    Article 36.
    """
    parts = (
        _head, _description, _necessity, _risks, _measures, _views, _residual,
    )  # fmt: skip
    return "\n\n".join(part(findings).strip() for part in parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    said = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
    return "\n".join(said) if len(said) > 2 else "None."


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def _open(*questions: str) -> str:
    return "\n".join(f"- {_OPEN} {question}" for question in questions)


def _decided(decisions: Sequence[Decision]) -> str:
    return (
        "; ".join(f"{d.of}: {d.action} (`{d.rule}`)" for d in alike(decisions)) or "no domain asks"
    )


def _head(findings: Findings) -> str:
    c = findings.configuration
    left = _open(
        "controller, its contact, and the date of this assessment",
        "why it is made (Article 35(1), (3) or the list of the authority under 35(4))",
        "the data protection officer and the advice given (Article 35(2))",
    )
    return f"""
# Data protection impact assessment

Article 35 GDPR. A template made by metier {c.version} on {findings.made:%Y-%m-%d %H:%M} UTC from
the configuration of the tenant `{c.tenant}` (policies `{c.policy}`, settings `{c.digest[:16]}`).
What the configuration tells is filled in. It is not an assessment until a person has filled in
the rest and weighed it.

{left}
"""


def _description(findings: Findings) -> str:
    domains = _table(
        ("Domain", "Purposes", "Facts read", "Facts written", "Languages"),
        [
            (
                f"{d.title} (`{d.name}`)",
                ", ".join(d.purposes) or "none",
                ", ".join(d.reads) or "none",
                ", ".join(d.writes) or "none",
                ", ".join(d.languages),
            )
            for d in findings.domains
        ],
    )
    categories = _table(
        ("Category", "Special (Article 9)", "May be learnt", "Consent"),
        [
            (c.name, "yes" if c.special else "no", _decided(c.learnt), _decided(c.consent))
            for c in findings.categories
        ],
    )
    recipients = _table(
        ("Target", "Operator", "Region", "Agreement", "Receives"),
        [
            (t.name, t.operator, t.region, t.agreement or "none named", seen(t))
            for t in findings.targets
            if t.allowed
        ],
    )
    others = _table(
        ("For", "Kind", "Address", "Gets"),
        [(c.what, c.kind, c.address, c.gets) for c in findings.connections],
    )
    retention = _table(
        ("What", "For", "Rule"),
        [
            (r.kind, f"{r.days} days" if r.days else "not limited by policy", f"`{r.rule}`")
            for r in findings.retention
        ],
    )
    left = _open(
        "the nature, scope and context of the processing; who the people are and how many",
        "children or other vulnerable people among them",
        "where the legal basis is Article 6(1)(f): the legitimate interest",
        "the processors, their contracts (Article 28), and transfers out of the EU (Chapter V)",
        "the machines and people that metier runs on and with",
    )
    return f"""
## 1. Systematic description of the processing (Article 35(7)(a))

A person writes to an assistant. Within the trust boundary metier checks the message, learns and
recalls facts as policy and consent allow, searches knowledge, replaces values by placeholders,
searches the outgoing bytes, and sends them to the engine's target. The answer is restored and
reviewed before it is shown. Engine: {findings.configuration.engine}; target:
{findings.configuration.target}.

### Domains, purposes and categories of facts

{domains}

{categories}

### Recipients

{recipients}

{others if findings.connections else "By its settings metier connects to no other server."}

### Storage periods

{retention}

### The rest of the description

{left}
"""


def _necessity(findings: Findings) -> str:
    limited = [d for c in findings.categories for d in c.learnt if d.action == "not allowed"]
    left = _open(
        "the legal basis of each purpose (Article 6), and of special categories (Article 9(2))",
        "why each purpose can't be reached with less data",
        "how people are informed (Articles 12 to 14) and how they exercise Articles 15 to 22",
        "how accuracy is kept, answers of a model included",
    )
    return f"""
## 2. Necessity and proportionality (Article 35(7)(b))

- Minimisation: a plugin gets the categories and purposes it declares and no others; of
  {sum(len(c.learnt) for c in findings.categories)} wishes of domains to learn a category,
  policy refuses {len(limited)}.
- Values of {len({e.name for e in findings.entities})} entity types are looked for and replaced
  as section 2 of the compliance report says, each with its rule.
- {sum(r.days is not None for r in findings.retention)} of {len(findings.retention)} kinds of
  records have a storage limit by policy.

{left}
"""


_RISKS = (
    ("Words with personal data reach a target that should not have them", "1, 3"),
    ("A name or a value is not found and leaves in clear", "1"),
    ("What is left in clear tells who somebody is, put together", "1"),
    ("The store, a backup or a key is stolen", "2, 4"),
    ("One person's or tenant's data is shown to another", "3"),
    ("Facts are wrong, or a sensitive one is inferred and used", "5"),
    ("An answer is wrong and somebody acts on it", "6"),
    ("Data is kept too long, or is not erased when asked", "4"),
    ("The log of what happened is changed or lost", "7"),
    ("A plugin or a dependency does what it should not", "3, 8"),
)


def _risks(findings: Findings) -> str:
    weighed = [
        (risk, measures, f"{_OPEN} likelihood", f"{_OPEN} severity") for risk, measures in _RISKS
    ]
    outside = [t for t in findings.targets if t.allowed and not t.local]
    said = (
        ", ".join(f"{t.name} ({t.operator}, {t.region})" for t in outside)
        if outside
        else "none; no words leave this installation"
    )
    if index := index_of(findings):
        said = said.removesuffix("; no words leave this installation")
        said += f". The index at {index.address} gets {index.gets}"
    return f"""
## 3. Risks to the rights and freedoms of people (Article 35(7)(c))

Targets outside the trust boundary: {said}.

The risks below are those the design knows of. Their weight depends on who the people are.

{_table(("Risk", "Measures of section 4", "Likelihood", "Severity"), weighed)}

{_open("risks of this use that are not in the table")}
"""


def _measures(findings: Findings) -> str:
    keys = "; ".join(f"{k.level}: {k.kind}" for k in findings.keys) or "none recorded"
    audit = "whole" if findings.audit.ok else "changed"
    done = "; ".join(
        f"{e.what}: {e.at:%Y-%m-%d}" if e.at else f"{e.what}: never recorded"
        for e in findings.exercises
    )
    reviews = ", ".join(f"{d.name} {d.review}" for d in findings.domains)
    counts = (
        f"{findings.count('covered')} covered, {findings.count('partly')} partly, "
        f"{findings.count('not covered')} not covered"
    )
    left = _open(
        "organisational measures: training, roles, contracts, incident and breach procedures",
        "measures against the risks that section 3 adds",
    )
    return f"""
## 4. Measures (Article 35(7)(d))

1. Pseudonymisation before anything leaves, and a guard over the exact bytes that stops what it
   finds. What it misses was measured; docs/privacy-limits.md says how much.
2. Sealed storage, a key for each person ({keys}).
3. Targets by allow-list, with region and agreement; the engine reaches no other address.
4. Storage limits (section 1) and erasure. Database: {findings.configuration.database}.
5. Categories, purposes and consent decided by policy, each decision with its rule.
6. Review of answers before they are shown: {reviews}.
7. A hash-chained audit log: {findings.audit.events:,} events, {audit} on
   {findings.audit.at:%Y-%m-%d}. Done last: {done}.
8. {sum(d.runtime for d in findings.dependencies)} dependencies with versions and licences in the
   bill of materials.

The control map of the compliance report holds {counts}.

{left}
"""


def _views(findings: Findings) -> str:
    return f"""
## 5. Views of the people concerned (Article 35(9))

{_open("whether they or their representatives were asked, what they said, or why not")}
"""


def _residual(findings: Findings) -> str:
    unknown = "\n".join(f"- {line}" for line in findings.unknown) or "- nothing"
    left = _open(
        "the risk that is left; whether the authority must be consulted first (Article 36)",
        "the decision, who made it and when",
        "when this is reviewed, at the latest when the processing changes (Article 35(11)); a new "
        "version of the policies is such a change",
    )
    return f"""
## 6. What is left, and the decision

What the configuration could not tell:

{unknown}

{left}
"""
