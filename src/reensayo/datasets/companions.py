"""Files of a set of which no array is made."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from reensayo.datasets.dataset import Companion, DataSet
from reensayo.datasets.download import retrieve
from reensayo.datasets.integrity import check_sum, is_there, read_bytes
from reensayo.datasets.places import cache, places


def get(dataset: DataSet, companion: Companion, folder: Path | None = None) -> tuple[Path, bytes]:
    """Where a companion is, and its content; looked for and downloaded as a data set is.

    Raises:
        DamagedFile: the first copy found is not the published file.
        MissingData: found nowhere, and the download failed.
        InputError: the first copy cannot be read, or ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    there = check(dataset, companion, folder)
    if there is None:
        path = cache() / companion.file
        check_draft = partial(_published, dataset, companion)
        retrieve(companion.title, companion.source, path, dataset.largest, check_draft)
        there = path, _published(dataset, companion, path)
    return there


def check(dataset: DataSet, companion: Companion, folder: Path | None = None) -> tuple[Path, bytes] | None:
    """The first copy on this machine, if there is one, which is the published file.

    Raises:
        DamagedFile, InputError: see ``get``.
    """
    for place in places(folder):
        for path in (place.folder / dataset.name / companion.file, place.folder / companion.file):
            if is_there(path):
                return path, _published(dataset, companion, path)
    return None


def _published(dataset: DataSet, companion: Companion, path: Path) -> bytes:
    content = read_bytes(path, dataset.largest)
    check_sum(path, companion.sha256, content)
    return content
