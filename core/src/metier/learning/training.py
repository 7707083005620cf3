"""What trainers of heads need besides the room's door; nothing that serves imports it."""

from metier.learning._features import joined, rarity, rows_of
from metier.learning._fit import Linear, calibration_error, fit, softmax, temperature_of

__all__ = [
    "Linear",
    "calibration_error",
    "fit",
    "joined",
    "rarity",
    "rows_of",
    "softmax",
    "temperature_of",
]
