"""Max pooling for XLA on a CPU: the maximum of strided slices, with a gradient of its own.

XLA computes a window at a time and the gradient by select-and-scatter, 10-50 times slower. Where several units
of a window are the maximum, the gradient goes to the first of them in row order, as in JAX and Keras.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

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
    pads = _pads(x.shape[1:-1], window, strides, padding)
    return _max_pool(x, tuple(window), tuple(strides), pads)


def _pads(sizes: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: str) -> Pads:
    if padding == "valid":
        return tuple((0, 0) for _ in sizes)
    if padding != "same":
        raise ValueError(f"padding: expected 'valid' or 'same', received {padding!r}")
    totals = [max((-(-n // s) - 1) * s + w - n, 0) for n, w, s in zip(sizes, window, strides, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
def _max_pool(x: jax.Array, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads) -> jax.Array:
    return functools.reduce(jnp.maximum, _slices(x, window, strides, pads))


def _slices(x: jax.Array, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads) -> list[jax.Array]:
    """For each place in the window, in row order, the units that stand there: (batch, *output map, channels)."""
    if any(map(any, pads)):
        x = lax.pad(x, jnp.array(-jnp.inf, x.dtype), [(0, 0, 0), *((*p, 0) for p in pads), (0, 0, 0)])
    counts = [(n - w) // s + 1 for n, w, s in zip(x.shape[1:-1], window, strides, strict=True)]
    return [
        lax.slice(
            x,
            (0, *place, 0),
            (x.shape[0], *(p + (c - 1) * s + 1 for p, c, s in zip(place, counts, strides, strict=True)), x.shape[-1]),
            (1, *strides, 1),
        )
        for place in np.ndindex(*window)
    ]


def _residuals(
    x: jax.Array, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    y = _max_pool(x, window, strides, pads)
    return y, (x, y)


def _gradient(
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: Pads,
    residuals: tuple[jax.Array, jax.Array],
    g: jax.Array,
) -> tuple[jax.Array]:
    x, y = residuals
    winner = lax.full_like(y, 0, jnp.int32)
    for place, units in reversed(list(enumerate(_slices(x, window, strides, pads)))):
        winner = jnp.where(units == y, place, winner)
    dx = _spread(winner, g, window, strides)
    # dx starts where the padded map does: cut the padding off, add what no window reached
    edges = [(-low, n + low - m, 0) for (low, _), n, m in zip(pads, x.shape[1:-1], dx.shape[1:-1], strict=True)]
    return (lax.pad(dx, jnp.zeros((), dx.dtype), [(0, 0, 0), *edges, (0, 0, 0)]),)


_max_pool.defvjp(_residuals, _gradient)


def _spread(winner: jax.Array, g: jax.Array, window: tuple[int, ...], strides: tuple[int, ...]) -> jax.Array:
    """Each window's gradient, put at its winner: (batch, *map, channels) -> (batch, *padded map, channels).

    Unit s q + r of an axis (stride s, r < s) is place r + s t of window q - t, for every t that stays
    within the window: a sum over t of broadcasts along r, which XLA makes one loop.
    """
    reach = [-(-w // s) for w, s in zip(window, strides, strict=True)]
    axes = range(len(window))
    beyond = [(0, 0, 0), *((n - 1, n - 1, 0) for n in reach), (0, 0, 0)]
    winner = lax.pad(winner, jnp.int32(-1), beyond)
    g = lax.pad(g, jnp.zeros((), g.dtype), beyond)
    counts = [winner.shape[1 + axis] - reach[axis] + 1 for axis in axes]
    after_each = tuple(2 + 2 * axis for axis in axes)  # where r stands, behind the axis it refines
    terms = []
    for t in np.ndindex(*reach):
        starts = [reach[axis] - 1 - t[axis] for axis in axes]
        at = (slice(None), *(slice(i, i + n) for i, n in zip(starts, counts, strict=True)))
        places = np.expand_dims(_places(t, window, strides), (*(2 * axis for axis in axes), 2 * len(window)))
        hit = jnp.expand_dims(winner[at], after_each) == places
        terms.append(jnp.where(hit, jnp.expand_dims(g[at], after_each), jnp.zeros((), g.dtype)))
    sizes = [n * s for n, s in zip(counts, strides, strict=True)]
    return functools.reduce(jnp.add, terms).reshape(g.shape[0], *sizes, g.shape[-1])


def _places(t: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """Number of place r + s t in the window, for every r: shape `strides`; -2, nobody's, beyond the window."""
    place = np.indices(strides) + np.multiply(strides, t).reshape(-1, *(1 for _ in strides))
    inside = (place < np.reshape(window, (-1, *(1 for _ in strides)))).all(0)
    number = np.ravel_multi_index(tuple(place), window, mode="clip")
    return np.where(inside, number, -2).astype(np.int32)
