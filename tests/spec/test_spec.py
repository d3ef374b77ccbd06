"""What an original claims and how it is tried: the values themselves, and what an original must keep to."""

import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import repository
from reensayo import registry, settings
from reensayo.errors import InputError
from reensayo.spec import (
    NEVER_NEGATIVE,
    Asked,
    Claim,
    Counted,
    Figure,
    Happens,
    Metric,
    Mistake,
    Named,
    Panel,
    Quick,
    Reaches,
    Reading,
    Recipe,
    Setting,
    Settings,
    SpecError,
    Trial,
    accuracy_and_loss,
    bounds_of_difference,
    canonical_json,
    digest,
    in_words,
    ours,
    script,
    trial,
)
from reensayo.spec.checks import check, check_curves
from reensayo.spec.experiment import TRAINING
from reensayo.text import Text

ABOUT = Text(es="qué", en="what")
TOY = replace(registry.find(repository.TOY), from_folder=False)
LINE, DRAWN = TOY.experiments.values()

# ---------------------------------------------------------------- canonical JSON and hash

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(list(value))}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_canonical_json_holds_everything_and_no_order_of_keys(value):
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(reversed_keys(value)) == written
    assert canonical_json(json.loads(written)) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_canonical_json_refuses_what_json_cannot_say(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


def test_the_hash_never_changes():
    value = {"b": [1, 0.1, True, None], "a": "ñ"}
    assert canonical_json(value) == '{"a":"ñ","b":[1,0.1,true,null]}'
    assert digest(value) == "baa45b3e59456a9e0a53399f5a968cc6fdaa5ed616676fa2a2c92b8b8be99184"


# ---------------------------------------------------------------- settings

INT = Setting("epochs", ABOUT, int, low=1, high=100)
FLOAT = Setting("rate", ABOUT, float, low=1e-8, high=100.0)
BOOL = Setting("logits", ABOUT, bool)
WORD = Setting("optimizer", ABOUT, str, choices=("Adam", "SGD"))


@given(st.integers())
def test_whole_numbers_in_range_are_read_and_no_others(value):
    if 1 <= value <= 100:
        assert INT.parse(str(value)) == value
        assert type(INT.parse(str(value))) is int
    else:
        with pytest.raises(InputError, match=r"epochs: expected int 1 … 100; received"):
            INT.parse(str(value))


@given(st.floats())
@example(0.123456789)
def test_numbers_in_range_are_read_and_no_others(value):
    if 1e-8 <= value <= 100:
        assert FLOAT.parse(in_words(value)) == value
    else:
        with pytest.raises(InputError, match="rate"):
            FLOAT.parse(repr(value))


@given(st.text())
def test_words_are_read_or_refused_with_what_is_possible(raw):
    for setting in (INT, FLOAT, BOOL, WORD):
        refused = None
        try:
            value = setting.parse(raw)
        except InputError as error:
            refused = error.message
        if refused is None:
            assert type(value) is setting.kind
            assert setting.check(value) == value
        else:
            assert setting.expected() in refused.es
            assert setting.expected() in refused.en


@pytest.mark.parametrize(
    ("setting", "value"),
    [(INT, True), (INT, 1.0), (INT, "1"), (FLOAT, True), (FLOAT, "0.1"), (BOOL, 1), (BOOL, "true"), (WORD, "adam")],
)
def test_a_value_of_another_kind_is_refused(setting, value):
    with pytest.raises(InputError, match=setting.name):
        setting.check(value)


def test_a_whole_number_serves_where_a_number_is_meant():
    assert type(FLOAT.check(1)) is float
    assert type(FLOAT.parse("1")) is float


@pytest.mark.parametrize(("raw", "value"), [("true", True), ("False", False), ("TRUE", True)])
def test_truth_values_are_words(raw, value):
    assert BOOL.parse(raw) is value


def test_settings_are_attributes_and_items():
    s = Settings({"epochs": 3, "rate": 0.1})
    assert (s.epochs, s["rate"], dict(s), len(s)) == (3, 0.1, {"epochs": 3, "rate": 0.1}, 2)
    with pytest.raises(AttributeError, match="no setting 'momentum'; this recipe has epochs, rate"):
        _ = s.momentum


# ---------------------------------------------------------------- recipes

TEST = Reaches(LINE, Metric("loss", "last"), 1, 1, 2)
RECIPE = Recipe("script", script(epochs=20, rate=0.01, logits=True))


def test_but_makes_another_recipe():
    other = RECIPE.but("mine", ours(epochs=3), ABOUT)
    assert (other.name, other.about, other.settings.epochs, RECIPE.settings.epochs) == ("mine", ABOUT, 3, 20)
    assert (other.sourced["epochs"].origin, other.sourced["rate"].origin) == ("ours", "script")


def test_set_changes_the_label_and_drops_what_is_no_change():
    changed = RECIPE.set({"rate": 0.5, "epochs": 3, "logits": True})
    assert changed.label == "script+epochs=3+rate=0.5"
    assert dict(changed.settings) == {"epochs": 3, "rate": 0.5, "logits": True}
    assert RECIPE.set({"epochs": 20, "rate": 0.01}) == RECIPE
    assert RECIPE.set({"logits": False}).label == "script+logits=false"


@given(st.floats(1e-8, 100), st.floats(1e-8, 100))
@example(0.1234567, 0.1234568)
def test_two_values_never_share_a_label(a, b):
    labels = {RECIPE.set({"rate": value}).label for value in (a, b)}
    assert len(labels) == len({a, b})


def test_reduced_only_if_something_is_less():
    less = RECIPE.reduce({"epochs": 3})
    assert (less.reduced, less.label, less.settings.epochs) == (True, "script", 3)
    assert RECIPE.reduce({}) == RECIPE
    assert not RECIPE.reduce({"epochs": 20}).reduced


def test_fewer_epochs_are_the_first_of_as_many_as_planned():
    falling = Recipe("sound", RECIPE.sourced | ours(schedule="cosine"))
    assert falling.reduce({"epochs": 3}).settings["planned_epochs"] == 20
    for recipe in (RECIPE, falling.but("constant", ours(schedule="constant"))):
        assert "planned_epochs" not in recipe.reduce({"epochs": 3}).settings


# ---------------------------------------------------------------- identity

CODE = LINE.recipe("code")
BASE = Trial(TOY, LINE, CODE, 0)


def other_value(setting, value):
    if setting.kind is bool:
        return not value
    if setting.kind is str:
        return next(choice for choice in setting.choices if choice != value)
    return value + 1 if value + 1 <= setting.high else value - 1 if setting.kind is int else value / 2


@pytest.mark.parametrize("name", [s.name for s in LINE.settings])
def test_every_setting_makes_another_trial(name):
    setting = LINE.setting(name)
    value = setting.check(other_value(setting, CODE.settings[name]))
    sourced = {**CODE.sourced, **ours(**{name: value})}
    assert Trial(TOY, LINE, replace(CODE, sourced=sourced), 0).id != BASE.id  # the label is the same


@pytest.mark.parametrize(
    "other",
    [
        Trial(replace(TOY, name="another"), LINE, CODE, 0),
        Trial(TOY, LINE, CODE, 1),
        Trial(TOY, LINE, CODE, 0, precision="float64"),
        Trial(TOY, LINE, replace(CODE, name="mine"), 0),
        Trial(TOY, LINE, replace(CODE, changed={"epochs": 3}), 0),
        Trial(TOY, LINE, replace(CODE, reduced=True), 0),
        Trial(TOY, replace(LINE, id="toy.other"), CODE, 0),
        Trial(TOY, replace(LINE, dataset=SimpleNamespace(checksum="another")), CODE, 0),
        Trial(TOY, replace(LINE, dataset=None), CODE, 0),
        Trial(replace(TOY, from_folder=True), LINE, CODE, 0),
    ],
    ids=["original", "seed", "precision", "recipe", "changed", "reduced", "experiment", "data", "no data", "folder"],
)
def test_everything_that_matters_makes_another_trial(other):
    assert digest(other.identity) != digest(BASE.identity)


def test_another_version_of_the_training_makes_another_trial(monkeypatch):
    before = BASE.id
    monkeypatch.setattr(trial, "RESULTS_VERSION", trial.RESULTS_VERSION + 1)
    assert BASE.id != before


def test_what_does_not_matter_makes_no_other_trial():
    same = replace(LINE, title=ABOUT, seeds=1, quick=Quick(1), evaluate=lambda *_: None, recipes=())
    moved = replace(CODE, about=ABOUT, sourced=ours(**dict(reversed(list(CODE.settings.items())))))
    assert Trial(replace(TOY, title=ABOUT, exercises=()), same, moved, 0).id == BASE.id


def test_an_id_is_readable():
    assert Trial(TOY, LINE, CODE.set({"epochs": 3}), 4).id.startswith("toy.line@code-s4-")


# ---------------------------------------------------------------- an original


def test_where_something_is_written_is_where_its_own_code_makes_it():
    made = [replace(LINE, title=ABOUT), accuracy_and_loss(1, ABOUT, LINE, "loss", ABOUT), TOY.exercises[0]]
    here = sys._getframe().f_lineno - 1
    assert [one.place for one in made[:2]] == [f"{__file__}:{here}"] * 2
    assert Path(made[2].place.rsplit(":", 1)[0]).name == "points.py"
    assert registry.find(replace(TOY, title=ABOUT)).place.startswith(__file__)


def test_an_original_names_what_it_has():
    assert list(TOY.experiments) == ["toy.line", "toy.drawn"]
    assert TOY.example == "toy.line@paper"
    assert [dataset.name for dataset in TOY.datasets] == ["points"]
    assert TOY.number(TOY.exercises[0]) == 1
    numbered, named = TOY.figures()
    assert (numbered.name, named.name) == ("fig-01", "toy-network")
    assert TOY.recipes_of(numbered) == ("code", "paper")  # first that which drew the figures
    assert TOY.recipes_of(named) == ("paper",)
    assert str(LINE.under("code")) == "toy.line@code"


def test_an_unknown_setting_is_refused_with_all_that_can_be_set():
    with pytest.raises(InputError, match="no setting 'momentum'") as caught:
        LINE.setting("momentum")
    assert all(f"{setting.name}: {setting.expected()}" in str(caught.value) for setting in LINE.settings)


def toy_with(**changes):
    """The original with something else in its exercise."""
    return replace(TOY, exercises=(replace(TOY.exercises[0], **changes),))


FOREIGN = replace(LINE, id="other.line")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"claims": (Claim("x", ABOUT, "§8", Happens(FOREIGN, bool, ABOUT)),)},
            "claim x: other.line belongs to none of the exercises",
        ),
        (
            {"figures": (Figure(20, ABOUT, LINE, (), recipes=("scrip",)),)},
            "figure fig-20: toy.line has no recipe 'scrip'; it has paper, code, ",
        ),
        (
            {"figures": (Figure(20, ABOUT, LINE, (), also=(FOREIGN,)),)},
            "figure fig-20: other.line belongs to none of the exercises",
        ),
        (
            {"mistakes": (Mistake("§8", ABOUT, (FOREIGN.under("code"),)),)},
            "toy, mistake in §8: other.line belongs to none of the exercises",
        ),
        (
            {"claims": (Claim("x", ABOUT, "§8", Reaches(LINE, Metric("los", 1), 1, 1, 2)),)},
            "claim x: toy.line has no curve 'los'; it has loss, mean_squared_error, val_loss, ",
        ),
        (
            {"figures": (Figure(20, ABOUT, LINE, (Panel("accuracy", ABOUT),)),)},
            "figure fig-20: toy.line has no curve 'accuracy'",
        ),
        (
            {"asked": (Asked(ABOUT, Metric("val_los", "last"), (LINE.under("code"),)),)},
            "toy, question: toy.line has no curve 'val_los'",
        ),
        ({"id": "drawn"}, "experiment toy.line: expected drawn.NAME"),
        ({"id": "toy.line", "experiments": ()}, "exercise 'toy.line': expected a name without '.'"),
        ({"experiments": (LINE, LINE)}, "experiment toy.line: there are two of that name"),
        ({"counted": (Counted("toy.line", ABOUT, print, ABOUT),)}, "experiment toy.line: there are two of that name"),
        ({"counted": (Counted("line", ABOUT, print, ABOUT),)}, "experiment line: expected toy.NAME"),
        ({"figures": (Figure(1, ABOUT, LINE, ()),) * 2}, "figure fig-01: there are two of that name"),
    ],
)
def test_what_does_not_exist_or_is_there_twice_is_refused(changes, message):
    check(TOY)
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        check(toy_with(**changes))
    assert re.search(r"\.py:\d+$", caught.value.place)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercises": ()}, "toy: there are no exercises"),
        ({"name": "a toy"}, "original 'a toy': expected a name of letters"),
        ({"judged": ("paper", "text")}, "recipe 'text' has no meaning in recipes=; it has paper, code"),
        ({"drew_figures": "text"}, "recipe 'text' has no meaning in recipes="),
    ],
)
def test_an_original_that_is_not_whole_is_refused(changes, message):
    with pytest.raises(SpecError, match=re.escape(message)):
        check(replace(TOY, **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"claims": (Claim("x", "words", "§8", Happens(LINE, bool, ABOUT)),)},
            "Claim(statement=...): expected Text(es=",
        ),
        (
            {"claims": Claim("x", ABOUT, "§8", Happens(LINE, bool, ABOUT))},
            "Exercise(claims=...): expected a tuple, with",
        ),
        (
            {"claims": (Claim("x", ABOUT, "§8", (Reading(Happens(LINE, bool, ABOUT), recipes=("textt",)),)),)},
            "claim x: 'textt' is none of the judged recipes",
        ),
        ({"title": None}, "Exercise(title=...): expected Text(es=..., en=...); received None"),
    ],
)
def test_words_in_one_language_and_a_forgotten_comma_are_told(changes, message):
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        check(toy_with(**changes))
    assert caught.value.place.startswith(f"{__file__}:")


