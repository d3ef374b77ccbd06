"""Exercise 6: folds, what stands in for a missing value, and the baselines."""

from types import SimpleNamespace

import numpy as np
import pytest

from reensayo import datasets, randomness
from reensayo.datasets import PIMA
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.originals.introduccion_a_keras.ex06_pima import impute
from reensayo.runner import plan, run
from reensayo.selection import select_one
from reensayo.spec import Settings
from reensayo.store import Store


@pytest.fixture(scope="module")
def raw():
    return datasets.load(PIMA)


def splits(raw, name, seed=0):
    e, recipe = select_one(ORIGINAL, name)
    return e.splits(e.load(raw, recipe.settings), recipe.settings, randomness.generator(seed, "data"))


def test_every_patient_tests_once_and_trains_otherwise(raw):
    found = splits(raw, "ex06.raw@script")
    assert [len(s.x_val) for s in found] == [154, 154, 154, 153, 153]
    for s in found:
        both = np.concatenate([s.x_train, s.x_val])
        np.testing.assert_array_equal(np.sort(both, axis=0), np.sort(raw.x, axis=0))
    tested = np.concatenate([s.x_val for s in found])
    np.testing.assert_array_equal(np.sort(tested, axis=0), np.sort(raw.x, axis=0))


def test_seeds_have_folds_of_their_own_and_experiments_share_them(raw):
    first, again, other = (splits(raw, "ex06.raw@text", seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x_val, again.x_val)
    assert not np.array_equal(first.x_val, other.x_val)
    np.testing.assert_array_equal(first.y_val, splits(raw, "ex06.imputed@script")[0].y_val)


@pytest.mark.parametrize(("imputation", "mean"), [("all", 3.5), ("known", 14 / 3), ("known in training", 4.0)])
def test_zeros_become_a_mean_but_for_pregnancies(imputation, mean):
    x = np.repeat([[6.0], [0.0], [2.0], [6.0]], 8, axis=1)
    filled = impute(x, np.array([0, 1, 2]), Settings({"imputation": imputation}))
    assert filled[1].tolist() == [0.0, *[pytest.approx(mean)] * 7]
    np.testing.assert_array_equal(filled[[0, 2, 3]], x[[0, 2, 3]])


def test_nothing_of_the_patients_who_test_is_known_in_the_sound_recipe(raw):
    changed = SimpleNamespace(x=raw.x.copy(), y=raw.y)
    rows = np.array_split(randomness.generator(0, "data").permutation(768), 5)[0]
    changed.x[rows] *= 3
    for name, same in (("ex06.imputed@sound", True), ("ex06.imputed@text", False)):
        a, b = splits(raw, name)[0], splits(changed, name)[0]
        assert np.array_equal(a.x_train, b.x_train) == same
        assert all(np.array_equal(a.constants[n], b.constants[n]) for n in a.constants)


def test_who_validates_in_the_sound_recipe_neither_trains_nor_tests(raw):
    for fold in splits(raw, "ex06.raw@sound"):
        assert [len(fold.x_train), len(fold.x_val)] == [492, (768 - len(fold.x_test)) // 5]
        patients = np.concatenate([fold.x_train, fold.x_val, fold.x_test])
        np.testing.assert_array_equal(np.sort(patients, axis=0), np.sort(raw.x, axis=0))
    for one, other in zip(splits(raw, "ex06.raw@sound"), splits(raw, "ex06.imputed@baseline-logistic"), strict=True):
        np.testing.assert_array_equal(one.y_val, other.y_val)  # the comparison is of the same patients
        np.testing.assert_array_equal(one.y_test, other.y_test)


def test_both_arms_were_tuned_alike():
    raw, imputed = (ORIGINAL.experiments[f"ex06.{name}"].recipe("sound") for name in ("raw", "imputed"))
    assert raw.tried == imputed.tried
    for name, values in raw.tried.items():
        assert raw.settings[name] == imputed.settings[name]
        assert raw.settings[name] in values


def test_baselines_are_measured_over_the_same_folds(tmp_path):
    done = run(plan(ORIGINAL, ["ex06.raw@baseline-majority", "ex06.raw@baseline-logistic"], seeds=1), Store(tmp_path))
    majority, logistic = (result.stored for result in done.results)
    assert majority.measures["test_binary_accuracy"] == pytest.approx(500 / 768, abs=1e-3)
    assert majority.measures["test_roc_auc"] == 0.5
    assert 0.75 < logistic.measures["test_binary_accuracy"] < 0.79
    assert logistic.arrays["fold_val_binary_accuracy"].shape == (5, 1)
    assert len(logistic.arrays["test_probability"]) == 768
