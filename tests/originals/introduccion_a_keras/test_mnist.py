"""Exercise 8: which digits train, and what is taken from their pixels."""

import math

import numpy as np
import pytest

from reensayo import datasets
from reensayo.datasets import MNIST
from reensayo.originals.introduccion_a_keras.ex08_mnist import conv, dense, epochs_to_90


@pytest.fixture(scope="module")
def raw():
    return datasets.load(MNIST)


@pytest.mark.parametrize("scaling", ["unit", "centred", "standardised"])
def test_the_first_digits_train_and_the_moments_are_theirs(scaling, raw):
    s = dense.recipe("script").set({"examples": 200, "validation": 300, "scaling": scaling}).settings
    split = dense.load(raw, s)
    np.testing.assert_array_equal(split.x_train, raw.x_train[:200])
    np.testing.assert_array_equal(split.x_val, raw.x_test[:300])
    assert len(split.x_test) == len(split.y_test) == 10_000
    x, y = dense.encode(split.x_train, split.y_train, split.constants, s)
    pixels = raw.x_train[:200, ..., None].astype(float)
    expected = {
        "unit": pixels / 255,
        "centred": (pixels - pixels.mean(axis=0)) / 255,
        "standardised": (pixels - pixels.mean()) / pixels.std(),
    }
    np.testing.assert_allclose(x, expected[scaling], atol=1e-6)
    np.testing.assert_array_equal(y.argmax(axis=1), raw.y_train[:200])


def test_what_a_sound_recipe_chooses_by_is_neither_trained_on_nor_tested_on(raw):
    s = dense.recipe("sound").set({"examples": 200}).settings
    split = dense.load(raw, s)
    np.testing.assert_array_equal(split.x_train, raw.x_train[:180])
    np.testing.assert_array_equal(split.y_val, raw.y_train[180:200])
    assert split.constants["mean"] == pytest.approx(raw.x_train[:180].mean())
    assert len(split.x_test) == 10_000


def test_sound_networks_have_the_layers_of_the_text_and_the_same_budget():
    for experiment in (dense, conv):
        text, sound = (experiment.recipe(name).settings for name in ("text", "sound"))
        layers = {"hidden", "filters", "pooling", "dropout", "scaling", "epochs"} & text.keys()
        assert {name: sound[name] for name in layers} == {name: text[name] for name in layers}
    arms = [e.recipe(r.name) for e in (dense, conv) for r in e.recipes if r.name.startswith("sound")]
    assert {(arm.settings.epochs, arm.settings.batch_size, arm.settings.validation_from) for arm in arms} == {
        (20, 128, "training")
    }
    assert {math.prod(map(len, arm.tried.values())) for arm in arms} == {3}
    assert all(arm.settings[name] in values for arm in arms for name, values in arm.tried.items())


@pytest.mark.parametrize(("right", "epoch"), [([0.91, 0.8], 1), ([0.5, 0.9, 0.89], 2), ([0.5, 0.89], 3)])
def test_epochs_to_ninety_percent_are_one_more_than_there_are_where_it_is_not_reached(right, epoch):
    assert epochs_to_90({"val_categorical_accuracy": right}) == epoch
