"""Verdict rows as the page shows them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reensayo.evidence.judge import Row, Verdict
from reensayo.figures.numerals import grouped, interval, localised, number
from reensayo.pages import words
from reensayo.pages.links import TrialsLink, links_to
from reensayo.pages.sparkline import Sparkline, sparkline
from reensayo.spec import Alike, Claim, Equals, Exceeds, Exercise, Happens, Reaches, Times
from reensayo.store import StoredTrial
from reensayo.text import Language, Text

SYMBOLS: dict[Verdict, str] = {
    "reproduced": "✓",
    "not reproduced": "✗",
    "inconclusive": "?",
    "not testable": "–",
    "withheld": "!",
}
KINDS = {
    "prediction": words.PREDICTION,
    "difference": words.DIFFERENCE,
    "wilson": words.SHARE,
    "mean": words.INTERVAL,
}


@dataclass(frozen=True)
class Line:
    """A row with its words and numbers ready to print."""

    row: Row
    reading: str
    published: str
    tolerance: str
    figure: str
    estimate: str
    interval: str
    kind: str
    sparkline: Sparkline | None
    trials: tuple[TrialsLink, ...]


@dataclass(frozen=True)
class Judged:
    """A claim with all its rows."""

    claim: Claim
    exercise: Exercise
    lines: tuple[Line, ...]


def judged(rows: Sequence[Row], trials: Sequence[StoredTrial], lang: Language) -> list[Judged]:
    """Every claim in its order, each with its rows."""
    stored = {trial.id: trial for trial in trials}
    claims = {row.claim.id: row for row in rows}
    return [
        Judged(
            first.claim,
            first.exercise,
            tuple(_line(row, [stored[i] for i in row.trials], lang) for row in rows if row.claim.id == claim),
        )
        for claim, first in claims.items()
    ]


def tally(rows: Iterable[Row]) -> list[tuple[Verdict, int]]:
    """How many rows have each verdict, those that occur, in the order of the explanation."""
    counts = Counter(row.verdict for row in rows)
    return [(verdict, counts[verdict]) for verdict in SYMBOLS if counts[verdict]]


def _line(row: Row, used: Sequence[StoredTrial], lang: Language) -> Line:
    test, reading = row.reading.test, row.reading
    return Line(
        row=row,
        reading=(reading.about(lang) if reading.about else reading.name),
        published=_published(row)(lang),
        tolerance=number(test.tolerance, lang) if isinstance(test, Reaches) else "",
        figure=number(row.figure_value, lang) if row.figure_value is not None else "",
        estimate=_estimate(row, used, lang),
        interval=_interval(row, lang),
        kind=_kind(row)(lang) if row.n else "",
        sparkline=sparkline(row),
        trials=links_to(used),
    )


def _published(row: Row) -> Text:
    """What the original says, as briefly as it can be said."""
    match row.reading.test:
        case Reaches(published=value, tolerance=tolerance):
            decimals = max(0, math.ceil(-math.log10(2 * tolerance) - 1e-9)) if tolerance else 0
            plain = f"{value:.{decimals}f}"
            return Text(es=localised(plain, "es"), en=plain)
        case Exceeds(more=more, less=less):
            plain = f"{more.id} >\u00a0{less.id}"
            return Text(plain, plain)
        case Times(low=low, high=high):
            return Text(es="de {low} a {high} veces", en="{low} to {high} times").format(
                low=f"{low:g}", high=f"{high:g}"
            )
        case Alike(one=one, other=other):
            plain = f"{one.id} ≈\u00a0{other.id}"
            return Text(plain, plain)
        case Equals(published=published):
            plain = " ".join(grouped(round(value)) for value in published.values())
            return Text(plain, plain)
        case _:
            return words.HAPPENS


def _estimate(row: Row, used: Sequence[StoredTrial], lang: Language) -> str:
    test = row.reading.test
    if isinstance(test, Equals):
        values = [{test.metric.of(t) for t in used if t.experiment == experiment.id} for experiment in test.published]
        return " ".join(number(value, lang) for found in values for value in sorted(found))
    if isinstance(test, Happens) and row.estimate is not None:
        return f"{round(row.estimate * row.n)} / {row.n}"
    return number(row.estimate, lang) if row.estimate is not None else ""


def _interval(row: Row, lang: Language) -> str:
    if row.interval is None or not math.isfinite(row.interval.width):
        return ""
    return interval(row.interval.low, row.interval.high, lang)


def _kind(row: Row) -> Text:
    test = row.reading.test
    if isinstance(test, Equals) or (isinstance(test, Times) and test.exact):
        return words.EXACT
    if row.interval is None:
        return Text("", "")
    return KINDS[row.interval.kind] if math.isfinite(row.interval.width) else words.NO_INTERVAL
