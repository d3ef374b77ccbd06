"""One exercise as the page shows it: networks, settings, figures, what was wrong, how to run it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reensayo.figures import View, saved_svg
from reensayo.figures.draw import recipes_shown
from reensayo.figures.numerals import grouped, number
from reensayo.figures.svg import inline
from reensayo.outline import parameters
from reensayo.pages import words
from reensayo.pages.answers import Answer, answer, mean_and_interval
from reensayo.pages.drawing import distinct_networks
from reensayo.pages.links import TrialsLink, links_to
from reensayo.spec import (
    COSTS,
    Condition,
    Exercise,
    Experiment,
    Figure,
    Mistake,
    Original,
    Panel,
    Recipe,
    Value,
)
from reensayo.store import StoredTrial
from reensayo.text import Language, Text, capitalised, counted


@dataclass(frozen=True)
class Network:
    """One distinct network of an exercise, and which recipes of which experiments train it: empty where all do."""

    trained_by: tuple[tuple[Experiment, tuple[str, ...]], ...]
    name: str
    svg: str


@dataclass(frozen=True)
class Cell:
    """A value of one recipe."""

    value: str
    origin: str
    differs: bool


@dataclass(frozen=True)
class SettingsTable:
    """Settings down, recipes across; ``reference`` is the recipe that the others are held against."""

    experiment: Experiment
    recipes: tuple[tuple[str, str], ...]
    reference: str
    rows: tuple[tuple[Text, str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Shown:
    """A recipe in a figure: the trials drawn, or the command that gives them."""

    recipe: str
    trials: TrialsLink | None
    reduced: bool
    command: str


@dataclass(frozen=True)
class Picture:
    """A figure of the exercise; ``svg`` is empty where nothing can be drawn yet."""

    figure: Figure
    svg: str
    shown: tuple[Shown, ...]
    shipped: tuple[Text, ...]  # what is to be known of trials in it that come with the original


@dataclass(frozen=True)
class Demonstration:
    """A mistake and what the runs that demonstrate it give; ``commands`` are those still to be run."""

    mistake: Mistake
    metrics: tuple[tuple[str, Text], ...]
    rows: tuple[tuple[Shown, tuple[tuple[str, str], ...]], ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """Everything of one exercise but its claims."""

    exercise: Exercise
    warnings: tuple[Text, ...]
    networks: tuple[Network, ...]
    settings: tuple[SettingsTable, ...]
    pictures: tuple[Picture, ...]
    answers: tuple[Answer, ...]
    demonstrations: tuple[Demonstration, ...]
    commands: tuple[tuple[Text, str], ...]


def section(exercise: Exercise, view: View, figures: Path) -> Section:
    """Draw and gather everything of one exercise."""
    return Section(
        exercise,
        tuple(dict.fromkeys(e.dataset.warning for e in exercise.experiments if e.dataset and e.dataset.warning)),
        tuple(_networks(exercise, view, figures)),
        tuple(_settings(view.original, e, view.lang) for e in exercise.experiments),
        tuple(picture(figure, view, figures) for figure in exercise.figures),
        tuple(answer(asked, view) for asked in exercise.asked),
        tuple(_demonstration(mistake, view) for mistake in exercise.mistakes),
        tuple(_commands(view.original, exercise)),
    )


# ---------------------------------------------------------------- networks and settings


def _networks(exercise: Exercise, view: View, figures: Path) -> Iterator[Network]:
    for figure, trained_by in distinct_networks(view.original, exercise):
        svg = saved_svg(figure, view, figures)
        assert svg  # a network can always be drawn
        label = "; ".join(f"{e.title(view.lang)} ({', '.join(names)})" for e, names in trained_by)
        yield Network(
            tuple((e, names if len(names) < len(e.recipes) else ()) for e, names in trained_by),
            figure.name,
            inline(svg, figure.name, f"{words.NETWORK(view.lang)}: {label}"),
        )


def _settings(original: Original, experiment: Experiment, lang: Language) -> SettingsTable:
    reference = _example(original, experiment)
    rows = [
        (each.about, each.name, tuple(_cell(original, r, reference, each.name, lang) for r in experiment.recipes))
        for each in experiment.settings
    ]
    same, *counts = (parameters(original, experiment, r.name) for r in (reference, *experiment.recipes))
    cells = tuple(Cell(grouped(count), words.COUNT(lang), count != same) for count in counts)
    return SettingsTable(
        experiment,
        tuple((r.name, (r.about or original.recipes.get(r.name, Text("", "")))(lang)) for r in experiment.recipes),
        reference.name,
        (*rows, (words.PARAMETERS, "", cells)),
    )


def _example(original: Original, experiment: Experiment) -> Recipe:
    """The recipe that drew the original's figures, else the first."""
    return next((r for r in experiment.recipes if r.name == original.drew_figures), experiment.recipes[0])


