"""The engine trains as Keras does: the yardstick is the plain script that ``export`` prints.

Golden short histories guard against a change of results that nobody meant. Where one is meant: raise RESULTS_VERSION
in src/reensayo/spec/identity.py, then

    python tests/test_engine_equals_keras.py golden
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from reensayo import datasets, folds, randomness
from reensayo.errors import InputError
from reensayo.exercises import EXERCISES
from reensayo.export import as_script, network_source
from reensayo.selection import Chosen, select, select_one
from reensayo.spec import RESULTS_VERSION, Measured, Settings, Split, Value
from reensayo.store import Checkpoint
from reensayo.training import device

DATA = Path(__file__).parents[1] / "data"
GOLDEN = Path(__file__).with_name("golden_histories.json")

TRAINING, VALIDATION = 133, 257
"""A few examples of each set: batches of 50 and 128 leave a smaller last one, and one of 200 becomes all there are."""

UNDROPPED: dict[str, Value] = {"dropout": 0.0, "dropout_first": 0.0, "dropout_dense": 0.0, "augmented": False}
"""Nothing drawn at random but the weights and the order."""

NARROW: dict[str, dict[str, Value]] = {
    "ex10.alexnet-cifar100": {"filters": 4, "hidden": 100},
    "ex10.vgg16-cifar10": {"filters": 4, "batch_size": TRAINING},
    "ex10.vgg16-cifar100": {"filters": 4, "batch_size": TRAINING},
}
"""The largest nets are held to Keras with fewer filters, and VGG16 with a whole epoch a batch."""

History = dict[str, np.ndarray]
NETS = [chosen for chosen in select() if chosen[1].fit is None]

# Keras doubts it where a demonstration does just that.
pytestmark = pytest.mark.filterwarnings("ignore:In loss categorical_crossentropy:SyntaxWarning")

load = cache(datasets.load)


def is_costly(chosen: Chosen) -> bool:
    """Whether each net of it is held once, and as it is trained: every fast layer at once."""
    return chosen[0].exercise == "ex10"


def is_deep(name: str) -> bool:
    return "vgg16" in name


def name_of(chosen: Chosen) -> str:
    return f"{chosen[0].id}@{chosen[1].name}"


def small(chosen: Chosen, **changes: Value) -> Chosen:
    """The same on the first few examples, with those of the changes that the recipe knows, and nothing measured.

    A fold that has fewer examples than another still has fewer.
    """
    experiment, recipe = chosen

    def prepare(raw: Any, s: Settings, rng: np.random.Generator) -> list[Split]:
        splits = experiment.splits(raw, s, rng)
        longest = max(len(split.x_train) for split in splits)
        return [shortened(split, TRAINING - longest + len(split.x_train), VALIDATION) for split in splits]

    changes |= NARROW.get(experiment.id, {})
    known = {name: value for name, value in changes.items() if name in recipe.settings}
    return replace(experiment, prepare=prepare, evaluate=lambda *_: Measured({})), recipe.set(known)


def shortened(split: Split, training: int, validation: int) -> Split:
    return replace(
        split,
        x_train=split.x_train[:training],
        y_train=split.y_train[:training],
        x_val=split.x_val[:validation],
        y_val=split.y_val[:validation],
    )


def trainer(chosen: Chosen, **how: bool) -> Any:
    devices = device.setup()
    from reensayo.training.blocks import Trainer

    experiment, recipe = chosen
    raw = load(experiment.dataset, DATA) if experiment.dataset else None
    return Trainer(experiment, recipe, raw, devices, **how)


@cache
def short(name: str) -> Any:
    """Three epochs, as the recipe says; made and compiled once for all tests that share it."""
    return trainer(small(select_one(name), epochs=3))


def firsts(code_of: Callable[[Chosen], str]) -> dict[str, Chosen]:
    """Each recipe -> the first that has the same code."""
    first: dict[str, Chosen] = {}
    return {name_of(chosen): first.setdefault(code_of(chosen), chosen) for chosen in NETS}


@cache
def alike() -> dict[str, Chosen]:
    """Each recipe -> the first that differs from it at most in data, by what its script builds and compiles."""

    def code(chosen: Chosen) -> str:
        script = as_script(chosen[0], chosen[1].set({"epochs": 3}))
        return re.sub(r"CSVLogger\(.*\)", "", script[script.index("def network") :])

    return firsts(code)


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


@cache
def of_one_network() -> dict[str, Chosen]:
    """Each recipe -> the first with the same network; of exercise 10, whose sets differ in widths, one of each kind."""

    def code(chosen: Chosen) -> str:
        script = as_script(*chosen)
        kind = is_costly(chosen) and chosen[0].id.split("-")[0]
        return kind or script[script.index("def network") : script.index("__main__")]

    return firsts(code)


@cache
def short_history(name: str) -> History:
    """Of seed 0."""
    history: History = short(name).train([0])[0].history
    return history


ALL = pytest.mark.parametrize("name", [name_of(chosen) for chosen in NETS])


# ---------------------------------------------------------------- plain Keras


def compiled(chosen: Chosen, train: tuple[np.ndarray, np.ndarray]) -> Any:
    """The exported script's network, compiled by the script's own lines."""
    script = as_script(*chosen)
    names: dict[str, Any] = {"__name__": "exported"}
    exec(script, names)
    with nothing_drawn():
        names |= {"train": train, "model": names["network"]()}
    lines = re.findall(r"^ +(?:steps =|loss =|optimizer =|model\.compile\().*\n", script, re.MULTILINE)
    exec(dedent("".join(lines)), names)
    return names["model"]


@contextmanager
def nothing_drawn() -> Iterator[None]:
    """Weights begin as zeros: they are replaced anyway, and to draw them JAX compiles a program for every shape."""
    from keras import initializers

    def zeros(_: Any, shape: Sequence[int], dtype: str) -> np.ndarray:
        return np.zeros(shape, dtype)

    with pytest.MonkeyPatch.context() as patch:
        for initializer in (initializers.VarianceScaling, initializers.RandomUniform, initializers.RandomNormal):
            patch.setattr(initializer, "__call__", zeros)
        yield


def encoded(
    engine: Any, seed: int, fold: int = 0
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and validation data of a seed, of one fold, as its network sees them.

    Compiled as in the engine, since XLA multiplies where NumPy divides.
    """
    import jax

    split = engine.splits(seed)[fold]
    encode = jax.jit(lambda x, y: engine.learner.encode(x, y, dict(split.constants)))
    train, validation = (
        tuple(map(np.asarray, encode(*part))) for part in ((split.x_train, split.y_train), (split.x_val, split.y_val))
    )
    return train, validation


