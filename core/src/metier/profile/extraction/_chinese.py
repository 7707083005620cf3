"""What a person states of themselves in Chinese: the same slots as the English rules.

The rules read clauses as `_chinese_frame` puts them: 我 and what is said of the subject.
"""

from __future__ import annotations

from metier.profile.extraction import (
    _chinese_answers,
    _chinese_everyday,
    _chinese_general,
    _chinese_health,
    _chinese_life,
    _chinese_where,
    _chinese_who,
    _chinese_wishes,
)
from metier.profile.extraction._rule import Rule

RULES: tuple[Rule, ...] = (
    *_chinese_who.RULES,
    *_chinese_where.RULES,
    *_chinese_health.RULES,
    *_chinese_life.RULES,
    *_chinese_everyday.RULES,
    *_chinese_answers.RULES,
    *_chinese_wishes.RULES,
)

GENERAL: tuple[Rule, ...] = (*_chinese_general.RULES, *_chinese_general.BARE)
"""Read only in clauses of which no other rule reads anything."""
