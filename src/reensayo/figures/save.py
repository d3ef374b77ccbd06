"""Figures as files: SVG and PNG, the same bytes for the same content, and drawn again when it or they changed."""

from __future__ import annotations

import inspect
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.errors import InputError
from reensayo.figures.draw import conditions_shown, draw, recipes_shown, title
from reensayo.figures.style import styled
from reensayo.figures.svg import is_drawing, sealed, tidy
from reensayo.figures.view import View
from reensayo.files import cannot_write, read_bytes, write_whole
from reensayo.outline import outline
from reensayo.spec import Experiment, Figure, NetworkDiagram, digest
from reensayo.text import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

DRAWING_VERSION = 7
"""Raised by hand whenever the same content is drawn in another way."""

DPI = 200


def save(figure: Figure, view: View, directory: Path) -> str | None:
    """Write ``<name>.svg`` and ``<name>.png`` into the directory unless they are there and up to date.

    Returns the SVG, or None where no recipe of the figure has trials; then no older file stays behind.

    Raises:
        InputError: the directory cannot be written to.
    """
    content = digest(_content(figure, view))
    if (found := _saved(figure, directory, content)) is not None:
        return found
    svg, png = (directory / f"{figure.name}.{kind}" for kind in ("svg", "png"))
    if (drawn := draw(figure, view)) is None:
        with written_to(directory):
            svg.unlink(missing_ok=True)
            png.unlink(missing_ok=True)
        return None
    vectors, pixels = io.StringIO(), io.BytesIO()
    with styled(view.colours):
        lay_out(drawn)
        drawn.savefig(vectors, format="svg", metadata={"Date": None, "Creator": None})
        drawn.savefig(pixels, format="png", metadata={"Software": None}, dpi=DPI)
    picture = sealed(tidy(vectors.getvalue()), content, pixels.getvalue())
    with written_to(directory):
        directory.mkdir(parents=True, exist_ok=True)
        write_whole(png, pixels.getvalue())
        write_whole(svg, picture.encode())
    return picture


def saved(figure: Figure, view: View, directory: Path) -> str | None:
    """The SVG in the directory, if it and the PNG are there, whole, and show what there is to be shown."""
    return _saved(figure, directory, digest(_content(figure, view)))


def _saved(figure: Figure, directory: Path, content: str) -> str | None:
    try:
        picture, pixels = (read_bytes(directory / f"{figure.name}.{kind}") for kind in ("svg", "png"))
        svg = picture.decode()
    except (OSError, ValueError):
        return None
    return svg if is_drawing(svg, content, pixels) else None


@contextmanager
def written_to(directory: Path) -> Iterator[None]:
    """While something is written into a directory: an InputError if it cannot be, in place of what the system says."""
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


def lay_out(figure: MatplotlibFigure) -> None:
    """Place everything for good. Where axes have a shape of their own the room beside them is known only afterwards."""
    if layout := figure.get_layout_engine():
        shaped = any(axes.get_aspect() != "auto" for axes in figure.get_axes())
        for _ in range(3 if shaped else 1):
            layout.execute(figure)
    figure.set_layout_engine(None)  # nothing more to be done as it is written


# ---------------------------------------------------------------- what a figure shows, as one value


def _content(figure: Figure, view: View) -> dict[str, Any]:
    """Everything that the drawing depends on, ready for canonical JSON."""
    recipes, networks = recipes_shown(figure, view), any(isinstance(panel, NetworkDiagram) for panel in figure.panels)
    return {
        "version": DRAWING_VERSION,
        "lang": view.lang,
        "colours": asdict(view.colours),
        "curves": digest(repr(view.curves)),
        "panels": _plain(figure.panels),
        "networks": [_plain(outline(view.original, figure.experiment, recipe)) for recipe in recipes if networks],
        "recipes": {recipe: {} if figure.is_of_networks else _trials(figure, view, recipe) for recipe in recipes},
    }


def _trials(figure: Figure, view: View, recipe: str) -> dict[str, Any]:
    begun = [trial for trial in view.under_way if trial.recipe == recipe]
    return {
        "title": title(figure, view, (recipe,)),
        "trials": [trial.sum for condition in conditions_shown(figure, recipe) for trial in view.trials(*condition)],
        "under way": [(t.id, {name: values.tobytes().hex() for name, values in t.history.items()}) for t in begun],
    }


def _plain(value: Any) -> Any:
    """Of a panel, as JSON: an experiment by its name, a function by the module where its words and constants stand."""
    if isinstance(value, Experiment):
        return value.id
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value))]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return inspect.getsource(inspect.getmodule(value) or value) if callable(value) else value