@pytest.mark.parametrize("at", ["best", "", 0, -1, None])
def test_a_point_of_a_curve_that_is_none_is_refused_where_it_is_written(at):
    with pytest.raises(
        SpecError, match="metric loss: expected at one of last, highest, lowest, measured, or"
    ) as caught:
        Metric("loss", at)
    assert caught.value.place.startswith(f"{__file__}:")


def test_curves_that_are_read_must_be_there():
    check_curves(TOY)
    panel = Panel("loss", ABOUT, 7, training="training_loss")
    with pytest.raises(SpecError, match=r"curves.json has no curve 'training_loss' of figure 7; it has none"):
        check_curves(toy_with(figures=(Figure(7, ABOUT, LINE, (panel,)),)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (ours(examples=70), "toy.line@code: invalid value for examples: expected int 1 "),
        (ours(momentum=0.9), "toy.line@code: momentum is not among settings=examples, "),
    ],
)
def test_a_recipe_with_a_setting_that_is_not_declared_or_out_of_range_is_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(LINE, recipes=(replace(CODE, sourced={**CODE.sourced, **change}),))


def test_a_typo_is_told_where_it_is_written():
    base = replace(CODE, sourced={**without_epochs(CODE.sourced), **ours(epoch=3)})
    here = sys._getframe().f_lineno - 1
    with pytest.raises(SpecError, match=r"toy.line@mine: epoch is not among settings=") as caught:
        replace(LINE, recipes=(base.but("mine", ours(epochs=5)), base))
    assert caught.value.place == f"{__file__}:{here}"


