"""A network's input that is nearly all zeros: the rows of a kernel are added up, instead of multiplied by a matrix.

A review of IMDB has 130 of 10 000 words. As a matrix product its first layer multiplies each row of the kernel by a
zero or a one; here only the rows of the words that occur are read, a hundredth of the work, and their gradient is what
is added to them. The words of a batch are handled some thousands at a time, as many times as there are that many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import lax
from jax.experimental.sparse import JAXSparse

from reensayo.preprocess import BagOfWords

RUN = 16
"""Words of one set that are handled together: what is left in its last run is none."""
RUNS = 2
"""Runs of an example that are handled at once, on the average of a batch."""
VECTOR = 8
"""XLA adds a row of whole vectors to another in a third of the time that one takes which ends in a part of one."""


@jax.tree_util.register_pytree_node_class
class CSRRows(JAXSparse):
    """Sets of words as the matrix (n, vocabulary) of 0.0 and 1.0 that they are, in a form that Keras lets through."""

    def __init__(self, arrays: tuple[Any, ...], *, shape: tuple[int, int]) -> None:
        super().__init__(arrays, shape=shape)
        self.first, self.count, self.data = arrays

    @property
    def nse(self) -> int:
        return len(self.data)

    @property
    def dtype(self) -> Any:
        return jnp.dtype(keras.config.floatx())

    def todense(self) -> jax.Array:
        def mark(matrix: jax.Array, rows: jax.Array, words: jax.Array) -> jax.Array:
            return matrix.at[rows[:, None], words].set(1, mode="drop")

        return _some_at_a_time(self, jnp.zeros(self.shape, self.dtype), mark)

    def transpose(self, axes: Any = None) -> Any:
        raise NotImplementedError("sets of words are only multiplied from the right")

    def tree_flatten(self) -> Any:
        return (self.first, self.count, self.data), self.shape

    @classmethod
    def tree_unflatten(cls, shape: Any, arrays: Any) -> Any:
        return cls(arrays, shape=shape)


def as_sparse(sets: BagOfWords) -> CSRRows:
    """What Keras takes for a sparse tensor."""
    return CSRRows(tuple(map(jnp.asarray, sets[:3])), shape=(len(sets.count), sets.vocabulary))


@jax.custom_vjp
def times(sets: CSRRows, kernel: jax.Array) -> jax.Array:
    """(n, vocabulary) times (vocabulary, outputs): for each set the sum of its words' rows."""

    def add(sums: jax.Array, rows: jax.Array, words: jax.Array) -> jax.Array:
        # added one by one, since a sum over an axis would write down all the rows first
        of_runs = sum(kernel.at[words[:, place]].get(mode="fill", fill_value=0) for place in range(RUN))
        return sums.at[rows].add(of_runs, mode="drop", indices_are_sorted=True)

    return _some_at_a_time(sets, jnp.zeros((len(sets), kernel.shape[1]), kernel.dtype), add)


def _gradients(sets: CSRRows, g: jax.Array) -> tuple[None, jax.Array]:
    outputs = g.shape[1]
    filled = jnp.pad(g, ((0, 0), (0, -outputs % VECTOR)))

    def add(gradient: jax.Array, rows: jax.Array, words: jax.Array) -> jax.Array:
        return gradient.at[words].add(filled.at[rows].get(mode="fill", fill_value=0)[:, None], mode="drop")

    gradient = _some_at_a_time(sets, jnp.zeros((sets.shape[1], filled.shape[1]), g.dtype), add)
    return None, gradient[:, :outputs]


times.defvjp(lambda sets, kernel: (times(sets, kernel), sets), _gradients)


def _some_at_a_time(
    sets: CSRRows, start: jax.Array, change: Callable[[jax.Array, jax.Array, jax.Array], jax.Array]
) -> jax.Array:
    """``change`` by all words, from ``start`` on: it takes what came before and, of some runs, sets and words.

    These are (runs,) and (runs, ``RUN``); what is no run and no word has a number out of bounds.
    """
    runs = (sets.count + RUN - 1) // RUN
    ends = jnp.cumsum(runs)
    shifts = sets.first - RUN * (ends - runs)  # a run's number, times RUN, and this are its first word's place
    behind = sets.first + sets.count
    size = RUNS * len(sets)
    method = "compare_all" if len(sets) <= 512 else "scan"  # vectors, but as many comparisons as texts for each run

    def some(number: Any, value: jax.Array) -> jax.Array:
        numbers = number * size + jnp.arange(size)
        rows = jnp.searchsorted(ends, numbers, side="right", method=method)
        places = (RUN * numbers + shifts.at[rows].get(mode="clip"))[:, None] + jnp.arange(RUN)
        there = places < behind.at[rows].get(mode="fill", fill_value=0)[:, None]
        words = sets.data.at[places].get(mode="clip").astype(int)
        return change(value, rows, jnp.where(there, words, sets.shape[1]))

    return lax.fori_loop(0, (ends[-1] + size - 1) // size, some, start)
