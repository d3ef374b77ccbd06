"""Keras on JAX, one device a core, compiled programs cached between runs. Done once, before the first training."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo import hardware
from reensayo.errors import RunFailed
from reensayo.spec import digest
from reensayo.text import Text

if TYPE_CHECKING:
    import jax


def cache_directory() -> Path:
    """Where compiled programs stay: a folder for each kind of processor and set of versions.

    A program compiled for one processor can crash on another, so the key is the processor's whole list of
    instruction sets, not its name alone.
    """
    from importlib.metadata import version

    from platformdirs import user_cache_path

    key = [hardware.processor(), hardware.flags(), sys.version, *map(version, ("jax", "jaxlib", "keras"))]
    return user_cache_path("reensayo") / "xla" / digest(key)[:16]


COMPILE_FASTER = "xla_cpu_disable_tiled_emitter,xla_cpu_disable_loop_unrolling"
"""What XLA leaves out: a dense net's program compiles in three quarters of the time, and its steps are 3 % faster.

Nothing else gets slower but large transposes, which cost more the wider they are.
"""


@cache
def setup() -> tuple[jax.Device, ...]:
    """Choose Keras's backend, give every core a device, switch the compilation cache on; returns the devices.

    JAX that was initialised before is used as it is.

    Raises:
        RunFailed: Keras is already imported with another backend.
    """
    os.environ["KERAS_BACKEND"] = _backend()
    _add_flags("--xla_backend_extra_options=" + COMPILE_FASTER)
    with _collector_paused():
        devices = _configured()
        import keras  # noqa: F401
    return devices


def _configured() -> tuple[jax.Device, ...]:
    import jax

    configure: Callable[[str, object], None] = jax.config.update
    with suppress(RuntimeError):  # raised where JAX was initialised before
        configure("jax_num_cpu_devices", hardware.cores())
    if jax.config.values["jax_compilation_cache_dir"] is None:
        configure("jax_compilation_cache_dir", str(cache_directory()))
        configure("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.jit(lambda: 0).lower()  # the rest of JAX's imports, which it puts off until its first program
    devices = tuple(jax.local_devices())
    if devices[0].platform != "cpu":  # a GPU would round every factor to ten bits, and call it float32
        configure("jax_default_matmul_precision", "highest")
    return devices


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage is collected while 250 000 objects are imported that stay: it would take a second."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def compiled(program: jax.stages.Lowered, options: Mapping[str, bool | str]) -> jax.stages.Compiled:
    """Compile with those of the options that this XLA knows: they come and go with its versions."""
    import jax

    try:
        return program.compile(dict(options))
    except jax.errors.JaxRuntimeError:
        known = {name: value for name, value in options.items() if _is_known(name, value)}
        if known == options:  # it is the program that cannot be compiled
            raise
        return program.compile(known)


@cache
def _is_known(option: str, value: bool | str) -> bool:
    import jax

    try:
        jax.jit(lambda: 0).lower().compile({option: value})
    except jax.errors.JaxRuntimeError:
        return False
    return True


def _add_flags(flags: str) -> None:
    """XLA reads them once, before its first program: where that was earlier they change nothing."""
    mine = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in mine:  # the user's own choice
        os.environ["XLA_FLAGS"] = f"{mine} {flags}".strip()


def _backend() -> str:
    if "keras" in sys.modules and (name := sys.modules["keras"].backend.backend()) != "jax":
        raise RunFailed(
            Text(
                es="Keras ya está importado con el motor {name}; reensayo entrena con JAX. Importe reensayo y "
                "entrene antes, o ponga KERAS_BACKEND=jax antes de importar Keras.",
                en="Keras is already imported with the {name} backend; reensayo trains on JAX. Train before you "
                "import Keras, or set KERAS_BACKEND=jax before importing it.",
            ).format(name=name)
        )
    return "jax"
