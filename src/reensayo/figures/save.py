"""Figures as files: SVG and PNG, the same bytes for the same content, and drawn again only when that changed."""

from __future__ import annotations

import inspect
import io
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.evidence.original import curves
from reensayo.figures.draw import arms_shown, draw, recipes_shown
from reensayo.figures.style import styled
from reensayo.figures.svg import tidy
from reensayo.figures.view import View
from reensayo.outline import outline
from reensayo.spec import AnyPanel, Figure, NetworkDiagram, digest

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

DRAWING_VERSION = 2
"""Raised by hand whenever the same content is drawn in another way."""

DPI = 200
MEMORY = ".drawn.json"


def save(figure: Figure, view: View, directory: Path) -> Path | None:
    """Write ``<name>.svg`` and ``<name>.png`` into the directory unless they are there and up to date.

    Returns the path of the SVG, or None where no recipe of the figure has trials; then no older file stays behind.
    """
    return _save(figure.name, _content(figure, view), lambda: draw(figure, view), view, directory)


def save_network(experiment: str, recipe: str, view: View, directory: Path) -> Path:
    """The network of one recipe as ``net-<experiment>-<recipe>``, which needs no trials."""
    from reensayo.text import Text

    figure = Figure(f"net-{experiment}-{recipe}", Text("", ""), experiment, (NetworkDiagram(),), (recipe,))
    path = save(figure, view, directory)
    assert path  # a network can always be drawn
    return path


def _save(
    name: str, content: Any, drawing: Callable[[], MatplotlibFigure | None], view: View, directory: Path
) -> Path | None:
    svg, png = (directory / f"{name}.{kind}" for kind in ("svg", "png"))
    drawn, now = _remembered(directory), digest(content)
    if drawn.get(name) == now and svg.exists() and png.exists():
        return svg
    figure = drawing()
    if figure is None:
        svg.unlink(missing_ok=True)
        png.unlink(missing_ok=True)
        return None
    directory.mkdir(parents=True, exist_ok=True)
    with styled(view.colours):
        vectors, pixels = _rendered(figure)
    svg.write_text(tidy(vectors), "utf-8", newline="\n")
    png.write_bytes(pixels)
    _remember(directory, {**drawn, name: now})
    return svg


def _rendered(figure: MatplotlibFigure) -> tuple[str, bytes]:
    """SVG and PNG, laid out once for both: ``savefig`` would lay out and walk through everything for each of them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    vectors, pixels = io.StringIO(), io.BytesIO()
    svg: Any = FigureCanvasSVG(figure)  # matplotlib leaves what prints it untyped
    svg.print_svg(vectors, metadata={"Date": None, "Creator": None})
    figure.set_dpi(DPI)
    png: Any = FigureCanvasAgg(figure)
    png.print_png(pixels, metadata={"Software": None})
    return vectors.getvalue(), pixels.getvalue()


# ---------------------------------------------------------------- what a figure shows, as one value


def _content(figure: Figure, view: View) -> dict[str, Any]:
    """Everything that the drawing depends on, ready for canonical JSON."""
    recipes = recipes_shown(figure, view)
    networks = any(isinstance(panel, NetworkDiagram) for panel in figure.panels)
    return {
        "version": DRAWING_VERSION,
        "lang": view.lang,
        "colours": asdict(view.colours),
        "original": _original() if view.original is curves() else _plain(view.original),
        "panels": [_panel(panel) for panel in figure.panels],
        "networks": [_plain(outline(figure.experiment, recipe)) for recipe in recipes] if networks else [],
        "recipes": {
            recipe: {
                "trials": [
                    (t.id, t.about.get("finished")) for arm in arms_shown(figure, recipe) for t in view.trials(*arm)
                ],
                "under way": [(t.id, len(t.history["loss"])) for t in view.under_way if t.recipe == recipe],
                "diverged": view.diverged(figure.experiment, recipe),
                "reference": [trial.id for trial in view.reference(figure.experiment, recipe)],
            }
            for recipe in recipes
        },
    }


def _panel(panel: AnyPanel) -> Any:
    if is_dataclass(panel):
        return [type(panel).__name__, asdict(panel)]
    return inspect.getsource(inspect.getmodule(panel) or panel)  # its words and constants stand beside it


def _plain(value: Any) -> str:
    return repr(value)


@cache
def _original() -> str:
    return digest(curves())


# ---------------------------------------------------------------- what was drawn before


def _remembered(directory: Path) -> dict[str, str]:
    """Name -> digest of what was drawn; empty if that was never written or is damaged, for then all is drawn anew."""
    try:
        found = json.loads((directory / MEMORY).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(directory: Path, drawn: dict[str, str]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=directory, prefix=".", delete=False, encoding="utf-8") as file:
        json.dump(drawn, file, indent=1, sort_keys=True)
    os.replace(file.name, directory / MEMORY)
