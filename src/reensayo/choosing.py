"""Compare on validation data the values that recipes were chosen from, and write down what each gives.

    python -m reensayo.choosing [--original NAME|DIR] [--store DIR] [--data DIR] [ID ...]

A recipe that says which values were ``tried`` is trained with every combination of them, at full length, with seed 0.
What it is chosen by is a metric on validation data, as it stands after the last epoch; the test set is not looked at.
The result lies beside the work, in ``choices.json``.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections.abc import Sequence

from reensayo import runner
from reensayo.evidence.choices import FILE, Choice, Tried, choices
from reensayo.selection import select
from reensayo.shipping import Asked, commit, program, same, tell, write_json
from reensayo.spec import Experiment, Original, Recipe, Trial
from reensayo.store import StoredTrial
from reensayo.text import Text, number


def combinations(original: Original, experiment: Experiment, recipe: Recipe) -> list[Trial]:
    """Seed 0 of a recipe under each combination of the values that were tried."""
    grid = itertools.product(*recipe.tried.values())
    changes = (dict(zip(recipe.tried, values, strict=True)) for values in grid)
    return [Trial(original, experiment, recipe.set(change), 0) for change in changes]


def metric(experiment: Experiment, recipe: Recipe) -> str:
    """What a recipe is chosen by: what it names, else the first metric beside the loss; on validation data."""
    beside = (name for name in experiment.columns if name.startswith("val_") and name != "val_loss")
    return recipe.chosen_by or next(beside, "val_loss")


def is_better_higher(metric: str) -> bool:
    """Accuracies, areas and the like are; losses and errors are not."""
    return not re.search("loss|error", metric)


def choose(asked: Asked) -> bool:
    """Train every combination and write down what it gives; False where one could not be trained."""
    original, all_well = asked.original, True
    declared = {str(experiment.under(recipe.name)) for experiment, recipe in select(original) if recipe.tried}
    found = choices(original)
    known = {name: choice for name, choice in found.items() if name in declared}
    if known != found:
        write_json(original.folder / FILE, known)
    for experiment, recipe in asked.chosen:
        name, trials = str(experiment.under(recipe.name)), combinations(original, experiment, recipe)
        if name not in declared or (name in known and known[name].trials == [trial.id for trial in trials]):
            continue
        results = runner.run(trials, asked.store, asked.data, note=commit()).results
        stored = [result.stored for result in results if result.stored]
        if len(stored) < len(trials):
            all_well = False
            for reason in dict.fromkeys(result.reason for result in results if result.stored is None):
                tell(Text(es="{name} falló: {reason}", en="{name} failed: {reason}").format(name=name, reason=reason))
            continue
        known[name] = choice = _choice(experiment, recipe, stored)
        write_json(original.folder / FILE, dict(sorted(known.items())))
        for one in choice.tried:
            said = ", ".join(f"{setting}={value}" for setting, value in one.settings.items())
            tell(same(f"{name}  {said}  {choice.metric} {number(one.value).en}"))
    return all_well


def _choice(experiment: Experiment, recipe: Recipe, trials: Sequence[StoredTrial]) -> Choice:
    by, tried = metric(experiment, recipe), []
    for trial in trials:
        last = float(trial.history[by][-1]) if trial.status == "finished" else math.nan
        settings = {name: trial.settings[name] for name in recipe.tried}
        value = last if math.isfinite(last) else None
        tried.append(Tried(settings, value, trial.id, trial.finished, trial.hardware))
    return Choice(by, is_better_higher(by), tuple(tried))


def main(asked: Asked, given: argparse.Namespace) -> bool:
    """What the command line asks for."""
    return choose(asked)


if __name__ == "__main__":
    program(__doc__ or "", main)
