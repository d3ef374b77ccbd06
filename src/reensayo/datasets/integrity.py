"""Is it what was declared? Every problem with a file is told as: which file, what is wrong, what to do.

What cannot be read is not called damaged: it may well be whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reensayo import files
from reensayo.errors import DamagedData, InputError
from reensayo.text import LANGUAGES, Text

if TYPE_CHECKING:
    import numpy.typing as npt

Kind = Literal["damaged", "unreadable"]

HEADINGS: dict[Kind, Text] = {
    "damaged": Text(es="archivo de datos dañado", en="damaged data file"),
    "unreadable": Text(es="datos", en="data"),
}
REMEDIES: dict[Kind, Text] = {
    "damaged": Text(
        es="Una copia buena está en la carpeta data/ de un clon de reensayo; o lleve a otro sitio la copia dañada (si "
        "el conjunto ocupa una carpeta, la carpeta entera) y ejecute «reensayo data fetch»",
        en="A good copy is in the data/ folder of a clone of reensayo; or move the damaged copy elsewhere (where the "
        "set has a folder of its own, the whole folder) and run `reensayo data fetch`",
    ),
    "unreadable": Text(
        es="Su contenido puede estar íntegro: resuelva lo que dice el paréntesis o indique otra carpeta con --data",
        en="Its content may well be whole: mend the cause given in parentheses, or name another folder with --data",
    ),
}
"""What to do; nothing here advises to delete what may be whole."""

IN_ORIGINAL = Text(
    es="Corrija el archivo, o lo que el original dice de él en own_file(…)",
    en="Correct the file, or what the original says of it in own_file(…)",
)
"""The same for a file that an original brings, of which there is no good copy elsewhere."""

INTACT = Text(es="contenido íntegro en su formato", en="intact content in its format")


@dataclass(frozen=True)
class Problem:
    """Why one file of a set cannot be used, in words."""

    file: str
    kind: Kind
    facts: Text
    remedy: Text

    @property
    def line(self) -> Text:
        """File and facts in one line."""
        return Text(*(f"{self.file}: {self.facts(lang)}" for lang in LANGUAGES))


class BadFile(InputError):
    """A data file, or a folder of data, that is there and cannot be used."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(
            Text(*(f"{HEADINGS[problem.kind](it)}: {problem.line(it)}. {problem.remedy(it)}" for it in LANGUAGES))
        )


class DamagedFile(BadFile, DamagedData):
    """One whose content is not what was declared."""

    def __init__(self, file: Path, expected: Text, received: Text) -> None:
        facts = Text(
            es="se esperaba: {expected}; se recibió: {received}", en="expected: {expected}; received: {received}"
        ).format(expected=expected, received=received)
        super().__init__(Problem(str(file), "damaged", facts, REMEDIES["damaged"]))


class UnreadableFile(BadFile):
    """One of which nothing is known but that it cannot be read."""

    def __init__(self, file: Path, reason: Text) -> None:
        facts = Text(es="no se puede leer ({reason})", en="cannot be read ({reason})").format(reason=reason)
        super().__init__(Problem(str(file), "unreadable", facts, REMEDIES["unreadable"]))


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """What the system says about a file or a folder, it says of one that cannot be read.

    Raises:
        UnreadableFile: in place of the system's own error.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableFile(file, files.reason(error)) from error
    except MemoryError as error:
        raise UnreadableFile(file, files.NO_MEMORY) from error


def is_there(path: Path) -> bool:
    """Whether there is something of this name, be it a link that leads nowhere: no copy is skipped for another.

    Raises:
        UnreadableFile: that cannot be told. ``Path.exists`` says no or raises, depending on Python's version.
    """
    with reading(path.parent):
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


def read_bytes(path: Path, at_most: int) -> bytes:
    """The content of a file that ought to be there.

    Raises:
        DamagedFile: it is absent, or larger than ``at_most`` bytes.
        UnreadableFile: it cannot be read, or is no file.
    """
    with reading(path):
        try:
            return files.read_bytes(path, at_most)
        except FileNotFoundError as error:
            absent = Text(es="el archivo falta", en="the file is absent")
            raise DamagedFile(path, Text(es="un archivo legible", en="a readable file"), absent) from error
        except ValueError as error:
            size = f"{path.stat().st_size} bytes"
            limit = Text(es="{n} bytes a lo sumo", en="at most {n} bytes").format(n=at_most)
            raise DamagedFile(path, limit, Text(size, size)) from error


def check_sum(file: Path, expected: str, content: bytes) -> None:
    """Compare the SHA-256 of a file's content.

    Raises:
        DamagedFile: it is another one.
    """
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise DamagedFile(file, _sum(expected), _sum(received))


def check_arrays(file: Path, expected: Sequence[tuple[str, str]], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Compare every decoded array, C-contiguous, with its declared SHA-256.

    Raises:
        DamagedFile: one differs; the message names the array.
    """
    for name, sha256 in expected:
        received = hashlib.sha256(arrays[name].data).hexdigest()
        if received != sha256:
            raise DamagedFile(file, _sum(sha256, name), _sum(received, name))


@contextmanager
def decoding(file: Path, expected: Text = INTACT) -> Iterator[None]:
    """Whatever a decoder says about a file's content is damage of that file.

    Raises:
        DamagedFile: in place of the decoder's own error.
        UnreadableFile: there is not enough memory.
    """
    try:
        yield
    except (BadFile, ImportError):
        raise
    except MemoryError as error:
        raise UnreadableFile(file, files.NO_MEMORY) from error
    # Broad on purpose: on arbitrary bytes zip, tar, pickle, WebP and CSV readers raise nearly everything.
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".rstrip(".")
        raise DamagedFile(file, expected, Text(reason, reason)) from error


@contextmanager
def mended_in_original() -> Iterator[None]:
    """Say what to do about a file that an original brings.

    Raises:
        BadFile: in place of one that advises otherwise.
    """
    try:
        yield
    except BadFile as error:
        raise BadFile(replace(error.problem, remedy=IN_ORIGINAL)) from error


@contextmanager
def collecting(found: list[Problem]) -> Iterator[None]:
    """Note a problem down and go on, instead of stopping at the first."""
    try:
        yield
    except BadFile as error:
        found.append(error.problem)


def _sum(sha256: str, array: str = "") -> Text:
    words = f"SHA-256 {sha256}"
    return Text(f"{words} del arreglo {array}", f"{words} of the array {array}") if array else Text(words, words)
