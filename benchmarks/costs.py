"""Measure what each recipe costs, for `reensayo run --dry-run`: writes src/reensayo/costs.json.

    python benchmarks/costs.py [STORE]

Without a store, the quick profile is run into a new one first; a store of full-length trials gives better numbers.
What the store has no trials of keeps the cost that it has, if that was measured on this processor: there, after adding
a recipe, a store of its trials is enough. On another one nothing is written unless every recipe is measured again.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

from reensayo import costs, hardware
from reensayo.spec import Settings
from reensayo.store import Store

PLACE = Path(costs.__file__).with_name(costs.FILE)


def main(store: Path) -> None:
    found, compiling = defaultdict(list), []
    for trial in Store(store).trials():
        s = Settings(trial.settings)
        epochs = int(s.get("epochs", 1))
        seconds = trial.measures.get("seconds_per_epoch", trial.wall_s / epochs)
        compiling += [trial.about["compile_s"]] if "compile_s" in trial.about else []
        found[f"{trial.experiment}@{trial.recipe}"].append(seconds / costs.examples(s))
    before = costs.measured()
    lacking = sorted(before.epoch.keys() - found.keys())
    if lacking and before.processor != hardware.processor():
        sys.exit(f"measured on {before.processor}, and {store} has no trials of {', '.join(lacking)}: nothing written")
    epoch = {name: float(f"{statistics.median(values):.3g}") for name, values in found.items()}
    content = {
        "date": date.today().isoformat(),
        "processor": hardware.processor(),
        "cores": hardware.cores(),
        "start": before.start if lacking else float(f"{statistics.median(compiling):.3g}"),
        "epoch": dict(sorted({**before.epoch, **epoch}.items())),
    }
    PLACE.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"{len(found)} recipes -> {PLACE}")


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            command = [Path(sys.executable).with_name("reensayo"), "run", "--profile", "quick", "--store", folder]
            subprocess.run(command, check=True)
            main(Path(folder))
