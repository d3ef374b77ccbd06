"""The six data sets as values: names, official address, and the SHA-256 of every decoded array."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.text import Text

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]


@dataclass(frozen=True)
class DataSet:
    """One published data set; data/SOURCES.md tells its origin and rights.

    ``sha256`` is that of the official download, None where none was published.
    ``arrays`` declares the SHA-256 of each decoded array (C order, little endian), whichever file it is read from.
    ``kit`` names its files in the kit, inside the folder ``name``.
    ``official`` is what its official file may be called, first the name that we download it under.
    ``warning`` must be said wherever results of the set are shown.
    ``largest`` is how many bytes a file of it, or what that unpacks to, has at most: far more than any needs, and too
    few to fill a memory.
    """

    name: str
    title: Text
    source: str
    sha256: str | None
    arrays: tuple[tuple[str, str], ...]
    kit: tuple[str, ...]
    official: tuple[str, ...]
    warning: Text | None = None
    largest: int = 2**28
    own: Path | None = None
    decode: Callable[[bytes], dict[str, Array]] | None = None
    script: str = ""

    @property
    def checksum(self) -> str:
        """The set's identity in a trial: 16 hexadecimal digits over the declared sums."""
        if self.own is not None:
            return hashlib.sha256(self.own.read_bytes()).hexdigest()[:16]
        declared = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(self.arrays))
        return hashlib.sha256(declared.encode()).hexdigest()[:16]


def own_file(
    name: str,
    title: Text,
    path: Path,
    decode: Callable[[bytes], dict[str, Array]],
    script: str = "",
    warning: Text | None = None,
) -> DataSet:
    """A data set that an original brings: one file beside its modules, whose content is its identity.

    Args:
        name: of the set.
        title: for people.
        path: the file: ``Path(__file__).with_name("points.csv")``.
        decode: the file's bytes -> its arrays by name, as ``load`` of an experiment gets them.
        script: the lines of an exported script that read it from ``folder`` into the same arrays.
        warning: what must be said wherever results of the set are shown.
    """
    return DataSet(name, title, "", None, (), (), (), warning, own=path, decode=decode, script=script)


@dataclass(frozen=True, eq=False)
class Raw:
    """A set in memory, in its raw types and read-only: ``raw.x_train`` is ``raw.arrays["x_train"]``.

    ``origin`` says which place and format it came from. Equal to itself only, so what is made of it can be cached.
    """

    arrays: Mapping[str, Array]
    origin: str

    def __getattr__(self, name: str) -> Array:
        # Not self.arrays: while a copy is being rebuilt there is none yet, and asking would come back here.
        arrays: Mapping[str, Array] = self.__dict__.get("arrays", {})
        if name not in arrays:
            raise AttributeError(f"no array {name!r}; this data set has {', '.join(arrays)}")
        return arrays[name]


KERAS_FILES = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

_TRAIN_SHEETS = tuple(f"train-{i:02d}.webp" for i in range(50))
_TEST_SHEETS = tuple(f"test-{i:02d}.webp" for i in range(10))
_CIFAR_KIT = (*_TRAIN_SHEETS, *_TEST_SHEETS, "labels.npz")

BOSTON = DataSet(
    name="boston",
    title=Text(es="viviendas de Boston", en="Boston housing"),
    source=KERAS_FILES + "boston_housing.npz",
    sha256="f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    arrays=(
        ("x", "58d9abef45a8e00c844d74ff0027c96d21a8a237d7ba7e4c0c30b11dcdafde10"),
        ("y", "a7a4a2bed7266f5e88acd2854ae97af5206bed564ab217810535d4cd14d76edb"),
    ),
    kit=("boston_house_prices.csv",),
    official=("boston_housing.npz",),
    warning=Text(
        es="La columna B de estos datos codifica un supuesto racista sobre la población y el precio de las viviendas; "
        "por eso scikit-learn retiró el conjunto. Aquí solo sirve para volver a ejecutar lo publicado.",
        en="Column B of these data encodes a racist assumption about population and house prices, which is why "
        "scikit-learn withdrew the set. It is used here only to run again what was published.",
    ),
    largest=2**20,
)
"""x (506, 13) float64 in the original order; y (506,) float64 in 1000 USD."""

