"""Is it what was declared? Damage is always told as: which file, what was expected, what was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo.errors import DamagedData
from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.datasets.sets import Array, DataSet

ABSENT = Text(es="el archivo falta", en="the file is absent")


@dataclass(frozen=True)
class Damage:
    """One file that is not what was declared; sums and facts are in words, for instance ``SHA-256 98d2…``."""

    file: str
    expected: Text
    received: Text

    @property
    def message(self) -> Text:
        """File, expected and received in one line."""
        return Text(
            es="{file}: se esperaba: {expected}; se recibió: {received}",
            en="{file}: expected: {expected}; received: {received}",
        ).format(file=self.file, expected=self.expected, received=self.received)


REMEDY = Text(
    es="Una copia buena está en la carpeta data/ de un clon de reensayo; o borre la dañada y ejecute «reensayo data "
    "fetch»",
    en="A good copy is in the data/ folder of a clone of reensayo; or delete the damaged one and run `reensayo data "
    "fetch`",
)


class DamagedFile(DamagedData):
    """A data file whose content is not what was declared."""

    def __init__(self, file: Path | str, expected: Text, received: Text) -> None:
        self.damage = Damage(str(file), expected, received)
        super().__init__(
            Text(es="archivo de datos dañado: {damage}. {remedy}", en="damaged data file: {damage}. {remedy}").format(
                damage=self.damage.message, remedy=REMEDY
            )
        )


def read_bytes(path: Path) -> bytes:
    """The content of a file that ought to be there.

    Raises:
        DamagedFile: it is absent or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        reason = str(error.strerror or error)
        received = ABSENT if isinstance(error, FileNotFoundError) else Text(reason, reason)
        readable = Text(es="un archivo legible", en="a readable file")
        raise DamagedFile(path, readable, received) from error


def check_sum(file: Path | str, expected: str, received: str) -> None:
    """Compare two SHA-256 of a file.

    Raises:
        DamagedFile: they differ.
    """
    if received != expected:
        raise DamagedFile(file, _sum(expected), _sum(received))


def check_arrays(dataset: DataSet, arrays: dict[str, Array], file: Path) -> None:
    """Compare every decoded array, C-contiguous, with its declared SHA-256.

    Raises:
        DamagedFile: one differs; the message names the array.
    """
    for name, expected in dataset.arrays:
        received = hashlib.sha256(arrays[name].data).hexdigest()
        if received != expected:
            raise DamagedFile(file, _sum(expected, name), _sum(received, name))


@contextmanager
def decoding(file: Path) -> Iterator[None]:
    """Whatever a decoder says about a file's content is damage of that file.

    Raises:
        DamagedFile: in place of the decoder's own error.
    """
    try:
        yield
    except (DamagedFile, ImportError, MemoryError):
        raise
    # Broad on purpose: on arbitrary bytes zip, tar, pickle, WebP and CSV readers raise nearly everything.
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        intact = Text(es="contenido íntegro en su formato", en="intact content in its format")
        raise DamagedFile(file, intact, Text(reason, reason)) from error


@contextmanager
def collecting(found: list[Damage]) -> Iterator[None]:
    """Note damage down and go on, instead of stopping at the first."""
    try:
        yield
    except DamagedFile as error:
        found.append(error.damage)


def _sum(sha256: str, array: str = "") -> Text:
    words = f"SHA-256 {sha256}"
    return Text(f"{words} del arreglo {array}", f"{words} of the array {array}") if array else Text(words, words)
