"""What a user asks for: the arrays of a set, or to have the sets on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reensayo.datasets.download import download
from reensayo.datasets.places import Found, find
from reensayo.datasets.reading import read
from reensayo.datasets.sets import ALL, DataSet, Raw
from reensayo.errors import InputError, MissingData
from reensayo.text import Text


def load(dataset: DataSet, folder: Path | None = None) -> Raw:
    """The arrays of a set, from the first place that has it; downloaded if none has.

    Args:
        dataset: one of the sets; its docstring gives names, shapes and types of the arrays.
        folder: looked in first (``--data``).

    Raises:
        DamagedData: the first copy found is not what was declared; no other place is tried.
        MissingData: found nowhere, and the download failed.
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    return read(dataset, find(dataset, folder) or download(dataset))


def fetch(names: Sequence[str] = (), folder: Path | None = None) -> dict[str, Found]:
    """Download what is nowhere yet of the named sets (default: all) into the user's cache; say where each is.

    Raises:
        InputError: no set has that name.
        DamagedData: an address gave something else.
        MissingData: some could not be downloaded; the others are there all the same.
    """
    known = {dataset.name: dataset for dataset in ALL}
    if unknown := [name for name in names if name not in known]:
        raise InputError(
            Text(
                es="conjunto de datos desconocido: se esperaba alguno de {known}; se recibió {unknown}",
                en="unknown data set: expected any of {known}; received {unknown}",
            ).format(known=", ".join(known), unknown=", ".join(unknown))
        )
    there, failed = {}, []
    for name in names or known:
        try:
            there[name] = find(known[name], folder) or download(known[name])
        except MissingData as error:
            failed.append(error.message)
    if failed:
        raise MissingData(Text(es="\n\n".join(m.es for m in failed), en="\n\n".join(m.en for m in failed)))
    return there
