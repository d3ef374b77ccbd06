"""The kit: every set lossless and without pickle, as data/ of the repository holds it.

One folder a set, and beside them SHA256SUMS with a line for every file. A file is read once, and the same
bytes are hashed and decoded.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reensayo.datasets.integrity import Damage, DamagedFile, check_sum, collecting, decoding, read_bytes
from reensayo.datasets.sets import DataSet
from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array

SUMS = "SHA256SUMS"

Open = Callable[[str], bytes]
"""Name of a file of the set -> its content, checked."""


def read(dataset: DataSet, folder: Path) -> dict[str, Array]:
    """The arrays of a set from its kit folder.

    Raises:
        DamagedFile: a file is absent, not listed in SHA256SUMS, or not what its line there says.
    """
    content = opener(folder)
    with decoding(folder):
        return _DECODERS[dataset.name](dataset, content)


def damages(dataset: DataSet, folder: Path) -> list[Damage]:
    """Every file of the set that is not what SHA256SUMS says, in the kit's order."""
    found: list[Damage] = []
    with collecting(found):
        content = opener(folder)
        for file in dataset.kit:
            with collecting(found):
                content(file)
    return found


def opener(folder: Path) -> Open:
    """A function that reads a file of a set's kit folder and checks it against its line in SHA256SUMS.

    Raises:
        DamagedFile: SHA256SUMS is absent or is no list of sums; from the function: see ``read``.
    """
    sums = _read_sums(folder.parent / SUMS)

    def content(file: str) -> bytes:
        path = folder / file
        listed = sums.get(f"{folder.name}/{file}")
        if listed is None:
            line = Text(es=f"una línea en {SUMS}", en=f"a line in {SUMS}")
            raise DamagedFile(path, line, Text(es="ninguna", en="none"))
        data = read_bytes(path)
        check_sum(path, listed, hashlib.sha256(data).hexdigest())
        return data

    return content


def _read_sums(path: Path) -> dict[str, str]:
    """SHA256SUMS as ``sha256sum`` writes it: file, relative to the list -> SHA-256."""
    sums = {}
    for line in read_bytes(path).decode("utf-8", errors="replace").splitlines():
        parts = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)
        if parts is None:
            form = Text(es="líneas «SHA-256  archivo»", en="lines `SHA-256  file`")
            raise DamagedFile(path, form, Text(repr(line), repr(line)))
        sums[parts[2]] = parts[1]
    return sums


def decode_pima(csv: bytes) -> dict[str, Array]:
    """The rows of the Pima CSV, no header: eight features and the class."""
    table = np.loadtxt(io.StringIO(csv.decode("ascii")), delimiter=",", ndmin=2)
    return {"x": np.ascontiguousarray(table[:, :8]), "y": table[:, 8].astype(np.uint8)}


def _boston(_: DataSet, content: Open) -> dict[str, Array]:
    csv = content("boston_house_prices.csv").decode("ascii")
    table = np.loadtxt(io.StringIO(csv), delimiter=",", skiprows=2, ndmin=2)
    return {"x": np.ascontiguousarray(table[:, :13]), "y": np.ascontiguousarray(table[:, 13])}


def _pima(_: DataSet, content: Open) -> dict[str, Array]:
    return decode_pima(content("pima-indians-diabetes.csv"))


def _mnist(_: DataSet, content: Open) -> dict[str, Array]:
    return {
        "x_train": _idx(content("train-images-idx3-ubyte.gz")),
        "y_train": _idx(content("train-labels-idx1-ubyte.gz")),
        "x_test": _idx(content("t10k-images-idx3-ubyte.gz")),
        "y_test": _idx(content("t10k-labels-idx1-ubyte.gz")),
    }


def _idx(packed: bytes) -> Array:
    """LeCun's IDX format with unsigned bytes: 0, 0, 8, rank, the extents as big-endian int32, the values."""
    data = gzip.decompress(packed)
    if data[:3] != b"\0\0\x08":
        raise ValueError("not an IDX file of unsigned bytes")
    rank = data[3]
    shape = np.frombuffer(data, ">i4", count=rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _imdb(dataset: DataSet, content: Open) -> dict[str, Array]:
    with np.load(io.BytesIO(content("imdb_tokens.npz")), allow_pickle=False) as arrays:
        return {name: arrays[name] for name, _ in dataset.arrays}


def _cifar(dataset: DataSet, content: Open) -> dict[str, Array]:
    with np.load(io.BytesIO(content("labels.npz")), allow_pickle=False) as labels:
        arrays: dict[str, Array] = {name: labels[name] for name, _ in dataset.arrays if name.startswith("y_")}
    for part in ("train", "test"):
        sheets = [file for file in dataset.kit if file.startswith(f"{part}-")]
        arrays[f"x_{part}"] = _images(sheets, content)
    return arrays


def _images(sheets: list[str], content: Open) -> Array:
    """Sheets of 1000 images, 100 rows of 10, as one (1000 * sheets, 32, 32, 3) array."""
    from PIL import Image

    images = np.empty((len(sheets), 100, 10, 32, 32, 3), np.uint8)

    def decode(i: int) -> None:
        with Image.open(io.BytesIO(content(sheets[i]))) as sheet:
            # (3200, 320, 3): row of images, row of pixels, column of images, column of pixels, channel
            images[i] = np.asarray(sheet).reshape(100, 32, 10, 32, 3).swapaxes(1, 2)

    # WebP decoding leaves Python's lock free, and the machine's cores share the sheets.
    with ThreadPoolExecutor() as threads:
        list(threads.map(decode, range(len(sheets))))
    return images.reshape(-1, 32, 32, 3)


_DECODERS: dict[str, Callable[[DataSet, Open], dict[str, Array]]] = {
    "boston": _boston,
    "pima": _pima,
    "mnist": _mnist,
    "imdb": _imdb,
    "cifar10": _cifar,
    "cifar100": _cifar,
}
