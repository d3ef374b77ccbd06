"""The data sets themselves: what data/ holds, that it is what was declared, and that damage is found and named."""

import copy
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from reensayo import datasets, files
from reensayo.datasets import BOSTON, CIFAR10, CIFAR100, IMDB, MNIST, PIMA, DataSet, Raw, formats
from reensayo.datasets.integrity import REMEDIES
from reensayo.errors import DamagedData, InputError
from repository import DATA

ALL = (BOSTON, PIMA, MNIST, IMDB, CIFAR10, CIFAR100)
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
    assert raw.origin == f"--data: {DATA / dataset.name} (bundled)"


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


def test_every_file_is_listed_and_every_listed_file_is_there():
    listed = [line.split("  ")[1] for line in (DATA / "SHA256SUMS").read_text().splitlines()]
    assert listed == sorted(f"{dataset.name}/{file}" for dataset in PRESENT for file in dataset.bundled)


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
    heavy = "{'numpy', 'PIL', 'requests', 'keras', 'jax'}"
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


# ---------------------------------------------------------------- damage


def copied(dataset: DataSet, folder: Path) -> Path:
    """A folder of data with this set only, and the path of the set."""
    shutil.copytree(DATA / dataset.name, folder / dataset.name)
    shutil.copy(DATA / "SHA256SUMS", folder)
    return folder / dataset.name


@pytest.fixture(scope="module")
def pima(tmp_path_factory):
    return copied(PIMA, tmp_path_factory.mktemp("data")) / PIMA.bundled[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(position=st.integers(0, (DATA / "pima" / PIMA.bundled[0]).stat().st_size - 1), mask=st.integers(1, 255))
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
    file = copied(PIMA, tmp_path) / PIMA.bundled[0]
    file.write_bytes(content)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  pima/{file.name}\n")
    with pytest.raises(DamagedData, match=complaint):
        datasets.load(PIMA, tmp_path)
    (result,) = datasets.verify([PIMA], tmp_path)
    assert (result.state, len(result.problems)) == ("damaged", 1)
    assert result.problems[0].remedy.en.startswith("A good copy is in")


def test_verify_finds_the_repository_whole():
    small = [BOSTON, PIMA, MNIST]
    results = datasets.verify(small, DATA)
    assert [r.name for r in results] == ["boston", "pima", "mnist"]
    assert [r.state for r in results] == ["whole"] * 3
    assert results[0].found.origin == f"--data: {DATA / 'boston'} (bundled)"


def test_verify_checks_the_words_of_imdb_which_are_no_array(tmp_path):
    words = copied(IMDB, tmp_path) / "imdb_word_index.json"
    words.write_bytes(words.read_bytes().replace(b"34701", b"34702"))
    (result,) = datasets.verify([IMDB], tmp_path)
    assert (result.state, [problem.file for problem in result.problems]) == ("damaged", [words])
    with pytest.raises(InputError, match=r"imdb_word_index\.json"):
        datasets.fetch([IMDB], ["imdb"], tmp_path)


def test_verify_names_every_damaged_file(tmp_path):
    mnist = copied(MNIST, tmp_path)
    (mnist / MNIST.bundled[1]).unlink()
    (mnist / MNIST.bundled[3]).write_bytes(b"")
    (result,) = datasets.verify([MNIST], tmp_path)
    assert result.state == "damaged"
    assert [problem.file.name for problem in result.problems] == [MNIST.bundled[1], MNIST.bundled[3]]
    absent, empty = result.problems
    assert absent.facts.en == "expected: a readable file; received: the file is absent"
    assert empty.facts.en.endswith(f"received: SHA-256 {hashlib.sha256(b'').hexdigest()}")
    assert empty.facts.en.split()[2].rstrip(";") in (tmp_path / "SHA256SUMS").read_text()


# ---------------------------------------------------------------- a list of sums that agrees with anything


@pytest.fixture
def listed(tmp_path):
    """Make a folder of data of these files only, with a list of sums that agrees: the set and its folder."""

    def make(dataset: DataSet, **contents: bytes) -> tuple[DataSet, Path]:
        (tmp_path / dataset.name).mkdir()
        for file, content in contents.items():
            (tmp_path / dataset.name / file).write_bytes(content)
        sums = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
        lines = [f"{sha256}  {dataset.name}/{file}\n" for file, sha256 in sums.items()]
        (tmp_path / "SHA256SUMS").write_text("".join(lines))
        return replace(dataset, bundled=tuple(contents)), tmp_path

    return make


def assert_damaged(dataset: DataSet, folder: Path, *words: str) -> None:
    """Loading, verifying and fetching all say so."""
    with pytest.raises(DamagedData) as caught:
        datasets.load(dataset, folder)
    (result,) = datasets.verify([dataset], folder)
    assert result.state == "damaged"
    with pytest.raises(InputError) as refused:
        datasets.fetch([dataset], (), folder)
    for text in (caught.value.message.en, result.problems[0].line.en, refused.value.message.en):
        for word in words:
            assert word in text


def npy(kind: str, shape: tuple[int, ...], values: bytes) -> bytes:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + values


def archive(compression: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return packed.getvalue()


FOUR = np.arange(4, dtype=np.uint8)
ONE_ARRAY = {"arrays": (("y_train", hashlib.sha256(FOUR.data).hexdigest()),), "largest": 1000}
SMALL = replace(IMDB, **ONE_ARRAY)


@pytest.mark.parametrize(("kind", "shape"), [("|u1", (4,)), ("<i2", (2, 1)), ("|u1", (10**15,)), ("|O", (0,))])
def test_only_the_values_of_an_archive_count_not_what_its_headers_say_of_them(listed, kind, shape):
    dataset, folder = listed(SMALL, **{"imdb_tokens.npz": archive(y_train=npy(kind, shape, FOUR.tobytes()))})
    raw = datasets.load(dataset, folder)
    assert (raw.y_train.tolist(), raw.y_train.dtype) == ([0, 1, 2, 3], "uint8")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (archive(y_train=npy("|u1", (10**15,), b"12345")), "of the array y_train; received: SHA-256"),
        (archive(y_train=bytes(1001)), "imdb_tokens.npz: expected: intact content in its format; received: ValueError"),
        (archive(y_train=b"1", x=bytes(1000)), "unpacks to 1001 bytes, at most 1000 expected"),
        (archive(zipfile.ZIP_BZIP2, y_train=b"1"), "stored or deflated expected"),
        (archive(x=b""), "imdb_tokens.npz: expected: intact content in its format; received: KeyError"),
        (b"PK", "imdb_tokens.npz: expected: intact content in its format; received: BadZipFile"),
        (bytes(1001), "imdb_tokens.npz: expected: at most 1000 bytes; received: 1001 bytes"),
    ],
    ids=["1e15 elements", "a bomb", "a bomb beside it", "another compression", "another array", "no zip", "large"],
)
def test_a_hostile_archive_is_damaged(listed, content, complaint):
    assert_damaged(*listed(SMALL, **{"imdb_tokens.npz": content}), complaint)


