"""Download a published file into the user's cache: whole and checked, or not at all.

What came before the connection was lost, or the program ended, waits in a hidden file beside it, and the next try asks
the server for the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reensayo import files
from reensayo.datasets.dataset import DataSet, missing
from reensayo.datasets.integrity import DamagedFile
from reensayo.datasets.places import Found, cache
from reensayo.datasets.reading import read
from reensayo.errors import MissingData, ReensayoError
from reensayo.text import Text

if TYPE_CHECKING:
    from requests import Response

WAITS = (1, 2, 4)
"""Seconds before each further try; counted anew once ``HEADWAY`` bytes more have come."""
HEADWAY = 2**20
PATIENCE = 30
"""Seconds without a byte after which a connection counts as lost."""


class _Failed(ReensayoError):
    """An address gave no file, for this reason."""


class _Lost(_Failed):
    """The next try may give it."""


class _Other(_Failed):
    """Something came, and is not the file: of which type, how it begins, what was expected and received."""

    def __init__(self, kind: str, begins: bytes, facts: Text) -> None:
        super().__init__(
            Text(
                es="de la dirección vino otra cosa, de tipo {kind}, que empieza por {begins}; {facts}. Quizá respondió "
                "un proxy o una página de inicio de sesión: abra la dirección en un navegador y repita la orden",
                en="something else came from the address, of type {kind}, that begins with {begins}; {facts}. Perhaps "
                "a proxy or a login page answered: open the address in a browser, then repeat the command",
            ).format(kind=ascii(kind[:60]), begins=ascii(begins[:60])[1:], facts=facts)
        )


def download(dataset: DataSet) -> Found:
    """Fetch the published file of a set into the user's cache, where it appears only when complete and checked.

    Raises MissingData where that fails, whatever the cause, and of a set that an original brings: nobody else has it.
    """
    if dataset.own:
        raise missing(dataset, dataset.own)
    path = cache() / dataset.upstream[0]
    try:
        with _draft(path) as draft:
            resumed = draft.stat().st_size > 0
            try:
                _fill(draft, dataset)
            except _Other:
                if not resumed:
                    raise
                _fill(draft, dataset)  # what an earlier try had left may have been of another file
            files.flush(draft)
            draft.replace(path)
            files.flush(path.parent)
    except (_Failed, OSError) as error:
        reason = error.message if isinstance(error, _Failed) else files.cannot_write(path.parent, error)
        raise MissingData(
            Text(
                es="faltan los datos «{title}»: no están en ningún lugar conocido y no se pudieron descargar: "
                "{reason}.\nHay tres maneras de tenerlos:\n"
                "  1. trabajar en un clon de reensayo, que los trae en data/;\n"
                "  2. indicar con --data CARPETA o REENSAYO_DATA una carpeta como esa data/, o con {file};\n"
                "  3. con conexión, «reensayo data fetch», que los descarga de {address}",
                en="the data “{title}” are missing: they are in no known place and could not be downloaded: {reason}.\n"
                "There are three ways to get them:\n"
                "  1. work in a clone of reensayo, which has them in data/;\n"
                "  2. name with --data FOLDER or REENSAYO_DATA a folder like that data/, or one with {file};\n"
                "  3. with a connection, `reensayo data fetch`, which downloads them from {address}",
            ).format(title=dataset.title, reason=reason, file=path.name, address=dataset.source)
        ) from error
    return Found("cache", path, "upstream")


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file that no other process writes: what an earlier try left of ``path``, or an empty one.

    What is in it at the end is left for the next try, unless it was renamed.
    """
    left = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.draft_of(path) as draft:
        draft.touch()
        for earlier in (left, *files.abandoned_drafts(path.parent)):
            if earlier.name.startswith(f".{path.name}."):
                with suppress(FileNotFoundError):  # nothing was left, or another process was first
                    earlier.replace(draft)
        try:
            yield draft
        finally:
            if path.exists():  # whole, by us or by another process
                left.unlink(missing_ok=True)
            elif draft.stat().st_size:
                draft.replace(left)


def _fill(draft: Path, dataset: DataSet) -> None:
    """Append to a file what it lacks, asking again a few times where the connection is lost; raises as ``_append``."""
    furthest, waits = draft.stat().st_size, iter(WAITS)
    while True:
        try:
            return _append(draft, dataset)
        except _Lost:
            if (size := draft.stat().st_size) >= furthest + HEADWAY:
                furthest, waits = size, iter(WAITS)
            if (wait := next(waits, None)) is None:
                raise
            time.sleep(wait)


