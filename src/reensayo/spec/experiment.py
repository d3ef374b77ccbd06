"""An experiment: a network, its data, the recipes that it is trained under, and what is measured of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from reensayo.errors import InputError
from reensayo.spec.functions import Encode, Evaluate, KerasMetric, Load, Split, SplitBySeed, as_it_is, as_they_are
from reensayo.spec.place import SpecError, written_here
from reensayo.spec.recipe import Recipe
from reensayo.spec.settings import Setting, Settings, Value
from reensayo.text import Text

if TYPE_CHECKING:
    import keras
    import numpy as np

    from reensayo.datasets import DataSet


TRAINING = ("optimizer", "learning_rate", "loss", "batch_size", "epochs")
"""The settings that training takes, see ``reensayo.settings``."""


@dataclass(frozen=True)
class Quick:
    """What the quick profile runs of an experiment; ``changes`` are the settings that it reduces.

    The recipes ``without`` it runs only where they are asked for by name.
    """

    seeds: int
    changes: Mapping[str, Value] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """One network on one data set, with every recipe it is trained under.

    ``id`` is the exercise's with a name after it, ``ex.network``. Without ``dataset`` its data is generated; without
    ``load`` ``split`` gets the raw data, without ``split`` what ``load`` gives is the Split of every seed, and without
    ``encode`` the network sees the examples as they are. ``metrics`` stand beside the loss; without ``validates`` there
    is no validation set. Keras shows of the training data a mean over an epoch's batches, each before its step and with
    dropout; with ``measures_training`` they are also measured after the epoch, as the validation data are.
    ``plain_data`` gives the lines of an exported script that turn the raw arrays into ``x_train``, ``y_train``,
    ``x_val`` and ``y_val``. ``baselines`` are run and stored beside the recipes, without a network. Of the first
    ``keeps_units`` units of the first layer the trained weights are kept for figures, as the array ``first_kernels``
    (units, weights of each).
    """

    id: str
    title: Text
    dataset: DataSet | None
    network: Callable[[Settings], keras.Model]
    load: Load = as_it_is
    split: SplitBySeed | None = None
    encode: Encode = as_they_are
    evaluate: Evaluate
    metrics: tuple[KerasMetric, ...]
    settings: tuple[Setting, ...]
    recipes: tuple[Recipe, ...]
    plain_data: Callable[[Settings], str]
    quick: Quick
    seeds: int = 10
    baselines: tuple[Recipe, ...] = ()
    validates: bool = True
    measures_training: bool = False
    keeps_units: int = 0
    place: str = written_here()

    def __post_init__(self) -> None:
        """Every recipe sets what is declared, within its range; the data set is one, what quick leaves out exists.

        However a recipe is written, its values are told in the order of ``settings``.
        """
        if isinstance(self.dataset, str):
            raise self._error(f": dataset={self.dataset!r}, expected one of reensayo.datasets, or None")
        if self.load is as_it_is and self.split is None:
            raise self._error(": neither load= nor split= gives the arrays of a trial")
        for metric in self.metrics:
            if isinstance(metric, str) and not (metric.isidentifier() and metric[0].isupper()):
                raise self._error(f": metrics={self.metrics!r}, expected Keras classes, e.g. ('CategoricalAccuracy',)")
        declared = {setting.name: setting for setting in self.settings}
        for recipe in self.runnable:
            for name, item in recipe.sourced.items():
                at = f"{self.id}@{recipe.name}"
                if name not in declared:
                    raise SpecError(item.place, f"{at}: {name} is not among settings={', '.join(declared)}")
                try:
                    declared[name].check(item.value)
                except InputError as error:
                    raise SpecError(item.place, f"{at}: {error}") from None
        if self.recipes and (missing := set(TRAINING) - declared.keys()):
            raise self._error(f": settings= lacks {', '.join(sorted(missing))}; add *reensayo.settings.TRAINING")
        for recipe in self.recipes:
            if missing := declared.keys() - recipe.sourced.keys():
                raise self._error(f"@{recipe.name}: no {', '.join(sorted(missing))}, which settings= declares")
        for recipe in self.recipes:
            self._check_tried(recipe, declared)
        if unknown := set(self.quick.without) - {recipe.name for recipe in self.runnable}:
            raise self._error(f": quick leaves out {', '.join(sorted(unknown))}, which is none of its recipes")
        for kind in ("recipes", "baselines"):
            ordered = [(r, {n: r.sourced[n] for n in declared if n in r.sourced}) for r in getattr(self, kind)]
            object.__setattr__(self, kind, tuple(replace(recipe, sourced=values) for recipe, values in ordered))

    def _check_tried(self, recipe: Recipe, declared: Mapping[str, Setting]) -> None:
        """What a recipe was chosen from: values of settings, its own among them, compared on validation data."""
        for name, values in recipe.tried.items():
            if name not in declared or recipe.settings[name] not in values:
                raise self._error(f"@{recipe.name}: tried={{{name!r}: {values}}}, expected its own value among them")
            try:
                for value in values:
                    declared[name].check(value)
            except InputError as error:
                raise self._error(f"@{recipe.name}: tried: {error}") from None
        by = [name for name in self.columns if name.startswith("val_")]
        if recipe.tried and (recipe.chosen_by or "val_loss") not in by:
            raise self._error(f"@{recipe.name}: chosen_by={recipe.chosen_by!r}, expected one of {', '.join(by)}")

    def _error(self, after_id: str) -> SpecError:
        return SpecError(self.place, self.id + after_id)

    @property
    def exercise(self) -> str:
        return self.id.split(".")[0]

    @property
    def measured(self) -> Mapping[str, str]:
        """What the network is measured on after an epoch: how its columns begin -> the part of a Split."""
        every = ("inference_", "train", self.measures_training), ("val_", "val", self.validates)
        return {prefix: part for prefix, part, wanted in every if wanted}

    @property
    def columns(self) -> tuple[str, ...]:
        """What a trial's history holds, as Keras names it."""
        names = ("loss", *(_snake_case(m) if isinstance(m, str) else m.__name__ for m in self.metrics))
        return names + tuple(prefix + name for prefix in self.measured for name in names)

    @property
    def runnable(self) -> tuple[Recipe, ...]:
        """The recipes and the baselines."""
        return (*self.recipes, *self.baselines)

    def splits(self, loaded: Any, s: Settings, rng: np.random.Generator) -> tuple[Split, ...]:
        """The arrays of one trial, fold by fold; a trial without folds is one fold."""
        found = self.split(loaded, s, rng) if self.split else loaded
        return (found,) if isinstance(found, Split) else tuple(found)

    def loss_of(self, settings: Mapping[str, Value]) -> dict[str, Value]:
        """What the loss is under such settings: losses of which this differs are not to be compared."""
        return {s.name: settings[s.name] for s in self.settings if s.loss_part and settings.get(s.name)}

    def recipe(self, name: str) -> Recipe:
        """The recipe or baseline of that name; a ValueError lists those there are where it is none of them."""
        if found := next((recipe for recipe in self.runnable if recipe.name == name), None):
            return found
        raise ValueError(f"{self.id} has no recipe {name!r}; it has {', '.join(r.name for r in self.runnable)}")

    def under(self, recipe: str) -> Condition:
        """This experiment under one of its recipes; a ValueError as ``recipe``."""
        return Condition(self, self.recipe(recipe).name)

    def setting(self, name: str) -> Setting:
        """The setting of that name; an InputError lists those there are where it is none of them."""
        if found := next((setting for setting in self.settings if setting.name == name), None):
            return found
        known = "".join(f"\n  {s.name}: {s.expected()}" for s in self.settings)
        words = Text(
            es="{id} no tiene el ajuste {name!r}; se puede cambiar:{known}",
            en="{id} has no setting {name!r}; what can be set:{known}",
        )
        raise InputError(words.format(id=self.id, name=name, known=known))


class Condition(NamedTuple):
    """An experiment under one of its recipes: what trials of all seeds have in common."""

    experiment: Experiment
    recipe: str

    def __str__(self) -> str:
        return f"{self.experiment.id}@{self.recipe}"


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "_", name).lower()