def test_a_member_that_unpacks_to_more_than_its_entry_says_is_cut_there(listed):
    content = archive(y_train=bytes(123456789))
    size = (123456789).to_bytes(4, "little")
    assert content.count(size) == 2  # before the member, and in the directory
    dataset, folder = listed(SMALL, **{"imdb_tokens.npz": content.replace(size, (200).to_bytes(4, "little"))})
    tracemalloc.start()
    assert_damaged(replace(dataset, largest=2**20), folder)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


def idx(values: np.ndarray, shape: tuple[int, ...], kind: int = 8) -> bytes:
    return gzip.compress(bytes([0, 0, kind, len(shape)]) + np.array(shape, ">i4").tobytes() + values.tobytes())


IMAGES = np.arange(2 * 28 * 28, dtype=np.uint8)
DIGITS = {name: (IMAGES if name.startswith("x") else FOUR) for name, _ in MNIST.arrays}
SMALL_MNIST = replace(
    MNIST, arrays=tuple((name, hashlib.sha256(array.data).hexdigest()) for name, array in DIGITS.items()), largest=3000
)
DIGIT_FILES = dict(zip(MNIST.bundled, (idx(array, array.shape) for array in DIGITS.values()), strict=True))


def test_only_the_values_of_an_idx_file_count_not_its_shape(listed):
    raw = datasets.load(*listed(SMALL_MNIST, **DIGIT_FILES | {MNIST.bundled[3]: idx(FOUR, (2, 10**9))}))
    assert {name: array.shape for name, array in raw.arrays.items()} == {
        "x_train": (2, 28, 28),
        "y_train": (4,),
        "x_test": (2, 28, 28),
        "y_test": (4,),
    }


@given(values=st.binary(max_size=300), extents=st.lists(st.integers(0, 2**31 - 1), max_size=5))
def test_any_values_come_back_from_an_idx_file(values, extents):
    packed = idx(np.frombuffer(values, np.uint8), tuple(extents))
    assert formats.idx(packed, 1000).tobytes() == values


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9)))
def test_any_values_come_back_from_an_archive(values):
    members = {name: npy("<f8", (7, 7), np.array(numbers, "<i4").tobytes()) for name, numbers in values.items()}
    vectors = formats.vectors(archive(**members), dict.fromkeys(values, "<i4"), 10_000)
    assert {name: vector.tolist() for name, vector in vectors.items()} == values


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (gzip.compress(bytes(3001)), "ValueError: unpacks to more than 3000 bytes"),
        (idx(IMAGES, IMAGES.shape, kind=13), "ValueError: not an IDX file of unsigned bytes"),
        (idx(FOUR, (4,)), "ValueError: cannot reshape"),
        (gzip.compress(b"\0\0\x08"), "IndexError"),
        (gzip.compress(b"\0\0\x08\xff"), "ValueError"),
        (b"no gzip", "BadGzipFile"),
    ],
    ids=["a bomb", "floats", "no images", "cut", "255 extents", "no gzip"],
)
def test_a_hostile_idx_file_is_damaged(listed, content, complaint):
    made = listed(SMALL_MNIST, **DIGIT_FILES | {MNIST.bundled[2]: content})
    assert_damaged(*made, f"{MNIST.bundled[2]}: expected: intact content in its format; received: {complaint}")


