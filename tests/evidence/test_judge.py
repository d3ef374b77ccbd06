"""From stored trials to verdicts: every kind of test, every outcome, and what each rests on."""

import json
import math
import re
import shutil
from dataclasses import replace
from functools import partial
from string import Formatter

import pytest

from reensayo.evidence import judge
from reensayo.evidence.current import current, of_original, shipped
from reensayo.selection import check_seeds, select
from reensayo.spec import Claim, Differs, Metric, Reading, experiments_of
from reensayo.text import Text, number
from small_work import WORK, conv, dense, plain, with_another

ABOUT = Text("lo dicho", "what is said")
TOP1 = "val_categorical_accuracy"
MSE = "val_mean_squared_error"
LEARNED, GUESSED = {"test_mean_squared_error": 0.001}, {"test_mean_squared_error": 0.12}


def top1(*last, epochs=3):
    return [{TOP1: [*[0.5] * (epochs - 1), value]} for value in last]


@pytest.fixture
def put(put):
    return partial(put, original=WORK)


@pytest.fixture
def rows(store):
    """The rows of a claim under a recipe, in a reading."""

    def find(claim, recipe="script", reading="", original=WORK):
        found = judge.verdicts(original, store.trials())
        return [r for r in found if (r.claim.id, r.recipe, r.reading.name) == (claim, recipe, reading)]

    return find


@pytest.fixture
def row(rows):
    """The only one."""

    def find(*wanted):
        (only,) = rows(*wanted)
        return only

    return find


# ---------------------------------------------------------------- a published number


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.899, 0.9, 0.901, 0.9005, 0.8995), "reproduced"),
        ((0.893, 0.8935, 0.8925), "reproduced"),  # 90 % is 89.5 to 90.5 %, and the next run may well be
        ((0.88, 0.9, 0.92), "inconclusive"),
        ((0.80, 0.801, 0.799), "not reproduced"),
        ((0.95, 0.9501, 0.9502), "not reproduced"),
        ((0.95, 0.9501), "inconclusive"),  # two that happen to be alike decide nothing
        ((0.9, 0.9), "inconclusive"),
    ],
)
def test_a_published_number(values, verdict, put, row):
    trials = put("one.dense@script", history=top1(*values))
    found = row("1a")
    assert (found.verdict, found.n, found.evidence) == (verdict, len(values), "own")
    assert found.estimate == pytest.approx(sum(values) / len(values))
    assert found.interval.kind == "prediction"
    assert found.trials == tuple(trial.id for trial in trials)
    assert (found.published, found.caveats) == (0.9, ())
    assert found.figure_value == pytest.approx(0.3242)
    said = f"<Row 1a script: {verdict}, estimate={number(found.estimate).en}, n={len(values)}, evidence=own>"
    assert repr(found) == said


def test_the_number_is_that_of_the_last_epoch(put, row):
    put("one.dense@script", history=[{TOP1: [0.9, 0.5]}, {TOP1: [0.9, 0.51]}])
    assert row("1a").estimate == pytest.approx(0.505)


def test_one_seed_says_nothing_and_asks_for_more(put, row):
    put("one.dense@script", history=top1(0.9))
    found = row("1a")
    assert (found.verdict, found.n, found.interval.width) == ("inconclusive", 1, math.inf)
    assert "reensayo run one.dense@script --seeds 10" in found.why.en


def test_how_many_seeds_would_do(put, row):
    put("one.dense@script", history=top1(0.898, 0.9, 0.902))
    found = row("1a")
    assert found.verdict == "reproduced"
    put("one.conv@script", history=top1(0.927, 0.93, 0.933))
    found = row("1b")
    assert found.verdict == "inconclusive"
    seeds = int(re.search(r"--seeds (\d+)", found.why.en)[1])
    assert 3 < seeds < 30


