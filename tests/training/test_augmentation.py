"""Images change from epoch to epoch as Keras would change them, and depend on nothing but the keys."""

import math

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import layers

from reensayo.datasets import load
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import select_one
from reensayo.training import augmentation, cpu_layers, epochs

IMAGES = np.random.default_rng(1).standard_normal((16, 12, 10, 3)).astype("float32")


def test_rotated_images_are_those_of_keras():
    degrees = np.linspace(-90, 90, len(IMAGES), dtype="float32")
    layer = layers.RandomRotation(0.25, fill_mode="nearest")
    drawn = {"rotation_matrix": rotation(layer, degrees)}
    expected = layer._transform_images(jnp.asarray(IMAGES), drawn, "bilinear")
    np.testing.assert_allclose(augmentation.rotated(IMAGES, degrees * math.pi / 180), expected, atol=1e-4)


def rotation(layer, degrees):
    none, same = np.zeros_like(degrees), np.ones_like(degrees)
    height, width = IMAGES.shape[1:3]
    return layer._compute_affine_matrix(0.5, 0.5, jnp.asarray(degrees), none, none, same, none, none, height, width)


def test_translated_images_are_those_of_keras():
    down, across = np.random.default_rng(2).integers(-3, 4, (2, len(IMAGES)))
    layer = layers.RandomTranslation(0.3, 0.3, fill_mode="nearest", interpolation="nearest")
    drawn = {"translations": jnp.stack([across, down], 1).astype("float32")}
    expected = layer._translate_inputs(jnp.asarray(IMAGES), drawn, "nearest")
    np.testing.assert_array_equal(
        augmentation.translated(IMAGES, jnp.asarray(down), jnp.asarray(across), (3, 3)), expected
    )


def test_flipped_images_have_left_and_right_exchanged():
    which = np.arange(len(IMAGES)) % 2 == 0
    found = np.asarray(augmentation.flipped(IMAGES, jnp.asarray(which)))
    np.testing.assert_array_equal(found[1::2], IMAGES[1::2])
    np.testing.assert_array_equal(found[::2], IMAGES[::2, :, ::-1])


# ---------------------------------------------------------------- inside a network


def seen(epoch, seed=0, training=True):
    """What the first convolution of exercise 10 sees of some real images in an epoch, and their labels."""
    experiment, recipe = select_one(ORIGINAL, "ex10.alexnet-cifar10@text")
    raw = load(experiment.dataset)
    spec = epochs.build(experiment, recipe.settings, 64, lambda _: False)
    x, y = spec.encode(raw.x_train[:64], raw.y_train[:64], {"mean": np.float32(120)})
    front = keras.Sequential([keras.Input((32, 32, 3)), *spec.model.layers[:3]])
    keys = epochs.dropout_keys(spec, seed, epoch)[:3]
    with cpu_layers.replaced(front) as how:
        images, _ = front.stateless_call([], list(keys), jnp.asarray(x), training=training)
    assert not training or how == {layer.name: "gathered pixels" for layer in front.layers}
    return np.asarray(images), np.asarray(y), np.asarray(x)


def test_two_epochs_see_different_images_of_the_same_labels():
    first, labels, _ = seen(0)
    second, again, _ = seen(1)
    assert (np.abs(first - second).reshape(64, -1).max(axis=1) > 0.01).all()
    np.testing.assert_array_equal(labels, again)


def test_the_same_seed_gives_the_same_images_and_another_seed_others():
    np.testing.assert_array_equal(seen(3)[0], seen(3)[0])
    assert (seen(3)[0] != seen(3, seed=1)[0]).any()


def test_nothing_changes_where_nothing_is_trained():
    images, _, before = seen(0, training=False)
    np.testing.assert_array_equal(images, before)


def test_an_image_keeps_its_values_and_only_moves():
    images, _, before = seen(0)
    low, high = before.min(axis=(1, 2, 3)), before.max(axis=(1, 2, 3))
    assert (images.min(axis=(1, 2, 3)) >= low - 1e-5).all()
    assert (images.max(axis=(1, 2, 3)) <= high + 1e-5).all()


@pytest.mark.parametrize(
    "kind",
    [
        lambda: layers.RandomFlip("vertical"),
        lambda: layers.RandomRotation(0.1),
        lambda: layers.RandomRotation(0.1, fill_mode="nearest", interpolation="nearest"),
        lambda: layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
    ],
    ids=["vertical", "reflected", "unsmooth", "fractional"],
)
def test_other_kinds_of_augmentation_are_left_to_keras(kind):
    layer = kind()
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    with cpu_layers.replaced(model):
        assert "call" not in vars(layer)


def test_draws_are_uniform():
    net = keras.Sequential([keras.Input((2, 2, 1)), layers.RandomFlip("horizontal")])
    image = np.tile(np.array([[0.0, 1.0], [0.0, 1.0]], "float32")[None, ..., None], (20_000, 1, 1, 1))
    with cpu_layers.replaced(net):
        found, _ = jax.jit(lambda x: net.stateless_call([], [jnp.array([7, 0], jnp.uint32)], x, training=True))(image)
    share = float(np.mean(np.asarray(found)[:, 0, 0, 0]))
    assert abs(share - 0.5) < 4 * 0.5 / math.sqrt(len(image))
