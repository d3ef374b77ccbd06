"""Measure what each recipe of an original costs, for `reensayo run --dry-run`: writes costs.json in its folder.

    python benchmarks/costs.py [--original NAME|DIR] [ID ...]

Every recipe runs as the quick profile runs it, into an empty store. What that profile reduces to so few
steps that it is compiled in another way runs once more, for as many as make it long. Nothing is compiled at first; what
one recipe compiled serves a later one with the same program, as in a run of everything. What that profile does not
reduce and takes more than ten minutes stays as it was measured once, on fewer examples. With ids only these are
measured, which the processor that the others were measured on alone can do: after adding an exercise, say.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from datetime import date
from pathlib import Path

from reensayo import costs, hardware, registry, runner
from reensayo.selection import select
from reensayo.spec import Original, Trial
from reensayo.store import Store

LONG = 600
"""Seconds."""


def main(original: Original, ids: list[str]) -> None:
    before, here = costs.measured(original), hardware.processor()
    if ids and before and before.processor != here:
        sys.exit(
            f"the other recipes were measured on {before.processor}, this is {here}: name none, so all are measured"
        )
    full, reduced = (dict(before.full), dict(before.reduced)) if ids and before else ({}, {})
    for experiment, recipe in select(original, ids):
        name = f"{experiment.id}@{recipe.name}"
        as_quick = runner.plan(original, [name], profile="quick")
        if before and (costs.estimate(as_quick, before) or 0) > LONG:
            full[name] = before.full[name]
            continue
        full[name] = measured = cost(as_quick)
        if as_quick[0].recipe.reduced:
            reduced[name] = measured
            if longer := lengthened(name, as_quick):
                full[name] = cost(longer)
    content = {
        "date": date.today().isoformat(),
        "processor": here,
        "cores": hardware.cores(),
        "full": full,
        "reduced": reduced,
    }
    lines = re.sub(r"\[\s+(\S+)\s+(\S+)\s+\]", r"[\1 \2]", json.dumps(content, indent=1))  # a recipe a line
    place = original.folder / costs.FILE
    place.write_text(lines + "\n", "utf-8")
    print(f"{len(full)} recipes -> {place}")


def lengthened(name: str, reduced: list[Trial]) -> list[Trial]:
    """The reduced trials for so many epochs that they count as long; none if they do, or are no training in steps."""
    from reensayo.training.layout import FEW_STEPS, is_short  # import Keras: the devices must have been set

    s = reduced[0].recipe.settings
    steps = -(-s.get("examples", 1) // s.get("batch_size", 1))
    if "epochs" not in s or not is_short(s.epochs * steps):
        return []
    changes = {setting: value for setting, value in reduced[0].experiment.quick.changes.items() if setting in s}
    changes["epochs"] = -(-FEW_STEPS // steps)
    return runner.plan(reduced[0].original, [name], seeds=len(reduced), changes=changes)


def cost(trials: list[Trial]) -> costs.Cost:
    """Of the recipe whose trials these are; what an epoch takes is the same for all that ran side by side."""
    with tempfile.TemporaryDirectory() as folder:
        done = runner.run(trials, Store(Path(folder)), own_process=True)
    s = trials[0].recipe.settings
    stored = [result.stored for result in done.results]
    training = sum(trial.wall_s for trial in stored)
    everything = done.seconds["compile"] + done.seconds["train"]
    epochs = len(trials) * s.get("epochs", 1) * s.get("examples", 1)
    print(f"{trials[0].experiment.id}@{trials[0].recipe.label}: {everything:.3g} s", file=sys.stderr, flush=True)
    return costs.Cost(float(f"{everything - training:.3g}"), float(f"{training / epochs:.3g}"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--original", metavar="NAME|DIR")
        parser.add_argument("ids", nargs="*", metavar="ID")
        asked = parser.parse_args()
        main(registry.find(asked.original), asked.ids)
