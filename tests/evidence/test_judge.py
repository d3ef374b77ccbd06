"""From stored trials to headlines: their rows and columns, what is worst and best, and what is withheld."""

import json
import math
import re
import shutil
from dataclasses import replace
from functools import partial
from string import Formatter
from types import SimpleNamespace

import pytest

from reensayo.evidence import explain, judge, stats
from reensayo.evidence.basis import Basis
from reensayo.evidence.findings import is_exact, is_timed
from reensayo.selection import check_seeds, select
from reensayo.spec import Answer, Metric, Quick, Reading, experiments_of
from reensayo.text import Text, number
from small_work import WORK, conv, dense, with_another

TOP1 = "val_categorical_accuracy"
MSE = "val_mean_squared_error"
LEARNED, GUESSED = {"test_mean_squared_error": 0.001}, {"test_mean_squared_error": 0.12}


def why(row, original=WORK):
    return explain.why(original, row)


def caveats(row):
    return [caveat.en for caveat in explain.caveats(row)]


def rows_of(headlines):
    return [row for headline in headlines for row in headline.rows]


def top1(*last, epochs=3):
    return [{TOP1: [*[0.5] * (epochs - 1), value]} for value in last]


@pytest.fixture
def put(put):
    return partial(put, original=WORK)


@pytest.fixture
def rows(store):
    """The rows of a claim under a recipe, in a reading."""

    def find(claim, recipe="script", reading="", original=WORK):
        (headline,) = [each for each in judge.verdicts(original, store.trials()) if each.claim.id == claim]
        judged_as = headline.columns[recipe].same_as or recipe
        return [row for row in headline.rows if (row.recipe, row.reading.name) == (judged_as, reading)]

    return find


@pytest.fixture
def row(rows):
    """The only one."""

    def find(*wanted):
        (only,) = rows(*wanted)
        return only

    return find


# ---------------------------------------------------------------- rows


def test_a_row_has_its_numbers_and_what_they_rest_on(put, row):
    trials = put("one.dense@script", history=top1(0.899, 0.9, 0.901))
    found = row("1a")
    assert (found.verdict, found.n, found.evidence, found.provisional) == ("reproduced", 3, "own", True)
    assert found.estimate == pytest.approx(0.9)
    assert (found.interval.kind, found.published, found.figure_value) == ("prediction", 0.9, pytest.approx(0.3242))
    assert (found.figure_agrees, found.against_figure.direction) == (False, "higher")
    assert found.trials == tuple(trial.id for trial in trials)
    assert repr(found) == f"<Row 1a script: reproduced, estimate={number(found.estimate).en}, n=3, evidence=own>"


def test_the_number_is_that_of_the_last_epoch(put, row):
    put("one.dense@script", history=[{TOP1: [0.9, 0.5]}, {TOP1: [0.9, 0.51]}])
    assert row("1a").estimate == pytest.approx(0.505)


def test_a_pair_rests_on_both_trials(put, row):
    put("one.conv@script", history=top1(0.92, 0.93, 0.94, 0.95))
    put("one.dense@script", history=top1(0.9, 0.901), first_seed=2)
    found = row("1c")
    assert (found.n, found.estimate) == (2, pytest.approx(0.945 - 0.9005))
    assert [int(re.search("-s(.)-", trial)[1]) for trial in found.trials] == [2, 2, 3, 3]


def test_arms_without_a_common_seed_are_not_judged(put, row):
    put("one.conv@script", history=top1(0.92, 0.93))
    put("one.dense@script", history=top1(0.9, 0.9), first_seed=2)
    assert (row("1c").verdict, row("1c").n) == ("inconclusive", 0)


def test_an_arm_of_diverged_runs_is_not_one_that_was_never_measured(put, row):
    put("one.conv@script", history=top1(0.93, 0.93, 0.93), diverged=(0, 1, 2))
    put("one.dense@script", history=top1(0.9, 0.9, 0.9))
    assert row("1c").verdict == "not reproduced"


# ---------------------------------------------------------------- headlines


def headline(store, claim, original=WORK):
    (found,) = [each for each in judge.verdicts(original, store.trials()) if each.claim.id == claim]
    return found


def with_roles(*roles):
    """The work, its claim of two readings understood in another way."""
    one, two = WORK.exercises
    first, *others = two.claims
    readings = tuple(replace(reading, role=role) for reading, role in zip(first.readings, roles, strict=True))
    return replace(WORK, exercises=(one, replace(two, claims=(replace(first, test=readings), *others))))


