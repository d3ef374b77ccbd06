"""The report: one HTML page that opens from disk, and every figure as a file beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo.text import Language

if TYPE_CHECKING:
    from reensayo.store import StoredTrial, UnderWay, UnreadableTrial

__all__ = ["write"]


def write(
    trials: Sequence[StoredTrial],
    directory: Path,
    lang: Language,
    under_way: Sequence[UnderWay] = (),
    unreadable: Sequence[UnreadableTrial] = (),
    processes: int = 1,
) -> Path:
    """Write ``directory/index.html`` and ``directory/figures/``; returns the path of the page.

    Everything is in the one file, so it may be sent on alone. Figures whose trials did not change are not drawn again.
    The first epochs of trials ``under_way`` are shown for what they are, and what is ``unreadable`` is named. With
    several ``processes``, which only a program should ask for whose main module may be imported again, many figures
    are drawn at once.
    """
    from reensayo.report import page

    directory.mkdir(parents=True, exist_ok=True)
    target = directory / "index.html"
    target.write_text(
        page.render(trials, directory / "figures", lang, under_way, unreadable, processes), "utf-8", newline="\n"
    )
    return target
