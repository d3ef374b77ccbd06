"""Where something of an original is written down, so that what is wrong with it can be told with file and line."""

from __future__ import annotations

import sys
import traceback
from dataclasses import field
from pathlib import Path
from typing import Any


class SpecError(ValueError):
    """Something of an original is not as it must be; ``place`` is the file and line where it is written."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def written_here() -> Any:
    """A field of a dataclass that holds the file and line where its object is made."""
    return field(default_factory=caller, init=False, repr=False, compare=False)


def caller() -> str:
    """The file and line that the code of an original has come to."""
    frame = sys._getframe()
    while frame.f_back and frame.f_globals["__name__"].startswith(("reensayo.spec.", "dataclasses")):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def raised_at(error: BaseException, folder: Path) -> str:
    """The innermost file and line of a folder that an error came through; empty where it came through none of it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(folder)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
