"""Pairs of times that come with an original: two networks in turn, on one machine, with nothing between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from reensayo.errors import InputError
from reensayo.evidence.current import SHIPPED
from reensayo.spec import Original
from reensayo.text import Text


class Timing(msgspec.Struct, frozen=True):
    """Two experiments under one recipe: for each pair the seconds of an epoch of the one and of the other.

    So many ``steps`` were timed of each, once its program was compiled, and an epoch is what its steps take: without
    validation.
    """

    first: str
    second: str
    recipe: str
    steps: tuple[int, int]
    seconds_per_epoch: tuple[tuple[float, float], ...]


class Times(msgspec.Struct, frozen=True):
    """Everything that was timed, and where, when and with what."""

    about: str
    finished: str
    hardware: Mapping[str, str | int]
    versions: Mapping[str, str]
    timings: tuple[Timing, ...]


def place(original: Original) -> Path:
    """Where the times of an original lie."""
    return original.folder / SHIPPED / "times.json"


@cache
def times(original: Original) -> Times | None:
    """The times that come with an original; None where there are none, an InputError if damaged."""
    path = place(original)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Times)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        words = Text(
            es="{path} no es lo que escribe reensayo.shipping: {error}; se puede borrar",
            en="{path} is not what reensayo.shipping writes: {error}; it may be deleted",
        )
        raise InputError(words.format(path=path, error=error)) from error


def pairs(original: Original) -> Mapping[tuple[str, str, str], Sequence[tuple[float, float]]]:
    """(first experiment, second experiment, recipe) -> the seconds of an epoch of the one and of the other, by pair."""
    found = times(original)
    return {(t.first, t.second, t.recipe): t.seconds_per_epoch for t in found.timings} if found else {}
