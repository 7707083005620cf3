"""The adversarial set: disguised values that must be hidden, and their benign twins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from metier.evaluation.privacy._samples import digest
from metier.evaluation.privacy.adversarial._benign import benign_texts
from metier.evaluation.privacy.adversarial._disguises import CLASSES
from metier.evaluation.privacy.adversarial._values import FRAMES, VALUES

CASES_A_LANGUAGE = 12
_OPEN, _CLOSE = "⟦", "⟧"
_BEGUN = {
    "en": {"card": "My card is {}", "mobile": "My phone number starts {}", "phone": "Call me: {}"},
    "zh": {"card": "我的卡号前半是{}", "mobile": "我的手机号前面是{}", "phone": "请打给我：{}"},
}
_ENDED = {"en": ("and then {}", "{}", "the rest is {}"), "zh": ("后面是{}", "{}", "接着是{}")}


@dataclass(frozen=True, slots=True)
class Case:
    """One disguised value.

    Args:
        kind: the class of disguise.
        language: of the sentence around it.
        messages: what a person writes, in order; one but for values split over turns.
        spans: where the value stands in each message, in its disguise.
    """

    kind: str
    language: str
    messages: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def held_back(self) -> bool:
        """Whether the case is only measured: the parity of the sha256 of its text."""
        return int(digest("\n".join(self.messages)), 16) % 2 == 1


def _marked(text: str) -> tuple[str, tuple[int, int]]:
    start = text.index(_OPEN)
    end = text.index(_CLOSE) - 1
    return text.replace(_OPEN, "").replace(_CLOSE, ""), (start, end)


def _case(kind: str, language: str, number: int) -> Case:
    r = Random(f"{kind}/{language}/{number}")  # noqa: S311 - repeatable on purpose
    chosen = CLASSES[kind]
    sort = chosen.kinds[number % len(chosen.kinds)]
    value = VALUES[sort](r)
    if kind == "turns":
        return _split(language, sort, value, r)
    disguised = chosen.make(value, language, r)
    if _OPEN not in disguised:
        disguised = f"{_OPEN}{disguised}{_CLOSE}"
    text, span = _marked(r.choice(FRAMES[language][sort]).format(disguised))
    return Case(kind, language, (text,), (span,))


def _split(language: str, sort: str, value: str, r: Random) -> Case:
    cut = r.choice((len(value) // 2, 8, 6, 7)) if len(value) > 11 else r.choice((3, 5, 6, 7))
    halves = value[:cut], value[cut:]
    if len(value) > 11 and r.random() < 0.5:
        halves = (" ".join((value[:4], value[4:8])), " ".join((value[8:12], value[12:])))
    frames = _BEGUN[language][sort], r.choice(_ENDED[language])
    marked = [
        _marked(frame.format(f"{_OPEN}{half}{_CLOSE}"))
        for frame, half in zip(frames, halves, strict=True)
    ]
    return Case("turns", language, tuple(m[0] for m in marked), tuple(m[1] for m in marked))


def _all() -> Iterator[Case]:
    for kind in CLASSES:
        for language in ("en", "zh"):
            for number in range(CASES_A_LANGUAGE):
                yield _case(kind, language, number)


@cache
def cases() -> tuple[Case, ...]:
    """Every case, the same ones every time."""
    return tuple(_all())


@cache
def benign() -> tuple[str, ...]:
    """Texts that look alike and hold nothing sensitive, the same ones every time."""
    return tuple(benign_texts())
