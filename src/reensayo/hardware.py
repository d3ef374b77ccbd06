"""What machine this is: named with every stored time, and part of the key of everything cached from compilation."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path


@cache
def _cpuinfo() -> dict[str, str]:
    """The first processor's entries of /proc/cpuinfo; empty where there is none (macOS, Windows)."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def processor() -> str:
    """The processor's name, with family and model where the name alone says little."""
    info = _cpuinfo()
    name = info.get("model name") or platform.processor() or platform.machine()
    family = f" (family {info['cpu family']}, model {info['model']})" if "cpu family" in info else ""
    return name + family


def flags() -> str:
    """The processor's instruction sets, as the kernel lists them; empty where unknown."""
    return _cpuinfo().get("flags", _cpuinfo().get("Features", ""))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    if os.name == "nt":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)  # type: ignore[attr-defined]
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024


def describe() -> dict[str, str | int]:
    """What a stored trial says of its machine."""
    return {
        "processor": processor(),
        "vector": " ".join(flag for flag in ("avx2", "avx512f", "amx_tile", "asimd") if flag in flags().split()),
        "cores": cores(),
        "system": platform.platform(),
    }
