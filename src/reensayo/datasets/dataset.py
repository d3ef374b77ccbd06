"""What a data set is, as a value, and its arrays in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from reensayo.datasets.integrity import is_there, mended_in_original, read_bytes
from reensayo.errors import MissingData
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[Any]"
T = TypeVar("T")


class Read(Protocol):
    """What ``decode`` makes of the content of one file of a set, after whatever can be compared has been."""

    def __call__(self, file: str, decode: Callable[[bytes], T], /) -> T: ...


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set: a published one, or a file that an original brings (see ``own_file``).

    ``arrays`` declares the SHA-256 of each decoded array (C order, little endian), whichever file it is read from.
    ``bundled`` names its files in a folder of data like the repository's, inside the folder ``name``; ``decode`` makes
    the arrays of them and believes nothing of what they say of their own size and type.
    ``upstream`` is what the published file may be called, first the name that we download it under, from ``source``.
    ``sha256`` is that file's, None where none was published: then it is decoded as what is bundled is. Only a file of
    the known sum may go to ``decode_upstream``, whose formats can run any code.
    ``script`` are the lines of an exported script that leave the arrays under the same names; they may use ``folder``,
    ``np``, ``keras``, ``Path``, ``gzip`` and ``Image``.
    ``warning`` must be said wherever results of the set are shown.
    ``largest`` is how many bytes a file of it, or what that unpacks to, has at most: far more than any needs, and too
    few to fill a memory.
    ``own`` is the file that an original brings.
    """

    name: str
    title: Text
    decode: Callable[[DataSet, Read], dict[str, Array]]
    arrays: tuple[tuple[str, str], ...] = ()
    bundled: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    source: str = ""
    sha256: str | None = None
    decode_upstream: Callable[[bytes], dict[str, Array]] | None = None
    script: str = ""
    warning: Text | None = None
    largest: int = 2**28
    own: Path | None = None

    def __post_init__(self) -> None:
        """Nothing else tells its content from another's: the file itself, or sums."""
        if not (self.own or self.arrays or self.sha256):
            raise ValueError(f"{self.name}: expected own= (see own_file), or arrays= with their SHA-256")

    @cached_property
    def checksum(self) -> str:
        """The set's identity in a trial: 16 hexadecimal digits over the declared sums, or over an own file's content.

        Of an own file it stays what it was when first asked for: reading one that was edited since is refused, and
        MissingData or BadFile raised of one that is not there or cannot be read.
        """
        declared = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(self.arrays))
        return short_sum(own_content(self, self.own) if self.own else (declared or self.sha256 or "").encode())


def own_file(
    name: str,
    title: Text,
    path: Path,
    decode: Callable[[bytes], dict[str, Array]],
    script: str = "",
    warning: Text | None = None,
    largest: int = DataSet.largest,
) -> DataSet:
    """A data set that an original brings: one file beside its modules, whose content is part of what a trial is.

    ``path`` is the file, ``Path(__file__).with_name("points.csv")``; raises ValueError of one that depends on where the
    program is started. ``decode`` makes of its bytes NumPy arrays by name, which ``load`` of an experiment gets as
    ``raw.x`` and so on. The rest is as in ``DataSet``; ``script`` reads the file from ``folder`` into the same arrays.
    """
    if not path.is_absolute():
        raise ValueError(f"{name}: expected the full path, Path(__file__).with_name({path.name!r}); received {path}")
    return DataSet(
        name=name,
        title=title,
        decode=partial(in_one_file, decode),
        bundled=(path.name,),
        script=script,
        warning=warning,
        largest=largest,
        own=path,
    )


def in_one_file(decode: Callable[[bytes], dict[str, Array]], dataset: DataSet, read: Read) -> dict[str, Array]:
    """What is to be made of the files of a set that is a single one."""
    return read(dataset.bundled[0], decode)


def own_content(dataset: DataSet, path: Path) -> bytes:
    """The content of a file that an original brings; raises MissingData, or BadFile where it is there but no use."""
    with mended_in_original():
        if is_there(path):
            return read_bytes(path, dataset.largest)
    raise missing(dataset, path)


def missing(dataset: DataSet, path: Path) -> MissingData:
    """What to do where a file that an original brings is not there."""
    return MissingData(
        Text(
            es="faltan los datos «{title}»: no hay {path}. El archivo es del original: póngalo allí, o corrija la ruta "
            "en own_file({name!r}, …)",
            en="the data “{title}” are missing: there is no {path}. The file is the original's: put it there, or "
            "correct the path in own_file({name!r}, …)",
        ).format(title=dataset.title, path=path, name=dataset.name)
    )


def short_sum(content: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


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
