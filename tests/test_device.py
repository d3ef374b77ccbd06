"""What is asked of JAX on whatever version and device there is."""

import gc

import pytest

from reensayo.training import device


def test_compile_options_that_this_xla_does_not_know_are_left_out():
    device.setup()
    known = {"xla_backend_optimization_level": "0"}
    assert device.accepted({"xla_no_such_option": True, **known}) == known


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_spared_what_is_imported_and_goes_on_as_before(collects):
    try:
        (gc.enable if collects else gc.disable)()
        frozen = gc.get_freeze_count()
        with device._kept_for_good():
            assert not gc.isenabled()
            imported = [[] for _ in range(1000)]
        assert gc.get_freeze_count() >= frozen + len(imported)
        assert gc.isenabled() == collects
    finally:
        gc.enable()
