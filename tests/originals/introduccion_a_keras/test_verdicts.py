"""The work's own claims as they are judged: its figures' values, its caveats, the commands that are advised."""

import re
from string import Formatter

import pytest

from reensayo import registry
from reensayo.evidence import explain, judge
from reensayo.runner import plan

ORIGINAL = registry.find()
TOP1 = "val_categorical_accuracy"


@pytest.fixture
def row(store):
    """The one row of a claim under a recipe, in a reading."""

    def find(claim, recipe="script", reading=""):
        (headline,) = [each for each in judge.verdicts(ORIGINAL, store.trials()) if each.claim.id == claim]
        judged_as = headline.columns[recipe].same_as or recipe
        (only,) = [row for row in headline.rows if (row.recipe, row.reading.name) == (judged_as, reading)]
        return only

    return find


def caveats(row):
    return [caveat.en for caveat in explain.caveats(row)]


def test_a_published_number_and_what_its_figure_shows(put, row):
    put("ex08.dense@script", history=[{TOP1: [0.5, value]} for value in (0.899, 0.9, 0.901)])
    found = row("8a")
    assert (found.verdict, found.n, found.published) == ("reproduced", 3, 0.9)
    assert found.figure_value == pytest.approx(0.8972, abs=1e-4)


def test_what_else_differs_between_two_experiments_is_a_caveat(row):
    def names(claim, recipe):
        return [caveat.split(" differs too")[0] for caveat in caveats(row(claim, recipe))]

    assert names("8c", "script") == ["dropout", "batch_size"]
    assert names("8c", "text") == ["dropout", "learning_rate", "batch_size"]
    assert caveats(row("8c", "script"))[1] == "batch_size differs too: 64 in ex08.conv, 128 in ex08.dense"
    assert caveats(row("8d", "script")) == caveats(row("9d", "script")) == []


@pytest.mark.parametrize("reading", ["over cross-entropy", "over hinge"])
def test_what_a_comparison_is_about_is_no_caveat(reading, row):
    for recipe in ("text", "script"):
        assert not any(caveat.startswith("loss differs") for caveat in caveats(row("2b", recipe, reading)))
    assert any("learning_rate differs" in caveat for caveat in caveats(row("2b", "script", reading)))


def test_each_reading_of_a_claim_has_its_own_row(put, row):
    guessed = {"test_mean_squared_error": 0.12}
    put("ex05.map@script", measures=[guessed] * 10, history=[{"val_mean_squared_error": [0.2, 0.13, 0.126]}] * 10)
    assert row("5", "script", "as said").verdict == "reproduced"
    assert row("5", "script", "the map is learned").verdict == "not reproduced"


def test_every_reason_is_whole_in_both_languages_and_every_command_in_it_works(put, store):
    put("ex08.dense@script", measures=[{}] * 3, history=[{TOP1: [value]} for value in (0.9, 0.91, 0.92)])
    put("ex08.conv@script", measures=[{}] * 3, history=[{TOP1: [value]} for value in (0.9, 0.9, 0.93)])
    put("ex08.conv@text", history=[{TOP1: [0.9]}], reduced=True)
    put("ex05.map@script", measures=[{"test_mean_squared_error": 0.12}] * 4)
    commands = 0
    for found in (row for headline in judge.verdicts(ORIGINAL, store.trials()) for row in headline.rows):
        why = explain.why(ORIGINAL, found)
        assert why.es != why.en
        for words in (why.es, why.en):
            assert not [name for _, name, _, _ in Formatter().parse(words) if name is not None]
        for ids, _, seeds in re.findall(r"reensayo run ([^-\n]*?)( --seeds (\d+))?\.?$", why.en):
            assert plan(ORIGINAL, ids.split(), seeds=int(seeds) if seeds else None)
            commands += 1
    assert commands > 10
