"""Whether an answer keeps what a person wanted, and is made with what they said before.

Adherence is looked for in the answer's words, not with the rule that the pipeline itself
reviews answers by: a rule that measures itself finds nothing. How often the two agree, over
answers made with the profile, with none and with somebody else's, is a mark of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from metier.app import Metier
from metier.encoder import detect_language
from metier.evaluation.text._attribution import recalled
from metier.evaluation.text._marks import ratio
from metier.evaluation.text._talk import Person
from metier.evaluation.text._units import sentences
from metier.model import Answer, Fact, Mark
from metier.profile import broken

_ADVISES_AGAINST = re.compile(
    r"\b(?:do(?:es)? not|don't|not|never|avoid|rules? out|instead of|allerg\w+)\b"
    r"|不要|避免|不宜|不能|过敏|禁用",
    re.IGNORECASE,
)

Case = Mapping[str, Any]


def adheres(case: Case, answer: Answer) -> bool:
    """Whether the answer is in the language and without the words that the case names."""
    wanted = case.get("language")
    if wanted and detect_language(answer.text) != wanted:
        return False
    return not any(
        word.casefold() in sentence.casefold() and not _ADVISES_AGAINST.search(sentence)
        for word in case.get("never", ())
        for sentence in sentences(answer.text)
    )


async def preferences(app: Metier, cases: Sequence[Case]) -> dict[str, Mark]:
    """Adherence with the person's own profile, with none, and with somebody else's."""
    middle = max(1, len(cases) // 2)
    foreign = [*cases[middle:], *cases[:middle]]
    kept: dict[str, list[bool]] = {"": [], "baseline.no_profile.": [], "baseline.shuffled.": []}
    agreed: list[bool] = []
    for case, other in zip(cases, foreign, strict=True):
        stated: tuple[Fact, ...] = ()
        for prefix, profile in zip(kept, (case, None, other), strict=True):
            learned, answer = await _asked(app, case, profile)
            stated = stated or learned
            kept[prefix].append(adheres(case, answer))
            ruled = not broken(stated, answer.text, answer.language)
            agreed.append(ruled == kept[prefix][-1])
    marks = {
        f"{prefix}preferences.kept": ratio([int(k) for k in flags], [1] * len(flags))
        for prefix, flags in kept.items()
    }
    marks["preferences.rule_agrees"] = ratio([int(a) for a in agreed], [1] * len(agreed))
    return marks


async def _asked(app: Metier, case: Case, profile: Case | None) -> tuple[tuple[Fact, ...], Answer]:
    """What was learnt of what was said before, and the answer to the question."""
    person = Person(app)
    learned: tuple[Fact, ...] = ()
    if profile is not None:
        if "category" in profile:
            await person.agree(profile["category"])
        told = (await person.says(case["domain"], profile["said"]))[0]
        learned = (*told.why.learned, *told.why.passing)
    return learned, (await person.says(case["domain"], case["asked"]))[0]


async def evidence(app: Metier, cases: Sequence[Case]) -> dict[str, Mark]:
    """Recall of what was said in an earlier conversation; blind: of what somebody else said."""
    own: list[tuple[int, int]] = []
    blind: list[tuple[int, int]] = []
    middle = max(1, len(cases) // 2)
    for place, case in enumerate(cases):
        person = Person(app)
        if "category" in case:
            await person.agree(case["category"])
        await person.says(case["domain"], *case["said"])
        answer = (await person.says(case["domain"], case["asked"]))[0]
        own.append(recalled(answer, case["needs"]))
        blind.append(recalled(answer, cases[(place + middle) % len(cases)]["needs"]))
    return {
        name: ratio([hits for hits, _ in counted], [of for _, of in counted])
        for name, counted in (
            ("evidence.recall", own), ("baseline.shuffled.evidence.recall", blind))
        if counted
    }  # fmt: skip
