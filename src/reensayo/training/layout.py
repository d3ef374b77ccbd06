"""How a block of members (seeds, or folds of seeds) lies on the machine: by shape and cores, never by a stopwatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import jax
import keras
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from reensayo.training.weights import layers_of

SMALL = 5e6
"""Multiply-adds of one training step's forward pass below which members are batched: a larger one fills a core."""
MOST_MEMBERS = 32
"""Most members of a block of a small network."""
FEW_STEPS = 100
"""Steps of a whole training below which a program is compiled fast, not to be fast: Winograd's products, too, take XLA
half a minute longer to compile for VGG16."""


@dataclass(frozen=True)
class Layout:
    """``devices`` cores with ``members`` each, as one batched program (vmap) or one member after the other."""

    devices: int
    members: int
    mode: Literal["batched", "in turn"]

    @property
    def width(self) -> int:
        return self.devices * self.members


def forward_work(part: keras.Layer) -> int:
    """Multiply-adds of a model's or a layer's kernels for one example: kernel size times positions where it is applied.

    An extent that varies counts as one position.
    """
    return sum(
        prod(layer.kernel.shape) * prod(extent or 1 for extent in layer.output.shape[1:-1])
        for layer in (layers_of(part) if isinstance(part, keras.Model) else (part,))
        if hasattr(layer, "kernel")
    )


def parameters(model: keras.Model) -> int:
    """Trainable weights."""
    return sum(prod(variable.shape) for variable in model.trainable_variables)


def is_small(model: keras.Model, batch_size: int) -> bool:
    """Whether a training step of one member is too little work for a core."""
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
    """How XLA compiles the programs of a network for so many steps of training.

    For small networks compiling is most of the time: without the newer kernel emitters it takes half as long and 60 MB
    less, and the programs are as fast. Large networks run a third slower without them. For a few steps it is most of
    the time for any network: at the first level of optimisation it takes half as long, and the steps a little longer;
    without any, a step takes four times as long. LLVM's expensive passes make no network faster. A short sum needs not
    be made a tree of sums to be exact: for dense networks that saves a tenth of compiling and some kernels in every
    step.
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
    """Most seeds in one block: many of a small network; of a large one a seed a core, with its folds in turn."""
    return max(1, MOST_MEMBERS // folds) if is_small(model, batch_size) else devices


def layout(model: keras.Model, batch_size: int, members: int, devices: int) -> Layout:
    """Over the cores first; then small networks are batched and large ones wait their turn."""
    used = min(devices, members)
    return Layout(used, -(-members // used), "batched" if is_small(model, batch_size) else "in turn")


# ---------------------------------------------------------------- arrays on devices


MEMBERS: PartitionSpec = PartitionSpec("cores")
"""Where the arrays of members lie: spread over the devices."""
EVERYWHERE: PartitionSpec = PartitionSpec()
"""Where what they share lies: on each of the devices."""


def mesh(devices: Sequence[jax.Device], plan: Layout) -> Mesh:
    """The devices of a block in a row."""
    return Mesh(np.array(devices[: plan.devices]), ("cores",))


def shared_and_own(members: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Arrays of which every member has the very same object, once; the others stacked, members first."""
    each = {name: [member[name] for member in members] for name in members[0]}
    shared = {name: arrays[0] for name, arrays in each.items() if all(array is arrays[0] for array in arrays)}
    return shared, {name: np.stack(arrays) for name, arrays in each.items() if name not in shared}
