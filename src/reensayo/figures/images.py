"""Images in rows, and a table of which class was taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from reensayo.figures.numerals import localised
from reensayo.figures.view import View
from reensayo.metrics import mean_squared_error, peak_signal_to_noise
from reensayo.spec import ConfusionMatrix, ImageGrid
from reensayo.text import Language, Text, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Widths of an image.
GAP = 0.12
CAPTION = 0.3
NAMES = 0.8
EXACT = 10
"""Most classes whose shares have room for a decimal."""

STRONGEST = 0.8
"""Opacity of the cell of the most frequent mistake."""

ACTUAL = Text(es="clase verdadera", en="true class")
GIVEN = Text(es="clase predicha", en="predicted class")
SCALE = Text(es="azul −{most}, blanco 0, rojo {most}", en="blue −{most}, white 0, red {most}")
SHARE = Text(es="% de cada clase verdadera", en="% of each true class")


def grid_extent(panel: ImageGrid) -> tuple[float, float]:
    """Width and height of a grid, in widths of an image."""
    names, scale = NAMES if panel.row_names else 0, CAPTION if panel.signed else 0
    return names + panel.columns * (1 + GAP) + GAP, panel.rows * _row(panel) + GAP + scale


def image_grid(axes: Axes, arrays: Mapping[str, np.ndarray], panel: ImageGrid, lang: Language) -> None:
    """Images (n, height, width), of any numbers, or (n, height, width, 3), of bytes, each with its caption, if any.

    Grey ones go from white at zero to black at the highest of each; signed ones from blue over white to red, all in
    one scale, which is written below.
    """
    arrow, size = (" → ", 8.0) if panel.caption_lines == 1 else ("\n→ ", 6.5)
    images = arrays[panel.images].reshape(-1, *panel.shape) if panel.shape else arrays[panel.images]
    captions = [arrow.join(map(str, each)) for each in zip(*map(arrays.__getitem__, panel.captions), strict=True)]
    images = images[: panel.rows * panel.columns]
    if panel.decibels:
        errors = [mean_squared_error(images[place % panel.columns], image) for place, image in enumerate(images)]
        captions = [f"{number(peak_signal_to_noise(error), 3)(lang)} dB" if error else "" for error in errors]
    largest = abs(images).max() if panel.signed else 0
    for place, image in enumerate(images):
        row, column = divmod(place, panel.columns)
        left, top = GAP + column * (1 + GAP), GAP + row * _row(panel)
        where, most = (left, left + 1, top + 1, top), largest or image.max()
        colours, least = ("RdBu_r", -most) if panel.signed else ("gray_r", 0)
        # Not interpolated, an SVG holds the pixels as they are.
        axes.imshow(image, cmap=colours, vmin=least, vmax=most, interpolation="none", extent=where)
        if captions:
            axes.text(left + 0.5, top + 1.04, captions[place], ha="center", va="top", fontsize=size)
    for row, name in enumerate(panel.row_names):
        axes.text(0, GAP + row * _row(panel) + 0.5, name(lang), ha="right", va="center", fontsize=9)
    names = NAMES if panel.row_names else 0
    width, height = grid_extent(panel)
    if panel.signed:
        scale = SCALE.format(most=number(largest, 2))
        axes.text(GAP, height - CAPTION, scale(lang), va="top", fontsize=8)
    axes.set(xlim=(-names, width - names), ylim=(height, 0), aspect="equal")
    axes.set_axis_off()


def _row(panel: ImageGrid) -> float:
    return 1 + GAP + (CAPTION * panel.caption_lines if panel.captions or panel.decibels else 0)


def confusion_matrix(axes: Axes, seeds: Sequence[np.ndarray], panel: ConfusionMatrix, view: View) -> None:
    """Counts (actual, given) of all seeds together, as shares of each row; only errors have a colour."""
    from matplotlib.colors import to_rgba

    counts = np.sum(seeds, axis=0)
    if panel.groups:
        belongs = np.eye(1 + max(panel.groups), dtype=int)[list(panel.groups)]  # (classes, groups)
        counts = belongs.T @ counts @ belongs
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    classes, wrong = len(counts), shares * (1 - np.eye(len(counts)))
    colours = np.full((*shares.shape, 4), to_rgba(view.colours.validation))
    colours[..., 3] = STRONGEST * wrong / max(wrong.max(), 1e-9)  # paper shows through: dark in a dark page
    axes.imshow(colours, interpolation="none")
    decimals = 1 if classes <= EXACT else 0
    for (actual, given), share in np.ndenumerate(shares):
        if share >= 0.5 / 10**decimals:
            words, weight = localised(f"{share:.{decimals}f}", view.lang), "bold" if actual == given else "normal"
            axes.text(given, actual, words, ha="center", va="center", fontsize=6.5, weight=weight)
    names = [name(view.lang) for name in panel.names]
    axes.set_xticks(range(classes), names or None)
    axes.set_yticks(range(classes), names or None)
    axes.tick_params(axis="x", rotation=90 if names else 0)
    axes.grid(False)
    axes.set(xlabel=GIVEN(view.lang), ylabel=ACTUAL(view.lang), title=SHARE(view.lang))
