"""Where data sets are looked for, in order, and what counts as a set being there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reensayo.datasets.sets import DataSet
from reensayo.errors import InputError
from reensayo.text import Text

VARIABLE = "REENSAYO_DATA"


@dataclass(frozen=True)
class Place:
    """A folder that may hold data sets.

    ``name`` is ``--data``, ``REENSAYO_DATA``, ``checkout``, ``cache`` or ``keras``.
    """

    name: str
    folder: Path


@dataclass(frozen=True)
class Found:
    """A data set on disk: a kit folder or an official file (or the folder that one was unpacked to)."""

    place: Place
    path: Path
    format: Literal["kit", "official"]

    @property
    def origin(self) -> str:
        """Place, path and format in one line."""
        return f"{self.place.name}: {self.path} ({self.format})"


def find(dataset: DataSet, folder: Path | None = None) -> Found | None:
    """The first copy of a set, whole or damaged; None if there is none.

    Args:
        dataset: one of the sets.
        folder: what ``--data`` named; it comes before the other places, it does not replace them.

    Raises:
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    for place in places(folder):
        kit = place.folder / dataset.name
        # One file is enough: a kit folder that lacks others is damaged, not absent.
        if any((kit / file).exists() for file in dataset.kit):
            return Found(place, kit, "kit")
        for name in dataset.official:
            if (place.folder / name).exists():
                return Found(place, place.folder / name, "official")
    return None


def places(folder: Path | None = None) -> Iterator[Place]:
    """The folders to look in, first to last.

    Raises:
        InputError: ``folder`` or ``$REENSAYO_DATA`` is no folder.
    """
    if folder is not None:
        yield Place("--data", _existing("--data", folder))
    if named := os.environ.get(VARIABLE):
        yield Place(VARIABLE, _existing(VARIABLE, Path(named)))
    if root := checkout():
        yield Place("checkout", root / "data")
    yield Place("cache", cache())
    yield Place("keras", Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets")


def checkout(module: Path = Path(__file__)) -> Path | None:
    """The root of the repository that this module runs from, None when it is installed elsewhere."""
    src = module.resolve().parents[2]
    return src.parent if src.name == "src" and (src.parent / "pyproject.toml").is_file() else None


def cache() -> Path:
    """The folder of this user's downloads."""
    import pooch

    return Path(pooch.os_cache("reensayo"))


def _existing(name: str, folder: Path) -> Path:
    if folder.is_dir():
        return folder
    raise InputError(
        Text(
            es="{name}: se esperaba una carpeta de datos; se recibió {folder}, que no es una carpeta",
            en="{name}: expected a folder of data; received {folder}, which is not a folder",
        ).format(name=name, folder=folder)
    )
