"""One exercise as the page shows it: networks, settings, figures, what was wrong, how to run it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reensayo.figures import View, saved_svg
from reensayo.figures.draw import recipes_shown
from reensayo.figures.numerals import grouped, number
from reensayo.figures.svg import inline
from reensayo.report import words
from reensayo.report.answers import Answer, answer, mean_and_interval
from reensayo.report.drawing import distinct_networks
from reensayo.report.links import TrialsLink, links_to
from reensayo.spec import (
    COSTS,
    Exercise,
    Experiment,
    Figure,
    Mistake,
    Origin,
    Panel,
    Recipe,
    Value,
    bounds,
    called,
)
from reensayo.store import StoredTrial
from reensayo.text import Language, Text, capitalised, counted

ORIGINS: dict[Origin, Text] = {
    "text": words.ORIGIN_TEXT,
    "script": words.ORIGIN_SCRIPT,
    "text, script": words.ORIGIN_BOTH,
    "assignment": words.ORIGIN_ASSIGNMENT,
    "ours": words.ORIGIN_OURS,
}
ABOUT = {
    "text": words.TEXT_ABOUT,
    "script": words.SCRIPT_ABOUT,
    "sound": words.SOUND_ABOUT,
    "assignment": words.ASSIGNMENT_ABOUT,
}


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
    number: int | None
    svg: str
    shown: tuple[Shown, ...]
    reference: tuple[Text, ...]  # what is to be known of trials in it that come with reensayo


@dataclass(frozen=True)
class Demonstration:
    """A mistake and what the runs that demonstrate it give; ``commands`` are those still to be run."""

    mistake: Mistake
    quantities: tuple[str, ...]
    rows: tuple[tuple[Shown, tuple[tuple[str, str], ...]], ...]
    commands: tuple[str, ...]

    @property
    def reduced(self) -> bool:
        return any(shown.reduced for shown, _ in self.rows)


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
        tuple(_settings(e, view.lang) for e in exercise.experiments),
        tuple(picture(figure, view, figures) for figure in exercise.figures),
        tuple(answer(asked, view) for asked in exercise.asked),
        tuple(_demonstration(mistake, view) for mistake in exercise.mistakes),
        tuple(_commands(exercise)),
    )


# ---------------------------------------------------------------- networks and settings


def _networks(exercise: Exercise, view: View, figures: Path) -> Iterator[Network]:
    for figure, trained_by in distinct_networks(exercise):
        svg = saved_svg(figure, view, figures)
        assert svg  # a network can always be drawn
        label = "; ".join(f"{e.title(view.lang)} ({', '.join(names)})" for e, names in trained_by)
        yield Network(
            tuple((e, names if len(names) < len(e.recipes) else ()) for e, names in trained_by),
            figure.name,
            inline(svg, figure.name, f"{words.NETWORK(view.lang)}: {label}"),
        )


def _settings(experiment: Experiment, lang: Language) -> SettingsTable:
    names = [recipe.name for recipe in experiment.recipes]
    reference = experiment.recipe("script" if "script" in names else names[0])
    rows = [
        (
            setting.about,
            setting.name,
            tuple(_cell(recipe, reference, setting.name, lang) for recipe in experiment.recipes),
        )
        for setting in experiment.settings
    ]
    counts = [experiment.parameters[name] for name in names]
    same = experiment.parameters[reference.name]
    counted = tuple(Cell(grouped(count), words.COUNTED(lang), count != same) for count in counts)
    return SettingsTable(
        experiment,
        tuple((recipe.name, _about(recipe)(lang)) for recipe in experiment.recipes),
        reference.name,
        (*rows, (words.PARAMETERS, "", counted)),
    )


def _cell(recipe: Recipe, reference: Recipe, name: str, lang: Language) -> Cell:
    item = recipe.sourced[name]
    return Cell(_value(item.value, lang), ORIGINS[item.origin](lang), item.value != reference.sourced[name].value)


def _value(value: Value, lang: Language) -> str:
    if isinstance(value, bool):
        return (words.YES if value else words.NO)(lang)
    return number(value, lang) if isinstance(value, int | float) else value


def _about(recipe: Recipe) -> Text:
    return recipe.about or ABOUT.get(recipe.name, Text("", ""))


# ---------------------------------------------------------------- figures


def picture(figure: Figure, view: View, figures: Path) -> Picture:
    """A figure, drawn into the folder ``figures`` unless it is there, with what is said of it."""
    svg = saved_svg(figure, view, figures)
    drawn = recipes_shown(figure, view)
    label = f"{figure.caption(view.lang)} ({', '.join(drawn)})"
    prefix, _, digits = figure.name.partition("-")
    return Picture(
        figure,
        int(digits) if prefix == "fig" and digits.isdigit() else None,
        inline(svg, figure.name, label) if svg else "",
        () if figure.is_of_networks else tuple(_shown(figure.experiment, recipe, view) for recipe in figure.recipes),
        tuple(about_reference(figure, view)),
    )


def about_reference(figure: Figure, view: View) -> Iterator[Text]:
    """What is said of the pale lines, recipe by recipe."""
    first = figure.panels[0]
    if not isinstance(first, Panel):
        return
    metric = f"val_{first.metric}"
    for recipe in figure.recipes:
        if trials := view.reference(figure.experiment, recipe):
            mean, interval = mean_and_interval(
                [float(trial.history[metric][-1]) for trial in trials], view.lang, bounds(metric)
            )
            yield words.PALE_LINES.format(
                recipe=recipe,
                trials=counted(len(trials), words.TRIAL, words.TRIALS),
                devices=trials[0].about["hardware"]["devices"],
                day=trials[0].about["finished"][:10],
                measure=capitalised(called(metric)),
                mean=mean,
                interval=f" {interval}" if interval else "",
            )


def _shown(experiment: str, recipe: str, view: View) -> Shown:
    trials = view.trials(experiment, recipe)
    links = links_to(trials)
    return Shown(
        recipe, links[0] if links else None, bool(trials and trials[0].reduced), f"reensayo run {experiment}@{recipe}"
    )


# ---------------------------------------------------------------- what was wrong


def _demonstration(mistake: Mistake, view: View) -> Demonstration:
    runs = [(name, *name.split("@")) for name in mistake.shown_by]
    found = {name: view.trials(experiment, recipe) for name, experiment, recipe in runs}
    numbers = {name: _numbers(trials, mistake.measures) for name, trials in found.items()}
    quantities = tuple(dict.fromkeys(quantity for values in numbers.values() for quantity in values))
    return Demonstration(
        mistake,
        quantities,
        tuple(
            (
                _shown(experiment, recipe, view),
                tuple(
                    mean_and_interval(numbers[name].get(quantity, []), view.lang, bounds(quantity))
                    for quantity in quantities
                ),
            )
            for name, experiment, recipe in runs
            if found[name]
        ),
        tuple(f"reensayo run {name}" for name, trials in found.items() if not trials),
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


def _commands(exercise: Exercise) -> list[tuple[Text, str]]:
    first = exercise.experiments[0]
    recipe = next((r.name for r in first.recipes if r.name == "script"), first.recipes[0].name)
    one = f"{first.id}@{recipe}"
    pair = [r.name for r in first.recipes][:2]
    epochs = max(1, int(first.recipe(recipe).settings.epochs) // 2)
    commands = [
        (words.RUN_ALL, f"reensayo run {exercise.id}"),
        (words.RUN_SEEDS, f"reensayo run {one} --seeds {2 * first.seeds}"),
        (words.RUN_CHANGED, f"reensayo run {one} --set epochs={epochs}"),
    ]
    if len(pair) == 2:
        commands.append((words.RUN_COMPARE, f"reensayo compare {first.id}@{pair[0]} {first.id}@{pair[1]}"))
    return [*commands, (words.RUN_EXPORT, f"reensayo export {one} > {first.id.replace('.', '_')}.py")]
