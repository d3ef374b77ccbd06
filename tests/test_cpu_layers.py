"""The fast CPU layers compute what XLA and Keras compute, in value and gradient, and leave the model alone."""

from __future__ import annotations

from math import sqrt

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from reensayo.training import cpu_layers
from reensayo.training.convolution import as_pads, convolve, forward_way, kernel_way, lax_forward
from reensayo.training.dropout_bits import keep_mask
from reensayo.training.pooling import max_pool

# batch, side, channels, filters, kernel, padding: exercise 8, AlexNet and VGG16 on 32x32, and odd ones
SHAPES = [
    (4, 28, 1, 16, 3, "valid"),
    (4, 26, 16, 16, 3, "valid"),
    (3, 32, 3, 8, 3, "same"),
    (2, 32, 3, 64, 3, "same"),
    (2, 32, 64, 64, 3, "same"),
    (2, 16, 64, 128, 3, "same"),
    (2, 8, 256, 128, 3, "same"),
    (2, 4, 64, 96, 3, "same"),
    (4, 2, 64, 32, 3, "same"),
    (4, 15, 24, 32, 3, "same"),
    (4, 3, 32, 32, 3, "same"),
    (3, 7, 5, 9, 2, "same"),
    (3, 9, 2, 3, 5, "valid"),
    (5, 10, 1, 4, 3, "same"),
]


def with_gradients(function, x, kernel, g):
    y, pullback = jax.vjp(function, x, kernel)
    return (y, *pullback(g))


def relative_error(found, true) -> float:
    return float(np.linalg.norm(np.asarray(found) - np.asarray(true)) / np.linalg.norm(np.asarray(true)))


@pytest.mark.parametrize("winograd", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_convolution_equals_xla_in_value_and_both_gradients(shape, winograd):
    batch, side, channels, filters, size, padding = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, side, side, channels)).astype("float32")
    kernel = (rng.standard_normal((size, size, channels, filters)) / sqrt(size * size * channels)).astype("float32")
    pads = as_pads(padding, size, size)
    g = rng.standard_normal(lax_forward(x, kernel, pads).shape).astype("float32")

    true = jax.jit(lambda *a: with_gradients(lambda x, k: lax_forward(x, k, pads), *a))(x, kernel, g)
    found = jax.jit(lambda *a: with_gradients(lambda x, k: convolve(x, k, padding, winograd=winograd), *a))(
        x, kernel, g
    )

    for one, other in zip(found, true, strict=True):
        assert one.shape == other.shape
        assert relative_error(one, other) < (2e-5 if winograd else 3e-6)


def test_the_rule_takes_no_winograd_where_it_would_not_be_exact_enough():
    shape, kernel, pads = (8, 32, 32, 64), (3, 3, 64, 64), as_pads("same", 3, 3)
    assert forward_way(shape, kernel, pads).kind == "winograd"
    assert forward_way(shape, kernel, pads, winograd=False).kind == "lax"
    assert forward_way(shape, kernel, pads, np.float64).kind == "lax"
    assert kernel_way(shape, kernel, pads, np.float64).kind == "columns"


def test_convolution_is_the_same_under_vmap_scan_and_on_several_devices():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 4, 26, 26, 16)).astype("float32")
    kernel = rng.standard_normal((2, 3, 3, 16, 16)).astype("float32")
    alone = np.stack([convolve(a, k) for a, k in zip(x, kernel, strict=True)])
    np.testing.assert_allclose(jax.vmap(convolve)(x, kernel), alone, rtol=2e-4, atol=2e-4)
    np.testing.assert_allclose(jax.lax.map(lambda pair: convolve(*pair), (x, kernel)), alone, rtol=2e-4, atol=2e-4)
    devices = jax.devices()[:2]
    if len(devices) == 2:
        mesh = jax.sharding.Mesh(np.array(devices), ("lanes",))
        lanes = jax.sharding.PartitionSpec("lanes")
        sharded = jax.shard_map(jax.vmap(convolve), mesh=mesh, in_specs=(lanes, lanes), out_specs=lanes)
        np.testing.assert_allclose(sharded(x, kernel), alone, rtol=2e-4, atol=2e-4)


def test_wrong_channels_are_refused():
    with pytest.raises(ValueError, match="3 channels, the kernel expects 4"):
        convolve(jnp.zeros((1, 8, 8, 3)), jnp.zeros((3, 3, 4, 5)))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "strides"), [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((2, 2), (1, 1))])
