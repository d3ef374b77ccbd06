"""The kit: every set lossless and without pickle, as data/ of the repository holds it.

One folder a set, and beside them SHA256SUMS with a line for every file. A file is read once, and the same
bytes are hashed and decoded. That list lies beside the files and proves no more than that they belong together, so
nothing that a file says of its own size and type is believed.
"""

from __future__ import annotations

import gzip
import io
import re
import warnings
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from reensayo import files
from reensayo.datasets.integrity import DamagedFile, Problem, check_sum, collecting, decoding, read_bytes
from reensayo.datasets.sets import DataSet
from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array

    T = TypeVar("T")

SUMS = "SHA256SUMS"
SUMS_AT_MOST = 2**20


def read(dataset: DataSet, folder: Path) -> dict[str, Array]:
    """The arrays of a set from its kit folder.

    Raises:
        DamagedFile: a file is absent, not listed in SHA256SUMS, or not what its line there says.
        UnreadableFile: one cannot be read.
    """
    with decoding(folder):
        return _DECODERS[dataset.name](_open(dataset, folder))


def problems(dataset: DataSet, folder: Path) -> list[Problem]:
    """Every file of the set that is not what SHA256SUMS says, in the kit's order."""
    found: list[Problem] = []
    with collecting(found):
        kit = _open(dataset, folder)
        for file in dataset.kit:
            with collecting(found):
                kit.read(file, len)
    return found


@dataclass(frozen=True)
class _Kit:
    """The files of one set, with the sums that SHA256SUMS has for them."""

    dataset: DataSet
    folder: Path
    sums: dict[str, str]

    def read(self, file: str, decode: Callable[[bytes], T]) -> T:
        """What ``decode`` makes of a file's content, once this is what its line in SHA256SUMS says.

        Raises:
            DamagedFile, UnreadableFile: see ``read``; the file is named, also where it cannot be decoded.
        """
        path = self.folder / file
        listed = self.sums.get(f"{self.folder.name}/{file}")
        if listed is None:
            line = Text(es=f"una línea en {SUMS}", en=f"a line in {SUMS}")
            raise DamagedFile(path, line, Text(es="ninguna", en="none"))
        content = read_bytes(path, self.dataset.largest)
        check_sum(path, listed, content)
        with decoding(path):
            return decode(content)


