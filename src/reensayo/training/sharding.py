"""Several cores working on the same batch: each takes its shard of the examples, and what they find is put together.

A large network trained alone would leave the cores to XLA's threads, which share out single products only. Here every
core runs the whole step on its shard, in its own cache, and waits for the others where numbers of the whole batch are
needed: the moments of batch normalisation, the gradients, the metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import lax

AXIS = "cores"
"""Name of the axis of devices, inside ``shard_map``."""


@dataclass(frozen=True)
class Shards:
    """Over how many cores a batch is sharded; every method is to be called on each of them, in the same order."""

    cores: int = 1

    def mine(self, count: int) -> tuple[Any, int]:
        """Where this core's shard of ``count`` examples begins, and how many it has; ``count`` divides by the cores."""
        if self.cores == 1:
            return 0, count
        size, rest = divmod(count, self.cores)
        if rest:
            raise ValueError(f"{count} examples do not divide by {self.cores} cores")
        return lax.axis_index(AXIS).astype(jnp.int32) * size, size

    def total(self, tree: Any) -> Any:
        """Arrays summed over the cores."""
        return tree if self.cores == 1 else lax.psum(tree, AXIS)

    def mean(self, tree: Any) -> Any:
        """Arrays averaged over the cores: what a mean over the batch is if each has the mean over its shard."""
        return tree if self.cores == 1 else lax.pmean(tree, AXIS)


UNSHARDED = Shards()
