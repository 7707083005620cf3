"""A set of disguised values, half of it held back, and benign twins; of our own make."""

from metier.evaluation.privacy.adversarial._cases import Case, benign, cases
from metier.evaluation.privacy.adversarial._disguises import CLASSES
from metier.evaluation.privacy.adversarial._measure import Outcome, caught, flagged, outcomes

__all__ = ["CLASSES", "Case", "Outcome", "benign", "cases", "caught", "flagged", "outcomes"]
