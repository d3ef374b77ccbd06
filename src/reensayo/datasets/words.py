"""The words of the IMDB reviews."""

from __future__ import annotations

import json
from pathlib import Path

from reensayo.datasets.download import retrieve
from reensayo.datasets.integrity import check_sum, decoding, read_bytes
from reensayo.datasets.places import cache, is_there, places
from reensayo.datasets.sets import IMDB, KERAS_FILES
from reensayo.text import Text

TITLE = Text(es="palabras de las reseñas de IMDB", en="words of the IMDB reviews")
FILE = "imdb_word_index.json"
SHA256 = "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6"
SOURCE = KERAS_FILES + FILE


def word_index(folder: Path | None = None) -> dict[str, int]:
    """Word -> rank, 1 for the most frequent, the numbers that ``load(IMDB)`` gives as tokens (88 584 words).

    Looked for and downloaded as a data set is.

    Raises:
        DamagedFile: the first copy found is not the published file.
        MissingData: found nowhere, and the download failed.
        InputError: the first copy cannot be read, or ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    path = _find(folder)
    if path is None:
        path = cache() / FILE
        retrieve(TITLE, SOURCE, path, IMDB.largest, _published)
    with decoding(path):
        ranks: dict[str, int] = json.loads(_published(path))
    return ranks


def check(folder: Path | None = None) -> None:
    """See that the first copy on this machine, if there is one, is the published file.

    Raises:
        DamagedFile, InputError: see ``word_index``.
    """
    if path := _find(folder):
        _published(path)


def _find(folder: Path | None) -> Path | None:
    for place in places(folder):
        for path in (place.folder / IMDB.name / FILE, place.folder / FILE):
            if is_there(path):
                return path
    return None


def _published(path: Path) -> bytes:
    content = read_bytes(path, IMDB.largest)
    check_sum(path, SHA256, content)
    return content
