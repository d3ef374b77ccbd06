"""Figures as files: SVG and PNG, the same bytes for the same content, and drawn again only when that changed."""

from __future__ import annotations

import inspect
import io
import os
from dataclasses import asdict, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.evidence.original import curves
from reensayo.figures.draw import arms_shown, draw, recipes_shown
from reensayo.figures.style import styled
from reensayo.figures.svg import content_of, tidy
from reensayo.figures.view import View
from reensayo.outline import outline
from reensayo.spec import AnyPanel, Figure, NetworkDiagram, digest
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

DRAWING_VERSION = 4
"""Raised by hand whenever the same content is drawn in another way."""

DPI = 200


def save(figure: Figure, view: View, directory: Path) -> Path | None:
    """Write ``<name>.svg`` and ``<name>.png`` into the directory unless they are there and up to date.

    Returns the path of the SVG, or None where no recipe of the figure has trials; then no older file stays behind.
    """
    svg, png = _files(figure, directory)
    content = digest(_content(figure, view))
    if _show(svg, png, content):
        return svg
    drawn = draw(figure, view)
    if drawn is None:
        svg.unlink(missing_ok=True)
        png.unlink(missing_ok=True)
        return None
    directory.mkdir(parents=True, exist_ok=True)
    with styled(view.colours):
        vectors, pixels = _rendered(drawn)
    _write(png, pixels)
    _write(svg, tidy(vectors, content).encode())  # last: where its content is the present one, both are there
    return svg


def is_up_to_date(figure: Figure, view: View, directory: Path) -> bool:
    """Whether both files are there and show what there is to be shown."""
    return _show(*_files(figure, directory), digest(_content(figure, view)))


def network_figure(experiment: str, recipe: str) -> Figure:
    """The network of one recipe as the figure ``net-<experiment>-<recipe>``, which needs no trials."""
    return Figure(f"net-{experiment}-{recipe}", Text("", ""), experiment, (NetworkDiagram(),), (recipe,))


def _files(figure: Figure, directory: Path) -> tuple[Path, Path]:
    return directory / f"{figure.name}.svg", directory / f"{figure.name}.png"


def _show(svg: Path, png: Path, content: str) -> bool:
    return png.exists() and content_of(svg) == content


def _write(path: Path, content: bytes) -> None:
    """The whole file or none."""
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    draft.write_bytes(content)
    draft.replace(path)


def _rendered(figure: MatplotlibFigure) -> tuple[str, bytes]:
    """SVG and PNG, laid out once for both: ``savefig`` would lay out and walk through everything for each of them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    lay_out(figure)
    vectors, pixels = io.StringIO(), io.BytesIO()
    svg: Any = FigureCanvasSVG(figure)  # matplotlib leaves what prints it untyped
    svg.print_svg(vectors, metadata={"Date": None, "Creator": None})
    figure.set_dpi(DPI)
    png: Any = FigureCanvasAgg(figure)
    png.print_png(pixels, metadata={"Software": None})
    return vectors.getvalue(), pixels.getvalue()


def lay_out(figure: MatplotlibFigure) -> None:
    """Place everything for good. Where axes have a shape of their own the room beside them is known only afterwards."""
    if layout := figure.get_layout_engine():
        shaped = any(axes.get_aspect() != "auto" for axes in figure.get_axes())
        for _ in range(3 if shaped else 1):
            layout.execute(figure)
    figure.set_layout_engine("none")


# ---------------------------------------------------------------- what a figure shows, as one value


def _content(figure: Figure, view: View) -> dict[str, Any]:
    """Everything that the drawing depends on, ready for canonical JSON."""
    recipes = recipes_shown(figure, view)
    networks = any(isinstance(panel, NetworkDiagram) for panel in figure.panels)
    return {
        "version": DRAWING_VERSION,
        "lang": view.lang,
        "colours": asdict(view.colours),
        "original": _original() if view.original == curves() else _plain(view.original),
        "panels": [_panel(panel) for panel in figure.panels],
        "networks": [_plain(outline(figure.experiment, recipe)) for recipe in recipes] if networks else [],
        "recipes": {recipe: {} if figure.is_of_networks else _trials(figure, view, recipe) for recipe in recipes},
    }


def _trials(figure: Figure, view: View, recipe: str) -> dict[str, Any]:
    return {
        "trials": [(t.id, t.about.get("finished")) for arm in arms_shown(figure, recipe) for t in view.trials(*arm)],
        "under way": [(t.id, len(t.history["loss"])) for t in view.under_way if t.recipe == recipe],
        "diverged": view.diverged(figure.experiment, recipe),
        "reference": [trial.id for trial in view.reference(figure.experiment, recipe)],
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
