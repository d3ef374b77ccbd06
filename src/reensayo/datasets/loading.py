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
from reensayo.text import LANGUAGES, Text

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

    ``folder`` is looked in first (``--data``).

    Raises:
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    return [_verify(dataset, folder) for dataset in datasets]


def _verify(dataset: DataSet, folder: Path | None) -> Verified:
    found = None
    bad: list[Problem] = []
    with collecting(bad):
        found = find(dataset, folder)
    if found:
        bad += _problems(dataset, found, folder)
    state: State
    if bad:
        state = "damaged" if any(problem.kind == "damaged" for problem in bad) else "unreadable"
    else:
        state = "whole" if found else "absent"
    return Verified(dataset.name, state, found.origin if found else None, tuple(bad))


def _problems(dataset: DataSet, found: Found, folder: Path | None) -> list[Problem]:
    """Every file of a copy that cannot be used, and every companion, which is looked for by itself."""
    bad = problems(dataset, found)
    for companion in dataset.companions:
        with collecting(bad):
            if there := find(companion, folder):
                read(companion, there)
    return list(dict.fromkeys(bad))


def fetch(datasets: Iterable[DataSet], names: Sequence[str] = (), folder: Path | None = None) -> dict[str, Found]:
    """Download what is nowhere yet of these sets, or of those named, into the user's cache; say where each is.

    Raises:
        InputError: none of these sets has that name; or a copy that is there cannot be used, which no other place makes
            good.
        MissingData: some could not be downloaded. In both cases the others are there all the same.
    """
    known = {dataset.name: dataset for dataset in datasets}
    if unknown := [name for name in names if name not in known]:
        raise InputError(
            Text(
                es="conjunto de datos desconocido: se esperaba alguno de {known}; se recibió {unknown}",
                en="unknown data set: expected any of {known}; received {unknown}",
            ).format(known=", ".join(known), unknown=", ".join(unknown))
        )
    there: dict[str, Found] = {}
    failed: dict[Text, ReensayoError] = {}  # by message: one folder may be in the way of every set
    for name in names or known:
        try:
            there[name] = _whole(known[name], folder)
        except (BadFile, MissingData) as error:
            failed[error.message] = error
    if failed:
        kind = InputError if any(isinstance(error, InputError) for error in failed.values()) else MissingData
        raise kind(Text(*("\n\n".join(message(lang) for message in failed) for lang in LANGUAGES)))
    return there


def _whole(dataset: DataSet, folder: Path | None) -> Found:
    found = find(dataset, folder)
    if found:
        for problem in _problems(dataset, found, folder):
            raise BadFile(problem)
    else:
        found = download(dataset)
    for companion in dataset.companions:
        load(companion, folder)
    return found
