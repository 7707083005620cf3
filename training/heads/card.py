"""The model card of a head, from its training run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from training.heads.train import Example, Trained

_MEANING = {
    "accuracy": "of texts inside, the likeliest label is right",
    "accuracy_or_abstains": "of texts inside, answered and right",
    "answered": "of texts inside, it is sure enough to answer",
    "ece": "expected calibration error, 15 bins; the temperature of each fold is of the others",
    "ece_uncalibrated": "the same without a temperature",
    "n": "texts inside, each held out once",
    "outside_recall": "of texts that are of no label, it abstains",
    "outside_n": "of those",
}


def card(trained: Trained, examples: Sequence[Example], use: str, limits: str) -> str:
    """What a reader has to know before they rely on the head."""
    head = trained.head
    counts = Counter(e.label for e in examples)
    lines = [
        f"# {head.name} {head.version}",
        "",
        use,
        "",
        f"- Languages: {', '.join(head.languages)}",
        f"- Labels: {', '.join(f'`{label}` ({counts[label]})' for label in head.labels)}",
        f"- Licence: {head.licence}",
        f"- Size: {len(trained.data) / 1000:.0f} kB; "
        f"SHA-256 `{hashlib.sha256(trained.data).hexdigest()}`",
        f"- Temperature {head.temperature:g}; abstains below {head.threshold:g}",
        "- Multinomial logistic regression over hashed n-grams and, where the encoder knows the "
        "language, the all-MiniLM-L6-v2 vector",
        "",
        "## Held-out figures",
        "",
        "| figure | with vectors | without | what |",
        "|---|---|---|---|",
    ]
    bare = trained.metrics.get("without_vectors", {})
    for name, meaning in _MEANING.items():
        if name in trained.metrics:
            value, other = trained.metrics[name], bare.get(name)
            lines.append(f"| {name} | {value:g} | {'' if other is None else f'{other:g}'} | "
                         f"{meaning} |")  # fmt: skip
    for key, part in trained.metrics.get("by", {}).items():
        lines.append(f"| {key} | {part:g} | | the same accuracy, of this part alone |")
    for key, part in trained.metrics.get("elsewhere", {}).items():
        lines.append(f"| {key} | {part:g} | | of a set that took no part, told right |")
    for key, part in trained.metrics.get("kept", {}).items():
        lines.append(f"| {key} | {part:g} | | of held-out texts, kept at this probability |")
    return "\n".join([*lines, "", "## Limits", "", limits, ""])
