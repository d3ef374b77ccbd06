"""Keras on JAX, one device a core, compiled programs cached between runs. Done once, before the first training."""

from __future__ import annotations

import gc
import glob
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from reensayo import environment, hardware
from reensayo.datasets import places
from reensayo.environment import COMPILE_FASTER, JAX_SETTINGS
from reensayo.errors import InputError, RunFailed
from reensayo.spec import digest
from reensayo.text import Text, number

if TYPE_CHECKING:
    import jax


def caches() -> Path:
    """The folder of all compiled programs, of this version and others."""
    return places.cache() / "xla"


def cache_directory() -> Path:
    """Where compiled programs stay: a folder for each kind of processor and set of versions.

    A program compiled for one processor can crash on another, so the key is the processor's whole list of
    instruction sets, not its name alone.
    """
    from importlib.metadata import version

    key = [hardware.processor(), hardware.flags(), sys.version, *map(version, ("jax", "jaxlib", "keras"))]
    return caches() / digest(key)[:16]


def setup() -> tuple[jax.Device, ...]:
    """Choose Keras's backend, give every core a device, switch the compilation cache on; returns the devices.

    Done once, whichever thread comes first. JAX that was initialised before is used as it is.

    Raises:
        InputError: the environment holds what can change results, or what keeps JAX or Keras from starting.
        RunFailed: Keras is already imported with another backend.
    """
    with _SETTING_UP:
        return _set_up()


_SETTING_UP = Lock()


@cache
def _set_up() -> tuple[jax.Device, ...]:
    environment.check()
    given = environment.harmless()
    os.environ["KERAS_BACKEND"] = _backend()
    _add_flags(f"--xla_backend_extra_options={COMPILE_FASTER}")
    with _collector_paused():
        environment.import_matplotlib()  # as Keras would, and say what is wrong with its settings
        try:
            package = "JAX"
            devices = _configured()
            package = "Keras"
            _import_keras()
        except Exception as error:  # of whatever kind: a wrong value of JAX_PLATFORMS raises an AssertionError
            raise environment.cannot_start(package, error, given) from error
    return devices


def _configured() -> tuple[jax.Device, ...]:
    import jax

    configure: Callable[[str, object], None] = jax.config.update
    with suppress(RuntimeError):  # raised where JAX was initialised before
        configure("jax_num_cpu_devices", hardware.cores())
    if jax.config.values["jax_compilation_cache_dir"] is None and (folder := _made(cache_directory)):
        configure("jax_compilation_cache_dir", str(folder))
        configure("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.jit(lambda: 0).lower()  # the rest of JAX's imports, which it puts off until its first program
    devices = tuple(jax.local_devices())
    if devices[0].platform != "cpu":  # a GPU would round every factor to ten bits, and call it float32
        configure("jax_default_matmul_precision", "highest")
    return devices


def _made(where: Callable[[], Path]) -> Path | None:
    """The folder, made if need be; None where none can be: then programs are compiled anew each time."""
    try:
        folder = where()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, InputError):
        return None
    return folder


def cache_can_be_written() -> bool:
    """Whether there is, or can be, a folder of compiled programs that takes new ones."""
    folder = _made(caches)
    return folder is not None and os.access(folder, os.W_OK)


def _import_keras() -> None:
    """Import Keras as it comes: it would take its settings from the user's keras.json, right or wrong."""
    if "keras" in sys.modules:
        return
    mine = os.environ.get("KERAS_HOME")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["KERAS_HOME"] = empty
        try:
            import keras
        finally:
            if mine is None:
                del os.environ["KERAS_HOME"]
            else:
                os.environ["KERAS_HOME"] = mine
    # where it keeps downloads, if the rest of this process uses it for some
    with suppress(AttributeError, RuntimeError):  # a Keras that names it otherwise, a user without a home
        keras.src.backend.config._KERAS_DIR = mine or str(Path.home() / ".keras")


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


