"""outlines.json, which pages read, is that of the work's Keras models."""

from __future__ import annotations

import json

import pytest

from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.outline import Layer, files_of, multiply_adds, outline, parameters
from reensayo.selection import Chosen, select
from reensayo.training import device, layout, outlines
from reensayo.training.weights import without_weights

NETWORKS = [chosen for chosen in select(ORIGINAL) if chosen[1].fit is None]
ALL = pytest.mark.parametrize("chosen", NETWORKS, ids=lambda chosen: f"{chosen[0].id}@{chosen[1].name}")


def test_the_file_is_up_to_date():
    assert next(files_of(ORIGINAL)).read_text("utf-8") == outlines.document(ORIGINAL), (
        "remove it, and `reensayo show ex01` writes it anew"
    )


def test_every_recipe_stands_in_it_once():
    written = json.loads(next(files_of(ORIGINAL)).read_text("utf-8"))
    named = [
        f"{id_}@{recipe}" for id_, entry in written.items() for each in entry["networks"] for recipe in each["recipes"]
    ]
    assert sorted(named) == sorted(f"{e.id}@{recipe.name}" for e in ORIGINAL.networks.values() for recipe in e.recipes)


@ALL
def test_counts_are_those_of_keras(chosen: Chosen):
    experiment, recipe = chosen
    device.setup()
    model = without_weights(experiment.network, recipe.settings)
    assert parameters(ORIGINAL, experiment, recipe.name) == sum(v.value.size for v in model.trainable_variables)
    assert multiply_adds(ORIGINAL, experiment, recipe.name) == layout.forward_work(model)  # which a trial measures


@ALL
def test_layers_follow_what_they_read(chosen: Chosen):
    experiment, recipe = chosen
    seen: set[str] = set()
    for layer in outline(ORIGINAL, experiment, recipe.name):
        assert layer.name not in seen
        assert set(layer.inputs) <= seen
        assert bool(layer.inputs) == (layer.kind != "InputLayer")
        seen.add(layer.name)


def test_a_layer_in_a_few_signs():
    conv, dense, map_ = (ORIGINAL.experiments[name] for name in ("ex08.conv", "ex08.dense", "ex05.map"))
    first = Layer("conv2d_1", "Conv2D", "16 × 3×3, relu", (26, 26, 16), 160, 97_344, ("input",))
    assert outline(ORIGINAL, conv, "script")[1] == first
    assert [layer.detail for layer in outline(ORIGINAL, dense, "text")] == ["", "", "100, relu", "0.15", "10, sigmoid"]
    assert outline(ORIGINAL, map_, "sound")[2].inputs == ("input", "dense_1")
