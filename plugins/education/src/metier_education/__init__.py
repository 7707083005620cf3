"""Tutoring for metier: one hint at a time, checked arithmetic."""