@pytest.mark.parametrize("kind", ["int", ABOUT, None, list, str])
def test_a_setting_of_no_kind_is_refused_where_it_is_written(kind):
    with pytest.raises(SpecError, match="setting width: expected int, float, bool, or str with choices=") as caught:
        Setting("width", ABOUT, kind)
    assert caught.value.place.startswith(f"{__file__}:")


@pytest.mark.parametrize("metrics", [("accuracy",), ("MeanSquaredError", "mse"), ("Mean Squared",), "Accuracy", ("",)])
def test_a_metric_is_named_as_the_class_that_it_is(metrics):
    told = f"toy.line: metrics={metrics!r}, expected Keras classes, e.g. ('CategoricalAccuracy',)"
    with pytest.raises(SpecError, match=re.escape(told)):
        replace(LINE, metrics=metrics)
    assert replace(LINE, metrics=("Accuracy", max)).columns[:3] == ("loss", "accuracy", "max")


def test_a_history_holds_what_is_measured_after_each_epoch():
    e = replace(LINE, metrics=("Accuracy",))
    assert e.columns == ("loss", "accuracy", "val_loss", "val_accuracy")
    e = replace(e, measures_training=True)
    assert e.columns == ("loss", "accuracy", "inference_loss", "inference_accuracy", "val_loss", "val_accuracy")
    assert replace(e, validates=False).columns == e.columns[:4]