def _open(dataset: DataSet, folder: Path) -> _Kit:
    """A set's kit.

    Raises:
        DamagedFile: SHA256SUMS is absent or is no list of sums.
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
    return _Kit(dataset, folder, sums)


def decode_pima(csv: bytes) -> dict[str, Array]:
    """The rows of the Pima CSV, no header: eight features and the class."""
    table = _numbers(csv)
    return {"x": np.ascontiguousarray(table[:, :8]), "y": table[:, 8].astype(np.uint8)}


def _decode_boston(csv: bytes) -> dict[str, Array]:
    table = _numbers(csv, header=2)
    return {"x": np.ascontiguousarray(table[:, :13]), "y": np.ascontiguousarray(table[:, 13])}


def _numbers(csv: bytes, header: int = 0) -> Array:
    return np.loadtxt(io.StringIO(csv.decode("ascii")), delimiter=",", skiprows=header, ndmin=2)


def _boston(kit: _Kit) -> dict[str, Array]:
    return kit.read("boston_house_prices.csv", _decode_boston)


def _pima(kit: _Kit) -> dict[str, Array]:
    return kit.read("pima-indians-diabetes.csv", decode_pima)


def _mnist(kit: _Kit) -> dict[str, Array]:
    def idx(file: str, *shape: int) -> Array:
        return kit.read(file, lambda packed: _idx(packed, kit.dataset.largest).reshape(-1, *shape))

    return {
        "x_train": idx("train-images-idx3-ubyte.gz", 28, 28),
        "y_train": idx("train-labels-idx1-ubyte.gz"),
        "x_test": idx("t10k-images-idx3-ubyte.gz", 28, 28),
        "y_test": idx("t10k-labels-idx1-ubyte.gz"),
    }


def _idx(packed: bytes, at_most: int) -> Array:
    """The values of LeCun's IDX format with unsigned bytes: 0, 0, 8, rank, as many extents of four bytes, the values.

    Raises:
        ValueError: another format, or more than ``at_most`` bytes.
    """
    with gzip.open(io.BytesIO(packed)) as file:
        data = file.read(at_most + 1)
    if len(data) > at_most:
        raise ValueError(f"unpacks to more than {at_most} bytes")
    if data[:3] != b"\0\0\x08":
        raise ValueError("not an IDX file of unsigned bytes")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])


def _imdb(kit: _Kit) -> dict[str, Array]:
    types = {name: "u1" if name.startswith("y_") else "<i4" for name, _ in kit.dataset.arrays}
    return kit.read("imdb_tokens.npz", lambda content: _vectors(content, types, kit.dataset.largest))


def _cifar(kit: _Kit) -> dict[str, Array]:
    types = {name: "u1" for name, _ in kit.dataset.arrays if name.startswith("y_")}
    arrays = kit.read("labels.npz", lambda content: _vectors(content, types, kit.dataset.largest))
    for part in ("train", "test"):
        sheets = [file for file in kit.dataset.kit if file.startswith(f"{part}-")]
        arrays[f"x_{part}"] = _images(sheets, kit)
    return arrays


def _vectors(content: bytes, types: dict[str, str], at_most: int) -> dict[str, Array]:
    """Arrays of one dimension from an .npz archive: their values in these types, whatever the headers claim.

    Raises:
        ValueError, KeyError and others: it is no such archive, or unpacks to more than ``at_most`` bytes.
    """
    file = io.BytesIO(content)
    files.check_unpacked_size(file, at_most)
    with zipfile.ZipFile(file) as archive:
        return {name: _vector(archive, f"{name}.npy", kind) for name, kind in types.items()}


def _vector(archive: zipfile.ZipFile, name: str, kind: str) -> Array:
    about = archive.getinfo(name)
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # only these unpack piece by piece
        raise ValueError(f"{name}: compression {about.compress_type}, stored or deflated expected")
    with archive.open(about) as member:
        array = io.BytesIO(member.read(about.file_size))
    version = np.lib.format.read_magic(array)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    read_header(array)
    return np.frombuffer(array.getbuffer(), kind, offset=array.tell())


def _images(sheets: list[str], kit: _Kit) -> Array:
    """Sheets of 1000 images, 100 rows of 10, as one (1000 * sheets, 32, 32, 3) array."""
    from PIL import Image

    images = np.empty((len(sheets), 100, 10, 32, 32, 3), np.uint8)

    def decode(i: int, content: bytes) -> None:
        with Image.open(io.BytesIO(content), formats=("WEBP",)) as sheet:
            if sheet.size != (320, 3200):  # told before a pixel is unpacked
                raise ValueError(f"{sheet.size[0]} × {sheet.size[1]} pixels, 320 × 3200 expected")
            # (3200, 320, 3): row of images, row of pixels, column of images, column of pixels, channel
            images[i] = np.asarray(sheet).reshape(100, 32, 10, 32, 3).swapaxes(1, 2)

    # WebP decoding leaves Python's lock free, and the machine's cores share the sheets.
    with warnings.catch_warnings(), ThreadPoolExecutor() as threads:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is looked at above
        list(threads.map(lambda i: kit.read(sheets[i], partial(decode, i)), range(len(sheets))))
    return images.reshape(-1, 32, 32, 3)


_DECODERS: dict[str, Callable[[_Kit], dict[str, Array]]] = {
    "boston": _boston,
    "pima": _pima,
    "mnist": _mnist,
    "imdb": _imdb,
    "cifar10": _cifar,
    "cifar100": _cifar,
}
