"""What a test of a claim rests on: which trials decide it, and the numbers that these give.

Own full-length trials decide from the declared number of seeds on; with fewer, those that come with the original;
where there are none, too few own ones do, provisionally; then reduced ones, which decide nothing. They are never mixed.
Seeds 0 to N - 1 decide, N being the declared number, and 0 to 3N - 1 where all of these are there: looking again after
every further seed would in the end find whatever is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from reensayo import spec
from reensayo.evidence.findings import FEWEST, Values
from reensayo.store import StoredTrial

Evidence = Literal["own", "shipped", "reduced", "none", "count"]
Arm = tuple[spec.Experiment, Sequence[str]]
"""An experiment under one recipe, with every name that this has."""
Chosen = tuple[Sequence[StoredTrial], ...]
"""The trials of each arm, in the order of the arms."""
Sample = tuple[StoredTrial, ...]
"""What gives one number: a trial, or a pair of the same seed."""
Event = Callable[[spec.FinishedTrial], bool]
"""What happens in a run or not."""

LOOKS = 1, 3
"""After so many times the declared number of seeds a verdict is drawn."""


@dataclass(frozen=True)
class Basis:
    """The evidence and the trials of each arm; ``provisional`` where these are fewer than were declared."""

    evidence: Evidence
    trials: Chosen = ()
    provisional: bool = False


def decides(experiments: Iterable[spec.Experiment]) -> int:
    """How many seeds decide a test of these: of two that are compared, as many as both declare."""
    return max(FEWEST, min(experiment.seeds for experiment in experiments))


def basis(arms: Sequence[Arm], own: Sequence[StoredTrial], shipped: Sequence[StoredTrial]) -> Basis:
    """What of these trials decides about one arm, or about two that are compared."""
    mine, reduced, theirs = (
        _of_each(arms, trials) for trials in ([t for t in own if not t.reduced], [t for t in own if t.reduced], shipped)
    )
    declared = decides(experiment for experiment, _ in arms)
    if mine and (seeds := _looked_at(mine, declared)):
        return Basis("own", tuple([t for t in of_arm if t.seed < seeds] for of_arm in mine))
    if theirs:
        return Basis("shipped", theirs, provisional=min(map(len, theirs)) < declared)
    if mine:
        return Basis("own", mine, provisional=True)
    return Basis("reduced", reduced) if reduced else Basis("none")


def _of_each(arms: Sequence[Arm], trials: Sequence[StoredTrial]) -> Chosen:
    """The trials of each arm, one a seed; none unless every arm has some."""
    found = []
    for experiment, names in arms:
        by_seed = {t.seed: t for t in reversed(trials) if t.experiment == experiment.id and t.recipe in names}
        found.append([by_seed[seed] for seed in sorted(by_seed)])
    return tuple(found) if all(found) else ()


def _looked_at(chosen: Chosen, declared: int) -> int:
    """How many seeds, from 0 on, are looked at; 0 where there are fewer than declared."""
    there = set.intersection(*({trial.seed for trial in trials} for trials in chosen))
    return max((look * declared for look in LOOKS if there.issuperset(range(look * declared))), default=0)


# ---------------------------------------------------------------- the numbers


def samples(chosen: Chosen, number: Callable[[StoredTrial], float]) -> list[tuple[Sample, Values]]:
    """The trials of one arm, or the pairs of two with the same seed, with the ``number`` of each trial.

    Those with none that is finite are left out.
    """
    first, *others = chosen
    by_seed = [{trial.seed: trial for trial in other} for other in others]
    found = [(t, *(other[t.seed] for other in by_seed)) for t in first if all(t.seed in other for other in by_seed)]
    with_numbers = [(sample, tuple(map(number, sample))) for sample in found]
    return [(sample, values) for sample, values in with_numbers if all(map(math.isfinite, values))]


def value(test: spec.Test, trial: StoredTrial) -> float:
    """A trial's number for a test; not finite where it has none, or none to make a ratio of."""
    found = measured(test.event if isinstance(test, spec.Happens) else test.metric, trial)
    return math.nan if isinstance(test, spec.Times) and found <= 0 else found


def measured(what: spec.AnyMetric | Event, trial: StoredTrial) -> float:
    """A trial's number, 1 or 0 for what happens or not; NaN where it has none.

    Of a run that came to no end nothing can be averaged; but nothing good happened in it either.
    """
    is_finished = trial.status == "finished"
    if isinstance(what, spec.AnyMetric):
        return what.of(trial) if is_finished else math.nan
    try:
        return float(is_finished and what(trial))
    except KeyError:  # an earlier version did not measure it
        return math.nan


def used(found: Iterable[tuple[Sample, Values]]) -> tuple[StoredTrial, ...]:
    """Every trial of some samples."""
    return tuple(chain.from_iterable(sample for sample, _ in found))
