"""While a model is traced, compute its known layers the way that is fast with XLA on a CPU.

    with replaced(model):
        program = jax.jit(step).lower(...)

The model stays a plain Keras model: what is replaced are instance attributes, gone when the block is left;
Keras itself is never patched. A layer whose configuration is not supported is left as it is. The same values
come out up to rounding, only what is drawn (dropout masks, augmentation) differs, of the same distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import lax
from keras import layers, ops

from reensayo.training import word_sets
from reensayo.training.augmentation import flipped, rotated, translated
from reensayo.training.convolution import (
    as_pads,
    convolve,
    forward_algorithm,
    kernel_algorithm,
    transposed_times,
)
from reensayo.training.dropout_bits import keep_mask, positions, uniform
from reensayo.training.pooling import max_pool
from reensayo.training.weights import layers_of

Note = Callable[[str], object]  # takes how a layer is computed
Draw = Callable[[int, float, float], jax.Array]  # (count, low, high) -> (batch, count) uniform numbers


@contextmanager
def replaced(model: Any, *, winograd: bool = True) -> Iterator[dict[str, str]]:
    """Known layers of this Keras model, nested ones too, are computed the fast way inside the block.

    Gives a mapping to which tracing adds how each layer was computed the first time, by the layer's name.
    `winograd=False` leaves Winograd's algorithm out, for results closer to Keras's (relative error 1e-6 instead of
    5e-6 a layer).
    """
    how: dict[str, str] = {}
    with ExitStack() as afterwards:
        for layer in layers_of(model):
            attributes = vars(layer)  # past Keras's __setattr__, which would track what is set
            call = _fast_call(layer, partial(how.setdefault, layer.name), winograd)
            if call and "call" not in attributes:
                attributes["call"] = call
                afterwards.callback(attributes.pop, "call")
                if has_few_outputs(layer) and type(layer.kernel.regularizer) in _ELEMENTWISE:
                    afterwards.callback(setattr, layer.kernel, "regularizer", layer.kernel.regularizer)
                    layer.kernel.regularizer = _of_transposed(layer.kernel.regularizer)
        yield how


def _fast_call(layer: Any, note: Note, winograd: bool) -> Callable[..., Any] | None:
    """What stands for the layer's `call` inside the block; None if the layer is not supported.

    Exact types only: a subclass may have a `call` of its own.
    """
    if type(layer) in (layers.Conv1D, layers.Conv2D) and _is_plain_convolution(layer):
        return _convolution(layer, note, winograd)
    if type(layer) in (layers.MaxPooling1D, layers.MaxPooling2D) and layer.data_format == "channels_last":
        return _pooling(layer, note)
    if type(layer) is layers.Dropout and layer.noise_shape is None and 0 < layer.rate < 1:
        return _dropout(layer, note)
    if type(layer) in _AUGMENTATION and _repeats_the_edge(layer):
        return _augmentation(layer, note)
    if has_few_outputs(layer):
        return _few_output_dense(layer, note)
    if _takes_words(layer):
        return _dense_of_words(layer, note)
    if _expands_a_sequence(layer):
        return _sequence_dense(layer, note)
    return None


def _activated(layer: Any, y: jax.Array) -> Any:
    """The product `y` of a layer with its bias and its activation."""
    if layer.bias is not None:
        y = y + _value(layer.bias)
    return y if layer.activation is None else layer.activation(y)


def _value(variable: Any) -> jax.Array:
    """A variable's array, in the precision the layer computes in."""
    return ops.convert_to_tensor(variable)


# ---------------------------------------------------------------- convolution
def _is_plain_convolution(layer: Any) -> bool:
    return bool(
        {*layer.strides, *layer.dilation_rate, layer.groups} == {1}
        and layer.padding in ("valid", "same")
        and layer.data_format == "channels_last"
    )


def _convolution(layer: Any, note: Note, winograd: bool) -> Callable[[Any], Any]:
    """A sequence is a map one unit high."""

    def call(inputs: Any) -> Any:
        x, kernel = jnp.asarray(inputs), _value(layer.kernel)
        if layer.rank == 1:
            x, kernel = x[:, None], kernel[None]
        pads = as_pads(layer.padding, *kernel.shape[:2])
        shapes = x.shape, kernel.shape, pads, x.dtype, winograd
        note(f"{forward_algorithm(*shapes)}; kernel gradient {kernel_algorithm(*shapes)}")
        y = convolve(x, kernel, pads, winograd=winograd)
        return _activated(layer, y[:, 0] if layer.rank == 1 else y)

    return call


# ---------------------------------------------------------------- pooling, dropout
def _pooling(layer: Any, note: Note) -> Callable[[Any], jax.Array]:
    def call(inputs: Any) -> jax.Array:
        note("maximum of slices")
        return max_pool(jnp.asarray(inputs), layer.pool_size, layer.strides, layer.padding)

    return call


