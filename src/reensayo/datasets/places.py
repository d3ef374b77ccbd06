"""Where data sets are looked for, in order, and what counts as a set being there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets.dataset import DataSet
from reensayo.datasets.integrity import is_there, mended_in_original
from reensayo.errors import InputError
from reensayo.text import Text


@dataclass(frozen=True)
class Found:
    """A data set on disk: a folder of bundled files, the file published upstream, or one that an original brings.

    ``place`` is ``--data``, ``REENSAYO_DATA``, ``checkout``, ``cache`` or ``keras``; ``original`` for own files.
    """

    place: str
    path: Path
    format: Literal["bundled", "upstream", "own"]

    @property
    def origin(self) -> str:
        return f"{self.place}: {self.path} ({self.format})"


def find(dataset: DataSet, folder: Path | None = None) -> Found | None:
    """The first copy of a set, whole or damaged; None if there is none.

    ``folder`` is what ``--data`` named; it comes before the other places, it does not replace them. Raises InputError
    where it or ``$REENSAYO_DATA`` is no folder, BadFile where it cannot be told whether a place has a copy.
    """
    if dataset.own:
        with mended_in_original():
            return Found("original", dataset.own, "own") if is_there(dataset.own) else None
    for place, data in places(folder):
        # One file is enough: a folder that lacks others is damaged, not absent.
        if any(is_there(data / dataset.name / file) for file in dataset.bundled):
            return Found(place, data / dataset.name, "bundled")
        for name in dataset.upstream:
            if is_there(data / name):
                return Found(place, data / name, "upstream")
    return None


def places(folder: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The folders to look in that are there, first to last, each with the name of the place; raises as ``find``."""
    for name, named in (("--data", folder), ("REENSAYO_DATA", os.environ.get("REENSAYO_DATA"))):
        if named:
            if not _is_folder(Path(named)):
                words = Text(
                    es="{name}: se esperaba una carpeta de datos; se recibió {folder}, que no es una carpeta",
                    en="{name}: expected a folder of data; received {folder}, which is not a folder",
                )
                raise InputError(words.format(name=name, folder=Path(named)))
            yield name, Path(named)
    if (root := checkout()) and _is_folder(root / "data"):
        yield "checkout", root / "data"
    if _is_folder(cache()):
        yield "cache", cache()
    keras = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "datasets"
    if _is_folder(keras):
        yield "keras", keras


def checkout(module: Path = Path(__file__)) -> Path | None:
    """The root of the repository that this module runs from, None when it is installed elsewhere."""
    src = module.resolve().parents[2]
    return src.parent if src.name == "src" and (src.parent / "pyproject.toml").is_file() else None


def cache() -> Path:
    """The folder of this user's downloads; InputError where the system knows no home, as for users of a container."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path("reensayo")
    except RuntimeError as error:
        words = Text(
            es="el sistema no conoce la carpeta personal de este usuario: defina la variable HOME",
            en="the system knows no home folder of this user: set the variable HOME",
        )
        raise InputError(words) from error


def _is_folder(path: Path) -> bool:
    return is_there(os.path.join(path, os.curdir))  # which also tells whether its files can be reached
