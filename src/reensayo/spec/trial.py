"""A trial: an experiment of an original under a recipe, with one seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reensayo.spec.experiment import Experiment
from reensayo.spec.identity import RESULTS_VERSION, digest
from reensayo.spec.original import Original
from reensayo.spec.recipe import Recipe


@dataclass(frozen=True)
class Trial:
    """Experiment, recipe and seed: the unit that is stored."""

    original: Original
    experiment: Experiment
    recipe: Recipe
    seed: int
    precision: str = "float32"

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that determines the result, ready for canonical JSON."""
        dataset = self.experiment.dataset
        return {
            **self.original.identity(self.experiment, self.recipe),
            "experiment": self.experiment.id,
            "recipe": self.recipe.label,
            "reduced": self.recipe.reduced,
            "settings": dict(self.recipe.settings),
            "data": dataset.checksum if dataset else "generated",
            "seed": self.seed,
            "precision": self.precision,
            "results_version": RESULTS_VERSION,
        }

    @property
    def results_key(self) -> str:
        """Equal for trials with equal results: the identity, of networks without what the recipe is called.

        Recipes of networks differ in settings only, baselines also in their code.
        """
        nameless = {} if self.recipe.fit else {"recipe": None}
        return digest(self.identity | nameless)

    @property
    def id(self) -> str:
        """Readable and unique: ``experiment@recipe-s0-4f1c0a9b2d``; also the name of the trial's directory."""
        return trial_id(self.identity)


def trial_id(identity: Mapping[str, Any]) -> str:
    """The name of the trial with this identity."""
    recipe, *_ = identity["recipe"].split("+")  # without what --set changed
    return f"{identity['experiment']}@{recipe}-s{identity['seed']}-{digest(identity)[:10]}"