def test_runs_that_differ_by_more_than_matters_are_not_helped_by_more_of_them(put, row):
    put("one.dense@script", history=top1(*[0.8, 1.0] * 5))
    found = row("1a")
    assert found.verdict == "inconclusive"
    assert "more seeds will not change that" in found.why.en
    assert "reensayo run" not in found.why.en


def test_an_interval_is_shown_within_what_the_quantity_can_be_and_judged_by_its_whole_width(put, row):
    put("one.dense@script", history=top1(0.87, 0.99, 0.97))
    found = row("1a")
    assert (found.interval.low, found.interval.high) == (pytest.approx(0.6239, abs=1e-4), 1.0)
    assert "the published 0.9 ± 0.005 lies within the 95 % prediction interval [0.6239, 1], but" in found.why.en
    assert found.interval.width == pytest.approx(2 * (found.estimate - found.interval.low))
    assert (
        f"its whole width, {found.interval.width:.4g}, is more than the smallest difference that matters (0.02)"
        in found.why.en
    )
    put("one.conv@script", history=top1(0.99, 0.1, 0.1))
    assert "95 % interval [-1, 0.8878], which contains zero: no significant difference." in row("1c").why.en


# ---------------------------------------------------------------- a comparison


@pytest.mark.parametrize(
    ("more", "less", "verdict", "told"),
    [
        ((0.921, 0.922, 0.92), (0.9, 0.901, 0.898), "reproduced", "all above zero"),
        ((0.9, 0.901, 0.898), (0.921, 0.922, 0.92), "not reproduced", "the opposite"),
        (
            (0.9, 0.91, 0.92),
            (0.9001, 0.9098, 0.9201),
            "not reproduced",
            "no difference that matters: the 90 % interval lies within ±0.005",
        ),
        ((0.9, 0.95, 0.85), (0.92, 0.9, 0.88), "inconclusive", "--seeds 10"),
        ((0.9,), (0.8,), "inconclusive", "--seeds 10"),
    ],
)
def test_one_arm_exceeds_another(more, less, verdict, told, put, row):
    put("one.conv@script", history=top1(*more))
    put("one.dense@script", history=top1(*less))
    found = row("1c")
    assert (found.verdict, found.n, found.evidence) == (verdict, len(more), "own")
    assert told in found.why.en
    assert found.estimate == pytest.approx(sum(more) / len(more) - sum(less) / len(less))
    assert (found.interval.kind, found.published) == ("difference", None)
    assert len(found.trials) == 2 * len(more)


def test_only_pairs_of_the_same_seed_are_compared(put, row):
    put("one.conv@script", history=top1(0.92, 0.93, 0.94, 0.95))
    put("one.dense@script", history=top1(0.9, 0.901), first_seed=2)
    found = row("1c")
    assert (found.n, found.estimate) == (2, pytest.approx(0.945 - 0.9005))
    assert [int(re.search("-s(.)-", trial)[1]) for trial in found.trials] == [2, 2, 3, 3]


def test_arms_without_a_common_seed_are_not_judged(put, row):
    put("one.conv@script", history=top1(0.92, 0.93))
    put("one.dense@script", history=top1(0.9, 0.9), first_seed=2)
    found = row("1c")
    assert (found.verdict, found.n) == ("inconclusive", 0)
    assert "no pairs" in found.why.en


def test_what_else_differs_between_the_arms_is_a_caveat(row):
    def names(claim, recipe):
        return [caveat.en.split(" differs too")[0] for caveat in row(claim, recipe).caveats]

    assert names("1c", "script") == ["dropout", "batch_size"]
    assert names("1c", "text") == ["dropout", "learning_rate", "batch_size"]
    assert row("1c", "script").caveats[1].en == "batch_size differs too: 64 in one.conv, 128 in one.dense"
    assert row("1c", "script").caveats[1].es == "también difiere batch_size: 64 en one.conv, 128 en one.dense"
    assert row("1d", "script").caveats == ()


