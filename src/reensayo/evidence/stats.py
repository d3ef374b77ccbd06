"""Intervals and tests over seeds: numbers only, the verdict is drawn elsewhere.

A sample is one scalar a seed, x_1 .. x_n in the unit of its metric, with mean m and standard deviation s
(divisor n - 1). At a ``level`` of 95 % t = t(0.975, n - 1) is a quantile of Student's t, z that of the normal.
Which interval answers which question, and how often each keeps its promise, is in ``docs/statistics.md``.

The same rules everywhere:

- no value, or a value that is not finite, is a ``ValueError``;
- one value says nothing about the spread: the interval is infinite, p is 1;
- equal values have no spread: the interval is the point m, and p is 0 or 1;
- intervals are closed: their ends belong to them;
- where values have bounds (``within``), an interval is cut to them: its target cannot lie beyond, so nothing is lost.

``scipy.stats`` would do most of this, but takes longer to import than the whole of ``reensayo list``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from scipy.special import ndtri, stdtr, stdtrit

from reensayo.spec import ANYWHERE, Bounds, bounds_of_difference


@dataclass(frozen=True)
class Interval:
    """The closed interval [low, high], in the unit of its values; infinite after a single one.

    ``kind`` names the target: the ``mean`` over all seeds, one further run (``prediction``), a mean ``difference``, or
    a rate (``wilson``). ``width`` is that of the whole interval, before it was cut to the bounds of its values: it
    tells how far they spread.
    """

    low: float
    high: float
    width: float
    kind: Literal["mean", "prediction", "difference", "wilson"]

    def contains(self, x: float) -> bool:
        """Whether low <= x <= high."""
        return self.low <= x <= self.high

    def cut(self, within: Bounds) -> Interval:
        """The part of it that values with these bounds can reach; one of infinite width tells nothing, and stays."""
        if self.width == math.inf:
            return self
        low, high = (min(max(end, within[0]), within[1]) for end in (self.low, self.high))
        return replace(self, low=low, high=high)

    def meets(self, low: float, high: float) -> bool:
        """Whether [low, high], say a printed value with its tolerance, shares a point with this interval."""
        _require(low <= high, "low <= high", low, high)
        return self.low <= high and low <= self.high


@dataclass(frozen=True)
class Difference:
    """Mean of a - b over ``n`` common seeds, its interval, and the two-sided p of "no difference"."""

    estimate: float
    interval: Interval
    p: float
    n: int


def mean_interval(values: Iterable[float], within: Bounds = ANYWHERE, level: float = 0.95) -> Interval:
    """Student's interval of the mean over all seeds: m +- t s / sqrt(n)."""
    return _interval("mean", _summary(values), within, level)


def prediction_interval(values: Iterable[float], within: Bounds = ANYWHERE, level: float = 0.95) -> Interval:
    """Where ONE further run falls: m +- t s sqrt(1 + 1 / n) (Hahn & Meeker, 1991)."""
    return _interval("prediction", _summary(values), within, level)


def paired_difference(
    a: Iterable[float], b: Iterable[float], within: Bounds = ANYWHERE, level: float = 0.95
) -> Difference:
    """Compare two arms on the same seeds: Student's interval and t test of the differences a_i - b_i.

    What a seed does to both arms alike cancels. ``within`` are the bounds of either arm's values. Samples of different
    length are a ``ValueError``.
    """
    summary = _summary(x - y for x, y in zip(map(float, a), map(float, b), strict=True))
    p = min(1.0, 2 * _upper_tail(abs(summary.mean), summary))
    return Difference(summary.mean, _interval("difference", summary, bounds_of_difference(within), level), p, summary.n)


def two_sample_p(a: Iterable[float], b: Iterable[float]) -> float:
    """The two-sided p of "both have one mean", by Student's t test with a pooled variance.

    Of a single value against several it asks whether that value lies in their prediction interval. 1 where all of one
    sample are equal to all of the other, or where there are but two values.
    """
    one, other = _summary(a), _summary(b)
    freedom = one.n + other.n - 2
    if not freedom:
        return 1.0
    squares = sum((s.n - 1) * s.sd**2 for s in (one, other) if s.n > 1)
    distance = abs(one.mean - other.mean)
    if not squares:
        return 0.0 if distance else 1.0
    error = math.sqrt(squares / freedom * (1 / one.n + 1 / other.n))
    return float(2 * stdtr(freedom, -distance / error))


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a rate (Wilson, 1927): every p with |r - p| <= z sqrt(p (1 - p) / n).

    Solved for p: (r + z^2 / 2n +- z sqrt(r (1 - r) / n + z^2 / 4n^2)) / (1 + z^2 / n), with r = successes / n. It stays
    inside [0, 1]. ``n`` below 1, or successes outside 0 .. n, is a ``ValueError``.
    """
    _require(n >= 1 and 0 <= successes <= n, "0 <= successes <= n and n >= 1", successes, n)
    rate, z = successes / n, float(ndtri((1 + level) / 2))
    centre = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    low = (centre - half) / (1 + z * z / n) if successes else 0.0  # as the formula has it, but for rounding
    high = (centre + half) / (1 + z * z / n) if successes < n else 1.0
    return Interval(low, high, high - low, "wilson")


class _Summary(NamedTuple):
    n: int
    mean: float
    sd: float  # infinite for n = 1: unknown


def _summary(values: Iterable[float]) -> _Summary:
    x = [float(value) for value in values]
    n = len(x)
    _require(n > 0, "at least one value", n)
    wrong = [value for value in x if not math.isfinite(value)]
    _require(not wrong, "finite values", *wrong)
    mean = min(max(math.fsum(x) / n, min(x)), max(x))  # rounding must not give equal values a spread
    sd = math.hypot(*(value - mean for value in x)) / math.sqrt(n - 1) if n > 1 else math.inf
    return _Summary(n, mean, sd)


def _interval(
    kind: Literal["mean", "prediction", "difference"], summary: _Summary, within: Bounds, level: float
) -> Interval:
    half = math.inf
    if summary.n > 1:
        own = 1 if kind == "prediction" else 0  # the further run brings its own variance, a mean does not
        t = float(stdtrit(summary.n - 1, (1 + level) / 2))
        half = t * summary.sd * math.sqrt(own + 1 / summary.n)
    low, high = summary.mean - half, summary.mean + half
    return Interval(low, high, high - low, kind).cut(within)


def _upper_tail(distance: float, summary: _Summary) -> float:
    """P(T > distance / se): small where the mean lies far beyond a bound."""
    if summary.n == 1:
        return 1.0
    if summary.sd == 0:
        return 0.0 if distance > 0 else 1.0
    return float(stdtr(summary.n - 1, -distance / (summary.sd / math.sqrt(summary.n))))


def _require(holds: bool, expected: str, *received: float) -> None:
    if not holds:
        raise ValueError(f"expected {expected}, received {' and '.join(map(str, received))}")
