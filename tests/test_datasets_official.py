"""The official files: written here in every form they have in the wild, read back, and never trusted."""

import hashlib
import io
import os
import pickle
import struct
import tarfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reensayo import datasets
from reensayo.datasets import BOSTON, CIFAR10, CIFAR100, IMDB, MNIST, PIMA, DataSet
from reensayo.errors import DamagedData

DATA = Path(__file__).parents[1] / "data"
RANDOM = np.random.default_rng(5)


def declaring(dataset: DataSet, arrays: dict[str, np.ndarray]) -> DataSet:
    """The set as if these few arrays were all of it."""
    return replace(dataset, arrays=tuple((n, hashlib.sha256(a.tobytes()).hexdigest()) for n, a in arrays.items()))


def noise(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 32, 32, 3), np.uint8)


def classes(count: int, kinds: int) -> np.ndarray:
    return RANDOM.integers(0, kinds, count).astype(np.uint8)


SMALL_10 = {"x_train": noise(10), "y_train": classes(10, 10), "x_test": noise(2), "y_test": classes(2, 10)}
SMALL_100 = {
    "x_train": noise(3),
    "y_train": classes(3, 100),
    "y_train_coarse": classes(3, 20),
    "x_test": noise(2),
    "y_test": classes(2, 100),
    "y_test_coarse": classes(2, 20),
}


def rows(images: np.ndarray) -> np.ndarray:
    """Images as CIFAR stores them: a row each, red plane, green plane, blue plane."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), 3072)


def python2_pickle(batch: dict[str, np.ndarray | list[int]]) -> bytes:
    """A CIFAR batch byte for byte as Python 2 and its NumPy pickled it (protocol 2, flags as integers)."""

    def string(text: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(text)) + text

    def value(v: np.ndarray | list[int]) -> bytes:
        if isinstance(v, list):
            return b"](" + b"".join(b"K" + bytes([label]) for label in v) + b"e"
        empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + string(b"b") + b"\x87R"
        kind = b"cnumpy\ndtype\n" + string(b"u1") + b"K\0K\1\x87R"
        kind += b"(K\3" + string(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
        shape = b"".join(b"M" + struct.pack("<H", extent) for extent in v.shape) + b"\x86"
        return empty + b"(K\1" + shape + kind + b"\x89" + string(v.tobytes()) + b"tb"

    items = b"".join(string(key.encode()) + value(v) for key, v in batch.items())
    return b"\x80\2}(" + items + b"u."


def python3_pickle(batch: dict[str, np.ndarray | list[int]]) -> bytes:
    return pickle.dumps({key.encode(): value for key, value in batch.items()}, protocol=4)


def batches_10(arrays: dict[str, np.ndarray]) -> dict[str, dict]:
    x, y = np.split(arrays["x_train"], 5), np.split(arrays["y_train"], 5)
    named = {f"data_batch_{i + 1}": (x[i], y[i]) for i in range(5)}
    named["test_batch"] = (arrays["x_test"], arrays["y_test"])
    return {n: {"data": rows(images), "labels": labels.tolist()} for n, (images, labels) in named.items()}


def tar(path: Path, members: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info in extra:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def small_10(dump=python2_pickle, **replaced: bytes) -> dict[str, bytes]:
    members = {name: dump(batch) for name, batch in batches_10(SMALL_10).items()} | replaced
    # The official archive is not in the order of the batches either.
    return {f"cifar-10-batches-py/{name}": members[name] for name in sorted(members, reverse=True)}


def assert_loads(dataset: DataSet, folder: Path, arrays: dict[str, np.ndarray]) -> None:
    raw = datasets.load(dataset, folder)
    assert raw.origin.startswith("--data: ")
    assert raw.origin.endswith(" (official)")
    assert raw.arrays.keys() == arrays.keys()
    for name, expected in arrays.items():
        np.testing.assert_array_equal(raw.arrays[name], expected)
        assert raw.arrays[name].dtype == expected.dtype


# ---------------------------------------------------------------- read back


def test_mnist(tmp_path):
    arrays = dict(datasets.load(MNIST, DATA).arrays)
    np.savez(tmp_path / "mnist.npz", **arrays)
    assert_loads(MNIST, tmp_path, arrays)
    assert datasets.verify(tmp_path, [MNIST])[0].state == "whole"


def test_boston(tmp_path):
    arrays = dict(datasets.load(BOSTON, DATA).arrays)
    np.savez(tmp_path / "boston_housing.npz", **arrays)
    assert_loads(BOSTON, tmp_path, arrays)


@pytest.mark.parametrize("name", ["pima-indians-diabetes.data.csv", "pima-indians-diabetes.csv"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_pima(tmp_path, name, newline):
    content = (DATA / "pima" / PIMA.kit[0]).read_bytes()
    (tmp_path / name).write_bytes(content.replace(b"\n", newline))
    assert_loads(PIMA, tmp_path, dict(datasets.load(PIMA, DATA).arrays))


def reviews(tokens: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """As in Keras's imdb.npz: an object array of lists of integers."""
    lists = np.empty(len(offsets) - 1, object)
    words = tokens.tolist()
    lists[:] = [words[start:end] for start, end in pairwise(offsets.tolist())]
    return lists


