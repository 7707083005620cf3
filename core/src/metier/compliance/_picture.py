"""The picture of the data flows: drawn from the configuration, as SVG without scripts."""

from __future__ import annotations

from collections.abc import Mapping

from metier.compliance._findings import Connection, Findings, Target
from metier.compliance._markup import Markup, fitted, joined, lines, tag

_STAGES = (
    ("screen", "checks of the input"),
    ("learn", "facts, as policy allows"),
    ("recall", "for declared purposes"),
    ("pseudonymise", "values become stand-ins"),
    ("guard", "the bytes are searched"),
)
_TOP, _STEP, _STAGE = 86, 66, 46
_BACK = _TOP + len(_STAGES) * _STEP + 6
_INSIDE = (316, 500)
"""Left edge and width of the trust boundary."""
_OUTSIDE, _CARD = 874, 300
_CARD_HEIGHT, _CARD_STEP = 118, 132
_WIDTH = 1186

WORDS: Mapping[str, str] = {
    "keep": "in clear",
    "generalise": "made coarser",
    "shift": "shifted",
    "surrogate": "as stand-ins",
    "pseudonymise": "as placeholders",
    "hash": "as hashes",
    "redact": "redacted",
    "drop": "left out",
    "block": "stop the turn",
}
"""What an action does to a value, in words that read after a number of types."""


def seen(target: Target) -> str:
    """What reaches a target, in one line."""
    said = [f"{count} {WORDS.get(action, action)}" for action, count in target.sees.items()]
    if not said:
        return "no types of values known"
    count, _, first = said[0].partition(" ")
    return "; ".join((f"{count} types of values {first}", *said[1:]))


def index_of(findings: Findings) -> Connection | None:
    """The server of the index, which gets what is searched for as terms and vectors."""
    return next((c for c in findings.connections if c.what == "index"), None)


def picture(findings: Findings) -> Markup:
    """The way of the data: person, client, metier, and each target with what it sees."""
    inside = [t for t in findings.targets if t.local]
    outside = sorted((t for t in findings.targets if not t.local), key=lambda t: not t.allowed)
    height = max(506, _TOP + len(outside) * _CARD_STEP + 20)
    return tag(
        "svg",
        tag("title", "Data flows of this configuration", id="flow-title"),
        tag("desc", _told(findings), id="flow-desc"),
        tag("defs", _head("head", "head"), _head("head-out", "head-out")),
        _boundary(height),
        _ends(),
        *(_stage(n, name, does) for n, (name, does) in enumerate(_STAGES)),
        _back(),
        _store(),
        *(_local(target, findings) for target in inside[:1]),
        *(_card(n, target) for n, target in enumerate(outside)),
        *([] if outside else [_nothing_outside(findings)]),
        class_="flow",
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_labelledby="flow-title flow-desc",
        xmlns="http://www.w3.org/2000/svg",
    )


def _told(findings: Findings) -> str:
    allowed = [t for t in findings.targets if t.allowed and not t.local]
    names = ", ".join(f"{t.name} ({t.operator}, {t.region})" for t in allowed) or "none"
    return (
        "A person's words go through a client to metier. Within the trust boundary they are "
        "screened, facts are learnt and recalled, values are replaced and the outgoing bytes are "
        f"guarded. Targets outside that text may go to: {names}. The table below says the same."
    )


def _head(name: str, look: str) -> Markup:
    return tag(
        "marker",
        tag("path", d="M0 0 L9 4.5 L0 9 z", class_=look),
        id=name, viewBox="0 0 9 9", refX="8", refY="4.5", markerWidth="8", markerHeight="8",
        orient="auto-start-reverse",
    )  # fmt: skip


def _text(x: float, y: float, text: str, look: str = "", anchor: str = "") -> Markup:
    return tag("text", text, x=x, y=y, class_=look, text_anchor=anchor)


def _box(x: float, y: float, w: float, h: float, look: str, radius: int = 7) -> Markup:
    return tag("rect", x=x, y=y, width=w, height=h, rx=radius, class_=look)


def _edge(path: str, out: bool = False, both: bool = False) -> Markup:
    head = "url(#head-out)" if out else "url(#head)"
    return tag(
        "path",
        d=path,
        class_="out" if out else "edge",
        marker_end=head,
        marker_start=head if both else None,
    )


def _ends() -> Markup:
    y = _TOP + 2 * _STEP
    return joined(
        tag("circle", cx=66, cy=y + 4, r=11, class_="box"),
        tag("path", d=f"M44 {y + 46} a22 26 0 0 1 44 0 z", class_="box"),
        _text(66, y + 66, "Person", "name", "middle"),
        _box(160, y - 8, 116, 62, "box"),
        _text(218, y + 18, "Client", "name", "middle"),
        _text(218, y + 36, "chat, API, CLI", "soft", "middle"),
        _edge(f"M96 {y + 23} H154", both=True),
        _edge(f"M280 {y + 23} H{_INSIDE[0] - 4}"),
        _text(66, y + 92, "what is typed", "soft", "middle"),
        _text(218, y + 76, "answers come back", "soft", "middle"),
        _text(218, y + 92, "with the values restored", "soft", "middle"),
        _edge(f"M{_INSIDE[0] + 22} {_BACK + _STAGE / 2} H218 V{y + 104}"),
    )


