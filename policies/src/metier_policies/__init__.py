"""Reviewed policy files for metier."""
