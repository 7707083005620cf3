"""Common medicines: names in both languages, class, and what they must not meet.

Sources: the leaflets and pages named in the articles of `knowledge/` (painkillers,
antibiotics, pregnancy, blood thinners). A pair that is not listed is unknown, not safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Medicine:
    name: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    pregnancy: bool = True
    """False: not to be recommended in pregnancy without a doctor."""
    child_from: int = 0
    """Age in years from which it may be recommended without a doctor."""


MEDICINES = (
    Medicine("paracetamol", ("paracetamol", "acetaminophen", "tylenol", "panadol", "对乙酰氨基酚", "扑热息痛", "泰诺")
             , ("paracetamol",)),
    Medicine("ibuprofen", ("ibuprofen", "advil", "nurofen", "motrin", "布洛芬", "芬必得", "美林"), ("nsaid",), pregnancy=False),
    Medicine("naproxen", ("naproxen", "aleve", "萘普生"), ("nsaid",), pregnancy=False, child_from=12),
    Medicine("diclofenac", ("diclofenac", "voltaren", "双氯芬酸", "扶他林"), ("nsaid",), pregnancy=False, child_from=14),
    Medicine("aspirin", ("aspirin", "阿司匹林"), ("nsaid", "salicylate"), pregnancy=False, child_from=16),
    Medicine("amoxicillin", ("amoxicillin", "amoxil", "阿莫西林"), ("penicillin",)),
    Medicine("penicillin", ("penicillin", "penicillin v", "青霉素"), ("penicillin",)),
    Medicine("flucloxacillin", ("flucloxacillin", "氟氯西林"), ("penicillin",)),
    Medicine("co-amoxiclav", ("co-amoxiclav", "augmentin", "阿莫西林克拉维酸"), ("penicillin",)),
    Medicine("co-trimoxazole", ("co-trimoxazole", "bactrim", "复方新诺明", "磺胺甲噁唑"), ("sulfonamide",), pregnancy=False),
    Medicine("doxycycline", ("doxycycline", "多西环素"), ("tetracycline",), pregnancy=False, child_from=12),
    Medicine("warfarin", ("warfarin", "coumadin", "华法林"), ("anticoagulant",), pregnancy=False),
    Medicine("apixaban", ("apixaban", "eliquis", "阿哌沙班"), ("anticoagulant",), pregnancy=False),
    Medicine("rivaroxaban", ("rivaroxaban", "xarelto", "利伐沙班"), ("anticoagulant",), pregnancy=False),
)  # fmt: skip

_ALLERGY_GROUPS = {
    "penicillin": "penicillin", "penicillins": "penicillin", "青霉素": "penicillin",
    "nsaid": "nsaid", "nsaids": "nsaid", "aspirin": "nsaid", "阿司匹林": "nsaid", "ibuprofen": "nsaid",
    "布洛芬": "nsaid", "sulfa": "sulfonamide", "sulfonamides": "sulfonamide", "磺胺": "sulfonamide",
    "tetracycline": "tetracycline", "四环素": "tetracycline",
}  # fmt: skip

INTERACTIONS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("nsaid", "anticoagulant", {
        "en": "Anti-inflammatory painkillers such as ibuprofen together with blood thinners raise the risk of bleeding.",
        "zh": "布洛芬等消炎止痛药与抗凝药同用会增加出血风险。"}),
    ("nsaid", "nsaid", {
        "en": "Two anti-inflammatory painkillers together raise the risk of stomach bleeding.",
        "zh": "同时服用两种消炎止痛药会增加胃出血风险。"}),
)  # fmt: skip


def _pattern(medicine: Medicine) -> re.Pattern[str]:
    parts = [
        re.escape(n) if ord(n[0]) > 0x2E80 else rf"(?<![a-z]){re.escape(n)}(?![a-z])"
        for n in medicine.names
    ]
    return re.compile("|".join(parts), re.I)


_PATTERNS = tuple((m, _pattern(m)) for m in MEDICINES)


def mentioned(text: str) -> list[Medicine]:
    """The medicines of the table that a text names."""
    return [m for m, pattern in _PATTERNS if pattern.search(text)]


def allergic(medicine: Medicine, allergies: tuple[str, ...]) -> bool:
    """Whether an allergy covers the medicine, by name or by class."""
    for allergy in allergies:
        plain = allergy.lower().strip()
        if any(n in plain or plain in n for n in medicine.names):
            return True
        for word, group in _ALLERGY_GROUPS.items():
            if word in plain and group in medicine.groups:
                return True
    return False


def interaction(one: Medicine, other: Medicine, language: str) -> str | None:
    """What is listed about two medicines; None means not listed, which is not the same as safe."""
    if one.name == other.name:
        return None
    for a, b, words in INTERACTIONS:
        if (a in one.groups and b in other.groups) or (b in one.groups and a in other.groups):
            return words.get(language, words["en"])
    return None
