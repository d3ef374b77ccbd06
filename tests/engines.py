"""Networks, data, scripts, and the engine on the first few examples: what the tests of training and export share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from reensayo import datasets, folds
from reensayo.export import as_script
from reensayo.loaded import Loader
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import Chosen, select, select_one
from reensayo.spec import Evaluation, Split, Value
from reensayo.training import device
from repository import DATA

TRAINING, VALIDATION = 133, 257
"""A few examples of each set: batches of 50 and 128 leave a smaller last one, and one of 200 becomes all there are."""

UNDROPPED: dict[str, Value] = {"dropout": 0.0, "dropout_first": 0.0, "dropout_dense": 0.0, "augmented": False}
"""Nothing drawn at random but the weights and the order."""

NARROW: dict[str, dict[str, Value]] = {
    "ex10.alexnet-cifar100": {"filters": 4, "hidden": 100},
    "ex10.vgg16-cifar10": {"filters": 4, "batch_size": TRAINING},
    "ex10.vgg16-cifar100": {"filters": 4, "batch_size": TRAINING},
}
"""The largest networks are held to Keras with fewer filters, and VGG16 with a whole epoch a batch."""

History = dict[str, np.ndarray]
NETS = [chosen for chosen in select(ORIGINAL) if chosen[1].fit is None]

load = cache(datasets.load)
loader = Loader(lambda dataset: load(dataset, DATA))


def is_costly(chosen: Chosen) -> bool:
    """Whether it takes so long that it is compared once a network, with every fast layer at once."""
    return chosen[0].exercise == "ex10"


def is_deep(chosen: Chosen) -> bool:
    """Whether rounding grows through its many layers, and a step takes as long as an epoch of others."""
    return chosen[0].id.startswith("ex10.vgg16")


def each_recipe(nets: Iterable[Chosen]) -> pytest.MarkDecorator:
    """A test of each recipe by its name; those that take longest are left to ``make test-slow``."""

    def named(net: Chosen) -> Any:
        slow = is_costly(net) or (net[0].exercise == "ex07" and net[1].name != "text")
        return pytest.param(name_of(net), marks=[pytest.mark.slow] if slow else [])

    return pytest.mark.parametrize("name", [named(net) for net in nets])


def declared(name: str) -> Chosen:
    """The experiment and recipe of that name, as the work that comes with the program declares them."""
    return select_one(ORIGINAL, name)


def name_of(chosen: Chosen) -> str:
    return f"{chosen[0].id}@{chosen[1].name}"


def small(chosen: Chosen, **changes: Value) -> Chosen:
    """The same on the first few examples, with those of the changes that the recipe knows, and nothing measured.

    A fold that has fewer examples than another still has fewer.
    """
    experiment, recipe = chosen

    def few(splits: Sequence[Split]) -> list[Split]:
        longest = max(len(split.x_train) for split in splits)
        return [shortened(split, TRAINING - longest + len(split.x_train), VALIDATION) for split in splits]

    if experiment.split is None:
        part: Any = {"load": lambda _, s: few([loader(experiment, s)])[0]}
    else:
        part = {
            "load": lambda _, s: loader(experiment, s),
            "split": lambda loaded, s, rng: few(experiment.splits(loaded, s, rng)),
        }
    changes |= NARROW.get(experiment.id, {})
    known = {name: value for name, value in changes.items() if name in recipe.settings}
    return replace(experiment, **part, evaluate=lambda *_: Evaluation({})), recipe.set(known)


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
    return Trainer(experiment, recipe, experiment.load(raw, recipe.settings), devices, **how)


@cache
def short(name: str) -> Any:
    """Three epochs, as the recipe says; made and compiled once for all tests that share it."""
    return trainer(small(declared(name), epochs=3))


@cache
def script_of(name: str) -> str:
    """What ``export`` prints for a recipe as it is declared."""
    return as_script(*declared(name))


def firsts(code_of: Callable[[Chosen], str]) -> dict[str, Chosen]:
    """Each recipe -> the first that has the same code."""
    first: dict[str, Chosen] = {}
    return {name_of(chosen): first.setdefault(code_of(chosen), chosen) for chosen in NETS}


def fold_of(outcome: Any, fold: int) -> History:
    """The history of one fold; that of a trial without folds."""
    arrays = outcome.evaluation.arrays
    return {m: arrays[folds.PREFIX + m][fold] if folds.PREFIX + m in arrays else v for m, v in outcome.history.items()}


def deviation(received: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """The largest relative difference over all metrics and epochs."""
    assert received.keys() == expected.keys()
    return float(
        max(np.max(np.abs(received[m] - expected[m]) / np.maximum(np.abs(expected[m]), 1e-300)) for m in expected)
    )
