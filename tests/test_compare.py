import re
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from reensayo.errors import InputError
from reensayo.evidence.compare import LOSSES, compare
from reensayo.exercises import EXERCISES, EXPERIMENTS
from reensayo.runner import plan
from reensayo.selection import changed, parse_changes, select_one
from reensayo.spec import Alike, Exceeds, Metric, Settings, Times, experiment, ours
from reensayo.store import USUAL

A, B = "ex08.conv@script", "ex08.dense@script"


def losses(*last):
    return [{"loss": [9.0, value]} for value in last]


def accuracies(*last):
    return [{"binary_accuracy": [0.0, value]} for value in last]


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


def test_settings_that_differ_are_named_also_those_that_only_one_has(put, store):
    put(A, history=losses(1.0))
    put(B, history=losses(1.0))
    assert compare(store.trials(), A, B).settings == (
        ("filters", 16, None),
        ("dropout", 0.5, 0.15),
        ("batch_size", 64, 128),
        ("hidden", None, 100),
    )


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
    assert found.unlike == ()


def test_an_arm_is_what_it_means_however_it_is_written(put, store):
    put(B, history=losses(1.0, 1.0))
    put(B, history=losses(3.0, 3.0), changes={"epochs": 3, "learning_rate": 0.05})
    found = compare(store.trials(), f"{B}+learning_rate=5e-2+epochs=3", B)
    assert found.measures["loss"][:2] == (3.0, 1.0)


def test_full_length_and_reduced_trials_are_not_compared(put, store):
    put(A, history=accuracies(1.0, 1.0), reduced=True)
    put(A, history=accuracies(2.0))
    put("ex08.conv@text", history=accuracies(3.0, 3.0), reduced=True)
    found = compare(store.trials(), A, "ex08.conv@text")
    assert (found.reduced, found.seeds, found.measures["binary_accuracy"][:2]) == (True, (0, 1), (1.0, 3.0))
    put("ex08.conv@text", history=accuracies(4.0))
    found = compare(store.trials(), A, "ex08.conv@text")
    assert (found.reduced, found.measures["binary_accuracy"][:2]) == (False, (2.0, 4.0))


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
    changed = "ex01.linear@text+epochs=3"
    said = rf"{re.escape(changed)}: none\n  {A}: seeds 0 \(full length\)\nThere are trials of:\n  {A}"
    with pytest.raises(InputError, match=said):
        compare(store.trials(), changed, A)
    put(B, history=losses(1.0), first_seed=1)
    with pytest.raises(InputError, match="no finished seeds of the same length in common"):
        compare(store.trials(), A, B)


@pytest.fixture
def advised(store):
    """The commands that a comparison which cannot be made names."""

    def ask(a, b, where=USUAL):
        with pytest.raises(InputError) as caught:
            compare(store.trials(), a, b, where)
        _, _, commands = caught.value.message.en.partition("\nTo compare them:\n  ")
        return commands.split("\n  ") if commands else []

    return ask


def run_in_vain(command, put):
    """Store what a command asks for, without the training."""
    _, _, *words = shlex.split(command)
    options = {name: words[i + 1] for i, name in enumerate(words) if name in ("--seeds", "--profile")}
    changes = parse_changes([words[i + 1] for i, name in enumerate(words) if name == "--set"])
    seeds = int(options["--seeds"]) if "--seeds" in options else None
    for trial in plan(words[:1], None, seeds, options.get("--profile", "full"), changes):
        put(
            f"{trial.experiment.id}@{trial.recipe.name}",
            history=losses(1.0),
            first_seed=trial.seed,
            reduced=trial.recipe.reduced,
            changes=trial.recipe.changed,
        )


SCRIPT, TEXT, LITERAL = "ex08.conv@script", "ex08.conv@text", "ex05.map@script+source=long trajectory"


