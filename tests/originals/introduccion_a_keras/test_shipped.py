"""The trials that come with the work: what they are, and where they are shown."""

from __future__ import annotations

import pytest

from reensayo.evidence.current import shipped
from reensayo.figures import View, draw
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages.answers import pale_lines
from reensayo.pages.drawing import every_figure
from reensayo.spec import Trial
from reensayo.store import UnderWay

FIG_25 = every_figure(ORIGINAL)["fig-25"]
VGG16 = ORIGINAL.experiments["ex10.vgg16-cifar10"].under("script")
FIRST_EPOCH = {column: [1.0] for column in VGG16.experiment.columns}
BEGUN = UnderWay("id", VGG16.experiment.id, "script", 0, 25, FIRST_EPOCH, ORIGINAL.name)
BESIDE_ONE_EPOCH = View(ORIGINAL, (), "en", under_way=(BEGUN,))
SHIPPED = [trial for trial in shipped(ORIGINAL) if (trial.experiment, trial.recipe) == (VGG16.experiment.id, "script")]


def test_how_many_there_are():
    assert (len(shipped(ORIGINAL)), [trial.seed for trial in SHIPPED]) == (10, [0, 1, 2])


@pytest.mark.parametrize("trial", shipped(ORIGINAL), ids=lambda trial: trial.id)
def test_each_is_a_whole_trial_of_a_recipe_as_it_is_declared_today(trial):
    experiment = ORIGINAL.experiments[trial.experiment]
    recipe = experiment.recipe(trial.recipe)
    assert trial.about["identity"] == Trial(ORIGINAL, experiment, recipe, trial.seed).identity
    assert "sum" in trial.about  # so what it says is held against it
    assert (trial.status, trial.reduced) == ("finished", False)
    assert trial.history.keys() == set(experiment.columns)
    assert {len(curve) for curve in trial.history.values()} == {recipe.settings.epochs}
    assert "NVIDIA" in trial.about["hardware"]["devices"]


def test_they_stand_beside_first_epochs_and_beside_no_whole_trials(put):
    assert View(ORIGINAL, (), "en").shipped(*VGG16) == []
    assert BESIDE_ONE_EPOCH.shipped(*VGG16) == SHIPPED
    whole = put(str(VGG16), measures=[{}])
    assert View(ORIGINAL, tuple(whole), "en").shipped(*VGG16) == []


def test_a_figure_shows_each_of_them_as_a_line_of_its_own_and_no_dot_beside_them():
    drawn = draw(FIG_25, BESIDE_ONE_EPOCH)
    assert not any(len(line.get_xdata()) == 1 for axes in drawn.get_axes() for line in axes.lines)
    lines = [line for axes in drawn.get_axes() for line in axes.lines if len(line.get_xdata()) == 25]
    for expected in (trial.history["val_categorical_accuracy"] for trial in SHIPPED):
        assert sum(list(line.get_ydata()) == list(expected) for line in lines) == 1
    assert any(str(line.get_label()) == "training, shipped trials" for line in lines)


def test_the_report_says_what_trained_them_and_that_no_verdict_rests_on_them():
    (sentence,) = pale_lines(FIG_25, BESIDE_ONE_EPOCH)
    assert sentence.en.startswith(
        "Pale lines (script): 3 trials at full length, of those shipped with the original, on 1 × NVIDIA"
    )
    assert sentence.en.endswith("No verdict rests on them.")
    assert "0.8102 [0.7726, 0.8478]" in sentence.en
