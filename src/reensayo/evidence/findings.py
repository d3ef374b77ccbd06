"""Each kind of test on the trials of its experiments: numbers and a verdict, no sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from reensayo import spec
from reensayo.evidence import stats
from reensayo.store import StoredTrial

Verdict = Literal["reproduced", "not reproduced", "inconclusive", "not testable", "withheld"]
Chosen = Mapping[spec.Experiment, Sequence[StoredTrial]]
"""The trials that a test is judged by, of each of its experiments."""
OfPairs = spec.Exceeds | spec.Alike | spec.Times
Pair = tuple[StoredTrial, StoredTrial]
Judged = tuple[float, stats.Interval, bool, bool]
"""Estimate, interval, whether the claim holds, whether it fails."""

FEWEST = 3
"""Values from which a mean decides: two that happen to be alike would."""


@dataclass(frozen=True)
class Finding:
    """What a test gives for trials: ``n`` values, or pairs of them, of the trials ``used``.

    Where there are none, ``used`` are the trials of the experiment that has no value, empty where none has a partner.
    """

    verdict: Verdict
    estimate: float | None = None
    interval: stats.Interval | None = None
    n: int = 0
    used: tuple[StoredTrial, ...] = ()


def find(test: spec.Test, chosen: Chosen, naming: spec.Naming) -> Finding:
    """What the trials of a test's experiments, at least one of each, say to it."""
    match test:
        case spec.Reaches():
            return _reaches(test, chosen[test.experiment], naming)
        case spec.Times(exact=True):
            return _exact_ratio(test, chosen)
        case spec.Exceeds() | spec.Alike() | spec.Times():
            return _of_pairs(test, chosen, naming)
        case spec.Equals():
            return _equals(test, chosen)
        case spec.Happens():
            return _happens(test, chosen[test.experiment])
        case _:
            assert_never(test)


def is_exact(test: spec.Test) -> bool:
    """Whether it is about a count, which is the same in every trial however long it was trained."""
    return isinstance(test, spec.Equals) or (isinstance(test, spec.Times) and test.exact)


def values_by_experiment(test: spec.Times | spec.Equals, trials: Sequence[StoredTrial]) -> dict[str, list[float]]:
    """The different values of a count, by experiment."""
    ids = [experiment.id for experiment in spec.experiments_of(test)]
    return {id_: sorted({test.metric.of(trial) for trial in trials if trial.experiment == id_}) for id_ in ids}


def _reaches(test: spec.Reaches, trials: Sequence[StoredTrial], naming: spec.Naming) -> Finding:
    used = _with_value(test.metric, trials)
    if not used:
        return _no_value(trials)
    values = [test.metric.of(trial) for trial in used]
    interval = stats.prediction_interval(values, within=test.metric.bounds_in(naming))
    is_inside = interval.meets(test.published - test.tolerance, test.published + test.tolerance)
    verdict = _verdict(len(values), holds=is_inside and interval.width < test.margin, fails=not is_inside)
    return Finding(verdict, math.fsum(values) / len(values), interval, len(values), tuple(used))


def _of_pairs(test: OfPairs, chosen: Chosen, naming: spec.Naming) -> Finding:
    pairs = _pairs(test, chosen)
    if isinstance(test, spec.Times):
        pairs = [pair for pair in pairs if all(test.metric.of(trial) > 0 for trial in pair)]
    if not pairs:
        without = [trials for trials in chosen.values() if not _with_value(test.metric, trials)]
        return _no_value(without[0]) if without else Finding("inconclusive")
    judged = _ratio(test, pairs) if isinstance(test, spec.Times) else _difference(test, pairs, naming)
    estimate, interval, holds, fails = judged
    used = tuple(trial for pair in pairs for trial in pair)
    return Finding(_verdict(len(pairs), holds, fails), estimate, interval, len(pairs), used)


def _difference(test: spec.Exceeds | spec.Alike, pairs: Sequence[Pair], naming: spec.Naming) -> Judged:
    """What one experiment gives more than the other, seed by seed."""
    one, other = ([test.metric.of(trial) for trial in side] for side in zip(*pairs, strict=True))
    within = spec.bounds_of_difference(test.metric.bounds_in(naming))
    difference = stats.paired_difference(one, other, within=within)
    each = [a - b for a, b in zip(one, other, strict=True)]
    is_small = test.margin > 0 and stats.tost(each, test.margin).equivalent
    interval = difference.interval
    if isinstance(test, spec.Alike):
        return difference.estimate, interval, is_small, not interval.contains(0)
    return difference.estimate, interval, interval.low > 0, interval.high < 0 or is_small