def test_max_pooling_equals_keras_with_ties(window, strides, padding):
    x = np.random.default_rng(2).integers(0, 3, (3, 9, 8, 4)).astype("float32")  # many ties

    def by_keras(x):
        return keras.ops.max_pool(x, window, strides, padding)

    true, back = jax.vjp(by_keras, x)
    found, fast_back = jax.vjp(lambda x: max_pool(x, window, strides, padding), x)
    g = np.random.default_rng(3).standard_normal(true.shape).astype("float32")
    np.testing.assert_array_equal(found, true)
    np.testing.assert_allclose(fast_back(g)[0], back(g)[0], rtol=1e-6, atol=1e-6)


def test_max_pooling_of_a_sequence():
    x = np.random.default_rng(4).standard_normal((2, 10, 5)).astype("float32")
    np.testing.assert_array_equal(max_pool(x, (2,), (2,)), keras.ops.max_pool(x, 2, 2, "valid"))


# ---------------------------------------------------------------- dropout


@given(st.integers(0, 2**32 - 1), st.integers(0, 10_000), st.sampled_from([0.15, 0.5, 0.9]))
def test_masks_keep_the_right_share(word, counter, rate):
    keep = np.asarray(keep_mask(jnp.array([word, counter], jnp.uint32), (100, 1000), rate))
    assert abs(keep.mean() - (1 - rate)) < 6 * sqrt(rate * (1 - rate) / keep.size)


def test_masks_of_neighbouring_keys_and_places_are_independent():
    keys = [jnp.array([a, b], jnp.uint32) for a in (0, 1, 2**31) for b in range(4)]
    masks = [np.asarray(keep_mask(key, (128, 512), 0.5)).astype(float) - 0.5 for key in keys]
    bound = 6 * 0.25 / sqrt(masks[0].size)  # six standard errors of a covariance of two fair coins
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs(np.mean(one * other)) < bound
        assert abs(np.mean(one[:, 1:] * one[:, :-1])) < bound
        assert abs(np.mean(one[1:] * one[:-1])) < bound


def test_a_rate_out_of_range_is_refused():
    with pytest.raises(ValueError, match="expected 0 <= rate < 1, received 1"):
        keep_mask(jnp.zeros(2, jnp.uint32), (3,), 1)


# ---------------------------------------------------------------- inside a Keras model


def small_net(dropout: float = 0.0) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Dropout(dropout),
            layers.MaxPooling2D(2),
            layers.Conv2D(8, 3, padding="same"),
            keras.Sequential([keras.Input((5, 5, 8)), layers.Flatten(), layers.Dense(4)]),
        ]
    )


def call(model, x, training=False):
    values = [v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables]
    return model.stateless_call(*values, x, training=training)


def test_a_replaced_model_computes_the_same_and_is_restored():
    model = small_net()
    x = np.random.default_rng(5).standard_normal((6, 12, 12, 1)).astype("float32")
    before = {id(layer): dict(vars(layer)) for layer in model.layers}
    plain = call(model, x)[0]
    with cpu_layers.replaced(model) as notes:
        fast = call(model, x)[0]
    np.testing.assert_allclose(fast, plain, rtol=1e-4, atol=1e-5)
    assert any("conv2d" in note for note in notes)
    assert all("call" not in vars(layer) and "convolution_op" not in vars(layer) for layer in model.layers)
    assert {id(layer): set(vars(layer)) for layer in model.layers} == {key: set(old) for key, old in before.items()}


def test_a_model_is_restored_after_an_error():
    model = small_net()
    with pytest.raises(RuntimeError), cpu_layers.replaced(model):
        raise RuntimeError
    assert all("call" not in vars(layer) for layer in model.layers)


def test_dropout_advances_its_generator_as_keras_does_and_keeps_the_mean():
    model = keras.Sequential([keras.Input((400,)), layers.Dropout(0.25)])
    x = np.ones((200, 400), "float32")
    _, keras_state = call(model, x, training=True)
    with cpu_layers.replaced(model):
        dropped, state = call(model, x, training=True)
        kept, unchanged = call(model, x, training=False)
    np.testing.assert_array_equal(state[0], keras_state[0])
    np.testing.assert_array_equal(unchanged[0], model.non_trainable_variables[0].value)
    np.testing.assert_array_equal(kept, x)
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / 0.75)}
    assert abs(float(np.mean(dropped)) - 1) < 0.02


def test_layers_that_are_not_supported_are_left_alone():
    model = keras.Sequential(
        [keras.Input((12, 12, 4)), layers.Conv2D(8, 3, strides=2), layers.Conv2D(8, 3, dilation_rate=2)]
    )
    assert cpu_layers.describe(model, 4) == []
