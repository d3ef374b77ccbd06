"""Download an official file into the user's cache: whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reensayo.datasets.integrity import DamagedFile, check_sum
from reensayo.datasets.places import Found, Place, cache
from reensayo.datasets.reading import read
from reensayo.datasets.sets import DataSet
from reensayo.errors import MissingData
from reensayo.text import Text


def download(dataset: DataSet, folder: Path | None = None, address: str | None = None) -> Found:
    """Fetch the official file of a set.

    Args:
        dataset: one of the sets.
        folder: where to (default: the user's cache).
        address: where from (default: the official address).

    Raises:
        DamagedFile: what came is not the official file; nothing is left behind.
        MissingData: nothing came, or only a part; nothing is left behind.
    """
    address = address or dataset.source
    place = Place("cache", folder or cache())
    path = place.folder / dataset.official[0]

    def check(file: Path) -> None:
        if dataset.sha256 is None:  # none was published, so the content has to do
            try:
                read(dataset, Found(place, file, "official"))
            except DamagedFile as error:  # it names a temporary file
                raise DamagedFile(address, error.damage.expected, error.damage.received) from error
        else:
            check_download(file, dataset.sha256, address)

    try:
        retrieve(address, path, check)
    except OSError as error:
        raise missing(dataset.title, path.name, address, error) from error
    return Found(place, path, "official")


def retrieve(address: str, path: Path, check: Callable[[Path], None]) -> None:
    """Get ``address`` as the file ``path``, which appears only when complete and accepted by ``check``.

    Raises:
        OSError: no connection, an answer other than 200, a broken transfer, a full disk.
    """
    import pooch

    line = _ProgressLine(path.name) if sys.stderr.isatty() else False
    http = pooch.HTTPDownloader(progressbar=line, chunk_size=_CHUNK)

    def checked(url: str, temporary: str, _: Any) -> None:
        try:
            http(url, temporary, None)
        except OSError as error:
            if (response := getattr(error, "response", None)) is not None:
                response.close()  # Pooch leaves a refused request's connection open
            raise
        check(Path(temporary))

    pooch.get_logger().setLevel("WARNING")  # it would tell its own story on stderr, in English
    # No known_hash: `checked` has compared already, and can say both sums in the user's language.
    pooch.retrieve(address, None, fname=path.name, path=path.parent, downloader=checked)


def check_download(file: Path, sha256: str, address: str) -> None:
    """Compare what came from an address with its published SHA-256.

    Raises:
        DamagedFile: it differs; the message names the address.
    """
    with file.open("rb") as content:
        check_sum(address, sha256, hashlib.file_digest(content, "sha256").hexdigest())


def missing(title: Text, file: str, address: str, reason: Exception) -> MissingData:
    """The error that tells the three ways to come by a data set."""
    return MissingData(
        Text(
            es="faltan los datos «{title}»: no están en ningún lugar conocido y no se pudieron descargar "
            "({reason}). Hay tres maneras de tenerlos:\n"
            "  1. trabajar en un clon de reensayo, que los trae en data/;\n"
            "  2. indicar con --data CARPETA o REENSAYO_DATA una carpeta como esa data/, o con {file};\n"
            "  3. con conexión, «reensayo data fetch», que los descarga de {address}",
            en="the data “{title}” are missing: they are in no known place and could not be downloaded "
            "({reason}). There are three ways to get them:\n"
            "  1. work in a clone of reensayo, which has them in data/;\n"
            "  2. name with --data FOLDER or REENSAYO_DATA a folder like that data/, or one with {file};\n"
            "  3. with a connection, `reensayo data fetch`, which downloads them from {address}",
        ).format(title=title, reason=reason, file=file, address=address)
    )


_CHUNK = 1 << 16


class _ProgressLine:
    """``mnist.npz  4.2 / 11.5 MB``, rewritten in place; the four methods are those that Pooch calls."""

    def __init__(self, name: str) -> None:
        self.name, self.total, self.done = name, 0, 0

    def update(self, received: int) -> None:
        self.done += received
        of = f" / {self.total / 1e6:.1f}" if self.total else ""
        print(f"\r{self.name}  {self.done / 1e6:.1f}{of} MB", end="", file=sys.stderr, flush=True)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        print(file=sys.stderr)
