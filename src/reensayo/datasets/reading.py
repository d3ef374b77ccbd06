"""From a copy on disk to checked arrays, whichever format it has.

A folder of data holds every set lossless and without pickle, as data/ of the repository does: one folder a set, and
beside them SHA256SUMS with a line for every file. A file is read once, and the same bytes are hashed and decoded. That
list lies beside the files and proves no more than that they belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reensayo.datasets.dataset import Array, DataSet, Raw, Read, own_content, short_sum
from reensayo.datasets.integrity import BadFile, DamagedFile, check_sum, decoding, mended_in_original, read_bytes
from reensayo.datasets.places import Found
from reensayo.errors import InputError
from reensayo.text import Text, quoted

SUMS = "SHA256SUMS"


def read(dataset: DataSet, found: Found) -> Raw:
    """The arrays of a set, each equal to its declared SHA-256, read-only.

    Raises BadFile: a DamagedFile with both sums where a file is not what was declared, else it cannot be read.
    """
    arrays = {"bundled": _bundled, "upstream": _upstream, "own": _own}[found.format](dataset, found.path)
    for name, sha256 in dataset.arrays:
        check_sum(found.path, sha256, arrays[name].data, Text(es=f" del arreglo {name}", en=f" of the array {name}"))
    for array in arrays.values():
        array.flags.writeable = False
    return Raw(arrays, found.origin)


def problems(dataset: DataSet, found: Found) -> list[BadFile]:
    """Every file of a copy that cannot be used, in the set's order; raises BadFile where it is the copy as a whole."""
    bad = []
    if found.format == "bundled":
        read_file = _reader(dataset, found.path)
        for file in dataset.bundled:
            try:
                read_file(file, len)
            except BadFile as error:
                bad.append(error)
    if not bad:  # every file is as listed; now the arrays themselves
        read(dataset, found)
    return bad


def _bundled(dataset: DataSet, folder: Path) -> dict[str, Array]:
    with decoding(folder):
        return dataset.decode(dataset, _reader(dataset, folder))


def _reader(dataset: DataSet, folder: Path) -> Read:
    """What reads the files of a set in a folder of data, each once it is what its line in SHA256SUMS says."""
    path = folder.parent / SUMS
    sums = {}
    for line in read_bytes(path, 2**20).decode("utf-8", errors="replace").splitlines():
        parts = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)  # as `sha256sum` writes it
        if parts is None:
            raise DamagedFile(path, Text(es="líneas «SHA-256  archivo»", en="lines `SHA-256  file`"), repr(line[:80]))
        sums[parts[2]] = parts[1]

    def read_file(file: str, decode: Callable[[bytes], Any], /) -> Any:
        path = folder / file
        if (listed := sums.get(f"{folder.name}/{file}")) is None:
            line = Text(es=f"una línea en {SUMS}", en=f"a line in {SUMS}")
            raise DamagedFile(path, line, Text(es="ninguna", en="none"))
        content = read_bytes(path, dataset.largest)
        check_sum(path, listed, content)
        with decoding(path):
            return decode(content)

    return read_file


def _upstream(dataset: DataSet, path: Path) -> dict[str, Array]:
    """The arrays from the published file; its sum comes first, for a pickle can run any code and ask for any memory."""
    content = read_bytes(path, dataset.largest)
    if dataset.sha256 is not None:
        check_sum(path, dataset.sha256, content)
    with decoding(path):
        if dataset.sha256 and dataset.decode_upstream:
            return dataset.decode_upstream(content)
        return dataset.decode(dataset, lambda _, decode: decode(content))


def _own(dataset: DataSet, path: Path) -> dict[str, Array]:
    import numpy as np

    content = own_content(dataset, path)
    if short_sum(content) != dataset.checksum:
        words = Text(
            es="{path} se editó después de cargar el original: cargue el original otra vez",
            en="{path} was edited after the original was loaded: load the original again",
        )
        raise InputError(words.format(path=path))
    expected = Text(es="lo que lee decode de {name!r}", en="what decode of {name!r} reads").format(name=dataset.name)
    with mended_in_original(), decoding(path, expected):
        arrays: Any = dataset.decode(dataset, lambda _, decode: decode(content))
        if not isinstance(arrays, dict) or not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise TypeError(f"decode gives a dict of NumPy arrays; received {quoted(arrays)}")
        return arrays
