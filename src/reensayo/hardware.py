"""What machine this is, and how much of it this process may use.

The machine is named with every stored time, and part of the key of everything cached from compilation.
"""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
"""Linux's control groups, through which containers, batch schedulers and systemd limit what is inside."""


@cache
def _cpuinfo() -> dict[str, str]:
    """The first processor's entries of /proc/cpuinfo; empty where there is none (macOS, Windows)."""
    first = _read(Path("/proc/cpuinfo")).split("\n\n")[0]
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
    """Cores that this process may keep busy; of a quota that is no whole number the next one above."""
    quota = cpu_quota()
    return affinity() if quota is None else max(1, min(affinity(), math.ceil(quota)))


def affinity() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_quota() -> float | None:
    """How many cores' time the tightest control group around this process may use; None where none has a limit."""
    quotas = []
    for group in _groups("cpu"):
        version_1 = [_read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")]
        words = _read(group / "cpu.max").split() or " ".join(version_1).split()
        if len(words) == 2 and all(map(str.isdecimal, words)) and int(words[1]):  # "max" and -1 mean no limit
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas, default=None)


def memory_limit() -> int:
    """Bytes that this process may have at most: the machine's, its control groups', or its own address space."""
    limits = [psutil.virtual_memory().total + psutil.swap_memory().total, *(limit for limit, _ in _memory_groups())]
    if os.name != "nt":
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        limits += [soft] if soft != resource.RLIM_INFINITY else []
    return min(limits)


def memory_free() -> int:
    """Bytes that are left: on the machine, and in each control group around this process."""
    return min([psutil.virtual_memory().available, *(limit - used for limit, used in _memory_groups())])


def processes(each: int) -> int:
    """How many processes of ``each`` bytes, at least one, have a core and fit into the memory that is left."""
    return max(1, min(cores(), memory_free() // each))


def _memory_groups() -> Iterator[tuple[int, int]]:
    """Limit and use of each control group that has a limit."""
    for group in _groups("memory"):
        limit = (_read(group / "memory.max") or _read(group / "memory.limit_in_bytes")).strip()
        used = (_read(group / "memory.current") or _read(group / "memory.usage_in_bytes")).strip()
        if limit.isdecimal():
            yield int(limit), int(used or 0)


def _groups(controller: str) -> Iterator[Path]:
    """The folders of the control groups that this process is in, each before the one around it.

    Inside a container a group may be named as it is outside, where no such folder is: the outermost one counts then.
    """
    for line in _read(MEMBERSHIP).splitlines():
        controllers, _, name = line.partition(":")[2].partition(":")
        if not controllers:  # version 2
            roots = "", "unified"
        elif controller in controllers.split(","):
            roots = controllers, controller
        else:
            continue
        group = Path(name.lstrip("/"))
        yield from (GROUPS / root / place for root in roots for place in (group, *group.parents))


def _read(path: Path) -> str:
    """A small file of the kernel; empty where it cannot be read."""
    try:
        return path.read_text()
    except (OSError, ValueError):
        return ""


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    if os.name == "nt":
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
