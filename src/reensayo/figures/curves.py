"""One metric over the epochs: every seed, their mean, a band between lowest and highest, and the original's curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from reensayo import folds
from reensayo.figures.numerals import number
from reensayo.figures.view import View
from reensayo.spec import Comparison, Panel
from reensayo.store import StoredTrial, UnderWay
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

PARTS = {"training": Text(es="entrenamiento", en="training"), "validation": Text(es="validación", en="validation")}
EPOCH = Text(es="época", en="epoch")
MEAN = Text(es="{part}, media de n semillas", en="{part}, mean of n seeds")
ORIGINAL = Text(es="{part} del original", en="{part} of the original")
SEEDS = Text(es="cada semilla", en="each seed")
BAND = Text(es="de la más baja a la más alta", en="from the lowest to the highest")
SEEDS_OF_FOLDS = Text(es="cada semilla, media de pliegues", en="each seed, mean of folds")
BAND_OF_FOLDS = Text(
    es="del pliegue más bajo al más alto, media de las semillas", en="lowest to highest fold, mean over the seeds"
)
ORIGINAL_FOLDS = Text(es="pliegues extremos del original", en="outermost folds of the original")
MEAN_OF = Text(es="{name}, media de {n}", en="{name}, mean of {n}")
DASHED = Text(es="a trazos, el original", en="dashed, the original")
Dashes = tuple[int, tuple[float, ...]]
DASHES: Dashes = (0, (4, 1.6))
LEVELS: tuple[Dashes, ...] = ((0, (1, 1.4)), (0, (6, 1.5, 1, 1.5)))


def draw_curves(axes: Axes, panel: Panel, view: View, trials: Sequence[StoredTrial | UnderWay]) -> None:
    """Ours in full lines, the original's thin, dashed and darker in the same hue; epochs count from 1.

    Where there is validation only that has a band: two would hide each other.
    """
    validates = f"val_{panel.metric}" in trials[0].history
    for (part, named), metric in zip(PARTS.items(), (panel.metric, f"val_{panel.metric}"), strict=True):
        if metric in trials[0].history:
            colour, ours = getattr(view.colours, part), [trial.history[metric] for trial in trials]
            band = _band_of_folds(trials, metric) if panel.folds else _band(ours)
            with_band = band if part == "validation" or not validates else None
            _curves_with_mean(axes, ours, colour, MEAN.format(part=named)(view.lang), with_band)
    for (part, named), name in zip(PARTS.items(), (panel.training, panel.validation), strict=True):
        if name:
            colour, label = getattr(view.colours, f"original_{part}"), ORIGINAL.format(part=named)(view.lang)
            _dashed(axes, view.curves[panel.figure][name], colour, label)
    for name in panel.folds:
        end, label = view.curves[panel.figure][name], ORIGINAL_FOLDS(view.lang)
        axes.plot(_epochs(end), end, color=view.colours.original, linewidth=0.7, label=label, zorder=0.9)
    _over_epochs(axes, panel.label, view)
    if panel.log:
        _logarithmic(axes)


def draw_comparison(axes: Axes, panel: Comparison, view: View, recipe: str) -> None:
    """A colour an experiment: its seeds, their mean, and the original's curve dashed; baselines as grey levels."""
    colours = (view.colours.training, view.colours.validation, view.colours.third, view.colours.fourth)
    for arm, colour in zip(panel.arms, cycle(colours), strict=False):
        if ours := [trial.history[panel.metric] for trial in view.trials(arm.experiment, recipe)]:
            _curves_with_mean(axes, ours, colour, MEAN_OF.format(name=arm.name, n=len(ours))(view.lang), _band(ours))
        if arm.curve:
            _dashed(axes, view.curves[panel.figure][arm.curve], colour)
    for (experiment, name), dashes in zip(panel.levels, cycle(LEVELS), strict=False):
        if ends := [float(trial.history[panel.metric][-1]) for trial in view.trials(experiment, name)]:
            mean, label = sum(ends) / len(ends), MEAN_OF.format(name=name, n=len(ends))(view.lang)
            axes.axhline(mean, color=view.colours.muted, linestyle=dashes, linewidth=1.2, label=label)
    axes.plot([], [], color=view.colours.muted, linestyle=DASHES, label=DASHED(view.lang))
    _over_epochs(axes, panel.label, view)


