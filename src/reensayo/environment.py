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
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reensayo.errors import InputError
from reensayo.text import Text

if TYPE_CHECKING:
    from types import ModuleType

COMPILE_FASTER = "xla_cpu_disable_tiled_emitter,xla_cpu_disable_loop_unrolling"
"""What XLA leaves out: a dense net's program compiles in three quarters of the time, and its steps are 3 % faster.

Nothing else gets slower but large transposes, which cost more the wider they are.
"""

FAMILIES = re.compile(r"JAX_|XLA_|LIBTPU_|KERAS_|NPY_|NUMPY_")
DRAWING = re.compile(r"MPL|MATPLOTLIB")

OURS = {"KERAS_BACKEND": "jax", "MPLBACKEND": "agg"}
"""What we set."""

HARMLESS = frozenset(
    {
        # on what the program runs, which the trial says
        "JAX_PLATFORMS",
        "JAX_CUDA_VISIBLE_DEVICES",
        "JAX_ROCM_VISIBLE_DEVICES",
        "JAX_NUM_CPU_DEVICES",  # we set it
        # where compiled programs stay
        "JAX_COMPILATION_CACHE_DIR",
        "JAX_ENABLE_COMPILATION_CACHE",
        "JAX_COMPILATION_CACHE_MAX_SIZE",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES",
        "JAX_EXPLAIN_CACHE_MISSES",
        # what is logged, shown with an error, or written for a developer
        "JAX_LOGGING_LEVEL",
        "JAX_DEBUG_LOG_MODULES",
        "JAX_LOG_COMPILES",
        "JAX_TRACEBACK_FILTERING",
        "JAX_DUMP_IR_TO",
        "JAX_DUMP_IR_MODES",
        # how memory of a GPU is taken
        "XLA_PYTHON_CLIENT_PREALLOCATE",
        "XLA_PYTHON_CLIENT_MEM_FRACTION",
        "XLA_PYTHON_CLIENT_ALLOCATOR",
        "XLA_CLIENT_MEM_FRACTION",
        # another backend than JAX is refused where it is in use already, else we choose; only data is read from there
        "KERAS_BACKEND",
        "KERAS_HOME",
        # pages of memory
        "NUMPY_MADVISE_HUGEPAGE",
    }
)

HARMLESS_FLAGS = re.compile(
    r"--xla_("
    r"dump_to=.+|dump_hlo_(pass|module)_re=.+|dump_hlo_as_(text|proto|dot|html)(=(true|false|1|0))?"  # for a developer
    r"|force_host_platform_device_count=\d{1,4}"  # we set it
    r"|cpu_use_fusion_emitters(=(true|false|1|0))?"  # how code is written: the bits are the same
    rf"|backend_extra_options={COMPILE_FASTER}"  # ours, as a process inherits it
    r")"
)
"""Of ``XLA_FLAGS``; XLA ends the process at a flag or a value that it does not know."""


def check() -> None:
    """See that nothing is set that can change what is trained.

    Raises:
        InputError: it names what is.
    """
    if found := refused():
        words = Text(
            es="{found} puede cambiar los resultados, así que no se entrena con ello; quítelo del entorno: {remedy}",
            en="{found} can change results, so nothing is trained with it; take it out of the environment: {remedy}",
        )
        given = ", ".join(f"{name}={value}" for name, value in found.items())
        raise InputError(words.format(found=given, remedy=without(found)))


def refused() -> dict[str, str]:
    """The variables that are set and not known to be harmless; of ``XLA_FLAGS`` the flags that are not."""
    found = {n: value for n, value in os.environ.items() if FAMILIES.match(n) and n not in HARMLESS}
    flags = [flag for flag in found.pop("XLA_FLAGS", "").split() if not HARMLESS_FLAGS.fullmatch(flag)]
    return found | ({"XLA_FLAGS": " ".join(flags)} if flags else {})


def harmless() -> list[str]:
    """The variables that are set and leave results alone, but for those that hold what we set them to."""
    known = {name for name in os.environ if FAMILIES.match(name) or DRAWING.match(name)}
    return sorted(name for name in known - refused().keys() if os.environ[name] != OURS.get(name))


def cannot_start(package: str, error: Exception, given: Sequence[str]) -> InputError:
    """What to say where a package does not start, as it happens under a wrong value of one of the variables given."""
    reason = next(iter(str(error).strip().splitlines()), "")[:300] or type(error).__name__
    if not given:
        words = Text(es="{package} no puede arrancar: {reason}", en="{package} cannot start: {reason}")
        return InputError(words.format(package=package, reason=reason))
    words = Text(
        es="{package} no puede arrancar con {given}: {reason}; pruebe sin ello: {remedy}",
        en="{package} cannot start with {given}: {reason}; try without: {remedy}",
    )
    values = ", ".join(f"{name}={os.environ.get(name, '')}" for name in given)
    return InputError(words.format(package=package, given=values, reason=reason, remedy=without(given)))


def without(names: Iterable[str]) -> str:
    """The command that runs reensayo without these variables."""
    return shlex.join(["env", *(word for name in names for word in ("-u", name)), "reensayo", "..."])


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
    """Import matplotlib and its fonts. What it says of a user's settings, which are not used here, is not shown.

    Raises:
        InputError: the settings keep it from being imported.
    """
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            import matplotlib
            import matplotlib.font_manager
    except (OSError, ValueError) as error:
        raise InputError(
            Text(
                es="matplotlib no arranca con su configuración ({reason}): corrija o aparte el archivo matplotlibrc de "
                "esta carpeta, el de $MATPLOTLIBRC o el de la carpeta de usuario, y borre la variable MPLBACKEND",
                en="matplotlib cannot start with its settings ({reason}): correct or set aside the file matplotlibrc "
                "of this folder, of $MATPLOTLIBRC or of the user's folder, and unset the variable MPLBACKEND",
            ).format(reason=error)
        ) from None
    finally:
        logger.setLevel(level)
    return matplotlib
