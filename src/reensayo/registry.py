"""Which work is meant: an installed one by its name, or a folder; checked before anybody works with it."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from os import PathLike
from pathlib import Path

from reensayo import environment
from reensayo.errors import InputError
from reensayo.spec import Original, SpecError
from reensayo.spec.checks import check, check_curves
from reensayo.text import Text, quoted

GROUP = "reensayo.originals"
"""The entry points of installed works: name -> module:ORIGINAL."""
VARIABLE = "REENSAYO_ORIGINAL"

Wanted = str | PathLike[str] | Original | None


def find(wanted: Wanted = None) -> Original:
    """The work of that name or in that folder; without one that of ``$REENSAYO_ORIGINAL``, else the one shipped.

    The code of a folder is run. Keras is told its backend before, for modules that import it at once.

    Raises:
        InputError: there is none of that name, or it is broken; the message says where, with file and line.
    """
    if isinstance(wanted, Original):
        return _checked(wanted)
    option = os.fspath(wanted) if isinstance(wanted, str | PathLike) else ""
    wanted = wanted if wanted is not None else os.environ.get(VARIABLE) or None
    if not isinstance(wanted, str | PathLike | None):
        words = Text(
            es="original espera un nombre, una carpeta o un Original; se recibió {wanted}",
            en="original expects a name, a folder or an Original; received {wanted}",
        )
        raise InputError(words.format(wanted=quoted(wanted)))
    environment.choose_backend()
    installed = dict(_installed())
    if wanted is None:
        return replace(_loaded(next(iter(installed.values()))), option=option)
    if isinstance(wanted, str) and wanted in installed:
        return replace(_loaded(installed[wanted]), option=option)
    folder = Path(wanted).expanduser()
    if not folder.is_dir():
        words = Text(
            es="no hay original {wanted}: se esperaba uno de {known}, o una carpeta",
            en="no original {wanted}: expected one of {known}, or a folder",
        )
        raise InputError(words.format(wanted=quoted(os.fspath(wanted)), known=", ".join(installed)))
    return replace(_in_folder(folder.resolve()), option=option)


def _installed() -> Iterator[tuple[str, EntryPoint]]:
    """Name -> entry point, first of the work that comes with this program."""
    found = entry_points(group=GROUP)
    yield from ((point.name, point) for point in sorted(found, key=lambda p: not p.value.startswith("reensayo.")))


def _loaded(point: EntryPoint) -> Original:
    module, _, name = point.value.partition(":")
    return _checked(getattr(import_module(module), name))


def _in_folder(folder: Path) -> Original:
    """The object ORIGINAL of the package that a folder is."""
    start = folder / "__init__.py"
    module = re.sub(r"\W", "_", f"reensayo_original_{folder.name}")
    spec = spec_from_file_location(module, start, submodule_search_locations=[str(folder)])
    if not start.is_file() or spec is None:
        words = Text(
            es="{folder} no es un original: le falta __init__.py con ORIGINAL; «reensayo new DIR» escribe uno",
            en="{folder} is no original: it lacks __init__.py with ORIGINAL; `reensayo new DIR` writes one",
        )
        raise InputError(words.format(folder=folder))
    try:
        original = _executed(spec, folder)
        original = replace(original, folder=folder, from_folder=True, place=original.place)
        check_curves(_checked(original))
    except SpecError as error:
        raise _broken(error.place, str(error)) from error
    except SyntaxError as error:
        raise _broken(f"{error.filename}:{error.lineno}", f"SyntaxError: {error.msg}") from error
    except Exception as error:  # whatever the code of a folder raises
        frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(folder)]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(start)
        raise _broken(place, f"{type(error).__name__}: {error}") from error
    return original


def _executed(spec: ModuleSpec, folder: Path) -> Original:
    for name in [name for name in sys.modules if name == spec.name or name.startswith(f"{spec.name}.")]:
        del sys.modules[name]  # another folder of that name, or this one before it was edited
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    assert spec.loader
    spec.loader.exec_module(module)
    found = getattr(module, "ORIGINAL", None)
    if not isinstance(found, Original):
        raise SpecError(f"{folder / '__init__.py'}:1", f"expected ORIGINAL = Original(...); received {quoted(found)}")
    return found


def _checked(original: Original) -> Original:
    try:
        check(original)
    except SpecError as error:
        raise _broken(error.place, str(error)) from error
    return original


def _broken(place: str, reason: str) -> InputError:
    words = Text(es="{place}: {reason}", en="{place}: {reason}")
    return InputError(words.format(place=place, reason=reason))
