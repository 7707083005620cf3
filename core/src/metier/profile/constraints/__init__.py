"""Constraints at review: which of them an answer breaks, and the answer without that."""

from metier.profile.constraints._foods import includes
from metier.profile.constraints._repair import repaired
from metier.profile.constraints._review import breaks, broken
from metier.profile.constraints._types import Breach, Broken

__all__ = ["Breach", "Broken", "breaks", "broken", "includes", "repaired"]
