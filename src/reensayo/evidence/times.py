"""Pairs of times that come with an original: two networks in turn, on one machine, with nothing between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from reensayo.errors import InputError
from reensayo.evidence.current import SHIPPED
from reensayo.spec import Original
from reensayo.text import Text


class Timing(msgspec.Struct, frozen=True):
    """Two experiments under one recipe: for each pair the seconds of an epoch of the one and of the other.

    So many ``steps`` were timed of each, once its program was compiled; an epoch is what all its steps take at that
    pace, without validation.
    """

    first: str
    second: str
    recipe: str
    steps: tuple[int, int]
    seconds_per_epoch: tuple[tuple[float, float], ...]
    finished: str
    hardware: Mapping[str, str | int]
    versions: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str, str]:
        """What was timed: the one experiment, the other, the recipe."""
        return self.first, self.second, self.recipe


def place(original: Original) -> Path:
    """Where the times of an original lie."""
    return original.folder / SHIPPED / "times.json"


def times(original: Original) -> Mapping[tuple[str, str, str], Timing]:
    """(one experiment, the other, recipe) -> their times; empty where none come with the original.

    Raises:
        InputError: the file is damaged.
    """
    path = place(original)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Timing, ...])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        words = Text(
            es="{path} no es lo que escribe reensayo.shipping: {error}; se puede borrar",
            en="{path} is not what reensayo.shipping writes: {error}; it may be deleted",
        )
        raise InputError(words.format(path=path, error=error)) from error
    return {timing.key: timing for timing in found}
