"""`metier eval fairness`: what changes when a word for a protected group is swapped."""

from metier.evaluation.fairness._declared import declared
from metier.evaluation.fairness._pairs import Pair
from metier.evaluation.fairness._run import Outcome
from metier.evaluation.fairness._suite import marks, measure, outcomes

__all__ = ["Outcome", "Pair", "declared", "marks", "measure", "outcomes"]
