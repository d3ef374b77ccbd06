"""Trials that nobody trained, of the real experiments: for figures and pages."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from engines import DATA, load
from reensayo import folds
from reensayo.exercises import EXPERIMENTS
from reensayo.outline import outline
from reensayo.spec import Experiment, Fitted, Recipe, Trial
from reensayo.store import Store, StoredTrial
from reensayo.training.weights import without_weights

EPOCHS = 4

IN_ENGLISH = ("ex01", "ex05", "ex08")
"""The exercises whose figures are drawn in the second language, too; all of them take `make test-slow`."""


@cache
def splits(experiment: str, recipe: str):
    e = EXPERIMENTS[experiment]
    raw = load(e.dataset, DATA) if e.dataset else None
    return e.splits(raw, e.recipe(recipe).settings, np.random.default_rng(0))


def invent(
    store: Store, experiment: Experiment, recipe: Recipe, seed: int, status: str = "finished", **about: object
) -> StoredTrial:
    """A trial as the runner stores it: outputs drawn at random go through the experiment's own evaluation."""
    rng = np.random.default_rng(seed)
    shape = outline(experiment.id, recipe.name)[-1].shape
    found = folds.together(
        [
            Fitted(
                {column: np.sort(rng.uniform(0.5, 1, EPOCHS))[::-1] for column in experiment.columns},
                experiment.evaluate(
                    lambda x: rng.uniform(size=(len(x), *shape)).astype("float32"), split, recipe.settings
                ),
            )
            for split in splits(experiment.id, recipe.name)
        ]
    )
    kernels = {}
    if units := experiment.keeps_units:  # the engine's, which evaluation does not see
        each = without_weights(experiment.network, recipe.settings).trainable_variables[0].shape[:-1]
        kernels = {"first_kernels": rng.normal(size=(units, math.prod(each)))}
    trial = Trial(experiment, recipe, seed)
    ours = store.write_trial(
        trial,
        {
            "status": status,
            "diverged_epoch": 2 if status == "diverged" else None,
            "measures": {
                **found.measured.measures,
                "parameters": experiment.parameters[recipe.name],
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
        {**found.measured.arrays, **kernels},
        None,
    )
    stored = ours or store.trial(trial.id)  # another worker of the tests was faster
    assert stored
    return stored


def two_seeds_each(store: Store) -> list[StoredTrial]:
    """Two trials of every recipe; those that the store has already are not invented again."""
    there = {trial.id: trial for trial in store.trials()}
    return [
        there.get(Trial(experiment, recipe, seed).id) or invent(store, experiment, recipe, seed)
        for experiment in EXPERIMENTS.values()
        for recipe in experiment.recipes
        for seed in range(2)
    ]
