"""How long a run will take, from what ``benchmarks/costs.py`` measured before: a file that comes with an original."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from reensayo.errors import InputError
from reensayo.spec import Original, Trial
from reensayo.text import Text

FILE = "costs.json"


class Cost(NamedTuple):
    """What a recipe takes, in seconds: ``start`` once, ``epoch`` for each seed, epoch and example."""

    start: float  # everything but epochs: building, compiling, evaluating, storing
    epoch: float


@dataclass(frozen=True)
class Costs:
    """Measured on one machine; both mappings are by ``experiment@recipe``.

    ``reduced`` has what the quick profile reduces: so short a training may be compiled in another way.
    """

    date: str
    processor: str
    cores: int
    full: Mapping[str, Cost]
    reduced: Mapping[str, Cost]


def measured(original: Original) -> Costs | None:
    """The costs that come with an original; None where none were measured, an InputError if damaged."""
    path = original.folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Costs)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        words = Text(
            es="{path} no es lo que escribe benchmarks/costs.py: {error}; se puede borrar",
            en="{path} is not what benchmarks/costs.py writes: {error}; it may be deleted",
        )
        raise InputError(words.format(path=path, error=error)) from error


def estimate(trials: Iterable[Trial], costs: Costs) -> float | None:
    """Seconds that training these, equal ones once, takes on the costs' machine; None where one was never measured."""
    total, starts = 0.0, {}
    for trial in {trial.results_key: trial for trial in trials}.values():
        known = costs.reduced if trial.recipe.reduced else costs.full
        if (cost := known.get(f"{trial.experiment.id}@{trial.recipe.name}")) is None:
            return None
        s = trial.recipe.settings
        total += cost.epoch * int(s.get("epochs", 1)) * int(s.get("examples", 1))
        starts[trial.experiment.id, trial.recipe.label] = cost.start
    return total + sum(starts.values())
