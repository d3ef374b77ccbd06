"""Trials that nobody trained, of real experiments: for figures and pages."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np

from reensayo import datasets, folds
from reensayo.figures import View, save
from reensayo.outline import outline, parameters
from reensayo.spec import Experiment, Figure, Fitted, Original, Recipe, Trial
from reensayo.store import Store, StoredTrial
from reensayo.training.weights import without_weights
from repository import DATA

EPOCHS = 4

IN_ENGLISH = ("ex01", "ex05", "ex08")
"""The exercises whose figures are drawn in the second language, too; all of them take `make test-slow`."""


load = cache(datasets.load)


@cache
def splits(experiment: Experiment, recipe: str):
    raw = load(experiment.dataset, DATA) if experiment.dataset else None
    settings = experiment.recipe(recipe).settings
    return experiment.splits(experiment.load(raw, settings), settings, np.random.default_rng(0))


def invent(
    store: Store,
    original: Original,
    experiment: Experiment,
    recipe: Recipe,
    seed: int,
    status: str = "finished",
    **about: object,
) -> StoredTrial:
    """A trial as the runner stores it: outputs drawn at random go through the experiment's own evaluation."""
    rng = np.random.default_rng(seed)
    shape = outline(original, experiment, recipe.name)[-1].shape
    found = folds.together(
        [
            Fitted(
                {column: np.sort(rng.uniform(0.5, 1, EPOCHS))[::-1] for column in experiment.columns},
                experiment.evaluate(
                    lambda x: rng.uniform(size=(len(x), *shape)).astype("float32"), split, recipe.settings
                ),
            )
            for split in splits(experiment, recipe.name)
        ]
    )
    kernels = {}
    if units := experiment.keeps_units:  # the engine's, which evaluation does not see
        each = without_weights(experiment.network, recipe.settings).trainable_variables[0].shape[:-1]
        kernels = {"first_kernels": rng.normal(size=(units, math.prod(each)))}
    trial = Trial(original, experiment, recipe, seed)
    ours = store.write_trial(
        trial,
        {
            "status": status,
            "diverged_epoch": 2 if status == "diverged" else None,
            "measures": {
                **found.evaluation.measures,
                "parameters": parameters(original, experiment, recipe.name),
                "multiply_adds": 1e6,
                "seconds_per_epoch": 1,
            },
            "wall_s": 1.25,
            "hardware": {"processor": "invented", "cores": 2, "system": "none"},
            "versions": {"python": "3"},
            "finished": f"2026-01-0{seed + 1}T00:00:00+00:00",
            **about,
        },
        found.history,
        {**found.evaluation.arrays, **kernels},
        None,
    )
    stored = ours or store.trial(trial.id)  # another worker of the tests was faster
    assert stored
    return stored


def two_seeds_each(store: Store, original: Original) -> list[StoredTrial]:
    """Two trials of every recipe; those that the store has already are not invented again."""
    there = {trial.id: trial for trial in store.trials()}
    return [
        there.get(Trial(original, experiment, recipe, seed).id) or invent(store, original, experiment, recipe, seed)
        for experiment in original.experiments.values()
        for recipe in experiment.recipes
        for seed in range(2)
    ]


def saved_at(figure: Figure, view: View, directory: Path) -> Path:
    """Where the SVG of a figure that has trials lies, once it is saved; the PNG lies beside it."""
    path = directory / f"{figure.name}.svg"
    assert save(figure, view, directory) == path.read_text("utf-8")
    return path