def check_settings(precision: str) -> None:
    """See that Keras and JAX are set as a trial of this precision says: this process may have changed them.

    Raises:
        InputError: it names what differs.
    """
    import jax
    import keras

    jax_expected = {
        **JAX_SETTINGS,
        "jax_enable_x64": precision == "float64",
        "jax_default_matmul_precision": None if jax.default_backend() == "cpu" else "highest",
    }
    values = jax.config.values
    found_and_expected = {
        "keras.config.floatx()": (keras.config.floatx(), precision),
        "keras.config.dtype_policy()": (keras.config.dtype_policy().name, precision),
        "keras.config.epsilon()": (keras.config.epsilon(), 1e-7),
        "keras.config.image_data_format()": (keras.config.image_data_format(), "channels_last"),
        **{  # a setting of an enumeration has its value in it
            f"jax.config.{name}": (getattr(values[name], "value", values[name]), expected)
            for name, expected in jax_expected.items()
            if name in values
        },
    }
    if different := {name: pair for name, pair in found_and_expected.items() if pair[0] != pair[1]}:
        found, expected = (", ".join(f"{name} = {pair[i]!r}" for name, pair in different.items()) for i in (0, 1))
        raise InputError(
            Text(
                es="en este proceso otros ajustes cambiarían los resultados: se esperaba {expected}; se recibió "
                "{found}. Deshaga lo que los cambia, o entrene en un proceso aparte.",
                en="other settings in this process would change the results: expected {expected}; received {found}. "
                "Undo what changes them, or train in a process of its own.",
            ).format(expected=expected, found=found)
        )


def compiled(program: jax.stages.Lowered, options: Mapping[str, bool | str]) -> jax.stages.Compiled:
    """Compile with those of the options that this XLA knows: they come and go with its versions.

    Raises:
        RunFailed: the program needs more memory than this process may have.
    """
    import jax

    try:
        done = _compiled_or_cached(program, options)
    except jax.errors.JaxRuntimeError:
        known = {name: value for name, value in options.items() if _is_known(name, value)}
        if known == options:  # it is the program that cannot be compiled
            raise
        done = _compiled_or_cached(program, known)
    _check_memory(done)
    return done


def _compiled_or_cached(program: jax.stages.Lowered, options: Mapping[str, bool | str]) -> jax.stages.Compiled:
    """Without a word about a cache that cannot be read or written; what is damaged in it is compiled and kept anew."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache entry")
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Error reading persistent compilation cache entry")
            try:
                return program.compile(dict(options))
            except UserWarning as warning:
                if not (named := re.search(r"entry for '(.+?)'", str(warning))):
                    raise
        _forget(named[1])
        return program.compile(dict(options))


def _forget(program: str) -> None:
    """Remove all entries of the cache with a program's name: JAX does not say which of them it could not read."""
    import jax

    for entry in Path(jax.config.values["jax_compilation_cache_dir"]).glob(f"{glob.escape(program)}-*"):
        with suppress(OSError):
            entry.unlink()


def _check_memory(program: jax.stages.Compiled) -> None:
    """See that a program's arrays fit into memory: on a processor XLA ends the process if they do not.

    What is counted is what cannot be done without, so that nothing is refused that would run.
    """
    import jax

    devices = {device for where in jax.tree.leaves(program.input_shardings) for device in where.device_set}
    sizes = program.memory_analysis()
    if sizes is None or any(device.platform != "cpu" for device in devices):
        return
    own = sizes.temp_size_in_bytes + sizes.output_size_in_bytes - sizes.alias_size_in_bytes
    needed = sizes.argument_size_in_bytes + own * max(1, len(devices))
    if needed > (limit := hardware.memory_limit()):
        raise RunFailed(
            Text(
                es="hacen falta al menos {needed} GiB de memoria y este proceso puede usar {limit} GiB; necesitan "
                "menos: un batch_size menor, menos ejemplos, o menos semillas a la vez (--seeds)",
                en="at least {needed} GiB of memory are needed, and this process may use {limit} GiB; what needs less: "
                "a smaller batch_size, fewer examples, or fewer seeds side by side (--seeds)",
            ).format(needed=number(needed / 2**30, 3), limit=number(limit / 2**30, 3))
        )


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
    if flags not in mine:  # a process of ours started this one
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