def _ratio(test: spec.Times, pairs: Sequence[Pair]) -> Judged:
    """How many times as much, by the mean of the logarithms."""
    logarithms = [math.log(test.metric.of(more) / test.metric.of(less)) for more, less in pairs]
    of_logarithms = stats.mean_interval(logarithms)
    low, high = (math.inf if end == math.inf else math.exp(end) for end in (of_logarithms.low, of_logarithms.high))
    interval = stats.Interval(low, high, of_logarithms.level, of_logarithms.kind)
    estimate = math.exp(math.fsum(logarithms) / len(pairs))
    return estimate, interval, test.low <= low and high <= test.high, not interval.meets(test.low, test.high)


def _exact_ratio(test: spec.Times, chosen: Chosen) -> Finding:
    """How many times as much a count is."""
    positive = {e: [t for t in _with_value(test.metric, chosen[e]) if test.metric.of(t) > 0] for e in chosen}
    for experiment, trials in positive.items():
        if not trials:
            return _no_value(chosen[experiment])
    used = tuple(trial for trials in positive.values() for trial in trials)
    more, less = (values[-1] for values in values_by_experiment(test, used).values())
    return Finding(_exactly(test.low <= more / less <= test.high), more / less, n=len(used), used=used)


def _equals(test: spec.Equals, chosen: Chosen) -> Finding:
    used = tuple(trial for trials in chosen.values() for trial in trials)
    published = {experiment.id: [value] for experiment, value in test.published.items()}
    return Finding(_exactly(values_by_experiment(test, used) == published), n=len(used), used=used)


def _happens(test: spec.Happens, trials: Sequence[StoredTrial]) -> Finding:
    seen = [(trial, saw) for trial in trials if (saw := _saw(test, trial)) is not None]
    if not seen:
        return _no_value(trials)
    n, count = len(seen), sum(saw for _, saw in seen)
    interval = stats.wilson(count, n)
    verdict = _verdict(n, holds=interval.low > 0.5, fails=interval.high < 0.5)
    return Finding(verdict, count / n, interval, n, tuple(trial for trial, _ in seen))


def _saw(test: spec.Happens, trial: StoredTrial) -> bool | None:
    """Whether it happened, and nothing good is seen in NaN; None where an earlier version did not measure it."""
    try:
        return trial.status == "finished" and test.event(trial)
    except KeyError:
        return None


# ---------------------------------------------------------------- values and pairs


def _exactly(holds: bool) -> Verdict:
    return "reproduced" if holds else "not reproduced"


def _verdict(n: int, holds: bool, fails: bool) -> Verdict:
    return _exactly(holds) if n >= FEWEST and (holds or fails) else "inconclusive"


def _with_value(metric: spec.AnyMetric, trials: Sequence[StoredTrial]) -> list[StoredTrial]:
    """Trials that ran to their end and have a finite value."""
    return [t for t in trials if t.status == "finished" and math.isfinite(metric.of(t))]


def _no_value(trials: Sequence[StoredTrial]) -> Finding:
    """Only where several runs came to no end is that an answer."""
    no_end = all(trial.status != "finished" for trial in trials)
    return Finding(_verdict(len(trials), holds=False, fails=no_end), used=tuple(trials))


def _pairs(test: OfPairs, chosen: Chosen) -> list[Pair]:
    """Trials of both experiments with the same seed and a value each.

    Seeds side by side share one time: of it the first trials of blocks of the same size, on the same machine.
    """
    first, second = (_with_value(test.metric, chosen[experiment]) for experiment in spec.experiments_of(test))
    if test.metric.per_block:
        one, other = _blocks(first), _blocks(second)
        return [pair for kind in sorted(one.keys() & other) for pair in zip(one[kind], other[kind], strict=False)]
    by_seed = {trial.seed: trial for trial in second}
    return [(trial, by_seed[trial.seed]) for trial in first if trial.seed in by_seed]


def _blocks(trials: Sequence[StoredTrial]) -> dict[tuple[int, str], list[StoredTrial]]:
    """The first trial of every block, by the block's size and machine."""
    first: dict[tuple[int, ...], StoredTrial] = {}
    for trial in trials:
        first.setdefault(trial.block, trial)
    kinds: dict[tuple[int, str], list[StoredTrial]] = {}
    for block, trial in first.items():
        kinds.setdefault((len(block), str(trial.about.get("hardware"))), []).append(trial)
    return kinds
