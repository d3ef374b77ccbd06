"""Each kind of test on the trials of its experiments: numbers and a verdict, no sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, assert_never

from reensayo import spec
from reensayo.evidence import stats
from reensayo.store import StoredTrial

Verdict = Literal["reproduced", "not reproduced", "inconclusive", "not testable", "withheld"]
Chosen = Mapping[spec.Experiment, Sequence[StoredTrial]]
"""The trials that a test is judged by, of each of its experiments."""
OfPairs = spec.Exceeds | spec.Alike | spec.Differs | spec.Times
OfSeeds = spec.Reaches | spec.Happens | OfPairs
Sample = tuple[StoredTrial, ...]
"""What gives one number: a trial, or a pair."""

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
    if isinstance(test, spec.Equals):
        used = tuple(chain.from_iterable(chosen.values()))
        published = {experiment.id: [value] for experiment, value in test.published.items()}
        return Finding(_exactly(values_by_experiment(test, used) == published), n=len(used), used=used)
    having = {e: [t for t in trials if math.isfinite(_value(test, t))] for e, trials in chosen.items()}
    for experiment, trials in having.items():
        if not trials:
            used = tuple(chosen[experiment])
            no_end = all(trial.status != "finished" for trial in used)  # which is an answer where several came to none
            return Finding(_verdict(len(used), holds=False, fails=no_end), used=used)
    if isinstance(test, spec.Times) and test.exact:
        used = tuple(chain.from_iterable(having.values()))
        more, less = (values[-1] for values in values_by_experiment(test, used).values())
        return Finding(_exactly(test.low <= more / less <= test.high), more / less, n=len(used), used=used)
    samples = _samples(test, having)
    if not samples:
        return Finding("inconclusive")
    estimate, interval, holds, fails = _judged(test, samples, naming)
    verdict = _verdict(len(samples), holds, fails)
    return Finding(verdict, estimate, interval, len(samples), tuple(chain.from_iterable(samples)))


def is_exact(test: spec.Test) -> bool:
    """Whether it is about a count, which is the same in every trial however long it was trained."""
    return isinstance(test, spec.Equals) or (isinstance(test, spec.Times) and test.exact)


def values_by_experiment(test: spec.Times | spec.Equals, trials: Sequence[StoredTrial]) -> dict[str, list[float]]:
    """The different values of a count, by experiment."""
    ids = [experiment.id for experiment in spec.experiments_of(test)]
    return {id_: sorted({test.metric.of(trial) for trial in trials if trial.experiment == id_}) for id_ in ids}


def _exactly(holds: bool) -> Verdict:
    return "reproduced" if holds else "not reproduced"


def _verdict(n: int, holds: bool, fails: bool) -> Verdict:
    return _exactly(holds) if n >= FEWEST and (holds or fails) else "inconclusive"


def _judged(test: OfSeeds, samples: Sequence[Sample], naming: spec.Naming) -> tuple[float, stats.Interval, bool, bool]:
    """Estimate, interval, whether the claim holds, whether it fails."""
    n, values = len(samples), [[_value(test, trial) for trial in sample] for sample in samples]
    first, other = [of_sample[0] for of_sample in values], [of_sample[-1] for of_sample in values]  # alike: no pairs
    match test:
        case spec.Reaches():
            interval = stats.prediction_interval(first, within=test.metric.named(naming).bounds)
            is_inside = interval.meets(test.published - test.tolerance, test.published + test.tolerance)
            return math.fsum(first) / n, interval, is_inside and interval.width < test.margin, not is_inside
        case spec.Happens():
            interval = stats.wilson(round(sum(first)), n)
            return sum(first) / n, interval, interval.low > 0.5, interval.high < 0.5
        case spec.Exceeds() | spec.Alike() | spec.Differs():
            difference = stats.paired_difference(first, other, within=test.metric.named(naming).bounds)
            is_small = test.margin > 0 and stats.tost([a - b for a, b in values], test.margin)
            interval = difference.interval
            if isinstance(test, spec.Alike):
                return difference.estimate, interval, is_small, not interval.contains(0)
            if isinstance(test, spec.Differs):
                return difference.estimate, interval, not (is_small or interval.contains(0)), is_small
            return difference.estimate, interval, interval.low > test.by, interval.high < test.by or is_small
        case spec.Times():  # by the mean of the logarithms
            logarithms = [math.log(more / less) for more, less in values]
            of_logarithms = stats.mean_interval(logarithms)
            low, high = math.exp(of_logarithms.low), math.exp(of_logarithms.high)
            interval = stats.Interval(low, high, high - low, "mean")
            holds, fails = test.low <= low and high <= test.high, not interval.meets(test.low, test.high)
            return math.exp(math.fsum(logarithms) / n), interval, holds, fails
        case _:
            assert_never(test)


# ---------------------------------------------------------------- values and pairs


def _value(test: OfSeeds, trial: StoredTrial) -> float:
    """A trial's number, 1 or 0 for what happens or not; not finite where it has none, or none to make a ratio of.

    A run that came to no end has none, and nothing good happens in it.
    """
    is_finished = trial.status == "finished"
    if isinstance(test, spec.Happens):
        try:
            return float(is_finished and test.event(trial))
        except KeyError:  # an earlier version did not measure it
            return math.nan
    value = test.metric.of(trial) if is_finished else math.nan
    return math.nan if isinstance(test, spec.Times) and value <= 0 else value


def _samples(test: OfSeeds, having: Chosen) -> Sequence[Sample]:
    """The trials of a test's one experiment, or the pairs of both with the same seed.

    Seeds side by side share one time: of it the first trials of blocks of the same size, on the same machine.
    """
    first, *others = (having[experiment] for experiment in spec.experiments_of(test))
    if not isinstance(test, OfPairs):
        return [(trial,) for trial in first]
    if test.metric.per_block:
        one, other = _blocks(first), _blocks(others[0])
        return [pair for kind in sorted(one.keys() & other) for pair in zip(one[kind], other[kind], strict=False)]
    by_seed = {trial.seed: trial for trial in others[0]}
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
