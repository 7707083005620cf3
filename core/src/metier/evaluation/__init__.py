"""Evaluation suites: the core's and those found in plugins, each reported as one object."""

from metier.evaluation._core import Options, core_suites, run_core_suite
from metier.evaluation._suites import (
    failed_suites,
    known_suite,
    run_plugin_suite,
    run_suite,
    suites,
)

__all__ = [
    "Options",
    "core_suites",
    "failed_suites",
    "known_suite",
    "run_core_suite",
    "run_plugin_suite",
    "run_suite",
    "suites",
]
