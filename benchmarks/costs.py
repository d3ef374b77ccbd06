"""Measure what each recipe costs, for `reensayo run --dry-run`: writes src/reensayo/costs.json.

    python benchmarks/costs.py

Every recipe runs as the quick profile runs it, into an empty store and with nothing compiled. What that profile reduces
runs once more, on as few examples but for as many steps as make XLA compile it as it does for the full length.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from reensayo import costs, hardware, runner
from reensayo.exercises import EXPERIMENTS
from reensayo.spec import Trial
from reensayo.store import Store
from reensayo.training.layout import FEW_STEPS

PLACE = Path(costs.__file__).with_name(costs.FILE)


def main() -> None:
    full, reduced = {}, {}
    for experiment in EXPERIMENTS.values():
        for recipe in experiment.runnable:
            name = f"{experiment.id}@{recipe.name}"
            as_quick = runner.plan([name], profile="quick")
            if as_quick[0].recipe.reduced:
                reduced[name] = cost(as_quick)
                full[name] = cost(lengthened(name, as_quick))
            else:
                full[name] = cost(as_quick)
    content = {
        "date": date.today().isoformat(),
        "processor": hardware.processor(),
        "cores": hardware.cores(),
        "full": full,
        "reduced": reduced,
    }
    PLACE.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"{len(full)} recipes -> {PLACE}")


def lengthened(name: str, reduced: list[Trial]) -> list[Trial]:
    """The reduced trials, for so many epochs that they count as long."""
    changes = dict(reduced[0].experiment.quick.changes)
    s = reduced[0].recipe.settings
    steps = -(-costs.examples(s) // s.get("batch_size", costs.examples(s)))
    changes["epochs"] = max(int(s.epochs), -(-FEW_STEPS // steps))
    return runner.plan([name], seeds=len(reduced), changes={key: str(value) for key, value in changes.items()})


def cost(trials: list[Trial]) -> costs.Cost:
    """Of the recipe whose trials these are; what an epoch takes is the same for all that ran side by side."""
    with tempfile.TemporaryDirectory() as folder:
        done = runner.run(trials, Store(Path(folder)), own_process=True)
    s = trials[0].recipe.settings
    stored = [result.stored for result in done.results]
    training = sum(trial.wall_s for trial in stored)
    everything = done.seconds["compile"] + done.seconds["train"]
    epochs = len(trials) * int(s.get("epochs", 1)) * costs.examples(s)
    print(f"{trials[0].experiment.id}@{trials[0].recipe.label}: {everything:.3g} s", file=sys.stderr, flush=True)
    return costs.Cost(float(f"{everything - training:.3g}"), float(f"{training / epochs:.3g}"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty
        main()