@pytest.mark.parametrize(
    ("roles", "reading", "verdict"),
    [
        (("part", "part"), "the map is learned", "not reproduced"),
        (("alternative", "alternative"), "as said", "reproduced"),
        (("part", "beyond"), "as said", "reproduced"),
        (("beyond", "part"), "the map is learned", "not reproduced"),
        (("part", "alternative"), "the map is learned", "not reproduced"),
        (("beyond", "beyond"), "the map is learned", "not reproduced"),
    ],
)
def test_a_column_is_the_worst_part_the_best_alternative_being_one(roles, reading, verdict, put, store):
    put("two.map@script", measures=[GUESSED] * 15, history=[{MSE: [0.2, 0.13, 0.126]}] * 15)
    column = headline(store, "2a", with_roles(*roles)).columns["script"]
    assert (column.row.reading.name, column.row.verdict) == (reading, verdict)


def test_what_is_withheld_hides_that_the_other_alternative_is_refuted():
    def deciding(*verdicts):
        reading = Reading(WORK.exercises[0].claims[0].readings[0].test, role="alternative")
        rows = [
            judge.Row(verdict, claim=None, exercise=None, recipe="text", reading=reading, basis=Basis("own"))
            for verdict in verdicts
        ]
        return judge._deciding(rows).verdict

    assert deciding("withheld", "not reproduced") == deciding("not reproduced", "withheld") == "withheld"
    assert deciding("withheld", "reproduced") == "reproduced"


def test_recipes_that_mean_the_same_trainings_are_judged_once(put, store):
    put("two.map@script", measures=[LEARNED] * 3, history=[{MSE: [0.2, 0.1]}] * 3)
    put("two.map@text", measures=[LEARNED] * 2, history=[{MSE: [0.2, 0.1]}] * 2, first_seed=3)
    found = headline(store, "2a")
    assert [(name, column.same_as) for name, column in found.columns.items()] == [("text", None), ("script", "text")]
    assert {row.recipe for row in found.rows} == {"text"}
    assert (found.columns["script"].row, found.rows[0].n, found.rows[0].provisional) == (
        found.columns["text"].row,
        5,
        False,
    )
    assert [column.same_as for column in headline(store, "1a").columns.values()] == [None, None]


def test_a_reading_may_mean_something_under_one_recipe_only(put, store):
    one, two = WORK.exercises
    claim = one.claims[0]
    (reading,) = claim.readings
    other = replace(reading, name="other", recipes=("script",))
    work = replace(WORK, exercises=(replace(one, claims=(replace(claim, test=(reading, other)), *one.claims[1:])), two))
    rows = headline(store, "1a", work).rows
    assert [(row.recipe, row.reading.name) for row in rows] == [("text", ""), ("script", ""), ("script", "other")]


@pytest.mark.parametrize(
    ("published", "tolerance", "agrees"), [(0.3242, 0.0, "agrees"), (0.33, 0.005, "disagrees"), (0.33, 0.006, "agrees")]
)
def test_the_figure_says_what_the_sentence_says_or_not_and_needs_no_trial(published, tolerance, agrees, store):
    one, two = WORK.exercises
    claim = one.claims[0]
    test = replace(claim.test[0].test, published=published, tolerance=tolerance)
    work = replace(WORK, exercises=(replace(one, claims=(replace(claim, test=test), *one.claims[1:])), two))
    assert headline(store, "1a", work).own_figure == agrees
    assert headline(store, "1b", work).own_figure == "none"


def sound_of(store, metric, condition, minus=None, trials=()):
    one, two = WORK.exercises
    answer = Answer(condition, metric, Text("qué", "what"), minus)
    work = replace(WORK, exercises=(replace(one, claims=(replace(one.claims[0], sound=answer), *one.claims[1:])), two))
    return headline(store, "1a", work).sound


def test_the_sound_answer_is_a_number_with_its_interval(put, store):
    last = Metric(TOP1, "last")
    assert sound_of(store, last, conv.under("sound")) is None
    put("one.conv@sound", history=top1(0.97, 0.98, 0.99))
    found = sound_of(store, last, conv.under("sound"))
    assert (found.value, found.n, found.basis.evidence) == (pytest.approx(0.98), 3, "own")
    assert found.interval == stats.mean_interval([0.97, 0.98, 0.99], (0.0, 1.0))
    put("one.dense@script", history=top1(0.9, 0.9, 0.9))
    found = sound_of(store, last, conv.under("sound"), dense.under("script"))
    assert (found.value, found.interval.kind) == (pytest.approx(0.08), "difference")
    found = sound_of(store, lambda trial: trial.history[TOP1][-1] > 0.975, conv.under("sound"))
    assert (found.value, found.interval) == (pytest.approx(2 / 3), stats.wilson(2, 3))


