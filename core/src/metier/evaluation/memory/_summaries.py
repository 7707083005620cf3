"""Whether a summary by extraction says what a written one says."""

from __future__ import annotations

from collections.abc import Sequence

from metier.encoder import Terms
from metier.evaluation.memory._means import mean_mark
from metier.evaluation.memory._talks import Talk
from metier.model import Mark
from metier.profile.memory import Memory, consolidate, pack, unpack


def summary_marks(talks: Sequence[Talk], terms: Terms) -> dict[str, Mark]:
    """`summary.recall`: the share of the words of a written summary that ours has.

    Beside it as many characters of the meeting's first and of its longest utterances.
    Empty where no written summaries are there.
    """
    found: dict[str, list[float]] = {}
    clusters: list[str] = []
    for talk in talks:
        block = unpack(pack(talk.memories, None, terms))
        changes = consolidate({"block/": block}, terms)
        extracts = [m for b in changes.blocks.values() for m in unpack(b).memories()]
        ours = {m.conversation: m.text for m in extracts if m.source == "summary"}
        for conversation, written in talk.summaries.items():
            if not written or conversation not in ours:
                continue
            said = [m for m in talk.memories if m.conversation == conversation]
            longest = sorted(said, key=lambda m: -len(m.text))
            texts = {
                "summary.": ours[conversation],
                "baseline.first.summary.": _told(said)[: len(ours[conversation])],
                "baseline.longest.summary.": _told(longest)[: len(ours[conversation])],
            }
            words = set(terms.document(written))
            for name, text in texts.items():
                share = len(words & set(terms.document(text))) / len(words)
                found.setdefault(name + "recall", []).append(share)
            clusters.append(talk.name)
    return {name: mean_mark(shares, clusters) for name, shares in found.items()}


def _told(memories: Sequence[Memory]) -> str:
    return "\n".join(f"{m.speaker}: {m.text}" for m in memories)
