"""Sets that need no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reensayo.datasets.sets import Raw

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array

NAMES = ("xor", "logistic_map")


def xor() -> Raw:
    """All of XOR: x (4, 2) of +-1, y (4, 1), -1 if the two differ and +1 if they are equal; float64."""
    import numpy as np

    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return Raw({"x": x, "y": x[:, :1] * x[:, 1:]}, "generated")


def logistic_map(start: float, steps: int) -> Array:
    """The orbit of x(t+1) = 4 x(t) (1 - x(t)): (steps + 1,) float64, ``start`` included.

    It stays in [0, 1] if ``start`` lies there, and runs off to minus infinity if not.
    """
    import numpy as np

    orbit = np.empty(steps + 1)
    orbit[0] = start
    for t in range(steps):
        orbit[t + 1] = 4 * orbit[t] * (1 - orbit[t])
    return orbit
