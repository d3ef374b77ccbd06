"""The official files, as Keras and their authors publish them.

Two of them hold pickles. These are read with an unpickler that builds NumPy arrays, lists, integers and bytes
and nothing else, and no archive is ever unpacked to disk.
"""

from __future__ import annotations

import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reensayo.datasets.integrity import decoding, read_bytes
from reensayo.datasets.kit import decode_pima
from reensayo.datasets.sets import DataSet

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array


def read(dataset: DataSet, path: Path) -> dict[str, Array]:
    """The arrays of a set from its official file (CIFAR: also from the folder that it was unpacked to).

    Raises:
        DamagedFile: not the format it should be, or a pickle that asks for more than arrays.
    """
    with decoding(path):
        return _DECODERS[dataset.name](path)


def _boston(path: Path) -> dict[str, Array]:
    # Still in the original order: Keras shuffles after reading.
    with np.load(io.BytesIO(read_bytes(path)), allow_pickle=False) as arrays:
        return {name: np.ascontiguousarray(arrays[name], np.float64) for name in ("x", "y")}


def _pima(path: Path) -> dict[str, Array]:
    return decode_pima(read_bytes(path))


def _mnist(path: Path) -> dict[str, Array]:
    names = ("x_train", "y_train", "x_test", "y_test")
    with np.load(io.BytesIO(read_bytes(path)), allow_pickle=False) as arrays:
        return {name: np.ascontiguousarray(arrays[name], np.uint8) for name in names}


def _imdb(path: Path) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    with zipfile.ZipFile(path) as archive:
        for part in ("train", "test"):
            with archive.open(f"x_{part}.npy") as file:
                reviews = _object_array(file)
            ends = np.cumsum([len(review) for review in reviews], dtype=np.int32)
            words = chain.from_iterable(reviews)
            arrays[f"{part}_tokens"] = np.fromiter(words, np.int32, count=int(ends[-1]))
            arrays[f"{part}_offsets"] = np.concatenate([np.zeros(1, np.int32), ends])
            with archive.open(f"y_{part}.npy") as file:
                labels = np.lib.format.read_array(file, allow_pickle=False)
            arrays[f"y_{part}"] = np.ascontiguousarray(labels, np.uint8)
    return arrays


def _object_array(file: IO[bytes]) -> Array:
    """An .npy file of Python lists, which NumPy itself reads only with unrestricted pickle."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        np.lib.format.read_array_header_1_0(file)
    else:
        np.lib.format.read_array_header_2_0(file)
    return np.asarray(_ArraysOnly(file, encoding="bytes").load())


def _cifar10(path: Path) -> dict[str, Array]:
    train = [f"data_batch_{i}" for i in range(1, 6)]
    batches = _batches(path, "cifar-10-batches-py", [*train, "test_batch"], [b"labels"])
    x_test, y_test = batches["test_batch"]
    return {
        "x_train": np.concatenate([batches[name][0] for name in train]),
        "y_train": np.concatenate([batches[name][1] for name in train]),
        "x_test": x_test,
        "y_test": y_test,
    }


def _cifar100(path: Path) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    batches = _batches(path, "cifar-100-python", ["train", "test"], [b"fine_labels", b"coarse_labels"])
    for part, (images, fine, coarse) in batches.items():
        arrays |= {f"x_{part}": images, f"y_{part}": fine, f"y_{part}_coarse": coarse}
    return arrays


def _batches(path: Path, folder: str, names: list[str], labels: list[bytes]) -> dict[str, list[Array]]:
    """Pickles of a CIFAR archive: name -> images (n, 32, 32, 3), then each kind of labels (n,), all uint8."""
    batches: dict[str, list[Array]] = {}
    for name, file in _members(path, folder, names):
        batch = _ArraysOnly(file, encoding="bytes").load()
        # A row holds an image's red plane, then green, then blue.
        images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        kinds = [np.array(batch[kind], np.uint8) for kind in labels]
        batches[name] = [np.ascontiguousarray(images, np.uint8), *kinds]
    if absent := set(names) - batches.keys():
        raise ValueError(f"without {', '.join(sorted(absent))}")
    return batches


def _members(path: Path, folder: str, names: list[str]) -> Iterator[tuple[str, IO[bytes]]]:
    """The wanted files of an archive, or of the folder that it was unpacked to, in no special order.

    Members are taken by exact name and read in memory, so no path or link in an archive can lead anywhere.
    """
    if path.is_dir():
        for name in names:
            with (path / name).open("rb") as file:
                yield name, file
        return
    wanted = {f"{folder}/{name}": name for name in names}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.name in wanted and member.isfile() and (content := archive.extractfile(member)):
                yield wanted[member.name], content


def _dtype(code: str, align: int = 0, copy: int = 0) -> np.dtype[Any]:
    """``numpy.dtype`` for pickles of Python 2, whose flags are integers: NumPy 2.4 warns of these."""
    return np.dtype(code, align=bool(align), copy=bool(copy))


_RECONSTRUCT = np.empty(0).__reduce__()[0]  # the module it lives in is private and has moved

_ADMITTED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class _ArraysOnly(pickle.Unpickler):
    """Builds NumPy arrays and Python's plain values; refuses every other class and function."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}; only arrays are admitted")
        return _ADMITTED[module, name]


_DECODERS: dict[str, Callable[[Path], dict[str, Array]]] = {
    "boston": _boston,
    "pima": _pima,
    "mnist": _mnist,
    "imdb": _imdb,
    "cifar10": _cifar10,
    "cifar100": _cifar100,
}