def test_a_sound_run_that_came_to_no_end_is_in_no_mean_but_in_every_share(put, store):
    put("one.conv@sound", history=top1(0.97, 0.99, 0.98), diverged=[1])
    assert sound_of(store, Metric(TOP1, "last"), conv.under("sound")).value == pytest.approx(0.975)
    found = sound_of(store, lambda trial: trial.history[TOP1][-1] > 0.975, conv.under("sound"))
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)


# ---------------------------------------------------------------- counts and times


def test_counts_need_no_trial_where_the_networks_are_written_down(monkeypatch, row, put):
    assert row("1d").evidence == "none"
    put("one.dense@script", measures=[{"parameters": 79_510}])
    put("one.conv@script", measures=[{"parameters": 94_650}], reduced=True)
    assert row("1d").evidence == "none"  # else as trials of one kind have them
    counted = {dense: 79_510.0, conv: 94_650.0}
    monkeypatch.setattr(judge.outline, "counts", lambda original, e, recipe: {"parameters": counted.get(e, 1.0)})
    assert (row("1d").verdict, row("1d").evidence, row("1d").n) == ("reproduced", "count", 2)
    assert row("1d").counts == (79_510, 94_650)


def test_seconds_are_those_that_were_taken_in_turn(monkeypatch, row, put):
    put("one.dense@script", measures=[{"seconds_per_epoch": 1.0}] * 5)
    put("one.conv@script", measures=[{"seconds_per_epoch": 5.0}] * 5)
    assert (row("1e").verdict, row("1e").evidence) == ("inconclusive", "none")
    timing = SimpleNamespace(seconds_per_epoch=((1.0, 5.0), (1.1, 5.0), (1.2, 5.0)))
    monkeypatch.setattr(judge, "times", lambda original: {("one.dense", "one.conv", "script"): timing})
    assert (row("1e").verdict, row("1e").direction, row("1e").evidence, row("1e").n) == (
        *("not reproduced", "lower", "shipped"),
        3,
    )


# ---------------------------------------------------------------- diverged trials


def test_diverged_trials_are_no_part_of_a_mean(put, row):
    put("one.dense@script", history=top1(0.899, math.nan, 0.901, 0.9), diverged=[1])
    found = row("1a")
    assert (found.n, found.estimate) == (3, pytest.approx(0.9))
    assert not any("-s1-" in trial for trial in found.trials)


def test_all_diverged_is_a_result(put, row):
    put("one.dense@script", history=top1(math.nan, math.nan, math.nan), diverged=[0, 1, 2])
    found = row("1a")
    assert (found.verdict, found.n, found.estimate, found.evidence) == ("not reproduced", 0, None, "own")


def test_one_run_that_diverged_decides_nothing(put, row):
    put("one.dense@script", history=top1(math.nan), diverged=[0])
    found = row("1a")
    assert (found.verdict, found.n, found.evidence) == ("inconclusive", 0, "own")


def test_a_diverged_trial_takes_its_pair_along(put, row):
    put("one.conv@script", history=top1(0.92, 0.921, 0.922), diverged=[0])
    put("one.dense@script", history=top1(0.9, 0.901, 0.902))
    assert row("1c").n == 2


def test_a_diverged_run_counts_against_what_should_happen(put, row):
    put("two.map@script", measures=[LEARNED, {}, LEARNED], history=[{MSE: [0.2, 0.1]}] * 3, diverged=[1])
    found = row("2a", "script", "the map is learned")
    assert (found.n, found.estimate) == (3, pytest.approx(2 / 3))


def test_a_trial_that_did_not_measure_what_should_happen_says_nothing_of_it(put, row):
    put("two.map@script", measures=[LEARNED, {}], history=[{MSE: [0.2, 0.1]}] * 2, bare=True)
    found = row("2a", "script", "the map is learned")
    assert (found.n, found.estimate) == (1, 1.0)


def test_diverged_runs_that_no_mean_speaks_of_are_a_caveat(put, row):
    put("one.dense@script", history=top1(0.9, 0.901, 0.902), diverged=[1])
    assert caveats(row("1a")) == ["1 of 3 seeds of one.dense diverged, left out of the mean"]


