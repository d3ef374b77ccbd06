"""Verdicts and evidence as they are told, on the page and on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from reensayo.text import Text

if TYPE_CHECKING:
    from reensayo.evidence.findings import Finding


class Told(NamedTuple):
    """A verdict's mark, its colour on a terminal, and its words."""

    symbol: str
    colour: str
    words: Text


VERDICTS: Mapping[str, Told] = {
    "reproduced": Told("✓", "green", Text(es="se reproduce", en="reproduced")),
    "consistent": Told("≈", "green", Text(es="compatible", en="consistent")),
    "borderline": Told("~", "yellow", Text(es="en el límite", en="borderline")),
    "not reproduced": Told("✗", "red", Text(es="no se reproduce", en="not reproduced")),
    "inconclusive": Told("?", "yellow", Text(es="no concluyente", en="inconclusive")),
    "not testable": Told("–", "dim", Text(es="no comprobable", en="not testable")),
    "withheld": Told("!", "red", Text(es="no se puede juzgar", en="cannot be judged")),
}
MEANINGS: Mapping[str, Text] = {
    "reproduced": Text(es="los ensayos dan lo que dice la frase", en="the trials give what the sentence says"),
    "consistent": Text(
        es="no la contradicen, pero difieren tanto entre sí que eso dice poco",
        en="they do not contradict it, but differ so much that this says little",
    ),
    "borderline": Text(
        es="unas pocas semillas más o menos podrían cambiar el veredicto",
        en="a few seeds more or less could turn the verdict",
    ),
    "not reproduced": Text(es="los ensayos dan otra cosa", en="the trials give something else"),
    "inconclusive": Text(
        es="faltan ensayos o el intervalo es demasiado ancho", en="too few trials, or too wide an interval"
    ),
    "not testable": Text(es="con esa receta no hay cómo probarlo", en="there is no way to test it with that recipe"),
    "withheld": Text(
        es="faltaría un ensayo guardado que no se puede leer: con menos semillas podría decir otra cosa",
        en="a stored trial that cannot be read would be missing: with fewer seeds it might say something else",
    ),
}
DIRECTIONS: Mapping[str, Told] = {
    "higher": Told("✗↑", "red", Text(es="no: sale más", en="no: higher")),
    "lower": Told("✗↓", "red", Text(es="no: sale menos", en="no: lower")),
}
EVIDENCE: Mapping[str, Text] = {
    "own": Text(es="propia", en="own"),
    "shipped": Text(es="incluida", en="shipped"),
    "reduced": Text(es="reducida", en="reduced"),
    "none": Text(es="ninguna", en="none"),
    "count": Text(es="recuento", en="count"),
}
ROLES: Mapping[str, Text] = {
    "part": Text(es="parte de la frase", en="part of the sentence"),
    "alternative": Text(es="una de las maneras de entenderla", en="one way to understand it"),
    "beyond": Text(es="va más allá de la frase y no cuenta", en="goes beyond the sentence and does not count"),
}
OWN_FIGURE: Mapping[str, Told] = {
    "agrees": Told(
        "✓", "green", Text(es="Su propia figura muestra lo que dice.", en="Its own figure shows what it says.")
    ),
    "disagrees": Told(
        "✗", "red", Text(es="Su propia figura no muestra lo que dice.", en="Its own figure does not show what it says.")
    ),
    "none": Told("", "dim", Text(es="Ninguna figura suya lo muestra.", en="None of its figures shows it.")),
}


def told(finding: Finding) -> tuple[str, Text]:
    """The sign and the words for what was found, with its direction where it has one."""
    symbol, _, words = DIRECTIONS[finding.direction] if finding.direction else VERDICTS[finding.verdict]
    return symbol, words