def _cell(original: Original, recipe: Recipe, reference: Recipe, name: str, lang: Language) -> Cell:
    item = recipe.sourced[name]
    origins = [original.sources.get(each, Text(each, each))(lang) for each in item.origin.split(", ")]
    value, differs = _value(item.value, lang), item.value != reference.sourced[name].value
    return Cell(value, words.AND(lang).join(origins), differs)


def _value(value: Value, lang: Language) -> str:
    if isinstance(value, bool):
        return (words.YES if value else words.NO)(lang)
    return number(value, lang) if isinstance(value, int | float) else value


# ---------------------------------------------------------------- figures


def picture(figure: Figure, view: View, figures: Path) -> Picture:
    """A figure, drawn into the folder ``figures`` unless it is there, with what is said of it."""
    svg = saved_svg(figure, view, figures)
    drawn = recipes_shown(figure, view)
    label = f"{figure.caption(view.lang)} ({', '.join(drawn)})"
    return Picture(
        figure,
        inline(svg, figure.name, label) if svg else "",
        ()
        if figure.is_of_networks
        else tuple(_shown(Condition(figure.experiment, name), view) for name in view.original.recipes_of(figure)),
        tuple(_about_shipped(figure, view)),
    )


def _about_shipped(figure: Figure, view: View) -> Iterator[Text]:
    """What is said of the pale lines, recipe by recipe."""
    first = figure.panels[0]
    if not isinstance(first, Panel):
        return
    metric = f"val_{first.metric}" if figure.experiment.validates else first.metric
    named = view.original.named(metric)
    for recipe in view.original.recipes_of(figure):
        if trials := view.shipped(figure.experiment, recipe):
            ends = [float(trial.history[metric][-1]) for trial in trials]
            mean, interval = mean_and_interval(ends, view.lang, named.bounds)
            yield words.PALE_LINES.format(
                recipe=recipe,
                trials=counted(len(trials), words.TRIAL, words.TRIALS),
                devices=trials[0].about["hardware"]["devices"],
                day=trials[0].about["finished"][:10],
                metric=capitalised(named.words),
                mean=mean,
                interval=f" {interval}" if interval else "",
            )


def _shown(run: Condition, view: View) -> Shown:
    trials = view.trials(*run)
    links = links_to(trials)
    command = f"{view.original.command} run {run}"
    return Shown(run.recipe, links[0] if links else None, bool(trials and trials[0].reduced), command)


# ---------------------------------------------------------------- what was wrong


def _demonstration(mistake: Mistake, view: View) -> Demonstration:
    numbers = {run: _numbers(view.trials(*run), mistake.measures) for run in mistake.shown_by}
    metrics = {name: view.original.named(name) for values in numbers.values() for name in values}
    shown = {run: _shown(run, view) for run in mistake.shown_by}
    return Demonstration(
        mistake,
        tuple((name, named.words) for name, named in metrics.items()),
        tuple(
            (
                one,
                tuple(
                    mean_and_interval(numbers[run].get(name, []), view.lang, named.bounds)
                    for name, named in metrics.items()
                ),
            )
            for run, one in shown.items()
            if one.trials
        ),
        tuple(one.command for one in shown.values() if not one.trials),
    )


def _numbers(trials: Sequence[StoredTrial], names: Sequence[str]) -> dict[str, list[float]]:
    """Metric -> one value a trial: validation in the last epoch, and what was measured.

    Those of the given names, or without names all but the costs.
    """
    values: dict[str, list[float]] = {}
    for trial in trials:
        final = {name: float(curve[-1]) for name, curve in trial.history.items() if name.startswith("val_")}
        for name, value in (final | dict(trial.measures)).items():
            if name in names or not (names or name in COSTS):
                values.setdefault(name, []).append(value)
    return values


# ---------------------------------------------------------------- commands


def _commands(original: Original, exercise: Exercise) -> list[tuple[Text, str]]:
    first = exercise.experiments[0]
    recipe = _example(original, first)
    one, *pair = first.under(recipe.name), *(first.under(each.name) for each in first.recipes[:2])
    epochs = max(1, int(recipe.settings.epochs) // 2)
    commands = [
        (words.RUN_ALL, f"run {exercise.id}"),
        (words.RUN_SEEDS, f"run {one} --seeds {2 * first.seeds}"),
        (words.RUN_CHANGED, f"run {one} --set epochs={epochs}"),
        *([(words.RUN_COMPARE, f"compare {pair[0]} {pair[1]}")] if len(pair) == 2 else []),
        (words.RUN_EXPORT, f"export {one} > {first.id.replace('.', '_')}.py"),
    ]
    return [(what, f"{original.command} {command}") for what, command in commands]