@pytest.mark.parametrize(
    ("stored", "other", "commands"),
    [
        ({}, TEXT, [f"reensayo run {TEXT} --seeds 3"]),
        ({}, LITERAL, ["reensayo run ex05.map@script --seeds 3 --set 'source=long trajectory'"]),
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
    assert compare(store.trials(), SCRIPT, other).seeds


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
    put("ex01.linear@script", history=losses(*[1.0] * 10), diverged=range(10))
    put("ex01.linear@text", history=losses(1.0, 1.0))
    with pytest.raises(InputError, match=r"ex01.linear@script: 10 of 10 diverged \(full length\)\n"):
        compare(store.trials(), "ex01.linear@script", "ex01.linear@text")
    assert advised("ex01.linear@script", "ex01.linear@text") == []


def test_seeds_that_diverged_on_one_side_each_are_left_behind(put, advised):
    put(A, history=losses(1.0, 1.0), diverged=[0])
    put(B, history=losses(1.0, 1.0), diverged=[1])
    assert advised(A, B) == [f"reensayo run {A} --seeds 3", f"reensayo run {B} --seeds 3"]


def test_seeds_without_a_pair_are_counted(put, store, command):
    put(A, history=losses(*[1.0] * 10))
    put(B, history=losses(1.0, 2.0, 3.0, 4.0), diverged=[3])
    found = compare(store.trials(), A, B)
    assert found.seeds == (0, 1, 2)
    assert found.arms[0].without(found.seeds) == tuple(range(3, 10))
    assert found.arms[1].diverged == (3,)
    code, out, _ = command("compare", A, B, "--store", store.root)
    assert (code, out.splitlines()[:3]) == (
        0,
        [
            f"A = {A}, B = {B}; 3 pairs of the same seed",
            "  A: 7 seeds without a partner (3-9)",
            "  B: 1 diverged (3)",
        ],
    )
    _, out, _ = command("compare", A, B, "--store", store.root, "--lang", "es")
    assert "  A: 7 semillas sin pareja (3-9)\n  B: 1 con divergencia (3)\n" in out


def test_a_pair_at_full_length_comes_before_reduced_ones_only_where_there_is_one(put, store):
    put(A, history=losses(1.0))
    put(B, history=losses(1.0), first_seed=1)
    put(A, history=losses(2.0), reduced=True)
    put("ex08.conv@text", history=losses(3.0), reduced=True)
    put("ex08.conv@text", history=losses(3.0), first_seed=1)
    assert compare(store.trials(), A, "ex08.conv@text").reduced


def test_the_interval_of_a_difference_of_accuracies_stays_within_what_is_possible(put, store):
    accuracies = [[{"val_categorical_accuracy": [x]} for x in arm] for arm in ((0.1, 0.9), (0.2, 0.3))]
    for arm, history in zip((A, B), accuracies, strict=True):
        put(arm, history=history)
    interval = compare(store.trials(), A, B).measures["val_categorical_accuracy"][2].interval
    assert (interval.low, interval.high) == (-1.0, 1.0)


# ---------------------------------------------------------------- losses


CURVES = {"loss": [1.0], "val_loss": [1.0], "binary_accuracy": [0.5], "categorical_accuracy": [0.5]}


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("ex02.mse@script", "ex02.hinge@script", "loss"),
        ("ex03.l2@script", "ex03.none@script", "l2"),
        ("ex03.none@script", "ex03.l2@script", "l2"),
        ("ex08.dense@script", "ex08.dense@text", "from_logits"),
        ("ex07.denoise@text", "ex07.denoise@text-without-l2", "l2"),
        ("ex08.dense@script+from_logits=false", "ex08.dense@script", "from_logits"),
        ("ex05.map@script+hidden=6", "ex05.map@script", "hidden"),  # whose weights another penalty sums
    ],
)
def test_losses_that_are_not_the_same_loss_are_left_out(one, other, differs, put, store):
    for arm, parameters in ((one, 10.0), (other, 12.0)):
        run, *changes = arm.split("+")
        _, recipe = changed(select_one(run), parse_changes(changes))
        put(run, history=[CURVES] * 2, measures=[{"parameters": parameters}] * 2, changes=recipe.changed)
    found = compare(store.trials(), one, other)
    assert found.unlike == ("loss", "val_loss")
    assert set(found.measures) == {"binary_accuracy", "categorical_accuracy"}
    assert differs in [name for name, _, _ in found.settings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ex03.none@script", "ex03.dropout@script"),
        ("ex06.raw@text", "ex06.imputed@text"),  # both with L2 of the same weights
        ("ex08.conv@script", "ex08.dense@script"),
    ],
)
def test_the_same_loss_is_compared(one, other, put, store):
    for arm in (one, other):
        put(arm, history=[CURVES] * 2, measures=[{"parameters": 10.0}] * 2)
    found = compare(store.trials(), one, other)
    assert {"loss", "val_loss"} <= set(found.measures)
    assert found.unlike == ()


def test_a_setting_that_is_off_is_no_part_of_the_loss():
    experiment = EXPERIMENTS["ex06.raw"]
    assert experiment.loss_of({"loss": "Hinge", "l2": 0.0, "from_logits": False, "epochs": 3}) == {"loss": "Hinge"}
    assert experiment.loss_of({}) == {}


def test_what_is_not_the_same_loss_and_what_one_side_lacks_is_said(put, store, command):
    put("ex03.l2@script", history=[CURVES] * 2)
    put("ex03.none@script", history=[CURVES] * 2)
    _, out, _ = command("compare", "ex03.l2@script", "ex03.none@script", "--store", store.root)
    assert "  l2 differs: A 0.01, B –\n  loss, val_loss not compared: it is not the same loss in both\n" in out
    _, out, _ = command("compare", "ex03.l2@script", "ex03.none@script", "--store", store.root, "--lang", "es")
    assert "  difiere l2: A 0,01, B –\n  no se compara loss, val_loss: no es el mismo costo en los dos\n" in out


@pytest.mark.parametrize("id_", EXPERIMENTS)
def test_no_network_has_a_penalty_that_no_setting_tells(id_):
    """So what the settings say of the loss is all of it; a new penalty needs a setting with its ``loss_part``."""
    from reensayo.training.weights import without_weights

    experiment = EXPERIMENTS[id_]
    for recipe in experiment.recipes:
        off = {s.name: 0.0 for s in experiment.settings if s.loss_part == "penalty"}
        model = without_weights(experiment.network, Settings({**recipe.settings, **off}))
        configs = [layer.get_config() for layer in model.layers]
        found = {
            name for config in configs for name, value in config.items() if name.endswith("_regularizer") and value
        }
        assert not found, recipe.name


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_no_question_and_no_claim_compares_losses_that_are_not_the_same(exercise):
    """Neither the answers to the assignment nor a judged claim need the check that ``compare`` makes."""
    for asked in exercise.asked:
        assert not (isinstance(asked.metric, Metric) and asked.metric.name in LOSSES)
    for reading in (reading for claim in exercise.claims for reading in claim.readings):
        if isinstance(reading.test, Exceeds | Alike | Times):
            assert not (isinstance(reading.test.metric, Metric) and reading.test.metric.name in LOSSES)


def test_an_arm_is_not_compared_with_itself(put, store):
    put(A, history=losses(1.0, 2.0))
    with pytest.raises(InputError, match=f"expects two different arms; received {A} and {A}, which are the same"):
        compare(store.trials(), A, A)
    for same in (f"{A}+epochs=20", f"{A}+batch_size=64+epochs=20"):
        with pytest.raises(InputError, match="which are the same"):
            compare(store.trials(), same, A)
