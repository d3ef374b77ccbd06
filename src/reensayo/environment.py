"""Which variables of the environment may be set while networks train: those known to leave results alone.

Any other one of JAX's, XLA's, Keras's and NumPy's is refused by its name, so that none of them needs to be part of
what a trial is. Those of matplotlib change figures only, and no figure of ours.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType

from reensayo.errors import InputError
from reensayo.text import Text

COMPILE_FASTER = "xla_cpu_disable_tiled_emitter,xla_cpu_disable_loop_unrolling"
"""What XLA leaves out: a dense network's program compiles in three quarters of the time, and its steps are 3 % faster.
Nothing else gets slower but large transposes, which cost more the wider they are."""

FAMILIES = re.compile(r"JAX_|XLA_|LIBTPU_|KERAS_|NPY_|NUMPY_|NVIDIA_TF32_OVERRIDE$")
PREFIXES = {"JAX": ("JAX_", "XLA_", "LIBTPU_"), "Keras": ("KERAS_",)}
DRAWING = re.compile(r"MPL|MATPLOTLIB")

JAX_SETTINGS: Mapping[str, object] = {
    "jax_enable_x64": False,
    "jax_default_matmul_precision": None,
    "jax_default_device": None,
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_enable_custom_prng": False,
    "jax_random_seed_offset": 0,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    "jax_debug_nans": False,  # would raise where a trial diverges
    "jax_debug_infs": False,
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
}
"""What results depend on, as JAX has it unless it is changed."""

OFF = ("NVIDIA_TF32_OVERRIDE", "KERAS_NNX_ENABLED")  # unless a variable switches it on, like what JAX has off
OURS = {"KERAS_BACKEND": "jax", "MPLBACKEND": "agg"}  # what we set

HARMLESS = re.compile(
    # on what the program runs, which the trial says (how many devices there are, we set)
    r"JAX_(PLATFORMS|PLATFORM_NAME|(CUDA|ROCM)_VISIBLE_DEVICES|NUM_CPU_DEVICES|SKIP_CUDA_CONSTRAINTS_CHECK)"
    r"|JAX_COORDINATOR_ADDRESS"
    # where compiled programs stay
    r"|JAX_(COMPILATION_CACHE_(DIR|MAX_SIZE)|ENABLE_COMPILATION_CACHE|EXPLAIN_CACHE_MISSES)"
    r"|JAX_PERSISTENT_CACHE_(MIN_COMPILE_TIME_SECS|MIN_ENTRY_SIZE_BYTES|ENABLE_XLA_CACHES)"
    r"|JAX_RAISE_PERSISTENT_CACHE_ERRORS"
    # what is logged, shown with an error, or written for a developer
    r"|JAX_(LOGGING_LEVEL|DEBUG_LOG_MODULES|LOG_COMPILES|TRACEBACK_FILTERING|ENABLE_CHECKS|DUMP_IR_(TO|MODES))"
    r"|JAX_CAPTURED_CONSTANTS_WARN_BYTES"
    # how memory of a GPU is taken
    r"|XLA_PYTHON_CLIENT_(PREALLOCATE|MEM_FRACTION|ALLOCATOR)|XLA_CLIENT_MEM_FRACTION"
    # another backend than JAX is refused where it is in use already, else we choose; only data is read from there
    r"|KERAS_(BACKEND|HOME|TORCH_DEVICE)"
    # pages of memory; how NumPy itself is built
    r"|NUMPY_MADVISE_HUGEPAGE|NPY_NUM_BUILD_JOBS"
)

HARMLESS_FLAGS = re.compile(
    r"--xla_("
    r"dump_to=.+|dump_hlo_(pass|module)_re=.+|dump_hlo_as_(text|proto|dot|html)(=(true|false|1|0))?"  # for a developer
    r"|force_host_platform_device_count=\d{1,4}"  # we set it
    r"|gpu_cuda_data_dir=.+"  # where CUDA is installed
    r"|cpu_use_fusion_emitters(=(true|false|1|0))?"  # how code is written: the bits are the same
    rf"|backend_extra_options={COMPILE_FASTER}"  # ours, as a process inherits it
    r")"
)
"""Of ``XLA_FLAGS``; XLA ends the process at a flag or a value that it does not know."""


def check() -> None:
    """Raise InputError where something is set that can change what is trained."""
    if found := refused():
        words = Text(
            es="de {found} no consta que deje igual los resultados, así que no se entrena con ello; sin ello: {remedy}",
            en="{found} is not known to leave results alone, so nothing is trained with it; unset it: {remedy}",
        )
        given = ", ".join(f"{name}={value}" for name, value in found.items())
        raise InputError(words.format(found=given, remedy=without(found)))


def refused() -> dict[str, str]:
    """The variables that are set and not known to be harmless; of ``XLA_FLAGS`` the flags that are not."""
    given = {name: value for name, value in os.environ.items() if FAMILIES.match(name) and not HARMLESS.fullmatch(name)}
    found = {name: value for name, value in given.items() if not _is_off(name, value)}
    flags = [flag for flag in found.pop("XLA_FLAGS", "").split() if not HARMLESS_FLAGS.fullmatch(flag)]
    return found | ({"XLA_FLAGS": " ".join(flags)} if flags else {})


def _is_off(name: str, value: str) -> bool:
    """Whether a variable says what holds without it."""
    return value.lower() in ("0", "false", "off", "no") and (name in OFF or JAX_SETTINGS.get(name.lower()) is False)


def harmless() -> list[str]:
    """The variables that are set and leave results alone, but for those that hold what we set them to."""
    known = {name for name in os.environ if FAMILIES.match(name) or DRAWING.match(name)}
    return sorted(name for name in known - refused().keys() if os.environ[name] != OURS.get(name))


def cannot_start(package: str, error: Exception, given: Sequence[str]) -> InputError:
    """What to say where JAX or Keras does not start, as it happens under a wrong value of one of its variables."""
    unexplained = Text(
        es="no dice por qué; quizá no hay aquí un dispositivo como ese",
        en="it does not say why; perhaps there is no such device here",
    )
    reason = next(iter(str(error).strip().splitlines()), "")[:300] or unexplained
    mine = [name for name in given if name.startswith(PREFIXES[package])]
    words = Text(es="{package} no puede arrancar: {reason}", en="{package} cannot start: {reason}")
    if mine:
        words = Text(
            es="{package} no puede arrancar con {given}: {reason}; pruebe sin ello: {remedy}",
            en="{package} cannot start with {given}: {reason}; try without: {remedy}",
        )
    values = ", ".join(f"{name}={os.environ.get(name, '')}" for name in mine)
    return InputError(words.format(package=package, given=values, reason=reason, remedy=without(mine)))


def without(names: Iterable[str]) -> str:
    """The command that runs reensayo without these variables."""
    return shlex.join(["env", *(word for name in names for word in ("-u", name)), "reensayo", "..."])


def choose_backend() -> None:
    """Say which backend Keras is to use, for whoever imports it before the first training does."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = OURS["KERAS_BACKEND"]


def settle() -> None:
    """In a process of our own: figures go to files, and what libraries log and warn of is not for its reader.

    Whoever wants to see warnings says so to Python: ``python -W default -m reensayo``.
    """
    os.environ["MPLBACKEND"] = OURS["MPLBACKEND"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # XLA's log, but for what ends the process
    logging.getLogger().addHandler(logging.NullHandler())  # else Python prints whatever has no handler
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def import_matplotlib() -> ModuleType:
    """Import matplotlib and its fonts, silently; InputError where a user's settings keep it from being imported."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            import matplotlib
            import matplotlib.font_manager
    except (OSError, ValueError) as error:
        words = Text(
            es="matplotlib no arranca con su configuración ({reason}): corrija o aparte el archivo matplotlibrc de "
            "esta carpeta, el de $MATPLOTLIBRC o el de la carpeta de usuario, y borre la variable MPLBACKEND",
            en="matplotlib cannot start with its settings ({reason}): correct or set aside the file matplotlibrc of "
            "this folder, of $MATPLOTLIBRC or of the user's folder, and unset the variable MPLBACKEND",
        )
        raise InputError(words.format(reason=error)) from None
    finally:
        logger.setLevel(level)
    return matplotlib
