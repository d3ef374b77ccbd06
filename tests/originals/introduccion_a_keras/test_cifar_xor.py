"""Exercise 2: what validates, what the losses are compared under, and when XOR counts as learned."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from reensayo.datasets import Raw
from reensayo.originals.introduccion_a_keras.ex02_cifar_xor import (
    CLAIMS,
    EXERCISE,
    cce,
    fig5_hinge,
    fig5_mse,
    hinge,
    load,
    mse,
    problem4,
    xor,
)


@pytest.fixture
def raw():
    """As many images as CIFAR-10 has, of one value each: brighter ones among the last training images."""
    x_train = np.zeros((50_000, 1, 1, 3), "uint8")
    x_train[1:45_000:2] = 2
    x_train[45_000:] = 200
    x_test = np.arange(30_000, dtype="uint8").reshape(10_000, 1, 1, 3)
    labels = {"y_train": np.arange(50_000) % 10, "y_test": np.arange(10_000) % 10}
    return Raw({"x_train": x_train, "x_test": x_test, **labels}, "invented")


def test_a_sound_recipe_takes_neither_moments_nor_validation_from_the_test_set(raw):
    split = load(raw, mse.recipe("sound").settings)
    assert [len(part) for part in (split.x_train, split.x_val, split.x_test)] == [45_000, 5_000, 10_000]
    assert (split.x_val == 200).all()
    np.testing.assert_allclose(split.constants["mean"], 1)
    np.testing.assert_allclose(split.constants["deviation"], 1)


def test_the_published_runs_validate_on_the_first_test_images(raw):
    split = load(raw, mse.recipe("script").settings)
    assert [len(part) for part in (split.x_train, split.x_val, split.x_test)] == [50_000, 5_000, 10_000]
    np.testing.assert_array_equal(split.x_val, raw.x_test[:5_000])


def test_the_losses_get_as_many_attempts_and_differ_in_nothing_else():
    recipes = [experiment.recipe("sound") for experiment in (mse, hinge, cce)]
    assert {math.prod(map(len, recipe.tried.values())) for recipe in recipes} == {4}
    own = {"loss", "learning_rate", "l2", "activation", "dropout", "from_logits"}
    shared = [{name: value for name, value in r.settings.items() if name not in own} for r in recipes]
    assert shared[0] == shared[1] == shared[2]


@pytest.mark.parametrize("recipe", [r for e in EXERCISE.experiments for r in e.recipes if r.tried])
def test_a_recipe_takes_a_value_that_was_tried(recipe):
    assert all(recipe.settings[name] in values for name, values in recipe.tried.items())


def test_the_text_compares_losses_alone():
    first, *others = (experiment.recipe("text").settings for experiment in (fig5_mse, fig5_hinge, cce))
    for other in others:
        assert {name for name in first if first[name] != other[name]} == {"loss"}


def test_the_text_has_the_same_classifier_in_problem_4():
    before, after = cce.recipe("text"), problem4.recipe("text")
    assert {name for name in after.settings if after.settings[name] != before.settings[name]} == {"l2"}
    assert after.sourced["kernels"].origin == "ours"  # of them the text says nothing


@pytest.mark.parametrize(
    ("outputs", "within", "sign"),
    [([0.95, -0.92, -1, 1], True, True), ([0.5, -0.6, -1, 1], False, True), ([0.95, 0.01, -1, 1], False, False)],
)
def test_xor_is_learned_by_a_tenth_or_by_sign(outputs, within, sign):
    split = xor.load(None, xor.recipe("script").settings)
    found = xor.evaluate(lambda x: np.array(outputs)[:, None], split, xor.recipe("script").settings)
    trial = SimpleNamespace(measures=found.measures)
    events = [reading.test.event for reading in CLAIMS[-1].readings]
    assert [bool(event(trial)) for event in events] == [within, sign]
