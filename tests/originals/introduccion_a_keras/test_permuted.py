"""Exercise 9: the permutation, what it does to each network's data, and what the original's 98 % are made of."""

import numpy as np
import pytest

from reensayo import datasets, randomness
from reensayo.datasets import MNIST
from reensayo.evidence import judge
from reensayo.originals.introduccion_a_keras import ORIGINAL, ex08_mnist, ex09_permuted
from reensayo.originals.introduccion_a_keras.ex09_permuted import PERMUTATION, evaluate, permuted
from reensayo.spec import Settings, Split

PAIRS = [
    pytest.param(ex09_permuted.dense, ex09_permuted.dense_plain, ex08_mnist.dense, id="dense"),
    pytest.param(ex09_permuted.conv, ex09_permuted.conv_plain, ex08_mnist.conv, id="conv"),
]


@pytest.fixture(scope="module")
def raw():
    return datasets.load(MNIST)


def encoded(raw, e, recipe):
    """The first training and the first test digits of a recipe, as its network sees them."""
    s = e.recipe(recipe).set({"examples": 200}).settings
    (split,) = e.splits(e.load(raw, s), s, randomness.generator(0, "data"))
    return tuple(
        e.encode(x[:50], y[:50], split.constants, s)
        for x, y in ((split.x_train, split.y_train), (split.x_test, split.y_test))
    )


# ---------------------------------------------------------------- the permutation


def test_every_pixel_has_one_place_and_almost_none_its_own():
    np.testing.assert_array_equal(np.sort(PERMUTATION), np.arange(784))
    assert np.count_nonzero(np.arange(784) == PERMUTATION) < 5


def test_the_permutation_never_changes():
    assert PERMUTATION[:5].tolist() == [415, 369, 47, 352, 228]  # trials of one id must have seen the same images


def test_images_keep_their_pixels_and_can_be_put_back():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    moved = permuted(images)
    assert (moved.dtype, moved.shape) == (images.dtype, images.shape)
    np.testing.assert_array_equal(moved.reshape(3, 784), images.reshape(3, 784)[:, PERMUTATION])
    np.testing.assert_array_equal(permuted(images[..., None])[..., 0], moved)
    np.testing.assert_array_equal(permuted(moved, np.argsort(PERMUTATION)), images)


@pytest.mark.parametrize("recipe", ["text", "script", "sound"])
@pytest.mark.parametrize(("mixed", "plain", "_"), PAIRS)
def test_training_and_test_digits_are_permuted_alike_and_nothing_else_is_done_to_them(mixed, plain, _, recipe, raw):
    for (x, y), (x_plain, y_plain) in zip(encoded(raw, mixed, recipe), encoded(raw, plain, recipe), strict=True):
        assert x.shape == (50, 28, 28, 1)
        np.testing.assert_array_equal(x.reshape(50, 784), x_plain.reshape(50, 784)[:, PERMUTATION])
        np.testing.assert_array_equal(y, y_plain)


# ---------------------------------------------------------------- what else differs from exercise 8


@pytest.mark.parametrize("recipe", ["text", "sound"])
@pytest.mark.parametrize(("mixed", "plain", "eighth"), PAIRS)
def test_recipes_text_and_sound_are_exercise_8_s_but_for_the_permutation(mixed, plain, eighth, recipe, raw):
    for e in (mixed, plain):
        assert e.recipe(recipe).settings == eighth.recipe(recipe).settings
        assert e.network is eighth.network
    for ours, theirs in zip(encoded(raw, plain, recipe), encoded(raw, eighth, recipe), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])


def test_recipe_script_takes_the_mean_image_away(raw):
    (x, _), _ = encoded(raw, ex09_permuted.dense_plain, "script")
    images = raw.x_train[:200].astype(float)
    np.testing.assert_allclose(x[..., 0], (images[:50] - images.mean(axis=0)) / 255, atol=1e-6)


def test_a_dense_network_cannot_notice_a_permutation(raw):
    network = ex09_permuted.dense.network(ex09_permuted.dense.recipe("script").settings)
    images = raw.x_test[:20, ..., None] / 255
    before = network.predict(images, verbose=0)
    first, *others = network.get_weights()
    network.set_weights([first[PERMUTATION], *others])
    np.testing.assert_allclose(network.predict(permuted(images), verbose=0), before, atol=1e-6)


# ---------------------------------------------------------------- 98 %


def test_binary_accuracy_is_no_reading_of_what_the_text_trains():
    (rows,) = [headline.rows for headline in judge.verdicts(ORIGINAL, ()) if headline.claim.id == "9a"]
    binary, categorical = (("script", "binary accuracy"), ("script", "categorical accuracy"))
    assert {(row.recipe, row.reading.name) for row in rows} == {binary, categorical, ("text", "categorical accuracy")}


def test_both_accuracies_of_the_same_outputs():
    outputs = np.full((4, 10), 0.1)
    outputs[0, 7] = 0.9  # right
    outputs[1, 2] = 0.4  # the largest is right, but below 1/2: nine of ten
    outputs[2, [3, 4]] = 0.8, 0.9  # 3 is the digit, 4 is given: nine of ten
    outputs[3, 5] = 0.9  # the digit is 6: eight of ten
    labels = np.array([7, 2, 3, 6], np.uint8)
    images = np.zeros((4, 28, 28), np.uint8)
    split = Split(images, labels, images, labels, images, labels)
    assert evaluate(lambda _: outputs, split, Settings({})).measures == {
        "test_categorical_accuracy": 0.5,
        "test_binary_accuracy": pytest.approx(36 / 40),
    }


def multiples_of(step, values):
    """Whether all values, printed with five decimals, may be whole multiples of a step."""
    return bool(np.all(np.abs(np.round(np.divide(values, step)) * step - values) <= 0.5e-5 + 1e-12))


def test_the_98_percent_are_shares_of_ten_outputs_and_not_of_digits():
    binary, categorical = (np.array(ORIGINAL.curves[figure]["validation_accuracy"]) for figure in (22, 23))
    assert multiples_of(1 / 60_000, binary)  # 6000 images times ten outputs
    assert not multiples_of(1 / 60_000, binary + 1e-5)  # which is no matter of course
    assert not multiples_of(1 / 6_000, binary)
    assert multiples_of(1 / 6_000, categorical)  # the convolutional network's are digits
