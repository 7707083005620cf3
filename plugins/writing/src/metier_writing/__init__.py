"""Writing help for metier: suggestions with reasons, in the person's own style."""

from metier_writing._plugin import Writing

plugin = Writing()

__all__ = ["Writing", "plugin"]
