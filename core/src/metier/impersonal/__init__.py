"""What a message asks, without who asks: the search doesn't see who somebody is.

A name, a nation, a faith or an age in a message changes which passages are found: a little
by its vector, a little by its words, and at the margin that is another passage for another
person. So a query leaves out what describes a person, unless the domain declares a reason to
treat people differently by it (`Manifest.fairness_exceptions`). What is asked about stays:
"I am Turkish" goes, "Turkish grammar" and "the Turkish lira" don't. Syntax decides, by the
lists of `who.yaml`; no model takes part.
"""

from metier.impersonal._impersonal import describes, impersonal

__all__ = ["describes", "impersonal"]
