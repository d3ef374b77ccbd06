"""The networks of an original are written down from its Keras models, and anew where these changed."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import pytest

from fresh_python import in_a_fresh_python
from reensayo import registry
from reensayo.errors import InputError, RunFailed
from reensayo.outline import Layer, files_of, is_stale, outline, parameters
from reensayo.spec import Original
from reensayo.training import device, outlines
from reensayo.training.weights import without_weights
from repository import TOY

INPUT = Layer("input", "InputLayer", "", (1,), 0, 0, ())


@pytest.fixture
def toy(tmp_path) -> Original:
    """In a folder of its own, its networks not yet written down."""
    shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns("outlines.json", "__pycache__"))
    return registry.find(tmp_path / "toy")


def edited(original: Original, old: str, new: str) -> Original:
    module = original.folder / "points.py"
    assert old in module.read_text("utf-8")
    module.write_text(module.read_text("utf-8").replace(old, new), "utf-8")
    return registry.find(original.folder)


def test_it_is_written_when_missing_and_read_again(toy):
    line = toy.experiments["toy.line"]
    assert is_stale(toy)
    outlines.write(toy)
    assert not is_stale(toy)
    assert not is_stale(registry.find(toy.folder))
    assert (toy.folder / "outlines.json").read_text("utf-8") == outlines.document(toy)
    for recipe in line.recipes:
        assert outline(toy, line, recipe.name) == (INPUT, Layer("dense", "Dense", "1", (1,), 2, 1, ("input",)))
        assert parameters(toy, line, recipe.name) == 2


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("layers.Dense(1)])", "layers.Dense(3), layers.Dense(1)])", True),
        ("learning_rate=0.05", "learning_rate=0.06", True),
        ('"""A line: one input, one output."""', '"""Something else."""', False),
        ("margin=0.2", "margin=0.3", False),
    ],
)
def test_it_is_stale_where_the_network_or_a_setting_was_edited(toy, old, new, stale):
    outlines.write(toy)
    toy = edited(toy, old, new)
    assert is_stale(toy) is stale
    if stale:
        with pytest.raises(RunFailed, match=r"toy.line@paper is not in outlines.json.*show toy.line"):
            outline(toy, toy.experiments["toy.line"], "paper")
        outlines.write(toy)
    assert outline(toy, toy.experiments["toy.line"], "paper")[0] == INPUT


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"toy.line": 1}', '{"toy.line": {"key": "?"}}', "\0"])
def test_a_damaged_file_is_written_anew(toy, damage):
    outlines.write(toy)
    whole = (toy.folder / "outlines.json").read_text("utf-8")
    for words in (damage, whole.replace('"shape"', '"form"'), whole.replace('"layers"', '"rows"')):
        (toy.folder / "outlines.json").write_text(words, "utf-8")
        again = registry.find(toy.folder)
        assert is_stale(again)
        outlines.write(again)
        assert (toy.folder / "outlines.json").read_text("utf-8") == whole


def test_where_the_folder_cannot_be_written_to_it_lies_in_the_users_cache(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "file").touch()
    toy = replace(toy, folder=tmp_path / "file" / "toy")
    _, cached = files_of(toy)
    outlines.write(toy)
    assert cached.is_relative_to(tmp_path / "cache")
    assert cached.is_file()
    assert not is_stale(toy)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"cannot write to .*file"):
        outlines.write(toy)


def test_it_is_written_whole_or_stays(toy, monkeypatch):
    outlines.write(toy)
    before = sorted(toy.folder.iterdir())
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    whole = (toy.folder / "outlines.json").read_text("utf-8")
    with pytest.raises(InputError, match="No space left on device"):
        outlines.write(toy)
    assert sorted(toy.folder.iterdir()) == before
    assert (toy.folder / "outlines.json").read_text("utf-8") == whole


def test_a_network_that_cannot_be_built_is_told_with_its_place(toy):
    toy = edited(toy, "layers.Dense(1)", "layers.Dense(s.units)")
    with pytest.raises(InputError, match=r"points.py:\d+: the network of toy.line@paper: AttributeError: .*'units'"):
        outlines.write(toy)


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


def test_names_do_not_depend_on_what_was_built_before(toy):
    device.setup()
    line = toy.experiments["toy.line"]
    first, second = (outlines.layers(without_weights(line.network, line.recipes[0].settings)) for _ in range(2))
    assert first == second


def test_reading_it_needs_no_keras(toy, tmp_path):
    outlines.write(toy)
    code = "from reensayo import outline, registry; print(outline.is_stale(registry.find(sys.argv[1])))"
    done = in_a_fresh_python(code, str(toy.folder), cwd=tmp_path)
    assert (done.code, done.out, done.heavy) == (0, "False\n", [])
