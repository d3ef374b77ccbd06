"""Runs: what is stored is never run again, what fails or stops is told and taken up again, with the same bits.

Everything here trains for real, exercises 1 and 5 for a few epochs.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import reensayo
from reensayo import datasets, randomness, registry, runner
from reensayo.datasets import loading
from reensayo.datasets import places as places_module
from reensayo.errors import DamagedData, InputError, MissingData, RunFailed
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.runner import Watch, left_out
from reensayo.spec import trial as trial_module
from reensayo.store import Store, folder, read_checkpoint
from reensayo.text import Text
from reensayo.training import blocks
from repository import ROOT, TOY

EXPERIMENTS = ORIGINAL.experiments
MAP = EXPERIMENTS["ex05.map"]
plan = partial(runner.plan, ORIGINAL)
SHORT = {"epochs": "2"}
short = partial(plan, ["ex05.map@script"], changes=SHORT)


def files(store):
    """Every file of every finished trial, with its content and when it was written."""
    return {
        path.relative_to(store.root): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (store.root / "trials").rglob("*")
        if path.is_file()
    }


def weights(directory):
    import keras

    return keras.models.load_model(directory / "model.keras").get_weights()


def same_results(ours, theirs):
    """Bit for bit: histories as they are written, what was measured, and the first seed's weights."""
    for a, b in zip(ours.trials(), theirs.trials(), strict=True):
        assert a.id == b.id
        assert (a.directory / "history.csv").read_bytes() == (b.directory / "history.csv").read_bytes()
        own = {"seconds_per_epoch"}
        assert {k: v for k, v in a.measures.items() if k not in own} == {
            k: v for k, v in b.measures.items() if k not in own
        }
        assert a.arrays.keys() == b.arrays.keys()
        assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)
        if a.seed == 0:
            assert all(np.array_equal(*pair) for pair in zip(weights(a.directory), weights(b.directory), strict=True))


class Told(Watch):
    """A watch that remembers."""

    def __init__(self, stop_after=None):
        self.stop, self.stop_after = Event(), stop_after
        self.blocks, self.calls, self.ended, self.failures, self.not_saved = [], 0, [], [], []

    def block(self, trials, resumed_epoch):
        self.blocks.append(([trial.seed for trial in trials], resumed_epoch))

    def progress(self, progress):
        self.calls += 1
        assert 0 < progress.fraction <= 1
        if self.calls == self.stop_after:
            self.stop.set()

    def stored(self, trial):
        self.ended.append(trial.id)

    def unsaved(self, reason):
        self.not_saved.append(str(reason))

    def failed(self, trials, reason, log):
        self.failures.append(([trial.id for trial in trials], reason, log))


def no_training(monkeypatch):
    """From now on whoever trains fails."""

    def refuse(*_, **__):
        raise AssertionError("nothing should be trained here")

    monkeypatch.setattr(runner, "_devices", refuse)
    monkeypatch.setattr(blocks, "Trainer", refuse)


# ---------------------------------------------------------------- what is asked for


def test_seeds_left_out_are_the_experiments_own():
    assert [trial.seed for trial in plan(["ex05.map@script"])] == list(range(MAP.seeds))
    assert [trial.seed for trial in plan(["ex08.conv@script"])] == list(range(EXPERIMENTS["ex08.conv"].seeds))
    assert [trial.seed for trial in plan(["ex05.map@script"], seeds=3)] == [0, 1, 2]


def test_no_id_means_everything():
    trials = plan(seeds=1)
    assert [(t.experiment.id, t.recipe.name) for t in trials] == [
        (e.id, r.name) for e in EXPERIMENTS.values() for r in e.runnable
    ]


def test_more_seeds_are_the_same_trials_and_more():
    few, many = ([trial.id for trial in plan(["ex08"], "script", seeds=n)] for n in (2, 4))
    assert set(few) < set(many)


@pytest.mark.parametrize("seeds", [0, -1])
def test_no_seeds_are_refused(seeds):
    with pytest.raises(InputError, match=f"seeds expects a whole number from 1 to 10000; received {seeds!r}"):
        plan(seeds=seeds)


def test_quick_is_marked_and_another_trial():
    full, quick = (plan(["ex08.conv@script"], seeds=1, profile=profile)[0] for profile in ("full", "quick"))
    assert (full.recipe.reduced, quick.recipe.reduced) == (False, True)
    assert (full.recipe.label, quick.recipe.label) == ("script", "script")
    assert full.id != quick.id
    assert quick.recipe.settings.epochs == EXPERIMENTS["ex08.conv"].quick.changes["epochs"]


