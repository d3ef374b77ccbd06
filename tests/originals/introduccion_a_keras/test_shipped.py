"""The trials that come with the work: what they are, and where they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from reensayo.evidence.current import shipped, unreadable_packs
from reensayo.figures import View, draw
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages.answers import pale_lines
from reensayo.pages.drawing import every_figure
from reensayo.selection import select_one
from reensayo.spec import Trial
from reensayo.store import UnderWay, read_pack
from repository import ROOT

FIG_25 = every_figure(ORIGINAL)["fig-25"]
VGG16 = ORIGINAL.experiments["ex10.vgg16-cifar10"].under("script")
FIRST_EPOCH = {column: [1.0] for column in VGG16.experiment.columns}
BEGUN = UnderWay("id", VGG16.experiment.id, "script", 0, 25, FIRST_EPOCH, ORIGINAL.name)
BESIDE_ONE_EPOCH = View(ORIGINAL, (), "en", under_way=(BEGUN,))
SHIPPED = [trial for trial in shipped(ORIGINAL) if (trial.experiment, trial.recipe) == (VGG16.experiment.id, "script")]


PACKS = sorted((ORIGINAL.folder / "shipped").glob("*.zip"))


def test_there_are_some_and_all_of_them_can_be_read():
    assert shipped(ORIGINAL)
    assert unreadable_packs(ORIGINAL) == ()
    assert [trial.seed for trial in SHIPPED] == [0, 1, 2]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_holds_whole_trials_of_a_recipe_as_it_is_declared_today(path):
    experiment, recipe = select_one(ORIGINAL, path.stem)
    pack = read_pack(path)
    assert len({trial.id for trial in pack.trials}) == len(pack.trials)
    for trial in (*pack.trials, *pack.perturbed):
        assert trial.about["identity"] == Trial(ORIGINAL, experiment, recipe, trial.seed).identity
        assert "sum" in trial.about  # so what it says is held against it
        assert not trial.reduced
        length = trial.diverged or recipe.settings.get("epochs")
        if recipe.fit is None:
            assert trial.history.keys() == set(experiment.columns)
            assert {len(curve) for curve in trial.history.values()} == {length}
        _ = trial.arrays  # is held against its sum


def test_the_packs_stay_small_and_lie_in_the_wheel():
    assert sum(path.stat().st_size for path in PACKS) < 20e6
    in_the_wheel = {Path(file.path) for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert set(PACKS) <= in_the_wheel


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
