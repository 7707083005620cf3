"""Evaluation suites: the core's and those found in plugins, each reported as one object."""

from metier.evaluation._core import Options, core_suites, run_core_suite
from metier.evaluation._suites import run_suite, suites

__all__ = ["Options", "core_suites", "run_core_suite", "run_suite", "suites"]