def with_weights(model: Any, weights: Any) -> Any:
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    return model


def initial(learner: Any, seed: int, *fold: int) -> Any:
    """The engine's initial weights, in the model's shapes."""
    from reensayo.training import epochs

    return epochs.weights(learner, epochs.initial_state(learner, seed, *fold).trainable)


def keras_history(chosen: Chosen, engine: Any, seed: int, fold: int = 0) -> History:
    """Plain Keras from the engine's initial weights, in the engine's order."""
    (x, y), validation = encoded(engine, seed, fold)
    key = folds.keys(engine.folds)[fold]
    model = with_weights(compiled(chosen, (x, y)), initial(engine.learner, seed, *key))
    s = chosen[1].settings
    rows: dict[str, list[float]] = {}
    for epoch in range(s.epochs):
        order = randomness.order(seed, epoch, len(x), *key)
        run = model.fit(
            x[order],
            y[order],
            batch_size=s.batch_size,
            shuffle=False,
            validation_data=validation,
            validation_batch_size=VALIDATION,  # a mean over all of them whatever the batches, compiled once
            verbose=0,
        )
        for metric, values in run.history.items():
            rows.setdefault(metric, []).extend(values)
    return {metric: np.array(values) for metric, values in rows.items()}


def fold_of(outcome: Any, fold: int) -> History:
    """The history of one fold; that of a trial without folds."""
    arrays = outcome.measured.arrays
    return {m: arrays[folds.PREFIX + m][fold] if folds.PREFIX + m in arrays else v for m, v in outcome.history.items()}


