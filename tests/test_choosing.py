"""Choosing: every combination of the values tried is trained, and what it gives on validation data is written down."""

from dataclasses import replace

import pytest

from reensayo.choosing import choose, is_better_higher, metric
from reensayo.errors import InputError
from reensayo.evidence.choices import Choice, Tried, choices
from reensayo.selection import select
from reensayo.shipping import Asked
from reensayo.spec import SpecError
from reensayo.store import Store

GRID = {"learning_rate": (0.05, 0.1, 0.2), "batch_size": (10, 30)}


def tried(line, grid=GRID, chosen_by=""):
    """An experiment of the toy whose recipe ``code`` was chosen from a grid."""
    recipes = (recipe.but(recipe.name, {}, tried=grid, chosen_by=chosen_by) for recipe in line.recipes[1:2])
    return replace(line, recipes=(line.recipes[0], *recipes), quick=replace(line.quick, without=()))


@pytest.fixture
def work(toy, tmp_path):
    line = tried(toy.experiments["toy.line"])
    exercise = replace(toy.exercises[0], experiments=(line,), claims=(), figures=(), mistakes=(), asked=())
    return replace(toy, exercises=(exercise,), folder=tmp_path, from_folder=False)


def test_the_whole_grid_is_trained_with_seed_0_and_the_best_is_known(work, tmp_path, capsys):
    store = Store(tmp_path / "store")
    assert choose(Asked(work, select(work), store, None))
    (choice,) = (found := choices(work)).values()
    assert found.keys() == {"toy.line@code"}
    assert (choice.metric, choice.higher) == ("val_mean_squared_error", False)
    assert [tuple(one.settings.values()) for one in choice.tried] == [
        (rate, size) for rate in GRID["learning_rate"] for size in GRID["batch_size"]
    ]
    by_id = {trial.id: trial for trial in store.trials()}
    assert by_id.keys() == set(choice.trials)
    for one in choice.tried:
        trial = by_id[one.trial]
        assert (trial.seed, trial.history["val_mean_squared_error"][-1]) == (0, one.value)
        assert (trial.finished, trial.hardware) == (one.finished, one.hardware)
    (best,) = choice.best
    assert best.value == min(one.value for one in choice.tried)
    assert (
        capsys.readouterr().out.count("  toy.line@code  learning_rate=0.1, batch_size=10  val_mean_squared_error ") == 1
    )


def test_what_was_compared_is_not_trained_again_unless_the_recipe_is_another(work, tmp_path):
    asked = Asked(work, select(work), Store(tmp_path / "store"), None)
    choose(asked)
    before = choices(work)
    assert choose(asked._replace(store=Store(tmp_path / "another")))
    assert not (tmp_path / "another").exists()
    assert choices(work) == before
    usual = replace(work.experiments["toy.line"], recipes=work.experiments["toy.line"].recipes[:1])
    other = replace(work, exercises=(replace(work.exercises[0], experiments=(usual,)),))
    assert choose(asked._replace(original=other, chosen=select(other)))
    assert choices(other) == {}


def test_the_metric_is_the_first_on_validation_data_beside_the_loss_unless_the_recipe_names_one(toy):
    line = toy.experiments["toy.line"]
    (_, code) = tried(line).recipes
    assert metric(line, code) == "val_mean_squared_error"
    (_, code) = tried(line, chosen_by="val_loss").recipes
    assert metric(line, code) == "val_loss"
    assert metric(replace(line, metrics=()), line.recipes[1]) == "val_loss"


@pytest.mark.parametrize(
    ("name", "higher"),
    [("val_loss", False), ("val_mean_squared_error", False), ("val_categorical_accuracy", True), ("val_roc_auc", True)],
)
def test_accuracies_and_areas_are_better_high(name, higher):
    assert is_better_higher(name) is higher


def test_a_training_that_came_to_no_end_is_never_the_best():
    values = [Tried({"x": i}, value, str(i), "", {}) for i, value in enumerate((None, 0.5, 0.7, 0.7))]
    assert [one.trial for one in Choice("val_accuracy", True, tuple(values)).best] == ["2", "3"]
    assert [one.trial for one in Choice("val_loss", False, tuple(values)).best] == ["1"]
    assert Choice("val_loss", False, tuple(values[:1])).best == []


@pytest.mark.parametrize(
    ("grid", "chosen_by", "reason"),
    [
        (
            {"learning_rate": (0.2, 0.3)},
            "",
            r"@code: tried=\{'learning_rate': \(0\.2, 0\.3\)\}, expected its own",
        ),
        ({"rate": (0.1,)}, "", "expected its own value among them"),
        ({"learning_rate": (0.1, -1.0)}, "", "invalid value for learning_rate"),
        (
            GRID,
            "mean_squared_error",
            "chosen_by='mean_squared_error', expected one of val_loss, ",
        ),
        (GRID, "test_mean_squared_error", "chosen_by='test_mean_squared_error', expected one of val_loss, "),
    ],
)
def test_a_recipe_is_one_of_what_it_was_chosen_from_by_validation_data(toy, grid, chosen_by, reason):
    with pytest.raises(SpecError, match=reason):
        tried(toy.experiments["toy.line"], grid, chosen_by)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": {}}', b"\xff"])
def test_a_damaged_file_is_told(work, content):
    (work.folder / "choices.json").write_bytes(content)
    with pytest.raises(InputError, match=r"choices\.json is not what reensayo\.choosing writes: "):
        choices(work)
