"""What a user asks for: the arrays of a set, to have the sets on this machine, and whether they are whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets.dataset import DataSet, Raw
from reensayo.datasets.download import download
from reensayo.datasets.integrity import BadFile, Problem, collecting
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import problems, read
from reensayo.errors import InputError, MissingData, ReensayoError
from reensayo.text import Text, joined

State = Literal["whole", "damaged", "unreadable", "absent"]


@dataclass(frozen=True)
class Verified:
    """The state of one set; ``place`` tells which copy was checked: the one that ``load`` would read."""

    name: str
    state: State
    place: str | None = None
    problems: tuple[Problem, ...] = ()


def load(dataset: DataSet, folder: Path | None = None) -> Raw:
    """The arrays of a set, from the first place that has it; downloaded if none has.

    Args:
        dataset: one of the sets; its docstring gives names, shapes and types of the arrays.
        folder: looked in first (``--data``).

    Raises:
        DamagedData: the first copy found is not what was declared; no other place is tried.
        InputError: it cannot be read, or ``folder`` or ``$REENSAYO_DATA`` is no folder.
        MissingData: found nowhere, and the download failed.
    """
    return read(dataset, find(dataset, folder) or download(dataset))


def verify(datasets: Iterable[DataSet], folder: Path | None = None) -> list[Verified]:
    """Check every file of these sets that is there, one result a set; downloads nothing.

    ``folder`` is looked in first (``--data``); raises InputError where that or ``$REENSAYO_DATA`` is no folder.
    """
    results = []
    for dataset in datasets:
        found, bad = _examined(dataset, folder)
        state: State = "whole" if found else "absent"
        if bad:
            state = "damaged" if any(problem.kind == "damaged" for problem in bad) else "unreadable"
        results.append(Verified(dataset.name, state, found.origin if found else None, tuple(bad)))
    return results


def _examined(dataset: DataSet, folder: Path | None) -> tuple[Found | None, list[Problem]]:
    """A set's copy, and every file of it and of its companions, if there is a copy, that cannot be used."""
    found = None
    bad: list[Problem] = []
    with collecting(bad):
        found = find(dataset, folder)
        if found:
            bad += problems(dataset, found)
            for companion in dataset.companions:
                bad += _examined(companion, folder)[1]
    return found, list(dict.fromkeys(bad))


def fetch(datasets: Iterable[DataSet], names: Sequence[str] = (), folder: Path | None = None) -> dict[str, Found]:
    """Download what is nowhere yet of these sets, or of those named, into the user's cache; say where each is.

    Raises InputError where none of them has that name, or a copy that is there cannot be used, which no other place
    makes good; MissingData where some could not be downloaded. In both cases the others are there all the same.
    """
    known = {dataset.name: dataset for dataset in datasets}
    if unknown := [name for name in names if name not in known]:
        words = Text(
            es="conjunto de datos desconocido: se esperaba alguno de {known}; se recibió {unknown}",
            en="unknown data set: expected any of {known}; received {unknown}",
        )
        raise InputError(words.format(known=", ".join(known), unknown=", ".join(unknown)))
    there: dict[str, Found] = {}
    failed: dict[Text, ReensayoError] = {}  # by message: one folder may be in the way of every set
    for name in names or known:
        try:
            there[name] = _whole(known[name], folder)
        except (BadFile, MissingData) as error:
            failed[error.message] = error
    if failed:
        kind = InputError if any(isinstance(error, InputError) for error in failed.values()) else MissingData
        raise kind(joined("\n\n", failed))
    return there


def _whole(dataset: DataSet, folder: Path | None) -> Found:
    found, bad = _examined(dataset, folder)
    if bad:
        raise BadFile(bad[0])
    found = found or download(dataset)
    for companion in dataset.companions:
        load(companion, folder)
    return found