def test_what_a_comparison_is_about_is_no_caveat(row):
    for recipe in ("text", "script"):
        assert not any(caveat.en.startswith("loss differs") for caveat in row("1g", recipe).caveats)
        assert any("learning_rate differs" in caveat.en for caveat in row("1g", recipe).caveats)


def test_an_arm_of_diverged_runs_is_not_one_that_was_never_measured(put, row):
    put("one.conv@script", history=top1(0.93, 0.93, 0.93), diverged=(0, 1, 2))
    put("one.dense@script", history=top1(0.9, 0.9, 0.9))
    found = row("1c")
    assert found.verdict == "not reproduced"
    assert "infinite or NaN" in found.why.en


def test_caveats_are_computed_and_do_not_replace_the_verdict(put, row, monkeypatch):
    put("one.conv@script", history=top1(0.921, 0.922, 0.92))
    put("one.dense@script", history=top1(0.9, 0.901, 0.898))
    assert (row("1c").verdict, len(row("1c").caveats)) == ("reproduced", 2)


# ---------------------------------------------------------------- no difference


@pytest.mark.parametrize(
    ("one", "other", "verdict", "told"),
    [
        (
            (0.9, 0.91, 0.92),
            (0.9001, 0.9098, 0.9201),
            "reproduced",
            "no difference that matters: the 90 % interval lies within ±0.005",
        ),
        ((0.902, 0.9121, 0.9219), (0.9, 0.91, 0.92), "reproduced", "no difference that matters"),  # there, but small
        ((0.9, 0.91, 0.92), (0.92, 0.931, 0.939), "not reproduced", "is significant and may matter (0.005)"),
        ((0.92, 0.931, 0.939), (0.9, 0.91, 0.92), "not reproduced", "which excludes zero"),
        ((0.9, 0.95, 0.85), (0.92, 0.9, 0.88), "inconclusive", "not exclude a difference that matters (0.005)"),
        ((0.9,), (0.9,), "inconclusive", "--seeds 10"),
    ],
)
def test_two_arms_give_the_same(one, other, verdict, told, put, row):
    put("one.conv@script", history=top1(*one))
    put("one.plain@script", history=top1(*other))
    found = row("1f")
    assert (found.verdict, found.n, found.interval.kind) == (verdict, len(one), "difference")
    assert told in found.why.en
    assert found.estimate == pytest.approx(sum(one) / len(one) - sum(other) / len(other))
    assert found.caveats == ()


def with_readings(*readings):
    """The work with one claim about its networks."""
    first, *others = WORK.exercises
    only = Claim("x", ABOUT, "§1", readings)
    return replace(WORK, exercises=(replace(first, claims=(only,)), *others))


@pytest.mark.parametrize(
    ("one", "other", "verdict", "told"),
    [
        ((0.9, 0.91, 0.92), (0.92, 0.931, 0.939), "reproduced", "is significant and may matter (0.005)"),
        ((0.92, 0.931, 0.939), (0.9, 0.91, 0.92), "reproduced", "which excludes zero"),
        (
            (0.902, 0.9121, 0.9219),
            (0.9, 0.91, 0.92),
            "not reproduced",
            "no difference that matters",
        ),  # there, but small
        ((0.9, 0.91, 0.92), (0.9001, 0.9098, 0.9201), "not reproduced", "no difference that matters"),
        ((0.9, 0.95, 0.85), (0.92, 0.9, 0.88), "inconclusive", "not exclude a difference that matters (0.005)"),
    ],
)
def test_two_arms_differ_whichever_gives_more(one, other, verdict, told, put, rows):
    put("one.conv@script", history=top1(*one))
    put("one.plain@script", history=top1(*other))
    work = with_readings(Reading(Differs(conv, plain, Metric(TOP1, "last"), margin=0.005)))
    (found,) = rows("x", original=work)
    assert (found.verdict, found.n, found.interval.kind) == (verdict, len(one), "difference")
    assert told in found.why.en


