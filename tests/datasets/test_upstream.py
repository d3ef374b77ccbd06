"""The published files: written here in every form they have in the wild and read back; others are not even decoded."""

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
from hypothesis import given, settings
from hypothesis import strategies as st

from reensayo import datasets
from reensayo.datasets import BOSTON, CIFAR10, CIFAR100, IMDB, MNIST, PIMA, DataSet, integrity
from reensayo.errors import DamagedData, InputError
from repository import DATA

RANDOM = np.random.default_rng(5)


def declaring(dataset: DataSet, arrays: dict[str, np.ndarray]) -> DataSet:
    """The set as if these few arrays were all of it."""
    return replace(dataset, arrays=tuple((n, hashlib.sha256(a.tobytes()).hexdigest()) for n, a in arrays.items()))


def published(dataset: DataSet, file: Path) -> DataSet:
    """The set as if this were its published file."""
    return replace(dataset, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


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
    # The published archive is not in the order of the batches either.
    return {f"cifar-10-batches-py/{name}": members[name] for name in sorted(members, reverse=True)}


def assert_loads(dataset: DataSet, folder: Path, arrays: dict[str, np.ndarray]) -> None:
    raw = datasets.load(dataset, folder)
    assert raw.origin.startswith("--data: ")
    assert raw.origin.endswith(" (upstream)")
    assert raw.arrays.keys() == arrays.keys()
    for name, expected in arrays.items():
        np.testing.assert_array_equal(raw.arrays[name], expected)
        assert raw.arrays[name].dtype == expected.dtype


# ---------------------------------------------------------------- read back


def test_mnist(tmp_path):
    arrays = dict(datasets.load(MNIST, DATA).arrays)
    np.savez(tmp_path / "mnist.npz", **arrays)
    dataset = published(MNIST, tmp_path / "mnist.npz")
    assert_loads(dataset, tmp_path, arrays)
    assert datasets.verify([dataset], tmp_path)[0].state == "whole"


def test_boston(tmp_path):
    arrays = dict(datasets.load(BOSTON, DATA).arrays)
    np.savez(tmp_path / "boston_housing.npz", **arrays)
    assert_loads(published(BOSTON, tmp_path / "boston_housing.npz"), tmp_path, arrays)


@pytest.mark.parametrize("name", ["pima-indians-diabetes.data.csv", "pima-indians-diabetes.csv"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_pima(tmp_path, name, newline):
    content = (DATA / "pima" / PIMA.bundled[0]).read_bytes()
    (tmp_path / name).write_bytes(content.replace(b"\n", newline))
    assert_loads(PIMA, tmp_path, dict(datasets.load(PIMA, DATA).arrays))


def reviews(tokens: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """As in Keras's imdb.npz: an object array of lists of integers."""
    lists = np.empty(len(offsets) - 1, object)
    words = tokens.tolist()
    lists[:] = [words[start:end] for start, end in pairwise(offsets.tolist())]
    return lists


def test_imdb(tmp_path):
    whole = datasets.load(IMDB, DATA)
    arrays = {"train_tokens": whole.train_tokens[: whole.train_offsets[50]], "train_offsets": whole.train_offsets[:51]}
    arrays |= {"test_tokens": whole.test_tokens[: whole.test_offsets[40]], "test_offsets": whole.test_offsets[:41]}
    arrays |= {"y_train": whole.y_train[:50], "y_test": whole.y_test[:40]}
    np.savez(
        tmp_path / "imdb.npz",
        x_train=reviews(arrays["train_tokens"], arrays["train_offsets"]),
        y_train=arrays["y_train"].astype(np.int64),
        x_test=reviews(arrays["test_tokens"], arrays["test_offsets"]),
        y_test=arrays["y_test"].astype(np.int64),
    )
    assert_loads(declaring(published(IMDB, tmp_path / "imdb.npz"), arrays), tmp_path, arrays)


@pytest.mark.parametrize("dump", [python2_pickle, python3_pickle])
@pytest.mark.parametrize("name", CIFAR10.upstream)
def test_cifar10_archive(tmp_path, dump, name):
    file = tar(tmp_path / name, small_10(dump))
    assert_loads(declaring(published(CIFAR10, file), SMALL_10), tmp_path, SMALL_10)


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
    file = tar(tmp_path / "cifar-100-python.tar.gz", members)
    assert_loads(declaring(published(CIFAR100, file), SMALL_100), tmp_path, SMALL_100)


# ---------------------------------------------------------------- distrust


class Evil:
    """Runs a command when an ordinary unpickler reads it."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture
def evil(tmp_path):
    yield Evil(os.system, f"touch {tmp_path / 'touched'}")
    assert not (tmp_path / "touched").exists()


def assert_refused_undecoded(dataset: DataSet, file: Path, monkeypatch) -> None:
    for decoder in ("numpy.load", "tarfile.open", "pickle.loads"):
        monkeypatch.setattr(decoder, lambda *_, **__: pytest.fail("decoded before its sum was compared"))
    received = hashlib.sha256(file.read_bytes()).hexdigest()
    for ask in (datasets.load, lambda dataset, folder: datasets.fetch([dataset], (), folder)):
        with pytest.raises(
            InputError, match=f"{file}: expected: SHA-256 {dataset.sha256}; received: SHA-256 {received}"
        ):
            ask(dataset, file.parent)
    assert datasets.verify([dataset], file.parent)[0].state == "damaged"


@pytest.mark.parametrize("name", CIFAR10.upstream)
def test_another_cifar_archive_is_not_unpickled(tmp_path, evil, name, monkeypatch):
    file = tar(tmp_path / name, small_10(data_batch_3=pickle.dumps({b"data": evil}, protocol=2)))
    assert_refused_undecoded(CIFAR10, file, monkeypatch)


def test_another_imdb_archive_is_not_unpickled(tmp_path, evil, monkeypatch):
    lists = np.empty(1, object)
    lists[0] = evil
    np.savez(tmp_path / "imdb.npz", x_train=lists, y_train=[1], x_test=lists, y_test=[1])
    assert_refused_undecoded(IMDB, tmp_path / "imdb.npz", monkeypatch)


def test_a_set_without_a_published_sum_is_a_table_and_nothing_else(tmp_path, evil, monkeypatch):
    file = tar(tmp_path / CIFAR10.upstream[0], small_10(data_batch_3=pickle.dumps({b"data": evil}, protocol=2)))
    monkeypatch.setattr("tarfile.open", lambda *_, **__: pytest.fail("decoded without a sum"))
    with pytest.raises(DamagedData, match=f"{file}: expected: intact content in its format"):
        datasets.load(replace(CIFAR10, sha256=None), tmp_path)


@pytest.mark.parametrize("name", ["cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"])
def test_what_keras_unpacked_is_no_copy_for_it_has_no_sum(tmp_path, evil, name, monkeypatch):
    monkeypatch.setattr("reensayo.datasets.places.checkout", lambda: None)
    monkeypatch.delenv("REENSAYO_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for member in small_10():
        file = tmp_path / name / Path(member).name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps({b"data": evil}, protocol=2))
    assert datasets.find(CIFAR10, tmp_path) is None


def test_the_bytes_that_were_compared_are_those_that_are_decoded(tmp_path, monkeypatch):
    """Somebody changes the file in between."""
    file = tar(tmp_path / CIFAR10.upstream[0], small_10())
    dataset = declaring(published(CIFAR10, file), SMALL_10)
    before = integrity.hashlib.sha256

    def changing(content):
        file.write_bytes(b"")
        return before(content)

    monkeypatch.setattr(integrity.hashlib, "sha256", changing)
    assert datasets.load(dataset, tmp_path).arrays.keys() == SMALL_10.keys()


def test_paths_and_links_in_an_archive_lead_nowhere(tmp_path):
    folder = tmp_path / "outer" / "data"
    folder.mkdir(parents=True)
    outside = tarfile.TarInfo("../escaped")
    absolute = tarfile.TarInfo(str(tmp_path / "absolute"))
    outside.size = absolute.size = 3
    link = tarfile.TarInfo("cifar-10-batches-py/batches.meta")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tar(folder / CIFAR10.upstream[0], small_10(), outside, absolute, link)
    assert_loads(declaring(published(CIFAR10, archive), SMALL_10), folder, SMALL_10)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [archive]


def test_other_values_are_named_by_array(tmp_path):
    arrays = dict(datasets.load(BOSTON, DATA).arrays)
    np.savez(tmp_path / "boston_housing.npz", x=arrays["x"], y=arrays["y"][::-1])
    with pytest.raises(DamagedData) as caught:
        datasets.load(published(BOSTON, tmp_path / "boston_housing.npz"), tmp_path)
    assert dict(BOSTON.arrays)["y"] in caught.value.message.es
    assert "del arreglo y" in caught.value.message.es
    assert "of the array y" in caught.value.message.en


@settings(max_examples=30)
@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(0, 255))
def test_a_broken_published_file_is_named_with_both_sums(tmp_path_factory, where, mask):
    """One byte flipped, or (mask 0) the file cut there."""
    file = tar(tmp_path_factory.mktemp("upstream") / CIFAR10.upstream[0], small_10())
    dataset = declaring(published(CIFAR10, file), SMALL_10)
    broken = bytearray(file.read_bytes())
    position = int(where * len(broken))
    broken[position] ^= mask
    file.write_bytes(broken if mask else broken[:position])
    with pytest.raises(DamagedData, match=f"{file}: expected: SHA-256 {dataset.sha256}; received: SHA-256 "):
        datasets.load(dataset, file.parent)