def deviation(received: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """The largest relative difference over all metrics and epochs."""
    assert received.keys() == expected.keys()
    return float(
        max(np.max(np.abs(received[m] - expected[m]) / np.maximum(np.abs(expected[m]), 1e-300)) for m in expected)
    )


# ---------------------------------------------------------------- in float64


def use_float64() -> None:
    """From here on, in Keras and the engine."""
    devices = device.setup()
    import jax
    import keras

    assert jax.config.jax_enable_x64
    assert devices
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    # Keras would normalise, and take means, in single precision
    keras.src.backend.common.dtypes.BIT64_TO_BIT32_DTYPE.pop("float64")


def float64_deviations(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """How far each way to compute a network's layers is from Keras over three epochs without dropout, by recipe."""
    from reensayo.training import cpu_layers

    def far(engine: Any, expected: Mapping[int, History]) -> float:
        (outcome,) = engine.train([0])
        return max(deviation(fold_of(outcome, fold), history) for fold, history in expected.items())

    found: dict[str, dict[str, float]] = {}
    transformed = set()
    for name in names:
        chosen = select_one(name)
        case = small(chosen, epochs=3, **UNDROPPED)
        plain = trainer(case, fast_layers=False)
        expected = {fold: keras_history(case, plain, 0, fold) for fold in {0, plain.folds - 1}}  # of either size
        ways = found.setdefault(name, {})
        network = network_source(plain.learner.model)
        with compiled_well(unless=is_costly(chosen)):
            with winograd_in_float64():
                lowering = cpu_layers.describe(plain.learner.model, plain.learner.batch_size)
                # once a network: where an image is zero, rounding puts what a rectifier gets on either side of its kink
                if any(" F(" in way for way in lowering) and network not in transformed:
                    transformed.add(network)
                    ways["winograd"] = far(trainer(case, winograd=True), expected)
            if lowering and not is_costly(chosen):
                ways["fast"] = far(trainer(case, winograd=False), expected)
            if not lowering or chosen[0].id == "ex08.conv":
                ways["plain"] = far(plain, expected)
    return found


@contextmanager
def compiled_well(unless: bool) -> Iterator[None]:
    """As for a long training; costly nets take longer to compile well than to run."""
    from reensayo.training import layout

    with pytest.MonkeyPatch.context() as patch:
        if not unless:
            patch.setattr(layout, "FEW_STEPS", 0)
        yield


@contextmanager
def winograd_in_float64() -> Iterator[None]:
    """Winograd's algorithm in double precision, which the engine otherwise leaves to XLA."""
    from reensayo.training import convolution

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "np", SimpleNamespace(**{**vars(np), "float32": np.float64}))
        yield


def forms_of(exercise: str) -> list[str]:
    """The first recipe of each form that is compared with Keras in double precision."""
    every = dict.fromkeys(map(name_of, of_one_form().values()))
    return [name for name in every if name.startswith(exercise)]


@pytest.fixture(scope="module")
def float64_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A process of its own, since double precision holds for a whole process; one for all, since Keras starts slowly.

    It takes the names of recipes, a list a line, and gives their deviations.
    """
    import os

    errors = tmp_path_factory.mktemp("float64") / "errors"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, __file__, "float64"],
            env={**os.environ, "JAX_ENABLE_X64": "1", "KERAS_BACKEND": "jax"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        yield SimpleNamespace(asks=process.stdin, answers=process.stdout, errors=errors)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("exercise", [exercise.id for exercise in EXERCISES])
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


@ALL
def test_the_first_steps_equal_keras_s_in_float32(name: str):
    ours, theirs = map(np.array, first_losses(name_of(of_one_network()[name])))
    tolerance = [1e-5, 1e-3] if is_deep(name) else [1e-4]
    assert np.all(np.abs(ours - theirs) <= tolerance * theirs), (ours, theirs)


@cache
def first_losses(name: str) -> tuple[list[float], list[float]]:
    """The loss of the first twenty steps, the engine's and Keras's.

    Of VGG16 the first two: with sixteen batch normalisations rounding grows a thousand times a step.
    """
    case, steps = small(select_one(name), **UNDROPPED), 2 if is_deep(name) else 20
    engine = trainer(case)
    return engine_losses(engine, steps), keras_losses(case, engine, steps)


def first_batches(engine: Any, steps: int) -> Iterator[np.ndarray]:
    """Rows of the first full batches of seed 0, epoch after epoch."""
    examples = len(engine.splits(0)[0].x_train)
    size = min(engine.learner.batch_size, examples)
    full = examples // size
    for step in range(steps):
        epoch, place = divmod(step, full)
        yield randomness.order(0, epoch, examples)[place * size : (place + 1) * size]


def engine_losses(engine: Any, steps: int) -> list[float]:
    import jax
    import jax.numpy as jnp

    from reensayo.training import cpu_layers, epochs

    split = engine.splits(0)[0]
    constants = dict(split.constants)

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        fresh = state._replace(metrics=jax.tree.map(jnp.zeros_like, state.metrics))
        return epochs.train_step(engine.learner, fresh, (x, y), constants)

    losses, state = [], epochs.initial_state(engine.learner, 0)
    with cpu_layers.replaced(engine.learner.model):
        for rows in first_batches(engine, steps):
            state = step(state, split.x_train[rows], split.y_train[rows])
            losses.append(float(epochs.results(engine.learner, state.metrics)[0]))
    return losses


def keras_losses(chosen: Chosen, engine: Any, steps: int) -> list[float]:
    (x, y), _ = encoded(engine, 0)
    model = with_weights(compiled(chosen, (x, y)), initial(engine.learner, 0))
    losses = []
    for rows in first_batches(engine, steps):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]))
    return losses


# ---------------------------------------------------------------- with dropout


def test_dropout_trains_as_in_keras_over_twenty_seeds():
    experiment, recipe = select_one("ex08.dense@script")
    recipe = recipe.set({"examples": 5000, "validation": 2000, "epochs": 2})
    chosen = replace(experiment, evaluate=lambda *_: Measured({})), recipe
    engine = trainer(chosen)
    ours = [outcome.history for outcome in engine.train(range(20))]

    import keras

    (x, y), validation = encoded(engine, 0)
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


# ---------------------------------------------------------------- order, resume, divergence, seeds side by side


def test_an_epoch_visits_each_example_once_in_an_order_of_its_own():
    orders = [randomness.order(seed, epoch, 1000) for seed in range(3) for epoch in range(3)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    assert len({order.tobytes() for order in orders}) == len(orders)
    np.testing.assert_array_equal(orders[0], randomness.order(0, 0, 1000))


def assert_same(a: Any, b: Any, tmp_path: Path) -> None:
    """Two sets of outcomes with the same bits, weights included."""
    for one, other in zip(a, b, strict=True):
        assert one.seed == other.seed
        assert one.history.keys() == other.history.keys()
        for metric, values in one.history.items():
            np.testing.assert_array_equal(values, other.history[metric], err_msg=metric)
        for value, same in zip(weights(one, tmp_path), weights(other, tmp_path), strict=True):
            np.testing.assert_array_equal(value, same)


def weights(outcome: Any, tmp_path: Path) -> list[np.ndarray]:
    import keras

    outcome.save_model(tmp_path / "model.keras")
    found: list[np.ndarray] = keras.saving.load_model(tmp_path / "model.keras", compile=False).get_weights()
    return found


@pytest.mark.parametrize("name", ["ex01.linear@script", "ex05.map@script", "ex06.raw@text", "ex08.dense@script"])
def test_a_block_resumed_in_the_middle_of_an_epoch_gives_the_same_bits(name: str, tmp_path: Path):
    engine = short(name)
    whole = engine.train([0, 1])
    checkpoints: list[Checkpoint] = []
    in_small_calls = engine.train([0, 1], save=checkpoints.append, checkpoint_seconds=0.0)
    assert_same(whole, in_small_calls, tmp_path)
    middle = next(c for c in checkpoints if c.epoch == 1 and c.step > 0)
    assert middle.history.shape[:2] == (2 * engine.folds, 1)
    resumed = trainer((engine.experiment, engine.recipe)).train([0, 1], resume=middle)  # made anew, as after a kill
    assert_same(whole, resumed, tmp_path)


def test_an_interrupted_block_saves_what_it_has_and_goes_on(tmp_path: Path):
    engine = short("ex05.map@sound")
    whole, checkpoints, stop = engine.train([0, 1, 2]), [], Event()
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        engine.train([0, 1, 2], save=checkpoints.append, stop=stop)
    (checkpoint,) = checkpoints
    assert (checkpoint.epoch, checkpoint.step) == (0, 1)
    assert_same(whole, engine.train([0, 1, 2], resume=checkpoint), tmp_path)


def test_a_trial_that_diverges_keeps_its_history_and_the_others_go_on(tmp_path: Path):
    case = small(select_one("ex01.linear@script"), epochs=3, batch_size=64)
    engine = trainer(case)
    undisturbed, splits = engine.train([0, 1, 2]), engine.splits
    engine.splits = lambda seed: [replace(s, y_train=s.y_train * (1e30 if seed == 1 else 1.0)) for s in splits(seed)]
    first, bad, last = engine.train([0, 1, 2])
    assert (first.diverged, bad.diverged, last.diverged) == (None, 1, None)
    assert {len(values) for values in bad.history.values()} == {1}
    assert not np.isfinite(bad.history["loss"][-1])
    assert_same([undisturbed[0], undisturbed[2]], [first, last], tmp_path)


def test_a_block_ends_when_all_its_trials_have_diverged():
    all_at_once: dict[str, Value] = {"optimizer": "SGD", "learning_rate": 1.0, "batch_size": 1000, "epochs": 100}
    case = small(select_one("ex01.linear@script"), **all_at_once)
    (outcome,) = trainer(case).train([0])
    assert outcome.diverged is not None
    assert 1 < outcome.diverged < 100
    losses = outcome.history["loss"]
    assert len(losses) == outcome.diverged
    assert np.isfinite(losses[:-1]).all()


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("ex05.map@sound", (2, 3, 5)),
        ("ex06.raw@text", (2, 3)),
        ("ex08.dense@script", (2, 3, 5)),
        ("ex08.conv@script", (3,)),
    ],
)
def test_seeds_side_by_side_are_seeds_alone(name: str, counts: Sequence[int]):
    engine = short(name)
    alone = [engine.train([seed])[0].history for seed in range(max(counts))]
    for count in counts:
        for outcome in engine.train(range(count)):
            assert deviation(outcome.history, alone[outcome.seed]) < 1e-5


@pytest.mark.parametrize("name", ["ex08.dense@script", "ex08.conv@script"])
def test_the_weights_kept_for_figures_are_those_of_the_saved_net(name: str, tmp_path: Path):
    engine = short(name)
    (outcome,) = engine.train([0])
    kernel, kept = weights(outcome, tmp_path)[0], outcome.measured.arrays["first_kernels"]
    assert len(kept) == engine.experiment.keeps_units
    for unit, mine in enumerate(kept):
        np.testing.assert_array_equal(mine, kernel[..., unit].ravel())


# ---------------------------------------------------------------- folds


def test_a_trial_is_the_mean_of_its_folds_and_tests_every_patient_once():
    engine = trainer((select_one("ex06.raw@text")[0], select_one("ex06.raw@text")[1].set({"epochs": 2})))
    (outcome,) = engine.train([0])
    arrays, measures = outcome.measured.arrays, outcome.measured.measures
    for metric, values in outcome.history.items():
        assert arrays[folds.PREFIX + metric].shape == (5, 2)
        np.testing.assert_array_equal(values, arrays[folds.PREFIX + metric].mean(axis=0))
    assert len(arrays["test_probability"]) == 768
    assert arrays["test_actual"].sum() == engine.raw.y.sum()
    assert measures["test_binary_accuracy"] == pytest.approx(outcome.history["val_binary_accuracy"][-1])
    assert len({tuple(curve) for curve in arrays["fold_loss"]}) == 5


def test_a_trial_diverges_with_any_of_its_folds():
    engine = short("ex06.raw@text")
    undisturbed, splits = engine.train([0, 1]), engine.splits

    def one_bad(seed: int) -> list[Split]:
        bad = [seed == 1 and fold == 3 for fold in range(5)]
        return [replace(s, y_train=np.where(b, np.nan, s.y_train)) for b, s in zip(bad, splits(seed), strict=True)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "splits", one_bad)
        patch.setattr(engine, "_programs", {})  # for labels of another type
        good, bad = engine.train([0, 1])
    assert (good.diverged, bad.diverged) == (None, 1)
    np.testing.assert_array_equal(good.history["val_loss"], undisturbed[0].history["val_loss"])
    assert np.isfinite(bad.measured.arrays["fold_loss"]).tolist() == [[True], [True], [True], [False], [True]]


def test_folds_of_any_size_train_as_in_keras():
    experiment, recipe = small(select_one("ex06.raw@text"), epochs=3)
    counts = [(129, 300), (140, 7), (256, 157)]  # two steps each; to validate, up to two parts of 150

    def prepare(raw: Any, s: Settings, rng: np.random.Generator) -> list[Split]:
        whole = Split(raw.x[:400], raw.y[:400], raw.x[400:], raw.y[400:], raw.x, raw.y)
        whole = replace(whole, constants={"mean": np.zeros(8), "deviation": np.ones(8)})
        return [shortened(whole, *each) for each in counts]

    case = replace(experiment, prepare=prepare), recipe
    engine = trainer(case)
    (outcome,) = engine.train([0])
    for fold in range(3):
        assert deviation(fold_of(outcome, fold), keras_history(case, engine, 0, fold)) < 1e-3


def test_folds_that_cannot_go_in_step_are_refused():
    experiment, recipe = small(select_one("ex06.raw@text"))
    with pytest.raises(
        InputError, match="the folds train on 132, 133 examples: they must take equally many steps of 132"
    ):
        trainer((experiment, recipe.set({"batch_size": 132})))

    def normalised(s: Settings) -> Any:
        import keras

        net = experiment.network(s)
        return keras.Sequential([*net.layers[:1], keras.layers.BatchNormalization(), *net.layers[1:]])

    with pytest.raises(InputError, match="be of one size where the net has batch normalisation"):
        trainer((replace(experiment, network=normalised), recipe))


# ---------------------------------------------------------------- golden short histories


@pytest.mark.parametrize("name", [name_of(chosen) for chosen in NETS if not is_deep(chosen[0].id)])
def test_results_are_those_of_their_version(name: str):
    name = name_of(alike()[name])  # that the data are those of the script is tested for each
    golden = json.loads(GOLDEN.read_text())
    advice = "if this was meant, raise RESULTS_VERSION and run: python tests/test_engine_equals_keras.py golden"
    assert golden["results_version"] == RESULTS_VERSION, advice
    assert name in golden["histories"], "new? run: python tests/test_engine_equals_keras.py golden"
    expected, received = golden["histories"][name], short_history(name)
    assert received.keys() == expected.keys(), advice
    for metric, values in expected.items():
        # Rounding may turn one example over, and another processor rounds otherwise.
        tolerance = 3 / TRAINING if "accuracy" in metric else 0.0
        np.testing.assert_allclose(received[metric], values, rtol=1e-3, atol=tolerance, err_msg=f"{metric}: {advice}")


def write_golden() -> None:
    """All of them if the version was raised, else those that are missing."""
    golden = json.loads(GOLDEN.read_text())
    known = golden["histories"] if golden["results_version"] == RESULTS_VERSION else {}
    histories = {}
    for name in dict.fromkeys(name_of(chosen) for chosen in alike().values() if not is_deep(chosen[0].id)):
        histories[name] = known.get(name) or {
            m: [float(f"{v:.7g}") for v in values] for m, values in short_history(name).items()
        }
    text = json.dumps({"results_version": RESULTS_VERSION, "histories": histories}, indent=1)
    GOLDEN.write_text(re.sub(r"\[[^\]]*\]", lambda found: " ".join(found[0].split()), text) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["float64"]:
        use_float64()
        for line in sys.stdin:
            print(json.dumps(float64_deviations(json.loads(line))), flush=True)
    elif sys.argv[1:] == ["golden"]:
        write_golden()
    else:
        sys.exit(__doc__)
