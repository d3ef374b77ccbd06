"""The engine trains as Keras does: the yardstick is the plain script that ``export`` prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import double_precision
from engines import (
    NARROW,
    NETS,
    UNDROPPED,
    declared,
    deviation,
    each_recipe,
    firsts,
    fold_of,
    is_costly,
    is_deep,
    name_of,
    script_of,
    shortened,
    small,
    trainer,
)
from plain_keras import compiled, encoded, initial, keras_history, with_weights
from reensayo import randomness, settings
from reensayo.export import as_script
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import Chosen
from reensayo.spec import Evaluation, Setting, Settings, Split

# ---------------------------------------------------------------- in float64


@cache
def of_one_form() -> dict[str, Chosen]:
    """Each recipe -> the first that, with nothing drawn, differs from it at most in data and in numbers.

    Numbers are widths, rates, sizes of batches; costly nets may differ in the optimizer, too.
    """

    def code(chosen: Chosen) -> str:
        experiment, recipe = small(chosen, **UNDROPPED)
        script = as_script(experiment, recipe)
        end = script.index("__main__") if is_costly(chosen) else len(script)
        code = re.sub(r"CSVLogger\(.*\)", "", script[script.index("def network") : end])
        return re.sub(r"\b\d[\d.e-]*", "0", code)

    return firsts(code)


def forms_of(exercise: str) -> list[str]:
    """The first recipe of each form that is compared with Keras in double precision."""
    every = dict.fromkeys(map(name_of, of_one_form().values()))
    return [name for name in every if name.startswith(exercise)]


@pytest.fixture(scope="module")
def float64_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A process of its own, since double precision holds for a whole process; one for all, since Keras starts slowly.

    It takes the names of recipes, a list a line, and gives their deviations.
    """
    errors = tmp_path_factory.mktemp("float64") / "errors"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, double_precision.__file__],
            env={**os.environ, "KERAS_BACKEND": "jax"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        yield SimpleNamespace(asks=process.stdin, answers=process.stdout, errors=errors)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "exercise", ["ex01", *(pytest.param(e.id, marks=pytest.mark.slow) for e in ORIGINAL.exercises[1:])]
)
def test_histories_equal_keras_s_in_float64(exercise: str, float64_process: Any):
    with suppress(BrokenPipeError):  # it failed before, and said why
        print(json.dumps(forms_of(exercise)), file=float64_process.asks, flush=True)
    answer = float64_process.answers.readline()
    assert answer, float64_process.errors.read_text()
    ways = json.loads(answer)
    assert ways.keys() == set(forms_of(exercise))
    for name, deviations in ways.items():
        assert deviations, name
        for way, found in deviations.items():
            assert found < (1e-6 if way == "winograd" else 1e-9), (name, way)
    transformed = {"ex08.conv", *NARROW} - {"ex10.vgg16-cifar100"}
    experiments = {name.split("@")[0] for name, deviations in ways.items() if "winograd" in deviations}
    assert experiments >= {name for name in transformed if name.startswith(exercise)}


# ---------------------------------------------------------------- in float32


@cache
def of_one_network() -> dict[str, Chosen]:
    """Each recipe -> the first with the same network; of exercise 10, whose sets differ in widths, one of each kind."""

    def code(chosen: Chosen) -> str:
        script = script_of(name_of(chosen))
        kind = is_costly(chosen) and chosen[0].id.split("-")[0]
        return kind or script[script.index("def network") : script.index("__main__")]

    return firsts(code)


@each_recipe(NETS)
def test_the_first_steps_equal_keras_s_in_float32(name: str):
    ours, theirs = map(np.array, first_losses(name_of(of_one_network()[name])))
    tolerance = [1e-5, 1e-3] if is_deep(declared(name)) else [1e-4]
    assert np.all(np.abs(ours - theirs) <= tolerance * theirs), (ours, theirs)


@cache
def first_losses(name: str) -> tuple[list[float], list[float]]:
    """The loss of the first twenty steps, the engine's and Keras's.

    Of VGG16 the first two: with sixteen batch normalisations rounding grows a thousand times a step.
    """
    chosen = declared(name)
    case, steps = small(chosen, **UNDROPPED), 2 if is_deep(chosen) else 20
    engine = trainer(case)
    split = engine.splits(0)[0]
    return engine_losses(engine, split, steps), keras_losses(case, engine, split, steps)


def first_batches(engine: Any, split: Split, steps: int) -> Iterator[np.ndarray]:
    """Rows of the first full batches of seed 0, epoch after epoch."""
    examples = len(split.x_train)
    size = min(engine.spec.batch_size, examples)
    full = examples // size
    for step in range(steps):
        epoch, place = divmod(step, full)
        yield randomness.order(0, epoch, examples)[place * size : (place + 1) * size]


def engine_losses(engine: Any, split: Split, steps: int) -> list[float]:
    import jax
    import jax.numpy as jnp

    from reensayo.training import cpu_layers, epochs

    constants = dict(split.constants)

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        fresh = state._replace(metrics=jax.tree.map(jnp.zeros_like, state.metrics))
        return epochs.train_step(engine.spec, fresh, (x, y), constants)

    losses, state = [], epochs.initial_state(engine.spec, 0)
    with cpu_layers.replaced(engine.spec.model):
        for rows in first_batches(engine, split, steps):
            state = step(state, split.x_train[rows], split.y_train[rows])
            losses.append(float(epochs.results(engine.spec, state.metrics)[0]))
    return losses