PIMA = DataSet(
    name="pima",
    title=Text(es="diabetes en mujeres pima", en="Pima Indians diabetes"),
    source="https://raw.githubusercontent.com/jbrownlee/Datasets/master/pima-indians-diabetes.data.csv",
    sha256=None,
    arrays=(
        ("x", "db6367d8ed67a9f06f9276bd075617c0240bd36838c34d7b921f6b21df60036c"),
        ("y", "47f027f9cd0be2d16358279b35804c9609e20e167534125ce6ee85bf957d5fa7"),
    ),
    kit=("pima-indians-diabetes.csv",),
    official=("pima-indians-diabetes.data.csv", "pima-indians-diabetes.csv"),
    largest=2**20,
)
"""x (768, 8) float64, y (768,) uint8, 1 for diabetes."""

MNIST = DataSet(
    name="mnist",
    title=Text(es="dígitos MNIST", en="MNIST digits"),
    source=KERAS_FILES + "mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    arrays=(
        ("x_train", "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
        ("y_train", "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
        ("x_test", "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
        ("y_test", "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
    ),
    kit=(
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ),
    official=("mnist.npz",),
)
"""x_train (60000, 28, 28), y_train (60000,), x_test (10000, 28, 28), y_test (10000,), all uint8."""

IMDB = DataSet(
    name="imdb",
    title=Text(es="reseñas de IMDB", en="IMDB reviews"),
    source=KERAS_FILES + "imdb.npz",
    sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    arrays=(
        ("train_tokens", "839f238f42e49ed32804afd9148bb93e9a84328e97603b7bcd0a830b148a4281"),
        ("train_offsets", "b3f72486a56fc4ec74ec7c7f30c6c902a4b06211b32151ae12c7311831aae4a1"),
        ("y_train", "e49003797dc73de3fffae0ea48988eada25b70ae7edc6c17a1ba5a78aa44eee4"),
        ("test_tokens", "88455a6ba2a9e95ffeb943b563f338f13951733bc0c8fee0892a4f9f2d72f23c"),
        ("test_offsets", "4e6690c14d6f7c74e159ec27192aacfb56c9cd968acec36764ae720f06394622"),
        ("y_test", "e49003797dc73de3fffae0ea48988eada25b70ae7edc6c17a1ba5a78aa44eee4"),
    ),
    kit=("imdb_tokens.npz", "imdb_word_index.json"),
    official=("imdb.npz",),
)
"""train_tokens, train_offsets, test_tokens, test_offsets int32; y_train, y_test uint8.

Review i is ``tokens[offsets[i]:offsets[i + 1]]``, each word by its rank (1 is the most frequent), before the
shuffle, shift and cut of Keras's own loader. Offsets (25001,); labels (25000,), 1 for a good review.
"""

CIFAR10 = DataSet(
    name="cifar10",
    title=Text(es="imágenes CIFAR-10", en="CIFAR-10 images"),
    source="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    arrays=(
        ("x_train", "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a"),
        ("y_train", "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253"),
        ("x_test", "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04"),
        ("y_test", "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5"),
    ),
    kit=_CIFAR_KIT,
    official=(
        "cifar-10-python.tar.gz",
        # The same file as Keras 3 and Keras 2 keep it. The folder that they unpack it to has no published sums, and
        # pickles without one are not read.
        "cifar-10-batches-py-target_archive",
        "cifar-10-batches-py.tar.gz",
    ),
)
"""x_train (50000, 32, 32, 3), y_train (50000,), x_test (10000, 32, 32, 3), y_test (10000,), all uint8."""

CIFAR100 = DataSet(
    name="cifar100",
    title=Text(es="imágenes CIFAR-100", en="CIFAR-100 images"),
    source="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    arrays=(
        ("x_train", "4e457917601a66aed021f5fa37957b56c6319557c0a8ed5484de3c390af45430"),
        ("y_train", "9f11b9f97aad759ba6df0a33e3218b01d8deaf4ed3a14aa1185d69b9ad7ebcb3"),
        ("y_train_coarse", "1804078d4e89b6b90bd5da6ffead1404596f6eecba15ceb8d95b6a09dfbba4c0"),
        ("x_test", "4cb8e5d9309da489bf6b19cc10cd96c3ae6f8daf225380b605aaee4c0d6aee19"),
        ("y_test", "4dad7d09c7c97d33f6cb928d705cf4196221316fd6e31bdd978a08ed9103ee0b"),
        ("y_test_coarse", "48df17fb3bf299f43dd7e131db11ca0ea8b07d750be8b6dcf7ad6ff1b4cc721d"),
    ),
    kit=_CIFAR_KIT,
    official=("cifar-100-python.tar.gz", "cifar-100-python-target_archive"),
)
"""As CIFAR10, with 100 fine classes in ``y_train`` and ``y_test`` and 20 coarse ones in ``y_*_coarse``."""

ALL = (BOSTON, PIMA, MNIST, IMDB, CIFAR10, CIFAR100)
