"""The official files, as Keras and their authors publish them.

Some hold pickles, which can run any code and ask for any memory. So the file's sum is compared first, over the very
bytes that are then decoded; nothing is ever unpacked to disk.
"""

from __future__ import annotations

import io
import pickle
import tarfile
import warnings
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reensayo.datasets.integrity import check_sum, decoding, read_bytes
from reensayo.datasets.kit import decode_pima
from reensayo.datasets.sets import DataSet

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array

    Decode = Callable[[bytes], dict[str, Array]]


def read(dataset: DataSet, path: Path) -> dict[str, Array]:
    """The arrays of a set from its official file.

    Raises:
        DamagedFile: it is not the published file; where no sum was published: not the format it should be.
        UnreadableFile: it cannot be read.
    """
    content = read_bytes(path, dataset.largest)
    decode: Decode = decode_pima  # a table of numbers, the only format that is decoded without a sum
    if dataset.sha256 is not None:
        check_sum(path, dataset.sha256, content)
        decode = _DECODERS[dataset.name]
    with decoding(path):
        return decode(content)


def _boston(content: bytes) -> dict[str, Array]:
    # Still in the original order: Keras shuffles after reading.
    with np.load(io.BytesIO(content)) as arrays:
        return {name: np.ascontiguousarray(arrays[name], np.float64) for name in ("x", "y")}


def _mnist(content: bytes) -> dict[str, Array]:
    names = ("x_train", "y_train", "x_test", "y_test")
    with np.load(io.BytesIO(content)) as arrays:
        return {name: np.ascontiguousarray(arrays[name], np.uint8) for name in names}


def _imdb(content: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    with np.load(io.BytesIO(content), allow_pickle=True) as archive:
        for part in ("train", "test"):
            reviews = archive[f"x_{part}"]
            ends = np.cumsum([len(review) for review in reviews], dtype=np.int32)
            words = chain.from_iterable(reviews)
            arrays[f"{part}_tokens"] = np.fromiter(words, np.int32, count=int(ends[-1]))
            arrays[f"{part}_offsets"] = np.concatenate([np.zeros(1, np.int32), ends])
            arrays[f"y_{part}"] = np.ascontiguousarray(archive[f"y_{part}"], np.uint8)
    return arrays


def _cifar10(content: bytes) -> dict[str, Array]:
    train = [f"data_batch_{i}" for i in range(1, 6)]
    batches = _batches(content, "cifar-10-batches-py", [*train, "test_batch"], [b"labels"])
    x_test, y_test = batches["test_batch"]
    return {
        "x_train": np.concatenate([batches[name][0] for name in train]),
        "y_train": np.concatenate([batches[name][1] for name in train]),
        "x_test": x_test,
        "y_test": y_test,
    }


def _cifar100(content: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    batches = _batches(content, "cifar-100-python", ["train", "test"], [b"fine_labels", b"coarse_labels"])
    for part, (images, fine, coarse) in batches.items():
        arrays |= {f"x_{part}": images, f"y_{part}": fine, f"y_{part}_coarse": coarse}
    return arrays


def _batches(content: bytes, folder: str, names: list[str], labels: list[bytes]) -> dict[str, list[Array]]:
    """Pickles of a CIFAR archive: name -> images (n, 32, 32, 3), then each kind of labels (n,), all uint8."""
    batches: dict[str, list[Array]] = {}
    wanted = {f"{folder}/{name}": name for name in names}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:  # in the archive's order: going back would unpack it again
            if (name := wanted.get(member.name)) and (file := archive.extractfile(member)):
                batch = _unpickled(file.read())
                # A row holds an image's red plane, then green, then blue.
                images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
                kinds = [np.array(batch[kind], np.uint8) for kind in labels]
                batches[name] = [np.ascontiguousarray(images, np.uint8), *kinds]
    return batches


def _unpickled(batch: bytes) -> dict[bytes, Array]:
    with warnings.catch_warnings():
        # Pickles of Python 2 give dtype's flags as integers, which NumPy 2.4 warns of.
        warnings.simplefilter("ignore")
        content: dict[bytes, Array] = pickle.loads(batch, encoding="bytes")
    return content


_DECODERS: dict[str, Decode] = {
    "boston": _boston,
    "pima": decode_pima,
    "mnist": _mnist,
    "imdb": _imdb,
    "cifar10": _cifar10,
    "cifar100": _cifar100,
}
