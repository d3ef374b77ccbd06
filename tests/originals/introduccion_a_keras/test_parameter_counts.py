"""A golden number of trainable parameters for every network."""

import pytest

from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.outline import parameters
from reensayo.training import device
from reensayo.training.weights import without_weights

COUNTS = {
    "ex01.linear": 31,
    "ex01.linear@sound-relu": 961,
    "ex02.mse": 308_310,
    "ex02.hinge": 308_310,
    "ex02.cce": 308_310,
    "ex02.fig5-mse": 308_310,
    "ex02.fig5-hinge": 308_310,
    "ex02.cce@sound-wider": 1_541_510,
    "ex02.problem4": 308_310,
    "ex02.xor": 9,
    "ex02.xor@sound": 17,
    "ex02.xor-skip": 7,
    "ex03.none@text": 1_005_201,
    "ex03.none": 501_351,
    "ex03.l2@text": 1_005_201,
    "ex03.l2": 501_351,
    "ex03.bn@text": 1_005_501,
    "ex03.bn": 501_501,
    "ex03.dropout@text": 1_005_201,
    "ex03.dropout": 501_351,
    "ex04.dense": 163_201,
    "ex04.dense@sound": 153_401,
    "ex04.conv": 160_369,
    "ex04.conv@sound": 154_097,
    "ex05.map": 17,
    "ex06.raw": 37_551,
    "ex06.raw@assignment-wider": 145_101,
    "ex06.raw@assignment-deeper": 45_201,
    "ex06.imputed": 37_551,
    "ex06.imputed@assignment-wider": 145_101,
    "ex06.imputed@assignment-deeper": 45_201,
    "ex07.denoise": 4_982_534,
    "ex07.denoise@script": 11_394_534,
    "ex08.dense": 79_510,
    "ex08.conv": 94_650,
    "ex08.conv@sound-changed": 11_458,
    "ex09.dense": 79_510,
    "ex09.conv": 94_650,
    "ex09.dense-plain": 79_510,
    "ex09.conv-plain": 94_650,
    "ex10.alexnet-cifar10": 18_316,
    "ex10.vgg16-cifar10": 15_181_326,
    "ex10.alexnet-cifar100": 2_921_776,
    "ex10.vgg16-cifar100": 15_160_850,
    "ex10.alexnet": 62_378_344,
    "ex10.vgg16": 138_357_544,
}
"""Of every recipe of an experiment but those that are named themselves."""

NETWORKS = [
    pytest.param(experiment, recipe, id=f"{experiment.id}@{recipe.name}")
    for experiment in ORIGINAL.networks.values()
    for recipe in experiment.recipes
]


def counted(experiment, recipe):
    return COUNTS.get(f"{experiment.id}@{recipe.name}", COUNTS.get(experiment.id))


def test_no_count_is_of_what_does_not_exist():
    names = {f"{e.id}@{recipe.name}" for e in ORIGINAL.networks.values() for recipe in e.recipes}
    assert COUNTS.keys() <= names | ORIGINAL.networks.keys()


@pytest.mark.parametrize(("experiment", "recipe"), NETWORKS)
def test_the_outline_has_as_many_parameters(experiment, recipe):
    assert parameters(ORIGINAL, experiment, recipe.name) == counted(experiment, recipe)


@pytest.mark.parametrize(("experiment", "recipe"), NETWORKS)
def test_the_keras_model_has_as_many(experiment, recipe):
    device.setup()
    model = without_weights(experiment.network, recipe.settings)  # so that none is expensive
    assert sum(variable.value.size for variable in model.trainable_variables) == counted(experiment, recipe)
