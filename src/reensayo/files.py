"""Files: what is read is a file of a sensible size, what is written is there whole, and on the disk, or not at all.

Drafts are hidden and named after the process that writes them, so that those of a killed process can be told and
cleared. Everything is made with the user's own umask.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import platform
import re
import secrets
import shutil
import stat
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from reensayo.text import Text

LARGEST = 2 * 2**30  # bytes of a file, or of what it unpacks to, beyond which nothing of ours goes
ABANDONED = 24 * 3600  # seconds after which a draft counts as left behind, whoever it was that wrote it

DRAFT = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}")
"""How a draft is called: hidden, like what it will be, with a digest of the machine, the process, and a few letters."""

NO_FLUSHING = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EPERM, errno.EISDIR)
"""What systems say of a folder that they do not flush."""


# ---------------------------------------------------------------- reading


class NotAFile(OSError):
    """A pipe, a device or a socket."""

    reason = Text(es="no es un archivo normal", en="not a regular file")


def read_bytes(path: Path, at_most: int = LARGEST) -> bytes:
    """The content of a file, also of one in a zip archive, which is to its path as a folder; raises as ``opened``.

    Of an archive that is damaged it raises nearly everything.
    """
    if archive := archive_of(path):
        with opened(archive) as file, zipfile.ZipFile(file) as members:
            return unpacked(members, path.relative_to(archive).as_posix(), at_most)
    with opened(path, at_most) as file:
        return file.read()


def archive_of(path: Path) -> Path | None:
    """The zip archive that a file lies in, or is; None where it is in none."""
    return next((place for place in (path, *path.parents) if place.suffix == ".zip" and place.is_file()), None)


def unpacked(archive: zipfile.ZipFile, name: str, at_most: int = LARGEST) -> bytes:
    """The content of a file in an archive; raises FileNotFoundError, and ValueError where it is too large."""
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None
    if member.file_size > at_most:
        raise ValueError(f"unpacks to {member.file_size} bytes, at most {at_most} expected")
    return archive.read(member)


def opened(path: Path, at_most: int = LARGEST) -> IO[bytes]:
    """The file opened for reading, once it is known to be one of a sensible size.

    Raises OSError where it cannot be read: a named pipe or a device, which might never end, is not even opened; and
    ValueError where it is larger than ``at_most`` bytes.
    """
    about = path.stat()
    if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):  # opening a folder tells its own story
        raise NotAFile(errno.EINVAL, NotAFile.reason.en, str(path))
    if about.st_size > at_most:
        raise ValueError(f"{about.st_size} bytes, at most {at_most} expected")
    return path.open("rb")


def check_unpacked_size(file: IO[bytes], at_most: int = LARGEST) -> None:
    """See that a zip archive, an .npz among them, says that it unpacks to no more than this; else raises ValueError."""
    with zipfile.ZipFile(file) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > at_most:
        raise ValueError(f"unpacks to {size} bytes, at most {at_most} expected")
    file.seek(0)


# ---------------------------------------------------------------- writing


def cannot_write(folder: Path, error: OSError) -> Text:
    """``cannot write to runs (No space left on device: free some)``."""
    remedy = Text(es=": libere espacio", en=": free some") if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    words = Text(
        es="no se puede escribir en {folder} ({reason}{remedy})", en="cannot write to {folder} ({reason}{remedy})"
    )
    return words.format(folder=folder, reason=reason(error), remedy=remedy)


def reason(error: OSError | MemoryError) -> Text:
    """Why a file that may well be whole cannot be used: what the system says, in its own language, or we."""
    if isinstance(error, MemoryError):
        return Text(es="no hay memoria suficiente", en="there is not enough memory")
    return error.reason if isinstance(error, NotAFile) else Text(*[str(error.strerror or error)] * 2)


def packed(contents: Mapping[str, bytes]) -> bytes:
    """A zip archive of these files, by name: the same bytes for the same contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(contents.items()):
            about = zipfile.ZipInfo(name)  # of 1980
            about.create_system, about.external_attr = 3, 0o644 << 16  # as on Unix, wherever it is written
            archive.writestr(about, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step; where it cannot be written (OSError), the old one is as it was."""
    with replaced(path) as file:
        file.write(content)


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which takes the place of ``path`` in one step when it is whole and on the disk."""
    with draft_of(path) as draft:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    flush(path.parent)


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A hidden name beside ``path`` to write a file or a folder under; whatever is left there is removed at the end."""
    draft = path.with_name(f".{path.name}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        yield draft
    finally:
        _remove(draft)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk, so that a power cut leaves them there.

    Windows, and some network disks, do so with no folder that they are asked for: they write names down by themselves.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if not (path.is_dir() and error.errno in NO_FLUSHING):
            raise


def clear_drafts(folder: Path) -> None:
    """Remove the drafts in a folder that nobody is writing any more."""
    for draft in abandoned_drafts(folder):
        _remove(draft)


def abandoned_drafts(folder: Path) -> list[Path]:
    """The drafts in a folder that nobody is writing any more."""
    with suppress(OSError), os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if _is_abandoned(entry)]
    return []


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    named = DRAFT.fullmatch(entry.name)
    if named and named[1] == _host() and not _is_running(int(named[2])):
        return True
    with suppress(OSError):
        return named is not None and time.time() - entry.stat(follow_symlinks=False).st_mtime > ABANDONED
    return False


def _is_running(process: int) -> bool:
    import psutil

    return process == os.getpid() or psutil.pid_exists(process)


@cache
def _host() -> str:
    """Where a process's number means something: this boot of this machine and, on Linux, this container."""
    named = [platform.node()]
    with suppress(OSError):
        named += [Path("/proc/sys/kernel/random/boot_id").read_text(), os.readlink("/proc/self/ns/pid")]
    return hashlib.sha256("".join(named).encode()).hexdigest()[:8]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
