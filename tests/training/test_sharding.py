"""Cores over which the batches of one trial are sharded give what one core alone gives."""

from dataclasses import replace

import jax
import keras
import numpy as np
import pytest
from jax.sharding import PartitionSpec
from keras import layers

from reensayo.datasets import load
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import select_one
from reensayo.training import blocks, cpu_layers, device, layout
from reensayo.training.sharding import UNSHARDED, Shards
from reensayo.training.weights import without_weights

DEVICES = device.setup()

several = pytest.mark.skipif(len(DEVICES) < 2, reason="one core has nobody to share with")


def network():
    def conv():
        return layers.Conv2D(8, 3, padding="same", activation="relu", kernel_regularizer=keras.regularizers.L2(1e-3))

    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.25, fill_mode="nearest"),
            layers.RandomTranslation(0.2, 0.2, fill_mode="nearest", interpolation="nearest"),
            conv(),
            layers.BatchNormalization(),
            layers.Dropout(0.4),
            conv(),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )


@several
def test_a_sharded_batch_has_the_loss_gradients_moments_and_draws_of_a_whole_one():
    model, rng = network(), np.random.default_rng(3)
    x = rng.standard_normal((12, 8, 8, 3)).astype("float32")
    y = np.eye(5, dtype="float32")[rng.integers(0, 5, 12)]
    trainable, others = ([v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables))

    def step(shards, x, y):
        first, count = shards.mine(12)
        mine = [jax.lax.dynamic_slice_in_dim(whole, first, count) for whole in (x, y)]

        def objective(trainable):
            out, changed, penalties = model.stateless_call(
                trainable, others, mine[0], training=True, return_losses=True
            )
            return keras.losses.CategoricalCrossentropy()(mine[1], out) + sum(penalties), changed

        (loss, changed), gradients = jax.value_and_grad(objective, has_aux=True)(trainable)
        return shards.mean((loss, gradients)), changed

    with cpu_layers.replaced(model):
        whole = jax.jit(lambda x, y: step(UNSHARDED, x, y))(x, y)
    shards, everywhere = Shards(2), PartitionSpec()
    with cpu_layers.replaced(model, shards=shards) as notes:
        shared = jax.jit(
            jax.shard_map(
                lambda x, y: step(shards, x, y),
                mesh=layout.mesh(DEVICES[:2]),
                in_specs=(everywhere, everywhere),
                out_specs=everywhere,
                check_vma=False,
            )
        )(x, y)
    assert sum("moments over 2 cores" in note for note in notes) == 2
    for one, other in zip(jax.tree.leaves(whole), jax.tree.leaves(shared), strict=True):
        np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-4, atol=1e-5)


@several
@pytest.mark.slow
def test_a_trial_alone_is_sharded_and_has_the_history_that_it_has_on_one_core(monkeypatch):
    experiment, recipe = select_one(ORIGINAL, "ex10.alexnet-cifar10@text")
    recipe = recipe.set({"examples": 300, "epochs": 2, "batch_size": 64})  # the last batch has 44
    split = experiment.load(load(experiment.dataset), recipe.settings)
    fewer = {name: getattr(split, name)[:600] for name in ("x_val", "y_val", "x_test", "y_test")}
    split = replace(split, **fewer)  # more than one batch of each

    def outcome(large, devices):
        monkeypatch.setattr(layout, "LARGE", large)
        (trained,) = blocks.Trainer(experiment, recipe, split, devices).train([0])
        return trained

    shared, alone = outcome(0, DEVICES[:2]), outcome(1e99, DEVICES[:1])
    assert (shared.layout.mode, alone.layout.mode) == ("sharded", "in turn")
    for metric, values in alone.history.items():
        np.testing.assert_allclose(shared.history[metric], values, rtol=1e-4, atol=1e-4, err_msg=metric)
    assert shared.evaluation.measures["test_categorical_accuracy"] == pytest.approx(
        alone.evaluation.measures["test_categorical_accuracy"], abs=2 / 600
    )


@pytest.mark.parametrize(
    ("members", "devices", "batches", "can_shard", "cores"),
    [
        (1, 2, (512, 336, 5000), True, 2),
        (1, 3, (512, 336, 5000), True, 2),
        (1, 16, (512, 336, 5000), True, 8),
        (1, 2, (512, 335, 5000), True, 1),
        (1, 2, (512, 336, 5000), False, 1),
        (1, 1, (512, 336, 5000), True, 1),
        (2, 2, (512, 336, 5000), True, 1),
    ],
)
def test_a_large_network_alone_is_sharded_over_as_many_cores_as_its_batches_divide_by(
    members, devices, batches, can_shard, cores
):
    experiment, recipe = select_one(ORIGINAL, "ex10.vgg16-cifar10@script")
    model = without_weights(experiment.network, recipe.settings)
    plan = layout.layout(model, 512, members, devices, batches, can_shard)
    assert plan.mode == ("sharded" if cores > 1 else "in turn")
    assert plan.width >= members
    assert plan.shards.cores == cores


def test_only_what_is_the_same_for_a_part_of_a_batch_can_be_sharded():
    assert cpu_layers.can_shard(network())
    noisy = keras.Sequential([keras.Input((4,)), layers.GaussianNoise(0.1)])
    renormalised = keras.Sequential([keras.Input((4,)), layers.BatchNormalization(axis=1, renorm=True)])
    assert not cpu_layers.can_shard(noisy)
    assert not cpu_layers.can_shard(renormalised)
