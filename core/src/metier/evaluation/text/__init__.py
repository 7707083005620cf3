"""`metier eval text`: accuracy, fluency, diversity, preferences kept, attribution."""

from metier.evaluation.text._diversity import bleu, distinct, self_bleu
from metier.evaluation.text._fluency import Fault, NgramModel, faults
from metier.evaluation.text._greedy import TokenVectors, greedy_f1
from metier.evaluation.text._overlap import chrf, exact, numeric, rouge_l
from metier.evaluation.text._suite import measure

__all__ = [
    "Fault",
    "NgramModel",
    "TokenVectors",
    "bleu",
    "chrf",
    "distinct",
    "exact",
    "faults",
    "greedy_f1",
    "measure",
    "numeric",
    "rouge_l",
    "self_bleu",
]
