"""The trials that come with the work: what they are, and where they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from reensayo.evidence.current import shipped, unreadable_packs
from reensayo.figures import View, draw
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages.drawing import every_figure
from reensayo.selection import select_one
from reensayo.spec import Trial
from reensayo.store import UnderWay, read_pack
from repository import ROOT

FIG_25 = every_figure(ORIGINAL)["fig-25"]
VGG16 = ORIGINAL.experiments["ex10.vgg16-cifar10"].under("script")
FIRST_EPOCH = {column: [1.0] for column in VGG16.experiment.columns}
BEGUN = UnderWay("id", VGG16.experiment.id, "script", 0, 25, FIRST_EPOCH, ORIGINAL.name)
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


def test_they_are_shown_until_there_are_as_many_of_ones_own_as_declared(put):
    declared = put(str(VGG16), measures=[{}] * VGG16.experiment.seeds)
    for own in ((), declared[:1]):
        assert View(ORIGINAL, tuple(own), "en").trials(*VGG16) == SHIPPED
        assert View(ORIGINAL, tuple(own), "en", under_way=(BEGUN,)).with_curves(*VGG16) == SHIPPED
    assert View(ORIGINAL, tuple(declared), "en").trials(*VGG16) == declared


def test_a_figure_draws_them_like_any_others_and_says_what_they_are():
    drawn = draw(FIG_25, View(ORIGINAL, (), "en"))
    (title,) = [cell.get_suptitle() for cell in drawn.subfigs]
    assert title.replace("\n", " ") == "recipe script, n = 3 seeds · shipped trials"
    lines = [line for axes in drawn.get_axes() for line in axes.lines if len(line.get_xdata()) == 25]
    for expected in (trial.history["val_categorical_accuracy"] for trial in SHIPPED):
        assert sum(list(line.get_ydata()) == list(expected) for line in lines) == 1
