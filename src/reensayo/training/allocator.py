"""Memory for fast training steps (glibc only): what is freed stays in the process, and few free blocks to search.

XLA allocates the temporaries of every step anew, and glibc gives large freed blocks back to the kernel: adding
1 to 134 MB takes 3 ms instead of 35 ms with these settings. The price: memory once used stays with the process.

Compiling leaves some thousand free blocks of as many sizes on the one heap. glibc goes through those of similar size,
one by one and with the heap locked, whenever a step asks for a block over 1 KB or gives one back. So they are taken off
the heap while nets train, and serve the next compilation.

Both concern the whole process, so they belong to the command line, not to the library.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

# name in malloc.h, its number, our value
_SETTINGS = (
    ("M_MMAP_MAX", -4, 0),  # no mapping of its own for a large block
    ("M_TRIM_THRESHOLD", -1, 2**31 - 1),  # never give the top of the heap back
    ("M_TOP_PAD", -2, 16 << 20),  # ask the kernel for 16 MB at a time
    ("M_ARENA_MAX", -8, 1),  # one heap: a block freed by one thread serves the others
)
_SMALLEST, _LARGEST = 1 << 10, 256 << 10
"""Bytes of the blocks taken off the heap. glibc lists smaller ones by size; larger ones are few, and XLA needs them."""


class _Heap(ctypes.Structure):
    """struct mallinfo2 of malloc.h; of the bytes that are free, ``at_the_end`` are one block at the heap's end."""

    _fields_ = [("others", ctypes.c_size_t * 8), ("free", ctypes.c_size_t), ("at_the_end", ctypes.c_size_t)]


_glibc: ctypes.CDLL | None = None
_off_the_heap: list[int] = []


def keep_freed_memory() -> bool:
    """Set glibc's allocator to keep what is freed; call it before JAX is used. False where it is no such glibc."""
    global _glibc
    try:
        libc = ctypes.CDLL(None)
        accepted = [libc.mallopt(number, value) for _, number, value in _SETTINGS]  # all of them, whatever one says
        libc.mallinfo2.restype = _Heap  # since glibc 2.33: before it, only the settings hold
    except (AttributeError, OSError, TypeError):  # musl and macOS have no mallopt, Windows no CDLL(None)
        return False
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.free.restype, libc.free.argtypes = None, (ctypes.c_void_p,)
    libc.sbrk.restype, libc.sbrk.argtypes = ctypes.c_void_p, (ctypes.c_ssize_t,)
    _glibc = libc if all(accepted) else None
    return all(accepted)


@contextmanager
def whole_heap() -> Iterator[None]:
    """For compiling: the blocks off the heap are back on it inside, and those free at the end are taken off it."""
    if _glibc is None:
        yield
        return
    _free(_glibc, _off_the_heap)
    try:
        yield
    finally:
        _off_the_heap.extend(_fragments(_glibc))


def _fragments(libc: ctypes.CDLL) -> list[int]:
    """Addresses of all blocks of the sizes above that were free, allocated now."""
    heap = libc.mallinfo2()
    end = libc.sbrk(0) - heap.at_the_end
    larger = _allocated(libc, heap.free - heap.at_the_end, _LARGEST, end)  # else they would be cut up
    fragments = _allocated(libc, _LARGEST, _SMALLEST, end)
    _free(libc, larger)
    return fragments


def _allocated(libc: ctypes.CDLL, most: int, least: int, end: int) -> list[int]:
    """Every free block below the address ``end`` from ``most`` bytes down to ``least``: glibc gives the best fit."""
    addresses, size = [], most
    while size >= least:
        address = libc.malloc(size)
        if address and address < end:
            addresses.append(address)
        else:
            libc.free(address)
            size -= size // 24  # what is left of a block is too small to matter
    return addresses


def _free(libc: ctypes.CDLL, addresses: list[int]) -> None:
    while addresses:
        libc.free(addresses.pop())
