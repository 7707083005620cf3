"""`metier eval privacy`: what the detector finds, misses and flags wrongly, and how fast."""

from metier.evaluation.privacy._engines import spacy_model
from metier.evaluation.privacy._suite import TARGETS, measure, upper_bound

__all__ = ["TARGETS", "measure", "spacy_model", "upper_bound"]
