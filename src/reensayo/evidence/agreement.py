"""Does this machine agree? Own trials beside those that come with the original, recipe by recipe.

The same seeds on another processor give the same numbers up to rounding, which grows as training goes on: how far, a
shipped trial tells that began with one bit changed. Where own trials are farther off than that, or have other seeds,
they may still be of the same distribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from reensayo.evidence import stats
from reensayo.evidence.current import perturbed, shipped
from reensayo.spec import Experiment, Original
from reensayo.store import StoredTrial

if TYPE_CHECKING:
    import numpy as np

Agrees = Literal["rounding", "sample", "differs"]
TIMES_THE_BIT = 10
"""Another processor rounds otherwise at every step, not once: rounding is so many times what one changed bit does."""
AT_LEAST = 1e-3
"""As a part of a value (of 1 where it is smaller): what rounding may always explain."""
ALARM = 1e-3
"""Of all recipes of a work, hardly one may be told to differ that does not."""


@dataclass(frozen=True)
class Agreement:
    """How own trials of a recipe compare with the shipped ones over their first ``epochs``.

    ``seeds`` are those in common. Of all metrics and epochs ``metric`` comes nearest to what rounding explains, or goes
    farthest beyond: it is ``apart`` by so much where ``explained`` is rounding. Where that is not all, ``p`` is that of
    "both have one mean".
    """

    experiment: Experiment
    recipe: str
    agrees: Agrees
    epochs: int
    seeds: tuple[int, ...]
    metric: str = ""
    apart: float = 0.0
    explained: float = 0.0
    p: float | None = None


def agreements(original: Original, counting: Sequence[StoredTrial]) -> Iterator[Agreement]:
    """An entry for each recipe that has both own trials, whole or reduced in nothing but epochs, and shipped ones."""
    theirs = _by_recipe(shipped(original))
    of_bit = {(trial.experiment, trial.recipe): trial for trial in perturbed(original)}
    for key, own in _by_recipe(counting).items():
        whole = [trial for trial in own if not trial.reduced] or own
        mine = [trial for trial in whole if key in theirs and _is_alike(trial, theirs[key][0])]
        if mine:
            yield _agreement(original.experiments[key[0]], mine, theirs[key], of_bit.get(key))


def _by_recipe(trials: Sequence[StoredTrial]) -> Mapping[tuple[str, str], list[StoredTrial]]:
    def key(trial: StoredTrial) -> tuple[str, str]:
        return trial.experiment, trial.recipe

    finished = [trial for trial in trials if trial.status == "finished" and trial.history]
    return {name: list(group) for name, group in groupby(sorted(finished, key=key), key)}


def _is_alike(one: StoredTrial, other: StoredTrial) -> bool:
    lengths = "epochs", "planned_epochs"
    settings = ({n: v for n, v in trial.settings.items() if n not in lengths} for trial in (one, other))
    return next(settings) == next(settings)


def _agreement(
    experiment: Experiment, own: Sequence[StoredTrial], theirs: Sequence[StoredTrial], bit: StoredTrial | None
) -> Agreement:
    by_seed = {trial.seed: trial for trial in theirs}
    pairs = [(trial, by_seed[trial.seed]) for trial in own if trial.seed in by_seed]
    epochs = min(len(curve) for trial in (*own, *theirs) for curve in trial.history.values())
    base = by_seed.get(bit.seed) if bit else None
    worst = ("", 0.0, 1.0)
    for mine, other in pairs:
        for name, curve in mine.history.items():
            explained = _explained(name, other, base, bit, epochs)
            apart = abs(curve[:epochs] - other.history[name][:epochs])
            at = int((apart / explained).argmax())
            worst = max(worst, (name, float(apart[at]), float(explained[at])), key=lambda each: each[1] / each[2])
    metric, apart_by, allowed = worst
    seeds = tuple(trial.seed for trial, _ in pairs)
    if pairs and apart_by <= allowed:
        return Agreement(experiment, own[0].recipe, "rounding", epochs, seeds, metric, apart_by, allowed)
    told = min(own[0].history, key=lambda name: (name.endswith("loss"), not name.startswith("val_")))
    samples = ([float(trial.history[told][epochs - 1]) for trial in side] for side in (own, theirs))
    p = stats.two_sample_p(*samples)
    agrees: Agrees = "sample" if p >= ALARM else "differs"
    return Agreement(experiment, own[0].recipe, agrees, epochs, seeds, metric, apart_by, allowed, p)


def _explained(
    name: str, of_seed: StoredTrial, base: StoredTrial | None, bit: StoredTrial | None, epochs: int
) -> np.ndarray:
    """How far a curve may be off by rounding, epoch by epoch; once apart, curves may stay so."""
    import numpy as np

    values = of_seed.history[name][:epochs]
    found: np.ndarray = AT_LEAST * np.maximum(1.0, abs(values))
    if bit and base:
        changed = abs(bit.history[name][:epochs] - base.history[name][:epochs])
        found = found + TIMES_THE_BIT * np.maximum.accumulate(changed)
    return found
