import re
from dataclasses import replace
from functools import partial

import pytest

from reensayo.errors import InputError
from reensayo.evidence.compare import compare
from reensayo.exercises import EXPERIMENTS
from reensayo.spec import experiment, ours

A, B = "ex08.conv@script", "ex08.dense@script"


def losses(*last):
    return [{"loss": [9.0, value]} for value in last]


@pytest.fixture
def put(put):
    return partial(put, bare=True)


def test_pairs_of_the_same_seed(put, store):
    put(A, history=losses(1.0, 2.0, 3.0), measures=[{"test_top1": 0.5}] * 3)
    put(B, history=losses(0.5, 1.5), measures=[{"test_top1": 0.25}, {"test_top1": 0.75}])
    found = compare(store.trials(), A, B)
    assert (found.seeds, found.reduced, list(found.measures)) == ((0, 1), False, ["loss", "test_top1"])
    mean_a, mean_b, difference = found.measures["loss"]
    assert (mean_a, mean_b, difference.estimate, difference.n) == (1.5, 1.0, 0.5, 2)
    assert found.measures["test_top1"][2].estimate == 0


def test_the_other_way_round_is_the_opposite(put, store):
    put(A, history=losses(1.0, 2.5))
    put(B, history=losses(0.5, 1.5))
    there, back = (compare(store.trials(), *arms).measures["loss"][2] for arms in ((A, B), (B, A)))
    assert there.estimate == -back.estimate
    assert (there.interval.low, there.p) == (-back.interval.high, back.p)


def test_settings_that_differ_are_named_and_only_those_that_both_have(put, store):
    put(A, history=losses(1.0))
    put(B, history=losses(1.0))
    assert compare(store.trials(), A, B).settings == (("dropout", 0.5, 0.15), ("batch_size", 64, 128))


@pytest.mark.parametrize(
    ("one", "other", "data"),
    [
        ("ex01.linear@script", "ex05.map@script", (("data", "boston", "generated (ex05)"),)),
        ("ex02.xor@script", "ex02.xor-skip@assignment", ()),
    ],
)
def test_arms_that_learn_different_data_say_so(put, store, one, other, data):
    put(one, history=losses(1.0))
    put(other, history=losses(1.0))
    assert tuple(found for found in compare(store.trials(), one, other).settings if found[0] == "data") == data


def test_a_changed_recipe_is_an_arm_of_its_own(put, store):
    put(B, history=losses(1.0, 1.0))
    put(B, history=losses(3.0, 3.0), changes={"epochs": 3})
    found = compare(store.trials(), f"{B}+epochs=3", B)
    assert found.measures["loss"][:2] == (3.0, 1.0)
    assert found.settings == (("epochs", 3, 20),)


def test_an_arm_is_what_it_means_however_it_is_written(put, store):
    put(B, history=losses(1.0, 1.0))
    put(B, history=losses(3.0, 3.0), changes={"epochs": 3, "learning_rate": 0.05})
    found = compare(store.trials(), f"{B}+learning_rate=5e-2+epochs=3", B)
    assert found.measures["loss"][:2] == (3.0, 1.0)


def test_full_length_and_reduced_trials_are_not_compared(put, store):
    put(A, history=losses(1.0, 1.0), reduced=True)
    put(A, history=losses(2.0))
    put("ex08.conv@text", history=losses(3.0, 3.0), reduced=True)
    found = compare(store.trials(), A, "ex08.conv@text")
    assert (found.reduced, found.seeds, found.measures["loss"][:2]) == (True, (0, 1), (1.0, 3.0))
    put("ex08.conv@text", history=losses(4.0))
    found = compare(store.trials(), A, "ex08.conv@text")
    assert (found.reduced, found.measures["loss"][:2]) == (False, (2.0, 4.0))


def test_diverged_trials_and_values_that_are_not_finite_are_left_out(put, store):
    put(A, history=losses(1.0, 2.0, 3.0), measures=[{"m": 1.0}, {"m": float("nan")}, {"m": 1.0}], diverged=[2])
    put(B, history=losses(1.0, 1.0, 1.0), measures=[{"m": 1.0}] * 3)
    found = compare(store.trials(), A, B)
    assert (found.seeds, list(found.measures)) == ((0, 1), ["loss"])


def test_trials_of_an_earlier_version_are_left_out(put, store, monkeypatch):
    put(B, history=losses(1.0))
    monkeypatch.setattr(experiment, "RESULTS_VERSION", 0)
    put(A, history=losses(1.0))
    monkeypatch.undo()
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(store.trials(), A, B)


def test_trials_of_an_earlier_form_of_the_recipe_are_left_out(put, store, monkeypatch):
    put(B, history=losses(1.0))
    put(A, history=losses(1.0))
    conv = EXPERIMENTS["ex08.conv"]
    recipes = tuple(r.but(r.name, r.about, dropout=ours(0.25)) for r in conv.recipes)
    monkeypatch.setitem(EXPERIMENTS, "ex08.conv", replace(conv, recipes=recipes))
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(store.trials(), A, B)
    put(A, history=losses(2.0))
    assert compare(store.trials(), A, B).measures["loss"][0] == 2.0


def test_what_cannot_be_compared_is_refused_with_what_there_is(put, store):
    with pytest.raises(InputError, match="There are trials of: –"):
        compare(store.trials(), A, B)
    put(A, history=losses(1.0))
    changed, command = "ex01.linear@text+epochs=3", "reensayo run ex01.linear@text --set epochs=3"
    said = rf"{re.escape(changed)}: none; {command}\n  {A}: 0 at full length\nThere are trials of:\n  {A}"
    with pytest.raises(InputError, match=said):
        compare(store.trials(), changed, A)
    put(B, history=losses(1.0), first_seed=1)
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(store.trials(), A, B)


def test_losses_that_are_not_the_same_loss_are_left_out(put, store):
    curves = [{"loss": [1.0], "val_loss": [1.0], "categorical_accuracy": [0.5]}] * 2
    for arm in ("ex02.mse@script", "ex02.hinge@script"):
        put(arm, history=curves)
    assert list(compare(store.trials(), "ex02.mse@script", "ex02.hinge@script").measures) == ["categorical_accuracy"]


def test_an_arm_is_not_compared_with_itself(put, store):
    put(A, history=losses(1.0, 2.0))
    with pytest.raises(InputError, match=f"expects two different arms; received {A} twice"):
        compare(store.trials(), A, A)