# ---------------------------------------------------------------- kinds of evidence


@pytest.mark.parametrize("values", [(0.93, 0.9301, 0.9299), (0.5, 0.5001, 0.4999)])
def test_reduced_trials_are_at_most_inconclusive(values, put, row):
    put("one.conv@script", history=top1(*values), reduced=True)
    found = row("1b")
    assert (found.verdict, found.evidence, found.n) == ("inconclusive", "reduced", 3)
    assert found.estimate == pytest.approx(sum(values) / 3)
    assert why(found).en.endswith("At full length: reensayo run one.conv@script")


def test_a_figure_is_not_held_against_reduced_trials(put, store):
    work = with_another(replace(dense, quick=Quick(seeds=3, changes={"epochs": 1})))
    put("one.dense@script", history=top1(0.9, 0.9, 0.9), reduced=True, original=work)
    _, row = headline(store, "1a", work).rows
    assert (row.evidence, row.figure_agrees, row.against_figure) == ("reduced", False, None)


def test_recipes_are_never_mixed(put, row):
    put("one.dense@text", history=top1(0.9, 0.9001))
    assert (row("1a", "text").n, row("1a", "script").n) == (2, 0)


def test_changed_recipes_serve_no_verdict(put, row):
    put("one.dense@script", history=top1(0.9, 0.9001), changes={"epochs": 3})
    assert row("1a").evidence == "none"


def test_trials_of_an_earlier_version_count_no_more(put, row, monkeypatch):
    monkeypatch.setattr("reensayo.spec.trial.RESULTS_VERSION", 0)
    put("one.dense@script", history=top1(0.5, 0.5))
    assert row("1a").n == 2
    monkeypatch.undo()
    assert row("1a").evidence == "none"
    put("one.dense@script", history=top1(0.9))
    assert (row("1a").n, row("1a").estimate) == (1, 0.9)


def test_trials_of_a_recipe_that_was_declared_otherwise_count_no_more(put, rows):
    put("one.dense@script", history=top1(0.9, 0.9))
    script = dense.recipe("script")
    other = replace(script, sourced={**script.sourced, "epochs": script.sourced["batch_size"]})
    changed = with_another(replace(dense, recipes=(dense.recipe("text"), other)))
    assert rows("1a", "script", original=changed)[0].evidence == "none"


def test_what_no_recipe_tries_is_not_testable(rows):
    original = with_another(replace(dense, recipes=(dense.recipe("script"),)))
    (found,) = rows("1a", "text", original=original)
    assert (found.verdict, found.evidence) == ("not testable", "none")
    assert why(found, original).en == "one.dense has no recipe text."
    assert rows("1c", "text", original=original)[0].verdict == "not testable"
    assert rows("1a", "script", original=original)[0].verdict == "inconclusive"


def test_a_command_that_is_advised_names_the_work(rows):
    original = replace(WORK, option="small")
    for found in rows("1a", "script", original=original):
        assert why(found, original).en.endswith("Run: reensayo --original small run one.dense@script")


# ---------------------------------------------------------------- every row


def every_state(put):
    put(
        "one.dense@script",
        measures=[{"parameters": 79_510, "seconds_per_epoch": 1.0}] * 3,
        history=top1(0.9, 0.91, 0.92),
    )
    put(
        "one.conv@script",
        measures=[{"parameters": 94_650, "seconds_per_epoch": 5.0}] * 3,
        history=top1(0.9, 0.9, 0.93),
    )
    put("one.conv@text", measures=[{"parameters": 94_650, "seconds_per_epoch": 5.0}], history=top1(0.9), reduced=True)
    put("two.map@script", measures=[GUESSED] * 4, history=[{MSE: [0.2, 0.126]}] * 4)


def test_there_is_a_headline_for_every_claim_whatever_is_stored(put, store):
    empty = judge.verdicts(WORK, store.trials())
    every_state(put)
    full = judge.verdicts(WORK, store.trials())
    claims = [claim.id for exercise in WORK.exercises for claim in exercise.claims]
    assert [each.claim.id for each in full] == [each.claim.id for each in empty] == claims
    assert repr(full[0]) == "<Headline 1a: its own figure disagrees, text: inconclusive, script: consistent>"


