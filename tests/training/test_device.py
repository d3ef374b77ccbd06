"""What is asked of JAX on whatever version and device there is."""

import gc
import os
import zlib

import jax
import pytest

from reensayo import hardware
from reensayo.errors import RunFailed
from reensayo.training import device


def test_compile_options_that_this_xla_does_not_know_are_left_out(monkeypatch):
    device.setup()
    known, asked = {"xla_backend_optimization_level": "0"}, []
    program = jax.jit(lambda x: x + 1).lower(1)
    really = type(program).compile

    def compile_(program, options):
        asked.append(options)
        return really(program, options)

    monkeypatch.setattr(type(program), "compile", compile_)
    assert device.compiled(program, known)(1) == 2
    assert asked == [known]  # no program beside the one that is wanted
    assert device.compiled(program, {"xla_no_such_option": True, **known})(1) == 2
    assert asked[-1] == known


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_pauses_and_goes_on_as_before(collects):
    try:
        (gc.enable if collects else gc.disable)()
        frozen = gc.get_freeze_count()
        with device._collector_paused():
            assert not gc.isenabled()
        assert gc.get_freeze_count() == frozen  # what the caller holds stays the collector's
        assert gc.isenabled() == collects
    finally:
        gc.enable()


# ---------------------------------------------------------------- the cache of compiled programs


@pytest.fixture
def cached():
    """A program that is in the cache, and its file there; JAX forgets what it holds in memory."""
    from jax.experimental.compilation_cache import compilation_cache

    device.setup()
    before = jax.config.values["jax_persistent_cache_min_compile_time_secs"]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)

    def program_of_this_test(x):
        return x * 3 + 1

    def lowered():
        jax.clear_caches()
        return jax.jit(program_of_this_test).lower(1)

    device.compiled(lowered(), {})
    (entry,) = device.cache_directory().glob("jit_program_of_this_test-*")
    yield lowered, entry
    entry.unlink(missing_ok=True)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", before)
    compilation_cache.reset_cache()


@pytest.mark.parametrize("left", [0, 1, 100, None])
def test_a_damaged_program_in_the_cache_is_compiled_and_kept_anew(left, cached):
    lowered, entry = cached
    entry.write_bytes(entry.read_bytes()[:left] if left is not None else zlib.compress(b"garbage"))
    assert device.compiled(lowered(), {})(2) == 7  # a warning would be an error
    assert len(entry.read_bytes()) > 100
    assert device.compiled(lowered(), {})(2) == 7


def test_a_cache_that_can_be_neither_read_nor_written_is_done_without(cached):
    lowered, entry = cached
    entry.unlink()
    entry.mkdir()
    try:
        assert device.compiled(lowered(), {})(2) == 7
    finally:
        entry.rmdir()


def test_where_no_cache_can_be_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert device.cache_can_be_written()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not device.cache_can_be_written()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert device._made(device.caches) is None


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    def nowhere(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("platformdirs.user_cache_path", nowhere)
    assert device._made(device.caches) is None


# ---------------------------------------------------------------- memory


def test_a_program_that_needs_more_memory_than_there_may_be_is_refused(monkeypatch):
    device.setup()
    lowered = jax.jit(lambda x: jax.lax.sort(x)).lower(jax.ShapeDtypeStruct((2**20,), "float32"))
    device.compiled(lowered, {})
    monkeypatch.setattr(hardware, "memory_limit", lambda: 2**20)
    with pytest.raises(RunFailed, match=r"at least 0\.0\d+ GiB of memory are needed, .* smaller batch_size"):
        device.compiled(lowered, {})
