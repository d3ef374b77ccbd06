"""An exercise: what it asks, how it is tried, what the original says of it and what is wrong there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reensayo.spec.claim import Claim, Measure, arms
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Figure
from reensayo.text import Text


@dataclass(frozen=True)
class Mistake:
    """Something that is wrong in the original, where it stands, and the runs that demonstrate it.

    Of these the numbers called ``measures`` are shown; without names all but the costs.
    """

    where: str
    what: Text
    shown_by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question of the assignment and the runs that answer it: ``quantity`` of each, held against the first's."""

    question: Text
    quantity: Measure
    runs: tuple[str, ...]  # experiment@recipe


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it asks, how it is tried, what the original says of it and what is wrong there.

    ``quick_seconds`` is what the quick profile may take of it on two cores.
    """

    id: str
    title: Text
    question: Text
    experiments: tuple[Experiment, ...]
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    mistakes: tuple[Mistake, ...]
    quick_seconds: int
    asked: tuple[Asked, ...] = ()

    @property
    def number(self) -> int:
        return int(self.id.removeprefix("ex"))


def check_names(exercises: Sequence[Exercise]) -> None:
    """That every experiment and recipe that an exercise names is there.

    Raises:
        ValueError: it names what is missing, and where that is named.
    """
    experiments = {e.id: {recipe.name for recipe in e.runnable} for exercise in exercises for e in exercise.experiments}

    def check(where: str, experiment: str, recipe: str | None = None) -> None:
        if experiment not in experiments:
            raise ValueError(f"{where}: no experiment {experiment!r}; there are {', '.join(experiments)}")
        if recipe is not None and recipe not in experiments[experiment]:
            known = ", ".join(sorted(experiments[experiment]))
            raise ValueError(f"{where}: {experiment} has no recipe {recipe!r}; it has {known}")

    for exercise in exercises:
        for claim in exercise.claims:
            for arm in {arm for reading in claim.readings for arm in arms(reading.test)}:
                check(f"claim {claim.id}", arm)
        for figure in exercise.figures:
            for name in figure.recipes:
                check(f"figure {figure.name}", figure.experiment, name)
            for experiment in figure.also:
                check(f"figure {figure.name}", experiment)
        shown = [(f"{exercise.id}, mistake in {mistake.where}", mistake.shown_by) for mistake in exercise.mistakes]
        asked = [(f"{exercise.id}, question", asked.runs) for asked in exercise.asked]
        for where, runs in (*shown, *asked):
            for run in runs:
                experiment, _, recipe = run.partition("@")
                check(where, experiment, recipe)
