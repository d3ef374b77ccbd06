"""The data sets themselves: what the kit holds, that it is what was declared, and that damage is found and named."""

import copy
import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reensayo import datasets
from reensayo.datasets import ALL, BOSTON, CIFAR10, IMDB, MNIST, PIMA, DataSet, Raw
from reensayo.errors import DamagedData

DATA = Path(__file__).parents[1] / "data"
PRESENT = [dataset for dataset in ALL if (DATA / dataset.name).is_dir()]

SHAPES = {
    "boston": {"x": (506, 13), "y": (506,)},
    "pima": {"x": (768, 8), "y": (768,)},
    "mnist": {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)},
    "imdb": {
        "train_tokens": (5942841,),
        "train_offsets": (25001,),
        "y_train": (25000,),
        "test_tokens": (5745105,),
        "test_offsets": (25001,),
        "y_test": (25000,),
    },
    "cifar10": {
        "x_train": (50000, 32, 32, 3),
        "y_train": (50000,),
        "x_test": (10000, 32, 32, 3),
        "y_test": (10000,),
    },
}
SHAPES["cifar100"] = SHAPES["cifar10"] | {"y_train_coarse": (50000,), "y_test_coarse": (10000,)}
TYPES = {"boston": "float64", "imdb": "int32"}


@pytest.mark.parametrize("dataset", PRESENT, ids=lambda d: d.name)
def test_arrays_are_the_declared_ones(dataset):
    raw = datasets.load(dataset, DATA)
    assert {name: array.shape for name, array in raw.arrays.items()} == SHAPES[dataset.name]
    assert {n: hashlib.sha256(a.tobytes()).hexdigest() for n, a in raw.arrays.items()} == dict(dataset.arrays)
    for name, array in raw.arrays.items():
        expected = "uint8" if name.startswith("y_") else TYPES.get(dataset.name, "uint8")
        if dataset == PIMA:
            expected = {"x": "float64", "y": "uint8"}[name]
        assert array.dtype == expected
        assert not array.flags.writeable
    assert raw.origin == f"--data: {DATA / dataset.name} (kit)"


def test_boston_comes_in_the_order_that_keras_shuffles():
    """Keras's boston_housing.load_data shows these first rows after its shuffle with seed 113."""
    raw = datasets.load(BOSTON, DATA)
    order = np.arange(506)
    np.random.RandomState(113).shuffle(order)
    assert raw.y[order][:6].tolist() == [15.2, 42.3, 50.0, 21.1, 17.7, 18.5]
    first = [1.23247, 0, 8.14, 0, 0.538, 6.142, 91.7, 3.9769, 4, 307, 21, 396.9, 18.72]
    assert raw.x[order[0]].tolist() == first


def test_pima_classes():
    assert datasets.load(PIMA, DATA).y.sum() == 268


def test_imdb_is_what_keras_loads():
    raw = datasets.load(IMDB, DATA)
    order = np.arange(25000)
    np.random.RandomState(113).shuffle(order)
    start, end = raw.train_offsets[order[0] : order[0] + 2]
    shifted = raw.train_tokens[start:end] + 3
    review = [1, *np.where(shifted < 10000, shifted, 2).tolist()]
    assert len(review) == 218
    assert review[:10] == [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65]
    assert raw.y_train[order[:10]].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 1, 0]


def test_word_index():
    words = datasets.word_index(DATA)
    assert len(words) == 88584
    assert (words["the"], words["film"]) == (1, 19)


def test_every_file_is_listed_and_every_listed_file_is_there():
    listed = [line.split("  ")[1] for line in (DATA / "SHA256SUMS").read_text().splitlines()]
    assert listed == sorted(f"{dataset.name}/{file}" for dataset in PRESENT for file in dataset.kit)


# ---------------------------------------------------------------- values


def test_checksum_changes_with_every_declared_sum():
    checksums = {dataset.checksum for dataset in ALL}
    (name, _), *others = MNIST.arrays
    checksums.add(replace(MNIST, arrays=((name, "0" * 64), *others)).checksum)
    assert len(checksums) == len(ALL) + 1
    assert replace(MNIST, arrays=MNIST.arrays[::-1]).checksum == MNIST.checksum
    assert len(MNIST.checksum) == 16


def test_raw_gives_arrays_by_name_and_says_which_there_are():
    raw = copy.deepcopy(Raw({"x": np.zeros(3), "y": np.ones(3)}, "here"))
    assert raw.y is raw.arrays["y"]
    with pytest.raises(AttributeError, match="no array 'x_train'; this data set has x, y"):
        raw.x_train  # noqa: B018


def test_importing_brings_no_heavy_library():
    heavy = "{'numpy', 'PIL', 'pooch', 'requests', 'keras', 'jax'}"
    code = f"import sys, reensayo.datasets as d; d.MNIST.checksum; print({heavy} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_cifar10_needs_little_more_memory_than_its_arrays():
    """180 MB of images; the interpreter with its libraries and one sheet a thread come on top."""
    code = "import sys, pathlib; from reensayo.datasets import CIFAR10, load;"
    code += "load(CIFAR10, pathlib.Path(sys.argv[1])); print(open('/proc/self/status').read())"
    run = subprocess.run([sys.executable, "-c", code, DATA], capture_output=True, text=True, check=True)
    peak = next(line for line in run.stdout.splitlines() if line.startswith("VmHWM:"))
    assert int(peak.split()[1]) < 500 * 1024


