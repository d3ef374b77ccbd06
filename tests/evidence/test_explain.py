"""What was found, in words of both languages: every ending of every test, and the command that would find more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from reensayo import spec
from reensayo.evidence import explain, judge
from reensayo.text import Text
from small_work import SECONDS, TOP1, WORK, conv, dense, map_, narrow, wide

LAST = TOP1.name
REACHES = spec.Reaches(dense, TOP1, 0.9, 0.005, margin=0.02)
EXCEEDS = spec.Exceeds(conv, dense, TOP1, margin=0.005)
ALIKE = spec.Alike(conv, dense, TOP1, margin=0.005)


@pytest.fixture
def put(put):
    return partial(put, original=WORK)


@pytest.fixture
def told(put, store):
    """What is said of a test whose experiments have these last accuracies under recipe script, in both languages."""

    def tell(test, *values, recipe="script", **how):
        for experiment, last in zip(spec.experiments_of(test), values, strict=True):
            put(f"{experiment.id}@script", history=[{LAST: [0.5, value]} for value in last], **how)
        return said(test, recipe)

    def said(test, recipe):
        one, two = WORK.exercises
        claim = spec.Claim("1a", Text("lo dicho", "what is said"), "§1", test)
        work = replace(WORK, exercises=(replace(one, claims=(claim,)), two))
        (headline, *_) = judge.verdicts(work, store.trials())
        (row,) = [row for row in headline.rows if row.recipe == recipe]
        words = explain.why(work, row)
        assert words.es != words.en
        assert "{" not in words.es + words.en
        return words

    return tell


@pytest.mark.parametrize(
    ("values", "end"),
    [
        (
            (0.899, 0.9, 0.901),
            "; the published 0.9 ± 0.005 lies where one more run would: 97.5 % interval [0.8928, ",
        ),
        ((0.88, 0.9, 0.92, 0.9), ", but runs differ so much (97.5 % interval ["),
        ((0.8, 0.801, 0.799), "one more run would lie below the published 0.9 ± 0.005: 97.5 % interval [0.7928, "),
        ((0.95, 0.9501, 0.9502), "one more run would lie above the published 0.9 ± 0.005: "),
        ((0.9, 0.9), "mean of 2 seeds: 0.9; too few seeds to decide."),
    ],
)
def test_a_published_number(told, values, end):
    words = told(REACHES, values)
    assert words.en.startswith("Categorical accuracy in validation, last epoch: mean of ")
    assert end in words.en
    assert words.en.endswith("The verdict is provisional; 5 seeds decide: reensayo run one.dense@script --seeds 5")
    assert words.es.endswith("El veredicto es provisional; deciden 5 semillas: reensayo run one.dense@script --seeds 5")


def test_a_number_at_the_edge(told):
    words = told(replace(REACHES, published=0.9041), (0.9105, 0.9115, 0.9105, 0.9115, 0.911))
    assert "lies right at the edge of where one more run would, 97.5 % interval [0.909" in words.en
    assert "queda justo en el borde de donde caería una corrida más, intervalo del 97,5 % [0,909" in words.es
    assert words.en.endswith("There is one more look, at 15 seeds: reensayo run one.dense@script --seeds 15")
    assert words.es.endswith("Puede mirarse una segunda vez, con 15 semillas: reensayo run one.dense@script --seeds 15")


@pytest.mark.parametrize(
    ("more", "less", "end"),
    [
        ((0.921, 0.922, 0.92), (0.9, 0.901, 0.898), "], all above 0."),
        ((0.9, 0.901, 0.898), (0.921, 0.922, 0.92), "], all below 0."),
        ((0.9, 0.91, 0.92), (0.9001, 0.9098, 0.9201), "], and the 95 % one lies within ±0.005: a difference that ma"),
        ((0.9, 0.95, 0.85), (0.92, 0.9, 0.88), "], which contains 0: the difference is not settled."),
        ((0.9,), (0.8,), "1 pair of the same seed: 0.1, no interval; too few pairs to decide."),
    ],
)
def test_one_arm_and_another(told, more, less, end):
    words = told(EXCEEDS, more, less)
    assert "last epoch: one.conv minus one.dense, " in words.en
    assert end in words.en
    assert "última época: one.conv menos one.dense, " in words.es


def test_a_difference_near_the_margin(told):
    words = told(replace(EXCEEDS, margin=0.0236), (0.92, 0.922, 0.921), (0.9, 0.9, 0.9))
    assert "whose end lies next to 0.0236: a few seeds more or less could turn the verdict." in words.en


def test_the_size_of_a_difference_is_named(told):
    words = told(replace(EXCEEDS, by=0.05), (0.921, 0.922, 0.92), (0.9, 0.901, 0.898))
    assert words.en.count("all below 0.05.") == words.es.count("todo por debajo de 0,05.") == 1


@pytest.mark.parametrize(
    ("one", "other", "end"),
    [
        (
            (0.9, 0.91, 0.92),
            (0.9001, 0.9098, 0.9201),
            "], and the 95 % one lies within ±0.005: a difference",
        ),
        ((0.9, 0.91, 0.92), (0.92, 0.931, 0.939), "all below zero: there is a difference."),
        ((0.9, 0.95, 0.85), (0.92, 0.9, 0.88), "which contains zero, but does not rule out a difference that matters"),
    ],
)
def test_two_that_are_alike(told, one, other, end):
    assert end in told(ALIKE, one, other).en


def test_reduced_trials_are_told_without_a_verdict_and_with_one_command(told):
    words = told(spec.Reaches(conv, TOP1, 0.9, 0.005, margin=0.02), (0.93, 0.9301, 0.9299), reduced=True)
    assert words.en.startswith("There are only reduced trials, which are not enough for a verdict. Categorical")
    assert "mean of 3 seeds: 0.93; one more run would lie in the 97.5 % interval [" in words.en
    assert words.en.endswith("]. At full length: reensayo run one.conv@script")
    assert words.en.count("reensayo run") == 1


def test_what_is_absent(told, put):
    test = spec.Reaches(narrow, replace(TOP1, at=20), 0.5, 0.005, margin=0.02)
    assert told(test, ()).en == "There are no trials of two.narrow@script. Run: reensayo run two.narrow@script"
    assert told(test, (0.1, 0.2)).en.startswith("None of the stored trials (2) reaches epoch 20.")
    timed = spec.Times(wide, narrow, SECONDS, 2, 3)
    words = told(timed, (), ())
    assert words.en == (
        "There are no times of two.wide, two.narrow taken in turn. Take them: python -m reensayo.shipping --times"
    )


def test_pairs_that_are_none(told, put):
    put("one.dense@script", history=[{LAST: [0.9]}], first_seed=7)
    assert told(EXCEEDS, (0.9, 0.9), ()).en.startswith("There are no pairs of the same seed.")


def test_pairs_of_which_one_arm_did_not_measure_it(told, put):
    put("one.dense@script", history=[{"loss": [0.9]}] * 2, bare=True)
    words = told(EXCEEDS, (0.9, 0.9), ())
    assert words.en.startswith("The stored trials (4) did not measure categorical accuracy in validation, last epoch;")


def test_a_count_that_no_trial_has(told, put):
    equals = spec.Equals(spec.Metric("parameters", "measured"), {dense: 79_510})
    assert "did not measure trainable parameters" in told(equals, (0.9,), bare=True).en


def test_runs_that_came_to_no_end(told):
    words = told(REACHES, (0.9, 0.9, 0.9), diverged=(0, 1, 2))
    assert words.en.startswith("No run of one.dense ended with a finite value: the loss became infinite or NaN.")


def test_a_share_of_runs(told):
    happens = spec.Happens(map_, lambda trial: trial.history[LAST][-1] > 0.5, Text("pasa", "it happens"))
    words = told(happens, (0.9, 0.9, 0.1, 0.9), recipe="text")
    assert words.en.startswith(
        "In 3 of 4 seeds it happens; 97.5 % interval [0.259, 0.9626] of the rate, whether in most"
    )
    assert words.es.startswith("En 3 de 4 semillas pasa; intervalo del 97,5 % [0,259; 0,9626] de la frecuencia, ")


def test_the_figure_of_the_original(put, store):
    put("one.dense@script", history=[{LAST: [0.5, value]} for value in (0.899, 0.9, 0.901)])
    (headline, *_) = judge.verdicts(WORK, store.trials())
    _, row = headline.rows
    words = explain.figure_in_words(row)
    assert words == Text(
        es="Su propia figura muestra 0,3242, otra cosa que su frase; nuestras corridas dan más que la figura.",
        en="Its own figure shows 0.3242, something other than its sentence says; our runs give more than the figure.",
    )


def test_the_figure_of_something_that_happens_has_no_number(told, store):
    happens = spec.Happens(dense, lambda trial: True, Text("pasa", "it happens"), figure=lambda curves: 1.0)
    one, two = WORK.exercises
    work = replace(WORK, exercises=(replace(one, claims=(spec.Claim("1a", Text("a", "b"), "§1", happens),)), two))
    (headline, *_) = judge.verdicts(work, store.trials())
    words = explain.figure_in_words(headline.rows[0])
    assert words == Text(
        "Su propia figura muestra lo mismo que su frase.", "Its own figure shows the same as its sentence."
    )


@pytest.mark.parametrize("test", explain.ENDS)
def test_every_ending_is_a_sentence_in_both_languages(test):
    for end in explain.ENDS[test].values():
        for words in (end.es, end.en):
            assert words.endswith(".")
            assert words[0].islower()
