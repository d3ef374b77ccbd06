"""File formats that run no code; nothing that a file says of its own size and type is believed."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping

from reensayo import files
from reensayo.datasets.dataset import Array


def table(csv: bytes, header: int = 0, kind: str = "float64") -> dict[str, Array]:
    """The numbers of a CSV file: ``x`` (rows, columns - 1) float64, and the last column, ``y``, in this type."""
    import numpy as np

    rows = np.loadtxt(io.StringIO(csv.decode("ascii")), delimiter=",", skiprows=header, ndmin=2)
    return {"x": rows[:, :-1].copy(), "y": rows[:, -1].astype(kind)}


def npz(content: bytes, kind: str) -> dict[str, Array]:
    """The arrays of an .npz archive in this type; of one whose sum is known, for headers are believed here."""
    import numpy as np

    with np.load(io.BytesIO(content)) as arrays:
        return {name: np.ascontiguousarray(arrays[name], kind) for name in arrays}


def idx(packed: bytes, at_most: int) -> Array:
    """The values of LeCun's IDX format with unsigned bytes: 0, 0, 8, rank, as many extents of four bytes, the values.

    Raises ValueError for another format, or more than ``at_most`` bytes.
    """
    import numpy as np

    with gzip.open(io.BytesIO(packed)) as file:
        data = file.read(at_most + 1)
    if len(data) > at_most:
        raise ValueError(f"unpacks to more than {at_most} bytes")
    if data[:3] != b"\0\0\x08":
        raise ValueError("not an IDX file of unsigned bytes")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])


def vectors(content: bytes, types: Mapping[str, str], at_most: int) -> dict[str, Array]:
    """Arrays of one dimension from an .npz archive: their values in these types, whatever the headers claim.

    Raises nearly anything where it is no such archive, or unpacks to more than ``at_most`` bytes.
    """
    import numpy as np

    file = io.BytesIO(content)
    files.check_unpacked_size(file, at_most)
    arrays: dict[str, Array] = {}
    with zipfile.ZipFile(file) as archive:
        for name, kind in types.items():
            about = archive.getinfo(f"{name}.npy")
            if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # these unpack piece by piece
                raise ValueError(f"{name}.npy: compression {about.compress_type}, stored or deflated expected")
            with archive.open(about) as member:
                array = member.read(about.file_size)
            # Version 1.0 of the format: eight bytes, how long the header is in two more, the header, the values.
            arrays[name] = np.frombuffer(array, kind, offset=10 + int.from_bytes(array[8:10], "little"))
    return arrays
