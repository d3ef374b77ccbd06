"""How long a run will take, from what was measured before: package data written by ``benchmarks/costs.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from reensayo.spec import Settings, Trial

FILE = "costs.json"


@dataclass(frozen=True)
class Costs:
    """Measured on one machine; ``epoch`` is by ``experiment@recipe``, in seconds for each seed and example.

    ``start`` is the seconds that building and compiling a recipe take.
    """

    date: str
    processor: str
    cores: int
    start: float
    epoch: Mapping[str, float]


@cache
def measured() -> Costs:
    """The costs that come with this version."""
    return Costs(**json.loads(resources.files("reensayo").joinpath(FILE).read_text("utf-8")))


def examples(s: Settings) -> int:
    """What an epoch's time is proportional to; 1 where the number of examples is no setting."""
    return int(s.get("examples", 1))


def estimate(trials: Iterable[Trial], costs: Costs) -> float | None:
    """Seconds that training these takes on the machine of the costs; None where one of them was never measured.

    Those with equal results are trained once.
    """
    waiting = list({trial.results_key: trial for trial in trials}.values())
    keys = {f"{trial.experiment.id}@{trial.recipe.name}" for trial in waiting}
    if keys - costs.epoch.keys():
        return None
    total = costs.start * len(keys)
    for trial in waiting:
        s = trial.recipe.settings
        epochs = int(s.get("epochs", 1))
        total += costs.epoch[f"{trial.experiment.id}@{trial.recipe.name}"] * epochs * examples(s)
    return total
