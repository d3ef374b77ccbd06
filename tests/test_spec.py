"""What an original claims and how it is tried: the values themselves, and that the exercises are complete."""

import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reensayo import datasets, networks, randomness
from reensayo.errors import InputError
from reensayo.evidence.original import curves
from reensayo.evidence.reference import reference_trials
from reensayo.exercises import EXERCISES, EXPERIMENTS
from reensayo.outline import outline
from reensayo.spec import (
    Asked,
    Claim,
    Differences,
    Figure,
    Happens,
    Mistake,
    Panel,
    Metric,
    Quick,
    Reaches,
    Reading,
    Recipe,
    Setting,
    Settings,
    Trial,
    arms,
    bounds,
    bounds_of_difference,
    called,
    canonical_json,
    check_names,
    digest,
    experiment,
    in_words,
    names,
    ours,
    script,
)
from reensayo.text import Text
from reensayo.training import device
from reensayo.training.weights import without_weights

ABOUT = Text(es="qué", en="what")
CONV = EXPERIMENTS["ex08.conv"]
EVERY_RECIPE = [pytest.param(e, r, id=f"{e.id}@{r.name}") for e in EXPERIMENTS.values() for r in e.recipes]
EVERY_READING = [
    pytest.param(claim, reading, id=f"{claim.id} {reading.name}".strip())
    for exercise in EXERCISES
    for claim in exercise.claims
    for reading in claim.readings
]

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

RECIPE = Recipe("script", {"epochs": script(20), "rate": script(0.01), "logits": script(True)})


def test_but_makes_another_recipe_and_refuses_unknown_settings():
    other = RECIPE.but("mine", ABOUT, epochs=ours(3))
    assert (other.name, other.about, other.settings.epochs, RECIPE.settings.epochs) == ("mine", ABOUT, 3, 20)
    assert (other.sourced["epochs"].origin, other.sourced["rate"].origin) == ("ours", "script")
    with pytest.raises(KeyError, match="momentum"):
        RECIPE.but("mine", momentum=ours(3))


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


# ---------------------------------------------------------------- identity

SCRIPT = CONV.recipe("script")
BASE = Trial(CONV, SCRIPT, 0)


def other_value(setting, value):
    if setting.kind is bool:
        return not value
    if setting.kind is str:
        return next(choice for choice in setting.choices if choice != value)
    return value + 1 if value + 1 <= setting.high else value - 1 if setting.kind is int else value / 2


@pytest.mark.parametrize("name", [s.name for s in CONV.settings])
def test_every_setting_makes_another_trial(name):
    setting = CONV.setting(name)
    value = setting.check(other_value(setting, SCRIPT.settings[name]))
    sourced = {**SCRIPT.sourced, name: ours(value)}
    assert Trial(CONV, replace(SCRIPT, sourced=sourced), 0).id != BASE.id  # the label is the same


@pytest.mark.parametrize(
    "other",
    [
        Trial(CONV, SCRIPT, 1),
        Trial(CONV, SCRIPT, 0, precision="float64"),
        Trial(CONV, replace(SCRIPT, name="mine"), 0),
        Trial(CONV, replace(SCRIPT, changed={"epochs": 3}), 0),
        Trial(CONV, replace(SCRIPT, reduced=True), 0),
        Trial(replace(CONV, id="ex08.dense"), SCRIPT, 0),
        Trial(replace(CONV, dataset=replace(datasets.MNIST, arrays=datasets.BOSTON.arrays)), SCRIPT, 0),
        Trial(replace(CONV, dataset=None), SCRIPT, 0),
    ],
    ids=["seed", "precision", "recipe", "changed", "reduced", "experiment", "data", "no data"],
)
def test_everything_that_matters_makes_another_trial(other):
    assert digest(other.identity) != digest(BASE.identity)


def test_another_version_of_the_training_makes_another_trial(monkeypatch):
    before = BASE.id
    monkeypatch.setattr(experiment, "RESULTS_VERSION", experiment.RESULTS_VERSION + 1)
    assert BASE.id != before


def test_what_does_not_matter_makes_no_other_trial():
    same = replace(CONV, title=ABOUT, seeds=1, quick=Quick(1), evaluate=lambda *_: None, recipes=())
    moved = replace(
        SCRIPT, about=ABOUT, sourced=dict(reversed([(n, ours(s.value)) for n, s in SCRIPT.sourced.items()]))
    )
    assert Trial(same, moved, 0).id == BASE.id


