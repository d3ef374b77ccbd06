"""From a copy on disk to checked arrays, whichever format it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.datasets import bundled
from reensayo.datasets.dataset import DataSet, Raw, own_content, short_sum
from reensayo.datasets.integrity import check_arrays, check_sum, decoding, mended_in_original, read_bytes
from reensayo.datasets.places import Found
from reensayo.errors import InputError
from reensayo.text import Text, quoted

if TYPE_CHECKING:
    from reensayo.datasets.dataset import Array


def read(dataset: DataSet, found: Found) -> Raw:
    """The arrays of a set, each equal to its declared SHA-256, read-only.

    Raises:
        DamagedFile: a file is not what was declared; the message says which, and both sums.
        UnreadableFile: a file cannot be read.
        BadFile: the same of one that an original brings.
    """
    decode = {"bundled": bundled.read, "upstream": _upstream, "own": _own}[found.format]
    arrays = decode(dataset, found.path)
    check_arrays(found.path, dataset.arrays, arrays)
    for array in arrays.values():
        array.flags.writeable = False
    return Raw(arrays, found.origin)


def _upstream(dataset: DataSet, path: Path) -> dict[str, Array]:
    """The arrays from the published file.

    Some hold pickles, which can run any code and ask for any memory. So the file's sum is compared first, over the
    very bytes that are then decoded.
    """
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