def test_a_reading_has_rows_only_under_the_recipes_that_it_has_a_meaning_under(store):
    test = Differs(conv, plain, Metric(TOP1, "last"), margin=0.005)
    work = with_readings(Reading(test, "all"), Reading(test, "some", recipes=("script",)))
    found = [(row.recipe, row.reading.name) for row in judge.verdicts(work, ()) if row.claim.id == "x"]
    assert found == [("text", "all"), ("script", "all"), ("script", "some")]


# ---------------------------------------------------------------- exact numbers


@pytest.mark.parametrize(
    ("dense", "conv", "verdict"), [(79_510, 94_650, "reproduced"), (79_510, 94_651, "not reproduced")]
)
def test_exact_numbers_need_no_statistics(dense, conv, verdict, put, row):
    put("one.dense@script", measures=[{"parameters": dense}])
    put("one.conv@script", measures=[{"parameters": conv}] * 2)
    found = row("1d")
    assert (found.verdict, found.n, found.interval, found.estimate) == (verdict, 3, None, None)
    assert str(conv) in found.why.en


def test_a_number_that_is_not_the_same_in_every_trial_is_not_exact(put, row):
    put("one.dense@script", measures=[{"parameters": 79_510}, {"parameters": 1}])
    put("one.conv@script", measures=[{"parameters": 94_650}])
    assert row("1d").verdict == "not reproduced"


# ---------------------------------------------------------------- something that happens


@pytest.mark.parametrize(
    ("times", "n", "verdict"),
    [(10, 10, "reproduced"), (0, 10, "not reproduced"), (5, 10, "inconclusive"), (1, 1, "inconclusive")],
)
def test_something_happens_in_most_runs_or_not(times, n, verdict, put, row):
    put("two.map@script", measures=[LEARNED] * times + [GUESSED] * (n - times), history=[{MSE: [0.2, 0.1]}] * n)
    found = row("2a", "script", "the map is learned")
    assert (found.verdict, found.n, found.estimate) == (verdict, n, times / n)
    assert found.interval.kind == "wilson"
    assert ("reensayo run two.map@script" in found.why.en) == (verdict == "inconclusive")


def test_each_reading_has_its_own_row(put, row):
    put("two.map@script", measures=[GUESSED] * 10, history=[{MSE: [0.2, 0.13, 0.126]}] * 10)
    assert row("2a", "script", "as said").verdict == "reproduced"
    assert row("2a", "script", "the map is learned").verdict == "not reproduced"


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
    assert "No run (3 seeds) ended with a finite value" in found.why.en


def test_one_run_that_diverged_decides_nothing(put, row):
    put("one.dense@script", history=top1(math.nan), diverged=[0])
    found = row("1a")
    assert (found.verdict, found.n, found.evidence) == ("inconclusive", 0, "own")
    assert found.why.en.endswith("More seeds: reensayo run one.dense@script --seeds 10")


def test_more_seeds_are_more_than_there_are(put, row):
    put("one.dense@script", history=top1(*[0.9] * 10), diverged=range(8))
    assert row("1a").why.en.endswith("More seeds: reensayo run one.dense@script --seeds 20")


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
    assert "In 1 of 1 seed " in found.why.en


def test_diverged_runs_that_no_mean_speaks_of_are_a_caveat(put, row):
    put("one.dense@script", history=top1(0.9, 0.901, 0.902), diverged=[1])
    assert [caveat.en for caveat in row("1a").caveats] == ["1 of 3 seeds of one.dense diverged, left out of the mean"]


# ---------------------------------------------------------------- kinds of evidence


def test_no_trials_no_verdict_but_the_command(row):
    found = row("1a")
    assert (found.verdict, found.evidence, found.n, found.trials) == ("inconclusive", "none", 0, ())
    assert found.why.en == "There are no trials of one.dense@script. Run: reensayo run one.dense@script"
    spanish = row("1c", "text").why.es
    assert spanish.startswith("No hay ensayos de one.conv@text y one.dense@text. Ejecute: reensayo run one.conv")


