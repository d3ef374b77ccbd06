"""What each network is made of, layer by layer, for pages that must not import Keras.

The answers lie in exercises/networks.json, written from the Keras models themselves by
``python -m reensayo.training.outlines``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from reensayo.errors import RunFailed
from reensayo.text import Text

COMMAND = "python -m reensayo.training.outlines"


@dataclass(frozen=True)
class Layer:
    """One layer: ``kind`` is its Keras class, ``shape`` that of its output for one example.

    ``detail`` says in a few signs what it was given (``100, relu``; ``16 × 3×3, relu``; ``0.15``); ``parameters``
    counts the trainable ones; ``inputs`` names the layers that it reads, none for an input.
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    inputs: tuple[str, ...]


def outline(experiment: str, recipe: str) -> tuple[Layer, ...]:
    """The layers of one experiment's network under a recipe of its own, in the order in which they are computed.

    Raises:
        RunFailed: networks.json lacks them; the message says how to write it anew.
    """
    for network in _networks().get(experiment, ()):
        if recipe in network["recipes"]:
            return tuple(_layer(values) for values in network["layers"])
    raise RunFailed(
        Text(
            es="la red de {id}@{recipe} no está en networks.json; escríbalo de nuevo: {command}",
            en="the network of {id}@{recipe} is not in networks.json; write it anew: {command}",
        ).format(id=experiment, recipe=recipe, command=COMMAND)
    )


@cache
def _networks() -> dict[str, Any]:
    """Experiment -> its distinct networks, each with the recipes that train it."""
    file = resources.files("reensayo.exercises").joinpath("networks.json")
    networks: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return networks


def _layer(values: dict[str, Any]) -> Layer:
    return Layer(**{**values, "shape": tuple(values["shape"]), "inputs": tuple(values["inputs"])})