def test_quick_without_anything_to_reduce_is_the_same_trial():
    full, quick = (plan(["ex05.map@script"], seeds=2, profile=profile) for profile in ("full", "quick"))
    assert [trial.id for trial in full] == [trial.id for trial in quick]


def test_quick_leaves_some_recipes_out_unless_they_are_asked_for_by_name():
    def recipes(*ids, **how):
        return {trial.recipe.name for trial in plan(ids, profile="quick", **how)}

    assert recipes("ex08.conv") == {"script", "assignment"}
    assert recipes("ex08.conv@text") == recipes("ex08@text") == recipes("ex08.conv", recipe="text") == {"text"}
    assert recipes("ex08.conv", "ex08.conv@text") == {"script", "text", "assignment"}
    assert "ex08.conv" in {trial.experiment.id for trial in plan(profile="quick")}
    every = {recipe.name for recipe in EXPERIMENTS["ex08.conv"].recipes}
    assert {trial.recipe.name for trial in plan(["ex08.conv"])} == every
    without = ["ex08.conv@text", "ex08.conv@sound", "ex08.conv@sound-changed"]
    assert left_out(ORIGINAL, ["ex08.conv"], None, "quick") == without
    assert left_out(ORIGINAL, ["ex08.conv", "ex08.conv@text"], None, "quick") == without[1:]
    assert left_out(ORIGINAL, ["ex08"], "script", "quick") == left_out(ORIGINAL, ["ex08"], None, "full") == []


def test_quick_has_its_own_number_of_seeds_and_explicit_wishes_win():
    conv = EXPERIMENTS["ex08.conv"]
    assert len(plan(["ex08.conv@script"], profile="quick")) == conv.quick.seeds
    trials = plan(["ex08.conv@script"], seeds=4, profile="quick", changes={"epochs": "7"})
    assert (len(trials), trials[0].recipe.settings.epochs, trials[0].recipe.label) == (4, 7, "script+epochs=7")
    other = plan(["ex08.conv@script"], profile="quick", changes={"filters": "8"})[0].recipe
    assert (other.settings.epochs, other.reduced) == (conv.quick.changes["epochs"], True)


def test_a_change_is_refused_where_one_experiment_does_not_have_it():
    with pytest.raises(InputError, match=r"ex08\.conv has no setting 'hidden'"):
        plan(["ex08"], changes={"hidden": "3"})


# ---------------------------------------------------------------- finished trials


def test_a_change_leaves_out_the_baselines_that_do_not_have_it():
    names = [t.recipe.name for t in plan(["ex02.mse"], seeds=1, changes={"hidden": "50"})]
    assert names == ["text", "script", "sound"]
    names = [t.recipe.name for t in plan(["ex02.mse"], seeds=1, changes={"epochs": "1"})]
    assert names == ["text", "script", "sound", "baseline-svm", "baseline-softmax"]
    for ids in (["ex02.mse@baseline-svm"], ["ex02.mse@script", "ex02.mse@baseline-svm"]):
        with pytest.raises(
            InputError, match=r"ex02.mse@baseline-svm has no hidden; it has examples, validation_from, l2, epochs"
        ):
            plan(ids, seeds=1, changes={"hidden": "50"})


def test_a_profile_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="profile expects one of quick, full; received 'Quick'"):
        plan(["ex05"], profile="Quick")


def test_a_baseline_is_fitted_stored_and_never_fitted_again(store, monkeypatch):
    trials = plan(["ex02.mse@baseline-svm"], seeds=2, changes={"epochs": "2", "examples": "4000"})
    first = runner.run(trials, store)
    assert [(r.new, r.stored.status) for r in first.results] == [(True, "finished")] * 2
    for result in first.results:
        assert set(result.stored.history) == {"categorical_accuracy", "val_categorical_accuracy"}
        assert len(result.stored.history["val_categorical_accuracy"]) == 2
        assert 0.2 < result.stored.measures["test_categorical_accuracy"] < 0.45  # chance is 0.1
        assert result.stored.about["versions"]["scikit-learn"]
    assert first.results[0].stored.measures != first.results[1].stored.measures
    again = runner.run(trials, Store(store.root.with_name("again")))
    assert [r.stored.measures for r in again.results] == [r.stored.measures for r in first.results]
    monkeypatch.setattr(datasets, "load", None)
    assert not any(r.new for r in runner.run(trials, store).results)


