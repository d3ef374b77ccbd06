"""Max pooling for XLA on a CPU: the maximum of strided slices, with a gradient of its own.

XLA computes a window at a time and the gradient by select-and-scatter, 10-50 times slower. Where several units
of a window are the maximum, the gradient goes to the first of them in row order, as in JAX and Keras.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Pads = tuple[tuple[int, int], ...]


def max_pool(x: jax.Array, window: Sequence[int], strides: Sequence[int], padding: str = "valid") -> jax.Array:
    """Maxima of `x` (batch, *map, channels) over windows of the map, of any number of axes.

    `padding` is "valid" or "same", as in TensorFlow and Keras; what is added never wins.
    """
    if not x.ndim - 2 == len(window) == len(strides):
        raise ValueError(f"x of shape {x.shape} does not fit window {window} and strides {strides}")
    pads = lax.padtype_to_pads(x.shape[1:-1], window, strides, padding.upper())
    return _max_pool(x, tuple(window), tuple(strides), tuple(pads))


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
def _max_pool(x: jax.Array, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads) -> jax.Array:
    return functools.reduce(jnp.maximum, _slices(x, window, strides, pads))


def _slices(x: jax.Array, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads) -> list[jax.Array]:
    """For each place in the window, in row order, the units that stand there: (batch, *output map, channels)."""
    if any(map(any, pads)):
        x = lax.pad(x, jnp.array(-jnp.inf, x.dtype), [(0, 0, 0), *((*p, 0) for p in pads), (0, 0, 0)])
    counts = [(n - w) // s + 1 for n, w, s in zip(x.shape[1:-1], window, strides, strict=True)]

    def standing_at(place: tuple[int, ...]) -> jax.Array:
        ends = [p + (count - 1) * s + 1 for p, count, s in zip(place, counts, strides, strict=True)]
        return lax.slice(x, (0, *place, 0), (len(x), *ends, x.shape[-1]), (1, *strides, 1))

    return list(map(standing_at, np.ndindex(*window)))


def _residuals(x: jax.Array, *how: Any) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    y = _max_pool(x, *how)
    return y, (x, y)


def _gradient(
    window: tuple[int, ...], strides: tuple[int, ...], pads: Pads, residuals: tuple[jax.Array, jax.Array], g: jax.Array
) -> tuple[jax.Array]:
    x, y = residuals
    winner = lax.full_like(y, 0, jnp.int32)
    for place, units in reversed(list(enumerate(_slices(x, window, strides, pads)))):
        winner = jnp.where(units == y, place, winner)
    zero = jnp.zeros((), g.dtype)

    def won(number: int, place: tuple[int, ...]) -> jax.Array:
        """The gradient of the windows whose winner stands at this place, on the map."""
        starts = [p - low for p, (low, _) in zip(place, pads, strict=True)]
        sizes = zip(starts, x.shape[1:-1], y.shape[1:-1], strides, strict=True)
        around = [(start, n - start - (count - 1) * s - 1, s - 1) for start, n, count, s in sizes]
        return lax.pad(jnp.where(winner == number, g, zero), zero, [(0, 0, 0), *around, (0, 0, 0)])

    return (functools.reduce(jnp.add, itertools.starmap(won, enumerate(np.ndindex(*window)))),)


_max_pool.defvjp(_residuals, _gradient)