@pytest.mark.parametrize("values", [(0.93, 0.9301, 0.9299), (0.5, 0.5001, 0.4999)])
def test_reduced_trials_are_at_most_inconclusive(values, put, row):
    put("one.conv@script", history=top1(*values), reduced=True)
    found = row("1b")
    assert (found.verdict, found.evidence, found.n) == ("inconclusive", "reduced", 3)
    assert found.estimate == pytest.approx(sum(values) / 3)
    assert found.why.en.startswith("There are only reduced trials")
    assert found.why.en.endswith("At full length: reensayo run one.conv@script")
    assert found.why.en.count("reensayo run") == 1


def test_own_and_reduced_trials_are_never_mixed(put, row):
    put("one.conv@script", history=top1(0.5, 0.5, 0.5), reduced=True)
    own = put("one.conv@script", history=top1(0.93, 0.931))
    found = row("1b")
    assert (found.evidence, found.n, found.estimate) == ("own", 2, pytest.approx(0.9305))
    assert found.trials == tuple(trial.id for trial in own)


def test_a_comparison_has_one_kind_of_evidence_in_both_arms(put, row):
    put("one.conv@script", history=top1(0.93, 0.93), reduced=True)
    put("one.dense@script", history=top1(0.9, 0.9))
    assert (row("1c").evidence, row("1c").n) == ("none", 0)


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


def test_an_experiment_that_is_no_more_is_left_out(put, store):
    put("one.dense@script", history=top1(0.9))
    _, two = WORK.exercises
    assert len(current(WORK, store.trials())) == 1
    assert current(replace(WORK, exercises=(two,)), store.trials()) == []


def test_what_no_recipe_tries_is_not_testable(rows):
    original = with_another(replace(dense, recipes=(dense.recipe("script"),)))
    (found,) = rows("1a", "text", original=original)
    assert (found.verdict, found.evidence) == ("not testable", "none")
    assert found.why.en == "one.dense has no recipe text."
    assert rows("1c", "text", original=original)[0].verdict == "not testable"
    assert rows("1a", "script", original=original)[0].verdict == "inconclusive"


# ---------------------------------------------------------------- several works


def test_trials_of_another_work_are_none_of_this(put, store, row):
    other = replace(WORK, name="other")
    put("one.dense@script", history=top1(0.5, 0.5, 0.5), original=other)
    (mine,) = put("one.dense@script", history=top1(0.9))
    assert row("1a").trials == (mine.id,)
    assert of_original(WORK, store.trials()) == [mine]
    assert [trial.original for trial in of_original(other, store.trials())] == ["other"] * 3
    for trial in of_original(other, store.trials()):
        (trial.directory / "history.csv").write_text("")
    assert not [row for row in judged_without(store) if row.verdict == "withheld"]


def test_what_is_shipped_with_a_work_lies_in_its_folder(put, store):
    assert shipped(WORK) == ()
    put("one.dense@script", history=top1(0.9))
    store.root.rename(store.root.with_name("shipped"))
    (found,) = shipped(replace(WORK, folder=store.root.parent))
    assert (found.original, found.experiment, found.history[TOP1][-1]) == ("small", "one.dense", 0.9)


def test_a_command_that_is_advised_names_the_work(rows):
    original = replace(WORK, option="small")
    for found in rows("1a", "script", original=original):
        assert found.why.en.endswith("Run: reensayo --original small run one.dense@script")


# ---------------------------------------------------------------- how many times as much


