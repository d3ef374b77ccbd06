"""What is asked of JAX on whatever version and device there is."""

from reensayo.training import device


def test_compile_options_that_this_xla_does_not_know_are_left_out():
    device.setup()
    known = {"xla_backend_optimization_level": "0"}
    assert device.accepted({"xla_no_such_option": True, **known}) == known