def test_imdb(tmp_path):
    arrays = dict(datasets.load(IMDB, DATA).arrays)
    np.savez(
        tmp_path / "imdb.npz",
        x_train=reviews(arrays["train_tokens"], arrays["train_offsets"]),
        y_train=arrays["y_train"].astype(np.int64),
        x_test=reviews(arrays["test_tokens"], arrays["test_offsets"]),
        y_test=arrays["y_test"].astype(np.int64),
    )
    assert_loads(IMDB, tmp_path, arrays)


@pytest.mark.parametrize("dump", [python2_pickle, python3_pickle])
@pytest.mark.parametrize("name", [n for n in CIFAR10.official if not n.endswith("batches-py")])
def test_cifar10_archive(tmp_path, dump, name):
    tar(tmp_path / name, small_10(dump))
    assert_loads(declaring(CIFAR10, SMALL_10), tmp_path, SMALL_10)


@pytest.mark.parametrize("name", [n for n in CIFAR10.official if n.endswith("batches-py")])
def test_cifar10_unpacked(tmp_path, name):
    for member, content in small_10().items():
        file = tmp_path / name / Path(member).name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert_loads(declaring(CIFAR10, SMALL_10), tmp_path, SMALL_10)


def test_cifar100_archive(tmp_path):
    members = {
        f"cifar-100-python/{part}": python2_pickle(
            {
                "data": rows(SMALL_100[f"x_{part}"]),
                "coarse_labels": SMALL_100[f"y_{part}_coarse"].tolist(),
                "fine_labels": SMALL_100[f"y_{part}"].tolist(),
            }
        )
        for part in ("train", "test")
    }
    tar(tmp_path / "cifar-100-python.tar.gz", members)
    assert_loads(declaring(CIFAR100, SMALL_100), tmp_path, SMALL_100)


# ---------------------------------------------------------------- distrust


