"""An exercise: what it asks, how it is tried, what the original says of it and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reensayo.spec.claim import Claim, Happens, Measure, Quantity, arms
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Comparison, Differences, Figure, Panel
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
    """That every experiment, recipe and curve that an exercise names is there, and that no name stands for two things.

    Raises:
        ValueError: it names what is missing, and where that is named, or what is there twice.
    """
    for kind, names in (
        ("exercise", [exercise.id for exercise in exercises]),
        ("experiment", [experiment.id for exercise in exercises for experiment in exercise.experiments]),
        ("claim", [claim.id for exercise in exercises for claim in exercise.claims]),
        ("figure", [figure.name for exercise in exercises for figure in exercise.figures]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{kind} {', '.join(twice)}: there are two of that name")
    experiments = {experiment.id: experiment for exercise in exercises for experiment in exercise.experiments}

    def check(where: str, experiment: str, recipe: str | None = None) -> None:
        if experiment not in experiments:
            raise ValueError(f"{where}: no experiment {experiment!r}; there are {', '.join(experiments)}")
        known = sorted(recipe.name for recipe in experiments[experiment].runnable)
        if recipe is not None and recipe not in known:
            raise ValueError(f"{where}: {experiment} has no recipe {recipe!r}; it has {', '.join(known)}")

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
        for where, experiment, metric in _curves_read(exercise):
            check(where, experiment)
            known = experiments[experiment].columns
            if metric not in known:
                raise ValueError(f"{where}: {experiment} has no curve {metric!r}; it has {', '.join(known)}")


def _curves_read(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """(where, experiment, metric) of the curves that are read by name.

    What ``evaluate`` measures is known only when it has, and a function of all curves names none.
    """
    measures: list[tuple[str, Measure, tuple[str, ...]]] = [
        (f"claim {claim.id}", test.quantity, arms(test))
        for claim in exercise.claims
        for reading in claim.readings
        if not isinstance(test := reading.test, Happens)
    ]
    for asked in exercise.asked:
        arms_asked = tuple(dict.fromkeys(run.partition("@")[0] for run in asked.runs))
        measures.append((f"{exercise.id}, question", asked.quantity, arms_asked))
    for figure in exercise.figures:
        where = f"figure {figure.name}"
        for panel in figure.panels:
            match panel:
                case Panel():
                    yield where, figure.experiment, panel.metric
                case Comparison():
                    yield from ((where, arm.experiment, panel.metric) for arm in panel.arms)
                case Differences():
                    measures += [(where, panel.quantity, (more, less)) for _, more, less in panel.pairs]
    for where, quantity, experiments in measures:
        if isinstance(quantity, Quantity) and quantity.at != "measured":
            yield from ((where, experiment, quantity.name) for experiment in experiments)
