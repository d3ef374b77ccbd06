"""How every figure looks, and how its numbers are written in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import TYPE_CHECKING, Any

from reensayo.environment import import_matplotlib
from reensayo.figures.numerals import localised
from reensayo.figures.view import Colours
from reensayo.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import Formatter

FONT = "DejaVu Sans"
"""Comes with matplotlib, so a figure is laid out alike everywhere; the SVG then asks for the reader's own sans serif,
which is hardly ever wider."""


@contextmanager
def styled(colours: Colours) -> Iterator[None]:
    """While a figure is drawn or saved: matplotlib with its own defaults and these parameters, then as it was.

    Everything that draws is inside, so matplotlib is imported here first. A user's settings never show.

    Raises:
        InputError: a user's settings keep matplotlib from being imported.
    """
    matplotlib = import_matplotlib()
    defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"}
    parameters: Any = {
        "font.family": [FONT],
        "font.size": 9,
        "text.color": colours.ink,
        "figure.facecolor": colours.paper,
        "figure.titlesize": 10,
        "figure.constrained_layout.h_pad": 0.05,
        "figure.constrained_layout.w_pad": 0.08,
        "axes.facecolor": colours.paper,
        "axes.edgecolor": colours.guide,
        "axes.labelcolor": colours.muted,
        "axes.titlesize": 9,
        "axes.grid": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": colours.grid,
        "grid.linewidth": 0.7,
        "xtick.color": colours.guide,
        "ytick.color": colours.guide,
        "xtick.labelcolor": colours.muted,
        "ytick.labelcolor": colours.muted,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "legend.handlelength": 2.6,
        "svg.fonttype": "none",
        "svg.hashsalt": "reensayo",
    }
    with matplotlib.rc_context(defaults | parameters):
        yield


def speak(axes: Axes, lang: Language, across: int, along: int) -> None:
    """Decimal commas on the axes and in the title where the language has them, and true minus signs.

    There is room for so many characters in a line ``across``, and ``along`` the vertical axis.
    """
    axes.set_title(fill(re.sub(r"(?<!\w)-(?=\d)", "−", localised(axes.get_title(), lang)), across))
    axes.set_xlabel(fill(axes.get_xlabel(), across))
    axes.set_ylabel(fill(axes.get_ylabel(), along))
    if lang == "es":
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_with_commas(axis.get_major_formatter()))


def _with_commas(said: Formatter) -> Formatter:
    """The same tick labels, with decimal commas."""
    from matplotlib.ticker import Formatter

    class Commas(Formatter):
        def format_ticks(self, values: list[float]) -> list[str]:
            return [localised(label, "es") for label in said.format_ticks(values)]

        def get_offset(self) -> str:
            return localised(said.get_offset(), "es")

    return Commas()