def test_without_a_validation_set_there_are_no_such_columns(store):
    (result,) = runner.run(plan(["ex02.xor@script"], seeds=1, changes={"epochs": "3"}), store).results
    assert set(result.stored.history) == {"loss", "mean_squared_error", "within_a_tenth", "right_sign"}


def test_finished_trials_are_never_run_again_and_more_seeds_extend(store, monkeypatch):
    first = runner.run(short(seeds=1), store)
    assert [result.new for result in first.results] == [True]
    before = files(store)

    more = runner.run(short(seeds=3), store)
    assert [result.new for result in more.results] == [False, True, True]
    assert [result.trial.seed for result in more.results] == [0, 1, 2]
    assert before.items() <= files(store).items()
    assert store.blocks() == []

    no_training(monkeypatch)
    again = runner.run([*short(seeds=3), *short(seeds=1)], store)
    assert [(result.new, result.stored.seed) for result in again.results] == [
        (False, 0),
        (False, 1),
        (False, 2),
        (False, 0),
    ]
    assert again.seconds["compile"] == 0
    assert sorted(path.name for path in store.root.iterdir()) == ["blocks", "trials"]


def test_what_a_stored_trial_says(store):
    done = runner.run(plan(["ex01.linear@script"], seeds=1, changes=SHORT), store)
    (trial,) = store.trials()
    assert (trial.experiment, trial.recipe, trial.seed, trial.status) == (
        "ex01.linear",
        "script+epochs=2",
        0,
        "finished",
    )
    assert list(trial.history) == ["loss", "mean_squared_error", "val_loss", "val_mean_squared_error"]
    assert {len(curve) for curve in trial.history.values()} == {2}
    expected = {
        "test_mean_squared_error",
        "test_mean_absolute_error",
        "test_r2_score",
        "test_squared_correlation",
        "parameters",
        "multiply_adds",
        "seconds_per_epoch",
    }
    assert trial.measures.keys() == expected
    assert trial.measures["parameters"] == 31
    # The test rows are the validation rows here, so what is measured afterwards is what the history ends with.
    assert trial.measures["test_mean_squared_error"] == pytest.approx(
        trial.history["val_mean_squared_error"][-1], rel=1e-5
    )
    assert trial.arrays["test_actual"].shape == trial.arrays["test_predicted"].shape == (126,)
    about = trial.about
    assert {"python", "reensayo", "keras", "jax", "jaxlib", "numpy"} == about["versions"].keys()
    assert about["hardware"]["cores"] >= 1
    assert about["process_peak_memory_bytes"] > 2**20
    assert about["layout"]["devices"] >= 1
    assert (trial.directory / "model.keras").exists()
    seconds = done.seconds
    assert seconds["total"] == pytest.approx(seconds["start"] + seconds["compile"] + seconds["train"])
    assert min(seconds.values()) >= 0
    assert 0 < trial.wall_s < seconds["train"]
    assert set(done.spent) == {"ex01"}


def test_recipes_with_the_same_settings_are_trained_once_and_stored_under_both_names(store, monkeypatch):
    from reensayo.training.blocks import Trainer

    trained: list[str] = []
    train = Trainer.train

    def noted(trainer, *arguments, **how):
        trained.append(trainer.recipe.name)
        return train(trainer, *arguments, **how)

    monkeypatch.setattr(Trainer, "train", noted)
    asked = plan(["ex02.xor@text", "ex02.xor@script"], seeds=2, changes={"epochs": "2"})
    runner.run(asked[1:3], store)  # the second of one, the first of the other: nothing in common
    assert trained == ["text", "script"]
    told = Told()
    done = runner.run(asked, store, watch=told)
    assert trained == ["text", "script"]  # each has what the other lacks
    assert [result.new for result in done.results] == [True, False, False, True]
    assert done.results[0].stored.about["same_as"] == done.results[2].trial.id

    more = runner.run(plan(["ex02.xor@text", "ex02.xor@script"], seeds=3, changes={"epochs": "2"}), store, watch=told)
    assert trained[2:] == ["text"]
    assert told.ended[-2:] == [more.results[2].trial.id, more.results[5].trial.id]
    text, script = more.results[2].stored, more.results[5].stored
    assert (text.recipe, script.recipe) == ("text+epochs=2", "script+epochs=2")
    assert text.id != script.id
    assert script.about["same_as"] == text.id
    assert script.measures == text.measures
    for metric, values in text.history.items():
        np.testing.assert_array_equal(script.history[metric], values)


