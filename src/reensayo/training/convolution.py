"""2-D convolution for XLA on a CPU, forward and both gradients, in pure JAX.

XLA's own CPU convolution reaches a small part of the processor, and its gradient of the kernel far less.
Everything here is rewritten as matrix products, which XLA does well, with as few multiplications as possible:

- `winograd`  many channels: Winograd's F(m x m, 3 x 3) (Lavin and Gray, arXiv 1509.09308)
- `rows`      8-23 channels: Winograd's F(4, 3) along the rows; along the columns, products of short windows
- `taps`      1-3 channels: the sum over the kernel's taps, and their gradient each by its own map
- `columns`   what is left: im2col
- `lax`       XLA's convolution, where none of these applies

Which one is taken is a rule on shapes (`forward_algorithm`, `kernel_algorithm`), never a stopwatch.

Layout: activations (batch, height, width, channels), kernels (height, width, channels, filters), stride 1.
Large maps go through in chunks of images whose transformed data stays in the cache of one core.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Pads = tuple[tuple[int, int], tuple[int, int]]  # ((top, bottom), (left, right))

CACHE = 1.5e6  # bytes of transformed data a chunk may have: what fits the second-level cache of one core
PATCHES_CACHE = 2.5e6  # patches are written and read once only, in order


class Algorithm(NamedTuple):
    """How one direction of one convolution is computed: what, tile of Winograd (0: none), images at a time."""

    kind: str
    tile: int
    chunk: int

    def __str__(self) -> str:
        tile = {"winograd": f" F({self.tile}x{self.tile})", "rows": f" F({self.tile})"}.get(self.kind, "")
        return f"{self.kind}{tile}, {self.chunk} images at a time"


def convolve(x: jax.Array, kernel: jax.Array, padding: str | Pads = "valid", *, winograd: bool = True) -> jax.Array:
    """Cross-correlation of `x` (batch, height, width, channels) with `kernel` (height, width, channels, filters).

    `padding` is "valid", "same" (as in TensorFlow and Keras) or zeros ((top, bottom), (left, right)), each
    smaller than the kernel. Relative L2 error against im2col in float32: below 5e-6, without Winograd 1e-6.
    Winograd is only used in float32.
    """
    if x.shape[-1] != kernel.shape[2]:
        raise ValueError(f"x has {x.shape[-1]} channels, the kernel expects {kernel.shape[2]}")
    pads = as_pads(padding, kernel.shape[0], kernel.shape[1])
    return _convolve(x, kernel, pads, winograd)


def as_pads(padding: str | Pads, height: int, width: int) -> Pads:
    """Zeros around the map for a kernel of `height` x `width` at stride 1; an even kernel's odd one goes last."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return ((height - 1) // 2, height // 2), ((width - 1) // 2, width // 2)
    if isinstance(padding, str):
        raise ValueError(f"padding: expected 'valid', 'same' or pairs of integers, received {padding!r}")
    return padding


# ---------------------------------------------------------------- the rule
def forward_algorithm(
    x: Sequence[int], kernel: Sequence[int], pads: Pads, dtype: Any = np.float32, winograd: bool = True
) -> Algorithm:
    """Algorithm of the forward pass for these shapes; `x` is what one core has. Also of the input's gradient.

    Tuned inside whole training steps (benchmarks/conv_step.py): the fastest algorithm of a convolution
    timed alone is often not the one that makes the step fastest.
    """
    batch, channels, filters = x[0], kernel[2], kernel[3]
    if winograd and _suits_winograd(x, kernel, pads, dtype):
        return _winograd_algorithm(x, kernel, pads, gradient=False)
    if channels == 1 and filters >= 8:
        return Algorithm("taps", 0, batch)
    if channels >= 16 and min(_map_of(x, kernel, pads)) > 2:
        return Algorithm("lax", 0, batch)
    return Algorithm("columns", 0, _patches_chunk(x, kernel, pads, dtype))


def kernel_algorithm(
    x: Sequence[int], kernel: Sequence[int], pads: Pads, dtype: Any = np.float32, winograd: bool = True
) -> Algorithm:
    """Algorithm of the kernel's gradient for these shapes; `x` is what one core has."""
    if winograd and _suits_winograd(x, kernel, pads, dtype):
        return _winograd_algorithm(x, kernel, pads, gradient=True)
    kind = "taps" if kernel[2] <= 3 else "columns"
    return Algorithm(kind, 0, _patches_chunk(x, kernel, pads, dtype))


