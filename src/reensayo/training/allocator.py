"""Memory for fast training steps (glibc only): what is freed stays in the process, and few threads share a heap.

XLA allocates the temporaries of every step anew, and glibc gives large freed blocks back to the kernel: adding
1 to 134 MB takes 3 ms instead of 35 ms with these settings. The price: memory once used stays with the process.

A heap for every core and one more: with a single heap the threads that compile wait for each other at its lock, and
XLA takes a quarter to a half longer; with many, what one thread frees serves few others, and memory grows.

This concerns the whole process, so it belongs to the command line, not to the library.
"""

from __future__ import annotations

import ctypes

from reensayo import hardware


def keep_freed_memory() -> bool:
    """Set glibc's allocator to keep what is freed; call it before JAX is used. False where it is no such glibc."""
    # number in malloc.h, our value
    settings = (
        (-4, 0),  # M_MMAP_MAX: no mapping of its own for a large block
        (-1, 2**31 - 1),  # M_TRIM_THRESHOLD: never give the top of the heap back
        (-2, 16 << 20),  # M_TOP_PAD: ask the kernel for 16 MB at a time
        (-8, hardware.cores() + 1),  # M_ARENA_MAX: most heaps
    )
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl and macOS have no mallopt, Windows no CDLL(None)
        return False
    accepted = [mallopt(number, value) for number, value in settings]  # all of them, whatever one says
    return all(accepted)
