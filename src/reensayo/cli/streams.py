"""Standard output and error: what is printed never ends the program, whatever encoding or reader is at the other end.

Who prints need not care. A character that the stream's encoding lacks is written in plainer ones; a stream that is
closed takes everything in; one that fails (a reader that left, a full disk, a terminal that is gone) takes in what
follows, too, and ``failure`` tells.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import select
import sys
import unicodedata
from typing import Any, TextIO

from reensayo.text import Text

PLAINER = {"✓": "+", "✗": "x", "–": "-", "×": "x", "→": "->", "∞": "inf", "±": "+/-", "§": "sec. ", "≈": "~="}
PLAINER |= {"«": '"', "»": '"', "“": '"', "”": '"', "¿": "?", "¡": "!", "↑": "^", "↓": "v"}
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
"""What moves the cursor, recolours or retitles a terminal: none of it is ours to pass on."""

CANNOT_WRITE = Text(es="no se puede escribir la salida ({reason})", en="cannot write the output ({reason})")


def prepare() -> None:
    """Make both streams such that printing never raises; done once, as the program starts."""
    codecs.register_error("plainer", _plainer)
    # Where a stream is closed, open nothing in its place: else the next file opened gets what is written to it.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout, sys.stderr = _lasting(sys.stdout), _lasting(sys.stderr)
    for name in ("COLUMNS", "LINES"):  # rich would believe a width of 0
        if not re.fullmatch("[1-9][0-9]{0,3}", os.environ.get(name, "80")):
            del os.environ[name]


def failure() -> OSError | None:
    """What went wrong first with standard output, once all of it is written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    buffer = getattr(sys.stdout, "buffer", None)
    return getattr(getattr(buffer, "raw", buffer), "failure", None)


def complain(message: str) -> None:
    """One sentence of ours on standard error."""
    print(f"reensayo: {visible(message)}", file=sys.stderr, flush=True)


def is_reader_gone(error: OSError) -> bool:
    """Whether somebody has read enough, as in ``reensayo list | head -1``; Windows calls it an invalid argument."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def visible(words: str) -> str:
    """Words from outside (arguments, file names, stored texts) with their control characters written out."""
    return words.translate(CONTROLS)


class _Lasting(io.FileIO):
    """A file that takes everything in, and remembers why it could not write the first time that it could not."""

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self.failure is None:
            try:
                while (written := super().write(data)) is None:  # a terminal that another program made non-blocking
                    select.select([], [self], [])
                return written
            except OSError as error:
                self.failure = error
        return size


def _lasting(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):  # of a notebook, say
        return stream
    stream.reconfigure(errors="plainer")
    if type(getattr(stream.buffer, "raw", stream.buffer)) is not io.FileIO:  # of a Windows console, or in memory
        return stream
    stream.flush()
    raw = _Lasting(stream.fileno(), "wb", closefd=False)
    buffer = raw if stream.write_through else io.BufferedWriter(raw)  # python -u
    return io.TextIOWrapper(
        buffer,
        stream.encoding,
        "plainer",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """An error handler for encoding: é as e, ✓ as +, and what has nothing of the kind as its escape."""
    assert isinstance(error, UnicodeEncodeError)
    words = "".join(PLAINER.get(c) or unicodedata.normalize("NFKD", c) for c in error.object[error.start : error.end])
    without_accents = "".join(c for c in words if not unicodedata.combining(c))
    return without_accents.encode("ascii", "backslashreplace").decode("ascii"), error.end
