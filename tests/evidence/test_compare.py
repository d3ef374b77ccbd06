import re
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from reensayo.errors import InputError
from reensayo.evidence.compare import compare
from reensayo.runner import plan
from reensayo.selection import as_run, parse_changes, select_one
from reensayo.spec import ours
from reensayo.store import USUAL
from small_work import WORK, conv, dense, map_, with_another

A, B = "one.conv@script", "one.dense@script"


def losses(*last):
    return [{"loss": [9.0, value]} for value in last]


def accuracies(*last):
    return [{"binary_accuracy": [0.0, value]} for value in last]


@pytest.fixture
def put(put):
    return partial(put, bare=True, original=WORK)


def test_pairs_of_the_same_seed(put, store):
    put(A, history=losses(1.0, 2.0, 3.0), measures=[{"test_top1": 0.5}] * 3)
    put(B, history=losses(0.5, 1.5), measures=[{"test_top1": 0.25}, {"test_top1": 0.75}])
    found = compare(WORK, store.trials(), A, B)
    assert (found.seeds, found.reduced, list(found.measures)) == ((0, 1), False, ["loss", "test_top1"])
    mean_a, mean_b, difference = found.measures["loss"]
    assert (mean_a, mean_b, difference.estimate, difference.n) == (1.5, 1.0, 0.5, 2)
    assert repr(found) == f"<Comparison of {A} and {B}: seeds=0-1, reduced=False, measures=loss, test_top1>"
    assert found.measures["test_top1"][2].estimate == 0


def test_the_other_way_round_is_the_opposite(put, store):
    put(A, history=losses(1.0, 2.5))
    put(B, history=losses(0.5, 1.5))
    there, back = (compare(WORK, store.trials(), *arms).measures["loss"][2] for arms in ((A, B), (B, A)))
    assert there.estimate == -back.estimate
    assert (there.interval.low, there.p) == (-back.interval.high, back.p)


def test_settings_that_differ_are_named_also_those_that_only_one_has(put, store):
    put(A, history=losses(1.0))
    put(B, history=losses(1.0))
    assert compare(WORK, store.trials(), A, B).settings == (
        ("filters", 16, None),
        ("dropout", 0.5, 0.15),
        ("batch_size", 64, 128),
        ("hidden", None, 100),
    )


@pytest.mark.parametrize(
    ("one", "other", "data"),
    [
        ("one.plain@script", "two.map@script", (("data", "points", "generated (two)"),)),
        (A, B, ()),
    ],
)
def test_arms_that_learn_different_data_say_so(put, store, one, other, data):
    put(one, history=losses(1.0))
    put(other, history=losses(1.0))
    assert tuple(found for found in compare(WORK, store.trials(), one, other).settings if found[0] == "data") == data


def test_a_changed_recipe_is_an_arm_of_its_own(put, store):
    put(B, history=losses(1.0, 1.0))
    put(B, history=losses(3.0, 3.0), changes={"epochs": 3})
    found = compare(WORK, store.trials(), f"{B}+epochs=3", B)
    assert found.measures["loss"][:2] == (3.0, 1.0)
    assert found.settings == (("epochs", 3, 20),)
    assert found.unlike == ()


def test_an_arm_is_what_it_means_however_it_is_written(put, store):
    put(B, history=losses(1.0, 1.0))
    put(B, history=losses(3.0, 3.0), changes={"epochs": 3, "learning_rate": 0.05})
    found = compare(WORK, store.trials(), f"{B}+learning_rate=5e-2+epochs=3", B)
    assert found.measures["loss"][:2] == (3.0, 1.0)


def test_full_length_and_reduced_trials_are_not_compared(put, store):
    put(A, history=accuracies(1.0, 1.0), reduced=True)
    put(A, history=accuracies(2.0))
    put("one.conv@text", history=accuracies(3.0, 3.0), reduced=True)
    found = compare(WORK, store.trials(), A, "one.conv@text")
    assert (found.reduced, found.seeds, found.measures["binary_accuracy"][:2]) == (True, (0, 1), (1.0, 3.0))
    put("one.conv@text", history=accuracies(4.0))
    found = compare(WORK, store.trials(), A, "one.conv@text")
    assert (found.reduced, found.measures["binary_accuracy"][:2]) == (False, (2.0, 4.0))


