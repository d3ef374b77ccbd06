"""Training as it is lived: the order, resuming, stopping, diverging, seeds and folds side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from engines import DATA, VALIDATION, declared, deviation, load, short, small, trainer
from reensayo import folds, randomness, registry
from reensayo.errors import InputError
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import select_one
from reensayo.spec import Evaluation, Settings, Split, Value
from reensayo.store import Checkpoint
from reensayo.training import device
from repository import TOY


def test_an_epoch_visits_each_example_once_in_an_order_of_its_own():
    orders = [randomness.order(seed, epoch, 1000) for seed in range(3) for epoch in range(3)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    assert len({order.tobytes() for order in orders}) == len(orders)
    np.testing.assert_array_equal(orders[0], randomness.order(0, 0, 1000))


@pytest.mark.parametrize(
    ("split", "own"),
    [
        (None, set()),
        (lambda loaded, s, rng: loaded, set()),
        (lambda loaded, s, rng: replace(loaded, y_train=loaded.y_train[:]), {"y_train"}),
        (lambda loaded, s, rng: replace(loaded, constants={"scale": rng.uniform(size=3)}), {"scale"}),
        (lambda loaded, s, rng: replace(loaded, constants={"ends": loaded.x_test}), set()),
    ],
)
def test_what_every_seed_hands_on_as_it_was_loaded_is_held_once(split: Any, own: set[str]):
    experiment, recipe = select_one(registry.find(TOY), "toy.line@code")
    block = trainer((replace(experiment, split=split), recipe))._block([0, 1, 2])
    assert block.own.keys() == own
    assert block.shared.keys() | own >= {"x_train", "y_train", "x_val", "y_val"}
    assert all(len(array) >= 3 for array in block.own.values())


def test_the_first_epochs_alone_are_those_of_the_whole_training():
    experiment, sound = select_one(ORIGINAL, "ex05.map@sound")
    whole = sound.set({"epochs": 4})
    alone, all_of_them = (
        trainer((experiment, recipe)).train([0])[0].history["loss"] for recipe in (whole.reduce({"epochs": 2}), whole)
    )
    np.testing.assert_array_equal(alone, all_of_them[:2])


def test_a_perturbed_start_differs_in_the_last_place_of_each_weight_of_the_first_kernel_and_nowhere_else():
    ready = short("ex08.dense@script")
    usual, perturbed = ready._start([(3,)]).state, ready.perturbed_start(3).state
    different = [i for i, (a, b) in enumerate(zip(usual, perturbed, strict=True)) if not np.array_equal(a, b)]
    kernel = usual[different[0]]
    assert len(different) == 1
    assert kernel.ndim == 3  # of a member
    np.testing.assert_array_equal(perturbed[different[0]], np.nextafter(kernel, np.float32(np.inf)))


def test_a_stopwatch_takes_the_same_steps_each_time_and_leaves_the_training_as_it_was():
    ready = short("ex08.dense@script")
    seconds = ready.stopwatch(2)
    assert min(seconds(), seconds()) > 0
    size = len(ready.splits(0)[0].x_train)
    assert ready.steps_per_epoch == -(-size // ready.spec.batch_size)


def test_encode_gets_the_constants_of_a_split_and_nothing_else():
    experiment, recipe = select_one(registry.find(TOY), "toy.line@code")
    seen = set()

    def encode(x: Any, y: Any, constants: Any, s: Any) -> tuple[Any, Any]:
        seen.add(frozenset(constants))
        return x[:, None] * constants["a_val"], y[:, None]

    def split(loaded: Any, s: Any, rng: np.random.Generator) -> list[Any]:
        lengths = 30, 29  # as folds of any size
        scaled = replace(loaded, constants={"mean": np.zeros(2), "a_val": rng.uniform()})
        return [replace(scaled, x_train=loaded.x_train[:n], y_train=loaded.y_train[:n]) for n in lengths]

    trainer((replace(experiment, split=split, encode=encode), recipe)).train([0, 1])
    assert seen == {frozenset({"mean", "a_val"})}


# ---------------------------------------------------------------- resume, divergence, seeds side by side


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
    for left in (middle, checkpoints[-1]):  # the last one has only to be measured
        resumed = trainer((engine.experiment, engine.recipe)).train([0, 1], resume=left)  # made anew, as after a kill
        assert_same(whole, resumed, tmp_path)
        assert ways(resumed) == ways(whole)


def ways(outcomes: Sequence[Any]) -> list[list[str]]:
    """How the layers of each trial were computed, without what Keras called them."""
    return [[way.split(": ")[1] for way in outcome.lowering] for outcome in outcomes]


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
    case = small(declared("ex01.linear@script"), epochs=3, batch_size=64)
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
    case = small(declared("ex01.linear@script"), **all_at_once)
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
        pytest.param("ex08.conv@script", (3,), marks=pytest.mark.slow),
    ],
)
def test_seeds_side_by_side_are_seeds_alone(name: str, counts: Sequence[int]):
    engine = short(name)
    alone = [engine.train([seed])[0].history for seed in range(max(counts))]
    for count in counts:
        for outcome in engine.train(range(count)):
            assert deviation(outcome.history, alone[outcome.seed]) < 1e-5


@pytest.mark.parametrize(("tested", "batch"), [(0, 64), (10, 64), (100, 100), (10_000, 256)])
def test_no_more_is_predicted_at_once_than_is_tested_unless_that_is_little(tested: int, batch: int):
    device.setup()
    from reensayo.training.epochs import prediction_batch

    assert prediction_batch(tested) == batch


def test_predictions_do_not_depend_on_how_many_are_made_at_once():
    experiment, recipe = small(declared("ex08.dense@script"), epochs=1)
    given = []

    def evaluate(predict: Any, split: Split, s: Settings) -> Evaluation:
        given.append(predict(split.x_val))
        return Evaluation({})

    for tested in (0, 10, 100, 300):

        def load(raw: Any, s: Settings, tested: int = tested) -> Split:
            split = experiment.load(raw, s)
            return replace(split, x_test=split.x_test[:tested], y_test=split.y_test[:tested])

        trainer((replace(experiment, load=load, evaluate=evaluate), recipe)).train([0])
    for outputs in given:
        assert outputs.shape == (VALIDATION, 10)
        np.testing.assert_allclose(outputs, given[0], rtol=1e-5)


@pytest.mark.parametrize("name", ["ex08.dense@script", "ex08.conv@script"])
def test_the_weights_kept_for_figures_are_those_of_the_saved_network(name: str, tmp_path: Path):
    engine = short(name)
    (outcome,) = engine.train([0])
    kernel, kept = weights(outcome, tmp_path)[0], outcome.evaluation.arrays["first_kernels"]
    assert len(kept) == engine.experiment.keeps_units
    for unit, mine in enumerate(kept):
        np.testing.assert_array_equal(mine, kernel[..., unit].ravel())


# ---------------------------------------------------------------- folds


def test_a_trial_is_the_mean_of_its_folds_and_tests_every_patient_once():
    experiment, recipe = declared("ex06.raw@text")
    (outcome,) = trainer((experiment, recipe.set({"epochs": 2}))).train([0])
    arrays, measures = outcome.evaluation.arrays, outcome.evaluation.measures
    for metric, values in outcome.history.items():
        assert arrays[folds.PREFIX + metric].shape == (5, 2)
        np.testing.assert_array_equal(values, arrays[folds.PREFIX + metric].mean(axis=0))
    assert len(arrays["test_probability"]) == 768
    assert arrays["test_actual"].sum() == load(experiment.dataset, DATA).y.sum()
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
    assert np.isfinite(bad.evaluation.arrays["fold_loss"]).tolist() == [[True], [True], [True], [False], [True]]


def test_folds_that_cannot_go_in_step_are_refused():
    experiment, recipe = small(declared("ex06.raw@text"))
    with pytest.raises(
        InputError, match="the folds train on 132, 133 examples: they must take equally many steps of 132"
    ):
        trainer((experiment, recipe.set({"batch_size": 132})))

    def normalised(s: Settings) -> Any:
        import keras

        net = experiment.network(s)
        return keras.Sequential([*net.layers[:1], keras.layers.BatchNormalization(), *net.layers[1:]])

    with pytest.raises(InputError, match="be of one size where the network has batch normalisation"):
        trainer((replace(experiment, network=normalised), recipe))
