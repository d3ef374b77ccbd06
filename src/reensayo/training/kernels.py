"""Little computations as one kernel: XLA takes a hundredth of a second to compile a kernel, however little it does.

Loss, gradient and metrics of a dense net are a dozen of them, and half a dozen more in validation. On a CPU, XLA
compiles a call with the attribute ``xla_cpu_small_call`` as one kernel, and ``inlineable="false"`` keeps it a call: so
it treats loops with little work. An XLA that does not know these attributes computes the same, kernel by kernel.
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
"""In an argument of a computation that is no longer little: XLA hands the sum of so many to a library, which a kernel
cannot call, and there is work for several cores. Under ``vmap`` it is one lane that counts."""

_joined: ContextVar[list[str] | None] = ContextVar("joined", default=None)


@contextmanager
def joining(allowed: bool = True) -> Iterator[list[str]]:
    """What is traced inside may be put together where it is little; gives the names of the functions that were.

    Of some of them XLA may refuse to make a single kernel: then it compiles nothing.
    """
    names: list[str] = []
    token = _joined.set(names if allowed else None)
    try:
        yield names
    finally:
        _joined.reset(token)


def in_one_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of arrays, as one kernel where that is allowed. It may not talk to other devices."""

    def call(*arguments: Any) -> Any:
        names, sizes = _joined.get(), map(jnp.size, jax.tree.leaves(arguments))
        if names is None or max(sizes, default=0) >= MANY_NUMBERS:
            return function(*arguments)
        names.append(function.__name__)
        return set_xla_metadata(jax.jit(function)(*arguments), inlineable="false", xla_cpu_small_call="true")

    return call
