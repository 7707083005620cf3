"""Health information for metier: emergencies first, constraints always, no diagnosis."""

from metier_healthcare._plugin import Healthcare

plugin = Healthcare()

__all__ = ["Healthcare", "plugin"]
