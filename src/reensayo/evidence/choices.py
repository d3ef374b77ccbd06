"""What recipes were chosen from: the values that were compared on validation data, with what each gave."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from reensayo.errors import InputError
from reensayo.spec import Original, Value
from reensayo.text import Text

FILE = "choices.json"


class Tried(msgspec.Struct, frozen=True):
    """One combination of values, and what its trial of seed 0 gave; None where that came to no end."""

    settings: Mapping[str, Value]
    value: float | None
    trial: str
    finished: str
    hardware: Mapping[str, str | int]


class Choice(msgspec.Struct, frozen=True):
    """What a recipe was chosen from: by which metric, at the last epoch, and whether the higher is the better."""

    metric: str
    higher: bool
    tried: tuple[Tried, ...]

    @property
    def trials(self) -> list[str]:
        """The trials that it rests on, by name."""
        return [one.trial for one in self.tried]

    @property
    def best(self) -> Sequence[Tried]:
        """The combinations that none is better than."""
        values = [one.value for one in self.tried if one.value is not None]
        top = (max if self.higher else min)(values, default=math.nan)
        return [one for one in self.tried if one.value == top]


def choices(original: Original) -> dict[str, Choice]:
    """What was compared for the recipes of an original, by ``experiment@recipe``; an InputError if damaged."""
    path = original.folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Choice])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        words = Text(
            es="{path} no es lo que escribe reensayo.choosing: {error}; se puede borrar",
            en="{path} is not what reensayo.choosing writes: {error}; it may be deleted",
        )
        raise InputError(words.format(path=path, error=error)) from error
