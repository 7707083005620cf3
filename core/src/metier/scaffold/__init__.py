"""What `metier new` writes: the project of a plugin that works, from packaged templates."""

from metier.scaffold._project import LANGUAGES, new_project

__all__ = ["LANGUAGES", "new_project"]
