"""Are the data sets of this machine whole? What ``reensayo data verify`` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets.generated import NAMES
from reensayo.datasets.integrity import Damage, collecting
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import read
from reensayo.datasets.sets import ALL, DataSet


@dataclass(frozen=True)
class Verified:
    """The state of one set; ``place`` tells which copy was checked: the one that ``load`` would read."""

    name: str
    state: Literal["whole", "damaged", "absent", "generated"]
    place: str | None = None
    damaged: tuple[Damage, ...] = ()


def verify(folder: Path | None = None, datasets: Sequence[DataSet] = ALL) -> list[Verified]:
    """Check every file of every set that is there; downloads nothing.

    Args:
        folder: looked in first (``--data``).
        datasets: which sets.

    Returns:
        One result a set, then one for each that is generated.

    Raises:
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    results = [_verify(dataset, find(dataset, folder)) for dataset in datasets]
    return results + [Verified(name, "generated") for name in NAMES]


def _verify(dataset: DataSet, found: Found | None) -> Verified:
    if found is None:
        return Verified(dataset.name, "absent")
    damaged = _damages(dataset, found)
    return Verified(dataset.name, "damaged" if damaged else "whole", found.origin, tuple(damaged))


def _damages(dataset: DataSet, found: Found) -> list[Damage]:
    from reensayo.datasets import kit

    damaged = kit.damages(dataset, found.path) if found.format == "kit" else []
    if not damaged:  # every file is as listed; now the arrays themselves
        with collecting(damaged):
            read(dataset, found)
    return damaged