def test_every_reason_is_whole_in_both_languages_and_every_command_in_it_works(put, store):
    every_state(put)
    commands = 0
    for found in rows_of(judge.verdicts(WORK, store.trials())):
        assert why(found).es != why(found).en
        for words in (why(found).es, why(found).en):
            assert not [name for _, name, _, _ in Formatter().parse(words) if name is not None]
        for ids, _, seeds in re.findall(r"reensayo run ([^-\n]*?)( --seeds (\d+))?\.?$", why(found).en):
            assert select(WORK, ids.split())
            assert not seeds or check_seeds(int(seeds))
            commands += 1
    assert commands > 10


def test_a_row_fits_into_json(put, store):
    every_state(put)
    for found in rows_of(judge.verdicts(WORK, store.trials())):
        json.dumps([found.verdict, found.evidence, found.n, found.trials, found.published, found.figure_value])


# ---------------------------------------------------------------- caveats


def names(row):
    return [caveat.split(" differs too")[0] for caveat in caveats(row)]


def test_what_else_differs_between_the_arms_is_a_caveat(row):
    assert names(row("1c", "script")) == ["dropout", "batch_size"]
    assert names(row("1c", "text")) == ["dropout", "learning_rate", "batch_size"]
    (_, second) = explain.caveats(row("1c", "script"))
    assert second.en == "batch_size differs too: 64 in one.conv, 128 in one.dense"
    assert second.es == "también difiere batch_size: 64 en one.conv, 128 en one.dense"


def test_what_is_counted_or_timed_has_none_and_neither_has_what_a_comparison_is_about(row):
    assert caveats(row("1d", "script")) == caveats(row("1e", "script")) == []
    for recipe in ("text", "script"):
        assert "loss" not in names(row("1g", recipe))
        assert "learning_rate" in names(row("1g", recipe))


def test_what_reducing_made_of_two_arms_is_one(put, row):
    put("two.wide@script", history=top1(0.9, 0.9), reduced=True)
    put("two.narrow@script", history=top1(0.8, 0.8), reduced=True)
    assert {"epochs", "examples"} <= set(names(row("2d")))


# ---------------------------------------------------------------- what cannot be read


def judged_without(store):
    unreadable = []
    return rows_of(judge.verdicts(WORK, store.trials(unreadable), unreadable))


def test_what_would_rest_on_an_unreadable_trial_is_withheld_and_the_rest_is_shown(put, store):
    trials = put("one.dense@script", history=top1(*[0.9] * 4))
    put("one.dense@text", history=top1(*[0.9] * 4))
    whole = judged_without(store)
    (trials[1].directory / "history.csv").write_text("")
    found = judged_without(store)
    for before, now in zip(whole, found, strict=True):
        test = now.reading.test
        concerned = now.recipe == "script" and dense in experiments_of(test) and not (is_exact(test) or is_timed(test))
        assert (now.verdict == "withheld") == concerned
        if concerned:
            assert (now.estimate, now.interval, now.n, now.evidence, now.trials) == (None, None, 0, "none", ())
            assert why(now).en.startswith(f"Cannot be judged: {trials[1].directory / 'history.csv'} is damaged")
            assert why(now).es.startswith("No se puede juzgar: ")
        else:
            assert now == before


def test_a_copy_takes_nothing_away_but_a_renamed_trial_does(put, store):
    trials = put("one.dense@script", history=top1(*[0.9] * 4))
    folder = trials[0].directory
    shutil.copytree(folder, folder.with_name(f"{folder.name}.bak"))
    assert not [row for row in judged_without(store) if row.verdict == "withheld"]
    folder.rename(folder.with_name("renamed"))
    shutil.rmtree(folder.with_name(f"{folder.name}.bak"))
    assert [row for row in judged_without(store) if row.verdict == "withheld"]


def test_an_unreadable_reduced_trial_withholds_only_what_rests_on_reduced_ones(put, store):
    (reduced,) = put("one.conv@script", measures=[{}], reduced=True)
    (reduced.directory / "trial.json").write_text("")
    withheld = [row.claim.id for row in judged_without(store) if row.verdict == "withheld"]
    assert withheld == ["1b", "1c", "1f"]
    for name in ("conv", "dense", "plain"):
        put(f"one.{name}@script", measures=[{}] * 4)
    assert not [row for row in judged_without(store) if row.verdict == "withheld"]


def test_an_unreadable_trial_of_an_earlier_version_takes_nothing_away(put, store, monkeypatch):
    monkeypatch.setattr("reensayo.spec.trial.RESULTS_VERSION", 0)
    (trial,) = put("one.dense@script", history=top1(0.9))
    monkeypatch.undo()
    (trial.directory / "trial.json").write_text("")
    assert not [row for row in judged_without(store) if row.verdict == "withheld"]
