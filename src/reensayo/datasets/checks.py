"""Are the data sets of this machine whole? What ``reensayo data verify`` asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets import bundled, companions
from reensayo.datasets.dataset import DataSet
from reensayo.datasets.integrity import Problem, collecting
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import read

State = Literal["whole", "damaged", "unreadable", "absent"]


@dataclass(frozen=True)
class Verified:
    """The state of one set; ``place`` tells which copy was checked: the one that ``load`` would read."""

    name: str
    state: State
    place: str | None = None
    problems: tuple[Problem, ...] = ()


def verify(datasets: Iterable[DataSet], folder: Path | None = None) -> list[Verified]:
    """Check every file of these sets that is there, one result a set; downloads nothing.

    Args:
        datasets: those of an original, as a rule.
        folder: looked in first (``--data``).

    Raises:
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    return [_verify(dataset, folder) for dataset in datasets]


def _verify(dataset: DataSet, folder: Path | None) -> Verified:
    found = None
    bad: list[Problem] = []
    with collecting(bad):
        found = find(dataset, folder)
    if found is not None:
        bad += problems(dataset, found, folder)
    state: State = "whole" if found else "absent"
    if bad:
        state = "damaged" if any(problem.kind == "damaged" for problem in bad) else "unreadable"
    return Verified(dataset.name, state, found.origin if found else None, tuple(bad))


def problems(dataset: DataSet, found: Found, folder: Path | None = None) -> list[Problem]:
    """Every file of a copy that cannot be used, and every companion, which is looked for by itself."""
    bad = bundled.problems(dataset, found.path) if found.format == "bundled" else []
    if not bad:  # every file is as listed; now the arrays themselves
        with collecting(bad):
            read(dataset, found)
    for companion in dataset.companions:
        with collecting(bad):
            companions.check(dataset, companion, folder)
    return list(dict.fromkeys(bad))
