"""How well metier knows a person: hand-written cases, and preferences stated long ago."""

from metier.evaluation.profile._suite import measure

__all__ = ["measure"]
