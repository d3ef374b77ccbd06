"""A declared figure as a matplotlib figure: a row a recipe, a column a panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from reensayo import spec
from reensayo.figures.curves import draw_comparison, draw_curves, seeds_legend
from reensayo.figures.differences import draw_differences
from reensayo.figures.images import confusion_matrix, grid_extent, image_grid
from reensayo.figures.network import draw_network, network_size
from reensayo.figures.numerals import localised
from reensayo.figures.style import speak, styled
from reensayo.figures.view import View
from reensayo.outline import outline
from reensayo.store import Lacking, StoredTrial, UnderWay
from reensayo.text import SEED, Text, counted

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

PANEL_SIZE = (4.7, 3.1)  # inches
TITLE_HEIGHT = 0.3
TITLE_DENSITY = 10.5  # characters an inch
LEGEND_HEIGHT = 0.5
LEGEND_COLUMNS = 3
SIDE_BY_SIDE = 2
UNBROKEN = "\N{NO-BREAK SPACE}"

RECIPE = Text(es="receta {recipe}", en="recipe {recipe}")
ALIKE = Text(es="recetas {first} y {last} (los mismos ajustes)", en="recipes {first} and {last} (the same settings)")
FIRST_SEED = Text(es=", semilla {seed}", en=", seed {seed}")
DIVERGED = Text(es=" ({n} más con divergencia)", en=" ({n} more diverged)")
UNDER_WAY = Text(es=" · A MEDIAS: primeras {done} de {of} épocas", en=" · UNDER WAY: first {done} of {of} epochs")
REDUCED = Text(es=" · REDUCIDA: {settings}", en=" · REDUCED: {settings}")
SOME_REDUCED = Text(es=" · HAY ENSAYOS REDUCIDOS", en=" · SOME TRIALS ARE REDUCED")
ANOTHER_LOSS = Text(es=" · otro costo que el del original", en=" · another loss than the original's")
LACKING = Text(
    es="Estos ensayos no tienen {name}:\nejecútelos de nuevo en otra carpeta (--store).",
    en="These trials do not have {name}:\nrun them again into another folder (--store).",
)


def draw(figure: spec.Figure, view: View) -> Figure | None:
    """The figure, or None where no recipe of it has trials.

    A figure with one panel has its recipes side by side instead of one below the other.
    """
    if not (pictures := _distinct(figure, view)):
        return None
    columns = min(len(pictures), SIDE_BY_SIDE) if len(figure.panels) == 1 else 1
    rows = -(-len(pictures) // columns)
    sizes = [_size(panel, figure, view, recipes[0]) for recipes in pictures for panel in figure.panels]
    width = max(w for w, _ in sizes) * len(figure.panels) * columns
    height = (max(h for _, h in sizes) + (0 if figure.is_of_networks else TITLE_HEIGHT)) * rows
    with styled(view.colours):
        from matplotlib.figure import Figure

        drawn = Figure(figsize=(width, height + LEGEND_HEIGHT), layout="constrained")
        cells = drawn.subfigures(rows, columns, squeeze=False).ravel()
        for cell, recipes in zip(cells, pictures, strict=False):
            _draw_recipes(cell, figure, view, recipes)
        if figure.shows_only(spec.Differences):  # of every recipe on one scale
            low, high = zip(*(axes.get_xlim() for axes in drawn.get_axes()), strict=True)
            for axes in drawn.get_axes():
                axes.set_xlim(min(low), max(high))
        if legend := _legend(drawn, figure, view):
            _place(legend, drawn)
        else:
            drawn.set_figheight(height)
    return drawn


def recipes_shown(figure: spec.Figure, view: View) -> tuple[str, ...]:
    """The recipes of a figure that have trials; a network alone needs none."""
    recipes = view.original.recipes_of(figure)
    return tuple(recipe for recipe in recipes if figure.is_of_networks or _shown(figure, view, recipe))


def _distinct(figure: spec.Figure, view: View) -> list[tuple[str, ...]]:
    """The recipes shown; those of networks together that give one picture: the same settings, over the same seeds."""
    pictures: dict[object, tuple[str, ...]] = {}
    for recipe in recipes_shown(figure, view):
        finished = tuple(
            (experiment, trial.seed, spec.canonical_json(trial.settings))
            for experiment, name in conditions_shown(figure, recipe)
            for trial in view.trials(experiment, name)
        )
        under_way = _shown(figure, view, recipe) != view.trials(figure.experiment, recipe)
        is_baseline = figure.experiment.recipe(recipe).fit  # which differ in their code, too
        picture = recipe if figure.is_of_networks or under_way or is_baseline else finished
        pictures[picture] = (*pictures.get(picture, ()), recipe)
    return list(pictures.values())


def _shown(figure: spec.Figure, view: View, recipe: str) -> Sequence[StoredTrial | UnderWay]:
    """The trials that a figure is about: of curves also those under way."""
    found = view.with_curves if figure.shows_only(spec.Panel) else view.trials
    return found(figure.experiment, recipe)


def conditions_shown(figure: spec.Figure, recipe: str) -> list[spec.Condition]:
    """Every experiment and recipe whose trials the row of a recipe shows."""
    experiments, levels = [figure.experiment, *figure.also], list[spec.Condition]()
    for panel in figure.panels:
        if isinstance(panel, spec.Comparison):
            experiments += [arm.experiment for arm in panel.arms]
            levels += panel.levels
        elif isinstance(panel, spec.Differences):
            experiments += [experiment for _, *pair in panel.pairs for experiment in pair]
    return list(dict.fromkeys([*(spec.Condition(experiment, recipe) for experiment in experiments), *levels]))


def _draw_recipes(cell: SubFigure, figure: spec.Figure, view: View, recipes: tuple[str, ...]) -> None:
    """One picture: that of the first recipe, to which those of the others are equal."""
    if not figure.is_of_networks:
        room = int(PANEL_SIZE[0] * len(figure.panels) * TITLE_DENSITY)
        cell.suptitle(fill(title(figure, view, recipes), room), x=0.01, ha="left", weight="bold")
    beside = cell.subplots(1, len(figure.panels), squeeze=False, sharex=figure.shows_only(spec.Panel))[0]
    for axes, panel in zip(beside, figure.panels, strict=True):
        _draw_panel(panel, axes, figure, view, recipes[0])
        speak(axes, view.lang)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_zorder(-1)  # the grid below everything, also below what an exercise puts at the bottom


def _draw_panel(panel: spec.AnyPanel, axes: Axes, figure: spec.Figure, view: View, recipe: str) -> None:
    experiment, trials = figure.experiment, view.trials(figure.experiment, recipe)
    try:
        match panel:
            case spec.Panel():
                draw_curves(axes, panel, view, _shown(figure, view, recipe), view.shipped(experiment, recipe))
            case spec.Comparison():
                draw_comparison(axes, panel, view, recipe)
            case spec.Differences():
                draw_differences(axes, panel, view, recipe)
            case spec.NetworkDiagram():
                draw_network(axes, outline(view.original, experiment, recipe), view)
            case spec.ImageGrid():
                image_grid(axes, trials[0].arrays, panel, view.lang)
            case spec.ConfusionMatrix():
                confusion_matrix(axes, [trial.arrays[panel.counts] for trial in trials], panel, view)
            case _:
                panel(axes, view, recipe)
    except Lacking as missing:
        axes.clear()
        axes.set_axis_off()
        axes.text(0.5, 0.5, LACKING.format(name=missing)(view.lang), ha="center", va="center")


def _size(panel: spec.AnyPanel, figure: spec.Figure, view: View, recipe: str) -> tuple[float, float]:
    width, height = PANEL_SIZE
    match panel:
        case spec.NetworkDiagram():
            width, height = network_size(outline(view.original, figure.experiment, recipe))
        case spec.ImageGrid():
            across, down = grid_extent(panel)
            height = width * down / across
        case spec.ConfusionMatrix():
            height = width
    return width, height


def title(figure: spec.Figure, view: View, recipes: tuple[str, ...]) -> str:
    """The recipes, how many seeds of them are seen, and what is reduced in them."""
    *first, last = recipes
    named = ALIKE.format(first=", ".join(first), last=last) if first else RECIPE.format(recipe=last)
    return "".join(words(view.lang) for words in (named, *_about(figure, view, recipes[0])))


def _about(figure: spec.Figure, view: View, recipe: str) -> Iterator[Text]:
    experiment = figure.experiment
    if figure.also:
        if any(trial.reduced for e in (experiment, *figure.also) for trial in view.trials(e, recipe)):
            yield SOME_REDUCED
        return
    trials = _shown(figure, view, recipe)
    if figure.of_first_seed or figure.shows_only(spec.ImageGrid):
        yield FIRST_SEED.format(seed=trials[0].seed)
    else:
        seeds = counted(len(trials), *SEED)
        yield Text(es=f", n = {seeds.es}", en=f", n = {seeds.en}")
    if lost := view.diverged(experiment, recipe):
        yield DIVERGED.format(n=lost)
    if isinstance(trials[0], UnderWay):
        done = min(len(curve) for trial in trials for curve in trial.history.values())
        yield UNDER_WAY.format(done=done, of=trials[0].epochs)
    elif trials[0].reduced:
        full = experiment.recipe(recipe).settings
        less = {name: value for name, value in trials[0].settings.items() if full[name] != value}
        each = (UNBROKEN.join((name, *map(spec.in_words, (value, "/", full[name])))) for name, value in less.items())
        yield REDUCED.format(settings=localised(", ".join(each), view.lang))
    if _has_another_loss(figure, view, recipe):
        yield ANOTHER_LOSS
    if about := experiment.recipe(recipe).about:
        yield Text(es=f": {about.es}", en=f": {about.en}")


def _has_another_loss(figure: spec.Figure, view: View, recipe: str) -> bool:
    """Whether the original's curve of the loss cannot be compared with this recipe's."""
    if not any(isinstance(panel, spec.Panel) and panel.metric == "loss" and panel.figure for panel in figure.panels):
        return False
    losses = {each.name: figure.experiment.loss_of(each.settings) for each in figure.experiment.runnable}
    return losses[recipe] != losses.get(view.original.drew_figures, losses[recipe])


def _place(legend: dict[str, Artist], drawn: Figure) -> None:
    """Below everything, in as many columns as the figure is wide enough for."""
    for columns in range(min(len(legend), LEGEND_COLUMNS), 0, -1):
        placed = drawn.legend(list(legend.values()), list(legend), loc="outside lower center", ncols=columns)
        if columns == 1 or placed.get_window_extent().width <= drawn.bbox.width:
            return
        placed.remove()


def _legend(drawn: Figure, figure: spec.Figure, view: View) -> dict[str, Artist]:
    """What is labelled anywhere in the figure, each label once."""
    found: dict[str, Artist] = {}
    for axes in drawn.get_axes():
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if any(isinstance(panel, spec.Panel | spec.Comparison) for panel in figure.panels):
        several = any(len(_shown(figure, view, recipe)) > 1 for recipe in recipes_shown(figure, view))
        of_folds = any(isinstance(panel, spec.Panel) and panel.folds for panel in figure.panels)
        found |= seeds_legend(view, several, of_folds)
    return found
