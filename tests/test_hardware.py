"""How much of the machine a process may use: control groups of both versions, as made folders."""

from __future__ import annotations

import resource
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo import hardware

GIB = 2**30


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Control groups of this process: ``groups("0::/a/b", {"a/cpu.max": "..."})``."""

    def make(membership: str, files: dict[str, str]) -> None:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        (tmp_path / "membership").write_text(membership)
        monkeypatch.setattr(hardware, "GROUPS", tmp_path)
        monkeypatch.setattr(hardware, "MEMBERSHIP", tmp_path / "membership")
        monkeypatch.setattr(hardware, "affinity", lambda: 8)
        memory = {"virtual_memory": SimpleNamespace(total=16 * GIB, available=12 * GIB)}
        for name, found in {**memory, "swap_memory": SimpleNamespace(total=0)}.items():
            monkeypatch.setattr(psutil, name, lambda found=found: found)

    return make


@pytest.mark.parametrize(
    ("membership", "files", "quota", "cores"),
    [
        ("0::/\n", {"cpu.max": "100000 100000\n"}, 1.0, 1),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5, 2),
        ("0::/\n", {"cpu.max": "20000 100000\n"}, 0.2, 1),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None, 8),
        ("0::/\n", {"cpu.max": "6400000 100000\n"}, 64.0, 8),
        ("0::/a/b\n", {"cpu.max": "max 100000", "a/cpu.max": "200000 100000", "a/b/cpu.max": "400000 100000"}, 2.0, 2),
        ("0::/outside/name\n", {"cpu.max": "300000 100000\n"}, 3.0, 3),  # as a container sees it
        ("3:cpuset:/\n0::/x\n", {"unified/x/cpu.max": "100000 100000\n"}, 1.0, 1),
        (
            "4:cpu,cpuacct:/a\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "250000", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"},
            2.5,
            3,
        ),
        ("4:cpu:/a\n", {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "50000"}, 1.0, 1),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None, 8),
        ("", {}, None, 8),
        ("0::/\n", {"cpu.max": "nonsense"}, None, 8),
    ],
)
def test_a_quota_of_any_group_around_counts(membership, files, quota, cores, groups):
    groups(membership, files)
    assert hardware.cpu_quota() == quota
    assert hardware.cores() == cores


@pytest.mark.parametrize(
    ("membership", "files", "limit"),
    [
        ("0::/a\n", {"a/memory.max": str(2 * GIB), "memory.max": "max"}, 2),
        ("0::/a\n", {"a/memory.max": "max", "memory.max": str(3 * GIB)}, 3),
        ("7:memory:/a\n", {"memory/a/memory.limit_in_bytes": str(GIB)}, 1),
        ("7:memory:/a\n", {"memory/a/memory.limit_in_bytes": "9223372036854771712\n"}, 16),
        ("0::/\n", {}, 16),
    ],
)
def test_the_tightest_limit_of_memory_counts(membership, files, limit, groups):
    groups(membership, files)
    assert hardware.memory_limit() == limit * GIB


def test_a_limited_address_space_counts(groups, monkeypatch):
    groups("0::/\n", {})
    monkeypatch.setattr(resource, "getrlimit", lambda which: (5 * GIB, resource.RLIM_INFINITY))
    assert hardware.memory_limit() == 5 * GIB


def test_processes_have_a_core_and_memory_each(groups):
    groups("0::/\n", {"cpu.max": "400000 100000\n"})
    assert hardware.processes(each=GIB) == 4
    assert hardware.processes(each=5 * GIB) == 2
    assert hardware.processes(each=50 * GIB) == 1


@given(st.text(), st.text())
def test_what_is_no_such_file_limits_nothing_and_breaks_nothing(membership, content):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hardware, "_read", lambda path: membership if path == hardware.MEMBERSHIP else content)
        quota = hardware.cpu_quota()
    assert quota is None or quota >= 0
