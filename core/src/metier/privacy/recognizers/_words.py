"""The gazetteers under one roof."""

from __future__ import annotations

from metier.privacy.recognizers._gazetteer_en import AMBIGUOUS
from metier.privacy.recognizers._gazetteer_zh import COMPOUND_SURNAMES, ORDINARY
from metier.privacy.recognizers._gazetteer_zh import SURNAMES as CHINESE_SURNAMES

__all__ = ["AMBIGUOUS", "CHINESE_SURNAMES", "COMPOUND_SURNAMES", "ORDINARY"]
