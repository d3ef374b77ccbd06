"""While a model is traced, compute its known layers the way that is fast with XLA on a CPU.

    with replaced(model):
        program = jax.jit(step).lower(...)

The model stays a plain Keras model: what is replaced are instance attributes, gone when the block is left;
Keras itself is never patched. A layer whose configuration is not supported is left as it is. The same values
come out up to rounding, only dropout masks are other ones of the same distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from reensayo.training.convolution import as_pads, convolve, forward_way, kernel_way, typed_alike
from reensayo.training.dropout_bits import keep_mask
from reensayo.training.pooling import max_pool

Note = Callable[[str], None]  # takes "layer: how it is computed" of every replaced call


@contextmanager
def replaced(model: Any, *, winograd: bool = True) -> Iterator[list[str]]:
    """Known layers of this Keras model, nested ones too, are computed the fast way inside the block.

    Gives a list to which tracing adds one line a call: which layer, computed how. `winograd=False` leaves
    Winograd's algorithm out, for results closer to Keras's (relative error 1e-6 instead of 5e-6 a layer).
    """
    notes: list[str] = []
    changed: list[tuple[Any, str, dict[str, Any]]] = []
    try:
        for layer in model._flatten_layers(include_self=False):
            for attribute, function in _fast(layer, notes.append, winograd).items():
                changed.append((layer, attribute, dict(vars(layer))))
                vars(layer)[attribute] = function  # past Keras's __setattr__, which would track it
        yield notes
    finally:
        for layer, attribute, before in reversed(changed):
            if attribute in before:
                vars(layer)[attribute] = before[attribute]
            else:
                del vars(layer)[attribute]


def describe(model: Any, batch: int, *, winograd: bool = True) -> list[str]:
    """How each known layer is computed in a training step on `batch` examples, one line a call; runs nothing."""
    inputs = [jax.ShapeDtypeStruct((batch, *i.shape[1:]), i.dtype) for i in model.inputs]

    def forward(*x: jax.Array) -> Any:
        values = [
            [jnp.zeros(v.shape, v.dtype) for v in vs]
            for vs in (model.trainable_variables, model.non_trainable_variables)
        ]
        return model.stateless_call(*values, x[0] if len(x) == 1 else list(x), training=True)

    with replaced(model, winograd=winograd) as notes:
        jax.eval_shape(forward, *inputs)
    return notes


def _fast(layer: Any, note: Note, winograd: bool) -> dict[str, Callable[..., Any]]:
    """Attribute of the layer -> what stands there inside the block; empty if the layer is not supported.

    Exact types only: a subclass may have overridden what we would replace.
    """
    from keras import layers

    if type(layer) in (layers.Conv1D, layers.Conv2D) and _is_plain_convolution(layer):
        return {"convolution_op": _convolution(layer, note, winograd)}
    if type(layer) in (layers.MaxPooling1D, layers.MaxPooling2D) and layer.data_format == "channels_last":
        return {"call": _pooling(layer, note)}
    if type(layer) is layers.Dropout and layer.noise_shape is None and 0 < layer.rate < 1:
        return {"call": _dropout(layer, note)}
    if type(layer) is layers.Dense and _is_narrow(layer):
        return {"call": _dense(layer, note)}
    return {}


# ---------------------------------------------------------------- convolution
def _is_plain_convolution(layer: Any) -> bool:
    return bool(
        {*layer.strides, *layer.dilation_rate, layer.groups} == {1}
        and layer.padding in ("valid", "same")
        and layer.data_format == "channels_last"
    )


def _convolution(layer: Any, note: Note, winograd: bool) -> Callable[[Any, Any], jax.Array]:
    """Only the product; bias and activation stay Keras's. A sequence is a map one unit high."""

    def convolution_op(inputs: Any, kernel: Any) -> jax.Array:
        x, kernel = jnp.asarray(inputs), _value(kernel)
        if kernel.ndim == 3:
            x, kernel = x[:, None], kernel[None]
        pads = as_pads(layer.padding, *kernel.shape[:2])
        shapes = x.shape, kernel.shape, pads, x.dtype, winograd
        note(f"{layer.name}: {forward_way(*shapes)}; kernel gradient {kernel_way(*shapes)}")
        y = convolve(x, kernel, pads, winograd=winograd)
        return y[:, 0] if layer.rank == 1 else y

    return convolution_op


def _value(variable: Any) -> jax.Array:
    from keras import ops

    return ops.convert_to_tensor(variable)


# ---------------------------------------------------------------- pooling, dropout
def _pooling(layer: Any, note: Note) -> Callable[[Any], jax.Array]:
    def call(inputs: Any) -> jax.Array:
        note(f"{layer.name}: maximum of slices")
        return max_pool(jnp.asarray(inputs), layer.pool_size, layer.strides, layer.padding)

    return call


def _dropout(layer: Any, note: Note) -> Callable[..., Any]:
    """Draws from the layer's own seed generator, whose state advances as in Keras."""

    def call(inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        note(f"{layer.name}: hashed bits")
        x = jnp.asarray(inputs)
        keep = keep_mask(layer.seed_generator.next(), x.shape, layer.rate)
        return jnp.where(keep, x / (1 - layer.rate), jnp.zeros((), x.dtype))

    return call


# ---------------------------------------------------------------- dense layers with few outputs
def _is_narrow(layer: Any) -> bool:
    """Where XLA's kernel gradient is slow: few outputs, many inputs. Beyond, its own is as fast or faster."""
    inputs, outputs = layer.kernel.shape if layer.built else (0, 1)
    return bool(outputs <= 128 and inputs >= 8 * outputs and 1000 <= inputs * outputs <= 5e5)


def _dense(layer: Any, note: Note) -> Callable[..., Any]:
    keras_call = layer.call

    def call(inputs: Any, training: bool | None = None) -> Any:
        if len(inputs.shape) != 2:
            return keras_call(inputs, training=training)
        note(f"{layer.name}: narrow product")
        y = _narrow_product(*typed_alike(jnp.asarray(inputs), _value(layer.kernel)))
        y = y if layer.bias is None else y + _value(layer.bias)
        return y if layer.activation is None else layer.activation(y)

    return call


@jax.custom_vjp
def _narrow_product(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """(batch, inputs) @ (inputs, outputs), with another order of work in the kernel's gradient."""
    return x @ kernel


def _narrow_residuals(x: jax.Array, kernel: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return x @ kernel, (x, kernel)


def _narrow_gradients(residuals: tuple[jax.Array, jax.Array], g: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The small operand is transposed, and the small result.

    The barriers keep XLA from undoing it, which for 9216 inputs and 10 outputs costs a factor of 10.
    """
    x, kernel = residuals
    transposed = lax.optimization_barrier(lax.optimization_barrier(g.T) @ x)
    return g @ kernel.T, transposed.T


_narrow_product.defvjp(_narrow_residuals, _narrow_gradients)
