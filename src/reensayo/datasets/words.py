"""The words of the IMDB reviews."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from reensayo.datasets.download import check_download, missing, retrieve
from reensayo.datasets.integrity import check_sum, decoding, read_bytes
from reensayo.datasets.places import cache, places
from reensayo.datasets.sets import KERAS_FILES
from reensayo.text import Text

FILE = "imdb_word_index.json"
SHA256 = "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6"
SOURCE = KERAS_FILES + FILE


def word_index(folder: Path | None = None) -> dict[str, int]:
    """Word -> rank, 1 for the most frequent, the numbers that ``load(IMDB)`` gives as tokens (88 584 words).

    Looked for and downloaded as a data set is.

    Raises:
        DamagedFile: the first copy found is not the published file.
        MissingData: found nowhere, and the download failed.
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    path = _find(folder) or _download()
    content = read_bytes(path)
    check_sum(path, SHA256, hashlib.sha256(content).hexdigest())
    with decoding(path):
        ranks: dict[str, int] = json.loads(content)
    return ranks


def _find(folder: Path | None) -> Path | None:
    for place in places(folder):
        for path in (place.folder / "imdb" / FILE, place.folder / FILE):
            if path.exists():
                return path
    return None


def _download() -> Path:
    path = cache() / FILE
    try:
        retrieve(SOURCE, path, lambda file: check_download(file, SHA256, SOURCE))
    except OSError as error:
        title = Text(es="palabras de las reseñas de IMDB", en="words of the IMDB reviews")
        raise missing(title, FILE, SOURCE, error) from error
    return path
