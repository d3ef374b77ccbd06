"""How a block of lanes (seeds, or the folds of seeds) lies on the machine: by shape and cores, never by a stopwatch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import jax
import keras
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from reensayo.training.sharing import ALONE, AXIS, Share
from reensayo.training.weights import layers_of

SMALL = 5e6
"""Multiply-adds of one training step's forward pass below which lanes are batched: a larger step fills a core alone."""
MOST_LANES = 32
"""Most lanes of a small net in one block."""
LARGE = 1e9
"""Multiply-adds of one training step's forward pass from which a lane alone is shared by all cores."""
FEW_STEPS = 100
"""Steps of a whole training below which a program is compiled fast, not to be fast: Winograd's products, too, take XLA
half a minute longer to compile for VGG16."""
REUSE = 8
"""Multiply-adds of an example for each weight from which sharing pays: the cores add up the gradients in every step."""


@dataclass(frozen=True)
class Layout:
    """``devices`` cores with ``lanes`` lanes each, as one batched program (vmap) or one lane after the other.

    Or all of them on the same lane, each with its part of every batch.
    """

    devices: int
    lanes: int
    mode: Literal["batched", "in turn", "shared"]

    @property
    def width(self) -> int:
        return self.lanes if self.mode == "shared" else self.devices * self.lanes

    @property
    def share(self) -> Share:
        return Share(self.devices) if self.mode == "shared" else ALONE


def forward_work(model: keras.Model) -> int:
    """Multiply-adds of the kernels for one example: kernel size times the positions where it is applied."""
    return sum(
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])
        for layer in layers_of(model)
        if hasattr(layer, "kernel")
    )


def parameters(model: keras.Model) -> int:
    """Trainable weights."""
    return sum(prod(variable.shape) for variable in model.trainable_variables)


def is_small(model: keras.Model, batch_size: int) -> bool:
    """Whether a training step of one lane is too little work for a core."""
    return forward_work(model) * batch_size < SMALL


def sums_are_short(model: keras.Model) -> bool:
    """Whether nothing is summed over more than a batch: no kernel is applied at more than one place."""
    return forward_work(model) == sum(
        prod(layer.kernel.shape) for layer in layers_of(model) if hasattr(layer, "kernel")
    )


def is_short(steps: int) -> bool:
    """Whether a training of so many steps would take longer to compile well than to run."""
    return steps < FEW_STEPS


def compiler_options(model: keras.Model, batch_size: int, steps: int, platform: str) -> dict[str, bool | str]:
    """How XLA compiles the programs of a net for so many steps of training.

    For small nets compiling is most of the time: without the newer kernel emitters it takes half as long and 60 MB
    less, and the programs are as fast. Large nets run a third slower without them. For a few steps it is most of the
    time for any net: at the first level of optimisation it takes half as long, and the steps a little longer; without
    any, a step takes four times as long. LLVM's expensive passes make no net faster. A short sum needs not be made a
    tree of sums to be exact: for dense nets that saves a tenth of compiling and some kernels in every step.
    """
    if platform != "cpu":
        return {}
    if is_short(steps):
        return {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": "1"}
    options: dict[str, bool | str] = {
        "xla_cpu_use_fusion_emitters": not is_small(model, batch_size),
        "xla_llvm_disable_expensive_passes": True,
    }
    if sums_are_short(model):
        options["xla_disable_hlo_passes"] = "tree_reduction_rewriter"
    return options


def block_width(model: keras.Model, batch_size: int, folds: int, devices: int) -> int:
    """Most seeds in one block: many of a small net; of a large one a seed a core, with its folds in turn."""
    return max(1, MOST_LANES // folds) if is_small(model, batch_size) else devices


def layout(
    model: keras.Model, batch_size: int, lanes: int, devices: int, batches: Collection[int], can_share: bool
) -> Layout:
    """Over the cores first; then small nets are batched and large ones wait their turn.

    A very large one without others beside it is shared, if ``can_share`` says that its layers can be, by as many cores
    as each of the ``batches`` (sizes of what they would share out) divides by.
    """
    work = forward_work(model)
    large = work * batch_size >= LARGE and work >= REUSE * parameters(model)
    if lanes == 1 and large and can_share:
        sharing = max(cores for cores in range(1, devices + 1) if not any(size % cores for size in batches))
        if sharing > 1:
            return Layout(sharing, 1, "shared")
    used = min(devices, lanes)
    return Layout(used, -(-lanes // used), "batched" if is_small(model, batch_size) else "in turn")


# ---------------------------------------------------------------- arrays on devices


@dataclass(frozen=True)
class Places:
    """Where arrays lie: lanes spread over the devices, shared arrays on each of them."""

    by_lane: NamedSharding | jax.Device
    everywhere: NamedSharding | jax.Device


LANES: PartitionSpec = PartitionSpec(AXIS)
EVERYWHERE: PartitionSpec = PartitionSpec()


def mesh(devices: Sequence[jax.Device]) -> Mesh:
    """The devices in a row."""
    return Mesh(np.array(devices), (AXIS,))


def places(devices: Sequence[jax.Device], plan: Layout) -> Places:
    """Where the arrays of a block on these devices lie."""
    if plan.devices == 1:
        return Places(devices[0], devices[0])
    row = mesh(devices[: plan.devices])
    return Places(NamedSharding(row, lanes_spec(plan)), NamedSharding(row, EVERYWHERE))


def lanes_spec(plan: Layout) -> PartitionSpec:
    """How a block's lanes are spread: some on each device, or the one that all share on every device."""
    return EVERYWHERE if plan.mode == "shared" else LANES


def shared_and_own(lanes: Sequence[Mapping[str, np.ndarray]]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Arrays that are the same memory or the same number in every lane, once; the others stacked, lanes first."""
    shared, own = {}, {}
    for name, first in lanes[0].items():
        arrays = [lane[name] for lane in lanes]
        if all(_same(first, array) for array in arrays):
            shared[name] = first
        else:
            own[name] = np.stack(arrays)
    return shared, own


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    same_memory = bool(a.__array_interface__ == b.__array_interface__)
    return same_memory or (a.size == 1 and a.dtype == b.dtype and np.array_equal(a, b))
