"""Loss and accuracy over a few classes, class by class: the same values as Keras's, in fewer kernels.

Of every maximum, sum and index over the classes of a batch XLA makes a kernel of its own, for a few hundred numbers.
Written out class by class, all of them are numbers of an example, and what leads to a loss or to a hit is one kernel.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import lax

FEW = 16
"""Classes up to which they are written out: the program grows with them."""


def loss_by_class(loss: keras.Loss) -> keras.Loss:
    """What stands for a loss of Keras while training; the loss itself where it is not the crossentropy of logits."""
    if type(loss) is keras.losses.CategoricalCrossentropy and loss.from_logits and not loss.label_smoothing:
        return _Crossentropy(loss)
    return loss


def metric_by_class(metric: keras.KerasMetric) -> keras.KerasMetric:
    """What stands for a metric of Keras, by its name; the metric itself where it is not the accuracy of one class."""
    if type(metric) is keras.metrics.CategoricalAccuracy:
        return keras.metrics.MeanMetricWrapper(_hits, name=metric.name, dtype=metric.dtype)
    return metric


class _Crossentropy(keras.Loss):  # type: ignore[misc]  # Keras has no types
    def __init__(self, loss: keras.losses.CategoricalCrossentropy) -> None:
        super().__init__(name=loss.name, reduction=loss.reduction, dtype=loss.dtype)
        self.loss = loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return crossentropy(y_true, y_pred) if _are_few(y_pred) else self.loss.call(y_true, y_pred)


def _hits(y_true: Any, y_pred: Any) -> Any:
    if not _are_few(y_pred):
        return keras.metrics.categorical_accuracy(y_true, y_pred)
    return same_class(y_true, y_pred).astype(keras.config.floatx())


def _are_few(outputs: Any) -> bool:
    return bool(outputs.ndim == 2 and outputs.shape[1] <= FEW)


def _classes(x: jax.Array) -> list[jax.Array]:
    """(batch,) of each class."""
    return [lax.index_in_dim(x, number, axis=1, keepdims=False) for number in range(x.shape[1])]


@jax.custom_vjp
def crossentropy(targets: jax.Array, logits: jax.Array) -> jax.Array:
    """(batch,) losses of (batch, classes) logits; no gradient reaches the targets."""
    return _with_residuals(targets, logits)[0]


def _with_residuals(targets: jax.Array, logits: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    greatest = reduce(lax.max, _classes(logits))
    shifted = lax.optimization_barrier(logits - greatest[:, None])  # else XLA makes a kernel of each class
    log_sum = lax.log(reduce(add, map(lax.exp, _classes(shifted))))
    pairs = zip(_classes(targets), _classes(shifted), strict=True)
    loss = reduce(add, (target * (log_sum - logit) for target, logit in pairs))
    return loss, (targets, shifted, log_sum)


def _gradients(residuals: tuple[jax.Array, ...], g: jax.Array) -> tuple[None, jax.Array]:
    targets, shifted, log_sum = residuals
    probabilities = lax.exp(shifted - log_sum[:, None])
    return None, g[:, None] * (probabilities * reduce(add, _classes(targets))[:, None] - targets)


crossentropy.defvjp(_with_residuals, _gradients)


def same_class(a: jax.Array, b: jax.Array) -> jax.Array:
    """Whether the greatest number of each row, the first of equal ones, is in the same place of both; (batch,).

    Not a number counts as the greatest, as in ``argmax``.
    """
    (greatest_a, *others_a), (greatest_b, *others_b) = _classes(a), _classes(b)
    same = jnp.ones(len(a), bool)
    for x, y in zip(others_a, others_b, strict=True):
        new_a, new_b = _is_greater(x, greatest_a), _is_greater(y, greatest_b)
        same = (new_a == new_b) & (new_a | same)
        greatest_a, greatest_b = lax.select(new_a, x, greatest_a), lax.select(new_b, y, greatest_b)
    return same


def _is_greater(x: jax.Array, than: jax.Array) -> jax.Array:
    return ~(x <= than) & (than == than)  # false where ``than`` is not a number
