"""What is printed: tables for people, JSON for programs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from reensayo.report import words
from reensayo.spec import finite
from reensayo.text import LANGUAGES, Language, Text, counted, number

if TYPE_CHECKING:
    from reensayo.evidence.stats import Interval

VERDICTS = {
    "reproduced": ("✓", "green", words.REPRODUCED),
    "not reproduced": ("✗", "red", words.NOT_REPRODUCED),
    "inconclusive": ("?", "yellow", words.INCONCLUSIVE),
    "not testable": ("–", "dim", words.NOT_TESTABLE),
    "withheld": ("!", "red", words.WITHHELD),
}
EVIDENCE = {
    "own": words.EVIDENCE_OWN,
    "reduced": words.EVIDENCE_REDUCED,
    "none": words.EVIDENCE_NONE,
}


def console() -> Console:
    """Colour on a terminal, plain text of full width elsewhere."""
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=160)


def table(lang: Language, *columns: Text, title: Text | None = None, header: bool = True) -> Table:
    """An empty table with these columns; long words wrap, nothing is cut."""
    made = Table(
        title=title(lang) if title else None, title_justify="left", box=None, pad_edge=False, show_header=header
    )
    for column in columns:
        made.add_column(column(lang), overflow="fold")
    return made


def trials_in_words(n: int) -> Text:
    """``1 trial``, ``3 trials``."""
    return counted(n, Text(es="ensayo", en="trial"), Text(es="ensayos", en="trials"))


def ends_in_words(interval: Interval) -> Text:
    """``0.89 … 0.91``, and a dash where a single value gives no interval."""
    if not math.isfinite(interval.width):
        return Text("–", "–")
    return Text(*(f"{number(interval.low)(lang)} … {number(interval.high)(lang)}" for lang in LANGUAGES))


def print_json(value: Any) -> None:
    """Standard output holds JSON only; NaN and infinities are null."""
    click.echo(json.dumps(finite(value), indent=2, ensure_ascii=False))
