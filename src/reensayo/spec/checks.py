"""What an original must keep to: no name stands for two things, and whatever is named is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from reensayo.spec.claim import AnyMetric, Metric, experiments_of
from reensayo.spec.exercise import Exercise
from reensayo.spec.experiment import Experiment
from reensayo.spec.figure import Comparison, Differences, Panel
from reensayo.spec.original import Original
from reensayo.spec.place import SpecError
from reensayo.text import Text, quoted

NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
"""Of an original, an exercise or an experiment: also the name of a folder, and a word on the command line."""


def check(original: Original) -> None:
    """See that an original is whole; else a SpecError says what is missing or there twice, and where it is written."""
    _check_kinds(original, original.place, set())
    if not original.exercises:
        raise SpecError(original.place, f"{original.name}: there are no exercises")
    _check_names(original)
    for name in (*original.judged, original.drew_figures):
        if name not in original.recipes:
            known = ", ".join(original.recipes)
            raise SpecError(original.place, f"recipe {name!r} has no meaning in recipes=; it has {known}")
    own = set(map(id, original.experiments.values()))
    for exercise in original.exercises:
        for place, where, experiment, metric in _uses(exercise):
            if id(experiment) not in own:
                raise SpecError(place, f"{where}: {experiment.id} belongs to none of the exercises")
            if metric and metric not in experiment.columns:
                known = ", ".join(experiment.columns)
                raise SpecError(place, f"{where}: {experiment.id} has no curve {metric!r}; it has {known}")
    for figure in original.figures():
        for recipe in figure.recipes:
            try:
                figure.experiment.recipe(recipe)
            except ValueError as error:
                raise SpecError(figure.place, f"figure {figure.name}: {error}") from None


def _check_kinds(thing: Any, place: str, seen: set[int]) -> None:
    """See that words are a Text and several things a tuple, in a value of an original and in all that it is made of."""
    if id(thing) in seen:  # an experiment, which many claims name
        return
    seen.add(id(thing))
    if isinstance(thing, tuple):
        for part in thing:
            _check_kinds(part, place, seen)
    elif is_dataclass(thing) and type(thing).__module__.startswith("reensayo.spec."):
        place = getattr(thing, "place", place)
        for field in fields(thing):
            value, (kind, *others) = getattr(thing, field.name), str(field.type).split(" | ")
            for expected, said in ((Text, "Text(es=..., en=...)"), (tuple, "a tuple, with a comma: (one,)")):
                is_meant = kind.split("[")[0] == expected.__name__ and not (others and value is None)
                if is_meant and not isinstance(value, expected):
                    what = f"{type(thing).__name__}({field.name}=...)"
                    raise SpecError(place, f"{what}: expected {said}; received {quoted(value)}")
            _check_kinds(value, place, seen)


def check_curves(original: Original) -> None:
    """See that the original's figures have the curves that claims and panels read; a SpecError where one is missing."""
    curves = original.curves
    for exercise in original.exercises:
        for claim in exercise.claims:
            for value in filter(None, (getattr(reading.test, "figure", None) for reading in claim.readings)):
                try:
                    value(curves)
                except (LookupError, TypeError, ValueError) as error:
                    words = f"claim {claim.id}: its figure's value cannot be read from curves.json"
                    raise SpecError(claim.place, f"{words} ({error})") from error
        for figure in exercise.figures:
            for panel in figure.panels:
                match panel:
                    case Panel():
                        names = [panel.training, panel.validation, *panel.folds]
                    case Comparison():
                        names = [arm.curve for arm in panel.arms]
                    case _:
                        continue
                known = curves.get(panel.figure, {})
                if missing := [name for name in names if name and name not in known]:
                    words = f"figure {figure.name}: curves.json has no curve {missing[0]!r} of figure {panel.figure}"
                    raise SpecError(figure.place, f"{words}; it has {', '.join(known) or 'none'}")


def _check_names(original: Original) -> None:
    networks = [(exercise, network) for exercise in original.exercises for network in exercise.networks]
    kinds = {
        "original": [(original.name, original.place)],
        "exercise": [(exercise.id, exercise.place) for exercise in original.exercises],
        "experiment": [(e.id, e.place) for _, e in networks],
        "claim": [(claim.id, claim.place) for exercise in original.exercises for claim in exercise.claims],
        "figure": [(figure.name, figure.place) for figure in original.figures()],
    }
    experiments = original.experiments.values()
    kinds |= {f"recipe of {e.id}": [(recipe.name, e.place) for recipe in e.runnable] for e in experiments}
    for kind, names in kinds.items():
        there: dict[str, str] = {}
        for name, place in names:
            if not NAME.fullmatch(name):
                raise SpecError(place, f"{kind} {name!r}: expected a name of letters, digits, '-', '_' and '.'")
            if name in there:
                raise SpecError(place, f"{kind} {name}: there are two of that name, the other at {there[name]}")
            there[name] = place
    for exercise in original.exercises:
        if "." in exercise.id:  # an experiment's is told from it by the first one
            raise SpecError(exercise.place, f"exercise {exercise.id!r}: expected a name without '.'")
    for claim in (claim for exercise in original.exercises for claim in exercise.claims):
        if strange := {name for reading in claim.readings for name in reading.recipes} - set(original.judged):
            judged = ", ".join(original.judged)
            raise SpecError(claim.place, f"claim {claim.id}: {strange.pop()!r} is none of the judged recipes {judged}")
    for exercise, experiment in networks:
        if not experiment.id.startswith(f"{exercise.id}."):
            raise SpecError(experiment.place, f"experiment {experiment.id}: expected {exercise.id}.NAME")


def _uses(exercise: Exercise) -> Iterator[tuple[str, str, Experiment, str]]:
    """(place, where, experiment, metric) of what is looked at; the metric where a curve of trials is read by its name.

    What ``evaluate`` measures is known only when it has, and a function of all curves names none.
    """
    for claim in exercise.claims:
        for reading in claim.readings:
            metric = _curve_of(getattr(reading.test, "metric", None))
            yield from ((claim.place, f"claim {claim.id}", e, metric) for e in experiments_of(reading.test))
    for mistake in exercise.mistakes:
        where = f"{exercise.id}, mistake in {mistake.where}"
        yield from ((exercise.place, where, run.experiment, "") for run in mistake.shown_by)
    for asked in exercise.asked:
        metric = _curve_of(asked.metric)
        yield from ((exercise.place, f"{exercise.id}, question", run.experiment, metric) for run in asked.runs)
    for figure in exercise.figures:
        uses = [(e, "") for e in (figure.experiment, *figure.also)]
        for panel in figure.panels:
            match panel:
                case Panel():
                    uses += [(figure.experiment, panel.metric)]
                case Comparison():
                    uses += [(arm.experiment, panel.metric) for arm in panel.arms]
                case Differences():
                    uses += [(e, _curve_of(panel.metric)) for _, *pair in panel.pairs for e in pair]
        yield from ((figure.place, f"figure {figure.name}", e, metric) for e, metric in uses)


def _curve_of(metric: AnyMetric | None) -> str:
    return metric.name if isinstance(metric, Metric) and metric.at != "measured" else ""
