"""Tutoring for metier: one hint at a time, checked arithmetic and algebra."""

from metier_education._plugin import Education

plugin = Education()

__all__ = ["Education", "plugin"]
