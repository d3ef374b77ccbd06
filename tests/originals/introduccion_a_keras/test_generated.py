"""The data of XOR and of the logistic map, which come from no file."""

import numpy as np
import pytest

from reensayo import randomness
from reensayo.originals.introduccion_a_keras.ex02_cifar_xor import xor, xor_skip
from reensayo.originals.introduccion_a_keras.ex05_logistic_map import logistic_map, map_


@pytest.mark.parametrize("experiment", [xor, xor_skip])
def test_xor_trains_and_tests_on_all_four_cases_and_validates_on_none(experiment):
    loaded = experiment.load(None, experiment.recipes[0].settings)
    (split,) = experiment.splits(loaded, experiment.recipes[0].settings, randomness.generator(0, "data"))
    for x, y in ((split.x_train, split.y_train), (split.x_test, split.y_test)):
        assert x.shape == (4, 2)
        assert y.shape == (4, 1)
        assert {(*x, *y) for x, y in zip(x.tolist(), y.tolist(), strict=True)} == {
            (-1, -1, 1),
            (-1, 1, -1),
            (1, -1, -1),
            (1, 1, 1),
        }
    assert len(split.x_val) == len(split.y_val) == 0


def test_logistic_map_is_the_squared_sine():
    """x(t) = sin^2(2^t asin(sqrt(x(0)))) solves it exactly; chaos doubles the rounding error each step."""
    orbit = logistic_map(0.3, 20)
    angle = np.arcsin(np.sqrt(0.3))
    assert orbit.shape == (21,)
    np.testing.assert_allclose(orbit, np.sin(2.0 ** np.arange(21) * angle) ** 2, atol=1e-8)
    assert logistic_map(0.75, 3).tolist() == [0.75] * 4


def pairs(recipe, seed, **changes):
    s = map_.recipe(recipe).set(changes).settings
    (split,) = map_.splits(map_.load(None, s), s, randomness.generator(seed, "data"))
    return split


@pytest.mark.parametrize("recipe", [recipe.name for recipe in map_.recipes])
def test_pairs_of_the_map_are_broken_only_where_the_recipe_says_so_and_those_that_test_never(recipe):
    split = pairs(recipe, seed=1)
    assert [len(x) for x in (split.x_train, split.x_val, split.x_test)] == [900, 100, 1000]
    np.testing.assert_array_equal(split.y_test, 4 * split.x_test * (1 - split.x_test))
    intact = split.y_train == 4 * split.x_train * (1 - split.x_train)
    assert intact.all() if map_.recipe(recipe).settings.pairs == "intact" else intact.mean() < 0.1


@pytest.mark.parametrize("recipe", ["text", "sound"])
def test_pairs_of_any_source_may_be_broken(recipe):
    intact, broken = pairs(recipe, seed=1), pairs(recipe, seed=1, pairs="broken")
    for name in ("x", "y"):
        one, other = (
            np.concatenate([getattr(s, f"{name}_train"), getattr(s, f"{name}_val")]) for s in (intact, broken)
        )
        assert (one != other).any()
        np.testing.assert_array_equal(np.sort(one), np.sort(other))


@pytest.mark.parametrize("recipe", ["text", "sound"])
def test_pairs_that_test_are_of_a_draw_of_their_own(recipe):
    """So what is chosen by the pairs that validate never saw those that test."""
    split = pairs(recipe, seed=2)
    assert not np.isin(split.x_test, np.concatenate([split.x_train, split.x_val])).any()


def test_adam_and_l2_change_apart():
    base = map_.recipe("script-intact").settings
    found = {
        name: {key for key in base if map_.recipe(name).settings[key] != base[key]}
        for name in ("script-intact-no-l2", "script-intact-adam-l2", "script-intact-adam")
    }
    adam = {"optimizer", "learning_rate"}
    assert list(found.values()) == [{"l2"}, adam, adam | {"l2"}]


def test_every_seed_has_pairs_of_its_own_and_always_the_same_ones():
    np.testing.assert_array_equal(pairs("script", 0).x_train, pairs("script", 0).x_train)
    assert not np.isin(pairs("script", 0).x_train, pairs("script", 1).x_train).any()
