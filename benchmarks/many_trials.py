"""How long `status` and `verdicts` take over many stored trials, as whole commands, beside another version's source.

    python benchmarks/many_trials.py [--trials 10000] [--rounds 5] [--against OTHER/src]

The trials are made up, of every recipe as many; both versions read the same store, in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from interleaved import in_turn

import reensayo
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.spec import Trial
from reensayo.store import Store


def fill(store: Store, count: int) -> None:
    conditions = [(experiment, recipe) for experiment in ORIGINAL.experiments.values() for recipe in experiment.recipes]
    for number in range(count):
        experiment, recipe = conditions[number % len(conditions)]
        rng = np.random.default_rng(number)
        epochs = min(int(recipe.settings["epochs"]), 50)
        about = {
            "status": "finished",
            "diverged_epoch": None,
            "measures": {"parameters": 1.0, "multiply_adds": 1.0, "seconds_per_epoch": 1.0},
            "wall_s": 1.0,
            "hardware": {"processor": "invented", "cores": 2, "system": "none"},
            "versions": {"python": "3"},
            "finished": "2026-01-01T00:00:00+00:00",
        }
        history = {column: rng.uniform(size=epochs) for column in experiment.columns}
        store.write_trial(Trial(ORIGINAL, experiment, recipe, number // len(conditions)), about, history, {}, None)


def read(source: Path, command: str, store: Path) -> None:
    words = [sys.executable, "-m", "reensayo", command, "--store", str(store)]
    subprocess.run(words, env={**os.environ, "PYTHONPATH": str(source)}, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="the src/ of another version")
    options = parser.parse_args()
    sources = [Path(reensayo.__file__).parents[1], *([options.against.resolve()] if options.against else [])]
    with tempfile.TemporaryDirectory() as folder:
        fill(Store(Path(folder)), options.trials)
        for command in ("status", "verdicts"):
            seconds = in_turn([partial(read, source, command, Path(folder)) for source in sources], options.rounds)
            medians = [statistics.median(one) for one in seconds]
            ratio = f", {medians[0] / medians[1]:.2f} of the other" if options.against else ""
            print(f"{command}: {medians[0]:.2f} s for {options.trials} trials{ratio}")


if __name__ == "__main__":
    main()
