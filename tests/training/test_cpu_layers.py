"""The fast CPU layers compute what XLA and Keras compute, in value and gradient, and leave the model alone."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from reensayo.datasets import MNIST, load
from reensayo.evidence import stats
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import select_one
from reensayo.spec import Evaluation
from reensayo.training import cpu_layers, device
from reensayo.training.blocks import Trainer
from reensayo.training.convolution import as_pads, convolve, forward_algorithm, kernel_algorithm, lax_forward
from reensayo.training.dropout_bits import keep_mask, positions
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
    assert forward_algorithm(shape, kernel, pads).kind == "winograd"
    assert forward_algorithm(shape, kernel, pads, winograd=False).kind == "lax"
    assert forward_algorithm(shape, kernel, pads, np.float64).kind == "lax"
    assert kernel_algorithm(shape, kernel, pads, np.float64).kind == "columns"


def test_convolution_is_the_same_under_vmap_scan_and_on_several_devices():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 4, 26, 26, 16)).astype("float32")
    kernel = rng.standard_normal((2, 3, 3, 16, 16)).astype("float32")
    alone = np.stack([convolve(a, k) for a, k in zip(x, kernel, strict=True)])
    np.testing.assert_allclose(jax.vmap(convolve)(x, kernel), alone, rtol=2e-4, atol=2e-4)
    np.testing.assert_allclose(jax.lax.map(lambda pair: convolve(*pair), (x, kernel)), alone, rtol=2e-4, atol=2e-4)
    devices = jax.devices()[:2]
    if len(devices) == 2:
        mesh = jax.sharding.Mesh(np.array(devices), ("members",))
        members = jax.sharding.PartitionSpec("members")
        sharded = jax.shard_map(jax.vmap(convolve), mesh=mesh, in_specs=(members, members), out_specs=members)
        np.testing.assert_allclose(sharded(x, kernel), alone, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize(
    "shape", [(2, 26, 16, 16, 3, "valid"), (2, 8, 32, 24, 3, "same"), (2, 7, 1, 8, 3, "same")], ids=str
)
def test_float64_is_exact(shape):
    batch, side, channels, filters, size, padding = shape
    with jax.enable_x64(True):
        rng = np.random.default_rng(6)
        x = rng.standard_normal((batch, side, side, channels))
        kernel = rng.standard_normal((size, size, channels, filters))
        pads = as_pads(padding, size, size)
        g = rng.standard_normal(lax_forward(x, kernel, pads).shape)
        true = with_gradients(lambda x, k: lax_forward(x, k, pads), x, kernel, g)
        found = with_gradients(lambda x, k: convolve(x, k, padding), x, kernel, g)
        for one, other in zip(found, true, strict=True):
            assert one.dtype == np.float64
            assert relative_error(one, other) < 1e-13


@given(st.integers(1, 4), st.integers(1, 11), st.integers(1, 11), st.sampled_from([1, 3, 8, 24]), st.integers(1, 3))
@settings(max_examples=8)
def test_any_shape_equals_xla(batch, height, width, channels, size):
    rng = np.random.default_rng(batch * height + width)
    x = rng.standard_normal((batch, height, width, channels)).astype("float32")
    kernel = rng.standard_normal((size, size, channels, 8)).astype("float32")
    pads = as_pads("same", size, size)
    g = rng.standard_normal((batch, height, width, 8)).astype("float32")
    true = jax.jit(lambda *a: with_gradients(lambda x, k: lax_forward(x, k, pads), *a))(x, kernel, g)
    found = jax.jit(lambda *a: with_gradients(lambda x, k: convolve(x, k, "same"), *a))(x, kernel, g)
    for one, other in zip(found, true, strict=True):
        assert relative_error(one, other) < 2e-5


def test_images_larger_than_the_cache_go_through_in_chunks_that_divide_the_batch():
    pads = as_pads("same", 3, 3)
    for batch in (1, 7, 32, 80, 96, 128):
        for kernel in ((3, 3, 64, 64), (3, 3, 16, 16), (3, 3, 3, 64)):
            algorithm = forward_algorithm((batch, 32, 32, kernel[2]), kernel, pads)
            assert batch % algorithm.chunk == 0
            assert algorithm.chunk < batch or batch == 1


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
    keep = np.asarray(keep_mask(jnp.array([word, counter], jnp.uint32), positions((100, 1000)), rate))
    assert abs(keep.mean() - (1 - rate)) < 6 * sqrt(rate * (1 - rate) / keep.size)


def test_masks_of_neighbouring_keys_and_places_are_independent():
    keys = [jnp.array([a, b], jnp.uint32) for a in (0, 1, 2**31) for b in range(4)]
    masks = [np.asarray(keep_mask(key, positions((128, 512)), 0.5)).astype(float) - 0.5 for key in keys]
    bound = 6 * 0.25 / sqrt(masks[0].size)  # six standard errors of a covariance of two fair coins
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs(np.mean(one * other)) < bound
        assert abs(np.mean(one[:, 1:] * one[:, :-1])) < bound
        assert abs(np.mean(one[1:] * one[:-1])) < bound


def test_a_rate_out_of_range_is_refused():
    with pytest.raises(ValueError, match="expected 0 <= rate < 1, received 1"):
        keep_mask(jnp.zeros(2, jnp.uint32), positions((3,)), 1)


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
    with cpu_layers.replaced(model) as how:
        fast = call(model, x)[0]
    np.testing.assert_allclose(fast, plain, rtol=1e-4, atol=1e-5)
    assert any("conv2d" in name for name in how)
    assert all("call" not in vars(layer) for layer in model.layers)
    assert {id(layer): set(vars(layer)) for layer in model.layers} == {key: set(old) for key, old in before.items()}


def gradients(model, x):
    frozen = [v.value for v in model.non_trainable_variables]

    def loss(trainable):
        return jnp.sum(jnp.sin(model.stateless_call(trainable, frozen, x, training=True)[0]))

    return jax.jit(jax.grad(loss))([v.value for v in model.trainable_variables])


@pytest.mark.parametrize("winograd", [True, False])
def test_a_replaced_model_has_the_same_gradients(winograd):
    sequence = keras.Input((20, 5))
    hidden = layers.Conv1D(16, 2, padding="same", activation="relu")(sequence)
    hidden = layers.Conv1D(8, 3, padding="valid")(hidden)
    hidden = layers.Flatten()(layers.MaxPooling1D(2)(hidden))
    branch = keras.Model(sequence, layers.Dense(8, activation="tanh")(hidden))
    image = keras.Input((12, 12, 8))
    tail = layers.Flatten()(layers.MaxPooling2D(3, 2, padding="same")(layers.Conv2D(8, 3)(image)))
    model = keras.Model([image, sequence], layers.Dense(3)(layers.Concatenate()([tail, branch(sequence)])))

    rng = np.random.default_rng(8)
    x = [rng.standard_normal((6, *i.shape[1:])).astype("float32") for i in model.inputs]
    plain = gradients(model, x)
    with cpu_layers.replaced(model, winograd=winograd) as how:
        fast = gradients(model, x)
    assert len(how) == 5  # the dense layers are too small to gain
    for one, other in zip(fast, plain, strict=True):
        assert relative_error(one, other) < (2e-5 if winograd else 3e-6)


@pytest.mark.parametrize(
    ("product", "inputs", "outputs"),
    [("few-output dense", (500,), 10), ("dense over a sequence", (20, 6), 16), ("dense over a sequence", (2, 5, 6), 7)],
)
def test_a_dense_layer_computed_otherwise_has_the_same_value_and_gradients(product, inputs, outputs):
    model = keras.Sequential([keras.Input(inputs), layers.Dense(outputs, activation="sigmoid")])
    x = np.random.default_rng(9).standard_normal((32, *inputs)).astype("float32")
    value, plain = call(model, x)[0], gradients(model, x)
    with cpu_layers.replaced(model) as how:
        np.testing.assert_allclose(call(model, x)[0], value, rtol=1e-5, atol=1e-6)
        for one, other in zip(gradients(model, x), plain, strict=True):
            assert relative_error(one, other) < 1e-5
    assert set(how.values()) == {product}


@pytest.mark.parametrize("activation", ["relu", "softmax", None])
@pytest.mark.parametrize("batch", [16, 64])  # fewer and more examples than units: how the product lies
def test_what_follows_a_few_output_product_is_the_same_however_it_lies(batch, activation):
    hidden, dropped = layers.Dense(40, activation=activation, bias_initializer="ones"), layers.Dropout(0.4)
    undropped = keras.Sequential([keras.Input((300,)), hidden])
    model = keras.Sequential([keras.Input((300,)), hidden, dropped])
    x = np.random.default_rng(11).standard_normal((batch, 300)).astype("float32")
    mask = keep_mask(jnp.asarray(dropped.seed_generator.state), positions((batch, 40)), 0.4)

    def expected(trainable):
        return jnp.sum(jnp.sin(jnp.where(mask, undropped.stateless_call(trainable, [], x)[0] / 0.6, 0)))

    trainable = [v.value for v in model.trainable_variables]
    value, plain = jax.value_and_grad(expected)(trainable)
    with cpu_layers.replaced(model) as how:
        fast = gradients(model, x)
        frozen = [v.value for v in model.non_trainable_variables]
        found = jnp.sum(jnp.sin(model.stateless_call(trainable, frozen, x, training=True)[0]))
    np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-4)  # a sum of up to 2560 numbers of either sign
    for one, other in zip(fast, plain, strict=True):
        assert relative_error(one, other) < 1e-5
    assert set(how.values()) == {"few-output dense", "hashed bits"}


def test_dropout_behind_a_dense_layer_on_a_sequence_keeps_its_places():
    hidden, dropped = layers.Dense(10), layers.Dropout(0.4)
    model = keras.Sequential([keras.Input((20, 400)), hidden, dropped])
    x = np.random.default_rng(13).standard_normal((32, 20, 400)).astype("float32")
    mask = keep_mask(jnp.asarray(dropped.seed_generator.state), positions((32, 20, 10)), 0.4)
    with cpu_layers.replaced(model):
        found = call(model, x, training=True)[0]
    np.testing.assert_array_equal(np.asarray(found) == 0, ~np.asarray(mask))


@pytest.mark.parametrize("outputs", [10, 100])
def test_a_dense_kernel_held_transposed_is_never_written_the_other_way_round(outputs):
    layer = layers.Dense(outputs, kernel_regularizer=keras.regularizers.L2(0.01))
    model = keras.Sequential([keras.Input((3072,)), layer])
    x = np.random.default_rng(10).standard_normal((16, 3072)).astype("float32")

    def objective(transposed, bias):
        y, _, penalties = model.stateless_call([transposed.T, bias], [], x, return_losses=True)
        return jnp.sum(y**2) + sum(penalties)

    held = layer.kernel.numpy().T.copy(), layer.bias.numpy()
    value, plain = jax.value_and_grad(objective)(*held)
    with cpu_layers.replaced(model):
        fast_value, fast = jax.value_and_grad(objective)(*held)
        compiled = jax.jit(jax.value_and_grad(objective)).lower(*held).compile()
    np.testing.assert_allclose(fast_value, value, rtol=1e-5)
    assert relative_error(fast, plain) < 1e-5
    assert f"f32[3072,{outputs}]" not in compiled.as_text()


@pytest.mark.slow
def test_a_network_gets_as_far_over_seeds_with_and_without_the_fast_layers():
    def network(_):
        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(4, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Dropout(0.2),
                layers.Conv2D(8, 3, activation="relu"),
                layers.MaxPooling2D(3, strides=2),
                layers.Flatten(),
                layers.Dropout(0.2),
                layers.Dense(10),
            ]
        )

    experiment, recipe = select_one(ORIGINAL, "ex08.conv@script")
    experiment = replace(experiment, network=network, evaluate=lambda *_: Evaluation({}))
    recipe = recipe.set({"examples": 1500, "validation": 1000, "epochs": 5, "learning_rate": 0.1})
    loaded = experiment.load(load(MNIST), recipe.settings)

    def accuracies(fast_layers):
        outcomes = Trainer(experiment, recipe, loaded, device.setup(), fast_layers=fast_layers).train(range(6))
        return [outcome.history["val_categorical_accuracy"][-1] for outcome in outcomes]

    fast, plain = accuracies(True), accuracies(False)  # the same weights and orders, other masks
    difference = stats.paired_difference(fast, plain)
    assert difference.p > 0.001
    assert abs(difference.estimate) < 0.02
    assert min(*fast, *plain) > 0.7


def test_a_model_is_restored_after_an_error():
    penalty = keras.regularizers.L2(0.01)
    model = keras.Sequential([keras.Input((500,)), layers.Dense(10, kernel_regularizer=penalty)])
    kernel = model.layers[0].kernel
    with cpu_layers.replaced(model):
        assert kernel.regularizer is not penalty
    with pytest.raises(RuntimeError), cpu_layers.replaced(model):
        raise RuntimeError
    assert all("call" not in vars(layer) for layer in model.layers)
    assert kernel.regularizer is penalty


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


def test_masks_differ_between_layers_steps_and_seeds():
    def net(seed):
        return keras.Sequential(
            [keras.Input((4000,)), layers.Dropout(0.5, seed=seed), layers.Dropout(0.5, seed=seed + 1)]
        )

    def kept(model, states):
        with cpu_layers.replaced(model):
            y, states = model.stateless_call([], states, np.ones((10, 4000), "float32"), training=True)
        return np.asarray(y) > 0, states

    one, another = net(0), net(7)
    first, after = kept(one, [v.value for v in one.non_trainable_variables])
    second, _ = kept(one, after)
    other, _ = kept(another, [v.value for v in another.non_trainable_variables])
    for mask in (first, second, other):
        assert abs(mask.mean() - 0.25) < 0.02  # the two layers drop independently: a half of a half
    for a, b in ((first, second), (first, other)):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.03


def test_layers_that_are_not_supported_are_left_alone():
    model = keras.Sequential(
        [keras.Input((12, 12, 4)), layers.Conv2D(8, 3, strides=2), layers.Conv2D(8, 3, dilation_rate=2)]
    )
    with cpu_layers.replaced(model) as how:
        model(np.zeros((4, 12, 12, 4), "float32"))
    assert not how
