"""Where a training step's time goes, kernel by kernel of the compiled program, as XLA's own profiler sees it.

    python benchmarks/step_kernels.py ID [--steps 60] [--first 25]

What runs inside a loop or side by side is listed by itself, so the times do not add up to the step's.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections import defaultdict
from pathlib import Path

from step_options import jax, piece


def kernels(name: str, steps: int) -> dict[str, list[float]]:
    """Seconds of each call of each kernel in so many steps."""
    run = piece(name, steps, {})
    run()  # the first one also loads what the next ones find
    options = jax.profiler.ProfileOptions()
    options.host_tracer_level, options.python_tracer_level = 3, 0
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder, create_perfetto_trace=True, profiler_options=options):
            run()
        (trace,) = Path(folder).rglob("perfetto_trace.json.gz")
        events = json.loads(gzip.decompress(trace.read_bytes()))["traceEvents"]
    found = defaultdict(list)
    for event in events:
        if event.get("ph") == "X":
            found[event["name"]].append(event["dur"] / 1e6)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="ID")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--first", type=int, default=25)
    asked = parser.parse_args()
    found = kernels(asked.name, asked.steps)
    for kernel, seconds in sorted(found.items(), key=lambda item: -sum(item[1]))[: asked.first]:
        print(f"{sum(seconds) / asked.steps * 1e6:9.1f} us a step  {len(seconds) / asked.steps:6.2f} times  {kernel}")


if __name__ == "__main__":
    main()
