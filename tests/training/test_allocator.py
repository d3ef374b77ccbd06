"""The allocator's settings hold for a whole process, so each test has one of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reensayo import hardware

START = """
import ctypes, sys, threading
from reensayo.training import allocator

if not allocator.keep_freed_memory():
    raise SystemExit("no glibc")
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.malloc.argtypes, libc.free.argtypes = (ctypes.c_size_t,), (ctypes.c_void_p,)
"""


def _run(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", START + script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "no glibc" in done.stderr:
        pytest.skip("no glibc")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_freed_stays_in_the_process():
    before, freed = map(
        int,
        _run("""
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

before = resident()
block = libc.malloc(200 << 20)
ctypes.memset(block, 1, 200 << 20)
libc.free(block)
print(before, resident())
""").split(),
    )
    assert freed - before > 190 << 20


def test_threads_share_a_heap_for_every_core_and_one_more(tmp_path: Path):
    _run(
        """
threads = 3 * allocator.hardware.cores() + 3
together = threading.Barrier(threads)

def allocate():
    together.wait()
    libc.malloc(5000)
    together.wait()  # a heap whose thread has ended serves the next

started = [threading.Thread(target=allocate) for _ in range(threads)]
for thread in started:
    thread.start()
for thread in started:
    thread.join()
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
""",
        str(tmp_path / "heaps.xml"),
    )
    assert (tmp_path / "heaps.xml").read_text().count("<heap nr=") == hardware.cores() + 1
