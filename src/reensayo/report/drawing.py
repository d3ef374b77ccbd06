"""The figures of a report drawn side by side: each keeps one core busy, and all of them for a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from reensayo.exercises import EXERCISES
from reensayo.figures import View, is_up_to_date, network_figure, save
from reensayo.figures.draw import recipes_shown
from reensayo.outline import outline
from reensayo.spec import Exercise, Experiment, Figure

FEW = 8
"""Figures below which the processes would take longer to start than the figures to draw."""

TrainedBy = tuple[tuple[Experiment, tuple[str, ...]], ...]


def distinct_networks(exercise: Exercise) -> Iterator[tuple[Figure, TrainedBy]]:
    """Each network once, as a figure, with the recipes of each experiment that train it."""
    distinct: dict[object, list[tuple[Experiment, tuple[str, ...]]]] = {}
    for experiment in exercise.experiments:
        recipes: dict[object, list[str]] = {}
        for recipe in experiment.recipes:
            recipes.setdefault(outline(experiment.id, recipe.name), []).append(recipe.name)
        for network, names in recipes.items():
            distinct.setdefault(network, []).append((experiment, tuple(names)))
    for trained_by in distinct.values():
        first, its_recipes = trained_by[0]
        yield network_figure(first.id, its_recipes[0]), tuple(trained_by)


@cache
def every_figure() -> Mapping[str, Figure]:
    """All that a report shows, by name."""
    networks = [figure for exercise in EXERCISES for figure, _ in distinct_networks(exercise)]
    return {figure.name: figure for figure in [*networks, *(f for e in EXERCISES for f in e.figures)]}


def draw_side_by_side(view: View, directory: Path, processes: int) -> None:
    """Draw what is not drawn yet, unless it is little; whoever saves a figure afterwards finds it up to date."""
    if processes < 2:
        return
    waiting = [
        name
        for name, figure in every_figure().items()
        if recipes_shown(figure, view) and not is_up_to_date(figure, view, directory)
    ]
    if len(waiting) < FEW:
        return
    of_each = [waiting[first::processes] for first in range(processes)]
    with (
        suppress(OSError, BrokenProcessPool),  # where no processes are to be had, each figure is drawn in its turn
        ProcessPoolExecutor(processes, get_context("spawn")) as pool,
    ):
        deque(pool.map(partial(_draw, view, directory), of_each))


def _draw(view: View, directory: Path, names: Sequence[str]) -> None:
    for name in names:
        save(every_figure()[name], view, directory)
