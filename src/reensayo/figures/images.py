"""Rows of grey images, as an exercise stored them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reensayo.figures.view import View
from reensayo.spec import Images
from reensayo.store import StoredTrial
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

GAP = 1
"""Pixels left free on each side of an image."""

OF_SEED = Text(es="{label}, semilla {seed}", en="{label}, seed {seed}")


def draw_images(axes: Axes, panel: Images, view: View, trials: Sequence[StoredTrial]) -> None:
    """The images of the first trial, black at 0 and white at 1; rows and columns are named beside and below."""
    import numpy as np

    rows = np.array([trials[0].arrays[array] for _, array in panel.rows])
    # One picture: several would be merged at the figure's own resolution. Uninterpolated, a page keeps pixels sharp.
    axes.imshow(sheet(rows), cmap="gray", vmin=0, vmax=1, interpolation="none")
    height, width = (side + 2 * GAP for side in rows.shape[2:])
    axes.set_yticks((np.arange(len(rows)) + 0.5) * height - 0.5, [label(view.lang) for label, _ in panel.rows])
    axes.set_xticks((np.arange(rows.shape[1]) + 0.5) * width - 0.5, panel.columns)
    axes.set_xlabel(OF_SEED.format(label=panel.label, seed=trials[0].seed)(view.lang))
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def sheet(images: np.ndarray) -> np.ndarray:
    """Images (rows, columns, height, width) on one sheet, with the gaps between them NaN, which is drawn clear."""
    import numpy as np

    padded = np.pad(images.astype(float), [(0, 0), (0, 0), (GAP, GAP), (GAP, GAP)], constant_values=np.nan)
    rows, columns, height, width = padded.shape
    return padded.swapaxes(1, 2).reshape(rows * height, columns * width)
