"""Groups of people: who belongs to them, what is told of them, and what a new person gets.

Pure: nothing here reads or writes a store. Figures of a group are told with noise, of k
people at least, and paid from a budget; see docs/cohorts.md for what that does and doesn't
protect.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from metier.profile.cohorts._shrink import (
    STRENGTH,
    Estimate,
    Level,
    shrink,
    strength_of_means,
    strength_of_rates,
)
from metier.profile.cohorts._types import (
    TENANT,
    Assumed,
    Cohort,
    Condition,
    Contribution,
    Declared,
    Kind,
    Learn,
    Membership,
    Preferred,
    Prior,
    Rated,
    Release,
    Start,
)

if TYPE_CHECKING:
    from metier.profile.cohorts._codec import (
        decode_found,
        decode_ledger,
        decode_release,
        encode_found,
        encode_ledger,
        encode_release,
    )
    from metier.profile.cohorts._contribute import contribution
    from metier.profile.cohorts._declared import (
        COUNTED,
        PROTECTED,
        cohorts_of,
        counted_in,
        load_cohorts,
        parse_cohorts,
    )
    from metier.profile.cohorts._found import (
        Cluster,
        Found,
        affinities,
        belonging,
        fact_vector,
        find,
        membership,
    )
    from metier.profile.cohorts._ledger import BudgetSpent, Ledger, Spent
    from metier.profile.cohorts._levels import UNKNOWN, levels, worth
    from metier.profile.cohorts._noise import Gaussian, Mechanism
    from metier.profile.cohorts._release import (
        EVERY,
        Refreshed,
        refresh,
        still_allowed,
        threshold_of,
    )
    from metier.profile.cohorts._start import cold_start, hint

_LATER = {
    "_codec": (
        "decode_found", "decode_ledger", "decode_release", "encode_found", "encode_ledger",
        "encode_release",
    ),
    "_contribute": ("contribution",),
    "_declared": (
        "COUNTED", "PROTECTED", "cohorts_of", "counted_in", "load_cohorts", "parse_cohorts",
    ),
    "_found": ("Cluster", "Found", "affinities", "belonging", "fact_vector", "find", "membership"),
    "_ledger": ("BudgetSpent", "Ledger", "Spent"),
    "_noise": ("Gaussian", "Mechanism",),
    "_release": ("EVERY", "Refreshed", "refresh", "still_allowed", "threshold_of"),
    "_levels": ("UNKNOWN", "levels", "worth"),
    "_start": ("cold_start", "hint"),
}  # fmt: skip
"""What most commands don't need at their start, by the module that has it."""


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(f"metier.profile.cohorts.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "COUNTED",
    "EVERY",
    "PROTECTED",
    "STRENGTH",
    "TENANT",
    "UNKNOWN",
    "Assumed",
    "BudgetSpent",
    "Cluster",
    "Cohort",
    "Condition",
    "Contribution",
    "Declared",
    "Estimate",
    "Found",
    "Gaussian",
    "Kind",
    "Learn",
    "Ledger",
    "Level",
    "Mechanism",
    "Membership",
    "Preferred",
    "Prior",
    "Rated",
    "Refreshed",
    "Release",
    "Spent",
    "Start",
    "affinities",
    "belonging",
    "cohorts_of",
    "cold_start",
    "contribution",
    "counted_in",
    "decode_found",
    "decode_ledger",
    "decode_release",
    "encode_found",
    "encode_ledger",
    "encode_release",
    "fact_vector",
    "find",
    "hint",
    "levels",
    "load_cohorts",
    "membership",
    "parse_cohorts",
    "refresh",
    "shrink",
    "still_allowed",
    "strength_of_means",
    "strength_of_rates",
    "threshold_of",
    "worth",
]
