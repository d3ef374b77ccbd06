"""The allocator's settings hold for a whole process, so each test has one of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

HOLES = """
from reensayo.training import allocator

def free_in_holes():
    heap = allocator._glibc.mallinfo2()
    return heap.free - heap.at_the_end

if not allocator.keep_freed_memory():
    raise SystemExit("no glibc")
malloc, free = allocator._glibc.malloc, allocator._glibc.free
blocks = [malloc(2000 + 16 * number) for number in range(4000)]  # 2 to 66 KB
large = malloc(8 << 20)
fence = malloc(1 << 20)  # else it would be one with the end of the heap
for block in [*blocks[::2], large]:
    free(block)
"""


def _said(script: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", HOLES + script], capture_output=True, text=True, check=False)
    if "no glibc" in done.stderr:
        pytest.skip("no glibc")
    assert done.returncode == 0, done.stderr
    return [int(number) for number in done.stdout.split()]


def test_free_blocks_are_off_the_heap_but_for_compiling():
    before, inside, after, again = _said("""
before = free_in_holes()
with allocator.whole_heap():
    inside = free_in_holes()
after = free_in_holes()
with allocator.whole_heap():
    print(before, inside, after, free_in_holes())
""")
    holes = sum(2000 + 16 * number for number in range(0, 4000, 2))
    assert min(before, inside, again) > holes + (8 << 20)  # and back
    assert 8 << 20 <= after < (8 << 20) + holes / 10  # the large one stays


def test_what_is_off_the_heap_is_not_lost_where_compiling_fails():
    before, after = _said("""
before = free_in_holes()
try:
    with allocator.whole_heap():
        raise ValueError
except ValueError:
    pass
with allocator.whole_heap():
    print(before, free_in_holes())
""")
    assert after >= before * 0.99


def test_without_the_settings_nothing_is_taken():
    assert _said("""
allocator._glibc = None
with allocator.whole_heap():
    pass
print(len(allocator._off_the_heap))
""") == [0]
