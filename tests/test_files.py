"""Reading and writing files: nothing hangs, nothing is half there, nothing is left behind."""

import io
import os
import subprocess
import sys
import time
import zipfile

import pytest

from reensayo import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_no_file_or_too_large_is_refused_unopened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        files.read_bytes(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        files.read_bytes(files.Path("/dev/zero"))
    with pytest.raises(IsADirectoryError):
        files.read_bytes(tmp_path)
    (tmp_path / "large").write_bytes(b"12345")
    with pytest.raises(ValueError, match="5 bytes, at most 4 expected"):
        files.read_bytes(tmp_path / "large", at_most=4)
    assert files.read_bytes(tmp_path / "large", at_most=5) == b"12345"


def test_an_archive_is_asked_what_it_unpacks_to():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100_000))
    with pytest.raises(ValueError, match="unpacks to 100000 bytes, at most 99999"):
        files.check_unpacked_size(packed, 99_999)
    files.check_unpacked_size(packed, 100_000)
    assert packed.tell() == 0


def test_a_file_is_replaced_whole_or_stays(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    files.write_whole(path, b"old")
    files.write_whole(path, b"new")
    assert path.read_bytes() == b"new"

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_whole(path, b"newer")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["page.html"]


def test_the_users_umask_decides_who_may_read(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_whole(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_drafts_of_killed_processes_are_cleared_and_others_stay(tmp_path):
    code = """
import os, pathlib, sys
from reensayo import files
with files.draft_of(pathlib.Path(sys.argv[1]) / "a") as draft:
    draft.mkdir()
    (draft / "inside").touch()
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    (tmp_path / ".tmp-of-an-old-version").touch()
    (tmp_path / ".mine").touch()
    (tmp_path / "visible").touch()
    assert len(names(tmp_path)) == 4
    drafts = rf"\.\w{files.DRAFT}|\.tmp.*"
    with files.draft_of(tmp_path / "b") as mine:
        mine.touch()
        files.clear_drafts(tmp_path, drafts)
        assert names(tmp_path) == sorted([mine.name, ".mine", ".tmp-of-an-old-version", "visible"])
    yesterday = time.time() - files.ABANDONED - 1
    for name in (".mine", ".tmp-of-an-old-version"):
        os.utime(tmp_path / name, (yesterday, yesterday))
    files.clear_drafts(tmp_path, drafts)
    assert names(tmp_path) == [".mine", "visible"]
    files.clear_drafts(tmp_path / "nowhere", drafts)
