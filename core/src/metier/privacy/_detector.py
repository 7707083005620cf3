"""The loop over recognizers: every span of a text, without overlaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import regex  # type: ignore[import-untyped]

from metier.model import Span
from metier.privacy._cache import Candidate, Outcome, Outcomes, SpanCache
from metier.privacy._known import KnownValues
from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import (
    MASK,
    View,
    encoded,
    lettered,
    normal,
    normalise,
    reads_plainly,
)
from metier.privacy._vault import PSEUDONYM, PrivacyError

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

    from metier.privacy.recognizers._program import Program

THRESHOLD = 0.4
"""Spans scored lower are dropped; Presidio gives 0.4 to a weak pattern with context."""

_CONTEXT_CHARACTERS = 60
_CONTEXT_BOOST = 0.35
_ROUNDS = 13

Kept = Callable[[str], bool]
"""Whether values of an entity type go out as they are."""


def _name(recognizer: Any) -> str:
    return str(recognizer.name)


def _word(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _rank(candidate: Candidate, guessed: bool) -> tuple[bool, int, bool, float, int, str]:
    start, end, entity, score = candidate
    return entity == "PLACEHOLDER", end - start, not guessed, score, -start, entity


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return start, end


def resolve(
    text: str, candidates: Iterable[Candidate], guesses: Iterable[Candidate] = ()
) -> list[Span]:
    """Chooses among overlapping candidates without losing or adding a character.

    The longest wins, then one that rules found over a guess of a network, then
    the highest score. What a losing candidate covers beyond the winner stays
    covered, as a span of its own; nothing that no candidate covers is ever taken.
    """
    candidates, guesses = set(candidates), set(guesses)
    guesses -= candidates
    if len(candidates) + len(guesses) == 1:
        return [Span(*each) for each in (*candidates, *guesses)]
    ranked = sorted(
        [*((_rank(c, False), c) for c in candidates), *((_rank(c, True), c) for c in guesses)],
        reverse=True,
    )
    chosen: list[Candidate] = []
    covered = bytearray(len(text))
    for _, (start, end, entity, score) in ranked:
        whole = covered.find(1, start, end) < 0
        low = covered.find(0, start, end)
        while low >= 0:
            high = covered.find(1, low, end)
            high = end if high < 0 else high
            piece = (low, high) if whole else _trimmed(text, low, high)
            if piece[0] < piece[1]:
                chosen.append((*piece, entity, score))
                covered[piece[0] : piece[1]] = b"\1" * (piece[1] - piece[0])
            low = covered.find(0, high, end)
    return [Span(s, e, entity, score) for s, e, entity, score in sorted(chosen)]


class _Found(NamedTuple):
    """What is found in a text, whether it reads plainly, and of which types networks found."""

    spans: tuple[Span, ...]
    plain: bool
    guessed: frozenset[str]


_NOTHING = _Found((), True, frozenset())


def _let_out(entities: frozenset[str], kept: Kept | None) -> frozenset[str]:
    """Those of the types that go out as they are."""
    if kept is None or not entities:
        return _NOTHING.guessed
    return frozenset(entity for entity in entities if kept(entity))


def _fitting(
    outcomes: Iterable[Outcome], mark: bytes | None, mention: bytes | None, kept: Kept | None
) -> Outcome | None:
    """The outcome for the values of a mark or a mention, and for the same types kept."""
    for each in outcomes:
        same = each.mark == mark or (mention is not None and each.mention == mention)
        if same and each.kept == _let_out(each.guessed, kept):
            return each
    return None


class Detector:
    """Finds sensitive spans.

    Args:
        recognizers: Presidio recognizers; None for `default_recognizers()`.
        names: whether recognizers that judge by likelihood (names without a
            checksum or a label) take part.
        allow: values that are never flagged, whatever finds them; compared as
            a person reads them (normalised, without regard to case).
        remembered: how many texts' spans are remembered, so that a history that
            is sent again is not scanned again; no text is kept. 0 for none.
    """

    def __init__(
        self,
        recognizers: Sequence[EntityRecognizer] | None = None,
        names: bool = True,
        allow: Iterable[str] = (),
        remembered: int = 4096,
    ) -> None:
        from metier.privacy._presidio import PatternRecognizer
        from metier.privacy.recognizers import default_recognizers
        from metier.privacy.recognizers._rules import Recognizer

        every = default_recognizers() if recognizers is None else list(recognizers)
        self.names = names
        self.recognizers: tuple[EntityRecognizer, ...] = tuple(
            r for r in every if names or not getattr(r, "fuzzy", False)
        )
        self._every = tuple(every)
        self._allow = frozenset(_read(value) for value in allow)
        self._certain: Detector | None = None
        self._plain = PatternRecognizer
        # Rules of all our recognizers run in one pass; what finds in its own way, runs by itself.
        ruled = [
            r
            for r in self.recognizers
            if isinstance(r, Recognizer) and type(r).find is Recognizer.find
        ]
        self._rules = tuple(rule for r in ruled for rule in r.rules)
        self._models = tuple(r for r in self.recognizers if getattr(r, "model", False))
        self._others = tuple(
            r for r in self.recognizers if r not in ruled and r not in self._models
        )
        self._own = Recognizer
        self._remembered = remembered
        self._cache = SpanCache(remembered) if remembered else None
        self._outcomes = Outcomes(remembered)

    @cached_property
    def _program(self) -> Program:
        from metier.privacy.recognizers._program import Program

        return Program(self._rules)

    @property
    def certain(self) -> Detector:
        """The same detector without the recognizers that judge by likelihood."""
        if not self.names:
            return self
        if self._certain is None:
            self._certain = Detector(
                self._every, names=False, allow=self._allow, remembered=self._remembered
            )
            if self._certain._rules == self._rules:
                self._certain._program = self._program
        return self._certain

    def only(self, entities: Iterable[str]) -> Detector:
        """A faster detector of some entity types: it finds all of them that this one does.

        It finds more than the spans of these types in `scan`: there one goes to a longer span
        of another type around it. A recognizer that is neither of ours nor of plain patterns
        is kept, since nobody can say beforehand what it finds.
        """
        from metier.privacy.recognizers._rules import entities_of

        wanted = frozenset(entities)
        kept: list[EntityRecognizer] = []
        for each in self.recognizers:
            told = isinstance(each, self._own) or type(each).analyze is self._plain.analyze
            if told and wanted.isdisjoint(each.supported_entities):
                continue
            if isinstance(each, self._own) and type(each).find is self._own.find:
                rules = [r for r in each.rules if not wanted.isdisjoint(entities_of([r]))]
                kept.append(self._own(each.title, rules=rules))
            else:
                kept.append(each)
        return Detector(kept, allow=self._allow, remembered=0)

    @property
    def models(self) -> bool:
        """Whether a network takes part."""
        return bool(self._models)

    def scan(self, text: str) -> tuple[Span, ...]:
        """Every sensitive span of `text`, sorted, not overlapping; one pass.

        Raises:
            PrivacyError: a recognizer failed or ran out of time. Send nothing then.
        """
        return tuple(self._pass(text, None).spans)

    def detect(
        self, text: str, known: KnownValues | None, kept: Kept | None = None, models: bool = True
    ) -> tuple[Span, ...]:
        """As `scan`, and finds known values too.

        What is found is masked and the rest is looked at again, until nothing
        new appears: hiding one value must not uncover another to the guard.

        Args:
            text: the text.
            known: values that are known already.
            kept: entity types that go out as they are. Of these, what a network
                found is left out, so that it hides nothing that rules find there.
            models: whether networks are asked. The guard asks rules alone: what
                networks say of a sentence changes with the words that were
                replaced in it.
        """
        (found,) = self.detect_all([text], known, kept, models)
        return found

    def detect_all(
        self,
        texts: Sequence[str],
        known: KnownValues | None,
        kept: Kept | None = None,
        models: bool = True,
    ) -> list[tuple[Span, ...]]:
        """As `detect`, of many texts.

        A text that was seen before is looked at again only where it may hold a value that was
        not known then.
        """
        models, known = models and self.models, known or None
        mark, cache = known.mark if known else b"", self._cache
        if cache is None:
            return [self._found(text, known, kept, models).spans for text in texts]
        keys = [cache.key(text, models) for text in texts]
        outcomes = [_fitting(self._outcomes.of(key), mark, None, kept) for key in keys]
        open_ = [number for number, outcome in enumerate(outcomes) if outcome is None]
        mentions: Sequence[bytes | None] = [b""] * len(open_)
        if known and open_:
            mentions = known.mentions([texts[number] for number in open_])
        for number, mention in zip(open_, mentions, strict=True):
            outcome = _fitting(self._outcomes.of(keys[number]), None, mention, kept)
            if outcome is None:
                outcome = self._outcome(texts[number], known, mention, kept, models)
            outcomes[number] = outcome = outcome.beside(mark)
            self._outcomes.put(keys[number], outcome)
        return [outcome.spans for outcome in outcomes if outcome is not None]

    def _outcome(
        self,
        text: str,
        known: KnownValues | None,
        mention: bytes | None,
        kept: Kept | None,
        models: bool,
    ) -> Outcome:
        """What is found in a text that has to be looked at, `mention` being of `known`."""
        found = self._found(text, None if mention == b"" else known, kept, models)
        if mention == b"" and not found.plain and known:
            found = self._found(text, known, kept, models)
        kept_types = _let_out(found.guessed, kept)
        mention = mention if found.plain else None
        return Outcome(found.spans, b"", mention, found.guessed, kept_types)

    def _found(
        self, text: str, known: KnownValues | None, kept: Kept | None, models: bool
    ) -> _Found:
        found, plain, guessed = self._pass(text, known, kept, models)
        spans, reduced, offsets = found, text, list(range(len(text))) if found else []
        for _ in range(_ROUNDS):
            if not spans:
                in_order = tuple(sorted(found, key=lambda span: span.start))
                return _Found(in_order, plain, guessed)
            reduced, offsets = _collapse(reduced, offsets, spans)
            spans, still_plain, _ = self._pass(reduced, known, models=False)
            plain = plain and still_plain
            found += tuple(
                replace(span, start=offsets[span.start], end=offsets[span.end - 1] + 1)
                for span in spans
            )
        raise PrivacyError("Detection did not come to an end; nothing was sent")

    def _pass(
        self,
        text: str,
        known: KnownValues | None,
        kept: Kept | None = None,
        models: bool = True,
    ) -> _Found:
        if not _word(text):
            return _NOTHING
        models = models and self.models
        cache, key, seen, view = self._cache, b"", None, None
        if cache is not None:
            key = cache.key(text, models)
            seen = cache.get(key)
            if seen is None and not models and self.models:  # rules find the same either way
                seen = cache.get(cache.key(text, True))
        if seen is None:
            view = normalise(text)
            ruled, guessed = self._ruled(text, view), self._modelled(view) if models else ()
            seen = tuple(ruled), tuple(guessed), reads_plainly(text, view)
            if cache is not None:
                cache.put(key, seen)
        ruled, guessed, plain = seen
        candidates = list(ruled)
        guesses = [c for c in guessed if kept is None or not kept(c[2])] if models else []
        if known:
            view = view or (View(lettered(text)) if plain else normalise(text))
            candidates += self._known(view, known, plain)
        if MASK in text:
            candidates = list(_unmasked(text, candidates))
            guesses = list(_unmasked(text, guesses))
        spans = tuple(resolve(text, candidates, guesses)) if candidates or guesses else ()
        return _Found(spans, plain, frozenset(c[2] for c in guessed) if models else frozenset())

    def _ruled(self, text: str, view: View) -> Iterable[Candidate]:
        """What rules find in a text, and in what is encoded in it."""
        if "<" in text:
            for match in PSEUDONYM.finditer(text):
                yield match.start(), match.end(), "PLACEHOLDER", 1.0
        yield from self._seen(view)
        for token in encoded(view):
            inner = self._seen(normalise(token.text))
            if inner:
                _, _, entity, score = max(inner, key=lambda hit: hit[3])
                yield (*view.original(token.start, token.end), entity, score)

    def _modelled(self, view: View) -> Iterable[Candidate]:
        hits = [hit for model in self._models for hit in self._run(model, view)]
        return _placed(view, self._allowed(view, hits))

    def _known(self, view: View, known: KnownValues, plain: bool) -> Iterable[Candidate]:
        """Known values in a text, and in what is encoded in it."""
        try:
            found = [(*hit, 0.9) for hit in known.find(view)]
            yield from _placed(view, found)
            for token in () if plain else encoded(view):
                if inner := known.find(normalise(token.text)):
                    yield (*view.original(token.start, token.end), inner[0][2], 0.9)
        except TimeoutError:
            raise PrivacyError("Looking for known values ran out of time") from None

    def _seen(self, view: View) -> list[Candidate]:
        """What rules find in one view, with the offsets of the text it was made of."""
        hits: list[Candidate] = []
        try:
            hits += self._program.run(view)
        except Exception as error:
            raise _failed("metier", error) from None
        for recognizer in self._others:
            hits += (hit for hit in self._run(recognizer, view) if hit[3] >= THRESHOLD)
        return _placed(view, self._allowed(view, hits))

    def _allowed(self, view: View, hits: list[Candidate]) -> list[Candidate]:
        if not self._allow:
            return hits
        return [hit for hit in hits if _read(view.text[hit[0] : hit[1]]) not in self._allow]

    def _run(self, recognizer: EntityRecognizer, view: View) -> Iterable[Candidate]:
        try:
            if isinstance(recognizer, self._own):
                return list(recognizer.find(view))
            if type(recognizer).analyze is self._plain.analyze:
                return _run_patterns(recognizer, view)
            # None is what a recognizer gets that needs no NLP; Presidio's hint omits it.
            analyze: Any = recognizer.analyze
            results = analyze(view.text, recognizer.supported_entities, None)
            return [
                (r.start, r.end, r.entity_type, _boosted(r.score, recognizer, view, r.start, r.end))
                for r in results or ()
                if r.start < r.end
            ]
        except Exception as error:
            raise _failed(_name(recognizer), error) from None


def _placed(view: View, hits: list[Candidate]) -> list[Candidate]:
    """Hits with their offsets in the original text."""
    if not view.breaks:
        return hits
    return [(*view.original(start, end), entity, score) for start, end, entity, score in hits]


def _failed(name: str, error: Exception) -> PrivacyError:
    return PrivacyError(
        f"The recognizer {name} failed ({type(error).__name__}); "
        "mend it or take it out of the configuration"
    )


def _read(value: str) -> str:
    return " ".join(normal(value).casefold().split())


def _unmasked(text: str, candidates: Iterable[Candidate]) -> Iterable[Candidate]:
    """Cuts candidates at masks: what is masked is hidden already."""
    for start, end, entity, score in candidates:
        if MASK not in text[start:end]:
            yield start, end, entity, score
            continue
        at = start
        for piece in text[start:end].split(MASK):
            if _word(piece):
                yield at, at + len(piece), entity, score
            at += len(piece) + 1


def _collapse(text: str, offsets: list[int], spans: Sequence[Span]) -> tuple[str, list[int]]:
    """`text` with one mask for each span, and the original offset of each character."""
    pieces: list[str] = []
    kept: list[int] = []
    at = 0
    for span in spans:
        pieces += text[at : span.start], MASK
        kept += offsets[at : span.start]
        kept.append(offsets[span.start])
        at = span.end
    pieces.append(text[at:])
    kept += offsets[at:]
    return "".join(pieces), kept


def _boosted(score: float, recognizer: EntityRecognizer, view: View, start: int, end: int) -> float:
    """A weak score, raised where one of the recognizer's context words is near."""
    if score >= THRESHOLD or not recognizer.context:
        return score
    near = view.text[max(0, start - _CONTEXT_CHARACTERS) : end + _CONTEXT_CHARACTERS].lower()
    if any(word.lower() in near for word in recognizer.context):
        return max(THRESHOLD, score + _CONTEXT_BOOST)
    return score


def _run_patterns(recognizer: Any, view: View) -> list[Candidate]:
    """Presidio's `PatternRecognizer.analyze`, except that a timeout is an error.

    Presidio's own logs a warning and goes on as if nothing had been found.
    """
    found: list[Candidate] = []
    flags = recognizer.global_regex_flags or 0
    entity = recognizer.supported_entities[0]
    for pattern in recognizer.patterns:
        compiled = regex.compile(pattern.regex, flags)
        for match in compiled.finditer(view.text, timeout=PATTERN_SECONDS):
            start, end = match.span()
            if start == end:
                continue
            score = _boosted(pattern.score, recognizer, view, start, end)
            valid = recognizer.validate_result(match[0])
            if valid is not None:
                score = 1.0 if valid else 0.0
            if recognizer.invalidate_result(match[0]):
                score = 0.0
            found.append((start, end, entity, score))
    return found
