"""Write an original's ``outlines.json``, from which ``outline.py`` answers without Keras."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from math import prod
from typing import TYPE_CHECKING, Any

from reensayo import outline
from reensayo.errors import InputError
from reensayo.files import cannot_write, write_whole
from reensayo.outline import Layer
from reensayo.spec import Counted, Experiment, Original, Recipe
from reensayo.spec.place import raised_at
from reensayo.text import Text
from reensayo.training import device

if TYPE_CHECKING:
    import keras

# ---------------------------------------------------------------- one model


def graph(model: keras.Model) -> dict[str, tuple[keras.Layer, tuple[str, ...]]]:
    """Name -> (layer, names of the layers that it reads), inputs included, each after what it reads.

    The names depend on the model alone: ``input``, ``dense``; ``dense_1``, ``dense_2`` where there are several.

    Raises:
        ValueError: something between two layers is no layer, or a layer is used twice.
    """
    import keras

    layers = keras.Model(model.inputs, model.outputs).layers  # a Sequential alone hides its input
    names = _names(type(layer).__name__ for layer in layers)
    outputs = {id(layer.output): name for name, layer in zip(names, layers, strict=True)}
    wired = {}
    for name, layer in zip(names, layers, strict=True):
        read = [] if isinstance(layer, keras.layers.InputLayer) else keras.tree.flatten(layer.input)
        if unknown := [tensor for tensor in read if id(tensor) not in outputs]:
            raise ValueError(f"{name} expected outputs of layers; received {unknown}")
        wired[name] = (layer, tuple(outputs[id(tensor)] for tensor in read))
    return wired


def _names(kinds: Iterable[str]) -> list[str]:
    plain = [re.sub("(?<=[a-z])(?=[A-Z])", "_", kind.removesuffix("Layer")).lower() for kind in kinds]
    return [f"{name}_{plain[: i + 1].count(name)}" if plain.count(name) > 1 else name for i, name in enumerate(plain)]


def layers(model: keras.Model) -> tuple[Layer, ...]:
    """The outline of a Keras model."""
    from reensayo.training.layout import forward_work

    return tuple(
        Layer(
            name=name,
            kind=type(layer).__name__,
            detail=_detail(layer.get_config()),
            shape=tuple(layer.output.shape[1:]),
            parameters=sum(prod(variable.shape) for variable in layer.trainable_variables),
            multiply_adds=forward_work(layer),
            inputs=read,
        )
        for name, (layer, read) in graph(model).items()
    )


def _detail(config: Mapping[str, Any]) -> str:
    """What a layer was given, in a few signs; each kind of layer has some of these settings and not the others."""
    parts = [str(config[name]) for name in ("units", "rate", "stddev") if name in config]
    if "input_dim" in config:
        parts.append(f"{config['input_dim']} → {config['output_dim']}")
    if "kernel_size" in config:
        parts.append(f"{config['filters']} × {_size(config['kernel_size'])}")
    if "pool_size" in config:
        parts.append(_size(config["pool_size"]))
    if config.get("padding") == "same":
        parts.append("same")
    usual = config.get("pool_size", (1,) * len(config.get("strides", ())))
    if tuple(config.get("strides", usual)) != tuple(usual):
        parts.append(f"/ {_size(config['strides'])}")
    if config.get("activation", "linear") != "linear":
        parts.append(config["activation"])
    return ", ".join(parts)


def _size(extents: Iterable[int]) -> str:
    return "×".join(map(str, extents))


# ---------------------------------------------------------------- the file


def write(original: Original) -> None:
    """Write the file whole: into the original's folder, else into the user's cache.

    Raises:
        InputError: neither can be written to.
    """
    content = document(original).encode()
    for path in outline.files_of(original):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
            return outline.known.cache_clear()
        except OSError as error:
            failure = cannot_write(path.parent, error)
    raise InputError(failure)


def document(original: Original) -> str:
    """The whole file, a line a layer."""
    found = {
        name: {"key": outline.key(original, experiment), "networks": _networks(original, experiment)}
        for name, experiment in original.networks.items()
    }
    compact = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r'(?=\{"name")|(?<=\]\}\]\},)', "\n", compact) + "\n"


def _networks(original: Original, experiment: Experiment | Counted) -> list[dict[str, Any]]:
    """The distinct networks of an experiment, each with the recipes that train it."""
    device.setup()
    from reensayo.training.weights import without_weights

    def built(recipe: Recipe) -> tuple[Layer, ...]:
        try:
            return layers(without_weights(experiment.network, recipe.settings))
        except Exception as error:  # whatever the code of an original raises
            words = Text(
                es="{place}: la red de {id}@{recipe}: {error}", en="{place}: the network of {id}@{recipe}: {error}"
            )
            place = raised_at(error, original.folder) or experiment.place
            named = {"place": place, "id": experiment.id, "recipe": recipe.name}
            raise InputError(words.format(**named, error=f"{type(error).__name__}: {error}")) from error

    found = outline.by_network((recipe.name, built(recipe)) for recipe in experiment.recipes)
    return [{"recipes": names, "layers": [asdict(layer) for layer in network]} for network, names in found.items()]
