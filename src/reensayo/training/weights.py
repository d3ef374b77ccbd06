"""Initial weights, each drawn from its own key by the rule of its Keras initializer.

Keras's initializers draw with JAX, which compiles a program for every shape: a second or two before the first step.
The same distributions come from NumPy at once; an initializer that is not known here is asked itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod, sqrt
from typing import Any

import jax
import keras
import numpy as np
from keras import initializers

from reensayo import randomness
from reensayo.spec import Settings


def layers_of(model: keras.Model) -> Iterator[keras.Layer]:
    """Every layer of a model, those of nested models included."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)


def generator_of(layer: keras.Layer) -> keras.random.SeedGenerator | None:
    """What a layer draws from while training, None if it draws nothing."""
    return getattr(layer, "seed_generator", None) or getattr(layer, "generator", None)


def without_weights(network: Callable[..., keras.Model], *settings: Settings) -> keras.Model:
    """The network of these settings to look at, its weights zero."""
    with keras.StatelessScope():
        model = network(*settings)
        _leave_uninitialised(model.variables)
    return model


def uninitialised(
    network: Callable[[], keras.Model], optimizer: keras.Optimizer, transposes: Callable[[keras.Layer], bool]
) -> tuple[keras.Model, tuple[bool, ...], list[np.ndarray]]:
    """A network whose weights are zero, which of them are held transposed, and the optimizer's values before any step.

    The kernels of the layers of which ``transposes`` is true are held as (outputs, inputs), and the optimizer is built
    for them so.
    """
    with keras.StatelessScope():
        model = network()
        kernels = [id(layer.kernel) for layer in layers_of(model) if hasattr(layer, "kernel") and transposes(layer)]
        transposed = tuple(id(variable) in kernels for variable in model.trainable_variables)
        held = [
            keras.Variable("zeros", shape=v.shape[::-1], dtype=v.dtype, name=v.name) if id(v) in kernels else v
            for v in model.trainable_variables
        ]
        optimizer.build(held)
        start = [_start(variable) for variable in optimizer.variables]
        _leave_uninitialised([*model.variables, *held, *optimizer.variables])
    return model, transposed, start


def _leave_uninitialised(variables: Sequence[keras.Variable]) -> None:
    """Zero, for variables just created in a stateless scope.

    Keras draws weights when it creates them, and JAX compiles a program for each shape: a second or two for values
    that nobody will read. In a stateless scope Keras waits until the end and keeps the initializer in
    ``_initializer``; if it ever keeps it elsewhere, weights are drawn as usual and nothing is lost but time.
    """

    def zeros(shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.device_put(np.zeros(shape, dtype))  # JAX need not compile a program for them

    for variable in variables:
        variable._initializer = zeros


def _start(variable: keras.Variable) -> np.ndarray:
    """What an optimizer's variable holds before any step."""
    initializer = getattr(variable, "_initializer", None)
    if initializer is None:
        return np.asarray(variable.value)
    return np.asarray(_draw(initializer, variable.shape, variable.dtype, (0, "weights")))


def initial_weights(model: keras.Model, seed: int, *fold: int) -> Iterator[tuple[keras.Variable, Any]]:
    """(variable, value) for every weight; its initializer is the layer's attribute ``<weight>_initializer``."""
    for index, layer in enumerate(layers_of(model)):
        for name, initializer in vars(layer).items():
            variable = getattr(layer, name.removesuffix("_initializer"), None) if "_initializer" in name else None
            if variable is not None and initializer is not None:
                key = seed, "weights", index, name, *fold
                yield variable, _draw(initializer, variable.shape, variable.dtype, key)


def _draw(initializer: Any, shape: tuple[int, ...], dtype: str, key: tuple[Any, ...]) -> Any:
    rng = randomness.generator(*key)
    match initializer:
        case initializers.VarianceScaling(distribution="uniform"):
            limit = sqrt(3 * initializer.scale / _fan(shape, initializer.mode))
            return rng.uniform(-limit, limit, shape).astype(dtype)
        case initializers.RandomUniform():
            return rng.uniform(initializer.minval, initializer.maxval, shape).astype(dtype)
        case initializers.RandomNormal():
            return rng.normal(initializer.mean, initializer.stddev, shape).astype(dtype)
        case initializers.Zeros():
            return np.zeros(shape, dtype)
        case initializers.Ones():
            return np.ones(shape, dtype)
        case initializers.Constant():
            return np.full(shape, initializer.value, dtype)
    config = initializer.get_config()
    if "seed" in config:
        config["seed"] = randomness.key(*key) % 2**31
    return type(initializer).from_config(config)(shape, dtype=dtype)


def _fan(shape: tuple[int, ...], mode: str) -> float:
    """Inputs, outputs or their mean, of a kernel (..., inputs, outputs); at least 1, as in Keras."""
    positions = prod(shape[:-2])
    inputs, outputs = (positions * size for size in (shape[-2:] if len(shape) > 1 else shape * 2))
    return max(1.0, {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[mode])
