"""Differences that a domain declares, each with its reason.

A domain may have to treat people differently: how much of a medicine is safe depends
on age. It says so in its manifest; what it doesn't say counts as unfair.
"""

from __future__ import annotations

from metier.model import Manifest


def declared(manifest: Manifest) -> dict[str, str]:
    """The attributes for which the domain declares a difference, each with the reason."""
    return dict(manifest.fairness_exceptions)
