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
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from reensayo import files, hardware, runner
from reensayo.evidence.choices import FILE, Choice, Tried, choices
from reensayo.selection import select
from reensayo.shipping import Asked, commit, program, same, tell
from reensayo.spec import Experiment, Original, Recipe, Trial
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
    original, failed = asked.original, False
    declared = {str(e.under(r.name)) for e, r in select(original) if r.tried}
    known = {name: choice for name, choice in choices(original).items() if name in declared}
    for experiment, recipe in asked.chosen:
        if not recipe.tried:
            continue
        done = runner.run(combinations(original, experiment, recipe), asked.store, asked.data, note=commit())
        by, tried = metric(experiment, recipe), list[Tried]()
        for result in done.results:
            if (stored := result.stored) is None:
                failed = True
                words = Text(es="{name} falló: {reason}", en="{name} failed: {reason}")
                tell(words.format(name=result.trial.id, reason=result.reason))
                continue
            value = float(stored.history[by][-1]) if stored.status == "finished" else math.nan
            values = {name: stored.settings[name] for name in recipe.tried}
            tried.append(Tried(values, value if math.isfinite(value) else None, stored.id))
            said = ", ".join(f"{name}={given}" for name, given in values.items())
            tell(same(f"{experiment.under(recipe.name)}  {said}  {by} {number(value).en}"))
        if len(tried) == len(done.results):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            name = str(experiment.under(recipe.name))
            known[name] = Choice(by, is_better_higher(by), now, hardware.describe(), tuple(tried))
            _write(original.folder / FILE, known)
    return not failed


def _write(path: Path, known: Mapping[str, Choice]) -> None:
    files.write_whole(path, msgspec.json.format(msgspec.json.encode(dict(sorted(known.items()))), indent=1) + b"\n")


def main(asked: Asked, given: argparse.Namespace) -> bool:
    """What the command line asks for."""
    return choose(asked)


if __name__ == "__main__":
    program(__doc__ or "", main)
