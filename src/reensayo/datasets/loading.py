"""What a user asks for: the arrays of a set, to have the sets on this machine, and whether they are whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets.dataset import DataSet, Raw
from reensayo.datasets.download import download
from reensayo.datasets.integrity import BadFile
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import problems, read
from reensayo.errors import InputError, MissingData, ReensayoError
from reensayo.text import Text, joined


@dataclass(frozen=True)
class Verified:
    """The state of one set: the copy that ``load`` would read, and every file of it that cannot be used."""

    name: str
    found: Found | None
    problems: Sequence[BadFile]

    @property
    def state(self) -> Literal["whole", "damaged", "unreadable", "absent"]:
        if self.problems:
            return "damaged" if any(problem.kind == "damaged" for problem in self.problems) else "unreadable"
        return "whole" if self.found else "absent"


def load(dataset: DataSet, folder: Path | None = None) -> Raw:
    """The arrays of a set, from the first place that has it; downloaded if none has.

    The set's docstring gives names, shapes and types. ``folder`` is looked in first (``--data``). Raises DamagedData
    where the first copy found is not what was declared (no other place is tried), InputError where it cannot be read,
    or ``folder`` or ``$REENSAYO_DATA`` is no folder, MissingData where there is none and the download failed.
    """
    return read(dataset, find(dataset, folder) or download(dataset))


def verify(datasets: Iterable[DataSet], folder: Path | None = None) -> list[Verified]:
    """Check every file of these sets that is there, one result a set; downloads nothing.

    ``folder`` is looked in first (``--data``); raises InputError where that or ``$REENSAYO_DATA`` is no folder.
    """
    results = []
    for dataset in datasets:
        found: Found | None = None
        try:
            found = find(dataset, folder)
            bad = problems(dataset, found) if found else []
        except BadFile as error:
            bad = [error]
        results.append(Verified(dataset.name, found, bad))
    return results


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
        (result,) = verify([known[name]], folder)
        try:
            if result.problems:
                raise result.problems[0]
            there[name] = result.found or download(known[name])
        except (BadFile, MissingData) as error:
            failed[error.message] = error
    if failed:
        kind = InputError if any(isinstance(error, InputError) for error in failed.values()) else MissingData
        raise kind(joined("\n\n", failed))
    return there