def test_diverged_trials_and_values_that_are_not_finite_are_left_out(put, store):
    put(A, history=losses(1.0, 2.0, 3.0), measures=[{"m": 1.0}, {"m": float("nan")}, {"m": 1.0}], diverged=[2])
    put(B, history=losses(1.0, 1.0, 1.0), measures=[{"m": 1.0}] * 3)
    found = compare(WORK, store.trials(), A, B)
    assert (found.seeds, list(found.measures)) == ((0, 1), ["loss"])


def test_trials_of_an_earlier_version_are_left_out(put, store, monkeypatch):
    put(B, history=losses(1.0))
    monkeypatch.setattr("reensayo.spec.trial.RESULTS_VERSION", 0)
    put(A, history=losses(1.0))
    monkeypatch.undo()
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(WORK, store.trials(), A, B)


def test_trials_of_an_earlier_form_of_the_recipe_are_left_out(put, store):
    put(B, history=losses(1.0))
    put(A, history=losses(1.0))
    changed = with_another(replace(conv, recipes=tuple(r.but(r.name, ours(dropout=0.25)) for r in conv.recipes)))
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(changed, store.trials(), A, B)
    put(A, history=losses(2.0), original=changed)
    assert compare(changed, store.trials(), A, B).measures["loss"][0] == 2.0


def test_trials_of_another_work_are_left_out(put, store):
    put(A, history=losses(5.0, 5.0), original=replace(WORK, name="other"))
    put(A, history=losses(1.0))
    put(B, history=losses(1.0, 2.0))
    found = compare(WORK, store.trials(), A, B)
    assert (found.seeds, found.measures["loss"][:2]) == ((0,), (1.0, 1.0))


def test_what_cannot_be_compared_is_refused_with_what_there_is(put, store):
    with pytest.raises(InputError, match="There are trials of: –"):
        compare(WORK, store.trials(), A, B)
    put(A, history=losses(1.0))
    changed = "one.plain@text+epochs=3"
    said = rf"{re.escape(changed)}: none\n  {A}: seeds 0 \(full length\)\nThere are trials of:\n  {A}"
    with pytest.raises(InputError, match=said):
        compare(WORK, store.trials(), changed, A)
    put(B, history=losses(1.0), first_seed=1)
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(WORK, store.trials(), A, B)


@pytest.fixture
def advised(store):
    """The commands that a comparison which cannot be made names."""

    def ask(a, b, where=USUAL):
        with pytest.raises(InputError) as caught:
            compare(WORK, store.trials(), a, b, where)
        _, _, commands = caught.value.message.en.partition("\nTo compare them:\n  ")
        return commands.split("\n  ") if commands else []

    return ask


def run_in_vain(command, put):
    """Store what a command asks for, without the training."""
    _, _, *words = shlex.split(command)
    options = {name: words[i + 1] for i, name in enumerate(words) if name in ("--seeds", "--profile")}
    changes = parse_changes([words[i + 1] for i, name in enumerate(words) if name == "--set"])
    seeds = int(options["--seeds"]) if "--seeds" in options else None
    for trial in plan(WORK, words[:1], None, seeds, options.get("--profile", "full"), changes):
        put(
            f"{trial.experiment.id}@{trial.recipe.name}",
            history=losses(1.0),
            first_seed=trial.seed,
            reduced=trial.recipe.reduced,
            changes=trial.recipe.changed,
        )


SCRIPT, TEXT, LITERAL = "one.conv@script", "one.conv@text", "two.map@script+source=long trajectory"


