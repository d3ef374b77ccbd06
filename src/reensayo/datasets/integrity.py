"""Is it what was declared? Every problem with a file is told as: which file, what is wrong, what to do.

What cannot be read is not called damaged: it may well be whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from reensayo import files
from reensayo.errors import DamagedData, InputError
from reensayo.text import Text

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


class BadFile(InputError):
    """A data file, or a folder of data, that is there and cannot be used: why, in words, and what to do."""

    def __init__(self, file: Path, kind: Kind, facts: Text, remedy: Text | None = None) -> None:
        self.file, self.kind, self.facts = file, kind, facts
        self.line = Text(*["{file}: {facts}"] * 2).format(file=file, facts=facts)
        self.remedy = remedy or REMEDIES[kind]
        message = Text(*["{heading}: {line}. {remedy}"] * 2)
        super().__init__(message.format(heading=HEADINGS[kind], line=self.line, remedy=self.remedy))


class DamagedFile(BadFile, DamagedData):
    """One whose content is not what was declared."""

    def __init__(self, file: Path, expected: Text | str, received: Text | str) -> None:
        words = Text(
            es="se esperaba: {expected}; se recibió: {received}", en="expected: {expected}; received: {received}"
        )
        super().__init__(file, "damaged", words.format(expected=expected, received=received))


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Raise BadFile in place of what the system says about a file or a folder."""
    try:
        yield
    except (OSError, MemoryError) as error:
        words = Text(es="no se puede leer ({reason})", en="cannot be read ({reason})")
        raise BadFile(file, "unreadable", words.format(reason=files.reason(error))) from error


def is_there(path: Path | str) -> bool:
    """Whether there is something of this name, be it a link that leads nowhere: no copy is skipped for another.

    Raises BadFile where that cannot be told. ``Path.exists`` says no or raises, depending on Python's version.
    """
    with reading(Path(os.path.dirname(path))):
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


def read_bytes(path: Path, at_most: int) -> bytes:
    """The content of a file that ought to be there; else, or of more than ``at_most`` bytes, raises DamagedFile."""
    with reading(path):
        try:
            return files.read_bytes(path, at_most)
        except FileNotFoundError as error:
            absent = Text(es="el archivo falta", en="the file is absent")
            raise DamagedFile(path, Text(es="un archivo legible", en="a readable file"), absent) from error
        except ValueError as error:
            limit = Text(es="{n} bytes a lo sumo", en="at most {n} bytes").format(n=at_most)
            raise DamagedFile(path, limit, f"{path.stat().st_size} bytes") from error


def check_sum(file: Path, expected: str, content: bytes | memoryview, of: Text | str = "") -> None:
    """Compare a SHA-256, of a file's content or ``of`` a C-contiguous array in it; raises DamagedFile for another."""
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        sum_of = Text(*["SHA-256 {sum}{of}"] * 2)
        raise DamagedFile(file, sum_of.format(sum=expected, of=of), sum_of.format(sum=received, of=of))


@contextmanager
def decoding(file: Path, expected: Text = INTACT) -> Iterator[None]:
    """Raise DamagedFile in place of whatever a decoder says about a file's content."""
    with reading(file):
        try:
            yield
        except (BadFile, ImportError, MemoryError):
            raise
        # Broad on purpose: on arbitrary bytes zip, tar, pickle, WebP and CSV readers raise nearly everything.
        except Exception as error:
            raise DamagedFile(file, expected, f"{type(error).__name__}: {error}".rstrip(".")) from error


@contextmanager
def mended_in_original() -> Iterator[None]:
    """Say what to do about a file that an original brings, in place of a BadFile that advises otherwise."""
    try:
        yield
    except BadFile as error:
        raise BadFile(error.file, error.kind, error.facts, IN_ORIGINAL) from error
