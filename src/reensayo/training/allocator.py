"""Keep freed memory in the process (glibc only), so that a training step does not page-fault it in again.

XLA allocates the temporaries of every step anew, and glibc gives large freed blocks back to the kernel: adding
1 to 134 MB takes 3 ms instead of 35 ms with these settings. The price: memory once used stays with the process.
A setting of the whole process, so it belongs to the command line, not to the library.
"""

from __future__ import annotations

import ctypes

# name in malloc.h, its number, our value
_SETTINGS = (
    ("M_MMAP_MAX", -4, 0),  # no mapping of its own for a large block
    ("M_TRIM_THRESHOLD", -1, 2**31 - 1),  # never give the top of the heap back
    ("M_TOP_PAD", -2, 16 << 20),  # ask the kernel for 16 MB at a time
    ("M_ARENA_MAX", -8, 1),  # one heap: a block freed by one thread serves the others
)


def keep_freed_memory() -> bool:
    """Set glibc's allocator to keep what is freed; call it before JAX is used. False where there is no glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl and macOS have no mallopt, Windows no CDLL(None)
        return False
    accepted = [mallopt(number, value) for _, number, value in _SETTINGS]  # all of them, whatever one says
    return all(accepted)
