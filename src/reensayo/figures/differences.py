"""Pairs of experiments, seed by seed: what one gives more than the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reensayo.evidence import stats
from reensayo.figures.view import View
from reensayo.spec import Condition, Differences, bounds_of_difference
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EACH = Text(es="cada semilla", en="each seed")
MEAN = Text(es="media e intervalo de 95 %", en="mean and 95 % interval")


def draw_differences(axes: Axes, panel: Differences, view: View, recipe: str) -> None:
    """A row a pair that has trials: a point a seed, below them their mean with Student's interval; a line at zero."""
    names: list[str] = []
    for name, *arms in panel.pairs:
        one, other = (Condition(experiment, recipe) for experiment in arms)
        if not (found := [panel.metric.of(a) - panel.metric.of(b) for a, b in view.pairs(one, other)]):
            continue
        row = len(names)
        names.append(f"{name(view.lang)}\nn = {len(found)}")
        axes.scatter(found, [row] * len(found), s=14, alpha=0.6, color=view.colours.validation, label=EACH(view.lang))
        if len(found) > 1:
            within = bounds_of_difference(panel.metric.named(view.original.named).bounds)
            interval, colour = stats.mean_interval(found, within=within), view.colours.training
            middle = min(max(math.fsum(found) / len(found), interval.low), interval.high)  # but for rounding
            ends, label = [[middle - interval.low], [interval.high - middle]], MEAN(view.lang)
            axes.errorbar(middle, row + 0.22, xerr=ends, fmt="o", markersize=4, capsize=3, color=colour, label=label)
    axes.axvline(0, color=view.colours.guide, linewidth=1, zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.set_xlabel(panel.label(view.lang))