def times(put, row, *pairs, reading="seconds"):
    for name, values in zip(("wide", "narrow"), zip(*pairs, strict=True), strict=True):
        measures = [{"seconds_per_epoch": value, "multiply_adds": value} for value in values]
        put(f"two.{name}@script", measures=measures)
    return row("2b", "script", reading)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((2.4, 2.5, 2.6), "reproduced"),
        ((10.0, 11.0, 12.0), "not reproduced"),
        ((0.3, 0.31, 0.3), "not reproduced"),
        ((2.0, 3.0, 4.0), "inconclusive"),
        ((2.5,), "inconclusive"),
    ],
)
def test_a_ratio_of_pairs_lies_in_a_range_or_outside(put, row, ratios, verdict):
    found = times(put, row, *((7 * ratio, 7.0) for ratio in ratios))
    assert found.verdict == verdict
    assert found.estimate == pytest.approx(math.exp(math.fsum(map(math.log, ratios)) / len(ratios)))
    assert found.n == len(ratios)
    assert found.interval.contains(found.estimate)
    assert "claimed: 2 to 3" in found.why.en


def test_a_ratio_of_counts_is_exact(put, row):
    found = times(put, row, (300.0, 100.0), (300.0, 100.0), reading="multiply-adds")
    assert (found.verdict, found.estimate, found.interval) == ("reproduced", 3.0, None)
    put("two.wide@script", measures=[{"multiply_adds": 301.0}], reduced=True)
    put("two.narrow@script", measures=[{"multiply_adds": 100.0}], reduced=True)
    found = row("2b", "script", "multiply-adds")
    assert (found.verdict, found.evidence) == ("not reproduced", "own")


def test_a_ratio_needs_pairs(put, row):
    put("two.wide@script", measures=[{"seconds_per_epoch": 1.0}])
    assert row("2b", "script", "seconds").verdict == "inconclusive"
    assert "no trials of two.narrow" in row("2b", "script", "seconds").why.en


def test_times_are_paired_block_by_block_of_the_same_width(put, row):
    blocks = (0, 1), (2, 3), (4,), (5, 6)
    put("one.dense@script", measures=[{"seconds_per_epoch": 1.0}] * 7, blocks=blocks)
    put("one.conv@script", measures=[{"seconds_per_epoch": 5.0}] * 2, blocks=[(0, 1)])
    put("one.conv@script", measures=[{"seconds_per_epoch": 5.0}] * 4, blocks=[(2, 3, 4, 5)], first_seed=2)
    put("one.conv@script", measures=[{"seconds_per_epoch": 6.0}] * 4, blocks=[(6, 7), (8, 9)], first_seed=6)
    found = row("1e")
    assert (found.n, found.estimate) == (3, pytest.approx(-(4 + 5 + 5) / 3))
    assert "3 pairs of blocks of the same size" in found.why.en
    assert found.caveats == ()  # what makes a network slow is its own affair


def test_a_time_of_nothing_has_no_ratio(put, row):
    found = times(put, row, (0.0, 0.0), (0.0, 0.0))
    assert (found.verdict, found.n) == ("inconclusive", 0)
    assert found.why.en == "Seconds per epoch: there are values not above 0."


def test_what_reducing_made_of_two_costs_is_a_caveat(put, row):
    for name in ("wide", "narrow"):
        put(f"two.{name}@script", measures=[{"seconds_per_epoch": 1.0}], reduced=True)
    caveats = [caveat.en for caveat in row("2b", "script", "seconds").caveats]
    assert "examples differs too: 128 in two.wide, 384 in two.narrow" in caveats
    assert not any(caveat.startswith(("batch_size", "dropout")) for caveat in caveats)
    assert times(put, row, (14.0, 7.0)).caveats == ()  # of the networks' own settings none is


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


def test_rows_are_claims_times_recipes_times_readings(put, store):
    empty = judge.verdicts(WORK, store.trials())
    every_state(put)
    full = judge.verdicts(WORK, store.trials())
    keys = [(r.claim.id, r.recipe, r.reading.name) for r in full]
    assert keys == [(r.claim.id, r.recipe, r.reading.name) for r in empty]
    readings = sum(len(claim.readings) for exercise in WORK.exercises for claim in exercise.claims)
    assert len(set(keys)) == len(keys) == 2 * readings


