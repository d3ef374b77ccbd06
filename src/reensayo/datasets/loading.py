"""What a user asks for: the arrays of a set, or to have the sets on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reensayo.datasets import companions
from reensayo.datasets.checks import problems
from reensayo.datasets.dataset import DataSet, Raw
from reensayo.datasets.download import download
from reensayo.datasets.integrity import BadFile
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import read
from reensayo.errors import InputError, MissingData, ReensayoError
from reensayo.text import LANGUAGES, Text


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
        for problem in problems(dataset, found, folder):
            raise BadFile(problem)
    else:
        found = download(dataset)
    for companion in dataset.companions:
        companions.get(dataset, companion, folder)
    return found
