"""What claims and figures may look at of a trial that is finished, wherever it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class FinishedTrial(Protocol):
    """Curves with one value an epoch, numbers, and arrays; what a store keeps has all of it."""

    @property
    def seed(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def reduced(self) -> bool: ...
    @property
    def history(self) -> Mapping[str, np.ndarray]: ...
    @property
    def measures(self) -> Mapping[str, float]: ...
    @property
    def arrays(self) -> Mapping[str, np.ndarray]: ...
