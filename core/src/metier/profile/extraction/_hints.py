"""Which rules can match a text at all: a look-up by the letters that each of them needs.

Most clauses hold the words of few rules. For each rule a table names short strings of which one
must stand in every text that it matches (the idea of Cox, Regular Expression Matching with a
Trigram Index, 2012), so that a clause is tried against those rules alone, and a rule is compiled
when a text first needs it. A rule that isn't in the table is always tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from metier.profile.extraction._hints_table import NEEDED
from metier.profile.extraction._rule import Rule


class Hints:
    """Chooses among rules those that a text may match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._always: list[int] = []
        self._of: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            if not (needed := NEEDED.get(rule.name)):
                self._always.append(number)
                continue
            for gram in needed.split("|"):
                self._of[gram].append(number)
        self._sizes = sorted({len(gram) for gram in self._of})

    def candidates(self, text: str) -> list[Rule]:
        """The rules that may match, in their order."""
        low = text.lower()
        chosen = set(self._always)
        for size in self._sizes:
            for i in range(len(low) - size + 1):
                if (numbers := self._of.get(low[i : i + size])) is not None:
                    chosen.update(numbers)
        return [self._rules[number] for number in sorted(chosen)]
