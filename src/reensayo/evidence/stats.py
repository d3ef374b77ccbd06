"""Intervals and tests over seeds: numbers only, the verdict is drawn elsewhere.

A sample is one scalar a seed, x_1 .. x_n in the unit of its metric, with mean m and standard deviation s
(divisor n - 1). t(q, k) is the q quantile of Student's t with k degrees of freedom, z(q) that of the normal.
Which interval answers which question, and how often each keeps its promise, is in ``docs/statistics.md``.

The same rules everywhere:

- no value, a value that is not finite, or a level outside (0, 1) is a ``ValueError``;
- one value says nothing about the spread: the interval is infinite, p is 1, no number of seeds can be named;
- equal values have no spread: the interval is the point m, and p is 0 or 1;
- intervals are closed: their ends belong to them;
- where values have bounds (``within``), an interval is cut to them: its target cannot lie beyond, so nothing is lost.

``scipy.stats`` would do most of this, but takes longer to import than the whole of ``reensayo list``.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from scipy.special import ndtri, stdtr, stdtrit

from reensayo.spec import ANYWHERE, Bounds

Kind = Literal["mean", "prediction", "difference", "wilson"]


@dataclass(frozen=True)
class Interval:
    """The closed interval [low, high], in the unit of its values; infinite after a single one.

    ``level`` is the share of such intervals that hold their target in repeated studies. ``kind`` names the target: the
    ``mean`` over all seeds, one further run (``prediction``), a mean ``difference``, or a rate (``wilson``). ``uncut``
    is its width before ``cut`` took something off. ``low`` above ``high`` is a ``ValueError``.
    """

    low: float
    high: float
    level: float
    kind: Kind
    uncut: float | None = None

    def __post_init__(self) -> None:
        _require(0 < self.level < 1, "a level strictly between 0 and 1", self.level)
        _require(self.low <= self.high, "low <= high", self.low, self.high)

    @property
    def width(self) -> float:
        """The length high - low as computed, which tells how far values spread; infinite after a single one."""
        return self.high - self.low if self.uncut is None else self.uncut

    def cut(self, bounds: Bounds) -> Interval:
        """This interval without what lies beyond the bounds of its values; after a single value as it is."""
        if math.isinf(self.width):
            return self
        low, high = (min(max(end, bounds[0]), bounds[1]) for end in (self.low, self.high))
        return replace(self, low=low, high=high, uncut=self.width)

    def contains(self, x: float) -> bool:
        """Whether low <= x <= high."""
        return self.low <= x <= self.high

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


@dataclass(frozen=True)
class Equivalence:
    """Outcome of `tost`: ``equivalent`` is p < alpha, that is, ``interval`` lies inside (-margin, margin)."""

    equivalent: bool
    p: float
    interval: Interval


def mean_interval(values: Iterable[float], level: float = 0.95, within: Bounds = ANYWHERE) -> Interval:
    """Student's interval of the mean over all seeds: m +- t((1 + level) / 2, n - 1) s / sqrt(n)."""
    return _interval("mean", _summary(values), level, within)


def prediction_interval(values: Iterable[float], level: float = 0.95, within: Bounds = ANYWHERE) -> Interval:
    """Where ONE further run falls: m +- t((1 + level) / 2, n - 1) s sqrt(1 + 1 / n) (Hahn & Meeker, 1991)."""
    return _interval("prediction", _summary(values), level, within)


def t_test(values: Iterable[float], mu: float = 0.0) -> float:
    """Two-sided p of "the mean is mu": 2 P(T > |m - mu| / (s / sqrt(n))), n - 1 degrees of freedom."""
    _require(math.isfinite(mu), "mu to be finite", mu)
    summary = _summary(values)
    return min(1.0, 2 * _upper_tail(abs(summary.mean - mu), summary))