def _suits_winograd(x: Sequence[int], kernel: Sequence[int], pads: Pads, dtype: Any) -> bool:
    large = min(_map_of(x, kernel, pads)) > 2 and min(kernel[2:]) >= 8
    return large and tuple(kernel[:2]) == (3, 3) and np.dtype(dtype) == np.float32


def _winograd_algorithm(x: Sequence[int], kernel: Sequence[int], pads: Pads, *, gradient: bool) -> Algorithm:
    batch, (height, width), (channels, filters) = x[0], _map_of(x, kernel, pads), kernel[2:]
    if min(channels, filters) < 24:
        down, across = -(-height // 4), -(-width // 4)
        return Algorithm("rows", 4, chunk_of(batch, 4 * 12 * down * across * (4 * channels + 2 * filters), CACHE))
    by_three = height == width == 3 or (height % 3 == width % 3 == 0 and not gradient)
    tile = 3 if by_three else 4
    tiles = -(-height // tile) * -(-width // tile)
    if max(height, width) <= 8:  # the transformed kernels are the larger part: reading them once is best
        return Algorithm("winograd", tile, batch)
    return Algorithm("winograd", tile, chunk_of(batch, 4 * (tile + 2) ** 2 * tiles * max(channels, filters), CACHE))


def _patches_chunk(x: Sequence[int], kernel: Sequence[int], pads: Pads, dtype: Any) -> int:
    patch = np.dtype(dtype).itemsize * math.prod(kernel[:3])
    return chunk_of(x[0], patch * math.prod(_map_of(x, kernel, pads)), PATCHES_CACHE)


def _map_of(x: Sequence[int], kernel: Sequence[int], pads: Pads) -> tuple[int, int]:
    """Height and width of the output."""
    return x[1] + sum(pads[0]) - kernel[0] + 1, x[2] + sum(pads[1]) - kernel[1] + 1


def chunk_of(batch: int, bytes_per_image: float, cache: float) -> int:
    """The largest divisor of `batch` whose images fit `cache`, at least 1 and at most half the batch.

    At least two chunks, so that the input is the state of a loop: an array, made once. Else XLA fuses what
    made it (activation, normalisation, dropout) into each of its uses, and computes it up to 36 times.
    """
    most = max(1.0, min(cache / bytes_per_image, batch / 2))
    return max(d for d in range(1, batch + 1) if batch % d == 0 and d <= most)


# ---------------------------------------------------------------- the operation and its gradients
@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _convolve(x: jax.Array, kernel: jax.Array, pads: Pads, winograd: bool) -> jax.Array:
    algorithm = forward_algorithm(x.shape, kernel.shape, pads, x.dtype, winograd)
    return _FORWARD[algorithm.kind](x, kernel, pads, algorithm)


def _gradients(pads: Pads, winograd: bool, residuals: Any, g: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, kernel = residuals
    (top, bottom), (left, right) = pads
    high, wide = kernel.shape[0] - 1, kernel.shape[1] - 1
    around = (high - top, high - bottom), (wide - left, wide - right)
    dx = _convolve(g, kernel[::-1, ::-1].swapaxes(2, 3), around, winograd)
    algorithm = kernel_algorithm(x.shape, kernel.shape, pads, x.dtype, winograd)
    return dx, _KERNEL[algorithm.kind](x, g, kernel.shape, pads, algorithm)


_convolve.defvjp(lambda x, kernel, *how: (_convolve(x, kernel, *how), (x, kernel)), _gradients)


# ---------------------------------------------------------------- chunks of images
def over_images(f: Callable[[jax.Array], jax.Array], chunk: int, x: jax.Array) -> jax.Array:
    """`f` on `chunk` images at a time, results in order.

    The next chunk is taken out of `x` one turn ahead and carried: as loop state it is an array of its own.
    Taken in the same turn, XLA fuses the slice with its offset into every use, which are then 3-4 times slower.
    """
    if chunk == len(x):
        return f(x)

    def turn(current: jax.Array, following: Any) -> tuple[jax.Array, jax.Array]:
        return lax.dynamic_slice_in_dim(x, following, chunk), f(current)

    y = lax.scan(turn, x[:chunk], _following(len(x), chunk))[1]
    return y.reshape(len(x), *y.shape[2:])


def sum_over_images(
    f: Callable[[jax.Array, jax.Array], jax.Array], chunk: int, x: jax.Array, g: jax.Array
) -> jax.Array:
    """Sum of `f` over pairs of `chunk` images, taken one turn ahead as in `over_images`."""
    if chunk == len(x):
        return f(x, g)

    def turn(carry: Any, following: Any) -> tuple[Any, None]:
        total, *pair = carry
        ahead = [lax.dynamic_slice_in_dim(a, following, chunk) for a in (x, g)]
        return (total + f(*pair), *ahead), None

    first = x[:chunk], g[:chunk]
    zero = lax.full_like(jax.eval_shape(f, *first), 0)
    return lax.scan(turn, (zero, *first), _following(len(x), chunk))[0][0]


def _following(images: int, chunk: int) -> np.ndarray:
    """For each turn, where the next one's chunk starts; the last turn has none and takes its own again."""
    return np.minimum(np.arange(chunk, images + chunk, chunk), images - chunk).astype(np.int32)


# ---------------------------------------------------------------- lax, taps, columns
def lax_forward(x: jax.Array, kernel: jax.Array, pads: Pads, algorithm: Algorithm | None = None) -> jax.Array:
    """XLA's own convolution."""
    return lax.conv_general_dilated(x, kernel, (1, 1), pads, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def _shifted(x: jax.Array, high: int, wide: int, pads: Pads) -> list[jax.Array]:
    """The padded map as each tap of the kernel sees it, in the kernel's order."""
    height, width = _map_of(x.shape, (high, wide), pads)
    x = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), (*pads[0], 0), (*pads[1], 0), (0, 0, 0)])
    return [x[:, i : i + height, j : j + width] for i in range(high) for j in range(wide)]


def taps_forward(x: jax.Array, kernel: jax.Array, pads: Pads, algorithm: Algorithm) -> jax.Array:
    """Sum over the taps of map times weight, one channel: one fused loop."""
    high, wide, _, filters = kernel.shape
    taps = kernel.reshape(high * wide, filters)
    return functools.reduce(jnp.add, (m * t for m, t in zip(_shifted(x, high, wide, pads), taps, strict=True)))


def taps_kernel(x: jax.Array, g: jax.Array, kernel: tuple[int, ...], pads: Pads, algorithm: Algorithm) -> jax.Array:
    """Gradient of the kernel: the map of each tap and channel, in one piece, times the gradient."""

    def some(x: jax.Array, g: jax.Array) -> jax.Array:
        planes = x.transpose(3, 0, 1, 2).reshape(-1, *x.shape[1:3], 1)
        maps = jnp.stack(_shifted(planes, kernel[0], kernel[1], pads))
        return jnp.matmul(maps.reshape(math.prod(kernel[:3]), -1), g.reshape(-1, g.shape[-1]))

    return sum_over_images(some, algorithm.chunk, x, g).reshape(kernel)


def columns_forward(x: jax.Array, kernel: jax.Array, pads: Pads, algorithm: Algorithm) -> jax.Array:
    """im2col: every output pixel's patch as a row, times the kernel as a matrix."""
    high, wide, _, filters = kernel.shape

    def some(x: jax.Array) -> jax.Array:
        patches = jnp.concatenate(_shifted(x, high, wide, pads), -1)
        y: jax.Array = patches.reshape(-1, patches.shape[-1]) @ kernel.reshape(-1, filters)
        return y.reshape(*patches.shape[:3], filters)

    return over_images(some, algorithm.chunk, x)


def columns_kernel(x: jax.Array, g: jax.Array, kernel: tuple[int, ...], pads: Pads, algorithm: Algorithm) -> jax.Array:
    """Gradient of the kernel: patches times gradient, of which the narrower one is transposed."""

    def some(x: jax.Array, g: jax.Array) -> jax.Array:
        patches = jnp.concatenate(_shifted(x, kernel[0], kernel[1], pads), -1)
        patches, g = patches.reshape(-1, patches.shape[-1]), g.reshape(-1, g.shape[-1])
        if patches.shape[1] < g.shape[1]:
            return transposed_times(patches, g)
        return transposed_times(g, patches).T

    return sum_over_images(some, algorithm.chunk, x, g).reshape(kernel)


def transposed_times(a: jax.Array, b: jax.Array) -> jax.Array:
    """(..., n, i), (..., n, j) -> (..., i, j).

    The barrier keeps the transpose a copy of its own: folded into the product, it makes that up to twice as slow.
    """
    return lax.optimization_barrier(a.swapaxes(-1, -2)) @ b


# ---------------------------------------------------------------- Winograd, both ways
@functools.cache
def winograd_matrices(m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`A`, `G`, `B` of F(m, 3): y = A [(G g) * (B d)], m outputs, 3 taps g, m + 2 inputs d, all in float64.

    Cook-Toom on the points 0, 1, -1, 2, -2 (as many as needed) and infinity.
    """
    points = [0.0, 1.0, -1.0, 2.0, -2.0][: m + 1]

    def powers(n: int) -> np.ndarray:
        return np.array([[p**j for j in range(n)] for p in points] + [[0.0] * (n - 1) + [1.0]])

    scale = np.array([np.prod([p - q for q in points if q != p]) for p in points] + [1.0])[:, None]
    # the entries of B are integers: the rounding removes the error of the inverse
    return powers(m).T, powers(3) / scale, np.round(np.linalg.inv(powers(m + 2)).T * scale, 10)


def _twice(matrix: np.ndarray) -> jax.Array:
    """The 2-D transform (rows and columns) as one matrix."""
    return jnp.asarray(np.kron(matrix, matrix).astype(np.float32))


def _combined(weights: np.ndarray, arrays: Sequence[jax.Array]) -> jax.Array:
    """Sum of weight times array, without the zeros and the ones."""
    terms = []
    for weight, array in zip(weights, arrays, strict=True):
        if weight:
            terms.append(array if weight == 1 else -array if weight == -1 else array * np.float32(weight))
    return functools.reduce(jnp.add, terms)


def _every(x: jax.Array, axis: int, start: int, count: int, step: int) -> jax.Array:
    return lax.slice_in_dim(x, start, start + (count - 1) * step + 1, step, axis)


def _fitted(x: jax.Array, top: int, left: int, height: int, width: int) -> jax.Array:
    """`x` on a map of `height` x `width`, zeros around."""
    down, right = height - top - x.shape[1], width - left - x.shape[2]
    return lax.pad(x, np.float32(0), [(0, 0, 0), (top, down, 0), (left, right, 0), (0, 0, 0)])


def _tiles(x: jax.Array, transform: np.ndarray, m: int, down: int, across: int) -> jax.Array:
    """(images, height, width, channels) -> (points, images * tiles, channels), both axes transformed.

    Only sums of strided slices, channels innermost, so XLA vectorises them.
    """
    points, inputs = transform.shape
    rows = [_every(x, 1, a, down, m) for a in range(inputs)]
    rows = [_combined(transform[i], rows) for i in range(points)]
    return jnp.stack(
        [
            _combined(transform[j], [_every(row, 2, b, across, m) for b in range(inputs)]).reshape(-1, x.shape[-1])
            for row in rows
            for j in range(points)
        ]
    )


def winograd_forward(x: jax.Array, kernel: jax.Array, pads: Pads, algorithm: Algorithm) -> jax.Array:
    """F(m x m, 3 x 3): (m + 2)^2 products a tile of m^2 outputs, instead of 9 m^2."""
    m = algorithm.tile
    a, g, b = winograd_matrices(m)
    height, width = _map_of(x.shape, kernel.shape, pads)
    filters = kernel.shape[3]
    down, across = -(-height // m), -(-width // m)
    u = (_twice(g) @ kernel.reshape(9, -1)).reshape(-1, *kernel.shape[2:])

    def some(x: jax.Array) -> jax.Array:
        x = _fitted(x, pads[0][0], pads[1][0], down * m + 2, across * m + 2)
        products = _tiles(x, b, m, down, across) @ u
        # back by a product, not by sums: XLA would fuse those with the interleaving into one slow loop
        y = (_twice(a) @ products.reshape(len(products), -1)).reshape(m, m, -1, down, across, filters)
        return y.transpose(2, 3, 0, 4, 1, 5).reshape(-1, down * m, across * m, filters)[:, :height, :width]

    return over_images(some, algorithm.chunk, x)


def winograd_kernel(x: jax.Array, g: jax.Array, kernel: tuple[int, ...], pads: Pads, algorithm: Algorithm) -> jax.Array:
    """Gradient of the kernel in the transformed space, transformed back once at the end."""
    m = algorithm.tile
    a, back, b = winograd_matrices(m)
    down, across = -(-g.shape[1] // m), -(-g.shape[2] // m)

    def some(x: jax.Array, g: jax.Array) -> jax.Array:
        x = _fitted(x, pads[0][0], pads[1][0], down * m + 2, across * m + 2)
        g = _fitted(g, 0, 0, down * m, across * m)
        return transposed_times(_tiles(x, b, m, down, across), _tiles(g, a.T, m, down, across))

    du = sum_over_images(some, algorithm.chunk, x, g)
    return (_twice(back.T) @ du.reshape(len(du), -1)).reshape(3, 3, *du.shape[1:])


# ---------------------------------------------------------------- Winograd along the rows only
# With few channels the products of F(m x m) are too thin. Here the columns stay: a window of 4 columns gives
# 2 outputs, so a product sums over 4 * channels and gives 2 * filters. Windows overlap by half, so two
# phases, shifted by 2 columns, hold all of them, and each phase is the row itself, cut in pieces.
def _row_windows(x: jax.Array, pads: Pads, m: int, down: int, across: int) -> jax.Array:
    """(images, height, width, channels) -> (points, 2 phases * images * down * across, 4 * channels)."""
    channels = x.shape[-1]
    x = _fitted(x, pads[0][0], pads[1][0], down * m + 2, across * 4 + 2)
    x = x.reshape(*x.shape[:2], -1)
    b = winograd_matrices(m)[2]
    phases = [x[:, :, p : p + across * 4 * channels] for p in (0, 2 * channels)]
    rows = [[_every(phase, 1, i, down, m) for i in range(m + 2)] for phase in phases]
    parts = [_combined(weights, phase).reshape(-1, 4 * channels) for weights in b for phase in rows]
    return jnp.concatenate(parts).reshape(m + 2, -1, 4 * channels)


def rows_forward(x: jax.Array, kernel: jax.Array, pads: Pads, algorithm: Algorithm) -> jax.Array:
    """F(m, 3) along the rows: m + 2 products instead of 3 m, of windows of 4 columns for 2 outputs."""
    m = algorithm.tile
    a, g, _ = (jnp.asarray(t.astype(np.float32)) for t in winograd_matrices(m))
    height, width = _map_of(x.shape, kernel.shape, pads)
    channels, filters = kernel.shape[2:]
    down, across = -(-height // m), -(-width // 4)
    u = (g @ kernel.reshape(3, -1)).reshape(m + 2, 3 * channels, filters)
    none = jnp.zeros((m + 2, channels, filters), u.dtype)
    matrix = jnp.concatenate([jnp.concatenate([u, none], 1), jnp.concatenate([none, u], 1)], 2)

    def some(x: jax.Array) -> jax.Array:
        products = _row_windows(x, pads, m, down, across) @ matrix
        y = (a @ products.reshape(m + 2, -1)).reshape(m, 2, -1, down, across, 2 * filters)
        return y.transpose(2, 3, 0, 4, 1, 5).reshape(-1, down * m, across * 4, filters)[:, :height, :width]

    return over_images(some, algorithm.chunk, x)


def rows_kernel(x: jax.Array, g: jax.Array, kernel: tuple[int, ...], pads: Pads, algorithm: Algorithm) -> jax.Array:
    """Gradient of the kernel: gradient of the windows' matrix, its two copies of the kernel summed."""
    m = algorithm.tile
    a, back, _ = winograd_matrices(m)
    down, across = -(-g.shape[1] // m), -(-g.shape[2] // 4)
    channels, filters = x.shape[-1], g.shape[-1]

    def some(x: jax.Array, g: jax.Array) -> jax.Array:
        g = _fitted(g, 0, 0, down * m, across * 4)
        g = g.reshape(*g.shape[:2], -1)
        rows = [_every(g, 1, i, down, m) for i in range(m)]
        points = [_combined(weights, rows).reshape(-1, 2, 2 * filters) for weights in a.T]
        halves = jnp.concatenate([point[:, phase] for point in points for phase in (0, 1)])
        return transposed_times(halves.reshape(m + 2, -1, 2 * filters), _row_windows(x, pads, m, down, across))

    d = sum_over_images(some, algorithm.chunk, x, g).reshape(m + 2, 2, filters, 4, channels)
    du = d[:, 0, :, :3] + d[:, 1, :, 1:]
    dk = (jnp.asarray(back.T.astype(np.float32)) @ du.reshape(m + 2, -1)).reshape(3, filters, 3, channels)
    return dk.transpose(0, 2, 3, 1)


_FORWARD = {
    "lax": lax_forward,
    "taps": taps_forward,
    "columns": columns_forward,
    "winograd": winograd_forward,
    "rows": rows_forward,
}
_KERNEL = {"taps": taps_kernel, "columns": columns_kernel, "winograd": winograd_kernel, "rows": rows_kernel}
