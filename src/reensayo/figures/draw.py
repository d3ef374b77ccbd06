"""A declared figure as a matplotlib figure: a row a recipe, a column a panel."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from reensayo.evidence.judge import SEED
from reensayo.exercises import EXPERIMENTS
from reensayo.figures.curves import draw_comparison, draw_curves, seeds_legend
from reensayo.figures.differences import draw_differences
from reensayo.figures.images import confusion_matrix, grid_extent, image_grid
from reensayo.figures.network import draw_network, network_size
from reensayo.figures.numerals import number
from reensayo.figures.style import speak, styled
from reensayo.figures.view import View
from reensayo.outline import outline
from reensayo.spec import (
    AnyPanel,
    Comparison,
    ConfusionMatrix,
    Differences,
    Draw,
    Figure,
    ImageGrid,
    NetworkDiagram,
    Panel,
    canonical_json,
)
from reensayo.store import StoredTrial, UnderWay
from reensayo.text import Text, counted

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure
    from matplotlib.figure import SubFigure

PANEL_SIZE = (4.7, 3.1)  # inches
TITLE_HEIGHT = 0.3
TITLE_DENSITY = 10.5  # characters an inch
LEGEND_HEIGHT = 0.5
LEGEND_COLUMNS = 3
SIDE_BY_SIDE = 2
UNBROKEN = "\N{NO-BREAK SPACE}"

RECIPE = Text(es="receta {recipe}", en="recipe {recipe}")
FIRST_SEED = Text(es="{named}, semilla {seed}", en="{named}, seed {seed}")
LACKING = Text(
    es="Estos ensayos no tienen {name}:\nejecútelos de nuevo en otra carpeta (--store).",
    en="These trials do not have {name}:\nrun them again into another folder (--store).",
)


def draw(figure: Figure, view: View) -> MatplotlibFigure | None:
    """The figure, or None where no recipe of it has trials.

    A figure with one panel has its recipes side by side instead of one below the other.
    """
    pictures = _distinct(figure, view)
    if not pictures:
        return None
    columns = min(len(pictures), SIDE_BY_SIDE) if len(figure.panels) == 1 else 1
    rows = -(-len(pictures) // columns)
    sizes = [_size(panel, figure.experiment, recipes[0]) for recipes in pictures for panel in figure.panels]
    width = max(w for w, _ in sizes) * len(figure.panels) * columns
    height = (max(h for _, h in sizes) + (0 if figure.is_of_networks else TITLE_HEIGHT)) * rows
    with styled(view.colours):
        from matplotlib.figure import Figure as MatplotlibFigure

        drawn = MatplotlibFigure(figsize=(width, height + LEGEND_HEIGHT), layout="constrained")
        cells = drawn.subfigures(rows, columns, squeeze=False).ravel()
        for cell, recipes in zip(cells, pictures, strict=False):
            _draw_recipes(cell, figure, view, recipes)
        if legend := _legend(drawn, figure, view):
            _place(legend, drawn)
        else:
            drawn.set_figheight(height)
    return drawn


def recipes_shown(figure: Figure, view: View) -> tuple[str, ...]:
    """The recipes of a figure that have trials; a network alone needs none."""
    if figure.is_of_networks:
        return figure.recipes
    return tuple(recipe for recipe in figure.recipes if _shown(figure, view, recipe))


def _distinct(figure: Figure, view: View) -> list[tuple[str, ...]]:
    """The recipes shown, those of nets together that give the same picture: the same settings, over the same seeds."""
    if figure.is_of_networks:
        return [(recipe,) for recipe in figure.recipes]
    pictures: dict[object, tuple[str, ...]] = {}
    for recipe in recipes_shown(figure, view):
        finished = tuple(
            (experiment, trial.seed, canonical_json(trial.settings))
            for experiment, name in arms_shown(figure, recipe)
            for trial in view.trials(experiment, name)
        )
        all_finished = finished and _shown(figure, view, recipe) == view.trials(figure.experiment, recipe)
        a_net = EXPERIMENTS[figure.experiment].recipe(recipe).fit is None  # baselines differ in their code, too
        picture = finished if all_finished and a_net else recipe
        pictures[picture] = (*pictures.get(picture, ()), recipe)
    return list(pictures.values())


def _shown(figure: Figure, view: View, recipe: str) -> Sequence[StoredTrial | UnderWay]:
    """The trials that a figure is about: of curves also those under way."""
    curves = all(isinstance(panel, Panel) for panel in figure.panels)
    return (view.with_curves if curves else view.trials)(figure.experiment, recipe)


def arms_shown(figure: Figure, recipe: str) -> list[tuple[str, str]]:
    """Every (experiment, recipe or baseline) whose trials the row of a recipe shows."""
    arms = [(experiment, recipe) for experiment in (figure.experiment, *figure.also)]
    for panel in figure.panels:
        if isinstance(panel, Comparison):
            arms += [*((arm.experiment, recipe) for arm in panel.arms), *panel.levels]
        elif isinstance(panel, Differences):
            arms += [(experiment, recipe) for _, *pair in panel.pairs for experiment in pair]
    return list(dict.fromkeys(arms))


def _draw_recipes(cell: SubFigure, figure: Figure, view: View, recipes: tuple[str, ...]) -> None:
    """One picture: that of the first recipe, to which those of the others are equal."""
    recipe = recipes[0]
    if not figure.is_of_networks:
        room = int(PANEL_SIZE[0] * len(figure.panels) * TITLE_DENSITY)
        title = fill(_title(figure, view, recipes)(view.lang), room)
        cell.suptitle(title, x=0.01, ha="left", weight="bold")
    of_epochs = all(isinstance(panel, Panel) for panel in figure.panels)
    beside = cell.subplots(1, len(figure.panels), squeeze=False, sharex=of_epochs)[0]
    for axes, panel in zip(beside, figure.panels, strict=True):
        _draw_panel(panel, axes, figure, view, recipe)
        speak(axes, view.lang)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_zorder(-1)  # the grid below everything, also below what an exercise puts at the bottom


def _draw_panel(panel: AnyPanel, axes: Axes, figure: Figure, view: View, recipe: str) -> None:
    match panel:
        case Panel():
            reference = view.reference(figure.experiment, recipe)
            draw_curves(axes, panel, view, _shown(figure, view, recipe), reference)
        case Comparison():
            draw_comparison(axes, panel, view, recipe)
        case Differences():
            draw_differences(axes, panel, view, recipe)
        case NetworkDiagram():
            draw_network(axes, outline(figure.experiment, recipe), view)
        case _:
            try:
                _draw_what_was_kept(panel, axes, figure, view, recipe)
            except KeyError as missing:  # stored before the exercise measured what its panel shows
                axes.clear()
                axes.set_axis_off()
                axes.text(0.5, 0.5, LACKING.format(name=missing)(view.lang), ha="center", va="center")


def _draw_what_was_kept(
    panel: ImageGrid | ConfusionMatrix | Draw, axes: Axes, figure: Figure, view: View, recipe: str
) -> None:
    """What rests on the arrays of trials, of which older ones may not have all."""
    trials = view.trials(figure.experiment, recipe)
    match panel:
        case ImageGrid():
            arrays = trials[0].arrays
            images, captions = arrays[panel.images], [arrays[name] for name in panel.captions]
            words = [
                ("\n→ " if panel.caption_lines > 1 else " → ").join(map(str, each))
                for each in zip(*captions, strict=True)
            ]
            image_grid(axes, images.reshape(-1, *panel.shape) if panel.shape else images, panel, words, view.lang)
        case ConfusionMatrix():
            confusion_matrix(axes, [trial.arrays[panel.counts] for trial in trials], panel.names, view)
        case _:
            panel(axes, view, recipe)


def _size(panel: AnyPanel, experiment: str, recipe: str) -> tuple[float, float]:
    match panel:
        case NetworkDiagram():
            return network_size(outline(experiment, recipe))
        case ImageGrid():
            width, height = grid_extent(panel)
            return PANEL_SIZE[0], PANEL_SIZE[0] * height / width
        case ConfusionMatrix():
            return PANEL_SIZE[0], PANEL_SIZE[0]
        case _:
            return PANEL_SIZE


def _title(figure: Figure, view: View, recipes: tuple[str, ...]) -> Text:
    """The recipes, how many seeds of them are seen, and what is reduced in them."""
    named = RECIPE.format(recipe=recipes[0]) if len(recipes) == 1 else _alike(recipes)
    if figure.also:
        return _title_of_several(figure, view, recipes[0], named)
    recipe = recipes[0]
    trials = _shown(figure, view, recipe)
    if figure.of_first_seed or figure.is_of_images:
        title = FIRST_SEED.format(named=named, seed=trials[0].seed)
    else:
        seeds = counted(len(trials), *SEED)
        title = Text(es=f"{named.es}, n = {seeds.es}", en=f"{named.en}, n = {seeds.en}")
    if lost := view.diverged(figure.experiment, recipe):
        title = Text(es=f"{title.es} ({lost} más divergieron)", en=f"{title.en} ({lost} more diverged)")
    if isinstance(trials[0], UnderWay):
        far = _how_far([t for t in trials if isinstance(t, UnderWay)])
        title = Text(es=title.es + far.es, en=title.en + far.en)
    elif trials[0].reduced:
        title = Text(es=f"{title.es} · REDUCIDA: ", en=f"{title.en} · REDUCED: ")
        full = EXPERIMENTS[figure.experiment].recipe(recipe).settings
        less = {name: value for name, value in trials[0].settings.items() if full[name] != value}
        said = ", ".join(UNBROKEN.join((name, _value(v), "/", _value(full[name]))) for name, v in less.items())
        title = Text(es=title.es + said, en=title.en + said)
    if _has_another_loss(figure, recipe):
        title = Text(
            es=f"{title.es} · otro costo que el del original", en=f"{title.en} · another loss than the original's"
        )
    if about := EXPERIMENTS[figure.experiment].recipe(recipe).about:
        title = Text(es=f"{title.es}: {about.es}", en=f"{title.en}: {about.en}")
    return title


def _has_another_loss(figure: Figure, recipe: str) -> bool:
    """Whether the original's curve of the loss, that of recipe script, cannot be compared with this recipe's."""
    if not any(isinstance(panel, Panel) and panel.metric == "loss" and panel.figure for panel in figure.panels):
        return False
    experiment = EXPERIMENTS[figure.experiment]
    drawn, published = (experiment.loss_of(experiment.recipe(name).settings) for name in (recipe, "script"))
    return drawn != published


def _alike(recipes: tuple[str, ...]) -> Text:
    *first, last = recipes
    return Text(
        es="recetas {first} y {last} (los mismos ajustes)", en="recipes {first} and {last} (the same settings)"
    ).format(first=", ".join(first), last=last)


def _title_of_several(figure: Figure, view: View, recipe: str, named: Text) -> Text:
    """What is named, and whether trials of any of the experiments are reduced."""
    shown = [t for experiment in (figure.experiment, *figure.also) for t in view.trials(experiment, recipe)]
    if not any(trial.reduced for trial in shown):
        return named
    return Text(es=f"{named.es} · HAY ENSAYOS REDUCIDOS", en=f"{named.en} · SOME TRIALS ARE REDUCED")


def _how_far(trials: Sequence[UnderWay]) -> Text:
    """How many of their epochs all of them have behind them."""
    done, of = min(len(curve) for trial in trials for curve in trial.history.values()), trials[0].epochs
    return Text(es=f" · A MEDIAS: primeras {done} de {of} épocas", en=f" · UNDER WAY: first {done} of {of} epochs")


def _value(value: str | int | float | bool) -> str:
    return number(value, "en") if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _place(legend: dict[str, Artist], drawn: MatplotlibFigure) -> None:
    """Below everything, in as many columns as the figure is wide enough for."""
    for columns in range(min(len(legend), LEGEND_COLUMNS), 0, -1):
        placed = drawn.legend(list(legend.values()), list(legend), loc="outside lower center", ncols=columns)
        if columns == 1 or placed.get_window_extent().width <= drawn.bbox.width:
            return
        placed.remove()


def _legend(drawn: MatplotlibFigure, figure: Figure, view: View) -> dict[str, Artist]:
    """What is labelled anywhere in the figure, each label once."""
    found: dict[str, Artist] = {}
    for axes in drawn.get_axes():
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    several = any(len(_shown(figure, view, recipe)) > 1 for recipe in figure.recipes)
    if panels := [panel for panel in figure.panels if isinstance(panel, Panel | Comparison)]:
        found |= seeds_legend(view, several, of_folds=any(isinstance(panel, Panel) and panel.folds for panel in panels))
    return found
