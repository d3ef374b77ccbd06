"""A network drawn layer by layer, top to bottom: how many values pass, what each layer is, what it costs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reensayo.figures.numerals import grouped, localised
from reensayo.figures.view import Colours, View
from reensayo.outline import Layer
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Inches; the axes are scaled so that one unit is one inch.
ROW = 0.34
WIDTH = 5.4
MIDDLE = 0.85  # of the bars
BAR = (0.12, 0.95)  # narrowest and widest
THICK = 0.2
KIND = 1.42
SHAPE = 4.45
PARAMETERS = WIDTH - 0.05
LANE = 0.13  # between two connections that pass beside layers

HEAD = Text(es="capa", en="layer"), Text(es="salida", en="output"), Text(es="entrenables", en="trainable")
TOTAL = Text(es="en total", en="in all")
ONLY_IN_TRAINING = re.compile("Dropout|Noise|^Random")
"""Kinds of layers that do nothing once a network is trained."""


def network_size(layers: Sequence[Layer]) -> tuple[float, float]:
    """Width and height in inches, with a line above for the heads and one below for the sum."""
    return WIDTH, ROW * (len(layers) + 2)


def draw_network(axes: Axes, layers: Sequence[Layer], view: View) -> None:
    """A bar a layer, as wide as the logarithm of its values; a connection that skips layers goes round them."""
    width, height = network_size(layers)
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.set_axis_off()
    _write(axes, 0.5 * ROW, [head(view.lang) for head in HEAD], view.colours.muted)
    values = [math.prod(extent or 1 for extent in layer.shape) for layer in layers]
    widths = [BAR[0] + (BAR[1] - BAR[0]) * math.log(value) / math.log(max(*values, 16)) for value in values]
    for place, layer in enumerate(layers):
        _bar(axes, _middle(place), widths[place], layer, view.colours)
        shape = " × ".join(str(extent or "?") for extent in layer.shape)
        count = grouped(layer.parameters) if layer.parameters else ""
        _write(axes, _middle(place), ["", shape, count], view.colours.ink)
        _name(axes, _middle(place), layer, view)
    for start, end, lane in connections(layers):
        _connect(axes, widths, start, end, lane, view.colours)
    total = sum(layer.parameters for layer in layers)
    axes.plot([KIND, width], [height - ROW] * 2, color=view.colours.grid, linewidth=0.8)
    _write(axes, height - 0.5 * ROW, [TOTAL(view.lang), "", grouped(total)], view.colours.ink)


def connections(layers: Sequence[Layer]) -> Iterator[tuple[int, int, int]]:
    """(from, to, lane): lane 0 goes straight down to the next layer, a higher one so far outside beside the bars."""
    places = {layer.name: place for place, layer in enumerate(layers)}
    pairs = [(places[name], end) for end, layer in enumerate(layers) for name in layer.inputs]
    taken: list[tuple[int, int, int]] = []
    for start, end in sorted(pairs, key=lambda pair: pair[1] - pair[0]):
        lane = 0
        if end - start > 1:
            met = {used for first, last, used in taken if first < end and start < last}
            lane = next(free for free in range(1, len(pairs) + 2) if free not in met)
            taken.append((start, end, lane))
        yield start, end, lane


def _middle(place: int) -> float:
    return ROW * (place + 1.5)


def _bar(axes: Axes, y: float, width: float, layer: Layer, colours: Colours) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner, shape = (MIDDLE - width / 2, y - THICK / 2), "round,pad=0,rounding_size=0.05"
    bar = FancyBboxPatch(corner, width, THICK, shape, facecolor=colours.grid, edgecolor=colours.guide, linewidth=0.9)
    if layer.parameters:
        bar.set_color(colours.training)
    elif ONLY_IN_TRAINING.search(layer.kind):
        bar.set(facecolor=colours.paper, linestyle=(0, (2, 1.5)))
    axes.add_patch(bar).set_zorder(3)


def _name(axes: Axes, y: float, layer: Layer, view: View) -> None:
    """The kind in bold and its detail beside it, as one line."""
    bold = axes.text(KIND, y, layer.kind.replace("InputLayer", "Input"), va="center", weight="bold", fontsize=8.5)
    if layer.detail:
        beside = axes.annotate(localised(layer.detail, view.lang), (1, 0.5), (6, 0), bold, "offset points", va="center")
        beside.set(fontsize=8.5, color=view.colours.muted)


def _write(axes: Axes, y: float, columns: Sequence[str], colour: str) -> None:
    for x, words, side in zip((KIND, SHAPE, PARAMETERS), columns, ("left", "right", "right"), strict=True):
        if words:
            axes.text(x, y, words, ha=side, va="center", fontsize=8.5, color=colour)


def _connect(axes: Axes, widths: Sequence[float], start: int, end: int, lane: int, colours: Colours) -> None:
    """An arrow down, or a line that leaves a bar on its left, passes the layers between and comes back."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    top, bottom = _middle(start), _middle(end)
    if lane == 0:
        path = Path([(MIDDLE, top + THICK / 2), (MIDDLE, bottom - THICK / 2)])
    else:
        leave, arrive = (MIDDLE - widths[place] / 2 for place in (start, end))
        outside = MIDDLE - max(widths[start : end + 1]) / 2 - LANE * lane
        bend = 0.1
        xs = (leave, outside + bend, *[outside] * 4, outside + bend, arrive)
        ys = (top, top, top, top + bend, bottom - bend, bottom, bottom, bottom)
        line, curve = Path.LINETO, [Path.CURVE3] * 2
        path = Path(list(zip(xs, ys, strict=True)), [Path.MOVETO, line, *curve, line, *curve, line])
    colour, head = colours.ink if lane else colours.guide, "-|>,head_width=1.6,head_length=3"
    axes.add_patch(FancyArrowPatch(path=path, arrowstyle=head, color=colour, linewidth=1.0, zorder=2))
