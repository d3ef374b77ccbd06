"""The work is whole: its exercises, experiments, recipes, claims and figures, and what these rest on is there."""

import numpy as np
import pytest

from reensayo import datasets, randomness
from reensayo.evidence.current import shipped
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.outline import outline
from reensayo.runner import plan
from reensayo.spec import Differences, Happens, Panel, Reaches, experiments_of, in_words
from reensayo.spec.checks import check, check_curves

EXPERIMENTS = ORIGINAL.experiments
EVERY_RECIPE = [pytest.param(e, r, id=str(e.under(r.name))) for e in EXPERIMENTS.values() for r in e.recipes]
EVERY_READING = [
    pytest.param(reading, id=f"{claim.id} {reading.name}".strip())
    for exercise in ORIGINAL.exercises
    for claim in exercise.claims
    for reading in claim.readings
]


def test_it_keeps_to_what_an_original_must():
    check(ORIGINAL)
    check_curves(ORIGINAL)


def test_exercises_claims_and_figures_are_those_of_the_original():
    assert [exercise.id for exercise in ORIGINAL.exercises] == [f"ex{number:02d}" for number in range(1, 11)]
    assert [ORIGINAL.number(exercise) for exercise in ORIGINAL.exercises] == list(range(1, 11))
    claims = " ".join(claim.id for exercise in ORIGINAL.exercises for claim in exercise.claims)
    numbers = "1 2a 2b 2c 2d 3a 3b 3c 4a 4b 4c 5 6 7 8a 8b 8c 8d 8e 9a 9b 9c 9d 9e 10a 10b 10c 10d 10e 10f"
    assert claims == numbers
    assert {f"fig-{number:02d}" for number in range(1, 28)} <= {figure.name for figure in ORIGINAL.figures()}


def test_experiments_have_the_recipes_of_the_work():
    for e in EXPERIMENTS.values():
        names = {recipe.name for recipe in e.recipes}
        assert {"text", "script"} <= names or names == {"assignment"}
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
        assert set(recipe.sourced[setting.name].origin.split(", ")) <= ORIGINAL.sources.keys()


@pytest.mark.parametrize("e", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_the_quick_profile_only_changes_settings_that_exist_and_only_to_less(e):
    for name, value in e.quick.changes.items():
        assert e.setting(name).check(value) == value
        assert all(value < recipe.settings[name] for recipe in e.recipes)
    assert 1 <= e.quick.seeds <= e.seeds
    assert set(e.quick.without) <= {recipe.name for recipe in e.recipes}


def test_the_quick_profile_trains_something_of_every_exercise():
    trained = {trial.experiment.exercise for trial in plan(ORIGINAL, profile="quick")}
    assert trained == {exercise.id for exercise in ORIGINAL.exercises}


def test_the_quick_profile_fits_its_budget():
    """Ten minutes, less three for the installation and the report and for slow machines."""
    assert sum(exercise.quick_seconds for exercise in ORIGINAL.exercises) <= 420


# ---------------------------------------------------------------- claims and figures rest on what trials have


@pytest.mark.parametrize("e", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_columns_are_named_as_keras_names_its_metrics(e):
    import keras

    names = [getattr(keras.metrics, m)().name if isinstance(m, str) else m.__name__ for m in e.metrics]
    assert e.columns[: 1 + len(names)] == ("loss", *names)


@pytest.fixture(scope="module")
def trial_of():
    """Experiment -> a trial with everything that training and ``evaluate`` give, of a network that guesses."""
    raws = {}

    class Guessed:
        def __init__(self, e):
            if e.dataset and e.dataset.name not in raws:
                raws[e.dataset.name] = datasets.load(e.dataset)
            s = e.recipe("script").settings
            loaded = e.load(raws[e.dataset.name] if e.dataset else None, s)
            split = e.splits(loaded, s, randomness.generator(0, "data"))[0]
            width = outline(ORIGINAL, e, "script")[-1].shape[-1]
            found = e.evaluate(lambda x: np.random.default_rng(0).uniform(size=(len(x), width)), split, s)
            self.measures = {**found.measures, "parameters": 1.0, "multiply_adds": 1.0, "seconds_per_epoch": 1.0}
            self.history = {name: np.linspace(1, 0.5, s.epochs) for name in e.columns}

    return Guessed


@pytest.mark.parametrize("reading", EVERY_READING)
def test_a_claim_finds_its_metrics(reading, trial_of):
    test = reading.test
    for e in experiments_of(test):
        trial = trial_of(e)
        if isinstance(test, Happens):
            assert test.event(trial) in (True, False)
        else:
            assert np.isfinite(test.metric.of(trial))
    if isinstance(test, Reaches):
        assert 0 < test.tolerance < test.margin
    if getattr(test, "figure", None):
        assert np.isfinite(test.figure(ORIGINAL.curves))


def test_readings_of_one_claim_have_different_names():
    for exercise in ORIGINAL.exercises:
        for claim in exercise.claims:
            names = [reading.name for reading in claim.readings]
            assert len(set(names)) == len(names)
            assert all(names) or len(names) == 1


@pytest.mark.parametrize("figure", [pytest.param(f, id=f.name) for f in ORIGINAL.figures()])
def test_a_figure_finds_its_recipes_and_curves(figure):
    e = figure.experiment
    assert {e.recipe(name).name for name in figure.recipes} == set(figure.recipes)
    for panel in figure.panels:
        if isinstance(panel, Panel):
            assert {panel.metric, f"val_{panel.metric}"} & set(e.columns)
            known = ORIGINAL.curves.get(panel.figure, {})
            assert {panel.training, panel.validation, *panel.folds} - {""} <= known.keys()
        if isinstance(panel, Differences):
            for _, *pair in panel.pairs:
                assert all(panel.metric.name in e.columns for e in pair)


@pytest.mark.parametrize(
    ("name", "es", "en"),
    [
        ("psnr_above_median", "dB sobre el filtro de mediana", "dB above the median filter"),
        ("lyapunov_exponent", "exponente de Lyapunov", "Lyapunov exponent"),
    ],
)
def test_what_only_this_work_measures_has_words(name, es, en):
    words = ORIGINAL.named(name).words
    assert (words.es, words.en) == (es, en)


def test_everything_that_was_ever_measured_is_within_its_bounds():
    assert shipped(ORIGINAL)
    for trial in shipped(ORIGINAL):
        found = {name: (curve.min(), curve.max()) for name, curve in trial.history.items()}
        found |= {name: (value, value) for name, value in trial.measures.items()}
        for name, (lowest, highest) in found.items():
            low, high = ORIGINAL.named(name).bounds
            assert low <= lowest <= highest <= high, (trial.id, name)
