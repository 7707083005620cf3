"""The test kit for authors of metier plugins: an open metier, and a model server that records."""

from metier_testing.opened import opened
from metier_testing.upstream import RecordingUpstream

__all__ = ["RecordingUpstream", "opened"]
