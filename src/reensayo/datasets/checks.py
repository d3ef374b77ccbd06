"""Are the data sets of this machine whole? What ``reensayo data verify`` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets import words
from reensayo.datasets.generated import NAMES
from reensayo.datasets.integrity import Problem, collecting
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import read
from reensayo.datasets.sets import ALL, IMDB, DataSet

State = Literal["whole", "damaged", "unreadable", "absent", "generated"]


@dataclass(frozen=True)
class Verified:
    """The state of one set; ``place`` tells which copy was checked: the one that ``load`` would read."""

    name: str
    state: State
    place: str | None = None
    problems: tuple[Problem, ...] = ()


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
    return [_verify(dataset, folder) for dataset in datasets] + [Verified(name, "generated") for name in NAMES]


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
    """Every file of a copy that cannot be used; IMDB's words, of which no array is made, are looked for as well."""
    from reensayo.datasets import kit

    bad = kit.problems(dataset, found.path) if found.format == "kit" else []
    if not bad:  # every file is as listed; now the arrays themselves
        with collecting(bad):
            read(dataset, found)
    if dataset.name == IMDB.name:
        with collecting(bad):
            words.check(folder)
    return list(dict.fromkeys(bad))
