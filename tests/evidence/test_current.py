"""Which stored trials count: those of today's recipes; and what comes with a work, in packs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial

import pytest

from reensayo.api import Results
from reensayo.evidence.current import lost, perturbed, shipped, standing, unreadable_packs
from reensayo.store import Pack, Store, write_pack
from small_work import TOP1, WORK, dense


def top1(*last):
    return [{TOP1.name: [0.5, value]} for value in last]


@pytest.fixture
def put(put):
    return partial(put, original=WORK)


def ids(trials):
    return [trial.id for trial in trials]


# ---------------------------------------------------------------- what stands


def test_a_trial_counts_whole_or_as_the_quick_profile_reduces_it(put, store):
    whole = put("one.conv@script", history=top1(0.9))
    reduced = put("one.conv@script", history=top1(0.8), reduced=True)
    assert sorted(ids(standing(WORK, store.trials()).counting)) == sorted(ids([*whole, *reduced]))


def test_what_a_user_changed_stands_apart_as_long_as_its_recipe_is_today_s(put, store):
    (changed,) = put("one.dense@script", history=top1(0.9), changes={"epochs": 3})
    found = standing(WORK, store.trials())
    assert (found.counting, ids(found.changed), found.outdated) == ([], [changed.id], [])


def test_trials_of_an_earlier_version_are_outdated(put, store, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr("reensayo.spec.trial.RESULTS_VERSION", 0)
        before = put("one.dense@script", history=top1(0.5))
        before += put("one.dense@script", history=top1(0.5), changes={"epochs": 3})
    (today,) = put("one.dense@script", history=top1(0.9))
    found = standing(WORK, store.trials())
    assert (ids(found.counting), found.changed) == ([today.id], [])
    assert sorted(ids(found.outdated)) == sorted(ids(before))


def test_an_experiment_that_is_no_more_is_left_out(put, store):
    (trial,) = put("one.dense@script", history=top1(0.9))
    _, two = WORK.exercises
    assert ids(standing(WORK, store.trials()).counting) == [trial.id]
    assert ids(standing(replace(WORK, exercises=(two,)), store.trials()).outdated) == [trial.id]


def test_trials_of_another_work_are_none_of_this(put, store):
    put("one.dense@script", history=top1(0.5, 0.5, 0.5), original=replace(WORK, name="other"))
    (mine,) = put("one.dense@script", history=top1(0.9))
    found = standing(WORK, store.trials())
    assert (found.counting, [trial.original for trial in found.others]) == ([mine], ["other"] * 3)
    for trial in found.others:
        (trial.directory / "history.csv").write_text("")
    unreadable = []
    trials = store.trials(unreadable)
    assert (len(unreadable), [*lost(WORK, unreadable, trials)]) == (3, [])


# ---------------------------------------------------------------- what comes with a work


def test_what_is_shipped_with_a_work_lies_in_its_folder_in_packs(put, tmp_path):
    assert shipped(WORK) == ()
    first, second = put("one.dense@script", history=top1(0.9, 0.8))
    write_pack(tmp_path / "shipped" / "one.dense@script.zip", Pack((first, second), (first,)), {})
    (tmp_path / "shipped" / "one.conv@script.zip").write_bytes(b"no pack")
    shutil.copy(WORK.folder / "curves.json", tmp_path)
    work = replace(WORK, folder=tmp_path)
    assert [(trial.original, trial.experiment, trial.history[TOP1.name][-1]) for trial in shipped(work)] == [
        ("small", "one.dense", 0.9),
        ("small", "one.dense", 0.8),
    ]
    assert ids(perturbed(work)) == [first.id]
    (error,) = unreadable_packs(work)
    assert "one.conv@script.zip is damaged" in str(error)
    results = Results(work, Store(tmp_path / "empty"))
    rows = [row for headline in results.verdicts() for row in headline.rows]
    assert "withheld" not in {row.verdict for row in rows}  # there are answers without it
    (of_pack,) = [row for row in rows if row.evidence == "shipped"]
    assert (of_pack.claim.id, of_pack.n, of_pack.provisional, results.unreadable) == ("1a", 2, True, [error])


def test_packed_trials_of_an_earlier_version_of_a_recipe_count_no_more(put, tmp_path):
    trials = put("one.dense@script", history=top1(0.9), changes={"epochs": 3})
    write_pack(tmp_path / "shipped" / "one.dense@script.zip", Pack(tuple(trials)), {})
    assert shipped(replace(WORK, folder=tmp_path)) == ()


# ---------------------------------------------------------------- what cannot be read


def test_what_is_damaged_is_lost_and_a_copy_of_what_is_whole_is_not(put, store):
    whole, damaged = put("one.dense@script", history=top1(0.9, 0.8))
    shutil.copytree(whole.directory, whole.directory.with_name("copy"))
    (damaged.directory / "history.csv").write_text("")
    unreadable = []
    trials = store.trials(unreadable)
    assert len(unreadable) == 2
    ((trial, error),) = lost(WORK, unreadable, trials)
    assert (trial.id, trial.experiment, error.directory) == (damaged.id, dense, damaged.directory)
