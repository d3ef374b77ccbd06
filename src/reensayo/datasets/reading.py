"""From a copy on disk to checked arrays, whichever format it has."""

from __future__ import annotations

from reensayo.datasets.integrity import check_arrays
from reensayo.datasets.places import Found
from reensayo.datasets.sets import DataSet, Raw


def read(dataset: DataSet, found: Found) -> Raw:
    """The arrays of a set, each equal to its declared SHA-256, read-only.

    Raises:
        DamagedFile: a file is not what was declared; the message says which, and both sums.
        UnreadableFile: a file cannot be read.
    """
    from reensayo.datasets import kit, official

    if dataset.own is not None:
        assert dataset.decode is not None
        return Raw(dataset.decode(found.path.read_bytes()), found.origin)
    decode = kit.read if found.format == "kit" else official.read
    arrays = decode(dataset, found.path)
    check_arrays(dataset, arrays, found.path)
    for array in arrays.values():
        array.flags.writeable = False
    return Raw(arrays, found.origin)
