"""What is printed: tables for people, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from reensayo.text import Language, Text

VERDICTS = {
    "reproduced": ("✔", "green", Text(es="se reproduce", en="reproduced")),
    "not reproduced": ("✘", "red", Text(es="no se reproduce", en="not reproduced")),
    "inconclusive": ("?", "yellow", Text(es="no concluyente", en="inconclusive")),
    "not testable": ("–", "dim", Text(es="no comprobable", en="not testable")),
}
EVIDENCE = {
    "own": Text(es="propia", en="own"),
    "references": Text(es="de referencia", en="references"),
    "reduced": Text(es="reducida", en="reduced"),
    "none": Text(es="ninguna", en="none"),
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


def print_json(value: Any) -> None:
    """Standard output holds JSON only; NaN and infinities are null."""
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value


def seeds_in_words(seeds: Sequence[int]) -> str:
    """``0-4`` for consecutive seeds, else ``0,2,5``."""
    consecutive = list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]}-{seeds[-1]}" if consecutive and len(seeds) > 1 else ",".join(map(str, seeds))
