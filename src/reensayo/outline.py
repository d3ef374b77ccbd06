"""What each network is made of, layer by layer, for pages that must not import Keras.

It is read from ``outlines.json``, which lies with the original, or in the user's cache where its folder cannot be
written to. ``training.outlines.write`` makes it from the Keras models themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from reensayo import files
from reensayo.datasets import places
from reensayo.errors import InputError, RunFailed
from reensayo.spec import Counted, Experiment, Original, digest
from reensayo.spec.fingerprint import of_network
from reensayo.text import Text


@dataclass(frozen=True)
class Layer:
    """One layer: ``kind`` is its Keras class, ``shape`` that of its output for one example, None where it varies.

    ``detail`` says in a few signs what it was given (``100, relu``; ``16 × 3×3, relu``; ``0.15``); ``parameters``
    counts the trainable ones, ``multiply_adds`` what its kernel does with one example; ``inputs`` names the layers that
    it reads, none for an input.
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int | None, ...]
    parameters: int
    multiply_adds: int
    inputs: tuple[str, ...]


def outline(original: Original, experiment: Experiment | Counted, recipe: str) -> tuple[Layer, ...]:
    """The layers of an experiment's network under a recipe, as they are computed; a RunFailed if not written down."""
    try:
        return known(original)[experiment.id][recipe]
    except KeyError:
        words = Text(
            es="la red de {id}@{recipe} no está en outlines.json; «{command} show {id}» la escribe",
            en="the network of {id}@{recipe} is not in outlines.json; `{command} show {id}` writes it",
        )
        raise RunFailed(words.format(id=experiment.id, recipe=recipe, command=original.command)) from None


def parameters(original: Original, experiment: Experiment | Counted, recipe: str) -> int:
    """How many trainable parameters that network has; a RunFailed as ``outline``."""
    return sum(layer.parameters for layer in outline(original, experiment, recipe))


def counts(original: Original, experiment: Experiment, recipe: str) -> Mapping[str, float]:
    """What is counted of that network, by metric; empty where it is not written down."""
    layers = known(original).get(experiment.id, {}).get(recipe, ())
    names = ("parameters", "multiply_adds") if layers else ()
    return {name: float(sum(getattr(layer, name) for layer in layers)) for name in names}


def multiply_adds(original: Original, experiment: Experiment | Counted, recipe: str) -> int:
    """How many multiply-adds one example takes, as a trial's measure has them; a RunFailed as ``outline``."""
    return sum(layer.multiply_adds for layer in outline(original, experiment, recipe))


def by_network(outlines: Iterable[tuple[str, tuple[Layer, ...]]]) -> dict[tuple[Layer, ...], list[str]]:
    """Each network once, with the names of the recipes that train it; from (recipe, layers)."""
    found: dict[tuple[Layer, ...], list[str]] = {}
    for recipe, layers in outlines:
        found.setdefault(layers, []).append(recipe)
    return found


def is_stale(original: Original) -> bool:
    """Whether any of the networks are still to be written down, or changed since they were."""
    return known(original).keys() != original.networks.keys()


@cache
def known(original: Original) -> Mapping[str, Mapping[str, tuple[Layer, ...]]]:
    """Id -> recipe -> layers, of the networks that are as they were when this was written down."""
    found: dict[str, dict[str, tuple[Layer, ...]]] = {}
    for path in files_of(original):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # it is not there, or damaged
            written = json.loads(files.read_bytes(path))
            for name, experiment in original.networks.items():
                if name not in found and written.get(name, {}).get("key") == key(original, experiment):
                    found[name] = {
                        recipe: msgspec.convert(network["layers"], tuple[Layer, ...])
                        for network in written[name]["networks"]
                        for recipe in network["recipes"]
                    }
    return found


def key(original: Original, experiment: Experiment | Counted) -> str:
    """What the networks of an experiment depend on: the settings, and the code where it may change at any time."""
    code = of_network(experiment, original.folder) if original.from_folder else ""
    return digest([code, {recipe.name: dict(recipe.settings) for recipe in experiment.recipes}])[:16]


def files_of(original: Original) -> Iterator[Path]:
    """Where its outlines may lie, the best place first."""
    yield original.folder / "outlines.json"
    with suppress(InputError):  # the user has no home
        yield places.cache() / "outlines" / f"{original.name}-{digest(str(original.folder))[:10]}.json"
