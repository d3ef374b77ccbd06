"""The report: one HTML page that opens from disk, and every figure as a file beside it.

page.py      puts everything together     claims.py        headlines and their rows, each as a small picture
drawing.py   figures side by side         answers.py       what trials say besides
verdicts.py  verdicts and evidence        trial_table.py   every trial
templates/   the page and what it says, ``say(es=..., en=...)``; no number is worked out there
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from html import unescape
from pathlib import Path

from reensayo.errors import InputError
from reensayo.files import clear_drafts, opened, write_whole
from reensayo.spec import Original
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry
from reensayo.text import LANGUAGES, Language, Text


def write(
    original: Original,
    trials: Sequence[StoredTrial],
    directory: Path,
    lang: Language,
    under_way: Sequence[UnderWay] = (),
    unreadable: Sequence[UnreadableEntry] = (),
    processes: int = 1,
    replace: bool = False,
) -> Path:
    """Write ``directory/index.html`` and ``directory/figures/``; returns the path of the page.

    Everything is in the one file, so it may be sent on alone. Figures whose trials did not change are not drawn again.
    The first epochs of trials ``under_way`` are shown for what they are, and what is ``unreadable`` is named. With
    several ``processes`` many figures are drawn at once. An index.html that is no report of this original stays,
    unless it is to be ``replace``d.

    Raises:
        InputError: the directory cannot be written to (a page in it is as it was); that page stays; a trial is damaged.
    """
    from reensayo.figures.save import written_to
    from reensayo.pages import page

    figures, target = directory / "figures", directory / "index.html"
    if not replace:
        _check_owner(target, original)
    with written_to(directory):
        directory.mkdir(parents=True, exist_ok=True)
    clear_drafts(directory)
    clear_drafts(figures)
    html = page.render(original, trials, figures, lang, under_way, unreadable, processes)
    with written_to(directory):
        write_whole(target, html.encode(errors="replace"))
    return target


def _check_owner(page: Path, original: Original) -> None:
    """See that a page, if there is one, is a report of this original; an InputError where it is another's, or none."""
    start = ""
    with suppress(OSError), opened(page) as file:  # nothing there is lost
        start = file.read(4096).decode(errors="replace")
    mark = re.search('<meta name="reensayo-original" content="(.*?)">', start)
    title = re.search("<title>(.*) · reensayo</title>", start)  # of earlier reports, too, which had no mark
    owner = mark[1] if mark else unescape(title[1]) if title else ""
    is_ours = owner == original.name if mark else any(original.title(lang) in owner for lang in LANGUAGES)
    if start and not is_ours:
        others = Text(es="el informe de otro trabajo ({owner})", en="the report of another work ({owner})")
        what = others.format(owner=owner) if owner else Text(es="otra cosa que un informe", en="no report")
        words = Text(
            es="{page} es {what}: indique otra carpeta con -o, o reemplácelo con --replace",
            en="{page} is {what}: name another folder with -o, or replace it with --replace",
        )
        raise InputError(words.format(page=page, what=what))
