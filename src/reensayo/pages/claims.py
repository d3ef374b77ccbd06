"""Headlines and their rows as the page shows them, and each row as a small picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from reensayo.evidence import explain
from reensayo.evidence.findings import border_of, is_exact
from reensayo.evidence.judge import Headline, Row
from reensayo.evidence.stats import Interval
from reensayo.figures.numerals import grouped, interval, localised, number
from reensayo.spec import Above, Alike, Differs, Equals, Exceeds, Happens, Original, Reaches, Test, Times
from reensayo.store import StoredTrial
from reensayo.text import Language, Text

KINDS = {
    "prediction": Text(es="intervalo de predicción", en="prediction interval"),
    "difference": Text(es="diferencia por pares", en="paired difference"),
    "wilson": Text(es="parte de las corridas", en="share of runs"),
    "mean": Text(es="intervalo", en="interval"),
}
MARGIN = 0.08  # of a sparkline's axis, left free at each end
Arms = Sequence[Sequence[StoredTrial]]
"""Trials, experiment by experiment and recipe by recipe."""


@dataclass(frozen=True)
class Line:
    """A row with its numbers ready to print, and the trials that it rests on."""

    row: Row
    reading: str
    published: str
    estimate: str
    interval: str
    kind: Text | None
    trials: Arms
    why: Text
    figure: Text | None
    caveats: Sequence[Text]


@dataclass(frozen=True)
class Told:
    """A headline with its lines; of each recipe the line that decides, of the sound answer its numbers and trials."""

    headline: Headline
    lines: Sequence[Line]
    deciding: Mapping[str, Line]
    sound: tuple[str, str, Arms] | None


def told(original: Original, headline: Headline, lang: Language) -> Told:
    """A headline as it is printed."""
    lines = [line(original, row, lang) for row in headline.rows]
    deciding = {
        name: next(each for each in lines if each.row is column.row) for name, column in headline.columns.items()
    }
    sound = None
    if found := headline.sound:
        sound = number(found.value, lang, 3), _ends(found.interval, lang, 3), _arms(found.basis.trials)
    return Told(headline, lines, deciding, sound)


def line(original: Original, row: Row, lang: Language) -> Line:
    """A row as it is printed."""
    reading, found = row.reading, row.interval
    kind = KINDS[found.kind] if found else None
    if found and not math.isfinite(found.width):
        kind = Text(es="con una semilla no hay intervalo", en="one seed gives no interval")
    return Line(
        row,
        reading.about(lang) if reading.about else reading.name,
        _published(reading.test, lang),
        _estimate(row, lang),
        _ends(found, lang),
        Text(es="exacto", en="exact") if is_exact(reading.test) else kind,
        _arms([row.used]),
        explain.why(original, row),
        explain.figure_in_words(row),
        tuple(explain.caveats(row)),
    )


def _ends(found: Interval | None, lang: Language, digits: int = 4) -> str:
    """Empty where there is no interval, or one seed gives none."""
    return interval(found.low, found.high, lang, digits) if found and math.isfinite(found.width) else ""


def _arms(trials: Iterable[Iterable[StoredTrial]]) -> Arms:
    found: dict[tuple[str, str], list[StoredTrial]] = {}
    for trial in chain.from_iterable(trials):
        found.setdefault((trial.experiment, trial.recipe), []).append(trial)
    return list(found.values())


def _published(test: Test, lang: Language) -> str:
    """What the original says, as briefly as it can be said."""
    match test:
        case Reaches(published=value, tolerance=tolerance):
            decimals = max(0, math.ceil(-math.log10(2 * tolerance) - 1e-9)) if tolerance else 0
            return localised(f"{value:.{decimals}f}", lang)
        case Exceeds(by=0.0):
            return f"{test.more.id} >\u00a0{test.less.id}"
        case Exceeds():
            return f"{test.more.id} − {test.less.id} >\u00a0{number(test.by, lang)}"
        case Above():
            return f">\u00a0{number(test.border, lang)}"
        case Alike():
            return f"{test.one.id} ≈\u00a0{test.other.id}"
        case Differs():
            return f"{test.one.id} ≠\u00a0{test.other.id}"
        case Times(low=low, high=high):
            times = Text(es="de {low:g} a {high:g} veces", en="{low:g} to {high:g} times")
            return localised(times.format(low=low, high=high)(lang), lang)
        case Equals(published=published):
            return " ".join(grouped(round(value)) for value in published.values())
        case Happens():
            return Text(es="ocurre", en="it happens")(lang)


def _estimate(row: Row, lang: Language) -> str:
    test = row.reading.test
    if isinstance(test, Equals):
        return " ".join(number(value, lang) for value in row.counts)
    if row.estimate is None:
        return ""
    if isinstance(test, Happens):
        return f"{round(row.estimate * row.n)} / {row.n}"
    return number(row.estimate, lang)


def sparkline(row: Row) -> Mapping[str, float | None] | None:
    """Our interval, what was published and the limit that decides: places from 0 to 100 along one small axis.

    None where there is nothing to mark, or no finite interval to be drawn.
    """
    if row.estimate is None or row.interval is None or not math.isfinite(row.interval.width):
        return None
    test = row.reading.test
    shown = {
        "low": row.interval.low,
        "high": row.interval.high,
        "estimate": row.estimate,
        "published": row.published,
        "figure": row.figure_value,
        "limit": border_of(test) if isinstance(test, Above | Exceeds | Alike | Differs | Happens) else None,
    }
    marks = [mark for mark in shown.values() if mark is not None]
    match test:
        case Happens():
            marks += [0.0, 1.0]
        case Alike() | Differs():
            marks += [-test.margin, test.margin]
        case Reaches():  # the axis shows at least the smallest difference of interest
            marks += [test.published - test.margin / 2, test.published + test.margin / 2]
    low, width = min(marks), max(marks) - min(marks)
    along = {name: (mark - low) / width if width else 0.5 for name, mark in shown.items() if mark is not None}
    return {name: 100 * (MARGIN + (1 - 2 * MARGIN) * along[name]) if name in along else None for name in shown}
