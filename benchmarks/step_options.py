"""What other XLA options would make of a training step: pieces of one training, in turn, in one process.

    python benchmarks/step_options.py ID [--pieces 60] [--steps 60] [OPTION=VALUE[,OPTION=VALUE ...] ...]
    python benchmarks/step_options.py ex08.dense@script xla_cpu_experimental_ynn_fusion_type=

A machine's speed drifts by a fifth within seconds, as its neighbours come and go, and hides what an option changes.
Pieces of a few hundredths of a second, one after the other, drift together: each ratio is the median over pairs of
neighbours, the first of them compiled as a run is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any
from unittest import mock

from interleaved import in_turn

from reensayo import datasets, hardware
from reensayo.loaded import Loader
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import select_one
from reensayo.training import allocator, device

allocator.keep_freed_memory()
DEVICES = device.setup()

import jax  # noqa: E402  after the devices are set
import numpy as np  # noqa: E402

from reensayo.training import blocks  # noqa: E402
from reensayo.training.epochs import Position  # noqa: E402

Piece = Callable[[], Any]


def piece(name: str, steps: int, options: Mapping[str, bool | str]) -> Piece:
    """The first steps of one seed of this recipe, an epoch's end counted as one, compiled with these options, too."""
    experiment, recipe = select_one(ORIGINAL, name)
    trainer = blocks.Trainer(experiment, recipe, Loader(datasets.load)(experiment, recipe.settings), DEVICES)
    block = trainer._block([0])
    state = block.put(trainer._state(trainer._start(block), block))
    units = trainer.spec.steps(block.examples) + 1  # an epoch's steps, and its end
    stacked = trainer._stacked(block, state, range(steps // units + 1))
    bounds = [Position(*map(np.int32, divmod(position, units))) for position in (0, steps)]
    usual = blocks.compiler_options
    with mock.patch.object(blocks, "compiler_options", lambda *about: {**usual(*about), **options}):
        program = trainer._program(block, stacked, bounds)
    return lambda: jax.block_until_ready(program(stacked, block.shared, *bounds))


def parsed(assignments: str) -> dict[str, bool | str]:
    words: dict[str, bool | str] = {"true": True, "false": False}
    pairs = (assignment.partition("=")[::2] for assignment in assignments.split(","))
    return {option: words.get(value, value) for option, value in pairs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="ID")
    parser.add_argument("options", nargs="*", metavar="OPTION=VALUE,...")
    parser.add_argument("--pieces", type=int, default=60)
    parser.add_argument("--steps", type=int, default=60)
    asked = parser.parse_intermixed_args()
    tried = ["", *asked.options]
    pieces = [piece(asked.name, asked.steps, parsed(options) if options else {}) for options in tried]
    seconds = in_turn(pieces, asked.pieces)
    print(f"{asked.name}, {hardware.processor()}, {asked.pieces} pieces of {asked.steps} steps")
    for options, of_options in zip(tried, seconds, strict=True):
        ratio = median(own / usual for own, usual in zip(of_options, seconds[0], strict=True))
        step = median(of_options) / asked.steps * 1e6
        print(f"{step:9.0f} us per step  {ratio:6.3f}  {options or 'as a run is compiled'}")


if __name__ == "__main__":
    main()