def picture(kind: str, width: int, height: int) -> bytes:
    """One of 2 by 2 pixels; what a WebP says of its size is replaced by these."""
    packed = io.BytesIO()
    Image.new("RGB", (2, 2)).save(packed, kind, lossless=True)
    content = bytearray(packed.getvalue())
    if kind == "WEBP":
        assert content[12:16] == b"VP8L"
        bits = int.from_bytes(content[21:25], "little") >> 28 << 28 | (height - 1) << 14 | (width - 1)
        content[21:25] = bits.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("sheet", "complaint"),
    [
        (picture("WEBP", 16383, 8000), "ValueError: 16383 × 8000 pixels, 320 × 3200 expected"),
        (picture("WEBP", 16383, 16383), "DecompressionBombError"),
        (picture("PNG", 2, 2), "UnidentifiedImageError"),
        (b"no picture", "UnidentifiedImageError"),
    ],
    ids=["a bomb", "a larger bomb", "another format", "no picture"],
)
def test_a_hostile_sheet_is_damaged(listed, sheet, complaint):
    labels = archive(y_train=npy("|u1", (4,), FOUR.tobytes()))
    dataset, folder = listed(replace(CIFAR10, **ONE_ARRAY), **{"labels.npz": labels, "train-00.webp": sheet})
    assert_damaged(dataset, folder, f"train-00.webp: expected: intact content in its format; received: {complaint}")


def test_a_table_larger_than_any_is_not_parsed(listed):
    made = listed(PIMA, **{PIMA.bundled[0]: b"1," * 2**19 + b"1\n"})
    assert_damaged(*made, f"{PIMA.bundled[0]}: expected: at most {2**20} bytes; received: {2**20 + 2} bytes")


# ---------------------------------------------------------------- what cannot be read is not called damaged


def assert_unreadable(dataset: DataSet, folder: Path, file: Path, reason: str) -> None:
    for ask in (datasets.load, lambda dataset, folder: datasets.fetch([dataset], (), folder)):
        with pytest.raises(InputError) as caught:
            ask(dataset, folder)
        assert not isinstance(caught.value, DamagedData)
        assert f"{file}: cannot be read ({reason})" in caught.value.message.en
        assert f"{file}: no se puede leer (" in caught.value.message.es
        assert "move" not in caught.value.message.en
    (result,) = datasets.verify([dataset], folder)
    assert result.state == "unreadable"
    assert [problem.line.en for problem in result.problems] == [f"{file}: cannot be read ({reason})"]
    assert "may well be whole" in result.problems[0].remedy.en


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_file_that_the_system_refuses_cannot_be_read(tmp_path, monkeypatch, error):
    file = copied(PIMA, tmp_path) / PIMA.bundled[0]
    before = Path.open

    def refusing(path, *arguments, **options):
        if path == file:
            raise error
        return before(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)
    assert_unreadable(PIMA, tmp_path, file, error.strerror)


@pytest.mark.parametrize("file", [f"pima/{PIMA.bundled[0]}", "SHA256SUMS"])
def test_a_pipe_a_device_and_a_folder_in_place_of_a_file_cannot_be_read(tmp_path, file):
    copied(PIMA, tmp_path)
    path = tmp_path / file
    path.unlink()
    os.mkfifo(path)
    assert_unreadable(PIMA, tmp_path, path, "not a regular file")
    path.unlink()
    path.symlink_to("/dev/zero")
    assert_unreadable(PIMA, tmp_path, path, "not a regular file")
    path.unlink()
    path.mkdir()
    assert_unreadable(PIMA, tmp_path, path, "Is a directory")
    path.rmdir()
    path.symlink_to(path)
    assert_unreadable(PIMA, tmp_path, path, "Too many levels of symbolic links")


def test_too_little_memory_is_no_damage(tmp_path, monkeypatch):
    file = copied(PIMA, tmp_path) / PIMA.bundled[0]

    def short(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "loadtxt", short)
    assert_unreadable(PIMA, tmp_path, file, "there is not enough memory")
    monkeypatch.undo()
    monkeypatch.setattr(files, "read_bytes", short)
    assert_unreadable(PIMA, tmp_path, tmp_path / "SHA256SUMS", "there is not enough memory")


def test_no_advice_is_to_delete():
    for remedy in REMEDIES.values():
        assert "delete" not in remedy.en
        assert "borre" not in remedy.es
