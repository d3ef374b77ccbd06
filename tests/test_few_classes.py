"""Loss and accuracy class by class against Keras's own."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reensayo.training import few_classes

BATCH = 5


def rows(classes: int, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return arrays("float32", (BATCH, classes), elements=numbers)


LOGITS = st.floats(-90, 90, width=32)
TARGETS = st.floats(0, 1, width=32)
FEW_VALUES = st.sampled_from([-1.0, 0.0, 0.5, 1.0, np.inf, -np.inf, np.nan])  # with many equal ones


@given(st.integers(2, few_classes.FEW).flatmap(lambda n: st.tuples(rows(n, TARGETS), rows(n, LOGITS))))
def test_losses_and_their_gradients_are_keras_s(both: tuple[np.ndarray, np.ndarray]):
    targets, logits = both
    weight = np.linspace(-1, 2, BATCH, dtype="float32")

    def weighed(loss, z):
        losses = loss(targets, z)
        return (weight * losses).sum(), losses

    def of_keras(y, z):
        return keras.losses.categorical_crossentropy(y, z, from_logits=True)

    (_, expected), slope = jax.value_and_grad(lambda z: weighed(of_keras, z), has_aux=True)(logits)
    (_, found), found_slope = jax.value_and_grad(lambda z: weighed(few_classes.crossentropy, z), has_aux=True)(logits)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found_slope, slope, rtol=1e-4, atol=1e-5)


@given(st.integers(2, few_classes.FEW).flatmap(lambda n: st.tuples(rows(n, FEW_VALUES), rows(n, FEW_VALUES))))
def test_the_same_class_is_the_same_argmax(both: tuple[np.ndarray, np.ndarray]):
    a, b = both
    np.testing.assert_array_equal(few_classes.same_class(jnp.asarray(a), jnp.asarray(b)), a.argmax(1) == b.argmax(1))


@pytest.mark.parametrize("classes", [3, few_classes.FEW + 1])
def test_what_stands_for_loss_and_metric_gives_their_values_with_weights(classes: int):
    rng = np.random.default_rng(0)
    y = np.eye(classes, dtype="float32")[rng.integers(classes, size=40)]
    z = rng.normal(size=(40, classes)).astype("float32")
    weight = rng.random(40) < 0.7
    loss, metric = keras.losses.CategoricalCrossentropy(from_logits=True), keras.metrics.CategoricalAccuracy()
    of_loss, of_metric = few_classes.loss_by_class(loss), few_classes.metric_by_class(metric)
    assert of_metric.name == metric.name
    np.testing.assert_allclose(of_loss(y, z, sample_weight=weight), loss(y, z, sample_weight=weight), rtol=1e-6)
    for one in (metric, of_metric):
        one.update_state(y, z, sample_weight=weight)
    assert float(of_metric.result()) == float(metric.result()) > 0


def test_other_losses_and_metrics_are_left_as_they_are():
    for loss in (
        keras.losses.CategoricalCrossentropy(),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        keras.losses.MeanSquaredError(),
    ):
        assert few_classes.loss_by_class(loss) is loss
    metric = keras.metrics.BinaryAccuracy()
    assert few_classes.metric_by_class(metric) is metric