def paired_difference(
    a: Iterable[float], b: Iterable[float], level: float = 0.95, within: Bounds = ANYWHERE
) -> Difference:
    """Compare two arms on the same seeds: Student's interval and t test of the differences a_i - b_i.

    What a seed does to both arms alike cancels. ``within`` are the bounds of a difference. Samples of different length
    are a ``ValueError``.
    """
    first, second = list(map(float, a)), list(map(float, b))
    _require(len(first) == len(second), "a pair for every seed", len(first), len(second))
    differences = [x - y for x, y in zip(first, second, strict=True)]
    summary = _summary(differences)
    return Difference(summary.mean, _interval("difference", summary, level, within), t_test(differences), summary.n)


def tost(differences: Iterable[float], margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided t tests (Schuirmann, 1987) of whether the mean difference lies inside (-margin, margin).

    p = max(P(T > (margin + m) / se), P(T > (margin - m) / se)) with se = s / sqrt(n); the interval is Student's at
    level 1 - 2 alpha. For "the mean is mu" give x_i - mu. ``margin`` is in the unit of the values and above 0, alpha in
    (0, 0.5); anything else is a ``ValueError``.
    """
    _require(0 < margin < math.inf, "a finite margin above 0", margin)
    _require(0 < alpha < 0.5, "alpha strictly between 0 and 0.5", alpha)
    summary = _summary(differences)
    p = max(_upper_tail(margin + summary.mean, summary), _upper_tail(margin - summary.mean, summary))
    return Equivalence(p < alpha, p, _interval("difference", summary, 1 - 2 * alpha))


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a rate (Wilson, 1927): every p with |r - p| <= z sqrt(p (1 - p) / n).

    Solved for p: (r + z^2 / 2n +- z sqrt(r (1 - r) / n + z^2 / 4n^2)) / (1 + z^2 / n), with r = successes / n and
    z = z((1 + level) / 2). It stays inside [0, 1]. ``n`` below 1, or successes outside 0 .. n, is a ``ValueError``.
    """
    _require(n >= 1 and 0 <= successes <= n, "0 <= successes <= n and n >= 1", successes, n)
    _require(0 < level < 1, "a level strictly between 0 and 1", level)
    rate, z = successes / n, float(ndtri((1 + level) / 2))
    centre = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    low = (centre - half) / (1 + z * z / n) if successes else 0.0  # as the formula has it, but for rounding
    high = (centre + half) / (1 + z * z / n) if successes < n else 1.0
    return Interval(low, high, level, "wilson")


def seeds_needed(
    values: Iterable[float],
    half_width: float,
    kind: Literal["mean", "prediction"] = "prediction",
    level: float = 0.95,
    most: int = 10_000,
) -> int | None:
    """Seeds in all, those present included, until the interval reaches only ``half_width`` to either side.

    The smallest n >= len(values) with t((1 + level) / 2, n - 1) s sqrt(1 / n) <= half_width (``mean``), or that with
    sqrt(1 + 1 / n) (``prediction``), s staying what it is now: a plan, not a promise, for s itself is uncertain. None
    where no n up to ``most`` will do: after a single value, and for a prediction interval whenever
    half_width <= z((1 + level) / 2) s, for more seeds do not make one run less variable. ``half_width`` is in the unit
    of the values and above 0; anything else is a ``ValueError``.
    """
    _require(0 < half_width < math.inf, "a finite half_width above 0", half_width)
    now = _summary(values)
    candidates = range(now.n, max(now.n, most) + 1)
    enough = bisect_left(candidates, True, key=lambda n: _half_width(kind, now.sd, n, level) <= half_width)
    return candidates[enough] if enough < len(candidates) else None


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
    kind: Literal["mean", "prediction", "difference"], summary: _Summary, level: float, within: Bounds = ANYWHERE
) -> Interval:
    half = _half_width(kind, summary.sd, summary.n, level)
    return Interval(summary.mean - half, summary.mean + half, level, kind).cut(within)


def _half_width(kind: Literal["mean", "prediction", "difference"], sd: float, n: int, level: float) -> float:
    _require(0 < level < 1, "a level strictly between 0 and 1", level)
    if n == 1:
        return math.inf
    own = 1 if kind == "prediction" else 0  # the further run brings its own variance, a mean does not
    return float(stdtrit(n - 1, (1 + level) / 2)) * sd * math.sqrt(own + 1 / n)


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
