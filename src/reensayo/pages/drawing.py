"""The figures of a report, drawn side by side: each keeps one core busy, and all of them for a minute."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread

import reensayo
from reensayo import registry
from reensayo.figures import View, network_figure, save, saved
from reensayo.figures.draw import recipes_shown
from reensayo.figures.svg import inline
from reensayo.outline import by_network, outline
from reensayo.spec import ConfusionMatrix, Exercise, Experiment, Figure, Original
from reensayo.text import Text

FEW = 8
"""Figures below which the processes would take longer to start than the figures to draw."""
NEAR_CHANCE = 2
"""How many times as often as by chance a class must be guessed right for its mistakes to say anything."""


def networks(original: Original, exercise: Exercise) -> Iterator[tuple[Figure, Mapping[Experiment, list[str]]]]:
    """Each network of an exercise once, as a figure, with the recipes of each experiment that train it."""
    distinct: dict[object, dict[Experiment, list[str]]] = {}
    for experiment in exercise.experiments:
        outlines = ((recipe.name, outline(original, experiment, recipe.name)) for recipe in experiment.recipes)
        for layers, recipes in by_network(outlines).items():
            distinct.setdefault(layers, {})[experiment] = recipes
    for trained_by in distinct.values():
        experiment, names = next(iter(trained_by.items()))
        yield network_figure(experiment, names[0]), trained_by


@cache
def every_figure(original: Original) -> Mapping[str, Figure]:
    """All that a report shows, by name."""
    of_networks = [figure for exercise in original.exercises for figure, _ in networks(original, exercise)]
    return {figure.name: figure for figure in [*of_networks, *original.figures()]}


def inlined(view: View, directory: Path) -> dict[str, str]:
    """The SVG of every figure, ready to be put into the page, by name; empty where nothing can be drawn yet.

    Empty, too, where it would say nothing. Each is drawn into the directory unless it is there.
    """
    figures = every_figure(view.original)
    labels = {name: f"{f.caption(view.lang)} ({', '.join(recipes_shown(f, view))})" for name, f in figures.items()}
    for exercise in view.original.exercises:
        for figure, trained_by in networks(view.original, exercise):
            recipes = "; ".join(f"{e.title(view.lang)} ({', '.join(names)})" for e, names in trained_by.items())
            network = Text(es="La red: {recipes}", en="The network: {recipes}")
            labels[figure.name] = network.format(recipes=recipes)(view.lang)
    drawn = {name: save(figure, view, directory) for name, figure in figures.items()}
    shown = {name: svg for name, svg in drawn.items() if svg and not _is_by_chance(figures[name], view)}
    return {name: inline(shown[name], name, labels[name]) if name in shown else "" for name in figures}


def _is_by_chance(figure: Figure, view: View) -> bool:
    """Whether a figure shows which classes are confused, of networks that nearly guess, or that did not keep it."""
    panels = [panel for panel in figure.panels if isinstance(panel, ConfusionMatrix)]
    trials = [t for recipe in recipes_shown(figure, view) for t in view.trials(figure.experiment, recipe) if panels]
    counts = [trial.arrays.get(panel.counts) for trial in trials for panel in panels]
    return bool(panels) and all(n is None or n.trace() * len(n) < NEAR_CHANCE * n.sum() for n in counts)


def draw_side_by_side(view: View, directory: Path, processes: int) -> None:
    """Draw what is not drawn yet, unless it is little; whoever saves a figure afterwards finds it up to date.

    What a process does not come to, whatever it met, is left: whoever draws it afterwards meets the same, and tells.
    An original that Python code made, no process of its own can find again.
    """
    original = view.original
    if processes < 2 or original.option is None:
        return
    shown = [(name, figure) for name, figure in every_figure(original).items() if recipes_shown(figure, view)]
    waiting = [name for name, figure in shown if saved(figure, view, directory) is None]
    if len(waiting) < FEW:
        return
    found_by = original.folder if original.from_folder else original.option or None
    what = view.stored, view.lang, view.under_way, view.with_shipped
    task = pickle.dumps((found_by, *what, directory.resolve()))
    with ExitStack() as started, suppress(OSError):  # where no processes are to be had
        workers = [started.enter_context(_worker()) for _ in range(processes)]
        for first, worker in enumerate(workers):
            assert worker.stdin
            with suppress(OSError):  # it is dead
                worker.stdin.write(task + pickle.dumps(waiting[first::processes]))
                worker.stdin.flush()
        for worker in workers:
            worker.wait()


# ---------------------------------------------------------------- the processes

WORKER = "import sys; sys.path[:] = sys.argv[1:]; from reensayo.pages import drawing; drawing.work()"


@contextmanager
def _worker() -> Iterator[Popen[bytes]]:
    """A process that draws what it is given on its standard input, and ends with this one, however this one ends.

    Not one of ``multiprocessing``: those import the main module again, and a ``socket.py`` of the current folder; they
    outlive a parent that is killed, and where one of them dies at its start the parent may wait for ever.
    """
    places = [place for place in sys.path if place and Path(place).resolve() != Path.cwd()]
    here = str(Path(reensayo.__file__).resolve().parents[1])  # last: it may be the current folder after all
    command = [sys.executable, "-P", "-c", WORKER, *places, here]
    worker = Popen(command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def work() -> None:
    """What each process does."""
    found_by, *what, directory = pickle.load(sys.stdin.buffer)
    names: Sequence[str] = pickle.load(sys.stdin.buffer)
    Thread(target=_end_with_parent, daemon=True).start()
    view = View(registry.find(found_by), *what)
    for name in names:
        save(every_figure(view.original)[name], view, directory)


def _end_with_parent() -> None:
    """Wait for the end of standard input: nobody is left who could write to it."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)