@pytest.mark.parametrize("test", [(), None, [Reading(TEST)], Reading(TEST), (TEST,)])
def test_a_claim_with_no_test_is_refused_where_it_is_written(test):
    with pytest.raises(SpecError, match=r"claim x: expected a test such as Reaches\(...\), or a tuple of") as caught:
        Claim("x", ABOUT, "§8", test)
    assert caught.value.place.startswith(f"{__file__}:")


def test_values_of_a_recipe_stand_in_the_order_of_the_settings():
    moved = replace(CODE, sourced=dict(reversed(CODE.sourced.items())))
    (recipe,) = replace(LINE, recipes=(moved,), quick=Quick(1)).recipes
    assert list(moved.sourced) != list(recipe.sourced) == [setting.name for setting in LINE.settings]


def test_an_experiment_that_neither_loads_nor_splits_is_refused():
    others = {name: value for name, value in vars(LINE).items() if name not in ("load", "place")}
    with pytest.raises(ValueError, match=r"toy\.line: neither load= nor split= gives the arrays of a trial"):
        type(LINE)(**others)


def without_epochs(sourced):
    return {name: item for name, item in sourced.items() if name != "epochs"}


def test_a_recipe_that_lacks_a_declared_setting_is_refused():
    recipe = replace(CODE, sourced=without_epochs(CODE.sourced))
    with pytest.raises(ValueError, match=r"toy\.line@code: no epochs, which settings= declares"):
        replace(LINE, recipes=(recipe,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dataset": "mnist"}, "toy.line: dataset='mnist', expected one of reensayo.datasets, or None"),
        ({"quick": Quick(1, without=("texts",))}, "toy.line: quick leaves out texts, which is none of its recipes"),
    ],
)
def test_an_experiment_with_a_data_set_or_recipe_that_is_none_is_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(LINE, **change)


