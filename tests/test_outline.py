"""The outline that pages read is that of the Keras models."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reensayo.errors import RunFailed
from reensayo.outline import Layer, outline
from reensayo.selection import Chosen, select
from reensayo.training import device, outlines
from reensayo.training.weights import without_weights

NETS = [chosen for chosen in select() if chosen[1].fit is None]
ALL = pytest.mark.parametrize("chosen", NETS, ids=lambda chosen: f"{chosen[0].id}@{chosen[1].name}")


def test_the_file_is_up_to_date():
    assert outlines.FILE.read_text("utf-8") == outlines.document(), "run: python -m reensayo.training.outlines"


@ALL
def test_parameters_are_those_declared_and_those_of_keras(chosen: Chosen):
    experiment, recipe = chosen
    device.setup()
    counted = sum(layer.parameters for layer in outline(experiment.id, recipe.name))
    model = without_weights(experiment.network, recipe.settings)
    assert counted == experiment.parameters[recipe.name]
    assert counted == sum(v.value.size for v in model.trainable_variables)


@ALL
def test_layers_follow_what_they_read(chosen: Chosen):
    experiment, recipe = chosen
    seen: set[str] = set()
    for layer in outline(experiment.id, recipe.name):
        assert layer.name not in seen
        assert set(layer.inputs) <= seen
        assert bool(layer.inputs) == (layer.kind != "InputLayer")
        seen.add(layer.name)


def test_a_layer_in_a_few_signs():
    conv, dense = outline("ex08.conv", "script"), outline("ex08.dense", "text")
    assert conv[1] == Layer("conv2d_1", "Conv2D", "16 × 3×3, relu", (26, 26, 16), 160, ("input",))
    assert [layer.detail for layer in dense] == ["", "", "100, relu", "0.15", "10, sigmoid"]
    assert outline("ex05.map", "sound")[2].inputs == ("input", "dense_1")


def test_details_of_other_layers():
    device.setup()
    import keras
    from keras import layers

    def details(*stack: keras.Layer) -> list[str]:
        return [layer.detail for layer in outlines.layers(keras.Sequential(stack))[1:]]

    words = (keras.Input((100,)), layers.Embedding(50, 8), layers.Conv1D(4, 2, padding="same"), layers.MaxPooling1D(2))
    assert details(*words) == ["50 → 8", "4 × 2, same", "2"]
    images = (
        keras.Input((32, 32, 3)),
        layers.Conv2D(8, (3, 5), strides=2),
        layers.MaxPooling2D(3, strides=2),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.GaussianNoise(0.25),
    )
    assert details(*images) == ["8 × 3×5, / 2×2", "3×3, / 2×2", "", "relu", "0.25"]


def test_names_do_not_depend_on_what_was_built_before():
    device.setup()
    experiment, recipe = select(["ex05.map"])[0]
    first, second = (outlines.layers(without_weights(experiment.network, recipe.settings)) for _ in range(2))
    assert first == second == outline(experiment.id, recipe.name)


@pytest.mark.parametrize("wanted", [("ex99.none", "script"), ("ex08.conv", "script+filters=8")])
def test_an_unknown_network_says_which_command_helps(wanted: tuple[str, str]):
    with pytest.raises(RunFailed, match=r"python -m reensayo\.training\.outlines"):
        outline(*wanted)


def test_reading_it_needs_no_keras():
    code = (
        "import sys; from reensayo.outline import outline; outline('ex08.conv', 'text'); print('keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
