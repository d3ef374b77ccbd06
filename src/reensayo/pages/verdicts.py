"""Verdicts and evidence as they are told, on the page and on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reensayo.text import Text


class Told(NamedTuple):
    """A verdict's mark, its colour on a terminal, and its words."""

    symbol: str
    colour: str
    words: Text


VERDICTS: Mapping[str, Told] = {
    "reproduced": Told("✓", "green", Text(es="se reproduce", en="reproduced")),
    "not reproduced": Told("✗", "red", Text(es="no se reproduce", en="not reproduced")),
    "inconclusive": Told("?", "yellow", Text(es="no concluyente", en="inconclusive")),
    "not testable": Told("–", "dim", Text(es="no comprobable", en="not testable")),
    "withheld": Told("!", "red", Text(es="no se puede juzgar", en="cannot be judged")),
}
EVIDENCE: Mapping[str, Text] = {
    "own": Text(es="propia", en="own"),
    "reduced": Text(es="reducida", en="reduced"),
    "none": Text(es="ninguna", en="none"),
}
