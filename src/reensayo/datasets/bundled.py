"""Folders of data: every set lossless and without pickle, as data/ of the repository holds it.

One folder a set, and beside them SHA256SUMS with a line for every file. A file is read once, and the same
bytes are hashed and decoded. That list lies beside the files and proves no more than that they belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reensayo.datasets.dataset import DataSet, Read
from reensayo.datasets.integrity import DamagedFile, Problem, check_sum, collecting, decoding, read_bytes
from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.datasets.dataset import Array

T = TypeVar("T")

SUMS = "SHA256SUMS"
SUMS_AT_MOST = 2**20


def read(dataset: DataSet, folder: Path) -> dict[str, Array]:
    """The arrays of a set from its folder.

    Raises:
        DamagedFile: a file is absent, not listed in SHA256SUMS, or not what its line there says.
        UnreadableFile: one cannot be read.
    """
    with decoding(folder):
        return dataset.decode(dataset, _reader(dataset, folder))


def problems(dataset: DataSet, folder: Path) -> list[Problem]:
    """Every file of the set that is not what SHA256SUMS says, in the set's order."""
    found: list[Problem] = []
    with collecting(found):
        read_file = _reader(dataset, folder)
        for file in dataset.bundled:
            with collecting(found):
                read_file(file, len)
    return found


def _reader(dataset: DataSet, folder: Path) -> Read:
    """What reads the files of a set, each once it is what its line in SHA256SUMS says.

    Raises:
        DamagedFile: SHA256SUMS is absent or is no list of sums; later: see ``read``, and the file is named, also
            where it cannot be decoded.
        UnreadableFile: it cannot be read.
    """
    path = folder.parent / SUMS
    sums = {}
    for line in read_bytes(path, SUMS_AT_MOST).decode("utf-8", errors="replace").splitlines():
        parts = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)  # as `sha256sum` writes it
        if parts is None:
            form = Text(es="líneas «SHA-256  archivo»", en="lines `SHA-256  file`")
            shown = repr(line[:80])
            raise DamagedFile(path, form, Text(shown, shown))
        sums[parts[2]] = parts[1]

    def read_file(file: str, decode: Callable[[bytes], T], /) -> T:
        path = folder / file
        listed = sums.get(f"{folder.name}/{file}")
        if listed is None:
            line = Text(es=f"una línea en {SUMS}", en=f"a line in {SUMS}")
            raise DamagedFile(path, line, Text(es="ninguna", en="none"))
        content = read_bytes(path, dataset.largest)
        check_sum(path, listed, content)
        with decoding(path):
            return decode(content)

    return read_file