def test_an_id_is_readable():
    assert Trial(CONV, SCRIPT.set({"epochs": 3}), 4).id.startswith("ex08.conv@script-s4-")


# ---------------------------------------------------------------- the exercises are complete


def test_exercises_and_claims_are_those_of_the_original():
    assert [exercise.id for exercise in EXERCISES] == [f"ex{number:02d}" for number in range(1, 11)]
    claims = " ".join(claim.id for exercise in EXERCISES for claim in exercise.claims)
    numbers = "1 2a 2b 2c 2d 3a 3b 3c 4a 4b 4c 5 6 7 8a 8b 8c 8d 8e 9a 9b 9c 9d 9e 10a 10b 10c 10d 10e 10f"
    assert claims == numbers


def test_experiments_belong_to_their_exercise_and_have_recipes_of_different_names():
    for exercise in EXERCISES:
        assert exercise.number == int(exercise.id[2:])
        for e in exercise.experiments:
            assert e.exercise == exercise.id
            names = [recipe.name for recipe in e.recipes]
            assert len({r.name for r in e.runnable}) == len(e.runnable)
            assert {"text", "script"} <= set(names) or set(names) == {"assignment"}
            assert set(e.parameters) == set(names)
            assert all(recipe.fit is None for recipe in e.recipes)


def test_a_baseline_has_a_fit_a_name_that_says_so_and_known_settings():
    found = [(e, baseline) for e in EXPERIMENTS.values() for baseline in e.baselines]
    assert found
    for e, baseline in found:
        assert baseline.fit is not None
        assert baseline.name.startswith("baseline-")
        assert baseline.about is not None
        for name, value in baseline.settings.items():
            assert e.setting(name).check(value) == value


@pytest.mark.parametrize(("e", "recipe"), EVERY_RECIPE)
def test_a_recipe_fixes_exactly_the_declared_settings(e, recipe):
    assert set(recipe.sourced) == {setting.name for setting in e.settings}
    for setting in e.settings:
        value = recipe.settings[setting.name]
        assert type(value) is setting.kind
        assert setting.check(value) == value
        assert setting.parse(in_words(value)) == value


