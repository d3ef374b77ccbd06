"""The trials that come with reensayo: what they are, and where they are shown."""

from __future__ import annotations

import pytest

from reensayo.evidence.reference import reference_trials
from reensayo.exercises import EXERCISES, EXPERIMENTS
from reensayo.figures import View, draw
from reensayo.report.drawing import every_figure
from reensayo.report.sections import about_reference, picture
from reensayo.spec import Trial
from reensayo.store import UnderWay

FIG_25 = every_figure()["fig-25"]
VGG16 = ("ex10.vgg16-cifar10", "script")


@pytest.mark.parametrize("trial", reference_trials(), ids=lambda trial: trial.id)
def test_each_is_a_whole_trial_of_a_recipe_as_it_is_declared_today(trial):
    experiment = EXPERIMENTS[trial.experiment]
    recipe = experiment.recipe(trial.recipe)
    assert trial.id == Trial(experiment, recipe, trial.seed).id
    assert (trial.status, trial.reduced) == ("finished", False)
    assert trial.history.keys() == set(experiment.columns)
    assert {len(curve) for curve in trial.history.values()} == {recipe.settings.epochs}
    assert "NVIDIA" in trial.about["hardware"]["devices"]


def test_they_stand_beside_reduced_trials_and_first_epochs_and_beside_nothing_else(put):
    seeds = [trial.seed for trial in reference_trials() if (trial.experiment, trial.recipe) == VGG16]
    assert len(seeds) == 3
    assert View((), "en").reference(*VGG16) == []

    begun = UnderWay("id", *VGG16, 0, 25, {"loss": [1.0]})
    assert [t.seed for t in View((), "en", under_way=(begun,)).reference(*VGG16)] == seeds
    reduced = put("@".join(VGG16), measures=[{}], reduced=True)
    assert [t.seed for t in View(tuple(reduced), "en").reference(*VGG16)] == seeds
    whole = put("@".join(VGG16), measures=[{}])
    assert View((*reduced, *whole), "en").reference(*VGG16) == []


def test_a_figure_shows_each_of_them_as_a_line_of_its_own(put):
    trials = put("@".join(VGG16), measures=[{}], reduced=True)
    drawn = draw(FIG_25, View(tuple(trials), "en"))
    lines = [line for axes in drawn.get_axes() for line in axes.lines if len(line.get_xdata()) == 25]
    accuracies = [t.history["val_categorical_accuracy"] for t in reference_trials() if t.experiment == VGG16[0]]
    for expected in accuracies:
        assert sum(list(line.get_ydata()) == list(expected) for line in lines) == 1
    assert any(str(line.get_label()) == "training, whole trials shipped" for line in lines)


def test_the_report_says_what_trained_them_and_that_no_verdict_rests_on_them(put, tmp_path):
    trials = put("@".join(VGG16), measures=[{}], reduced=True)
    view = View(tuple(trials), "en")
    (sentence,) = [
        words
        for figure in next(e for e in EXERCISES if e.id == "ex10").figures
        for words in about_reference(figure, view)
    ]
    assert picture(FIG_25, view, tmp_path).reference == (sentence,)
    assert sentence.en.startswith(
        "Pale lines (script): 3 trials at full length, of those that come with reensayo, on 1 × NVIDIA"
    )
    assert sentence.en.endswith("No verdict rests on them.")
    assert "0.8102 [0.7726, 0.8478]" in sentence.en