def _boundary(height: int) -> Markup:
    x, w = _INSIDE
    return joined(
        _box(x, 20, w, height - 40, "boundary", 12),
        _text(x + 18, 48, "metier: the trust boundary", "label"),
        _text(x + 18, 66, "values are known in here and nowhere else", "soft"),
    )


def _stage(n: int, name: str, does: str) -> Markup:
    x, y = _INSIDE[0] + 22, _TOP + n * _STEP
    below = _edge(f"M{x + 95} {y + _STAGE} V{y + _STEP - 3}") if n + 1 < len(_STAGES) else ""
    return joined(
        _box(x, y, 190, _STAGE, "stage"),
        _text(x + 95, y + 19, name, "name", "middle"),
        _text(x + 95, y + 36, does, "soft", "middle"),
        below,
    )


def _back() -> Markup:
    """What becomes of an answer: the last stages, in one box."""
    x = _INSIDE[0] + 22
    return joined(
        _box(x, _BACK, 456, _STAGE, "stage"),
        _text(x + 228, _BACK + 19, "restore, review, remember", "name", "middle"),
        _text(x + 228, _BACK + 36, "what comes back, before it is shown", "soft", "middle"),
    )


def _store() -> Markup:
    x, y = _INSIDE[0] + 262, _TOP + 1 * _STEP - 6
    return joined(
        _box(x, y, 216, 92, "box", 12),
        _text(x + 108, y + 23, "Sealed store", "name", "middle"),
        _text(x + 108, y + 42, "facts, conversations,", "soft", "middle"),
        _text(x + 108, y + 58, "vaults, turn records;", "soft", "middle"),
        _text(x + 108, y + 74, "audit log without content", "soft", "middle"),
        _edge(f"M{_INSIDE[0] + 214} {y + 28} H{x - 5}", both=True),
        _edge(f"M{_INSIDE[0] + 214} {y + 78} H{x - 5}", both=True),
    )


def _local(target: Target, findings: Findings) -> Markup:
    x, y = _INSIDE[0] + 262, _TOP + 164
    engine = findings.configuration.engine if "engine" in target.used else ""
    use = f"engine: {engine}" if engine else "used by no engine"
    return joined(
        _box(x, y, 216, 92, "box", 12),
        _text(x + 108, y + 22, f"Target {target.name}", "name", "middle"),
        _text(x + 108, y + 40, fitted(use, 33), "soft", "middle"),
        *(
            _text(x + 108, y + 58 + i * 16, line, "soft", "middle")
            for i, line in enumerate(lines(f"sees {seen(target)}", 35, 2))
        ),
        _edge(f"M{_INSIDE[0] + 214} {_TOP + 4 * _STEP + 12} H{x + 108} V{y + 97}", both=True),
    )


def _card(n: int, target: Target) -> Markup:
    x, y = _OUTSIDE, 40 + n * _CARD_STEP
    guard = _TOP + 4 * _STEP + 22
    place = ", ".join(filter(None, (target.operator, target.region)))
    agreement = f"agreement: {target.agreement}" if target.agreement else "no agreement named"
    said = [place, agreement]
    if target.allowed:
        use = ", ".join(target.used) or "nothing now"
        said += [f"used by: {use}", *lines(f"sees {seen(target)}", 46, 2)]
    else:
        said.append("not allowed: nothing is sent there")
    right = _INSIDE[0] + _INSIDE[1]
    middle = y + _CARD_HEIGHT / 2
    way = (
        _edge(
            f"M{_INSIDE[0] + 214} {guard + min(n, 3) * 5} H{right - 8 + n * 4} "
            f"L{right + 26} {middle} H{x - 4}",
            out=True,
        )
        if target.allowed
        else ""
    )
    return joined(
        way,
        _box(x, y, _CARD, _CARD_HEIGHT, "box" if target.allowed else "closed"),
        _text(x + 14, y + 23, fitted(_titled(target), 38), "name"),
        *(
            _text(x + 14, y + 42 + i * 16, fitted(line, 46), "soft")
            for i, line in enumerate(said[:5])
        ),
    )


def _titled(target: Target) -> str:
    return f"{target.name} (private network)" if target.private else target.name


def _nothing_outside(findings: Findings) -> Markup:
    index = index_of(findings)
    said = f"Index at {index.address}: see below." if index else "Text of turns stays in here."
    return joined(
        _box(_OUTSIDE, 200, _CARD, 64, "closed"),
        _text(_OUTSIDE + 150, 228, "No target outside is declared.", "name", "middle"),
        _text(_OUTSIDE + 150, 247, fitted(said, 46), "soft", "middle"),
    )