class Evil:
    """Runs a command when an ordinary unpickler reads it."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture(params=["os.system", "eval", "numpy.load"])
def evil(request, tmp_path):
    touched = tmp_path / "touched"
    calls = {
        "os.system": (os.system, f"touch {touched}"),
        "eval": (eval, f"open({str(touched)!r}, 'w')"),
        "numpy.load": (np.load, str(touched)),
    }
    yield Evil(*calls[request.param])
    assert not touched.exists()


def test_an_evil_cifar_pickle_is_refused(tmp_path, evil):
    tar(tmp_path / CIFAR10.official[0], small_10(data_batch_3=pickle.dumps({b"data": evil}, protocol=2)))
    with pytest.raises(DamagedData, match=r"cifar-10-python\.tar\.gz: .*the pickle asks for .*only arrays"):
        datasets.load(CIFAR10, tmp_path)


def test_an_evil_imdb_pickle_is_refused(tmp_path, evil):
    lists = np.empty(1, object)
    lists[0] = evil
    np.savez(tmp_path / "imdb.npz", x_train=lists, y_train=[1], x_test=lists, y_test=[1])
    with pytest.raises(DamagedData, match=r"imdb\.npz: .*the pickle asks for"):
        datasets.load(IMDB, tmp_path)


def test_pickles_are_refused_where_none_belongs(tmp_path):
    np.savez(tmp_path / "boston_housing.npz", x=np.array([[1], [2, 3]], object), y=np.zeros(2))
    with pytest.raises(DamagedData, match="allow_pickle=False"):
        datasets.load(BOSTON, tmp_path)


def test_paths_and_links_in_an_archive_lead_nowhere(tmp_path):
    folder = tmp_path / "outer" / "data"
    folder.mkdir(parents=True)
    outside = tarfile.TarInfo("../escaped")
    absolute = tarfile.TarInfo(str(tmp_path / "absolute"))
    outside.size = absolute.size = 3
    link = tarfile.TarInfo("cifar-10-batches-py/batches.meta")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tar(folder / CIFAR10.official[0], small_10(), outside, absolute, link)
    assert_loads(declaring(CIFAR10, SMALL_10), folder, SMALL_10)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [archive]


def test_a_link_in_place_of_a_batch_is_not_followed(tmp_path):
    members = small_10()
    del members["cifar-10-batches-py/data_batch_2"]
    link = tarfile.TarInfo("cifar-10-batches-py/data_batch_2")
    link.type, link.linkname = tarfile.SYMTYPE, "data_batch_1"
    tar(tmp_path / CIFAR10.official[0], members, link)
    with pytest.raises(DamagedData, match="without data_batch_2"):
        datasets.load(CIFAR10, tmp_path)


def test_other_values_are_named_by_array(tmp_path):
    arrays = dict(datasets.load(BOSTON, DATA).arrays)
    np.savez(tmp_path / "boston_housing.npz", x=arrays["x"], y=arrays["y"][::-1])
    with pytest.raises(DamagedData) as caught:
        datasets.load(BOSTON, tmp_path)
    assert dict(BOSTON.arrays)["y"] in caught.value.message.es
    assert "del arreglo y" in caught.value.message.es
    assert "of the array y" in caught.value.message.en


SMALL_MNIST = {
    "x_train": RANDOM.integers(0, 256, (3, 28, 28), np.uint8),
    "y_train": classes(3, 10),
    "x_test": RANDOM.integers(0, 256, (2, 28, 28), np.uint8),
    "y_test": classes(2, 10),
}


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """Small official files that a test may break and must mend."""
    folder = tmp_path_factory.mktemp("official")
    tar(folder / CIFAR10.official[0], small_10())
    np.savez(folder / "mnist.npz", **SMALL_MNIST)
    return folder


@pytest.mark.parametrize(("dataset", "arrays"), [(CIFAR10, SMALL_10), (MNIST, SMALL_MNIST)], ids=["cifar10", "mnist"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(0, 255))
def test_broken_official_files_give_the_right_arrays_or_an_error(official, dataset, arrays, where, mask):
    """One byte flipped, or (mask 0) the file cut there: never other values, never another exception."""
    file = official / dataset.official[0]
    whole = file.read_bytes()
    broken = bytearray(whole)
    position = int(where * len(whole))
    broken[position] ^= mask
    file.write_bytes(broken if mask else whole[:position])
    damage, raw = "", None
    try:
        raw = datasets.load(declaring(dataset, arrays), official)
    except DamagedData as error:
        damage = error.message.es
    finally:
        file.write_bytes(whole)
    if raw is None:
        assert str(file) in damage
    else:
        assert all(np.array_equal(raw.arrays[name], array) for name, array in arrays.items())