def test_baselines_with_the_same_settings_are_fitted_each(store):
    names = ("majority", "logistic")
    done = runner.run(plan([f"ex06.raw@baseline-{name}" for name in names], seeds=1), store)
    majority, logistic = (result.stored.measures["test_binary_accuracy"] for result in done.results)
    assert majority < logistic
    assert not any("same_as" in trial.about for trial in store.trials())


def test_only_the_first_seed_keeps_its_model(store):
    runner.run(short(seeds=2), store)
    assert [(t.directory / "model.keras").exists() for t in store.trials()] == [True, False]


def test_blocks_are_told_and_trials_as_they_are_stored(store):
    told = Told()
    trials = [*short(seeds=2), *plan(["ex05.map@script"], seeds=1, changes={"epochs": "1"})]
    assert runner.run(trials, store, watch=told).untold is None
    assert told.blocks == [([0, 1], None), ([0], None)]
    assert told.ended == [trial.id for trial in trials]
    assert told.failures == []


def test_what_a_kill_left_of_a_finished_block_is_forgotten(store, monkeypatch):
    runner.run(short(seeds=2), store)
    store.begin_block(short(seeds=2))
    no_training(monkeypatch)
    runner.run(short(seeds=1), store)
    assert store.blocks() == []


# ---------------------------------------------------------------- what is in a trial's place, other processes


def test_something_in_a_trials_place_is_found_before_training_and_its_siblings_are_stored(store):
    asked = short(seeds=3)
    place = store.root / "trials" / asked[1].id
    place.mkdir(parents=True)
    (place / "notes.txt").write_text("mine")
    told = Told()
    with pytest.raises(InputError, match=rf"{asked[1].id}/trial\.json is missing"):
        runner.run(asked, store, watch=told)
    assert [seeds for seeds, _ in told.blocks] == [[0, 2]]
    assert told.ended == [asked[0].id, asked[2].id]
    assert (place / "notes.txt").read_text() == "mine"
    assert store.blocks() == []


def test_an_empty_folder_in_a_trials_place_is_no_obstacle(store):
    asked = short(seeds=2)
    (store.root / "trials" / asked[0].id).mkdir(parents=True)
    done = runner.run(asked, store)
    assert [result.new for result in done.results] == [True, True]


def test_what_comes_into_a_trials_place_while_it_trains_keeps_no_sibling_from_being_stored(store):
    asked = short(seeds=3)
    place = store.root / "trials" / asked[1].id

    class Meddler(Told):
        def progress(self, progress):
            place.mkdir(parents=True, exist_ok=True)
            (place / "notes.txt").touch()

    with pytest.raises(InputError, match=r"trial\.json is missing"):
        runner.run(asked, store, watch=Meddler())
    assert [trial.seed for trial in store.trials([])] == [0, 2]


def test_what_another_process_stored_meanwhile_is_not_trained_again(store):
    first, second = plan(["ex05.map@script"], seeds=1, changes=SHORT), plan(["ex01@script"], seeds=1, changes=SHORT)

    class Busy(Told):
        def block(self, trials, resumed_epoch):
            super().block(trials, resumed_epoch)
            if len(self.blocks) == 1:
                runner.run(second, store)

    told = Busy()
    done = runner.run([*first, *second], store, watch=told)
    assert told.blocks == [([0], None)]
    assert [(result.new, result.stored is not None) for result in done.results] == [(True, True), (False, True)]


def test_a_block_of_an_earlier_version_is_cleared_when_todays_trials_are_stored(store, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(trial_module, "RESULTS_VERSION", 0)
        block = store.begin_block(short(seeds=2))
    runner.run(short(seeds=1), store)
    assert store.blocks() == [block]
    runner.run(short(seeds=2), store)
    runner.run(short(seeds=2), store)
    assert store.blocks() == []


def test_blocks_of_another_original_are_left_alone(store, monkeypatch):
    toy = registry.find(TOY)
    theirs = runner.plan(toy, ["toy.drawn@code"], seeds=2)
    runner.run(theirs, store)
    block = store.begin_block(theirs)  # as a kill leaves it that comes after its last trial was stored
    runner.run(short(seeds=1), store)
    assert store.blocks() == [block]
    with monkeypatch.context() as earlier:  # before blocks said whose they are
        earlier.setattr(Store, "blocks", lambda *_, **__: [replace(block, original="")])
        runner.run(theirs, store)
    assert store.blocks() == [block]
    runner.run(theirs, store)
    assert store.blocks() == []


def test_a_damaged_block_keeps_no_other_recipe_from_training(store):
    asked = [*short(seeds=1), *plan(["ex01@script"], seeds=1, changes=SHORT)]
    block = store.begin_block(asked[:1])
    (block.directory / "block.json").write_text("")
    with pytest.raises(InputError, match=r"block\.json is damaged"):
        runner.run(asked, store)
    assert [trial.experiment for trial in store.trials()] == ["ex01.linear"]


# ---------------------------------------------------------------- full disks


def full(monkeypatch, writes):
    """From now on the store's disk is full whenever ``writes`` is called."""

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, writes, refuse)


