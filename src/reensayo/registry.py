"""Which work is meant: an installed one by its name, or a folder; checked before anybody works with it."""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from os import PathLike
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from reensayo import environment
from reensayo.errors import InputError, ReensayoError
from reensayo.spec import Original, SpecError, digest
from reensayo.spec.checks import check, check_curves
from reensayo.spec.place import raised_at
from reensayo.text import LANGUAGES, Text, quoted

GROUP = "reensayo.originals"
"""The entry points of installed works: name -> module:ORIGINAL."""
VARIABLE = "REENSAYO_ORIGINAL"

Wanted = str | PathLike[str] | Original | None


def find(wanted: Wanted = None) -> Original:
    """The work of that name or in that folder; without one that of ``$REENSAYO_ORIGINAL``, else the one shipped.

    The code of a folder is run. Keras is told its backend before, for modules that import it at once. That there is
    none of that name, or that it is broken, is an InputError; the message says where, with file and line.
    """
    if isinstance(wanted, Original):
        with _telling(wanted.folder):
            return _checked(wanted, wanted.place)
    environment.choose_backend()
    installed = _installed()
    option = wanted  # not what holds for the next command anyhow
    if wanted is None:
        wanted = os.environ.get(VARIABLE) or next(iter(installed), None)
    if isinstance(wanted, str) and wanted in installed:
        return _loaded(installed[wanted], str(option or ""))
    with suppress(TypeError, RuntimeError, OSError, ValueError):  # of no type of a path, in bytes, a user unknown, ...
        if wanted and (folder := Path(wanted).expanduser()).is_dir():
            return _in_folder(folder.resolve(), str(option or ""))
    words = Text(
        es="no hay tal original: se esperaba un nombre ({known}) o una carpeta; se recibió {wanted}",
        en="no such original: expected a name ({known}) or a folder; received {wanted}",
    )
    raise InputError(words.format(known=", ".join(installed) or "–", wanted=quoted(wanted)))


def _installed() -> dict[str, EntryPoint]:
    """By name, first the work that comes with this program."""
    points = sorted(entry_points(group=GROUP), key=_is_shipped, reverse=True)
    return {point.name: point for point in points}


def _is_shipped(point: EntryPoint) -> bool:
    return point.value.startswith("reensayo.")


def _loaded(point: EntryPoint, option: str) -> Original:
    home = Path(point.module)
    with suppress(Exception):  # whatever is wrong is told when it is imported
        home = Path(find_spec(point.module).origin).parent  # type: ignore[union-attr, arg-type]
    with _telling(home):
        original = getattr(import_module(point.module), point.attr)
        version = point.dist.version if point.dist and not _is_shipped(point) else ""
        return _checked(original, f"{home}: {point.value}", option=option, version=version)


def _in_folder(folder: Path, option: str) -> Original:
    """The object ORIGINAL of the package that a folder is."""
    start = folder / "__init__.py"
    if not start.is_file():
        words = Text(
            es="{folder} no es un original: le falta __init__.py con ORIGINAL; «reensayo new DIR» escribe uno",
            en="{folder} is no original: it lacks __init__.py with ORIGINAL; `reensayo new DIR` writes one",
        )
        raise InputError(words.format(folder=folder))
    with _telling(folder):
        original = getattr(_executed(folder), "ORIGINAL", None)
        return _checked(original, f"{start}:1", folder=folder, from_folder=True, option=option)


def _checked(original: object, place: str, **found: Any) -> Original:
    if not isinstance(original, Original):
        raise SpecError(place, f"expected ORIGINAL = Original(...); received {quoted(original)}")
    check(original)
    original = replace(original, **found) if found else original
    check_curves(original)
    return original


# ---------------------------------------------------------------- the code of a folder

PREFIX = "reensayo_original_"


def _executed(folder: Path) -> ModuleType:
    """The package that a folder is, its code as it stands there now."""
    name = PREFIX + re.sub(r"\W", "_", folder.name) + "_" + digest(str(folder))[:8]
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]  # from before it was edited
    for file in [file for file in linecache.cache if Path(file).is_relative_to(folder)]:
        del linecache.cache[file]
    if _Modules not in sys.meta_path:
        sys.meta_path.insert(0, _Modules)
    path = str(folder / "__init__.py")
    spec = spec_from_file_location(name, path, loader=_AsItStands(name, path), submodule_search_locations=[str(folder)])
    assert spec
    assert spec.loader
    sys.modules[name] = package = module_from_spec(spec)
    spec.loader.exec_module(package)
    return package


class _AsItStands(SourceFileLoader):
    """Compiles a file each time: a compiled one passes for current where a file was edited twice within a second."""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        # What errors and fingerprints quote is what runs, even where the file is edited meanwhile.
        lines = (self.get_source(fullname) or "").splitlines(keepends=True)
        linecache.cache[self.path] = len(source), None, lines, self.path
        return self.source_to_code(source, self.path)


class _Modules(PathFinder):
    """Finds the other modules of such a package."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PREFIX) or not (spec := super().find_spec(fullname, path, target)):
            return None
        if isinstance(spec.loader, SourceFileLoader):
            spec.loader = _AsItStands(fullname, spec.loader.path)
        return spec


# ---------------------------------------------------------------- what is wrong with it


@contextmanager
def _telling(home: Path) -> Iterator[None]:
    """Tell whatever is raised inside with file and line, within ``home`` where it is raised there.

    What is meant for users stays the error that it is, anything else becomes an InputError.
    """
    try:
        yield
    except (Exception, SystemExit) as error:  # whatever the code of an original raises
        reason, advice = f"{type(error).__name__}: {error}", Text("", "")
        match error:
            case SpecError(place=place):
                reason = str(error)
            case SyntaxError():
                place, reason = f"{error.filename or home}:{error.lineno}", f"SyntaxError: {error.msg}"
            case _:
                place = raised_at(error, home) or str(home)
        if isinstance(error, ModuleNotFoundError) and error.name and (home / f"{error.name}.py").is_file():
            words = Text(es="; dentro de la carpeta: from . import {n}", en="; within the folder: from . import {n}")
            advice = words.format(n=error.name)
        told = error.message if isinstance(error, ReensayoError) else Text(reason, reason)
        told = Text(*(f"{place}: {told(lang)}{advice(lang)}" for lang in LANGUAGES))
        if not isinstance(error, ReensayoError):
            raise InputError(told) from error
        ReensayoError.__init__(error, told)
        raise
