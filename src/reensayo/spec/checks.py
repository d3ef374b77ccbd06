"""What an original must keep to: no name stands for two things, and whatever is named is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reensayo.spec.claim import AnyMetric, Happens, Metric, experiments_of
from reensayo.spec.exercise import Exercise
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Comparison, Differences, Panel
from reensayo.spec.original import Original
from reensayo.spec.place import SpecError

NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
"""Of an original, an exercise or an experiment: also the name of a folder, and a word on the command line."""


def check(original: Original) -> None:
    """See that an original is whole.

    Raises:
        SpecError: it says what is missing or there twice, and where that is written.
    """
    if not original.exercises:
        raise SpecError(original.place, f"{original.name}: there are no exercises")
    _check_names(original)
    _check_recipes(original)
    for exercise in original.exercises:
        for place, where, experiment, metric in _curves_read(exercise):
            if metric not in experiment.columns:
                known = ", ".join(experiment.columns)
                raise SpecError(place, f"{where}: {experiment.id} has no curve {metric!r}; it has {known}")


def check_curves(original: Original) -> None:
    """See that the original's figures have the curves that claims and panels read.

    Raises:
        SpecError: one is missing, or their file is damaged.
    """
    curves = original.curves
    for exercise in original.exercises:
        for claim in exercise.claims:
            for reading in claim.readings:
                if value := getattr(reading.test, "figure", None):
                    try:
                        value(curves)
                    except (LookupError, TypeError, ValueError) as error:
                        words = f"claim {claim.id}: its figure's value cannot be read from curves.json"
                        raise SpecError(claim.place, f"{words} ({type(error).__name__}: {error})") from error
        for figure in exercise.figures:
            for panel in figure.panels:
                if isinstance(panel, Panel):
                    names = [name for name in (panel.training, panel.validation, *panel.folds) if name]
                elif isinstance(panel, Comparison):
                    names = [arm.curve for arm in panel.arms if arm.curve]
                else:
                    continue
                known = curves.get(panel.figure, {})
                if missing := [name for name in names if name not in known]:
                    words = f"figure {figure.name}: curves.json has no curve {missing[0]!r} of figure {panel.figure}"
                    raise SpecError(figure.place, f"{words}; it has {', '.join(known) or 'none'}")


def _check_names(original: Original) -> None:
    exercises = original.exercises
    experiments = [e for exercise in exercises for e in exercise.experiments]
    kinds: Sequence[tuple[str, list[tuple[str, str]]]] = (
        ("original", [(original.name, original.place)]),
        ("exercise", [(exercise.id, exercise.place) for exercise in exercises]),
        ("experiment", [(experiment.id, experiment.place) for experiment in experiments]),
        ("claim", [(claim.id, claim.place) for exercise in exercises for claim in exercise.claims]),
        ("figure", [(figure.name, figure.place) for figure in original.figures()]),
        *((f"recipe of {e.id}", [(recipe.name, e.place) for recipe in e.runnable]) for e in experiments),
    )
    for kind, names in kinds:
        there: dict[str, str] = {}
        for name, place in names:
            if not NAME.fullmatch(name):
                raise SpecError(place, f"{kind} {name!r}: expected a name of letters, digits, '-', '_' and '.'")
            if name in there:
                raise SpecError(place, f"{kind} {name}: there are two of that name, the other at {there[name]}")
            there[name] = place
    for exercise in exercises:
        for experiment in exercise.experiments:
            if not experiment.id.startswith(f"{exercise.id}."):
                raise SpecError(experiment.place, f"experiment {experiment.id}: expected {exercise.id}.NAME")


def _check_recipes(original: Original) -> None:
    for name in (*original.judged, original.drew_figures):
        if name not in original.recipes:
            known = ", ".join(original.recipes)
            raise SpecError(original.place, f"recipe {name!r} has no meaning in recipes=; it has {known}")
    own = set(map(id, original.experiments.values()))
    for exercise in original.exercises:
        for place, where, experiment in _experiments_named(exercise):
            if id(experiment) not in own:
                raise SpecError(place, f"{where}: {experiment.id} belongs to none of the exercises")
        for figure in exercise.figures:
            for recipe in figure.recipes:
                try:
                    figure.experiment.recipe(recipe)
                except ValueError as error:
                    raise SpecError(figure.place, f"figure {figure.name}: {error}") from None


def _experiments_named(exercise: Exercise) -> Iterator[tuple[str, str, Experiment]]:
    for claim in exercise.claims:
        for reading in claim.readings:
            yield from ((claim.place, f"claim {claim.id}", e) for e in experiments_of(reading.test))
    for figure in exercise.figures:
        yield from ((figure.place, f"figure {figure.name}", e) for e in (figure.experiment, *figure.also))
    shown = [(f"{exercise.id}, mistake in {mistake.where}", mistake.shown_by) for mistake in exercise.mistakes]
    asked = [(f"{exercise.id}, question", asked.runs) for asked in exercise.asked]
    for where, runs in (*shown, *asked):
        yield from ((exercise.place, where, run.experiment) for run in runs)


def _curves_read(exercise: Exercise) -> Iterator[tuple[str, str, Experiment, str]]:
    """(place, where, experiment, metric) of the curves of trials that are read by name.

    What ``evaluate`` measures is known only when it has, and a function of all curves names none.
    """
    metrics: list[tuple[str, str, AnyMetric, tuple[Experiment, ...]]] = [
        (claim.place, f"claim {claim.id}", test.metric, experiments_of(test))
        for claim in exercise.claims
        for reading in claim.readings
        if not isinstance(test := reading.test, Happens)
    ]
    for asked in exercise.asked:
        runs = tuple(dict.fromkeys(run.experiment for run in asked.runs))
        metrics.append((exercise.place, f"{exercise.id}, question", asked.metric, runs))
    for figure in exercise.figures:
        where = f"figure {figure.name}"
        for panel in figure.panels:
            match panel:
                case Panel():
                    yield figure.place, where, figure.experiment, panel.metric
                case Comparison():
                    yield from ((figure.place, where, arm.experiment, panel.metric) for arm in panel.arms)
                case Differences():
                    pairs = [(more, less) for _, more, less in panel.pairs]
                    metrics += [(figure.place, where, panel.metric, pair) for pair in pairs]
    for place, where, metric, experiments in metrics:
        if isinstance(metric, Metric) and metric.at != "measured":
            yield from ((place, where, experiment, metric.name) for experiment in experiments)