def test_every_reason_is_whole_in_both_languages_and_every_command_in_it_works(put, store):
    every_state(put)
    commands = 0
    for found in judge.verdicts(WORK, store.trials()):
        assert found.why.es != found.why.en
        for words in (found.why.es, found.why.en):
            assert not [name for _, name, _, _ in Formatter().parse(words) if name is not None]
        for ids, _, seeds in re.findall(r"reensayo run ([^-\n]*?)( --seeds (\d+))?\.?$", found.why.en):
            assert select(WORK, ids.split())
            assert not seeds or check_seeds(int(seeds))
            commands += 1
    assert commands > 10


def test_speed_is_judged_the_right_way_round(put, row):
    every_state(put)
    found = row("1e")  # the convolutional network is slower here
    assert (found.verdict, found.estimate) == ("not reproduced", -4.0)


def test_a_row_fits_into_json(put, store):
    every_state(put)
    for found in judge.verdicts(WORK, store.trials()):
        json.dumps([found.verdict, found.evidence, found.n, found.trials, found.published, found.figure_value])


def test_reduced_arms_that_differ_in_what_their_recipes_have_alike_say_so(put, row):
    put("two.wide@script", history=top1(0.9, 0.9), reduced=True)
    put("two.narrow@script", history=top1(0.8, 0.8), reduced=True)
    found = row("2d")
    assert any("epochs differs too" in caveat.en for caveat in found.caveats)
    assert any("examples differs too" in caveat.en for caveat in found.caveats)


def test_a_history_that_does_not_come_to_the_epoch_is_told_as_that(put, row):
    put("two.narrow@script", history=[{"val_categorical_accuracy": [0.1, 0.2]}] * 2)
    found = row("2c")
    assert found.verdict == "inconclusive"
    assert "None of the stored trials (2) reaches epoch 20" in found.why.en
    assert "Remove" not in found.why.en


def test_one_pair_alone_has_no_interval(put, row):
    for name in ("wide", "narrow"):
        put(f"two.{name}@script", measures=[{"seconds_per_epoch": 1.0}], history=[{TOP1: [0.1]}])
    why = row("2b", "script", "seconds").why
    assert "no interval" in why.en
    assert "sin intervalo" in why.es
    assert "∞" not in why.en + why.es


# ---------------------------------------------------------------- what cannot be read


def judged_without(store):
    unreadable = []
    return judge.verdicts(WORK, store.trials(unreadable), unreadable)


def test_what_would_rest_on_an_unreadable_trial_is_withheld_and_the_rest_is_shown(put, store):
    trials = put("one.dense@script", history=top1(*[0.9] * 4))
    put("one.dense@text", history=top1(*[0.9] * 4))
    whole = judged_without(store)
    (trials[1].directory / "history.csv").write_text("")
    found = judged_without(store)
    for before, now in zip(whole, found, strict=True):
        concerned = now.recipe == "script" and dense in experiments_of(now.reading.test)
        assert (now.verdict == "withheld") == concerned
        if concerned:
            assert (now.estimate, now.interval, now.n, now.evidence, now.trials) == (None, None, 0, "none", ())
            assert str(now.why).startswith(f"Cannot be judged: {trials[1].directory / 'history.csv'} is damaged")
            assert now.why("es").startswith("No se puede juzgar: ")
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
    assert withheld == ["1b", "1c", "1d", "1e", "1f"]
    for name in ("conv", "dense", "plain"):
        put(f"one.{name}@script", measures=[{}] * 4)
    assert [row.claim.id for row in judged_without(store) if row.verdict == "withheld"] == ["1d"]  # which is exact


def test_an_unreadable_trial_of_an_earlier_version_takes_nothing_away(put, store, monkeypatch):
    monkeypatch.setattr("reensayo.spec.trial.RESULTS_VERSION", 0)
    (trial,) = put("one.dense@script", history=top1(0.9))
    monkeypatch.undo()
    (trial.directory / "trial.json").write_text("")
    assert not [row for row in judged_without(store) if row.verdict == "withheld"]
