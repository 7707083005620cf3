"""Labelled texts of the project's own making: templates filled with drawn names."""

from __future__ import annotations

import re
from random import Random

from training.ner.data import Doc, Span
from training.ner.names import AMBIGUOUS, Names
from training.ner.tables import lines, sections

_SLOT = re.compile(r"\{([A-Za-z]+)\}")
_NAMED_CODE = 0.1
"""Share of the lines of code that have a name in them."""
_KINDS = {
    "p": "PERSON",
    "g": "PERSON",
    "f": "PERSON",
    "n": "PERSON",
    "t": "PERSON",
    "pl": "LOCATION",
    "c": "LOCATION",
    "co": "LOCATION",
    "o": "ORGANIZATION",
    "sh": "ORGANIZATION",
    "a": "ADDRESS",
}


class Templates:
    """Draws documents; every draw depends on the given generator alone."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._named = (*lines("chat.txt"), *lines("formal.txt"), *lines("lives.txt"))
        self._ordinary = lines("ordinary.txt")
        code = lines("code.txt")
        self._code_named = tuple(line for line in code if set(_SLOT.findall(line)) & set(_KINDS))
        self._code = tuple(line for line in code if line not in self._code_named)
        self._fill = sections("fillers.txt")

    def named(self, rng: Random) -> Doc:
        return self._filled(rng.choice(self._named), rng)

    def ordinary(self, rng: Random) -> Doc:
        return self._filled(rng.choice(self._ordinary), rng)

    def code(self, rng: Random) -> Doc:
        """Some lines of source code, settings or logs, now and then with a name in them."""
        text = ""
        spans: list[Span] = []
        for _ in range(rng.randint(1, 14)):
            named = rng.random() < _NAMED_CODE
            line = self._filled(rng.choice(self._code_named if named else self._code), rng)
            text += ("\n" if text else "") + " " * rng.choice((0, 0, 0, 2, 4, 8))
            spans += ((a + len(text), b + len(text), kind) for a, b, kind in line.spans)
            text += line.text
        return Doc(text, tuple(spans), "templates", (), "code")

    def _filled(self, template: str, rng: Random) -> Doc:
        text = ""
        spans: list[Span] = []
        at = 0
        for slot in _SLOT.finditer(template):
            text += template[at : slot.start()]
            at = slot.end()
            value = self._value(slot[1], rng)
            if kind := _KINDS.get(slot[1]):
                spans.append((len(text), len(text) + len(value), kind))
            text += value
        return Doc(text + template[at:], tuple(spans), "templates", (), template)

    def _value(self, slot: str, rng: Random) -> str:
        names = self._names
        if slot == "n":
            slot = rng.choices("pgtf", (4, 4, 3, 1))[0]
        if slot == "g":
            return rng.choice(AMBIGUOUS) if rng.random() < 0.03 else names.given(rng)
        makers = {
            "p": names.person,
            "f": names.family,
            "t": names.titled,
            "pl": names.place,
            "c": names.city,
            "co": names.country,
            "o": names.organisation,
            "sh": names.shop,
            "a": names.address,
        }
        if slot in makers:
            return makers[slot](rng)
        if slot in ("i", "K", "C"):
            return self._identifier(slot, rng)
        if slot.lower() in self._fill:
            value = self._made(slot.lower(), rng) or rng.choice(self._fill[slot.lower()])
            return value[:1].upper() + value[1:] if slot[0].isupper() else value
        return self._number(slot, rng)

    def _made(self, slot: str, rng: Random) -> str:
        """A word that looks like a medicine or a disease, so that new ones are no names."""
        if slot == "drug" and rng.random() < 0.35:
            start = "".join(rng.choice(self._fill["syllable"]) for _ in range(rng.randint(1, 2)))
            return start + rng.choice(self._fill["drug stem"])
        if slot == "disease" and rng.random() < 0.15:
            root = rng.choice(self._fill["disease root"])
            return root + rng.choice(("", "o")) + rng.choice(self._fill["disease stem"])
        if slot == "disease" and rng.random() < 0.3:
            # What is called after people is no name either.
            who = self._names.family(rng)
            if rng.random() < 0.3:
                who += f"-{self._names.family(rng)}"
            kind = rng.choice(self._fill["eponymous"]).format(n=rng.randint(1, 9))
            return f"{who}{rng.choice(('', '', chr(39) + 's'))} {kind}"
        return ""

    def _identifier(self, slot: str, rng: Random) -> str:
        """As programmers write them: `snake_case`, `camelCase`, glued, cut short, one letter."""
        if slot == "i" and rng.random() < 0.12:
            return rng.choice("abcdefghijklmnpqrstuvwxyz")
        words = rng.choices(self._fill["code word"], k=rng.choice((1, 1, 2, 2, 3)))
        if slot == "C":
            return "_".join(words).upper() if rng.random() < 0.7 else "".join(words).upper()
        if slot == "K":
            return "".join(word.capitalize() for word in words)
        dice = rng.random()
        if dice < 0.45:
            return "_" * rng.choice((0, 0, 0, 1)) + "_".join(words)
        if dice < 0.65:
            return words[0] + "".join(word.capitalize() for word in words[1:])
        if dice < 0.85:
            return "".join(words)
        return "".join(word[: rng.randint(2, 4)] for word in words)

    def _number(self, slot: str, rng: Random) -> str:
        n = rng.randint
        month = rng.choice(self._fill["month"][:12])
        if slot == "num":
            return str(rng.choice((n(0, 20), n(0, 200), n(1000, 99999))))
        if slot == "age":
            return str(n(1, 95))
        if slot == "year":
            return str(n(1900, 2030))
        if slot == "time":
            return rng.choice((f"{n(1, 12)}:{n(0, 59):02}", f"{n(1, 12)} pm", f"{n(1, 12)}am"))
        if slot == "money":
            return rng.choice((f"${n(1, 9999)}", f"£{n(1, 500)}.50", f"{n(5, 900)} euros"))
        if slot == "date":
            return rng.choice(
                (
                    f"{n(1, 28)} {month} {n(1940, 2030)}",
                    f"{month} {n(1, 28)}, {n(1940, 2030)}",
                    f"{n(1, 12)}/{n(1, 28)}/{n(1940, 2030)}",
                    f"{n(1940, 2030)}-{n(1, 12):02}-{n(1, 28):02}",
                    f"{month} {n(1, 28)}th",
                )
            )
        if slot == "phone":
            return rng.choice(
                (
                    f"+{n(1, 99)} {n(100, 999)} {n(1000, 9999)} {n(100, 999)}",
                    f"({n(200, 999)}) {n(200, 999)}-{n(1000, 9999)}",
                    f"0{n(100, 999)} {n(100000, 999999)}",
                    f"{n(200, 999)}-{n(200, 999)}-{n(1000, 9999)}",
                )
            )
        if slot == "email":
            who = rng.choice((self._names.given(rng), self._handle(rng))).lower()
            domain = rng.choice(self._fill["mail domain"])
            return f"{who.replace(' ', '')}{rng.choice(('', n(1, 99)))}@{domain}"
        if slot == "url":
            return f"http{rng.choice(('', 's'))}://{rng.choice(('t.co', 'bit.ly', 'www.web.example'))}/{self._handle(rng)}"  # noqa: E501
        if slot == "handle":
            return self._handle(rng)
        if slot == "iban":
            return f"{rng.choice(('DE', 'GB', 'FR', 'NL'))}{n(10, 99)} {n(1000, 9999)} {n(1000, 9999)} {n(1000, 9999)}"  # noqa: E501
        if slot == "card":
            return f"4{n(10**14, 10**15 - 1)}"
        if slot == "ssn":
            return f"{n(100, 999)}-{n(10, 99)}-{n(1000, 9999)}"
        if slot == "hex":
            return f"{n(16**7, 16**12):x}"
        raise ValueError(f"No filler called {slot!r}")

    def _handle(self, rng: Random) -> str:
        handle = "".join(rng.choice(self._fill["syllable"]) for _ in range(rng.randint(2, 3)))
        if rng.random() < 0.25:
            handle = self._names.given(rng).replace(" ", "") + rng.choice(("", "_", "x")) + handle
        handle = rng.choice((handle, handle.capitalize(), handle + str(rng.randint(1, 99))))
        return handle