def _append(draft: Path, dataset: DataSet) -> None:
    """Ask once, and check the whole file; raises _Other where what came is not it, else _Failed: what came is there."""
    import requests
    import urllib3

    have = draft.stat().st_size
    # What is there is counted in bytes as they are sent, so the server must not pack them once more.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = requests.get(dataset.source, headers=headers, stream=True, timeout=PATIENCE)
    except OSError as error:  # requests' own errors are such, too
        raise _in_words(error, dataset.source, have) from error
    with response:
        start = _start(response, have, draft)
        kind = response.headers.get("Content-Type", "-")
        length = response.raw.length_remaining  # None where the server does not say
        of = f" / {(start + length) / 1e6:.1f}" if length else ""
        chunks = response.raw.stream(2**16, decode_content=False)
        try:
            if kind.startswith("text/html"):  # whatever the status says; and what has come so far stays
                raise _Other(kind, next(chunks, b""), Text(es="se esperaban datos", en="data were expected"))
            with draft.open("r+b") as file:
                file.truncate(start)
                file.seek(start)
                try:
                    for chunk in chunks:
                        file.write(chunk)
                        _show(f"\r{dataset.source.rsplit('/')[-1]}  {file.tell() / 1e6:.1f}{of} MB")
                        if file.tell() > dataset.largest:  # more than is read below
                            break
                finally:
                    _show("\n")
        except urllib3.exceptions.HTTPError as error:
            raise _in_words(error, dataset.source, have) from error
    try:
        read(dataset, Found("cache", draft, "upstream"))
    except DamagedFile as error:
        with draft.open("rb") as file:
            begins = file.read(60)
        draft.write_bytes(b"")
        raise _Other(kind, begins, error.facts) from error


def _start(response: Response, have: int, draft: Path) -> int:
    """Where in the file an answer's content belongs: at its end or, from servers that send all of it anew, at 0."""
    status, partial = response.status_code, HTTPStatus.PARTIAL_CONTENT
    if status == HTTPStatus.OK:
        return 0
    if status == partial and response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        return have
    if no_such_rest := status in (partial, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
        draft.write_bytes(b"")  # so from the start
    busy = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500
    words = Text(es="{host} respondió con el estado HTTP {status}", en="{host} answered with HTTP status {status}")
    reason = words.format(host=urlsplit(response.url).hostname, status=status)
    raise _Lost(reason) if no_such_rest or busy else _Failed(reason)


def _in_words(error: Exception, address: str, have: int) -> _Failed:
    import requests
    import urllib3

    cause = getattr(error.args[0], "reason", None) if error.args else None
    lost = False
    if isinstance(error, requests.exceptions.ProxyError):
        words = Text(
            es="no hay conexión con el proxy que indican HTTP_PROXY, HTTPS_PROXY o el sistema",
            en="no connection to the proxy that HTTP_PROXY, HTTPS_PROXY or the system names",
        )
    elif isinstance(error, requests.exceptions.SSLError):
        words = Text(es="no se reconoce el certificado de {host}", en="the certificate of {host} is not recognised")
    elif isinstance(cause, urllib3.exceptions.NewConnectionError):
        lost = have > 0  # another try helps only where there was a connection before
        words = Text(es="no hay conexión con {host}", en="cannot connect to {host}")
    elif isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        lost, words = True, Text(es="{host} no responde", en="{host} does not answer")
    elif isinstance(error, requests.ConnectionError | urllib3.exceptions.HTTPError):
        lost = True
        words = Text(
            es="la conexión con {host} se cortó; lo que llegó queda para el próximo intento",
            en="the connection to {host} was cut; what came is kept for the next try",
        )
    else:
        words = Text(es="la petición a {host} falló: {error}", en="the request to {host} failed: {error}")
    return (_Lost if lost else _Failed)(words.format(host=urlsplit(address).hostname, error=error))


def _show(words: str) -> None:
    """Write words to standard error, where somebody watches."""
    with suppress(OSError):  # a terminal that has gone ends no download
        if sys.stderr.isatty():
            print(words, end="", file=sys.stderr, flush=True)
