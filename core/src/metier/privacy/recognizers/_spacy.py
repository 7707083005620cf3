"""Names by a spaCy pipeline, for deployments that have one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metier.model import MetierError
from metier.privacy._normalise import View
from metier.privacy.recognizers._rules import Hit, Recognizer

_TYPES = {
    "PERSON": "PERSON", "PER": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
}  # fmt: skip
"""Labels of spaCy's pipelines (OntoNotes and CoNLL) as entity types."""

_SCORE = 0.85
"""spaCy gives no probabilities; Presidio's default for its entities."""


class SpacyNames(Recognizer):
    """Persons, places and organisations that a spaCy pipeline finds.

    Args:
        pipeline: the name of an installed pipeline, or the folder of one.
        language: the pipeline's language, such as "en".

    Raises:
        MetierError: the pipeline isn't installed.
    """

    fuzzy = True
    model = True

    def __init__(self, pipeline: str, language: str = "en") -> None:
        self._pipeline = pipeline
        self._nlp: Any = None
        # Presidio's constructor calls `load`.
        super().__init__(f"spacy-{pipeline}", sorted(set(_TYPES.values())), language=language)

    def load(self) -> None:
        """Loads the pipeline.

        Raises:
            MetierError: it isn't installed.
        """
        import spacy

        try:
            self._nlp = spacy.load(self._pipeline)
        except OSError:
            raise MetierError(
                f"The spaCy pipeline '{self._pipeline}' is not installed; install it beside "
                "metier, or change `privacy.names` in metier.toml.",
                code="name_model",
            ) from None

    def find(self, view: View) -> Iterable[Hit]:
        """Hits in a normalised text."""
        for entity in self._nlp(view.text).ents:
            kind = _TYPES.get(entity.label_)
            if kind is not None:
                yield entity.start_char, entity.end_char, kind, _SCORE
