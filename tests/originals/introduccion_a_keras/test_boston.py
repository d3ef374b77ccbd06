"""Exercise 1: which rows train, validate and test, and that the linear network is least squares."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from reensayo import datasets, randomness
from reensayo.datasets import BOSTON
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.originals.introduccion_a_keras.ex01_boston import linear
from reensayo.runner import plan, run
from reensayo.store import Store

FOLDED = ["sound", "sound-relu", "baseline-ridge", "baseline-boosting"]


@pytest.fixture(scope="module")
def raw():
    return datasets.load(BOSTON)


def splits(raw, recipe, seed=0):
    s = linear.recipe(recipe).settings
    return linear.splits(linear.load(raw, s), s, randomness.generator(seed, "data"))


def rows(raw, x):
    """Which rows of the data these are: each is there once."""
    return [int(np.flatnonzero((raw.x == row).all(axis=1))[0]) for row in x]


def test_script_tests_on_the_first_quarter_and_text_on_any(raw):
    (script,), (text,), (other,) = (splits(raw, *of) for of in (("script",), ("text",), ("text", 1)))
    np.testing.assert_array_equal(script.x_test, raw.x[:126])
    np.testing.assert_array_equal(script.x_train, raw.x[126:])
    for found in (script, text):
        np.testing.assert_array_equal(found.x_val, found.x_test)
        np.testing.assert_allclose(found.constants["mean"], found.x_train.mean(axis=0))
    assert len(text.x_test) == 126
    assert not np.array_equal(text.x_test, other.x_test)


def test_of_the_folds_each_tests_once_and_what_validates_neither_trains_nor_tests(raw):
    found = splits(raw, "sound")
    assert sorted(row for fold in found for row in rows(raw, fold.x_test)) == list(range(506))
    for fold in found:
        parts = [rows(raw, x) for x in (fold.x_train, fold.x_val, fold.x_test)]
        assert sorted(chain.from_iterable(parts)) == list(range(506))
        assert len(parts[1]) == (506 - len(parts[2])) // 5
        np.testing.assert_allclose(fold.constants["mean"], fold.x_train.mean(axis=0))
    assert len({row for fold in found for row in rows(raw, fold.x_val)}) == sum(len(fold.x_val) for fold in found)


@pytest.mark.parametrize("recipe", FOLDED[1:])
def test_all_that_is_compared_with_sound_has_its_folds(raw, recipe):
    for one, other in zip(splits(raw, "sound", 3), splits(raw, recipe, 3), strict=True):
        for part in ("x_train", "x_val", "x_test"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_prices_that_test_do_not_choose_among_the_models(raw):
    recipe = linear.recipe("baseline-ridge")
    fold = splits(raw, recipe.name)[0]
    changed = replace(fold, y_test=fold.y_test[::-1])
    one, other = (recipe.fit(f, recipe.settings, randomness.generator(0, "baseline")) for f in (fold, changed))
    np.testing.assert_array_equal(one.evaluation.arrays["test_predicted"], other.evaluation.arrays["test_predicted"])
    assert one.history == other.history


def test_least_squares_gives_what_is_known_of_it(tmp_path):
    done = run(plan(ORIGINAL, ["ex01.linear@baseline-least-squares"], seeds=1), Store(tmp_path))
    (found,) = (result.stored.measures for result in done.results)
    assert found["test_mean_squared_error"] == pytest.approx(11.78, abs=0.005)
    assert found["test_r2_score"] == pytest.approx(0.598, abs=5e-4)
    assert found["test_squared_correlation"] == pytest.approx(0.657, abs=5e-4)
    assert found["test_mean_absolute_error"] == pytest.approx(2.568, abs=5e-4)


def test_arms_of_a_comparison_have_one_budget():
    sound, relu = linear.recipe("sound"), linear.recipe("sound-relu")
    assert sound.tried == relu.tried
    assert sound.settings.epochs == relu.settings.epochs
    assert {name for name in sound.settings if sound.settings[name] != relu.settings[name]} == {"activation", "hidden"}
