"""Fitting: multinomial logistic regression with an L2 penalty, and how sure it may sound.

Only where something is trained; a head that is used needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

_KEPT = 10
_ENOUGH = 1e-6
"""Relative change of the loss at which the fit is done."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Coefficients (features x labels) and what is added for each label."""

    coefficients: Rows
    bias: Rows

    def scores(self, rows: Rows) -> Rows:
        """The logits of each row."""
        found: Rows = rows @ self.coefficients + self.bias
        return found


def fit(
    rows: Rows,
    labels: Labels,
    classes: int,
    *,
    penalty: float = 1.0,
    weights: Rows | None = None,
    iterations: int = 100,
) -> Linear:
    """Multinomial logistic regression with an L2 penalty, by L-BFGS; the same every time.

    Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989.

    Args:
        rows: a row of features for each example.
        labels: the number of its label.
        penalty: half its product with the sum of squares of the coefficients is added to the
            sum of the losses; the bias is free.
        weights: what each example counts; 1 where None.
    """
    import numpy as np

    n, width = rows.shape
    counts = np.ones(n, np.float32) if weights is None else weights.astype(np.float32)
    every = np.arange(n)

    def loss(w: Rows) -> tuple[float, Rows]:
        coefficients, bias = w[:-1], w[-1]
        logits = rows @ coefficients + bias
        logits -= logits.max(1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(1, keepdims=True)
        right = np.maximum(logits[every, labels], 1e-30).astype(np.float64)
        value = float(-(counts * np.log(right)).sum())
        value += penalty / 2 * float((coefficients.astype(np.float64) ** 2).sum())
        logits[every, labels] -= 1
        logits *= counts[:, None]
        slope = np.empty_like(w)
        np.matmul(rows.T, logits, out=slope[:-1])
        slope[:-1] += penalty * coefficients
        slope[-1] = logits.sum(0)
        return value, slope

    found = minimise(loss, np.zeros((width + 1, classes), np.float32), iterations)
    return Linear(found[:-1], found[-1])


def minimise(loss: Callable[[Rows], tuple[float, Rows]], start: Rows, iterations: int) -> Rows:
    """L-BFGS with a line search that halves its step."""
    import numpy as np

    w = start
    value, slope = loss(w)
    steps: list[tuple[Rows, Rows]] = []
    for _ in range(iterations):
        way = _way(slope, steps)
        down = float(np.vdot(slope, way))
        if down <= 0:  # rounding has turned the direction; begin again from the slope
            steps, way = [], slope
            down = float(np.vdot(slope, slope))
        size = 1.0 if steps else min(1.0, 1.0 / max(1e-12, float(np.linalg.norm(slope))))
        while True:
            new = w - size * way
            new_value, new_slope = loss(new)
            if new_value <= value - 1e-4 * size * down or size < 1e-6:
                break
            size /= 2
        step, turn = new - w, new_slope - slope
        if float(np.vdot(step, turn)) > 1e-10:
            steps = [*steps, (step, turn)][-_KEPT:]
        settled = value - new_value < _ENOUGH * abs(value)
        w, value, slope = new, new_value, new_slope
        if settled:
            break
    return w


def _way(slope: Rows, steps: list[tuple[Rows, Rows]]) -> Rows:
    """The two-loop recursion."""
    import numpy as np

    way, shares = slope.copy(), []
    for step, turn in reversed(steps):
        share = float(np.vdot(step, way)) / float(np.vdot(turn, step))
        shares.append(share)
        way -= share * turn
    if steps:
        step, turn = steps[-1]
        way *= float(np.vdot(step, turn)) / float(np.vdot(turn, turn))
    for (step, turn), share in zip(steps, reversed(shares), strict=True):
        way += step * (share - float(np.vdot(turn, way)) / float(np.vdot(turn, step)))
    return way


# --- calibration ------------------------------------------------------------------------------


def softmax(logits: Rows, temperature: float = 1.0) -> Floats:
    """Logits as shares that sum to 1."""
    import numpy as np

    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(1, keepdims=True)
    shares = np.exp(scaled)
    found: Floats = shares / shares.sum(1, keepdims=True)
    return found


def temperature_of(logits: Rows, labels: Labels) -> float:
    """The temperature under which held-out labels are likeliest.

    Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, 2017, section 4.2.
    """
    import numpy as np

    every = np.arange(len(labels))

    def loss(temperature: float) -> float:
        return float(-np.log(np.maximum(softmax(logits, temperature)[every, labels], 1e-12)).sum())

    low, high = np.log(0.05), np.log(10.0)
    # The loss has one valley in the logarithm of the temperature; golden-section search.
    golden = (np.sqrt(5) - 1) / 2
    a, b = high - golden * (high - low), low + golden * (high - low)
    at_a, at_b = loss(float(np.exp(a))), loss(float(np.exp(b)))
    for _ in range(40):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - golden * (high - low)
            at_a = loss(float(np.exp(a)))
        else:
            low, a, at_a = a, b, at_b
            b = low + golden * (high - low)
            at_b = loss(float(np.exp(b)))
    return float(np.exp((low + high) / 2))


def calibration_error(sure: Floats, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: how far, on average, confidence is from the share that is right.

    Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian
    Binning, 2015; bins of equal width, as Guo et al. report it.

    Args:
        sure: the probability of the label chosen, for each case.
        right: whether it was the right one.
    """
    import numpy as np

    if not len(sure):
        return 0.0
    place = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    said = np.bincount(place, sure, bins)
    true = np.bincount(place, right.astype(float), bins)
    return float(np.abs(said - true).sum() / count.sum())