def test_a_full_disk_ends_the_run_at_once_and_names_the_folder(store, monkeypatch):
    asked = [*short(seeds=1), *plan(["ex01@script"], seeds=1, changes=SHORT)]
    full(monkeypatch, "write_history")
    told = Told()
    with pytest.raises(RunFailed, match=r"cannot write to .*runs \(No space left on device: free some\)") as error:
        runner.run(asked, store, watch=told)
    assert error.value.exit_code == 1
    assert told.blocks == [([0], None)]  # the next recipe is not trained in vain
    assert not (store.root / "errors").exists()
    monkeypatch.undo()
    assert len(runner.run(asked, store).results) == 2


def test_a_checkpoint_that_does_not_fit_ends_nothing(store, monkeypatch):
    monkeypatch.setenv("REENSAYO_CHECKPOINT_S", "1e-9")
    full(monkeypatch, "write_checkpoint")
    told = Told()
    runner.run(short(seeds=1), store, watch=told)
    assert told.not_saved
    assert all("No space left on device" in words for words in told.not_saved)
    assert len(store.trials()) == 1


# ---------------------------------------------------------------- in Python


def test_the_same_from_python(tmp_path):
    found = reensayo.run("ex05.map@script", seeds=2, changes={"epochs": 2, "learning_rate": 0.5}, store=tmp_path)
    assert found.history["loss"].shape == (2, 2)
    assert found.measures["test_mean_squared_error"].shape == (2,)
    assert [trial.recipe for trial in found.trials] == ["script+epochs=2+learning_rate=0.5"] * 2
    assert found.seconds["total"] > 0
    both = reensayo.run("ex05.map@script", "ex05.map@text", seeds=1, changes={"epochs": 2}, store=tmp_path)
    with pytest.raises(InputError, match=r"one recipe; received those of ex05.map@text\+epochs=2, ex05.map@script"):
        both.history["loss"]  # the rows would mean different things


# ---------------------------------------------------------------- failures


def failing(monkeypatch, part):
    """From now on this part of the logistic map fails."""

    def boom(*_):
        raise ValueError("no [red]such[/] thing")

    monkeypatch.setitem(vars(MAP), part, boom)


@pytest.mark.parametrize("part", ["evaluate", "load", "split", "network"])
def test_a_block_that_fails_is_told_and_the_others_are_stored(part, store, monkeypatch):
    failing(monkeypatch, part)
    told = Told()
    trials = [*short(seeds=2), *plan(["ex01.linear@script"], seeds=1, changes={"epochs": "1"})]
    done = runner.run(trials, store, watch=told)
    assert [(r.trial.experiment.id, r.stored is None) for r in done.results] == [("ex05.map", True)] * 2 + [
        ("ex01.linear", False)
    ]
    ((ids, reason, log),) = told.failures
    assert ids == [trial.id for trial in trials[:2]]
    assert reason == "ValueError: no [red]such[/] thing"
    assert "Traceback" in log.read_text()
    assert [trial.experiment for trial in store.trials()] == ["ex01.linear"]


@pytest.mark.parametrize("part", ["block", "progress", "stored", "failed"])
def test_a_watch_that_fails_stops_no_training(part, store, monkeypatch):
    class Broken(Told):
        """One that fails once, and would be told no more."""

    def fail(self, *_):
        setattr(Broken, part, pytest.fail)
        raise UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range(128)")

    setattr(Broken, part, fail)
    trials = short(seeds=1)
    if part == "failed":
        failing(monkeypatch, "evaluate")
        trials = [*short(seeds=1), *plan(["ex01.linear@script"], seeds=1, changes={"epochs": "1"})]
    done = runner.run(trials, store, watch=Broken())
    assert isinstance(done.untold, UnicodeEncodeError)
    assert [trial.id for trial in store.trials()] == [trials[-1].id]
    assert (store.root / "errors").exists() == (part == "failed")


