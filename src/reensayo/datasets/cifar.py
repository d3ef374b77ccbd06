"""CIFAR-10 and CIFAR-100: 60 000 small colour images each."""

from __future__ import annotations

import io
import pickle
import tarfile
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from reensayo.datasets.dataset import Array, DataSet, Read
from reensayo.datasets.formats import vectors
from reensayo.text import Text


def _decode(dataset: DataSet, read: Read) -> dict[str, Array]:
    import numpy as np

    labels = [name for name, _ in dataset.arrays if name.startswith("y_")]
    arrays = read("labels.npz", lambda content: vectors(content, dict.fromkeys(labels, "u1"), dataset.largest))
    # WebP decoding leaves Python's lock free, and the machine's cores share the sheets.
    with warnings.catch_warnings(), ThreadPoolExecutor() as threads:
        warnings.simplefilter("ignore")  # Pillow's of many pixels: _sheet looks at the size
        for part in ("train", "test"):
            files = [file for file in dataset.bundled if file.startswith(f"{part}-")]
            sheets = threads.map(lambda file: read(file, _sheet), files)
            images = np.fromiter(sheets, np.dtype(("u1", (1000, 32, 32, 3))), len(files))
            arrays[f"x_{part}"] = images.reshape(-1, 32, 32, 3)
    return arrays


def _sheet(content: bytes) -> Array:
    """1000 images, 100 rows of 10, as (1000, 32, 32, 3) uint8."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("WEBP",)) as sheet:
        if sheet.size != (320, 3200):  # told before a pixel is unpacked
            raise ValueError(f"{sheet.size[0]} × {sheet.size[1]} pixels, 320 × 3200 expected")
        # (3200, 320, 3): row of images, row of pixels, column of images, column of pixels, channel
        return np.asarray(sheet).reshape(100, 32, 10, 32, 3).swapaxes(1, 2).reshape(1000, 32, 32, 3)


def _decode_upstream(labels: Mapping[str, bytes], content: bytes) -> dict[str, Array]:
    """The arrays of an archive of pickles; ``labels`` maps what follows ``y_train`` and ``y_test`` to its key."""
    import numpy as np

    unpacked: dict[str, dict[bytes, Array]] = {}  # here, not on the disk
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pickles of Python 2 give dtype's flags as integers, which NumPy 2.4 warns of
        for member in archive:  # in the archive's order: going back would unpack it again
            name = member.name.split("/")[-1]
            if name in chain(*BATCHES.values()) and (file := archive.extractfile(member)):
                unpacked[name] = pickle.loads(file.read(), encoding="bytes")
    arrays: dict[str, Array] = {}
    for part, names in BATCHES.items():
        batches = [unpacked[name] for name in names if name in unpacked]
        # A row holds an image's red plane, then green, then blue.
        rows = np.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32)
        arrays[f"x_{part}"] = np.ascontiguousarray(rows.transpose(0, 2, 3, 1), np.uint8)
        for suffix, key in labels.items():
            arrays[f"y_{part}{suffix}"] = np.concatenate([np.array(batch[key], np.uint8) for batch in batches])
    return arrays


BUNDLED = (*(f"train-{i:02d}.webp" for i in range(50)), *(f"test-{i:02d}.webp" for i in range(10)), "labels.npz")
BATCHES = {"train": (*(f"data_batch_{i}" for i in range(1, 6)), "train"), "test": ("test_batch", "test")}
"""How the published archives call their files: CIFAR-10, in five batches and one, and CIFAR-100."""

SCRIPT = """
kit = Path(folder, "NAME")
if kit.is_dir():  # sheets of 1000 images, 100 rows of 10
    files = (sorted(kit.glob(f"{part}-*.webp")) for part in ("train", "test"))
    sheets = (np.concatenate([np.asarray(Image.open(file)) for file in part]) for part in files)
    rows = (sheet.reshape(-1, 32, 10, 32, 3).swapaxes(1, 2) for sheet in sheets)
    x_train, x_test = (row.reshape(-1, 32, 32, 3) for row in rows)
    with np.load(kit / "labels.npz") as file:
        y_train, y_test = file["y_train"], file["y_test"]
else:
    (x_train, y_train), (x_test, y_test) = keras.datasets.NAME.load_data()
    y_train, y_test = y_train[:, 0], y_test[:, 0]
"""

CIFAR10 = DataSet(
    name="cifar10",
    title=Text(es="imágenes CIFAR-10", en="CIFAR-10 images"),
    decode=_decode,
    arrays=(
        ("x_train", "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a"),
        ("y_train", "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253"),
        ("x_test", "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04"),
        ("y_test", "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5"),
    ),
    bundled=BUNDLED,
    upstream=(
        "cifar-10-python.tar.gz",
        # The same file as Keras 3 and Keras 2 keep it. The folder that they unpack it to has no published sums, and
        # pickles without one are not read.
        "cifar-10-batches-py-target_archive",
        "cifar-10-batches-py.tar.gz",
    ),
    source="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    decode_upstream=partial(_decode_upstream, {"": b"labels"}),
    script=SCRIPT.replace("NAME", "cifar10"),
)
"""x_train (50000, 32, 32, 3), y_train (50000,), x_test (10000, 32, 32, 3), y_test (10000,), all uint8."""

CIFAR100 = DataSet(
    name="cifar100",
    title=Text(es="imágenes CIFAR-100", en="CIFAR-100 images"),
    decode=_decode,
    arrays=(
        ("x_train", "4e457917601a66aed021f5fa37957b56c6319557c0a8ed5484de3c390af45430"),
        ("y_train", "9f11b9f97aad759ba6df0a33e3218b01d8deaf4ed3a14aa1185d69b9ad7ebcb3"),
        ("y_train_coarse", "1804078d4e89b6b90bd5da6ffead1404596f6eecba15ceb8d95b6a09dfbba4c0"),
        ("x_test", "4cb8e5d9309da489bf6b19cc10cd96c3ae6f8daf225380b605aaee4c0d6aee19"),
        ("y_test", "4dad7d09c7c97d33f6cb928d705cf4196221316fd6e31bdd978a08ed9103ee0b"),
        ("y_test_coarse", "48df17fb3bf299f43dd7e131db11ca0ea8b07d750be8b6dcf7ad6ff1b4cc721d"),
    ),
    bundled=BUNDLED,
    upstream=("cifar-100-python.tar.gz", "cifar-100-python-target_archive"),
    source="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    decode_upstream=partial(_decode_upstream, {"": b"fine_labels", "_coarse": b"coarse_labels"}),
    script=SCRIPT.replace("NAME", "cifar100"),
)
"""As CIFAR10, with 100 fine classes in ``y_train`` and ``y_test`` and 20 coarse ones in ``y_*_coarse``."""