def test_an_experiment_that_does_not_say_what_training_reads_is_refused():
    assert {setting.name for setting in settings.TRAINING} == set(TRAINING)
    recipes = tuple(replace(recipe, sourced=without_epochs(recipe.sourced)) for recipe in LINE.recipes)
    declared = tuple(setting for setting in LINE.settings if setting.name != "epochs")
    told = r"toy.line: settings= lacks epochs; add \*reensayo.settings.TRAINING"
    with pytest.raises(SpecError, match=told):
        replace(LINE, settings=declared, recipes=recipes, quick=Quick(1))
    assert not replace(LINE, settings=(), recipes=(), baselines=(), quick=Quick(1)).recipes


# ---------------------------------------------------------------- metrics


@pytest.mark.parametrize(
    ("at", "value", "es", "en"),
    [
        ("last", 2.0, ", última época", ", last epoch"),
        ("highest", 3.0, ", mejor época", ", best epoch"),
        ("lowest", 1.0, ", mejor época", ", best epoch"),
        (2, 1.0, ", época 2", ", epoch 2"),
        ("measured", 7.0, "", ""),
    ],
)
def test_a_metric_is_one_point_of_a_curve_or_what_was_measured(at, value, es, en):
    stored = SimpleNamespace(history={"loss": np.array([3.0, 1.0, 2.0])}, measures={"loss": 7.0})
    metric = Metric("loss", at)
    assert metric.of(stored) == value
    assert metric.named(TOY.named).words == Text(es="costo en entrenamiento" + es, en="loss in training" + en)


@pytest.mark.parametrize(
    ("name", "es", "en"),
    [
        ("val_binary_accuracy", "exactitud binaria en validación", "binary accuracy in validation"),
        ("test_r2_score", "coeficiente de determinación R² en prueba", "coefficient of determination R² in test"),
        ("inference_loss", "costo en entrenamiento, modo inferencia", "loss in training, inference mode"),
        ("seconds_per_epoch", "segundos por época", "seconds per epoch"),
        ("slope", "pendiente aprendida", "slope learned"),
        ("val_of_a_guest", "val_of_a_guest", "val_of_a_guest"),
    ],
)
def test_what_is_measured_is_called_by_words_if_it_has_some(name, es, en):
    assert TOY.named(name).words == Text(es=es, en=en)


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("loss", (0, math.inf)),
        ("val_categorical_accuracy", (0, 1)),
        ("test_r2_score", (-math.inf, 1)),
        ("test_squared_correlation", (0, 1)),
        ("seconds_per_epoch", (0, math.inf)),
        ("slope", NEVER_NEGATIVE),
        ("val_slope", NEVER_NEGATIVE),
        ("somebody_elses_metric", (-math.inf, math.inf)),
    ],
)
def test_within_what_a_metric_is(name, expected):
    assert TOY.named(name).bounds == expected
    assert Metric(name, "last").named(TOY.named).bounds == expected


def test_what_an_original_calls_a_metric_wins():
    own = replace(TOY, metrics={"loss": Named(ABOUT), "val_loss": Named(Text(es="otro", en="other"))})
    assert own.named("loss").words == ABOUT
    assert own.named("test_loss").words == Text(es="qué en prueba", en="what in test")
    assert own.named("val_loss").words.en == "other"


@pytest.mark.parametrize(
    ("of_one", "expected"),
    [((0, 1), (-1, 1)), ((0, math.inf), (-math.inf, math.inf)), ((-math.inf, 1), (-math.inf, math.inf))],
)
def test_within_what_two_of_a_kind_differ(of_one, expected):
    assert bounds_of_difference(of_one) == expected
