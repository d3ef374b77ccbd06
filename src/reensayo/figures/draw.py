"""A declared figure as a matplotlib figure: a picture a recipe, side by side where they fit, each a row of panels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, Literal

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

# Inches.
WIDEST = 11.7  # what a page shows in letters that can be read
ALONE = (4.7, 3.1)  # a panel that is all of its picture, or that has words on both sides
BESIDE = (2.9, 2.3)  # one of several
TITLE_LINE = 0.19
TITLE_DENSITY = 10.5  # characters an inch
ABOVE = 0.12
LEGEND_COLUMNS = 6
COMPARABLE = 4
"""How many times larger than another picture's scale the common one may be."""
UNBROKEN = "\N{NO-BREAK SPACE}"

RECIPE = Text(es="receta {recipe}", en="recipe {recipe}")
ALIKE = Text(es="recetas {first} y {last} (los mismos ajustes)", en="recipes {first} and {last} (the same settings)")
FIRST_SEED = Text(es=", semilla {seed}", en=", seed {seed}")
DIVERGED = Text(es=" ({n} más con divergencia)", en=" ({n} more diverged)")
UNDER_WAY = Text(es=" · A MEDIAS: primeras {done} de {of} épocas", en=" · UNDER WAY: first {done} of {of} epochs")
SHIPPED = Text(es=" · ensayos incluidos", en=" · shipped trials")
REDUCED = Text(es=" · REDUCIDA: {settings}", en=" · REDUCED: {settings}")
SOME_REDUCED = Text(es=" · HAY ENSAYOS REDUCIDOS", en=" · SOME TRIALS ARE REDUCED")
ANOTHER_LOSS = Text(es=" · otro costo que el del original", en=" · another loss than the original's")
LACKING = Text(
    es="Estos ensayos no tienen {name}:\nejecútelos de nuevo\nen otra carpeta (--store).",
    en="These trials do not have {name}:\nrun them again\ninto another folder (--store).",
)


def draw(figure: spec.Figure, view: View) -> Figure | None:
    """The figure, or None where no recipe of it has trials."""
    if not (pictures := _distinct(figure, view)):
        return None
    sizes = [_size(panel, figure, view, recipes[0]) for recipes in pictures for panel in figure.panels]
    width = max(w for w, _ in sizes) * len(figure.panels)
    columns = max(1, min(len(pictures), int(WIDEST / width)))
    rows = -(-len(pictures) // columns)
    titles = ["" if figure.is_of_networks else title(figure, view, recipes) for recipes in pictures]
    titles = [fill(words, int(width * TITLE_DENSITY)) for words in titles]
    height = max(h for _, h in sizes)
    if any(titles):
        height += ABOVE + TITLE_LINE * max(1 + words.count("\n") for words in titles)
    with styled(view.colours):
        from matplotlib.figure import Figure

        drawn = Figure(figsize=(width * columns, height * rows), layout="constrained")
        cells = drawn.subfigures(rows, columns, squeeze=False).ravel()
        panels = [
            _draw_recipe(cell, figure, view, recipes[0], words)
            for cell, recipes, words in zip(cells, pictures, titles, strict=False)
        ]
        _share_scales(figure, view, [recipes[0] for recipes in pictures], panels)
        if legend := _legend(drawn, figure, view):
            drawn.set_figheight(height * rows + _place(legend, drawn))
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


def _draw_recipe(cell: SubFigure, figure: spec.Figure, view: View, recipe: str, words: str) -> Sequence[Axes]:
    """One picture, that of all recipes that are equal to this one, panel by panel."""
    if words:
        cell.suptitle(words, x=0.01, ha="left", weight="bold")
    beside: Sequence[Axes] = cell.subplots(1, len(figure.panels), squeeze=False, sharex=figure.shows_only(spec.Panel))[
        0
    ]
    room = [int(extent / cell.dpi * TITLE_DENSITY) for extent in (cell.bbox.width / len(beside), cell.bbox.height)]
    for axes, panel in zip(beside, figure.panels, strict=True):
        _draw_panel(panel, axes, figure, view, recipe)
        speak(axes, view.lang, *room)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_zorder(-1)  # the grid below everything, also below what an exercise puts at the bottom
    return beside


def _share_scales(figure: spec.Figure, view: View, recipes: Sequence[str], pictures: Sequence[Sequence[Axes]]) -> None:
    """One scale for what may be compared: the same panel of every recipe, unless it would hide one of them."""
    for panel, beside in zip(figure.panels, zip(*pictures, strict=True), strict=True):
        losses = {tuple(figure.experiment.loss_of(figure.experiment.recipe(r).settings).items()) for r in recipes}
        if isinstance(panel, spec.Panel) and not (panel.metric == "loss" and len(losses) > 1):
            share(beside, "y", panel.log)
        elif isinstance(panel, spec.Comparison):
            share(beside, "y")
        elif isinstance(panel, spec.Differences):
            share(beside, "x")


def share(axes: Sequence[Axes], axis: Literal["x", "y"], log: bool = False) -> None:
    """Give axes one scale, unless it were much larger than one of theirs."""
    ends = [getattr(each, f"get_{axis}lim")() for each in axes]
    common = min(low for low, _ in ends), max(high for _, high in ends)
    extents = [math.log(high / low) if log else high - low for low, high in (*ends, common)]
    if extents[-1] <= COMPARABLE * min(extents):
        for each in axes:
            each.set(**{f"{axis}lim": common})


def _draw_panel(panel: spec.AnyPanel, axes: Axes, figure: spec.Figure, view: View, recipe: str) -> None:
    experiment, trials = figure.experiment, view.trials(figure.experiment, recipe)
    try:
        match panel:
            case spec.Panel():
                if panel.metric == "loss" and _has_another_loss(figure, view, recipe):
                    panel = replace(panel, training="", validation="")  # the original's says nothing beside it
                draw_curves(axes, panel, view, _shown(figure, view, recipe))
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
    has_words = any(isinstance(each, spec.ConfusionMatrix) and each.names for each in figure.panels)
    width, height = ALONE if len(figure.panels) == 1 or has_words else BESIDE
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
    elif view.basis(experiment.under(recipe)).evidence == "shipped":
        yield SHIPPED
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


def _place(legend: dict[str, Artist], drawn: Figure) -> float:
    """Below everything, in as many columns as the figure is wide enough for; its height in inches."""
    for columns in range(min(len(legend), LEGEND_COLUMNS), 0, -1):
        placed = drawn.legend(list(legend.values()), list(legend), loc="outside lower center", ncols=columns)
        extent = placed.get_window_extent()
        if columns == 1 or extent.width <= drawn.bbox.width:
            break
        placed.remove()
    return float(extent.height / drawn.dpi)


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
