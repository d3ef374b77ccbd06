"""File formats that run no code; nothing that a file says of its own size and type is believed."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping

from reensayo import files
from reensayo.datasets.dataset import Array


def numbers(csv: bytes, header: int = 0) -> Array:
    """The numbers of a CSV file, (rows, columns) float64."""
    import numpy as np

    return np.loadtxt(io.StringIO(csv.decode("ascii")), delimiter=",", skiprows=header, ndmin=2)


def npz(content: bytes, kind: str) -> dict[str, Array]:
    """The arrays of an .npz archive in this type; of one whose sum is known, for headers are believed here."""
    import numpy as np

    with np.load(io.BytesIO(content)) as arrays:
        return {name: np.ascontiguousarray(arrays[name], kind) for name in arrays}


def idx(packed: bytes, at_most: int) -> Array:
    """The values of LeCun's IDX format with unsigned bytes: 0, 0, 8, rank, as many extents of four bytes, the values.

    Raises:
        ValueError: another format, or more than ``at_most`` bytes.
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

    Raises:
        ValueError, KeyError and others: it is no such archive, or unpacks to more than ``at_most`` bytes.
    """
    file = io.BytesIO(content)
    files.check_unpacked_size(file, at_most)
    with zipfile.ZipFile(file) as archive:
        return {name: _vector(archive, f"{name}.npy", kind) for name, kind in types.items()}


def _vector(archive: zipfile.ZipFile, name: str, kind: str) -> Array:
    import numpy as np

    about = archive.getinfo(name)
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # only these unpack piece by piece
        raise ValueError(f"{name}: compression {about.compress_type}, stored or deflated expected")
    with archive.open(about) as member:
        array = io.BytesIO(member.read(about.file_size))
    version = np.lib.format.read_magic(array)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    read_header(array)
    return np.frombuffer(array.getbuffer(), kind, offset=array.tell())