def test_a_failure_in_the_code_of_a_work_is_told_with_file_and_line(store, monkeypatch):
    toy = registry.find(TOY)
    line = toy.experiments["toy.line"]
    (trial,) = runner.plan(toy, ["toy.line@code"], seeds=1)
    monkeypatch.setitem(vars(line), "load", lambda raw, s: line.evaluate(None, None, s))
    told = Told()
    (result,) = runner.run([trial], store, watch=told).results
    ((_, reason, _),) = told.failures
    assert result.reason == reason
    assert re.fullmatch(rf"{re.escape(str(TOY))}/\w+\.py:\d+: \w+Error: .+", reason)


@pytest.mark.parametrize(("metric", "hint"), [("MeanSquaredEror", "; perhaps MeanSquaredError"), ("Xyz", "$")])
def test_a_metric_that_keras_does_not_have_is_told(store, monkeypatch, metric, hint):
    trials = short(seeds=1)
    monkeypatch.setitem(vars(MAP), "metrics", (metric,))
    with pytest.raises(InputError, match=rf"ex05\.map: there is no keras\.metrics\.{metric}{hint}"):
        runner.run(trials, store)


def test_an_evaluation_that_measures_nothing_names_what_it_gave(store, monkeypatch):
    monkeypatch.setitem(vars(MAP), "evaluate", lambda predict, split, s: predict(split.x_test))
    told = Told()
    runner.run(short(seeds=1), store, watch=told)
    ((_, reason, _),) = told.failures
    assert reason == "TypeError: evaluate of ex05.map: expected an Evaluation, received ndarray"


def test_a_failure_is_an_error_in_python_and_is_taken_up_when_mended(store, monkeypatch):
    failing(monkeypatch, "evaluate")
    with pytest.raises(
        RunFailed, match=r"could not be run: ex05\.map@script-s0-\w+; ValueError: no .+ thing; the details are in"
    ) as caught:
        reensayo.run("ex05.map@script", seeds=1, changes={"epochs": 2}, store=store.root)
    assert caught.value.exit_code == 1
    assert len(store.blocks()) == 1
    monkeypatch.undo()
    assert reensayo.run("ex05.map@script", seeds=1, changes={"epochs": 2}, store=store.root).history["loss"].shape == (
        1,
        2,
    )
    assert store.blocks() == []


def test_the_command_line_says_what_failed_and_ends_with_1(command, store, monkeypatch):
    failing(monkeypatch, "evaluate")
    words = ["run", "ex05@script", "--seeds", "1", "--set", "epochs=1", "--store", store.root]
    code, out, err = command(*words, "--json")
    assert code == 1
    (trial,) = json.loads(out)["trials"]
    assert (trial["status"], trial["new"], trial["directory"], trial["wall_s"]) == ("failed", False, None, None)
    assert (trial["final"], trial["best"], trial["measures"]) == ({}, {}, {})
    assert "failed: ValueError: no [red]such[/] thing (" in " ".join(err.split())
    code, out, err = command(*words)
    assert code == 1
    assert "could not be run: 1 trial." in out
    assert (store.root / "errors" / f"{trial['id']}.txt").exists()


def test_divergence_is_a_result(store):
    found = reensayo.run(
        "ex05.map@script", seeds=2, changes={"epochs": 30, "learning_rate": 99.0, "optimizer": "SGD"}, store=store.root
    )
    for trial in found.trials:
        assert trial.status == "diverged"
        curve = trial.history["loss"]
        assert len(curve) == trial.diverged < 30
        assert np.isfinite(curve[:-1]).all()
        assert not np.isfinite([trial.history["loss"][-1], trial.history["val_loss"][-1]]).all()
        assert trial.measures.keys() == {"parameters", "multiply_adds", "seconds_per_epoch"}


def test_one_that_diverges_leaves_the_others_alone(store, tmp_path, monkeypatch):
    draw = MAP.split

    def poisoned(loaded, s, rng):
        split = draw(loaded, s, rng)
        if split.x_train[0] in unlucky:
            return replace(split, y_train=np.where(np.arange(len(split.y_train)) == 7, np.nan, split.y_train))
        return split

    s = MAP.recipe("script").settings
    unlucky = {draw(None, s, randomness.generator(1, "data")).x_train[0]}
    alone = runner.run(short(seeds=3), Store(tmp_path / "alone"))
    monkeypatch.setitem(vars(MAP), "split", poisoned)
    together = runner.run(short(seeds=3), store)
    assert [r.stored.status for r in together.results] == ["finished", "diverged", "finished"]
    assert together.results[1].stored.diverged == 1
    for seed in (0, 2):
        ours, theirs = (run.results[seed].stored.history for run in (together, alone))
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


# ---------------------------------------------------------------- data


