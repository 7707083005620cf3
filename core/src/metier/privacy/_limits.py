"""Limits that every search in a text keeps."""

from __future__ import annotations

PATTERN_SECONDS = 5.0
"""A pattern that takes longer is given up, and with it the turn. Ours take milliseconds."""
