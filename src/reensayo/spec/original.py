"""A published work as an object: its exercises, the meaning of its recipes, its own curves, what is shipped with it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo.spec.claim import Curves
from reensayo.spec.exercise import Counted, Exercise
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Figure
from reensayo.spec.fingerprint import of_results
from reensayo.spec.names import Named, named
from reensayo.spec.place import SpecError, written_here
from reensayo.spec.recipe import Recipe
from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.datasets import DataSet

SOURCES = {
    "text": Text(es="texto", en="text"),
    "script": Text(es="script", en="script"),
    "ours": Text(es="nuestro", en="ours"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Original:
    """A published work.

    ``name`` is part of every trial's identity. ``recipes`` says what the names of recipes mean, as a part of a
    sentence; claims are judged under those of ``judged``, in this order, and ``drew_figures`` names the one that the
    original's figures were drawn with. ``sources`` names where values come from, ``metrics`` what only this work
    measures. In ``folder`` lie ``curves.json``, the curves of its figures, and ``outlines.json``, its networks layer by
    layer; both may be missing, and the second is written when it is. ``from_folder`` says that the work was given as
    a folder, so that its code may change at any time: then it is part of what a trial is. ``version`` is that of the
    package which it was installed with, if not with reensayo, and part of what a trial is, too. ``option`` is what was
    given to find it, empty where nothing need be, and None where nobody looked: Python code made it.
    """

    name: str
    title: Text
    about: Text
    exercises: tuple[Exercise, ...]
    folder: Path
    recipes: Mapping[str, Text]
    judged: tuple[str, ...]
    drew_figures: str
    sources: Mapping[str, Text] = field(default_factory=lambda: SOURCES)
    metrics: Mapping[str, Named] = field(default_factory=dict)
    from_folder: bool = False
    version: str = ""
    option: str | None = None
    place: str = written_here()

    @cached_property
    def experiments(self) -> Mapping[str, Experiment]:
        """Every experiment by its id, in the order of the work."""
        return {e.id: e for exercise in self.exercises for e in exercise.experiments}

    @cached_property
    def counted(self) -> Mapping[str, Counted]:
        """The networks that are only built and counted, by their id."""
        return {c.id: c for exercise in self.exercises for c in exercise.counted}

    @property
    def networks(self) -> Mapping[str, Experiment | Counted]:
        """Whatever has a network, by its id."""
        return {network.id: network for exercise in self.exercises for network in exercise.networks}

    @property
    def datasets(self) -> tuple[DataSet, ...]:
        """The data sets that it uses, each once."""
        return tuple({e.dataset.name: e.dataset for e in self.experiments.values() if e.dataset}.values())

    @property
    def example(self) -> str:
        """An experiment and recipe of it, for help and messages."""
        experiment = next(iter(self.experiments.values()))
        return str(experiment.under(experiment.recipes[0].name))

    @property
    def command(self) -> str:
        """How commands about it begin; of a work made in Python, those that find it once it is installed."""
        wanted = self.name if self.option is None else self.option
        return f"reensayo --original {shlex.quote(wanted)}" if wanted else "reensayo"

    def number(self, exercise: Exercise) -> int:
        """Its place among the exercises, from 1."""
        return 1 + self.exercises.index(exercise)

    def recipes_of(self, figure: Figure) -> tuple[str, ...]:
        """The recipes that a figure shows: those that it names, else the judged ones, first that which drew it."""
        there = [name for name in self.judged if name in {recipe.name for recipe in figure.experiment.runnable}]
        return figure.recipes or tuple(sorted(there, key=lambda name: name != self.drew_figures))

    def named(self, metric: str) -> Named:
        """The words for a metric, and within what it always is."""
        return named(metric, self.metrics)

    @cached_property
    def curves(self) -> Curves:
        """The curves of the original's own figures, from ``curves.json``; empty without it, a SpecError if damaged."""
        path = self.folder / "curves.json"
        try:
            figures: dict[str, dict[str, list[float]]] = json.loads(path.read_text("utf-8"))["figures"]
            return {int(number): figure for number, figure in figures.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            form = '{"figures": {"7": {"training_loss": [1.5, ...]}}}'
            place = f"{path}:{getattr(error, 'lineno', 1)}"
            raise SpecError(place, f"expected {form}; received {type(error).__name__}: {error}") from error

    def identity(self, experiment: Experiment, recipe: Recipe) -> dict[str, str]:
        """What of the work determines the results of a recipe: its name; also its version, or code that may change."""
        if not self.from_folder:
            return {"original": self.name} | ({"version": self.version} if self.version else {})
        key = experiment.id, recipe.name
        if key not in self._codes:
            self._codes[key] = of_results(experiment, recipe, self.folder)
        return {"original": self.name, "code": self._codes[key]}

    @cached_property
    def _codes(self) -> dict[tuple[str, str], str]:
        return {}

    def figures(self) -> Iterator[Figure]:
        """Every figure, in the order of the work."""
        return (figure for exercise in self.exercises for figure in exercise.figures)
