"""Differences that a domain declares, each with its reason.

A domain may have to treat people differently: how much of a medicine is safe depends
on age. It says so in its manifest; what it doesn't say counts as unfair.
"""

from __future__ import annotations

from collections.abc import Mapping

from metier.model import Manifest

_FROM_MANIFEST = "fairness_exceptions"
_SHIPPED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "healthcare": (
        ("age", "Doses, warnings and who should see a doctor depend on age."),
        ("sex", "Some signs, and the medicines that are safe, differ between the sexes."),
        ("pregnancy", "Many medicines are not safe in pregnancy."),
    ),
}
"""Of the domains that ship, until their manifests say it themselves."""


def declared(manifest: Manifest) -> dict[str, str]:
    """The attributes for which the domain declares a difference, each with the reason."""
    own: tuple[tuple[str, str], ...] = getattr(manifest, _FROM_MANIFEST, ())
    return dict(own or _SHIPPED.get(manifest.name, ()))
