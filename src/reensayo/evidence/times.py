"""Times."""

from __future__ import annotations

from collections.abc import Sequence

from reensayo.spec import Experiment, Original


def timed_pairs(original: Original, experiments: Sequence[Experiment], recipe: str) -> Sequence[tuple[float, float]]:
    """Pairs."""
    return ()
