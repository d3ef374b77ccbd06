"""The report: one HTML page that opens from disk, and every figure as a file beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reensayo.files import clear_drafts, write_whole
from reensayo.text import Language

if TYPE_CHECKING:
    from reensayo.store import StoredTrial, UnderWay, UnreadableEntry

__all__ = ["write"]


def write(
    trials: Sequence[StoredTrial],
    directory: Path,
    lang: Language,
    under_way: Sequence[UnderWay] = (),
    unreadable: Sequence[UnreadableEntry] = (),
    processes: int = 1,
) -> Path:
    """Write ``directory/index.html`` and ``directory/figures/``; returns the path of the page.

    Everything is in the one file, so it may be sent on alone. Figures whose trials did not change are not drawn again.
    The first epochs of trials ``under_way`` are shown for what they are, and what is ``unreadable`` is named. With
    several ``processes`` many figures are drawn at once.

    Raises:
        InputError: the directory cannot be written to, and an older page in it is as it was; or a trial is damaged.
    """
    from reensayo.figures.save import written_to
    from reensayo.report import page

    figures, target = directory / "figures", directory / "index.html"
    with written_to(directory):
        directory.mkdir(parents=True, exist_ok=True)
    clear_drafts(directory)
    clear_drafts(figures)
    html = page.render(trials, figures, lang, under_way, unreadable, processes)
    with written_to(directory):
        write_whole(target, html.encode(errors="replace"))
    return target