@pytest.mark.parametrize(
    ("stored", "other", "commands"),
    [
        ({}, TEXT, [f"reensayo run {TEXT} --seeds 3"]),
        ({}, LITERAL, ["reensayo run two.map@script --seeds 3 --set 'source=long trajectory'"]),
        ({"reduced": True}, TEXT, [f"reensayo run {TEXT} --profile quick --seeds 3"]),
        (
            {"reduced": True},
            f"{TEXT}+epochs=3",
            [f"reensayo run {TEXT} --profile quick --seeds 3 --set epochs=3"],
        ),
        ({"reduced": True}, B, [f"reensayo run {SCRIPT}", f"reensayo run {B}"]),  # which quick does not reduce
        ({"first_seed": 4}, TEXT, [f"reensayo run {TEXT} --seeds 7"]),
    ],
)
def test_what_is_advised_gives_what_is_lacking(stored, other, commands, put, store, advised):
    put(SCRIPT, history=losses(1.0, 1.0, 1.0), **stored)
    found = advised(SCRIPT, other)
    assert found == commands
    for command in found:
        run_in_vain(command, put)
    assert compare(WORK, store.trials(), SCRIPT, other).seeds


def test_nothing_stored_is_asked_for_on_both_sides(advised, put, store):
    assert advised(A, B) == [f"reensayo run {A}", f"reensayo run {B}"]
    assert advised(A, B, Path("my runs"))[0] == f"reensayo run {A} --store 'my runs'"


def test_each_side_gets_the_seeds_of_the_other(put, advised):
    put(A, history=losses(1.0, 1.0))
    put(B, history=losses(1.0), first_seed=5)
    assert advised(A, B) == [f"reensayo run {A} --seeds 6", f"reensayo run {B} --seeds 6"]


def test_full_length_trials_are_not_to_be_paired_with_reduced_ones(put, advised):
    put(A, history=losses(1.0, 1.0), reduced=True)
    put(B, history=losses(1.0, 1.0, 1.0))
    assert advised(A, B) == [f"reensayo run {A} --seeds 3"]


def test_an_arm_that_always_diverged_is_not_to_be_run_again(put, store, advised):
    put("one.plain@script", history=losses(*[1.0] * 10), diverged=range(10))
    put("one.plain@text", history=losses(1.0, 1.0))
    with pytest.raises(InputError, match=r"one.plain@script: 10 of 10 diverged \(full length\)\n"):
        compare(WORK, store.trials(), "one.plain@script", "one.plain@text")
    assert advised("one.plain@script", "one.plain@text") == []


def test_seeds_that_diverged_on_one_side_each_are_left_behind(put, advised):
    put(A, history=losses(1.0, 1.0), diverged=[0])
    put(B, history=losses(1.0, 1.0), diverged=[1])
    assert advised(A, B) == [f"reensayo run {A} --seeds 3", f"reensayo run {B} --seeds 3"]


def test_seeds_without_a_pair_are_counted(put, store):
    put(A, history=losses(*[1.0] * 10))
    put(B, history=losses(1.0, 2.0, 3.0, 4.0), diverged=[3])
    found = compare(WORK, store.trials(), A, B)
    assert found.seeds == (0, 1, 2)
    assert found.arms[0].finished.keys() - found.seeds == set(range(3, 10))
    assert found.arms[1].diverged == (3,)


def test_seeds_without_a_pair_are_said(put, store, command, original):
    a, b = "ex08.conv@script", "ex08.dense@script"
    put(a, history=losses(*[1.0] * 10), original=original)
    put(b, history=losses(1.0, 2.0, 3.0, 4.0), diverged=[3], original=original)
    code, out, _ = command("compare", a, b, "--store", store.root)
    assert (code, out.splitlines()[:3]) == (
        0,
        [
            f"A = {a}, B = {b}; 3 pairs of the same seed",
            "  A: 7 seeds without a partner (3-9)",
            "  B: 1 seed diverged (3)",
        ],
    )
    _, out, _ = command("compare", a, b, "--store", store.root, "--lang", "es")
    assert "  A: 7 semillas sin pareja (3-9)\n  B: 1 semilla con divergencia (3)\n" in out


def test_a_pair_at_full_length_comes_before_reduced_ones_only_where_there_is_one(put, store):
    put(A, history=losses(1.0))
    put(B, history=losses(1.0), first_seed=1)
    put(A, history=losses(2.0), reduced=True)
    put("one.conv@text", history=losses(3.0), reduced=True)
    put("one.conv@text", history=losses(3.0), first_seed=1)
    assert compare(WORK, store.trials(), A, "one.conv@text").reduced


