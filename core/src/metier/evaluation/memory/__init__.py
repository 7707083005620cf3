"""`metier eval memory`: whether what was said in passing is found when it matters."""

from metier.evaluation.memory._suite import TARGETS, measure

__all__ = ["TARGETS", "measure"]
