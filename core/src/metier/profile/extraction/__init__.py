"""What a person states of themselves, read from their message by rules, in English and Chinese.

A rule is a pattern over one clause. It counts only where the clause is a statement in earnest:
quotations, pasted texts, code, examples and played parts are blanked out before; questions,
conditions, reports of what somebody says and doubts yield nothing; what is said of another
person is a fact about them. "I think" is no doubt of a preference, and one of everything else.
"""

from metier.profile.extraction._extract import SLOTS, extract
from metier.profile.extraction._learned import LEARNED

__all__ = ["LEARNED", "SLOTS", "extract"]