def keras_losses(chosen: Chosen, engine: Any, split: Split, steps: int) -> list[float]:
    (x, y), _ = encoded(engine, split)
    model = with_weights(compiled(chosen, (x, y)), initial(engine.spec, 0))
    losses = []
    for rows in first_batches(engine, split, steps):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]))
    return losses


def unused(setting: Setting) -> list[str]:
    """The choices that no recipe tries."""
    return sorted({*setting.choices} - {recipe.settings[setting.name] for _, recipe in NETS})


@pytest.mark.parametrize("optimizer", unused(settings.OPTIMIZER))
def test_every_other_optimizer_trains_as_in_keras(optimizer: str):
    assert_trains_as_keras(declared("ex01.linear@script"), optimizer=optimizer, learning_rate=0.01)


@pytest.mark.parametrize("loss", unused(settings.LOSS))
def test_every_other_loss_trains_as_in_keras(loss: str):
    experiment, recipe = declared("ex08.dense@script")
    if loss.startswith("Sparse"):
        encode = experiment.encode
        metrics = ("SparseCategoricalAccuracy",)
        recipes = tuple(replace(each, tried={}, chosen_by="") for each in experiment.recipes)
        as_labels = {"metrics": metrics, "encode": lambda x, y, *how: (encode(x, y, *how)[0], y)}
        experiment = replace(experiment, recipes=recipes, **as_labels)
    else:  # has no from_logits
        recipe = replace(recipe, sourced={k: v for k, v in recipe.sourced.items() if k != "from_logits"})
    assert_trains_as_keras((experiment, recipe), loss=loss)


def assert_trains_as_keras(chosen: Chosen, **changes: Any) -> None:
    """For two epochs, whose last batch is smaller."""
    case = small(chosen, epochs=2, batch_size=50, **UNDROPPED, **changes)
    engine = trainer(case)
    (outcome,) = engine.train([0])
    assert deviation(outcome.history, keras_history(case, engine, 0)) < 1e-4


@pytest.mark.parametrize("name", ["ex03.bn@script", "ex04.dense@script"])
def test_training_data_are_measured_after_the_epoch_as_by_keras(name: str):
    """With the script's callback, in the middle of its training; of batch normalisation by its moving averages."""
    experiment, _ = chosen = declared(name)
    assert experiment.measures_training
    assert_trains_as_keras(chosen)


# ---------------------------------------------------------------- folds


def test_folds_of_any_size_train_as_in_keras():
    experiment, recipe = small(declared("ex06.raw@text"), epochs=3)
    counts = [(129, 300), (140, 7), (256, 157)]  # two steps each; to validate, up to two parts of 150

    def split(raw: Any, s: Settings, rng: np.random.Generator) -> list[Split]:
        whole = Split(raw.x[:400], raw.y[:400], raw.x[400:], raw.y[400:], raw.x, raw.y)
        whole = replace(whole, constants={"mean": np.zeros(8), "deviation": np.ones(8)})
        return [shortened(whole, *each) for each in counts]

    case = replace(experiment, load=lambda raw, s: raw, split=split, measures_training=True), recipe
    engine = trainer(case)
    (outcome,) = engine.train([0])
    for fold in range(3):
        assert deviation(fold_of(outcome, fold), keras_history(case, engine, 0, fold)) < 1e-3


# ---------------------------------------------------------------- with dropout


@pytest.mark.slow
def test_dropout_trains_as_in_keras_over_twenty_seeds():
    experiment, recipe = declared("ex08.dense@script")
    recipe = recipe.set({"examples": 5000, "validation": 2000, "epochs": 2})
    chosen = replace(experiment, evaluate=lambda *_: Evaluation({})), recipe
    engine = trainer(chosen)
    ours = [outcome.history for outcome in engine.train(range(20))]

    import keras

    (x, y), validation = encoded(engine, engine.splits(0)[0])
    model = compiled(chosen, (x, y))
    model.optimizer.build(model.trainable_variables)
    untrained = [variable.numpy() for variable in model.optimizer.variables]
    theirs = []
    for seed in range(20):
        keras.utils.set_random_seed(seed)
        with_weights(model, experiment.network(recipe.settings).get_weights()[: len(model.trainable_variables)])
        for variable, value in zip(model.optimizer.variables, untrained, strict=True):
            variable.assign(value)
        run = model.fit(x, y, batch_size=recipe.settings.batch_size, epochs=2, validation_data=validation, verbose=0)
        theirs.append(run.history)

    for metric in ("loss", "categorical_accuracy", "val_loss", "val_categorical_accuracy"):
        a, b = (np.array([history[metric][-1] for history in histories]) for histories in (ours, theirs))
        error = np.sqrt(a.var(ddof=1) / 20 + b.var(ddof=1) / 20)
        assert abs(a.mean() - b.mean()) < 3 * error, metric
        assert 1 / 3 < a.var(ddof=1) / b.var(ddof=1) < 3, metric
