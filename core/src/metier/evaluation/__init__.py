"""Evaluation suites: found in plugins, run on fresh subjects, reported as one object."""

from metier.evaluation._suites import run_suite, suites

__all__ = ["run_suite", "suites"]