def _dashed(axes: Axes, theirs: Sequence[float], colour: str, label: str | None = None) -> None:
    """A curve of the original, so thin that it may lie on ours and both are seen."""
    axes.plot(_epochs(theirs), theirs, color=colour, label=label, linewidth=1.1, linestyle=DASHES, zorder=4)


def _epochs(curve: Sequence[float] | np.ndarray) -> range:
    return range(1, len(curve) + 1)


def _curves_with_mean(
    axes: Axes, each: Sequence[np.ndarray], colour: str, label: str, band: Sequence[np.ndarray] | None
) -> None:
    """The curves, thin, their mean as a line, and a ``band`` if there is one."""
    curves = _together(each)
    epochs = _epochs(curves.T)
    marker = "." if len(epochs) == 1 else ""
    if band:
        low, high = band
        axes.fill_between(epochs, low, high, color=colour, alpha=0.13, linewidth=0, zorder=1)
    if len(curves) > 1:
        axes.plot(epochs, curves.T, color=colour, alpha=0.4, linewidth=0.5, marker=marker, zorder=2)
    axes.plot(epochs, curves.mean(axis=0), color=colour, linewidth=1.9, marker=marker, label=label, zorder=3)


def seeds_legend(view: View, several: bool, of_folds: bool) -> dict[str, Artist]:
    """What a legend says of the thin lines and of the band, whatever their colour."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    line = Line2D([], [], color=view.colours.guide, linewidth=0.7)
    patch = Patch(facecolor=view.colours.guide, alpha=0.35, linewidth=0)
    seeds, band = (SEEDS_OF_FOLDS, BAND_OF_FOLDS) if of_folds else (SEEDS, BAND)
    return ({seeds(view.lang): line} if several else {}) | ({band(view.lang): patch} if several or of_folds else {})


def _band(each: Sequence[np.ndarray]) -> Sequence[np.ndarray] | None:
    """Between the outermost curves; None of a single one."""
    curves = _together(each)
    return (curves.min(axis=0), curves.max(axis=0)) if len(curves) > 1 else None


def _band_of_folds(trials: Sequence[StoredTrial | UnderWay], metric: str) -> Sequence[np.ndarray] | None:
    """The lowest and the highest fold at each epoch, both averaged over the seeds; None before the end of a trial."""
    # Of each seed (folds, epochs).
    each = [trial.arrays[folds.PREFIX + metric] for trial in trials if isinstance(trial, StoredTrial)]
    ends = ([end(curves, axis=0) for curves in each] for end in (np.min, np.max))
    return [_together(end).mean(axis=0) for end in ends] if each else None


def _together(curves: Sequence[np.ndarray]) -> np.ndarray:
    """(seeds, epochs), as many epochs as all of them have."""
    epochs = min(map(len, curves))
    return np.stack([curve[:epochs] for curve in curves])


def _over_epochs(axes: Axes, label: Text, view: View) -> None:
    """Whole epochs from 1 to the last one, also of the panels beside it that share them."""
    from matplotlib.ticker import MaxNLocator

    axes.set(xlabel=EPOCH(view.lang), ylabel=label(view.lang))
    sharing = axes.get_shared_x_axes().get_siblings(axes)
    last = max(np.size(line.get_xdata()) for panel in sharing for line in panel.lines)
    ticks = [tick for tick in MaxNLocator(6, integer=True).tick_values(1, last) if 1 < tick <= last]
    axes.set_xticks([1, *ticks])
    axes.set_xlim(1 - 0.03 * max(1, last - 1), last + 0.03 * max(1, last - 1))


def _logarithmic(axes: Axes) -> None:
    """Powers of ten and their 2 and 5, written out."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set(major_locator=LogLocator(subs=(1, 2, 5)), minor_formatter=NullFormatter())
    axes.yaxis.set_major_formatter(lambda value, _: number(value, "en"))
