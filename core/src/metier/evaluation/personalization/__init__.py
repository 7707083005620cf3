"""`metier eval personalization`: what a group gives a new person, and what privacy costs."""

from metier.evaluation.personalization._suite import TARGETS, measure

__all__ = ["TARGETS", "measure"]
