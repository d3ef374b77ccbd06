"""A figure, declared: what it shows of which trials. ``figures/`` draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reensayo.figures import View


@dataclass(frozen=True)
class Panel:
    """One metric over the epochs, training and validation, with the original's curves of figure ``figure``.

    ``training`` and ``validation`` name the original's curves; empty where it has none.
    """

    metric: str
    label: Text
    figure: int
    training: str = ""
    validation: str = ""
    log: bool = False


@dataclass(frozen=True)
class NetworkDiagram:
    """The network itself, layer by layer."""


Draw = Callable[["Axes", "View", str], None]
"""(axes, what there is to see, recipe) -> drawn; for what only one exercise shows."""


@dataclass(frozen=True)
class Figure:
    """A picture: a figure of the original drawn anew (``fig-20``), or one that it lacks (``ex05-cobweb``).

    One row a recipe that has trials (those of ``recipes``, or of the experiment), one column a panel.
    """

    name: str
    caption: Text
    experiment: str
    panels: tuple[Panel | NetworkDiagram | Draw, ...]
    recipes: tuple[str, ...] = ("script", "text")
