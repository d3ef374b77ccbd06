"""What is asked of JAX on whatever version and device there is."""

import gc

import jax
import pytest

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
