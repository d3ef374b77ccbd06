"""Little computations as one kernel: XLA takes a hundredth of a second to compile a kernel, however little it does.

Loss, gradient and metrics of a dense net are a dozen of them, and half a dozen more in validation. XLA can make a
single kernel of a whole computation, and does so for loops with little work; other computations are calls with two
attributes. An XLA that does not know them computes the same, kernel by kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.xla_metadata import set_xla_metadata

MANY_NUMBERS = 1 << 12
"""Of an array: XLA leaves their sum to a library, which no kernel can call, and they are work for more than a core."""

_apart = ContextVar("apart", default=False)


def in_one_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of arrays; on a CPU a kernel of its own where they are small. It may not talk to other devices."""

    def call(*arguments: Any) -> Any:
        sizes = map(jnp.size, jax.tree.leaves(arguments))
        if _apart.get() or jax.default_backend() != "cpu" or max(sizes) >= MANY_NUMBERS:
            return function(*arguments)
        return set_xla_metadata(jax.jit(function)(*arguments), inlineable="false", xla_cpu_small_call="true")

    return call


@contextmanager
def kernels_apart(when: bool = True) -> Iterator[None]:
    """What is traced inside is not put together: XLA refuses to compile what it can make no single kernel of."""
    token = _apart.set(when)
    try:
        yield
    finally:
        _apart.reset(token)
