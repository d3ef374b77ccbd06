"""One verdict as a small picture: our interval, what was published and the limit that decides, on one small axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reensayo.evidence.judge import Row
from reensayo.spec import Alike, Exceeds, Happens, Reaches

MARGIN = 0.08  # of the axis, left free at each end


@dataclass(frozen=True)
class Sparkline:
    """Places from 0 to 100 along the axis; None where there is nothing to mark."""

    low: float | None
    high: float | None
    estimate: float | None
    published: float | None
    figure: float | None
    limit: float | None


def sparkline(row: Row) -> Sparkline | None:
    """None where there is no finite interval to be drawn."""
    if row.estimate is None or row.interval is None or not math.isfinite(row.interval.width):
        return None
    test = row.reading.test
    limit = {Exceeds: 0.0, Alike: 0.0, Happens: 0.5}.get(type(test))
    shown = (row.interval.low, row.interval.high, row.estimate, row.published, row.figure_value, limit)
    marks = [mark for mark in shown if mark is not None]
    if isinstance(test, Happens):
        marks += [0.0, 1.0]
    if isinstance(test, Alike):
        marks += [-test.margin, test.margin]
    if isinstance(test, Reaches):  # the axis shows at least the smallest difference of interest
        marks += [test.published - test.margin / 2, test.published + test.margin / 2]
    low, width = min(marks), max(marks) - min(marks)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return 100 * (MARGIN + (1 - 2 * MARGIN) * ((value - low) / width if width else 0.5))

    return Sparkline(*map(place, shown))