@pytest.mark.parametrize("e", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_the_quick_profile_only_changes_settings_that_exist_and_only_to_less(e):
    for name, value in e.quick.changes.items():
        assert e.setting(name).check(value) == value
        assert all(value < recipe.settings[name] for recipe in e.recipes)
    assert 1 <= e.quick.seeds <= e.seeds
    assert set(e.quick.without) < {recipe.name for recipe in e.recipes}


def test_the_quick_profile_fits_its_budget():
    """Ten minutes, less three for the installation and the report and for slow machines."""
    assert sum(exercise.quick_seconds for exercise in EXERCISES) <= 420


@pytest.mark.parametrize(
    ("id_", "parameters"),
    [
        ("ex01.linear", 31),
        *((f"ex02.{name}", 308_310) for name in ("mse", "hinge", "cce", "fig5-mse", "fig5-hinge", "problem4")),
        ("ex02.xor", 9),
        ("ex03.none", 501_351),
        ("ex04.dense", 163_201),
        ("ex04.conv", 160_369),
        ("ex05.map", 17),
        ("ex06.raw", 37_551),
        ("ex06.imputed", 37_551),
        ("ex07.denoise", 11_394_534),
        ("ex08.dense", 79_510),
        ("ex08.conv", 94_650),
        ("ex09.dense", 79_510),
        ("ex09.conv", 94_650),
        ("ex09.dense-plain", 79_510),
        ("ex09.conv-plain", 94_650),
        ("ex10.alexnet-cifar10", 18_316),
        ("ex10.vgg16-cifar10", 15_181_326),
        ("ex10.alexnet-cifar100", 2_921_776),
        ("ex10.vgg16-cifar100", 15_160_850),
    ],
)
def test_declared_parameters(id_, parameters):
    assert EXPERIMENTS[id_].parameters["script"] == parameters


@pytest.mark.parametrize(
    ("network", "parameters"),
    [(networks.alexnet_assignment, 62_378_344), (networks.vgg16_assignment, 138_357_544)],
)
def test_the_assignment_s_nets_are_as_large_as_published(network, parameters):
    device.setup()
    model = without_weights(network)
    assert sum(math.prod(variable.shape) for variable in model.trainable_variables) == parameters


def test_an_unknown_setting_is_refused_with_all_that_can_be_set():
    with pytest.raises(InputError, match="no setting 'momentum'") as caught:
        CONV.setting("momentum")
    assert all(f"{setting.name}: {setting.expected()}" in str(caught.value) for setting in CONV.settings)


# ---------------------------------------------------------------- claims and figures rest on what trials have


@pytest.mark.parametrize("e", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_columns_are_named_as_keras_names_its_metrics(e):
    import keras

    names = [getattr(keras.metrics, m)().name if isinstance(m, str) else m.__name__ for m in e.metrics]
    assert e.columns[: 1 + len(names)] == ("loss", *names)


@pytest.fixture(scope="module")
def trial_of():
    """Experiment -> a trial with everything that training and ``evaluate`` give, of a net that guesses."""
    load = {}

    class Guessed:
        def __init__(self, id_):
            e = EXPERIMENTS[id_]
            if e.dataset and e.dataset.name not in load:
                load[e.dataset.name] = datasets.load(e.dataset)
            s = e.recipe("script").settings
            split = e.splits(load[e.dataset.name] if e.dataset else None, s, randomness.generator(0, "data"))[0]
            width = outline(id_, "script")[-1].shape[-1]
            found = e.evaluate(lambda x: np.random.default_rng(0).uniform(size=(len(x), width)), split, s)
            self.measures = {**found.measures, "parameters": 1.0, "multiply_adds": 1.0, "seconds_per_epoch": 1.0}
            self.history = {name: np.linspace(1, 0.5, s.epochs) for name in e.columns}

    return Guessed


@pytest.mark.parametrize(("claim", "reading"), EVERY_READING)
def test_a_claim_finds_its_experiments_and_quantities(claim, reading, trial_of):
    test = reading.test
    for arm in arms(test):
        trial = trial_of(arm)
        if isinstance(test, Happens):
            assert test.event(trial) in (True, False)
        else:
            assert np.isfinite(test.metric.of(trial))
    if isinstance(test, Reaches):
        assert 0 < test.tolerance < test.margin
    if getattr(test, "figure", None):
        assert np.isfinite(test.figure(curves()))


def test_readings_of_one_claim_have_different_names():
    for exercise in EXERCISES:
        for claim in exercise.claims:
            names = [reading.name for reading in claim.readings]
            assert len(set(names)) == len(names)
            assert all(names) or len(names) == 1


@pytest.mark.parametrize("figure", [pytest.param(f, id=f.name) for x in EXERCISES for f in x.figures])
def test_a_figure_finds_its_experiment_recipes_and_curves(figure):
    e = EXPERIMENTS[figure.experiment]
    assert {e.recipe(name).name for name in figure.recipes} == set(figure.recipes)
    for panel in figure.panels:
        if isinstance(panel, Panel):
            assert {panel.metric, f"val_{panel.metric}"} & set(e.columns)
            assert {panel.training, panel.validation, *panel.folds} - {""} <= curves().get(panel.figure, {}).keys()
        if isinstance(panel, Differences):
            for _, *pair in panel.pairs:
                assert all(panel.metric.name in EXPERIMENTS[id_].columns for id_ in pair)


def named_wrongly(**changes):
    """Exercise 8 with something else in it."""
    return [replace(exercise, **changes) if exercise.id == "ex08" else exercise for exercise in EXERCISES]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"claims": (Claim("x", ABOUT, "§8", (Reading(Happens("ex08.dens", bool, ABOUT)),)),)},
            "claim x: no experiment 'ex08.dens'; there are ex01.linear, ",
        ),
        (
            {"figures": (Figure("fig-20", ABOUT, "ex08.dense", (), recipes=("scrip",)),)},
            "figure fig-20: ex08.dense has no recipe 'scrip'; it has assignment, script, ",
        ),
        (
            {"figures": (Figure("fig-20", ABOUT, "ex08.dense", (), also=("ex08.convolution",)),)},
            "figure fig-20: no experiment 'ex08.convolution'",
        ),
        (
            {"mistakes": (Mistake("§8", ABOUT, ("ex08.dense@sound-",)),)},
            "ex08, mistake in §8: ex08.dense has no recipe 'sound-'",
        ),
        (
            {"claims": (Claim("x", ABOUT, "§8", (Reading(Reaches("ex08.dense", Metric("los", 1), 1, 1, 2)),)),)},
            "claim x: ex08.dense has no curve 'los'; it has loss, categorical_accuracy, val_loss, ",
        ),
        (
            {"figures": (Figure("fig-20", ABOUT, "ex08.dense", (Panel("accuracy", ABOUT),)),)},
            "figure fig-20: ex08.dense has no curve 'accuracy'",
        ),
        (
            {"asked": (Asked(ABOUT, Metric("val_los", "last"), ("ex08.dense@script",)),)},
            "ex08, question: ex08.dense has no curve 'val_los'",
        ),
        ({"id": "ex01"}, "exercise ex01: there are two of that name"),
        ({"figures": (Figure("fig-01", ABOUT, "ex08.dense", ()),)}, "figure fig-01: there are two of that name"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_where_it_stands(changes, message):
    check_names(EXERCISES)
    with pytest.raises(ValueError, match=re.escape(message)):
        check_names(named_wrongly(**changes))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dropout": ours(7.0)}, "ex08.conv@script: invalid value for dropout: expected float 0 "),
        ({"momentum": ours(0.9)}, "ex08.conv@script: momentum is not among settings=filters, "),
    ],
)
def test_a_recipe_with_a_setting_that_is_not_declared_or_out_of_range_is_refused(change, message):
    recipe = replace(SCRIPT, sourced={**SCRIPT.sourced, **change})
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(CONV, recipes=(recipe,))