def test_the_interval_of_a_difference_of_accuracies_stays_within_what_is_possible(put, store):
    accuracies = [[{"val_categorical_accuracy": [x]} for x in arm] for arm in ((0.1, 0.9), (0.2, 0.3))]
    for arm, history in zip((A, B), accuracies, strict=True):
        put(arm, history=history)
    interval = compare(WORK, store.trials(), A, B).measures["val_categorical_accuracy"][2].interval
    assert (interval.low, interval.high) == (-1.0, 1.0)


# ---------------------------------------------------------------- losses


CURVES = {"loss": [1.0], "val_loss": [1.0], "binary_accuracy": [0.5], "categorical_accuracy": [0.5]}


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("one.dense@script", "one.hinge@script", "loss"),
        ("two.map@script", "two.map@sound", "l2"),
        ("two.map@sound", "two.map@script", "l2"),
        ("one.dense@script", "one.dense@text", "from_logits"),
        ("one.dense@script+from_logits=false", "one.dense@script", "from_logits"),
        ("two.map@script+hidden=6", "two.map@script", "hidden"),  # whose weights another penalty sums
    ],
)
def test_losses_that_are_not_the_same_loss_are_left_out(one, other, differs, put, store):
    for arm, parameters in ((one, 10.0), (other, 12.0)):
        run, *changes = arm.split("+")
        _, recipe = as_run(select_one(WORK, run), parse_changes(changes))
        put(run, history=[CURVES] * 2, measures=[{"parameters": parameters}] * 2, changes=recipe.changed)
    found = compare(WORK, store.trials(), one, other)
    assert found.unlike == ("loss", "val_loss")
    assert set(found.measures) == {"binary_accuracy", "categorical_accuracy"}
    assert differs in [name for name, _, _ in found.settings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one.conv@script", "one.conv@sound"),
        ("two.map@text", "two.map@script"),  # both with L2 of the same weights
        ("one.conv@script", "one.dense@script"),
    ],
)
def test_the_same_loss_is_compared(one, other, put, store):
    for arm in (one, other):
        put(arm, history=[CURVES] * 2, measures=[{"parameters": 10.0}] * 2)
    found = compare(WORK, store.trials(), one, other)
    assert {"loss", "val_loss"} <= set(found.measures)
    assert found.unlike == ()


def test_a_setting_that_is_off_is_no_part_of_the_loss():
    assert map_.loss_of({"loss": "Hinge", "l2": 0.0, "epochs": 3}) == {"loss": "Hinge"}
    assert dense.loss_of({"loss": "Hinge", "from_logits": False, "epochs": 3}) == {"loss": "Hinge"}
    assert map_.loss_of({}) == {}


def test_what_is_not_the_same_loss_and_what_one_side_lacks_is_said(put, store, command, original):
    put("ex03.l2@script", history=[CURVES] * 2, original=original)
    put("ex03.none@script", history=[CURVES] * 2, original=original)
    _, out, _ = command("compare", "ex03.l2@script", "ex03.none@script", "--store", store.root)
    assert "  l2 differs: A 0.01, B –\n  loss, val_loss not compared: it is not the same loss in both\n" in out
    _, out, _ = command("compare", "ex03.l2@script", "ex03.none@script", "--store", store.root, "--lang", "es")
    assert "  difiere l2: A 0,01, B –\n  no se compara loss, val_loss: no es el mismo costo en los dos\n" in out


def test_an_arm_is_not_compared_with_itself(put, store):
    put(A, history=losses(1.0, 2.0))
    with pytest.raises(InputError, match=f"expects two different recipes; received {A} and {A}, which are the same"):
        compare(WORK, store.trials(), A, A)
    for same in (f"{A}+epochs=20", f"{A}+batch_size=64+epochs=20"):
        with pytest.raises(InputError, match="which are the same"):
            compare(WORK, store.trials(), same, A)
