"""Each kind of test on its numbers: an estimate, its interval, a verdict and a direction; no sentences.

The border of a test is the number that its interval is compared with: 0 or the size that the sentence states, a
margin, a half of the runs, either end of a published tolerance. Where the verdict turns as the interval's ends move by
a tenth of its half-width, a few other seeds could have turned it: it is ``borderline``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, TypeGuard, assert_never

from reensayo import spec
from reensayo.evidence import stats

Verdict = Literal[
    "reproduced", "consistent", "borderline", "inconclusive", "not reproduced", "not testable", "withheld"
]
Direction = Literal["higher", "lower"]
OfPairs = spec.Exceeds | spec.Alike | spec.Differs | spec.Times
OfSeeds = spec.Reaches | spec.Above | spec.Happens | OfPairs
Values = tuple[float, ...]
"""One number of a run, or two of a pair."""

LEVEL = 0.975
"""Of every interval that decides: trials may be looked at twice, and both looks together shall err in at most 5 %."""
WITHIN = 2 * LEVEL - 1
"""Of the interval that has to lie within a margin: each of its sides is a test of its own."""
FEWEST = 3
"""Values from which a mean decides: two that happen to be alike would."""
NEAR = 0.1
"""As a part of an interval's half-width, how far its ends may move without turning the verdict."""


@dataclass(frozen=True)
class Finding:
    """What a test gives for ``n`` values, or pairs of them; ``direction`` says which way a claim is not reproduced."""

    verdict: Verdict
    direction: Direction | None = None
    estimate: float | None = None
    interval: stats.Interval | None = None
    n: int = 0


def is_exact(test: spec.Test) -> TypeGuard[spec.Times | spec.Equals]:
    """Whether it is about a count, which is the same in every trial however long it was trained."""
    return isinstance(test, spec.Equals) or (isinstance(test, spec.Times) and test.exact)


def is_timed(test: spec.Test) -> bool:
    """Whether it is about seconds, which trials of different days or machines do not share."""
    return isinstance(test, OfPairs) and test.metric.per_block


def find(test: OfSeeds, values: Sequence[Values], naming: spec.Naming) -> Finding:
    """What runs, or pairs of them, say to a test: each has finite values, and there is at least one."""
    first, other = [each[0] for each in values], [each[-1] for each in values]  # alike where there are no pairs
    bounds = spec.ANYWHERE if isinstance(test, spec.Happens) else test.metric.named(naming).bounds
    match test:
        case spec.Reaches():
            return _reaches(first, test.published, test.tolerance, test.margin, bounds)
        case spec.Happens():
            interval, share = stats.wilson(round(sum(first)), len(first), LEVEL), sum(first) / len(first)
            finding = Finding(_above(interval, border_of(test)), None, share, interval, len(first))
        case spec.Above():
            interval, mean = stats.mean_interval(first, level=LEVEL), math.fsum(first) / len(first)
            finding = Finding(_above(interval, border_of(test)), None, mean, interval.cut(bounds), len(first))
        case spec.Exceeds() | spec.Alike() | spec.Differs():
            difference = stats.paired_difference(first, other, level=LEVEL)
            verdict, within = _above(difference.interval, border_of(test)), _within(first, other, test.margin)
            if isinstance(test, spec.Differs) and verdict == "not reproduced":  # whichever gives more
                verdict = "reproduced"
            if isinstance(test, spec.Alike):
                without: Mapping[Verdict, Verdict] = {"inconclusive": "consistent", "borderline": "borderline"}
                verdict = within if within != "inconclusive" else without.get(verdict, "not reproduced")
            elif within == "reproduced":  # if there is a difference, it surely is one that matters to nobody
                verdict = "not reproduced"
            elif within == "borderline" and verdict == "reproduced":
                verdict = "borderline"
            shown = difference.interval.cut(spec.bounds_of_difference(bounds))
            finding = Finding(verdict, None, difference.estimate, shown, difference.n)
        case spec.Times():
            finding = _times(test, [math.log(more / less) for more, less in values])
        case _:
            assert_never(test)
    return _with_direction(test, _if_enough(finding))


def against_figure(test: spec.Test, shown: float, tolerance: float, values: Sequence[Values]) -> Finding | None:
    """Whether one more run might give what the original's figure shows; None of what is no number of one run."""
    match test:
        case spec.Reaches():
            return _reaches([value for (value,) in values], shown, tolerance, test.margin, spec.ANYWHERE)
        case spec.Exceeds() | spec.Alike() | spec.Differs():
            return _reaches([a - b for a, b in values], shown, tolerance, 2 * test.margin, spec.ANYWHERE)
    return None