def test_damaged_data_is_found_before_anything_trains(store, tmp_path, monkeypatch):
    no_training(monkeypatch)
    (tmp_path / "boston").mkdir()
    content = (ROOT / "data" / "boston" / datasets.BOSTON.bundled[0]).read_bytes()
    (tmp_path / "boston" / datasets.BOSTON.bundled[0]).write_bytes(content[:-10])
    (tmp_path / "SHA256SUMS").write_bytes((ROOT / "data" / "SHA256SUMS").read_bytes())
    with pytest.raises(DamagedData, match="boston"):
        runner.run(plan(["ex05", "ex01"]), store, tmp_path)
    assert store.trials() == []


def test_absent_data_is_found_before_anything_trains(store, command, tmp_path, monkeypatch):
    def offline(dataset):
        raise MissingData(Text(es=f"no hay {dataset.name}", en=f"no {dataset.name}"))

    no_training(monkeypatch)
    monkeypatch.setattr(places_module, "checkout", lambda: None)
    monkeypatch.setattr(places_module, "cache", lambda: tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("REENSAYO_DATA", raising=False)
    monkeypatch.setattr(loading, "download", offline)
    with pytest.raises(MissingData, match="no boston"):
        runner.run(plan(["ex05", "ex01"]), store)
    assert command("run", "ex01", "--store", store.root, "--lang", "es") == (3, "", "reensayo: no hay boston\n")


def test_stored_trials_need_no_data(store, monkeypatch):
    trials = plan(["ex01.linear@script"], seeds=1, changes={"epochs": "1"})
    runner.run(trials, store)
    monkeypatch.setattr(datasets, "load", lambda *_: pytest.fail("no data should be read"))
    assert not runner.run(trials, store).results[0].new


# ---------------------------------------------------------------- the store and the pace


@pytest.mark.parametrize("raw", ["0", "-1", "soon", "nan", ""])
def test_a_wrong_pace_of_checkpoints_is_refused_before_anything_trains(raw, store, command, monkeypatch):
    no_training(monkeypatch)
    monkeypatch.setenv("REENSAYO_CHECKPOINT_S", raw)
    code, out, err = command("run", "ex05@script", "--store", store.root)
    assert (code, out) == (2, "")
    assert err == f"reensayo: REENSAYO_CHECKPOINT_S expects seconds, above 0; received {raw!r}\n"


def test_a_store_that_cannot_be_written_is_refused_before_anything_trains(command, tmp_path, monkeypatch):
    no_training(monkeypatch)
    (tmp_path / "file").write_text("")
    code, out, err = command("run", "ex05@script", "--store", tmp_path / "file" / "runs")
    assert (code, out) == (2, "")
    assert "cannot write to" in err
    assert "--store" in err


# ---------------------------------------------------------------- interruption

SOUND = partial(plan, ["ex05.map@sound"], changes={"epochs": "40"})


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("uninterrupted"))
    runner.run(SOUND(seeds=3), store)
    return store


@pytest.mark.parametrize("calls", [1, 3, 4])
def test_an_interrupted_run_goes_on_with_the_same_bits(calls, store, uninterrupted):
    told = Told(stop_after=calls)
    with pytest.raises(KeyboardInterrupt):
        runner.run(SOUND(seeds=3), store, watch=told, stop=told.stop)
    assert told.calls == calls
    (block,) = store.blocks()
    checkpoint = read_checkpoint(block)
    assert store.trials() == []
    assert (checkpoint.epoch, checkpoint.step) > (0, 0)

    told = Told()
    done = runner.run(SOUND(seeds=3), store, watch=told)
    assert told.blocks == [([0, 1, 2], checkpoint.epoch)]
    assert [(r.new, r.resumed_epoch) for r in done.results] == [(True, checkpoint.epoch)] * 3
    assert store.blocks() == []
    same_results(store, uninterrupted)


