"""Figures as files: SVG and PNG, the same bytes for the same content, and drawn again when it or they changed."""

from __future__ import annotations

import hashlib
import inspect
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.errors import InputError
from reensayo.figures.draw import conditions_shown, draw, recipes_shown, title
from reensayo.figures.style import styled
from reensayo.figures.svg import is_drawing, sealed, tidy
from reensayo.figures.view import View
from reensayo.files import cannot_write, read_bytes, write_whole
from reensayo.outline import outline
from reensayo.spec import Experiment, Figure, NetworkDiagram, Original, digest
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure as MatplotlibFigure

DRAWING_VERSION = 6
"""Raised by hand whenever the same content is drawn in another way."""

DPI = 200


def save(figure: Figure, view: View, directory: Path) -> Path | None:
    """Write ``<name>.svg`` and ``<name>.png`` into the directory unless they are there and up to date.

    Returns the path of the SVG, or None where no recipe of the figure has trials; then no older file stays behind.

    Raises:
        InputError: the directory cannot be written to.
    """
    return None if saved_svg(figure, view, directory) is None else _files(figure, directory)[0]


def saved_svg(figure: Figure, view: View, directory: Path) -> str | None:
    """The same, for who shows it: returns the SVG itself, as it was drawn or found whole."""
    svg, png = _files(figure, directory)
    content = digest(_content(figure, view))
    if (found := _found(svg, png, content)) is not None:
        return found
    drawn = draw(figure, view)
    if drawn is None:
        with written_to(directory):
            svg.unlink(missing_ok=True)
            png.unlink(missing_ok=True)
        return None
    with styled(view.colours):
        vectors, pixels = _rendered(drawn)
    picture = sealed(tidy(vectors), content, pixels)
    with written_to(directory):
        directory.mkdir(parents=True, exist_ok=True)
        write_whole(png, pixels)
        write_whole(svg, picture.encode())
    return picture


def is_up_to_date(figure: Figure, view: View, directory: Path) -> bool:
    """Whether both files are there, whole, and show what there is to be shown."""
    return _found(*_files(figure, directory), digest(_content(figure, view))) is not None


@contextmanager
def written_to(directory: Path) -> Iterator[None]:
    """While something is written into a directory.

    Raises:
        InputError: it cannot be, in place of what the system says.
    """
    try:
        yield
    except OSError as error:
        words = Text(
            es="{cannot_write}; nada de lo que había se perdió; indique otra carpeta con -o",
            en="{cannot_write}; nothing that was there is lost; name another folder with -o",
        )
        raise InputError(words.format(cannot_write=cannot_write(directory, error))) from None


def network_figure(experiment: Experiment, recipe: str) -> Figure:
    """The network of one recipe as the figure ``net-<experiment>-<recipe>``, which needs no trials."""
    return Figure(f"net-{experiment.id}-{recipe}", Text("", ""), experiment, (NetworkDiagram(),), (recipe,))


def _files(figure: Figure, directory: Path) -> tuple[Path, Path]:
    return directory / f"{figure.name}.svg", directory / f"{figure.name}.png"


def _found(svg: Path, png: Path, content: str) -> str | None:
    """The SVG that is there, if it and the PNG are what was drawn of this content."""
    try:
        picture, pixels = read_bytes(svg).decode(), read_bytes(png)
    except (OSError, ValueError):
        return None
    return picture if is_drawing(picture, content, pixels) else None


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
    recipes, networks = recipes_shown(figure, view), any(isinstance(panel, NetworkDiagram) for panel in figure.panels)
    return {
        "version": DRAWING_VERSION,
        "lang": view.lang,
        "colours": asdict(view.colours),
        "curves": _curves_of(view.original),
        "panels": _plain(figure.panels),
        "networks": [_plain(outline(view.original, figure.experiment, recipe)) for recipe in recipes if networks],
        "recipes": {recipe: {} if figure.is_of_networks else _trials(figure, view, recipe) for recipe in recipes},
    }


def _trials(figure: Figure, view: View, recipe: str) -> dict[str, Any]:
    return {
        "title": title(figure, view, (recipe,)),
        "trials": [trial.sum for condition in conditions_shown(figure, recipe) for trial in view.trials(*condition)],
        "under way": [(t.id, _sum(t.history)) for t in view.under_way if t.recipe == recipe],
        "shipped": [trial.sum for trial in view.shipped(figure.experiment, recipe)],
    }


def _sum(history: Mapping[str, np.ndarray]) -> str:
    return hashlib.sha256(b"".join(history[name].tobytes() for name in sorted(history))).hexdigest()


def _plain(value: Any) -> Any:
    """Of a panel, as JSON: an experiment by its name, a function by the module where its words and constants stand."""
    if isinstance(value, Experiment):
        return value.id
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value))]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return inspect.getsource(inspect.getmodule(value) or value) if callable(value) else value


@cache
def _curves_of(original: Original) -> str:
    return digest(repr(original.curves))
