"""One run of reensayo from an empty store and an empty compilation cache, timed.

    python benchmarks/engine_run.py ID SEEDS [SETTING=VALUE ...]

Prints JSON: seconds of compiling and training, seconds per epoch and seed, peak memory of the process in bytes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path


def main(name: str, seeds: int, *assignments: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        from reensayo import hardware, runner
        from reensayo.originals.introduccion_a_keras import ORIGINAL
        from reensayo.selection import parse_changes
        from reensayo.store import Store

        changes = parse_changes(assignments)
        trials = runner.plan(ORIGINAL, [name], seeds=seeds, changes=changes)
        done = runner.run(trials, Store(Path(folder, "runs")), own_process=True)  # as the command line does
        stored = [result.stored for result in done.results]
        return {
            "seconds": done.seconds["compile"] + done.seconds["train"],
            "compile": done.seconds["compile"],
            "epoch": sum(trial.measures["seconds_per_epoch"] for trial in stored) / len(stored),
            "peak": hardware.peak_memory(),
        }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])))
