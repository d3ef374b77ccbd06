"""Where something of an original is written down, so that what is wrong with it can be told with file and line."""

from __future__ import annotations

import sys
from dataclasses import field
from typing import Any


class SpecError(ValueError):
    """Something of an original is not as it must be; ``place`` is the file and line where it is written."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def written_here() -> Any:
    """A field of a dataclass that holds the file and line where its object is made."""
    return field(default_factory=_caller, kw_only=True, repr=False, compare=False)


def _caller() -> str:
    frame = sys._getframe(2)  # past this function and the dataclass's own __init__
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