def test_a_block_goes_on_at_its_full_width_though_fewer_seeds_are_asked_for(store, uninterrupted):
    told = Told(stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        runner.run(SOUND(seeds=3), store, watch=told, stop=told.stop)
    done = runner.run(SOUND(seeds=1), store)
    assert [result.trial.seed for result in done.results] == [0]
    assert [trial.seed for trial in store.trials()] == [0, 1, 2]
    same_results(store, uninterrupted)


def test_a_block_goes_on_before_a_new_one_begins(store):
    told = Told(stop_after=1)
    with pytest.raises(KeyboardInterrupt):
        runner.run(short(seeds=1), store, watch=told, stop=told.stop)
    told = Told()
    runner.run(short(seeds=3), store, watch=told)
    assert [seeds for seeds, _ in told.blocks] == [[0], [1, 2]]
    assert [trial.seed for trial in store.trials()] == [0, 1, 2]


def test_nothing_new_begins_after_a_stop(store):
    told = Told()
    told.stop.set()
    with pytest.raises(KeyboardInterrupt):
        runner.run(short(seeds=1), store, watch=told, stop=told.stop)
    assert (told.blocks, store.trials()) == ([], [])


@pytest.mark.parametrize(
    "other",
    [
        lambda c: replace(c, state=[np.zeros((*leaf.shape, 2), leaf.dtype) for leaf in c.state]),
        lambda c: replace(c, history=c.history[..., :-1]),
    ],
    ids=["arrays", "columns"],
)
def test_a_block_whose_checkpoint_holds_other_arrays_begins_anew(other, store, uninterrupted):
    told = Told(stop_after=3)
    with pytest.raises(KeyboardInterrupt):
        runner.run(SOUND(seeds=3), store, watch=told, stop=told.stop)
    (block,) = store.blocks()
    store.save_checkpoint(block, other(read_checkpoint(block)))
    done = runner.run(SOUND(seeds=3), store)
    assert [result.resumed_epoch for result in done.results] == [None] * 3
    same_results(store, uninterrupted)


def test_a_damaged_checkpoint_is_named(store):
    told = Told(stop_after=1)
    with pytest.raises(KeyboardInterrupt):
        runner.run(short(seeds=1), store, watch=told, stop=told.stop)
    (block,) = store.blocks()
    path = block.directory / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"checkpoint\.npz is damaged"):
        runner.run(short(seeds=1), store)


def test_what_one_recipe_alone_cannot_do_is_said_when_the_others_are_stored(store):
    refused = plan(["ex06.raw@script"], seeds=1, changes={"batch_size": "2", "epochs": "1"})
    trials = [*refused, *plan(["ex05.map@sound"], seeds=1, changes={"epochs": "1"})]
    with pytest.raises(InputError, match="the folds train on"):
        runner.run(trials, store)
    assert [trial.experiment for trial in store.trials()] == ["ex05.map"]


# ---------------------------------------------------------------- SIGKILL

LONG = ["run", "ex05.map@sound", "--seeds", "2", "--set", "epochs=4000", "--json", "--store"]
PROGRAM = """
import sys
from reensayo.cli import main

for store in sys.argv[1:]:
    sys.argv = ["reensayo", *{words}, store]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""


def program(*stores):
    """The long run in a fresh Python, in one store after the other."""
    return [sys.executable, "-c", PROGRAM.format(words=LONG), *map(str, stores)]


def environment(**more):
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]), **more}


def wait_for(condition, process):
    while not condition():
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.005)


def test_a_killed_run_ends_with_the_bits_of_one_that_was_not(store, tmp_path):
    runner.run(short(seeds=1), store)
    before = files(store)
    with subprocess.Popen(
        program(store.root),
        env=environment(REENSAYO_CHECKPOINT_S="0.05"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: list(store.root.glob("blocks/*/checkpoint.npz")), process)
        process.send_signal(signal.SIGKILL)
    (block,) = store.blocks()
    epoch = read_checkpoint(block).epoch
    assert files(store) == before

    whole = Store(tmp_path / "whole")  # of a run that nobody interrupts
    done = subprocess.run(
        program(store.root, whole.root), env=environment(), capture_output=True, text=True, check=True
    )
    first, second = done.stdout.split("\n}\n")[:2]
    resumed = json.loads(first + "}")["trials"]
    assert [trial["resumed_epoch"] for trial in resumed] == [epoch] * 2
    assert [trial["resumed_epoch"] for trial in json.loads(second + "}")["trials"]] == [None] * 2
    assert before.items() <= files(store).items()
    ours = Store(tmp_path / "ours")
    (ours.root / "trials").mkdir(parents=True)
    for trial in resumed:
        Path(trial["directory"]).rename(ours.root / "trials" / trial["id"])
    same_results(ours, whole)


def test_ctrl_c_saves_and_ends_with_130(store):
    with subprocess.Popen(
        program(store.root),
        env=environment(REENSAYO_CHECKPOINT_S="0.05"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: list(store.root.glob("blocks/*/checkpoint.npz")), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "reensayo: interrupted: " in err
    assert re.search("interrupted; .* is saved after .*: the same command goes on from here\n$", err)
    assert "Traceback" not in err
    assert len(store.blocks()) == 1
    assert store.trials() == []
