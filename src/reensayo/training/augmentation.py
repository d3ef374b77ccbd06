"""Images flipped, rotated and translated inside the compiled step, by gathering pixels.

What Keras's random layers do, which compute every pixel from a general transform with the indices of all channels. Here
flipping reverses rows, a whole shift copies a window of the image with its edge repeated, and only rotating
interpolates, once for all channels of a pixel. Images are (batch, height, width, channels); each has its own draw.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax


def flipped(x: jax.Array, which: jax.Array) -> jax.Array:
    """Left and right exchanged in the images of which ``which`` (batch,) is true."""
    return jnp.where(which[:, None, None, None], x[:, :, ::-1], x)


def rotated(x: jax.Array, angle: jax.Array) -> jax.Array:
    """Each image rotated about its centre by its ``angle`` (batch,) in radians, as Keras's ``RandomRotation`` turns it.

    A pixel is interpolated between the four around the place that it comes from; beyond the edge the edge is repeated.
    """
    height, width, channels = x.shape[1:]
    down, across = jnp.arange(height) - (height - 1) / 2, jnp.arange(width) - (width - 1) / 2
    cosine, sine = jnp.cos(angle)[:, None, None], jnp.sin(angle)[:, None, None]
    row = jnp.clip(sine * across + cosine * down[:, None] + (height - 1) / 2, 0, height - 1)
    column = jnp.clip(cosine * across - sine * down[:, None] + (width - 1) / 2, 0, width - 1)
    top, left = jnp.clip(jnp.floor(row), 0, height - 2), jnp.clip(jnp.floor(column), 0, width - 2)
    below, right = (row - top)[..., None, None], (column - left)[..., None]

    image = lax.broadcasted_iota(jnp.int32, top.shape, 0)
    places = jnp.stack([image, top.astype(jnp.int32), left.astype(jnp.int32)], -1)
    corners = lax.gather(  # (batch, height, width, 2, 2, channels): the four pixels around each place, in one piece
        x,
        places,
        lax.GatherDimensionNumbers(offset_dims=(3, 4, 5), collapsed_slice_dims=(0,), start_index_map=(0, 1, 2)),
        slice_sizes=(1, 2, 2, channels),
        mode="promise_in_bounds",
    )
    rows = corners[..., 0, :, :] * (1 - below) + corners[..., 1, :, :] * below
    return rows[..., 0, :] * (1 - right) + rows[..., 1, :] * right


def translated(x: jax.Array, down: jax.Array, across: jax.Array, most: tuple[int, int]) -> jax.Array:
    """Each image moved by its own whole numbers of pixels (batch,), at most ``most``; the edge is repeated."""
    rows, columns = most
    wide = jnp.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)), mode="edge")

    def window(image: jax.Array, down: jax.Array, across: jax.Array) -> jax.Array:
        return lax.dynamic_slice(image, (rows - down, columns - across, jnp.int32(0)), x.shape[1:])

    return jax.vmap(window)(wide, down.astype(jnp.int32), across.astype(jnp.int32))
