"""Reading and writing files: nothing hangs, nothing is half there, nothing is left behind."""

import errno
import io
import os
import stat
import subprocess
import sys
import zipfile

import pytest

from reensayo import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
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


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP, errno.EACCES])
def test_a_disk_that_flushes_no_folders_takes_files_all_the_same(error, tmp_path, monkeypatch):
    fsync = os.fsync

    def refuse(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(error, os.strerror(error))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    files.write_whole(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


def test_a_draft_of_another_container_is_left_for_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_host", lambda: "0" * 8)
    with files.draft_of(tmp_path / "a") as draft:
        draft.touch()
        monkeypatch.setattr(files, "_host", lambda: "f" * 8)
        monkeypatch.setattr(files, "_is_running", lambda process: False)
        files.clear_drafts(tmp_path)
        assert draft.exists()
        os.utime(draft, (0, 0))
        files.clear_drafts(tmp_path)
        assert not draft.exists()


@pytest.mark.skipif(os.name == "nt", reason="umask as POSIX has it")
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
    for name in (".stfolder", ".mine.0123-4-5"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / "visible").touch()
    assert len(names(tmp_path)) == 4
    with files.draft_of(tmp_path / "b") as mine:
        mine.touch()
        files.clear_drafts(tmp_path)
        assert names(tmp_path) == sorted([mine.name, ".mine.0123-4-5", ".stfolder", "visible"])
    assert names(tmp_path) == [".mine.0123-4-5", ".stfolder", "visible"]
    files.clear_drafts(tmp_path / "nowhere")