def test_a_recipe_that_lacks_a_declared_setting_is_refused():
    recipe = replace(SCRIPT, sourced={name: item for name, item in SCRIPT.sourced.items() if name != "dropout"})
    with pytest.raises(ValueError, match=r"ex08\.conv@script: no dropout, which settings= declares"):
        replace(CONV, recipes=(recipe,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dataset": "mnist"}, "ex08.conv: dataset='mnist', expected one of reensayo.datasets, or None"),
        ({"quick": Quick(1, without=("texts",))}, "ex08.conv: quick leaves out texts, which is none of its recipes"),
    ],
)
def test_an_experiment_on_no_data_set_or_with_an_unknown_recipe_left_out_is_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(CONV, **change)


# ---------------------------------------------------------------- quantities


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
def test_a_quantity_is_one_point_of_a_curve_or_what_was_measured(at, value, es, en):
    stored = SimpleNamespace(history={"loss": np.array([3.0, 1.0, 2.0])}, measures={"loss": 7.0})
    quantity = Metric("loss", at)
    assert quantity.of(stored) == value
    assert quantity.words() == Text(es="costo en entrenamiento" + es, en="loss in training" + en)


@pytest.mark.parametrize(
    ("name", "es", "en"),
    [
        ("val_binary_accuracy", "exactitud binaria en validación", "binary accuracy in validation"),
        ("test_r2_score", "coeficiente de determinación R² en prueba", "coefficient of determination R² in test"),
        ("seconds_per_epoch", "segundos por época", "seconds per epoch"),
        ("psnr_above_median", "dB sobre el filtro de mediana", "dB above the median filter"),
        ("val_of_a_guest", "val_of_a_guest", "val_of_a_guest"),
    ],
)
def test_what_is_measured_is_called_by_words_if_it_has_some(name, es, en):
    assert called(name) == Text(es=es, en=en)


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("loss", (0, math.inf)),
        ("val_categorical_accuracy", (0, 1)),
        ("test_r2_score", (-math.inf, 1)),
        ("test_squared_correlation", (0, 1)),
        ("seconds_per_epoch", (0, math.inf)),
        ("test_psnr_0.5", (-math.inf, math.inf)),
        ("somebody_elses_metric", (-math.inf, math.inf)),
    ],
)
def test_within_what_a_metric_is(name, expected):
    assert bounds(name) == expected
    assert Metric(name, "last").bounds == expected


def test_only_metrics_with_a_name_have_bounds():
    assert names.BOUNDS.keys() <= names.METRICS.keys() | names.COSTS.keys() | names.OTHERS.keys()


@pytest.mark.parametrize(
    ("of_one", "expected"),
    [((0, 1), (-1, 1)), ((0, math.inf), (-math.inf, math.inf)), ((-math.inf, 1), (-math.inf, math.inf))],
)
def test_within_what_two_of_a_kind_differ(of_one, expected):
    assert bounds_of_difference(of_one) == expected


def test_everything_that_was_ever_measured_is_within_its_bounds():
    for trial in reference_trials():
        found = {name: (curve.min(), curve.max()) for name, curve in trial.history.items()}
        found |= {name: (value, value) for name, value in trial.measures.items()}
        for name, (lowest, highest) in found.items():
            low, high = bounds(name)
            assert low <= lowest <= highest <= high, (trial.id, name)
