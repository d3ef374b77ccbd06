"""Kill a run at random moments, continue it, and hold the results bit for bit against a run that nobody killed.

    python benchmarks/interruptions.py [--kills 20] [ID OPTION ...]

By default: ``ex08.conv@script --seeds 2 --set epochs=8``, most of an hour on two cores. Every kill has a store of its
own. Exit code 1 if any result differs, or a file of a finished trial changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFAULT = ["ex08.conv@script", "--seeds", "2", "--set", "epochs=8"]


def start(store: Path, words: list[str]) -> subprocess.Popen:
    command = [Path(sys.executable).with_name("reensayo"), "run", *words, "--json", "--store", store]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def finish(store: Path, words: list[str]) -> dict:
    process = start(store, words)
    output = process.communicate()[0]
    if process.returncode:
        sys.exit(f"a run ended with {process.returncode}")
    return json.loads(output)


def arrays(trial: dict) -> dict[str, str]:
    """File -> hash of what it holds; an .npz carries the time of writing, so its arrays are hashed one by one."""
    import numpy as np

    directory = Path(trial["directory"])
    found = {"history.csv": hashlib.sha256((directory / "history.csv").read_bytes()).hexdigest()}
    with np.load(directory / "arrays.npz") as stored:
        found |= {name: hashlib.sha256(stored[name].tobytes()).hexdigest() for name in stored.files}
    return found


def files(store: Path) -> dict[Path, str]:
    """Every file of every finished trial and its hash."""
    paths = (path for path in (store / "trials").glob("[!.]*/*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options, words = parser.parse_known_args()
    words = words or DEFAULT
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        finish(Path(folder, "warm"), words)  # so that no later run compiles
        begun = time.monotonic()
        true = [arrays(trial) for trial in finish(Path(folder, "whole"), words)["trials"]]
        length = time.monotonic() - begun
        wrong = resumed = 0
        for number in range(options.kills):
            store = Path(folder, f"killed-{number}")
            process, moment = start(store, words), moments.uniform(0, length)
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
            process.wait()
            kept, before = bool(list(store.glob("blocks/*/checkpoint.npz"))), files(store)
            trials = finish(store, words)["trials"]
            after = files(store)
            same = [arrays(trial) for trial in trials] == true
            untouched = all(after[path] == old for path, old in before.items())
            epochs = {trial["resumed_epoch"] for trial in trials}
            resumed += kept and epochs != {None}
            wrong += not (same and untouched and kept == (epochs != {None}))
            print(
                f"{number + 1:3}  killed after {moment:6.1f} of {length:.1f} s, checkpoint {kept}, resumed after",
                end="",
            )
            print(
                f" {sorted(epochs, key=str)} epochs, same bits {same}, finished trials untouched {untouched}",
                flush=True,
            )
    print(f"{options.kills} kills, {resumed} resumed from a checkpoint, {wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