def _dropout(layer: Any, note: Note) -> Callable[..., Any]:
    """Draws from the layer's own seed generator, whose state advances as in Keras."""

    def call(inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        note("hashed bits")
        x = jnp.asarray(inputs)
        kept = keep_mask(layer.seed_generator.next(), positions(x.shape), layer.rate)
        return jnp.where(kept, x / (1 - layer.rate), jnp.zeros((), x.dtype))

    return call


# ---------------------------------------------------------------- other images in every epoch
def _flipped(layer: Any, x: jax.Array, draw: Draw) -> jax.Array:
    return flipped(x, draw(1, 0, 1)[:, 0] < 0.5)


def _rotated(layer: Any, x: jax.Array, draw: Draw) -> jax.Array:
    return rotated(x, 2 * jnp.pi * draw(1, *layer.factor)[:, 0])


def _translated(layer: Any, x: jax.Array, draw: Draw) -> jax.Array:
    height, width = x.shape[1:3]
    down = layer.height_lower * height, layer.height_upper * height
    across = layer.width_lower * width, layer.width_upper * width
    drawn = draw(2, 0, 1)
    most = round(max(map(abs, down))), round(max(map(abs, across)))
    pixels = [jnp.round(low + (high - low) * drawn[:, i]) for i, (low, high) in enumerate((down, across))]
    return translated(x, pixels[0], pixels[1], most)


_AUGMENTATION = {
    layers.RandomFlip: _flipped,
    layers.RandomRotation: _rotated,
    layers.RandomTranslation: _translated,
}


def _repeats_the_edge(layer: Any) -> bool:
    """Whether it flips left and right, rotates smoothly or translates by whole pixels, and repeats the edge."""
    interpolation = {"RandomRotation": "bilinear", "RandomTranslation": "nearest"}.get(type(layer).__name__)
    filled = getattr(layer, "fill_mode", "nearest"), getattr(layer, "interpolation", None)
    mode = getattr(layer, "mode", "horizontal")
    return bool(layer.data_format == "channels_last" and mode == "horizontal" and filled == ("nearest", interpolation))


def _augmentation(layer: Any, note: Note) -> Callable[..., Any]:
    """Draws from the layer's own generator: each image its own numbers."""
    change = _AUGMENTATION[type(layer)]

    def call(inputs: Any, training: bool = True) -> Any:
        if not training:
            return inputs
        note("gathered pixels")
        x, key = jnp.asarray(inputs), layer.generator.next()

        def draw(count: int, low: float, high: float) -> jax.Array:
            return uniform(key, positions((len(x), count)), low, high).astype(x.dtype)

        return change(layer, x, draw)

    return call


# ---------------------------------------------------------------- dense layers with few outputs
def has_few_outputs(layer: Any) -> bool:
    """Where XLA's kernel gradient is slow: few outputs, many inputs. Beyond, its own is as fast or faster.

    Fastest where the kernel is held as (outputs, inputs): then its gradient comes out as it is held, and nothing large
    is transposed.
    """
    dense = type(layer) is layers.Dense and layer.built and not _takes_words(layer)
    inputs, outputs = layer.kernel.shape if dense else (0, 1)
    return bool(outputs <= 128 and inputs >= 4 * outputs and 1000 <= inputs * outputs <= 1e6)


def _few_output_dense(layer: Any, note: Note) -> Callable[..., Any]:
    keras_call = layer.call

    def call(inputs: Any, training: bool | None = None) -> Any:
        if len(inputs.shape) != 2:
            return keras_call(inputs, training=training)
        note("few-output dense")
        transposed = _value(layer.kernel).T  # no work where the kernel is held like this
        return _activated(layer, _few_output_product(jnp.asarray(inputs), transposed))

    return call


_ELEMENTWISE = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)


def _of_transposed(regularizer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same penalty of a kernel, read as it is held: XLA would write it down the other way round first."""
    return lambda kernel: regularizer(kernel.T)


@jax.custom_vjp
def _few_output_product(x: jax.Array, transposed: jax.Array) -> jax.Array:
    """(batch, inputs) times (outputs, inputs) transposed, with another order of work in the kernel's gradient."""
    along_inputs = (((1,), (1,)), ((), ()))
    if len(transposed) <= len(x):  # the longer of the two along the inner loops
        # behind barriers XLA does not fold a transpose into a product
        return lax.optimization_barrier(lax.dot_general(transposed, x, along_inputs)).T
    return lax.dot_general(x, transposed, along_inputs)


def _few_output_gradients(residuals: tuple[jax.Array, jax.Array], g: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Transposes the small operand only; for 9216 inputs and 10 outputs that is 10x faster."""
    x, transposed = residuals
    return g @ transposed, lax.optimization_barrier(transposed_times(g, x))


_few_output_product.defvjp(lambda x, kernel: (_few_output_product(x, kernel), (x, kernel)), _few_output_gradients)


# ---------------------------------------------------------------- dense layers on bags of words
def _takes_words(layer: Any) -> bool:
    """Whether it is the first layer of a network that may get bags of words."""
    return bool(type(layer) is layers.Dense and layer.built and layer.input.sparse)


def _dense_of_words(layer: Any, note: Note) -> Callable[..., Any]:
    keras_call = layer.call

    def call(inputs: Any, training: bool | None = None) -> Any:
        if not isinstance(inputs, word_sets.CSRRows):
            return keras_call(inputs, training=training)
        note("sums of rows")
        return _activated(layer, word_sets.times(inputs, _value(layer.kernel)))

    return call


# ---------------------------------------------------------------- dense layers at every place of a sequence
def _expands_a_sequence(layer: Any) -> bool:
    """Where XLA, for the kernel's gradient, would transpose the outputs' of all places: more than the inputs."""
    if type(layer) is not layers.Dense or not layer.built or len(layer.input.shape) < 3:
        return False
    inputs, outputs = layer.kernel.shape
    return bool(inputs < outputs)


def _sequence_dense(layer: Any, note: Note) -> Callable[..., Any]:
    def call(inputs: Any, training: bool | None = None) -> Any:
        note("dense over a sequence")
        return _activated(layer, _sequence_product(jnp.asarray(inputs), _value(layer.kernel)))

    return call


@jax.custom_vjp
def _sequence_product(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """(batch, ..., inputs) times (inputs, outputs), with another order of work in the kernel's gradient."""
    return x @ kernel


def _sequence_gradients(residuals: tuple[jax.Array, jax.Array], g: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, kernel = residuals
    return g @ kernel.T, transposed_times(x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1]))


_sequence_product.defvjp(lambda x, kernel: (_sequence_product(x, kernel), (x, kernel)), _sequence_gradients)