def test_xor():
    raw = datasets.xor()
    assert raw.x.shape == (4, 2)
    assert raw.y.shape == (4, 1)
    assert {(*x, *y) for x, y in zip(raw.x.tolist(), raw.y.tolist(), strict=True)} == {
        (-1, -1, 1),
        (-1, 1, -1),
        (1, -1, -1),
        (1, 1, 1),
    }


def test_logistic_map_is_the_squared_sine():
    """x(t) = sin^2(2^t asin(sqrt(x(0)))) solves it exactly; chaos doubles the rounding error each step."""
    orbit = datasets.logistic_map(0.3, 20)
    angle = np.arcsin(np.sqrt(0.3))
    assert orbit.shape == (21,)
    np.testing.assert_allclose(orbit, np.sin(2.0 ** np.arange(21) * angle) ** 2, atol=1e-8)
    assert datasets.logistic_map(0.75, 3).tolist() == [0.75] * 4


# ---------------------------------------------------------------- damage


def copied(dataset: DataSet, folder: Path) -> Path:
    """A kit in ``folder`` with this set only, and the path of the set."""
    shutil.copytree(DATA / dataset.name, folder / dataset.name)
    shutil.copy(DATA / "SHA256SUMS", folder)
    return folder / dataset.name


@pytest.fixture(scope="module")
def pima(tmp_path_factory):
    return copied(PIMA, tmp_path_factory.mktemp("kit")) / PIMA.kit[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(position=st.integers(0, (DATA / "pima" / PIMA.kit[0]).stat().st_size - 1), mask=st.integers(1, 255))
def test_any_flipped_byte_is_found_and_named(pima, position, mask):
    whole = pima.read_bytes()
    broken = bytearray(whole)
    broken[position] ^= mask
    pima.write_bytes(broken)
    try:
        with pytest.raises(DamagedData) as caught:
            datasets.load(PIMA, pima.parents[1])
    finally:
        pima.write_bytes(whole)
    for text in (caught.value.message.es, caught.value.message.en):
        assert str(pima) in text
        assert hashlib.sha256(whole).hexdigest() in text
        assert hashlib.sha256(broken).hexdigest() in text
    assert caught.value.exit_code == 2


def test_truncated_sheet(tmp_path):
    sheet = copied(CIFAR10, tmp_path) / "train-31.webp"
    sheet.write_bytes(sheet.read_bytes()[:-1])
    with pytest.raises(DamagedData, match=r"train-31\.webp"):
        datasets.load(CIFAR10, tmp_path)


@pytest.mark.parametrize(
    ("sums", "complaint"),
    [
        (None, "SHA256SUMS: expected: a readable file; received: the file is absent"),
        ("", r"pima-indians-diabetes\.csv: expected: a line in SHA256SUMS; received: none"),
        ("pima-indians-diabetes.csv: fine\n", "SHA256SUMS: expected: lines `SHA-256  file`; received: 'pima-in"),
    ],
)
def test_a_file_without_its_sum_is_not_trusted(tmp_path, sums, complaint):
    copied(PIMA, tmp_path)
    if sums is None:
        (tmp_path / "SHA256SUMS").unlink()
    else:
        (tmp_path / "SHA256SUMS").write_text(sums)
    with pytest.raises(DamagedData, match=complaint):
        datasets.load(PIMA, tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"6,148,72,35,0,33.6,0.627,50,1\n", "of the array x; received: SHA-256 .* of the array x"),
        (b"no table\n", "expected: intact content in its format; received: ValueError"),
    ],
)
def test_a_consistent_forgery_is_caught_by_the_arrays(tmp_path, content, complaint):
    file = copied(PIMA, tmp_path) / PIMA.kit[0]
    file.write_bytes(content)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  pima/{file.name}\n")
    with pytest.raises(DamagedData, match=complaint):
        datasets.load(PIMA, tmp_path)
    result = datasets.verify(tmp_path, [PIMA])[0]
    assert (result.state, len(result.damaged)) == ("damaged", 1)


def test_verify_finds_the_repository_whole():
    small = [BOSTON, PIMA, MNIST]
    results = datasets.verify(DATA, small)
    assert [r.name for r in results] == ["boston", "pima", "mnist", "xor", "logistic_map"]
    assert [r.state for r in results] == ["whole"] * 3 + ["generated"] * 2
    assert results[0].place == f"--data: {DATA / 'boston'} (kit)"


def test_verify_names_every_damaged_file(tmp_path):
    mnist = copied(MNIST, tmp_path)
    (mnist / MNIST.kit[1]).unlink()
    (mnist / MNIST.kit[3]).write_bytes(b"")
    (result, *_) = datasets.verify(tmp_path, [MNIST])
    assert result.state == "damaged"
    assert [Path(damage.file).name for damage in result.damaged] == [MNIST.kit[1], MNIST.kit[3]]
    absent, empty = result.damaged
    assert str(absent.received) == "the file is absent"
    assert str(empty.received) == f"SHA-256 {hashlib.sha256(b'').hexdigest()}"
    assert str(empty.expected).removeprefix("SHA-256 ") in (tmp_path / "SHA256SUMS").read_text()