def of_counts(test: spec.Times | spec.Equals, counts: Sequence[float]) -> Finding:
    """A count of each experiment of the test, in its order."""
    if isinstance(test, spec.Equals):
        return Finding("reproduced" if [*test.published.values()] == [*counts] else "not reproduced", n=len(counts))
    more, less = counts
    holds = test.low <= more / less <= test.high
    finding = Finding("reproduced" if holds else "not reproduced", None, more / less, n=len(counts))
    return _with_direction(test, finding)


# ---------------------------------------------------------------- each kind


def _reaches(
    values: Sequence[float], published: float, tolerance: float, margin: float, bounds: spec.Bounds
) -> Finding:
    interval = stats.prediction_interval(values, level=LEVEL)
    least, most = published - tolerance, published + tolerance
    inside: Verdict = "reproduced" if interval.width < margin else "consistent"
    verdict = _settled(interval, lambda moved: inside if moved.meets(least, most) else "not reproduced")
    mean = math.fsum(values) / len(values)
    finding = _if_enough(Finding(verdict, None, mean, interval.cut(bounds), len(values)))
    if finding.verdict == "not reproduced":
        finding = replace(finding, direction="lower" if mean < published else "higher")
    return finding


def _times(test: spec.Times, logarithms: Sequence[float]) -> Finding:
    """By the mean of the logarithms, so that a half weighs as much as a double."""
    interval = stats.mean_interval(logarithms, level=LEVEL)
    least, most = (math.log(times) if times else -math.inf for times in (test.low, test.high))

    def verdict(moved: stats.Interval) -> Verdict:
        if least <= moved.low and moved.high <= most:
            return "reproduced"
        return "inconclusive" if moved.meets(least, most) else "not reproduced"

    mean, low, high = map(math.exp, (math.fsum(logarithms) / len(logarithms), interval.low, interval.high))
    shown = stats.Interval(low, high, high - low, "mean")
    return Finding(_settled(interval, verdict), None, mean, shown, len(logarithms))


def _above(interval: stats.Interval, border: float) -> Verdict:
    """Whether something surely is above a border."""

    def verdict(moved: stats.Interval) -> Verdict:
        if moved.contains(border):
            return "inconclusive"
        return "reproduced" if moved.low > border else "not reproduced"

    return _settled(interval, verdict)


def _within(a: Sequence[float], b: Sequence[float], margin: float) -> Verdict:
    """Whether two surely differ by less than a margin; inconclusive where that cannot be said.

    Two one-sided tests at the level of the others, which is the same as: an interval of twice their error lies inside
    (Schuirmann, 1987).
    """
    interval = stats.paired_difference(a, b, level=WITHIN).interval
    return _settled(
        interval, lambda moved: "reproduced" if -margin < moved.low and moved.high < margin else "inconclusive"
    )


def _settled(interval: stats.Interval, verdict: Callable[[stats.Interval], Verdict]) -> Verdict:
    """What an interval comes to, unless that turns when its ends move a little."""
    near = NEAR * interval.width / 2
    if near == math.inf:
        return verdict(interval)
    ends = product((interval.low - near, interval.low + near), (interval.high - near, interval.high + near))
    found = {verdict(replace(interval, low=low, high=high)) for low, high in ends}
    return found.pop() if len(found) == 1 else "borderline"


def _if_enough(finding: Finding) -> Finding:
    return finding if finding.n >= FEWEST else replace(finding, verdict="inconclusive")


def _with_direction(test: OfSeeds | spec.Equals, finding: Finding) -> Finding:
    """Which way it fails: more or less than is claimed; none of an event, or of a difference too small to matter."""
    if finding.verdict != "not reproduced" or finding.estimate is None or isinstance(test, spec.Happens | spec.Differs):
        return finding
    border = border_of(test)
    if isinstance(test, spec.Exceeds | spec.Above) and finding.interval and finding.interval.high >= border:
        return finding
    return replace(finding, direction="higher" if finding.estimate > border else "lower")


def border_of(test: spec.Test) -> float:
    """The number that the interval is compared with, the first one where there are several."""
    match test:
        case spec.Exceeds():
            return test.by
        case spec.Above():
            return test.border
        case spec.Reaches():
            return test.published
        case spec.Times():
            return test.low
    return 0.5 if isinstance(test, spec.Happens) else 0.0
