"""What is measured: metier's detector, and Presidio's own analyzer beside it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from metier.model import Span
from metier.privacy import Detector, PrivacyError

_MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")
"""English models, the best first; a distribution may add to the name."""
_NOT_FOUND_IN_TEXT = frozenset({"PLACEHOLDER"})
"""Pseudonyms that stand in a text already are let pass, not detected."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A named function from text to spans."""

    name: str
    find: Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Spans text by text, and how many texts were refused.

    A detector that fails closed sends nothing. Such a text counts as one in
    which nothing was found, so refusing never raises a mark.
    """

    spans: tuple[tuple[Span, ...], ...]
    refused: int


def predict(engine: Engine, texts: Iterable[str]) -> Predictions:
    """Runs an engine over texts."""
    spans: list[tuple[Span, ...]] = []
    refused = 0
    for text in texts:
        try:
            found = tuple(engine.find(text))
        except PrivacyError:
            refused += 1
            found = ()
        spans.append(tuple(s for s in found if s.entity not in _NOT_FOUND_IN_TEXT))
    return Predictions(tuple(spans), refused)


def ours(names: bool = True) -> Engine:
    """metier's detector as it is built by default, with or without names."""
    return Engine("names" if names else "identifiers", Detector(names=names, remembered=0).scan)


def _presidio_engine(name: str, pipeline: Any, model: str) -> Engine:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    nlp: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model}])
    nlp.nlp = {"en": pipeline}
    analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])

    def find(text: str) -> list[Span]:
        return [
            Span(r.start, r.end, r.entity_type, r.score)
            for r in analyzer.analyze(text, language="en")
        ]

    find("Warm up: anna@example.com")
    return Engine(name, find)


def _stay_offline() -> None:
    """Presidio's e-mail recognizer would fetch a list of domains; the packaged one serves."""
    import tldextract.tldextract as module

    module.TLD_EXTRACTOR = module.TLDExtract(suffix_list_urls=(), cache_dir=None)


def spacy_model() -> str | None:
    """The best English spaCy model that is installed, if any is."""
    import spacy

    installed = sorted(spacy.util.get_installed_models())
    return next((m for known in _MODELS for m in installed if m.startswith(known)), None)


def presidio_engines() -> list[Engine]:
    """Presidio's analyzer with its own recognizers, as it comes.

    `presidio_blank` has spaCy's blank English pipeline, no model; `presidio_spacy`
    has the best English spaCy model that is installed, if any is. Empty where
    spaCy is not installed. Imported only here: it takes seconds.
    """
    if any(importlib.util.find_spec(p) is None for p in ("presidio_analyzer", "spacy")):
        return []
    import spacy

    _stay_offline()
    engines = [_presidio_engine("presidio_blank", spacy.blank("en"), "blank")]
    if model := spacy_model():
        engines.append(_presidio_engine("presidio_spacy", spacy.load(model), model))
    return engines
