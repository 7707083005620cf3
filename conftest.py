"""What holds for the tests of every package."""

from hypothesis import settings

# Tests don't assert on time, and the machine may have other work.
settings.register_profile("metier", deadline=None)
settings.load_profile("metier")
